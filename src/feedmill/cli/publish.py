"""`feedmill publish`: one shot, for people and for cron."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from threading import Event
from types import FrameType

import click

from feedmill import runs
from feedmill.cli.differences import difference_data, print_differences
from feedmill.cli.exits import Exit, of_report
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json, report_data
from feedmill.cli.site import opened, say_waiting
from feedmill.model import FeedOutcome, FeedSpec, Outcome, Source
from feedmill.publish import place_of

__all__ = ["command"]

_log = logging.getLogger(__name__)
_MOST_SHOWN = 50  # names in a hint


@click.command(name="publish")
@click.option("--due", is_flag=True, help="Collect only the sources whose time has come: the line for cron.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Collect only this source (repeatable).")
@click.option("--feed", "feeds", multiple=True, metavar="NAME", help="Publish only this feed (repeatable).")
@click.option(
    "--force",
    is_flag=True,
    help="Ask even servers that said 'later' or 'gone'; publish held feeds, and with --source its held entries.",
)
@click.option("--dry-run", is_flag=True, help="Collect, but store and write nothing; say what would be written.")
@click.option("--prune", is_flag=True, help="Remove published files of feeds that are no longer configured.")
@common_options
def command(
    common: Common,
    *,
    due: bool,
    sources: tuple[str, ...],
    feeds: tuple[str, ...],
    force: bool,
    dry_run: bool,
    prune: bool,
) -> int:
    """Collect every source now and publish every feed, once.

    A source whose server said "later" or "gone" is left alone, and a feed that would lose most of its entries is held,
    unless --force. Entries that were held back, since many old ones came at once, are published by --force --source
    NAME.
    """
    config = common.config()
    _known("source", [name.partition("/")[0] for name in sources], [source.name for source in config.sources])
    _known("feed", feeds, [feed.name for feed in config.feeds])
    with opened(config, rehearsal=dry_run) as pipeline, pipeline.store.turn(say_waiting), _stoppable() as stop:
        if any("/" in name for name in sources):  # a feed that a list names
            _known("source", sources, pipeline.roster().names)
        before = pipeline.carried() if dry_run else {}
        with _progress(*runs.chosen(pipeline, sources or None, feeds or None), quiet=common.quiet) as watch:
            report = runs.run(
                pipeline,
                sources=sources or None,
                feeds=feeds or None,
                due=due,
                force=force,
                stop=stop,
                watch=watch,
            )
        after = pipeline.carried() if dry_run else {}
        removed, stuck = runs.prune(pipeline) if prune else ([], [])
    for failure in stuck:
        _log.error("%s", failure)
    if common.as_json:
        pruning = {"removed": removed, "problems": [str(failure) for failure in stuck]} if prune else {}
        differences = {"changes": difference_data(before, after)} if dry_run else {}
        print_json(report_data(report) | pruning | differences)
    elif not common.quiet:
        from feedmill.cli.tables import print_report  # who is told nothing does not wait for what draws tables

        print_report(report, place_of(config).location, rehearsal=dry_run)
        if dry_run:
            print_differences(before, after)
        for path in removed:
            click.echo(f"{'would remove' if dry_run else 'removed'} {path}")
        for failure in stuck:
            click.echo(f"not removed: {printable(str(failure))}")
    return max(of_report(report), Exit.PARTLY if stuck or stop.is_set() else Exit.WELL)


def _known(what: str, given: Sequence[str], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names[:_MOST_SHOWN])}."
            raise click.UsageError(f"there is no {what} {name!r}; {hint}")


@contextmanager
def _stoppable() -> Iterator[Event]:
    """Let the first SIGTERM or Ctrl-C stop the run in good order; a second one ends it at once, and loses nothing."""
    stop = Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        # The second ends it in the system's own way: an exception would wait for the threads that are under way.
        for either in before:
            signal.signal(either, signal.SIG_DFL)
        if stop.is_set():  # both came before the first was seen to
            os.kill(os.getpid(), number)
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(
    sources: Sequence[Source], feeds: Sequence[FeedSpec], *, quiet: bool
) -> Iterator[Callable[[Outcome | FeedOutcome], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        collecting = bar.add_task("collecting", total=len(sources))
        publishing = bar.add_task("publishing", total=len(feeds))
        yield lambda outcome: bar.advance(collecting if isinstance(outcome, Outcome) else publishing)
