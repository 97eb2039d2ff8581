"""`feedmill why`: everything known about an entry, and for each feed that lacks it, the rule that left it out."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.text import Text

from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import is_new, opened
from feedmill.pipeline import Explanation, Place
from feedmill.times import iso

__all__ = ["command"]


@click.command(name="why")
@click.argument("entry")
@common_options
def command(common: Common, *, entry: str) -> int:
    """Tell where an entry is from, since when it is known, which feeds carry it, and why others do not.

    ENTRY is an id, an address, or a part of a title.
    """
    config = common.config()
    with opened(config, rehearsal=is_new(config)) as pipeline:
        explanations = pipeline.explain(entry)
    if common.as_json:
        print_json([_data(one) for one in explanations])
    else:
        _print(explanations)
    if not explanations:
        click.echo(f"No entry is known by {printable(entry)!r}: give an id, an address or a part of a title.", err=True)
        return Exit.PARTLY
    return Exit.WELL


def _data(one: Explanation) -> dict[str, Any]:
    entry = one.entry
    return {
        "id": entry.id,
        "title": entry.title,
        "url": entry.url,
        "source": entry.source,
        "document": entry.name,
        "published": iso(entry.published),
        "updated": iso(entry.updated),
        "first_seen": iso(entry.first_seen),
        "expires": iso(entry.expires) if entry.expires else None,
        "withdrawn": iso(one.withdrawn) if one.withdrawn else None,
        "held": iso(one.held) if one.held else None,
        "known_as": [{"kind": alias.kind.value, "value": alias.value} for alias in one.aliases],
        "feeds": [_place(place) for place in one.places],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "feed": place.feed,
        "carried": place.reason is None,
        "reason": place.reason,
        "first_published": iso(place.since) if place.since else None,
        "archive": place.archive,
    }


def _print(explanations: list[Explanation]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for one in explanations:
        data = _data(one)
        console.print(Text(printable(one.entry.title), style="bold"))
        for key in (
            "id",
            "url",
            "source",
            "document",
            "published",
            "updated",
            "first_seen",
            "expires",
            "withdrawn",
            "held",
        ):
            if data[key]:
                console.print(Text(f"  {key.replace('_', ' '):<11} {printable(str(data[key]))}"))
        for alias in one.aliases:
            console.print(Text(f"  known as    {alias.kind.value} {printable(alias.value)}"))
        for place in one.places:
            console.print(_line(place))
        console.print()


def _line(place: Place) -> Text:
    since = f", since {iso(place.since)}" if place.since else ""
    archived = f"; it is in archive document {place.archive}" if place.archive else ""
    if place.reason is None:
        return Text.assemble(("  in          ", "green"), place.feed, since, archived)
    return Text.assemble(("  not in      ", "yellow"), place.feed, f": {printable(place.reason)}{archived}")
