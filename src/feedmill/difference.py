"""What subscribers of a feed would see appear, change and disappear: two states of it compared.

This module must not know how a state comes about, or how the difference is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedmill.changes import revision
from feedmill.model import Entry

__all__ = ["Difference", "difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries that appear, those that read differently (as they read then), and those that disappear."""

    appear: tuple[Entry, ...] = ()
    change: tuple[Entry, ...] = ()
    disappear: tuple[Entry, ...] = ()


def difference(before: Sequence[Entry], after: Sequence[Entry]) -> Difference:
    """Return what is different `after`. Entries are the same if their source and id are."""
    old = {(entry.source, entry.id): entry for entry in before}
    new = {(entry.source, entry.id): entry for entry in after}
    return Difference(
        appear=tuple(entry for key, entry in new.items() if key not in old),
        change=tuple(entry for key, entry in new.items() if key in old and revision(entry) != revision(old[key])),
        disappear=tuple(entry for key, entry in old.items() if key not in new),
    )
