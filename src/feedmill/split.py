"""Feeds that a feed is split into: which values its entries have, and the permanent slug of each.

This module must not know where entries are kept, or how a feed is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from feedmill.model import Entry, FeedSpec, Split, SplitBy

__all__ = ["belongs", "divided", "new_splits", "values"]

RESERVED = frozenset({"archive", "chapters"})
"""Folders that a feed has for itself."""

MOST_SPLITS = 1000
_LONGEST_SLUG = 60


def values(spec: FeedSpec, by: SplitBy, entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield what `entry` is filed under: each value as it is compared, and as people write it."""
    match by:
        case SplitBy.CATEGORY:
            labels = [category.label or category.term for category in entry.categories]
        case SplitBy.AUTHOR:
            people = entry.authors or ((spec.site.author,) if spec.site.author else ())
            labels = [person.name or person.email or "" for person in people]
        case SplitBy.SOURCE:
            yield entry.source, entry.origin.title if entry.origin and entry.origin.title else entry.source
            return
        case SplitBy.LANGUAGE:
            labels = [entry.language or spec.site.language]
    seen = set()
    for label in labels:
        value = " ".join(label.split()).casefold()
        if value and value not in seen:
            seen.add(value)
            yield value, " ".join(label.split())


def belongs(spec: FeedSpec, entry: Entry) -> bool:
    """Return whether `entry` is filed under what the feed is about; in one that is no part of another, all are."""
    if spec.split is None:
        return True
    by, value = spec.split
    return any(one == value for one, _ in values(spec, by, entry))


def new_splits(spec: FeedSpec, by: SplitBy, entries: Iterable[Entry], known: Sequence[Split]) -> list[Split]:
    """Return the splits that `entries` ask for beyond those known, the most frequent value first.

    A slug, once given, is never given to another value, or to what something else is split by. There are a thousand
    splits by one thing at most.
    """
    labels: dict[str, str] = {}
    counts: dict[str, int] = {}
    for entry in entries:
        for value, label in values(spec, by, entry):
            labels.setdefault(value, label)
            counts[value] = counts.get(value, 0) + 1
    there = {split.value for split in known if split.by is by}
    slugs = {split.slug for split in known}
    fresh: list[Split] = []
    for value in sorted(labels.keys() - there, key=lambda value: (-counts[value], value)):
        if len(there) + len(fresh) >= MOST_SPLITS:
            break
        slug = _free_slug(value, labels[value], slugs)
        slugs.add(slug)
        fresh.append(Split(slug=slug, by=by, value=value, label=labels[value]))
    return fresh


def divided(spec: FeedSpec, by: SplitBy, entries: Iterable[Entry], most: int) -> Mapping[str, list[Entry]]:
    """Return the entries under each value, in their order, `most` of each."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for value, _ in values(spec, by, entry):
            under = found.setdefault(value, [])
            if len(under) < most:
                under.append(entry)
    return found


def _free_slug(value: str, label: str, taken: Collection[str]) -> str:
    """Return a name made of ASCII letters, digits and hyphens; of values that would have the same one, each gets a
    number. What has no letters at all is named by a digest."""
    from slugify import slugify  # asked for once in the life of a split

    base = slugify(label, max_length=_LONGEST_SLUG, word_boundary=True)
    base = base or hashlib.sha256(value.encode()).hexdigest()[:12]
    slug, number = base, 2
    while slug in taken or slug in RESERVED:
        slug = f"{base}-{number}"
        number += 1
    return slug
