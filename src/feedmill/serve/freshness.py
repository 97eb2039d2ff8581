"""For how long a reader need not ask again: until one of the sources of the feed is looked at next.

The rule is pure; what it needs is looked up now and then, away from the event loop. This module must not know how the
answer is told.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feedmill.errors import FeedmillError
from feedmill.model import FeedSpec
from feedmill.pipeline import Agenda, Roster
from feedmill.serve.catalogue import SITE

__all__ = ["Freshness", "max_age", "next_changes"]

_log = logging.getLogger(__name__)

_SHORTEST = 60
_LOOKED_UP_EVERY = 5.0
_STANDS = 0.5
"""Seconds for which what was told is told again, not reckoned anew: thousands may ask in that time."""


def next_changes(
    agenda: Agenda, roster: Roster, feeds: Sequence[FeedSpec], moments: Iterable[datetime | None] = ()
) -> dict[str, datetime | None]:
    """Return when each feed may change next, by name, and under `SITE` when any of them may; None for never.

    A feed may change with the next look at one of its sources, or at the list that names it, and at `moments` at which
    any feed may, such as the end of an embargo. What a hub pushes may come at any time: of its source it counts when it
    would be looked at without the hub.
    """
    agenda = replace(agenda, pushes={})
    of_all = [moment for moment in moments if moment is not None]
    due = {source.name: agenda.due(source) for source in roster.sources}
    found: dict[str, datetime | None] = {}
    for spec in feeds:
        looks = [due[source.name] for source in roster.needed_by([spec])]
        found[spec.name] = min([*(look for look in looks if look is not None), *of_all], default=None)
    found[SITE] = min((moment for moment in found.values() if moment is not None), default=None)
    return found


def max_age(change: datetime | None, now: datetime, longest: timedelta) -> int:
    """Return for how many seconds a document is fresh that may change at `change`: 60 at least, for a look takes its
    time, too, and whoever is told "now" would ask all the time."""
    most = max(int(longest.total_seconds()), _SHORTEST)
    if change is None:
        return most
    return min(max(math.ceil((change - now).total_seconds()), _SHORTEST), most)


class Freshness:
    """Tells for how many seconds documents are fresh.

    Args:
        look_up: returns what `next_changes` does. It may take its time, and is not called on the event loop.
        longest: more than that is never told.
        clock: returns the present.
    """

    def __init__(
        self,
        look_up: Callable[[], Mapping[str, datetime | None]],
        longest: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._look_up = look_up
        self._longest = longest
        self._clock = clock
        self._known: Mapping[str, datetime | None] = {}
        self._looked_up = -math.inf
        self._looking: asyncio.Future[None] | None = None
        self._told: dict[str, int] = {}
        self._until = -math.inf

    def __call__(self, feed: str) -> int:
        """Return for how many seconds the documents of a feed, or of `SITE`, are fresh."""
        now = time.monotonic()
        if now < self._until and (told := self._told.get(feed)) is not None:
            return told
        if self._looking is None and now - self._looked_up > _LOOKED_UP_EVERY:
            self._looking = asyncio.get_running_loop().run_in_executor(None, self._look)
            self._looking.add_done_callback(self._looked)
        name = feed.partition("/")[0]  # a feed that another was split into changes with it
        if name not in self._known:
            return _SHORTEST
        if now >= self._until:
            self._told, self._until = {}, now + _STANDS
        told = self._told[feed] = max_age(self._known[name], self._clock(), self._longest)
        return told

    def _look(self) -> None:
        try:
            self._known = self._look_up()
        except FeedmillError as error:
            _log.warning("serve: when feeds change next cannot be told: %s", error)
            self._known = {}

    def _looked(self, _: object) -> None:
        self._until = -math.inf
        self._looked_up = time.monotonic()
        self._looking = None
