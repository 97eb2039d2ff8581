"""What `publish --dry-run` shows: what subscribers would see appear, change and disappear, feed by feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feedmill.cli.log import printable
from feedmill.difference import Difference, difference
from feedmill.model import Entry

__all__ = ["difference_data", "print_differences"]

Carried = Mapping[str, Sequence[Entry]]

_MOST_SHOWN = 20
_MARKS = {"appear": ("+", "green"), "change": ("~", "yellow"), "disappear": ("-", "red")}


def difference_data(before: Carried, after: Carried) -> list[dict[str, Any]]:
    """Return what would change in each feed in which anything would."""
    return [
        {"feed": name}
        | {kind: [{"id": entry.id, "title": entry.title} for entry in getattr(found, kind)] for kind in _MARKS}
        for name, found in _differences(before, after)
    ]


def print_differences(before: Carried, after: Carried) -> None:
    """Print what would change, 20 entries of a kind at most."""
    from rich.console import Console  # a run that is no rehearsal does not wait for it
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for name, found in _differences(before, after):
        console.print(Text.assemble("\n", (name, "bold")))
        for kind, (mark, style) in _MARKS.items():
            entries: tuple[Entry, ...] = getattr(found, kind)
            for entry in entries[:_MOST_SHOWN]:
                console.print(Text(f"{mark} {printable(entry.title)}", style=style))
            if len(entries) > _MOST_SHOWN:
                console.print(Text(f"{mark} and {len(entries) - _MOST_SHOWN} more", style=style))


def _differences(before: Carried, after: Carried) -> Iterator[tuple[str, Difference]]:
    for name, entries in after.items():
        found = difference(before.get(name, ()), entries)
        if found != Difference():
            yield name, found
