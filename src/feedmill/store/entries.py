"""Entries and the identity ledger, in and out of the database.

This module must not know how it was decided what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Alias, AliasKind, Entry, Known, Order, Origin, Trace
from feedmill.store.schema import aliases, entries

__all__ = [
    "count",
    "count_held",
    "decode",
    "expire",
    "known",
    "live",
    "next_embargo",
    "next_expiry",
    "of_aliases",
    "origins",
    "recent_dates",
    "release",
    "rivals",
    "shared_stories",
    "stream",
    "taken",
    "traces",
    "write",
]

_CHUNK = 400
decode = msgspec.json.Decoder(Entry).decode
_encode = msgspec.json.Encoder().encode

_SHOWN = entries.c.withdrawn.is_(None) & entries.c.held.is_(None)
_MOST_TRACES = 1000


def of_aliases(connection: Connection, source: str, wanted: Iterable[Alias]) -> dict[Alias, str]:
    """Return the entry id that each alias of `source` leads to, for those on record."""
    found: dict[Alias, str] = {}
    by_kind: dict[str, list[str]] = {}
    for alias in wanted:
        by_kind.setdefault(alias.kind, []).append(alias.value)
    for kind, values in by_kind.items():
        query = select(aliases.c.value, aliases.c.entry).where(aliases.c.source == source, aliases.c.kind == kind)
        for part in _parts(values):
            for value, entry in connection.execute(query.where(aliases.c.value.in_(part))):
                found[Alias(kind=AliasKind(kind), value=value)] = entry
    return found


def known(connection: Connection, source: str, ids: Collection[str]) -> dict[str, Known]:
    """Return the stored entries of `source` with these ids."""
    found: dict[str, Known] = {}
    for part in _parts(sorted(ids)):
        found |= _rows(connection, (entries.c.source == source) & entries.c.id.in_(part))
    return found


def live(connection: Connection, source: str) -> dict[str, Known]:
    """Return every entry of `source` that is not withdrawn."""
    return _rows(connection, (entries.c.source == source) & entries.c.withdrawn.is_(None))


def taken(connection: Connection, source: str, ids: Collection[str]) -> set[str]:
    """Return those of `ids` that entries of `source` already have, and the numbered ones (`id~2`) made from them."""
    query = select(entries.c.id).where(entries.c.source == source)
    found = {id_ for part in _parts(sorted(ids)) for id_ in connection.scalars(query.where(entries.c.id.in_(part)))}
    for id_ in sorted(found):
        numbered = (entries.c.id >= f"{id_}~") & (entries.c.id < f"{id_}\x7f")  # the character after the tilde
        found.update(connection.scalars(query.where(numbered)))
    return found


def shared_stories(connection: Connection, source: str, stories: Collection[str]) -> set[str]:
    """Return those of `stories` that several entries of `source` were first known by."""
    query = select(entries.c.story).where(entries.c.source == source).group_by(entries.c.story)
    several = query.having(func.count() > 1)
    return {
        story
        for part in _parts(sorted(stories))
        for story in connection.scalars(several.where(entries.c.story.in_(part)))
        if story is not None
    }


def traces(connection: Connection, source: str) -> list[Trace]:
    """Return what the newest entries of `source` are recognized by: no more than can be looked through at each look."""
    columns = ("id", "title", "published", "first_seen", "story", "revision", "held")
    query = (
        select(*(entries.c[column] for column in columns))
        .where(entries.c.source == source, entries.c.withdrawn.is_(None))
        .order_by(entries.c.published.desc(), entries.c.id)
        .limit(_MOST_TRACES)
    )
    return [Trace(**row | {"held": row["held"] is not None}) for row in map(dict, connection.execute(query).mappings())]


def release(connection: Connection, source: str) -> int:
    """Let the feeds have what was kept back of `source`; return how many entries those are."""
    kept_back = (entries.c.source == source) & entries.c.held.is_not(None)
    return connection.execute(update(entries).where(kept_back).values(held=None)).rowcount


def write(
    connection: Connection,
    source: str,
    rows: Sequence[tuple[Entry, str]],
    held: Collection[str],
    withdrawn: Sequence[str],
    names: Sequence[tuple[Alias, str]],
    stories: Mapping[str, str],
    now: datetime,
) -> None:
    """Insert or replace entries (with their revisions), withdraw others, and add aliases; known aliases stay.

    `held` are the ids of those that are inserted, but kept back. A known entry stays held, or free, as it is.
    """
    if rows:
        statement = insert(entries)
        replaced: dict[str, ColumnElement[Any]] = {
            column: statement.excluded[column]
            for column in ("name", "title", "published", "updated", "revision", "data", "withdrawn", "expires")
        }
        # A story is what the entry was first known by: a later change of address does not make it another story.
        replaced["story"] = func.coalesce(entries.c.story, statement.excluded.story)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["source", "id"], set_=replaced),
            [
                _values(entry, revision, stories.get(entry.id)) | {"held": now if entry.id in held else None}
                for entry, revision in rows
            ],
        )
    for part in _parts(withdrawn):
        connection.execute(
            update(entries).where(entries.c.source == source, entries.c.id.in_(part)).values(withdrawn=now)
        )
    if names:
        connection.execute(
            insert(aliases).on_conflict_do_nothing(),
            [{"source": source, "kind": alias.kind.value, "value": alias.value, "entry": id_} for alias, id_ in names],
        )


def stream(connection: Connection, sources: Collection[str], order: Order) -> Generator[Entry]:
    """Yield the live entries of `sources`, newest first by `order`; equal dates by source and id."""
    date = entries.c.published if order is Order.PUBLISHED else entries.c.updated
    query = (
        select(entries.c.data)
        .where(entries.c.source.in_(sorted(sources)), _SHOWN)
        .order_by(date.desc(), entries.c.source, entries.c.id)
        .execution_options(yield_per=100)
    )
    # Closed by name: a statement left half read keeps its view of the database open, and every checkpoint waiting.
    with connection.execute(query) as rows:
        for data in rows.scalars():
            yield decode(data)


def rivals(connection: Connection, sources: Collection[str]) -> list[list[Entry]]:
    """Return the live entries of `sources` that have a story, or an id, in common with another of these sources,
    one list for each story or id."""
    here = entries.c.source.in_(sorted(sources)) & _SHOWN
    groups: dict[tuple[str, str], list[Entry]] = {}
    for column in (entries.c.story, entries.c.id):
        shared = (
            select(column)
            .where(here, column.is_not(None))
            .group_by(column)
            .having(func.count(entries.c.source.distinct()) > 1)
        )
        query = select(column, entries.c.data).where(here, column.in_(shared)).order_by(entries.c.source, entries.c.id)
        for common, data in connection.execute(query):
            groups.setdefault((column.name, common), []).append(decode(data))
    return list(groups.values())


def expire(connection: Connection, now: datetime) -> None:
    """Withdraw every entry whose time is over, as of that time."""
    over = entries.c.withdrawn.is_(None) & (entries.c.expires <= now)
    connection.execute(update(entries).where(over).values(withdrawn=entries.c.expires))


def next_expiry(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next live entry withdraws by itself, None if none will."""
    query = select(func.min(entries.c.expires)).where(entries.c.withdrawn.is_(None), entries.c.expires > now)
    return connection.execute(query).scalar()


