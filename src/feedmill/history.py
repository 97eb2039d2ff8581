"""What becomes of entries that a feed's live document has no room for: which of them make the next archive documents.

RFC 5005 section 4: archive documents never change, and the chain of them with the live document gives every entry that
the feed ever carried. This module must not know what documents look like, or what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedmill.model import Entry

__all__ = ["archive_size", "next_archives"]


def archive_size(limit: int) -> int:
    """Return how many entries an archive document holds in a feed whose live document holds `limit`.

    Half as many: so a reader that missed a while finds the last archive still overlapping with the live document, and
    there is one archive document for so many new entries, not one for each that leaves.
    """
    return max(1, limit // 2)


def next_archives(leaving: Sequence[Entry], staying: Sequence[Entry], size: int) -> list[tuple[Entry, ...]]:
    """Return the entries of each archive document that is to be closed now, the oldest document first.

    Args:
        leaving: what no document would carry any more: left the live one, and is in no archive as it reads now.
        staying: what the live document carries and no archive does. Its oldest entries fill the last document up, so
            that they need no other one when they leave.
        size: how many entries a document holds.
    """
    if not leaving:
        return []
    oldest_first = sorted(leaving, key=_age)
    spare = -len(oldest_first) % size
    oldest_first += sorted(staying, key=_age)[:spare]
    pieces = [oldest_first[start : start + size] for start in range(0, len(oldest_first), size)]
    return [tuple(sorted(piece, key=_age, reverse=True)) for piece in pieces]


def _age(entry: Entry) -> tuple[object, str, str]:
    return entry.published, entry.source, entry.id
