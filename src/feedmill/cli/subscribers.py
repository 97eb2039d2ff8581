"""`feedmill subscribers`: how many read each feed, and with what; from our own server, or from access logs."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, BinaryIO, cast

import click
from rich.console import Console
from rich.text import Text

from feedmill import times
from feedmill.audience.logs import LogCount, lines
from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import is_new, opened
from feedmill.cli.tables import table
from feedmill.model import Readership
from feedmill.pipeline import Addresses

__all__ = ["command"]

_SUMS = ("requests", "unconditional", "not_modified", "deltas", "sent", "saved")
_STDIN = "-"
_GZIP = b"\x1f\x8b"


@click.command(name="subscribers")
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--days", type=click.IntRange(1, 36_500), default=7, show_default=True, help="How many days to show.")
@common_options
def command(common: Common, *, logs: tuple[str, ...], days: int) -> int:
    """Show how many subscribers each feed has, day by day, and which programs they read it with.

    Without a LOG, what Feedmill's own web server has counted. A LOG is an access log of nginx or Apache (combined
    format) or of Caddy (JSON), also compressed by gzip; `-` is standard input.
    """
    config = common.config()
    failures: list[str] = []
    logged = None
    with opened(config, rehearsal=is_new(config)) as pipeline:
        if logs:
            logged = LogCount(Addresses(pipeline.specs(), config.site.feeds_url).feed_at)
            failures = list(_read(logged, logs))
            counted = logged.days()
        else:
            today = times.now().date()
            pipeline.store.audience.forget_clients(today.isoformat())
            counted = {}
            for day, readership in pipeline.store.audience.days((today - timedelta(days=days - 1)).isoformat()):
                counted.setdefault(date.fromisoformat(day), []).append(readership)
    shown = dict(sorted(counted.items())[-days:])
    conditions = logged is None or logged.tells_conditions
    if common.as_json:
        said = {"lines": logged.lines, "malformed": logged.malformed, "problems": failures} if logged else {}
        print_json(_data(shown, conditions=conditions) | said)
    else:
        _print(shown, conditions=conditions)
    if logged and logged.malformed:
        click.echo(f"{logged.malformed} of {logged.lines} lines are in no known format, and were passed over", err=True)
    for failure in failures:
        click.echo(failure, err=True)
    return Exit.PARTLY if failures else Exit.WELL


def _read(into: LogCount, logs: Iterable[str]) -> Iterator[str]:
    """Count what the logs hold; yield what is wrong with one that cannot be read to its end."""
    for log in logs:
        try:
            with _opened(log) as stream:
                into.read(lines(stream))
        except (OSError, EOFError, zlib.error) as error:
            yield f"{printable(log)}: cannot be read to its end ({error}); what came before that is counted"


@contextmanager
def _opened(log: str) -> Iterator[BinaryIO]:
    """A log, plain or compressed by gzip, whatever it is called."""
    with click.open_file(log, "rb") if log != _STDIN else _standard_input() as plain:
        stream = cast("BinaryIO", plain)
        peek = getattr(stream, "peek", None)
        if peek is not None and peek(2)[:2] == _GZIP:
            with gzip.open(stream) as unpacked:
                yield cast("BinaryIO", unpacked)
        else:
            yield stream


@contextmanager
def _standard_input() -> Iterator[BinaryIO]:
    yield sys.stdin.buffer


def _by_feed(readerships: Iterable[Readership]) -> dict[str, list[Readership]]:
    feeds: dict[str, list[Readership]] = {}
    for readership in readerships:
        feeds.setdefault(readership.feed, []).append(readership)
    return feeds


def _together(readerships: Iterable[Readership]) -> dict[str, int]:
    sums = dict.fromkeys(("subscribers", *_SUMS), 0)
    for readership in readerships:
        for name in sums:
            sums[name] += getattr(readership, name)
    return sums


def _by_reader(days: Mapping[date, list[Readership]]) -> list[Readership]:
    """Each program over all days and feeds; its subscribers are those of the last day that it came."""
    readers: dict[str, Readership] = {}
    for readerships in days.values():
        today: dict[str, Readership] = {}
        for one in readerships:
            so_far = today.get(one.reader)
            today[one.reader] = _sum(so_far, one, subscribers=one.subscribers + (so_far.subscribers if so_far else 0))
        for name, one in today.items():
            readers[name] = _sum(readers.get(name), one, subscribers=one.subscribers)
    return sorted(readers.values(), key=lambda reader: (-reader.subscribers, -reader.requests, reader.reader))


def _sum(first: Readership | None, second: Readership, *, subscribers: int) -> Readership:
    if first is None:
        return replace(second, subscribers=subscribers)
    return replace(
        second, subscribers=subscribers, **{name: getattr(first, name) + getattr(second, name) for name in _SUMS}
    )


def _data(days: Mapping[date, list[Readership]], *, conditions: bool) -> dict[str, Any]:
    def known(sums: dict[str, int]) -> dict[str, int | None]:
        return sums | ({} if conditions else {"unconditional": None})

    def reader(one: Readership) -> dict[str, Any]:
        return {"reader": one.reader, "kind": one.kind} | known(_together([one]))

    return {
        "days": [
            {"day": day.isoformat(), "feed": feed}
            | known(_together(readerships))
            | {"readers": [reader(one) for one in readerships]}
            for day, of_day in days.items()
            for feed, readerships in _by_feed(of_day).items()
        ],
        "readers": [reader(one) for one in _by_reader(days)],
    }


def _print(days: Mapping[date, list[Readership]], *, conditions: bool) -> None:
    if not days:
        click.echo("No reader was counted in this time.")
        return
    headings = ("subscribers", "requests", "unconditional", "304", "226", "sent", "saved")
    feeds = table("day", "feed", *headings, numeric=headings)
    for day, of_day in days.items():
        for feed, readerships in _by_feed(of_day).items():
            feeds.add_row(Text(day.isoformat()), Text(feed), *_cells(_together(readerships), conditions=conditions))
    readers = table("reader", "kind", *headings, numeric=headings)
    for one in _by_reader(days):
        readers.add_row(Text(printable(one.reader)), Text(one.kind), *_cells(_together([one]), conditions=conditions))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
    console.print(feeds)
    console.print()
    console.print(readers)


def _cells(sums: Mapping[str, int], *, conditions: bool) -> list[Text]:
    shown = [str(sums[name]) for name in ("subscribers", "requests", "unconditional", "not_modified", "deltas")]
    if not conditions:
        shown[2] = "-"
    return [Text(cell, style="" if cell != "0" else "dim") for cell in (*shown, *map(_bytes, _sizes(sums)))]


def _sizes(sums: Mapping[str, int]) -> tuple[int, int]:
    return sums["sent"], sums["saved"]


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