def origins(connection: Connection, sources: Collection[str]) -> dict[str, Origin]:
    """Return the origin of the newest live entry of each of these sources, for those that have one."""
    found: dict[str, Origin] = {}
    for part in _parts(sorted(sources)):
        live = entries.c.source.in_(part) & entries.c.withdrawn.is_(None)
        newest = select(entries.c.source, func.max(entries.c.published)).where(live).group_by(entries.c.source)
        query = select(entries.c.source, entries.c.data).where(
            live, tuple_(entries.c.source, entries.c.published).in_(newest)
        )
        for source, data in connection.execute(query.order_by(entries.c.source, entries.c.id)):
            origin = decode(data).origin
            if origin is not None:
                found.setdefault(source, origin)
    return found


def recent_dates(connection: Connection, source: str) -> list[datetime]:
    """Return when the newest entries of `source` were published, the newest first; 50 at most."""
    date = entries.c.published
    query = select(date).where(entries.c.source == source, entries.c.held.is_(None)).order_by(date.desc()).limit(50)
    return list(connection.scalars(query))


def next_embargo(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next live entry with a future date falls due, None if there is none."""
    query = select(func.min(entries.c.published)).where(_SHOWN, entries.c.published > now)
    return connection.execute(query).scalar()


def count(connection: Connection) -> Mapping[str, int]:
    """Return the number of live entries of each source that feeds may have."""
    return _counts(connection, _SHOWN)


def count_held(connection: Connection) -> Mapping[str, int]:
    """Return the number of entries of each source that are kept back."""
    return _counts(connection, entries.c.withdrawn.is_(None) & entries.c.held.is_not(None))


def _counts(connection: Connection, condition: ColumnElement[bool]) -> Mapping[str, int]:
    query = select(entries.c.source, func.count()).where(condition).group_by(entries.c.source)
    return {source: number for source, number in connection.execute(query)}  # noqa: C416  # rows are not pairs to mypy


def _rows(connection: Connection, condition: ColumnElement[bool]) -> dict[str, Known]:
    columns = (entries.c.id, entries.c.data, entries.c.revision, entries.c.withdrawn, entries.c.held)
    return {
        row.id: Known(
            entry=decode(row.data),
            revision=row.revision,
            withdrawn=row.withdrawn is not None,
            held=row.held is not None,
        )
        for row in connection.execute(select(*columns).where(condition))
    }


def _values(entry: Entry, revision: str, story: str | None) -> dict[str, Any]:
    return {
        "source": entry.source,
        "id": entry.id,
        "name": entry.name,
        "title": entry.title,
        "published": entry.published,
        "updated": entry.updated,
        "first_seen": entry.first_seen,
        "withdrawn": None,
        "expires": entry.expires,
        "story": story,
        "revision": revision,
        "data": _encode(entry),
    }


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that fit into one statement's parameters."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
