"""Which entries a feed ever carried, looked up as they are asked for: a feed may have carried a million.

This module must not know why it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection, bindparam, select

from feedmill.store.bulk import parts
from feedmill.store.choice import Key
from feedmill.store.schema import feed_entries

__all__ = ["Carried", "among", "every"]

_of_feed = feed_entries.c.feed == bindparam("feed")
_EVERY = select(feed_entries.c.source, feed_entries.c.entry).where(_of_feed)
_AMONG = select(feed_entries.c.entry).where(
    _of_feed, feed_entries.c.source == bindparam("source"), feed_entries.c.entry.in_(bindparam("ids", expanding=True))
)


class Carried(AbstractSet[Key]):
    """Source and id of every entry that a feed ever carried.

    `look_up` tells which of some keys are among them, `all_of` gives all. Of the keys that were looked up once it is
    remembered.
    """

    def __init__(self, look_up: Callable[[Collection[Key]], set[Key]], all_of: Callable[[], set[Key]]) -> None:
        self._look_up = look_up
        self._all_of = all_of
        self._seen: dict[Key, bool] = {}

    def learn(self, keys: Iterable[Key], carried: Collection[Key]) -> None:
        """Remember which of `keys` are `carried`."""
        self._seen.update((key, key in carried) for key in keys)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, tuple):
            return False
        if key not in self._seen:
            self.learn([key], self._look_up([key]))
        return self._seen[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._all_of())

    def __len__(self) -> int:
        return len(self._all_of())


def among(connection: Connection, feed: str, keys: Collection[Key]) -> set[Key]:
    """Return those of `keys` that the feed ever carried."""
    by_source: dict[str, list[str]] = {}
    for source, id_ in keys:
        by_source.setdefault(source, []).append(id_)
    return {
        (source, id_)
        for source, ids in by_source.items()
        for part in parts(ids)
        for id_ in connection.scalars(_AMONG, {"feed": feed, "source": source, "ids": part})
    }


def every(connection: Connection, feed: str) -> set[Key]:
    """Return source and id of every entry that the feed ever carried."""
    return set(connection.execute(_EVERY, {"feed": feed}))
