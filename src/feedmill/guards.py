"""Change guards: what must not be published without somebody's word.

Pure: what a feed carries and what it would carry in, why that is held back out. This module must not know where entries
are kept, nor how a feed is selected.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime

from feedmill.model import Entry, FeedSpec

__all__ = ["SMALLEST_GUARDED", "digest", "objection", "other_ids"]

SMALLEST_GUARDED = 4
"""A feed with fewer entries is not guarded against loss: to withdraw one of its two articles is nothing unusual."""

_NAMED = 3


def objection(
    spec: FeedSpec,
    carried: Sequence[tuple[Entry, bool]],
    chosen: Sequence[Entry],
    published: Collection[tuple[str, str]],
    fits: Callable[[Entry], bool],
    now: datetime,
) -> str | None:
    """Return why the feed is to be held, in words that follow "it"; None if nothing speaks against it.

    Two things do: more than half of its entries would be lost, or an entry would come back under another id.
    Entries that left because newer ones came in, grew older than `max_age`, expired, or are told by another
    source are no loss.

    Args:
        spec: the feed's rules.
        carried: the entries that it carries as published, as they are now, and whether each was withdrawn since.
        chosen: the entries that it would carry.
        published: source and id of every entry that it ever carried.
        fits: whether the feed's rules would still take an entry.
        now: entries that expired by then were meant to go.
    """
    staying = {(entry.source, entry.id) for entry in chosen}
    lost = [
        entry
        for entry, withdrawn in carried
        if (entry.source, entry.id) not in staying and (withdrawn or not fits(entry)) and not _meant(spec, entry, now)
    ]
    renamed = _renamed(lost, [entry for entry, _ in carried], chosen, published)
    if renamed:
        return _renaming([(old.title, old.id, new.id) for old, new in renamed])
    if len(carried) >= SMALLEST_GUARDED and len(lost) * 2 > len(carried):
        titles = ", ".join(f"“{entry.title}”" for entry in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        return f"would lose {len(lost)} of its {len(carried)} entries: {titles}{more}"
    return None


def other_ids(published: Sequence[tuple[str, str, str]], chosen: Sequence[Entry]) -> str | None:
    """Return why a feed of which nothing is remembered is to be held, in words that follow "it"; None if nothing is.

    Its state was lost, and its documents are still there: one reason is that an entry in them would get another id.

    Args:
        published: id, title and address of each entry in the published documents.
        chosen: the entries that it would carry.
    """
    known, coming = {id_ for id_, _, _ in published}, {entry.id for entry in chosen}
    before = Counter((title, url) for _, title, url in published)
    after = Counter((entry.title, entry.url) for entry in chosen)
    found = {(entry.title, entry.url): entry.id for entry in chosen if entry.id not in known}
    renamed = [
        (title, id_, found[title, url])
        for id_, title, url in published
        if id_ not in coming and (title, url) in found and before[title, url] == after[title, url] == 1
    ]
    return _renaming(renamed) if renamed else None


def digest(spec: FeedSpec, sources: Mapping[str, str]) -> str:
    """Return a mark of the rules by which a feed is made: where it differs, a change of its entries is meant.

    `sources` are those that the feed takes from, each with the mark of its own settings.
    """
    rules = (
        sorted(sources.items()), spec.categories, spec.authors, spec.languages, spec.include, spec.exclude,
        spec.max_age, spec.limit, spec.max_size, spec.order.value, spec.history.value, spec.split,
    )  # fmt: skip
    return hashlib.sha256(repr(rules).encode()).hexdigest()[:16]


def _renaming(renamed: Sequence[tuple[str, str, str]]) -> str:
    """Tell of ids that would change: the title, the old id and the new one of each."""
    title, old, new = renamed[0]
    more = f", and that of {len(renamed) - 1} more" if len(renamed) > 1 else ""
    return f"would change the id of “{title}” from {old} to {new}{more}"


def _meant(spec: FeedSpec, entry: Entry, now: datetime) -> bool:
    if entry.expires is not None and entry.expires <= now:
        return True
    date: datetime = getattr(entry, spec.order.value)
    return spec.max_age is not None and date < now - spec.max_age


def _renamed(
    lost: Sequence[Entry], carried: Sequence[Entry], chosen: Sequence[Entry], published: Collection[tuple[str, str]]
) -> list[tuple[Entry, Entry]]:
    """Return the lost entries that would come back under an id that readers have never seen, each with the new one."""
    new = [entry for entry in chosen if (entry.source, entry.id) not in published]
    pairs: list[tuple[Entry, Entry]] = []
    for names in (_address, _document):
        # What several entries share, such as one page for all of them, tells nothing.
        before, after = Counter(map(names, carried)), Counter(map(names, new))
        found = {names(entry): entry for entry in new}
        pairs += [
            (entry, found[name])
            for entry in lost
            if (name := names(entry)) is not None and before[name] == 1 and after[name] == 1
        ]
    return list({old.id: (old, fresh) for old, fresh in pairs}.values())


def _address(entry: Entry) -> Hashable:
    return (entry.source, entry.url, entry.title) if entry.url else None


def _document(entry: Entry) -> Hashable:
    return (entry.source, entry.name) if entry.name else None
