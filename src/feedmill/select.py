"""Which entries make a feed: filters, de-duplication, order, limit.

Pure: entries and the feed's rules in, the feed's entries out. It must not know where entries are kept or how they will
be rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeAlias

from feedmill.model import Entry, FeedSpec

__all__ = ["excluded_by", "matching_sources", "select", "told_by"]

Key: TypeAlias = tuple[str, str]
"""Source and id of an entry."""

_TAG = re.compile(r"<[^>]*>")


def matching_sources(spec: FeedSpec, names: Iterable[str]) -> list[str]:
    """Return those of the source `names` that the feed takes from, in their order.

    Who takes a subscription list takes all feeds that it lists: the names of these begin with the list's and a slash.
    """
    return [
        name
        for name in names
        if any(fnmatchcase(one, pattern) for pattern in spec.sources for one in (name, name.partition("/")[0]))
    ]


def select(
    spec: FeedSpec,
    pages: Iterable[tuple[Iterable[Entry], Iterable[Sequence[Entry]]]],
    published: Collection[Key],
    ranks: Mapping[str, int],
    now: datetime,
) -> list[Entry]:
    """Return the entries of the feed, newest first.

    Args:
        spec: the feed's rules.
        pages: all its sources' live entries in the feed's order, a part at a time, and with each part the groups that
            any of it is in: those that have a story, or an id, in common with another source. No page is read that the
            limit does not ask for.
        published: source and id of every entry that the feed ever carried.
        ranks: the place of each source in the configuration.
        now: entries dated later are embargoed.
    """
    winners: dict[Key, Key] = {}
    candidates: list[Entry] = []
    told = 0
    for stream, rivals in pages:
        here: dict[Key, Key] = {}
        for group in rivals:
            fit = [entry for entry in group if excluded_by(spec, entry, now) is None]
            here |= _winners(fit, published, ranks)
        for entry in stream:
            if told == spec.limit:
                break
            if excluded_by(spec, entry, now) is None:
                candidates.append(entry)
                # Of an entry on another page not all groups are here.
                if _key(entry) in here:
                    winners[_key(entry)] = here[_key(entry)]
                else:
                    told += 1
        if told == spec.limit:
            break
    return _once(candidates, winners, spec.limit)


def excluded_by(spec: FeedSpec, entry: Entry, now: datetime, *, whatever_its_age: bool = False) -> str | None:
    """Return the rule that keeps `entry` out of the feed, in words; None if none does.

    With `whatever_its_age`, `max_age` is not a reason: it decides what a feed carries now, not what it is about.
    """
    for rule in _RULES:
        if whatever_its_age and rule is _age:
            continue
        reason = rule(spec, entry, now)
        if reason is not None:
            return reason
    return None


def told_by(
    spec: FeedSpec,
    entry: Entry,
    rivals: Iterable[Sequence[Entry]],
    published: Collection[Key],
    ranks: Mapping[str, int],
    now: datetime,
) -> Key | None:
    """Return source and id of the entry that tells the story of `entry` in its place, None if none does.

    The arguments are those of `select`.
    """
    for group in rivals:
        fit = [one for one in group if excluded_by(spec, one, now) is None]
        winner = _winners(fit, published, ranks).get(_key(entry))
        if winner is not None:
            return winner
    return None


def _embargo(_: FeedSpec, entry: Entry, now: datetime) -> str | None:
    return (
        f"it is dated {entry.published:%Y-%m-%d %H:%M} UTC, which is still to come" if entry.published > now else None
    )


def _age(spec: FeedSpec, entry: Entry, now: datetime) -> str | None:
    date = getattr(entry, spec.order.value)
    too_old = spec.max_age is not None and date < now - spec.max_age
    return f"it is older than max_age = {spec.max_age}" if too_old else None


def _category(spec: FeedSpec, entry: Entry, _: datetime) -> str | None:
    if not spec.categories:
        return None
    wanted = {name.casefold() for name in spec.categories}
    has = {name.casefold() for c in entry.categories for name in (c.term, c.label) if name}
    return None if wanted & has else f"none of its categories is in categories = {list(spec.categories)}"


def _author(spec: FeedSpec, entry: Entry, _: datetime) -> str | None:
    if not spec.authors:
        return None
    wanted = {name.casefold() for name in spec.authors}
    # An entry that names nobody is the site's author's.
    people = entry.authors or ((spec.site.author,) if spec.site.author else ())
    has = {name.casefold() for p in people for name in (p.name, p.email) if name}
    return None if wanted & has else f"none of its authors is in authors = {list(spec.authors)}"


def _language(spec: FeedSpec, entry: Entry, _: datetime) -> str | None:
    if not spec.languages:
        return None
    language = (entry.language or spec.site.language).lower()
    # Basic filtering of RFC 4647 section 3.3.1: "en" takes en-GB too.
    fits = any(language == tag.lower() or language.startswith(f"{tag.lower()}-") for tag in spec.languages)
    return None if fits else f"its language {language} is not in languages = {list(spec.languages)}"


def _include(spec: FeedSpec, entry: Entry, _: datetime) -> str | None:
    if not spec.include or any(_found(pattern, entry) for pattern in spec.include):
        return None
    return f"its title and text match nothing in include = {list(spec.include)}"


def _exclude(spec: FeedSpec, entry: Entry, _: datetime) -> str | None:
    for pattern in spec.exclude:
        if _found(pattern, entry):
            return f"its title or text matches exclude = {pattern!r}"
    return None


_RULES: tuple[Callable[[FeedSpec, Entry, datetime], str | None], ...] = (
    _embargo, _age, _category, _author, _language, _include, _exclude,
)  # fmt: skip


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _found(pattern: str, entry: Entry) -> bool:
    search = _compiled(pattern).search
    return bool(search(entry.title) or search(entry.summary) or search(_TAG.sub(" ", entry.content)))


def _winners(group: Sequence[Entry], published: Collection[Key], ranks: Mapping[str, int]) -> dict[Key, Key]:
    """Of entries that different sources have in common, return for all but one the one that tells the story.

    It is the one that the feed already carried, so that no reader sees the story twice; else the first by the
    order of sources in the configuration. A story that one source has several times says nothing: some feeds point
    all their entries at one page.
    """
    if not group or len({entry.source for entry in group}) < len(group):
        return {}
    keys = sorted(map(_key, group), key=lambda key: (key not in published, ranks.get(key[0], len(ranks)), key[0]))
    return dict.fromkeys(keys[1:], keys[0])


def _once(candidates: Sequence[Entry], winners: Mapping[Key, Key], limit: int) -> list[Entry]:
    """Cut the candidates to the limit, each story once: by its winner, or where that is too old for the feed, by the
    first other that is not."""
    chosen: list[Entry] = []
    told: set[Key] = set()
    ahead = {_key(entry) for entry in candidates}
    for entry in candidates:
        winner = winners.get(_key(entry), _key(entry))
        if winner in told or (winner != _key(entry) and winner in ahead):
            continue
        told.add(winner)
        chosen.append(entry)
    return chosen[:limit]


def _key(entry: Entry) -> Key:
    return entry.source, entry.id
