"""What a run did, for people: tables, coloured on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from feedmill.cli.log import printable
from feedmill.model import FeedOutcome, Outcome, Report, Status

__all__ = ["print_report", "print_tables", "table", "when"]

_STYLES = {Status.FAILED: "bold red", Status.UPDATED: "green", Status.WRITTEN: "green", Status.SKIPPED: "yellow"}

_NUMBERS = frozenset({"new", "changed", "withdrawn", "entries", "failures"})


def print_report(report: Report, location: Callable[[str], str], *, rehearsal: bool) -> None:
    """Print what a run did, and where the files are: their `location` by their paths."""
    sources = table("source", "status", "new", "changed", "withdrawn", "next look")
    for source in report.sources:
        sources.add_row(
            Text(source.source),
            Text(source.status.value, style=_STYLES.get(source.status, "")),
            *(
                Text(str(number), style="" if number else "dim")
                for number in (source.new, source.changed, source.withdrawn)
            ),
            Text(when(source.next)),
        )
    feeds = table("feed", "status", "entries", "files")
    for feed in report.feeds:
        status = "would be written" if rehearsal and feed.status is Status.WRITTEN else feed.status.value
        feeds.add_row(
            Text(feed.name),
            Text(status, style=_STYLES.get(feed.status, "")),
            Text(str(feed.entries)),
            Text("\n".join(_near(location(file)) for file in feed.files)),
        )
    failures = [(s.source, s.error) for s in report.sources if s.error]
    failures += [(f.name, f.error) for f in report.feeds if f.error]
    notes = [Text.assemble((name, "bold"), ": ", printable(error)) for name, error in failures]
    outcomes: list[Outcome | FeedOutcome] = [*report.sources, *report.feeds]
    notes += [Text(printable(str(problem))) for outcome in outcomes for problem in outcome.problems]
    notes += [Text(printable(error)) for error in report.site.errors]
    print_tables(sources, feeds, notes)
    for path in report.site.written:
        click.echo(f"{'would write' if rehearsal else 'wrote'} {_near(location(path))}")
    click.echo(f"\n{_summary(report, rehearsal=rehearsal)}")


def print_tables(upper: Table, lower: Table, notes: Sequence[Text]) -> None:
    """Print two tables and, below them, what is to be said in words."""
    # Away from a terminal nothing knows the width, and a wrapped path is a broken one.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
    console.print(upper)
    console.print()
    console.print(lower)
    if notes:
        console.print()
    for note in notes:
        console.print(note)


def table(*headings: str, numeric: Collection[str] = _NUMBERS) -> Table:
    """An unboxed table whose number columns are to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        # On a narrow terminal names and paths are folded, so that numbers and times need not be cut.
        foldable = heading in {"source", "feed", "files", "reader"}
        made.add_column(
            heading, justify="right" if heading in numeric else "left", no_wrap=not foldable, overflow="fold"
        )
    return made


def when(moment: datetime | None) -> str:
    """Return a time as people read it, in their own zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"


def _near(file: str) -> str:
    """Return the path as people here would name it."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def _summary(report: Report, *, rehearsal: bool) -> str:
    new, changed, withdrawn = (
        sum(getattr(source, name) for source in report.sources) for name in ("new", "changed", "withdrawn")
    )
    written = sum(feed.status is Status.WRITTEN for feed in report.feeds)
    verb = "would be written" if rehearsal else "written"
    return (
        f"{new} new, {changed} changed, {withdrawn} withdrawn; "
        f"{written} of {len(report.feeds)} feeds {verb}, in {report.seconds:.1f} s"
    )
