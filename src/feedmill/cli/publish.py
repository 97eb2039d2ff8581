"""`feedmill publish`: one shot, for people and for cron."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from threading import Event
from types import FrameType

import click

from feedmill import runs
from feedmill.cli.exits import Exit, of_report
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json, print_report, report_data
from feedmill.cli.site import opened, say_waiting
from feedmill.config import Config
from feedmill.model import FeedOutcome, Outcome

__all__ = ["command"]


@click.command(name="publish")
@click.option("--due", is_flag=True, help="Collect only the sources whose time has come: the line for cron.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Collect only this source (repeatable).")
@click.option("--feed", "feeds", multiple=True, metavar="NAME", help="Publish only this feed (repeatable).")
@click.option("--force", is_flag=True, help="Ask even servers that said 'later' or 'gone'.")
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

    A source whose server said "later" or "gone" is left alone unless --force.
    """
    config = common.config()
    _known("source", sources, [source.name for source in config.sources])
    _known("feed", feeds, [feed.name for feed in config.feeds])
    with opened(config, rehearsal=dry_run) as pipeline, pipeline.store.turn(say_waiting), _stoppable() as stop:
        with _progress(config, quiet=common.quiet) as watch:
            report = runs.run(
                pipeline,
                sources=sources or None,
                feeds=feeds or None,
                due=due,
                force=force,
                stop=stop,
                watch=watch,
            )
        pruned = runs.prune(pipeline) if prune and not dry_run else []
    if common.as_json:
        print_json(report_data(report))
    elif not common.quiet:
        print_report(report, config.directory, rehearsal=dry_run)
        for path in pruned:
            click.echo(f"removed {path}")
    return Exit.PARTLY if stop.is_set() else of_report(report)


def _known(what: str, given: Sequence[str], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}."
            raise click.UsageError(f"there is no {what} {name!r}; {hint}")


@contextmanager
def _stoppable() -> Iterator[Event]:
    """Let SIGTERM and the first Ctrl-C stop the run in good order; a second one ends it at once, and loses nothing."""
    stop = Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(config: Config, *, quiet: bool) -> Iterator[Callable[[Outcome | FeedOutcome], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        collecting = bar.add_task("collecting", total=len(config.sources))
        publishing = bar.add_task("publishing", total=len(config.feeds))
        yield lambda outcome: bar.advance(collecting if isinstance(outcome, Outcome) else publishing)
