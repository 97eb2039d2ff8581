"""A state as years leave it behind: entries by the million, over many sources, that a feed has carried and archived.

`grow` writes it straight into the tables, the same for the same arguments. Nothing here knows what it is measured for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, insert

from feedmill.changes import revision
from feedmill.model import Alias, AliasKind, Category, Draft, Entry, Person
from feedmill.store import Store
from feedmill.store.bulk import Bulk
from feedmill.store.entries import encode
from feedmill.store.schema import (
    aliases,
    archive_entries,
    archives,
    entries,
    feed_entries,
    feeds,
    sources,
)  # fmt: skip

__all__ = ["NOW", "State", "archive_files", "draft", "grow"]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

_GROWING = (entries, aliases, feed_entries, archive_entries)
_STEP = timedelta(minutes=1)
_BATCH = 5000
_WORDS = "Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod tempor invidunt. "


@dataclass(frozen=True, slots=True)
class State:
    """What is in a state: `number` entries, as many from each of the `sources`, one a minute, the last of them at NOW.

    A feed of the name `feed` has carried all of them: the newest `limit` are in its live document, the others in
    archive documents of `limit // 2` each. Every `withdrawn`th entry was withdrawn, none if it is 0.
    """

    number: int
    sources: int
    feed: str = "all"
    limit: int = 50
    withdrawn: int = 0

    @property
    def names(self) -> list[str]:
        """The names of the sources."""
        return [f"source-{place:05d}" for place in range(self.sources)]

    @property
    def archives(self) -> int:
        """How many archive documents the feed has."""
        return -(-max(0, self.number - self.limit) // (self.limit // 2))


def draft(source: str, number: int, **fields: Any) -> Draft:
    """Return what the upstream `source` says as its entry of that number, counted over all sources."""
    url = f"https://{source}.example/articles/{number}/a-title-of-some-length"
    told: dict[str, Any] = {
        "title": f"Title number {number}",
        "summary": _WORDS,
        "content": f"<p>{number}. {_WORDS * 8}</p>",
        "authors": (Person(name="A. Author"),),
        "categories": (Category(term="news"),),
    }
    names = (
        (AliasKind.GUID_AND_URL, f"{url} {url}"),
        (AliasKind.GUID, url),
        (AliasKind.URL, url.removeprefix("https:")),
    )
    return Draft(
        name=f"https://{source}.example/feed",
        id=f"{url}#{number:010d}",
        url=url,
        aliases=tuple(Alias(kind=kind, value=value) for kind, value in names),
        **told | fields,
    )


def grow(url: str, state: State) -> None:
    """Write `state` into the database at `url`, which must not exist yet."""
    Store(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        # Nobody needs a half of it, and whole indexes are built faster than they grow.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        indexes = [index for table in _GROWING for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        inserts = {table: Bulk(insert(table), table) for table in (sources, feeds, archives, *_GROWING)}
        inserts[sources].run(connection, [_source(name) for name in state.names])
        inserts[feeds].run(connection, [_feed(state)])
        inserts[archives].run(connection, [_archive(state, number) for number in range(1, state.archives + 1)])
        keys = _keys(state)
        while batch := list(islice(keys, _BATCH)):
            rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in _GROWING}
            for source, number in batch:
                for table, row in _rows(state, source, number):
                    rows[table].append(row)
            for table, some in rows.items():
                inserts[table].run(connection, some)
        for index in indexes:
            index.create(connection)
        connection.commit()
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


def archive_files(folder: Path, state: State, names: tuple[str, ...]) -> None:
    """Put an empty file where each archive document of the feed would be, in formats of these file names."""
    place = folder / state.feed / "archive"
    place.mkdir(parents=True)
    for number in range(1, state.archives + 1):
        for name in names:
            stem, _, suffix = name.rpartition(".")
            (place / f"{stem}-{number:04d}.{suffix}").touch()


def _keys(state: State) -> Iterator[tuple[str, int]]:
    """Yield source and number of every entry, those of a source together."""
    for place, source in enumerate(state.names):
        for number in range(place, state.number, state.sources):
            yield source, number


def _date(state: State, number: int) -> datetime:
    return NOW - _STEP * (state.number - 1 - number)


def _feed(state: State) -> tuple[Any, ...]:
    told: dict[str, Any] = {
        "name": state.feed,
        "updated": NOW,
        "last_change": NOW,
        "entries": min(state.limit, state.number),
        "rules": "",
    }
    return tuple(told.get(column.name) for column in feeds.columns)


def _source(name: str) -> tuple[Any, ...]:
    told: dict[str, Any] = {
        "name": name,
        "settings": "",
        "moved_looks": 0,
        "hints": "",
        "looks": "1",
        "last_look": NOW,
        "last_success": NOW,
        "next_look": NOW,
        "failures": 0,
        "gone": False,
        "generation": 0,
    }
    return tuple(told.get(column.name) for column in sources.columns)


def _archive(state: State, number: int) -> tuple[Any, ...]:
    last = min(number * (state.limit // 2), state.number - state.limit) - 1
    return state.feed, number, _date(state, last), False


def _rows(state: State, source: str, number: int) -> Iterator[tuple[Table, tuple[Any, ...]]]:
    said, date = draft(source, number), _date(state, number)
    one = Entry(
        id=said.id,
        source=source,
        name=said.name,
        title=said.title,
        url=said.url,
        summary=said.summary,
        content=said.content,
        authors=said.authors,
        categories=said.categories,
        published=date,
        updated=date,
        first_seen=date,
    )
    seen = revision(said)
    gone = date if state.withdrawn and number % state.withdrawn == 0 else None
    story = said.aliases[-1].value
    yield (
        entries,
        (source, one.id, one.name, one.title, date, date, date, gone, None, None, story, seen, encode(one)),
    )
    for alias in said.aliases:
        yield aliases, (source, alias.kind.value, alias.value, one.id)
    live = number >= state.number - state.limit
    yield feed_entries, (state.feed, source, one.id, date, live, live)
    if not live:
        size = state.limit // 2
        yield archive_entries, (state.feed, number // size + 1, source, one.id, number % size, seen)
