"""`feedmill check`: is everything in order, without storing or publishing anything?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

import click
from rich.console import Console
from rich.text import Text

from feedmill import times
from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.operator import channels
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import opened
from feedmill.config import Config
from feedmill.config.edit import set_source_url
from feedmill.errors import FeedmillError
from feedmill.jobs.inline import Job, run_all
from feedmill.model import FeedSpec, Notice, Source, Trouble
from feedmill.pipeline import Agenda, Move, Pipeline, host_of, moves, paths, site_paths
from feedmill.publish import Apart, Folder, place_of
from feedmill.render import renderer
from feedmill.render.site import SITE_DOCUMENTS

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Finding:
    what: str
    well: bool
    message: str


@click.command(name="check")
@click.option("--accept-moves", is_flag=True, help="Write the addresses of sources that moved for good to the file.")
@click.option("--alerts", is_flag=True, help="Send a test by every channel under [alerts], too.")
@common_options
def command(common: Common, *, accept_moves: bool, alerts: bool) -> int:
    """Check the configuration, the folders, the network guard, every source and every published file.

    Each source is tried without anything being stored. On a terminal you are asked whether the new addresses of sources
    that moved for good shall be written to the configuration.
    """
    config = common.config()
    findings = [_Finding("configuration", well=True, message=f"{common.file} is right")]
    with opened(config, rehearsal=True) as pipeline:
        findings += [_folder(config), _guard(config)]
        agenda, fetch = pipeline.agenda(), config.fetch
        jobs = [
            Job(call=partial(_source, pipeline, agenda, source), group=host_of(source, agenda.states.get(source.name)))
            for source in pipeline.roster().sources
        ]
        tried = run_all(jobs, fetch.workers, Event(), per_group=fetch.per_host)
        findings += sorted(tried, key=lambda finding: finding.what)
        place = place_of(config)
        for spec in pipeline.specs():
            findings += _feed(pipeline, spec, place)
        findings += _site(pipeline, place)
        moved = list(moves(config.sources, agenda.states))
    if alerts:
        findings += _alerts(config)
    findings += [_Finding(f"source {move.source}", well=True, message=_told(move)) for move in moved]
    if common.as_json:
        print_json([{"what": f.what, "well": f.well, "message": f.message} for f in findings])
    else:
        console = Console(highlight=False, soft_wrap=True)
        for finding in findings:
            if not (common.quiet and finding.well):
                mark = ("ok    ", "green") if finding.well else ("WRONG ", "bold red")
                console.print(Text.assemble(mark, (finding.what, "bold"), ": ", printable(finding.message)))
    _offer(common, moved, accepted=accept_moves)
    return Exit.WELL if all(finding.well for finding in findings) else Exit.PARTLY


def _told(move: Move) -> str:
    told = f"it moved for good, and is asked at {move.address}"
    if move.url is None:
        return (
            f"{told} without its login and headers, which stay with the origin of url; "
            "if they may go there, write that address to the configuration yourself"
        )
    return f"{told}; --accept-moves writes that to the configuration"


def _offer(common: Common, moved: Sequence[Move], *, accepted: bool) -> None:
    """Write new addresses to the configuration, if that is wished."""
    asking = not common.as_json and sys.stdin.isatty() and sys.stdout.isatty()
    agreed = {
        move.source: move.url
        for move in moved
        if move.url
        and (
            accepted
            or (asking and click.confirm(f"Write {printable(move.address)} for {move.source} to {common.file}?"))
        )
    }
    if agreed:
        set_source_url(common.file, agreed, os.environ)
        click.echo(f"{common.file}: new addresses for {', '.join(agreed)}", err=common.as_json)


def _alerts(config: Config) -> Iterator[_Finding]:
    """Send a notice that says that it is a test."""
    if config.alerts is None:
        yield _Finding("alerts", well=False, message="nobody is told of problems; [alerts] says who could be")
        return
    test = Notice(number=0, subject="test", kind=Trouble.FAILING, over=True, message="this is a test", at=times.now())
    for name, channel in channels(config, os.environ).items():
        try:
            channel([test])
        except FeedmillError as error:
            # Without the hint: a test is not tried again.
            yield _Finding(f"alerts by {name}", well=False, message=f"{error.where}: {error.what}")
        else:
            yield _Finding(f"alerts by {name}", well=True, message="a test was sent")
    if config.alerts.feed is not None:
        try:
            Folder(str(config.alerts.feed.parent)).try_out()
        except FeedmillError as error:
            yield _Finding("alerts by feed", well=False, message=str(error))
        else:
            yield _Finding("alerts by feed", well=True, message=f"{config.alerts.feed} can be written")


def _folder(config: Config) -> _Finding:
    try:
        place_of(config).try_out()
    except FeedmillError as error:
        return _Finding("publishing folder", well=False, message=str(error))
    return _Finding("publishing folder", well=True, message=f"{config.directory} can be written")


def _guard(config: Config) -> _Finding:
    if config.fetch.allow_private_networks:
        message = "open: upstreams may lead into private networks (allow_private_networks = true)"
    elif config.fetch.allow_hosts:
        message = f"closed to private networks, except for {', '.join(config.fetch.allow_hosts)}"
    else:
        message = "closed to loopback, link-local and private networks"
    return _Finding("network guard", well=True, message=message)


def _source(pipeline: Pipeline, agenda: Agenda, source: Source) -> _Finding:
    what = f"source {source.name}"
    left_alone = agenda.left_alone(source)
    if left_alone:
        return _Finding(what, well=agenda.due(source) is not None, message=f"not tried: {left_alone}")
    try:
        trial = pipeline.attempt(source)
    except FeedmillError as error:
        return _Finding(what, well=False, message=str(error))
    told = "".join(f"; {problem}" for problem in trial.problems)
    found = f"{trial.entries} entries" if trial.feeds is None else f"{trial.feeds} feeds"
    return _Finding(what, well=not trial.problems, message=f"{found}{told}")


def _feed(pipeline: Pipeline, spec: FeedSpec, folder: Folder | Apart) -> Iterator[_Finding]:
    what = f"feed {spec.name}"
    if not pipeline.store.file_digests().keys() & set(paths(spec)):
        state = pipeline.store.feed_state(spec.name)
        why = f": {state.error}" if state and state.error else ""
        yield _Finding(what, well=not why, message=f"not published yet{why}")
        return
    carried = pipeline.store.carried(spec.name, spec.order)
    for name, path in zip(spec.formats, paths(spec), strict=True):
        body = folder.read(path)
        if body is None:
            yield _Finding(what, well=False, message=f"{path} is missing; `feedmill publish` writes it again")
            continue
        try:
            renderer(name).check(body, carried)
        except FeedmillError as error:
            message = f"{error} `feedmill publish` writes the file again."
            yield _Finding(what, well=False, message=message)
        else:
            yield _Finding(what, well=True, message=f"{path} is valid, {len(carried)} entries")


def _site(pipeline: Pipeline, folder: Folder | Apart) -> Iterator[_Finding]:
    """The site's own documents, as far as there were any yet."""
    front = pipeline.front()
    recorded = pipeline.store.file_digests()
    for path in site_paths(pipeline.config):
        if path not in recorded:
            continue
        body = folder.read(path)
        if body is None:
            yield _Finding("site", well=False, message=f"{path} is missing; `feedmill publish` writes it again")
            continue
        try:
            SITE_DOCUMENTS[path].check(body, front)
        except FeedmillError as error:
            yield _Finding("site", well=False, message=f"{error} `feedmill publish` writes the file again.")
        else:
            yield _Finding("site", well=True, message=f"{path} is valid, {len(front.listings)} feeds")
