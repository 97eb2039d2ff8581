"""Why an entry is in a feed or is not: everything that is known about it, and for each feed the rule that decides.

This module must not know how an explanation is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedmill.config import Config
from feedmill.model import Alias, Entry, FeedSpec
from feedmill.pipeline.roster import Roster, roster_of
from feedmill.select import excluded_by, select, told_by
from feedmill.store import Found, Store
from feedmill.times import iso

__all__ = ["Explaining", "Explanation", "Place"]

_READ = 5000
"""How far down a feed's entries are counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """An entry's place in one feed. `reason` is why it is not in the live document; None if it is."""

    feed: str
    reason: str | None
    since: datetime | None = None
    archive: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known about an entry: itself, its names, since when it is withdrawn or held, and its feeds."""

    entry: Entry
    aliases: tuple[Alias, ...]
    withdrawn: datetime | None
    held: datetime | None
    places: tuple[Place, ...]


class Explaining:
    """Explains the entries of one site. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._store = store
        self._clock = clock

    def look_up(self, words: str) -> list[Found]:
        """Return the entries that `words` mean, as they are stored."""
        from feedmill.normalize.identity import canonical_url

        return self._store.find(words, [canonical_url(words)] if "://" in words else [])

    def explain(self, words: str, specs: Sequence[FeedSpec]) -> list[Explanation]:
        """Return what is known about the entries that `words` mean: an id, an address, or a part of a title."""
        found = self.look_up(words)
        roster = roster_of(self._config.sources, self._store)
        return [
            Explanation(
                entry=one.entry,
                aliases=one.aliases,
                withdrawn=one.withdrawn,
                held=one.held,
                places=tuple(self._place(spec, one, roster) for spec in specs),
            )
            for one in found
        ]

    def _place(self, spec: FeedSpec, one: Found, roster: Roster) -> Place:
        since, present = one.feeds.get(spec.name, (None, False))
        reason = None if present else self._reason(spec, one, roster)
        return Place(spec.name, reason, since, one.archives.get(spec.name))

    def _reason(self, spec: FeedSpec, one: Found, roster: Roster) -> str:
        entry, now = one.entry, self._clock()
        if entry.source not in roster.taken_by(spec):
            return f"it takes nothing from {entry.source}: sources = {list(spec.sources)}"
        if one.withdrawn is not None:
            return f"the entry was withdrawn at {iso(one.withdrawn)}"
        if one.held is not None:
            return (
                f"the entry is held since {iso(one.held)}, among many old ones that came at once; "
                f"`feedmill publish --force --source {entry.source}` publishes it"
            )
        refused = excluded_by(spec, entry, now)
        if refused is not None:
            return refused
        if spec.split is not None:
            return f"it is not filed under {spec.split[1]!r}"
        return self._crowded_out(spec, entry, roster, now)

    def _crowded_out(self, spec: FeedSpec, entry: Entry, roster: Roster, now: datetime) -> str:
        ranks = {name: rank for rank, name in enumerate(roster.names)}
        with self._store.candidates(spec.name, roster.taken_by(spec), spec.order) as candidates:
            winner = told_by(spec, entry, candidates.rivals_of(entry), candidates.published, ranks, now)
            if winner is not None:
                return f"the same story is told by {winner[0]}, as {winner[1]}"
            wide = replace(spec, limit=_READ)
            chosen = select(wide, candidates.pages, candidates.published, ranks, now)
        place = next(
            (at for at, other in enumerate(chosen, 1) if (other.source, other.id) == (entry.source, entry.id)), 0
        )
        if not place:
            return f"more than {_READ} entries are newer"
        if place > spec.limit:
            return f"{place - 1} entries are newer, and limit = {spec.limit}"
        state = self._store.feed_state(spec.name)
        if state is None or state.last_change is None:
            return "the feed was not published yet"
        if state.error:
            return f"the feed could not be published: {state.error}"
        return (
            "it fits, and the next `feedmill publish` takes it in, unless the documents would be larger than "
            f"max_size = {spec.max_size} bytes"
        )
