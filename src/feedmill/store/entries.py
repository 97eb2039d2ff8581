"""Entries and the identity ledger, in and out of the database.

This module must not know how it was decided what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Alias, AliasKind, Entry, Order
from feedmill.store.schema import aliases, entries

__all__ = [
    "Row",
    "count",
    "decode",
    "expire",
    "known",
    "live",
    "next_embargo",
    "next_expiry",
    "of_aliases",
    "recent_dates",
    "rivals",
    "stream",
    "taken",
    "write",
]

_CHUNK = 400
decode = msgspec.json.Decoder(Entry).decode
_encode = msgspec.json.Encoder().encode

Row = tuple[Entry, str, bool]
"""An entry, its revision, and whether it is withdrawn."""


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


def known(connection: Connection, source: str, ids: Collection[str]) -> dict[str, Row]:
    """Return the stored entries of `source` with these ids."""
    found: dict[str, Row] = {}
    for part in _parts(sorted(ids)):
        found |= _rows(connection, (entries.c.source == source) & entries.c.id.in_(part))
    return found


def live(connection: Connection, source: str) -> dict[str, Row]:
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


def write(
    connection: Connection,
    source: str,
    rows: Sequence[tuple[Entry, str]],
    withdrawn: Sequence[str],
    names: Sequence[tuple[Alias, str]],
    stories: Mapping[str, str],
    now: datetime,
) -> None:
    """Insert or replace entries (with their revisions), withdraw others, and add aliases; known aliases stay."""
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
            [_values(entry, revision, stories.get(entry.id)) for entry, revision in rows],
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
        .where(entries.c.source.in_(sorted(sources)), entries.c.withdrawn.is_(None))
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
    here = entries.c.source.in_(sorted(sources)) & entries.c.withdrawn.is_(None)
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


def recent_dates(connection: Connection, source: str) -> list[datetime]:
    """Return when the newest entries of `source` were published, the newest first; 50 at most."""
    date = entries.c.published
    return list(connection.scalars(select(date).where(entries.c.source == source).order_by(date.desc()).limit(50)))


def next_embargo(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next live entry with a future date falls due, None if there is none."""
    query = select(func.min(entries.c.published)).where(entries.c.withdrawn.is_(None), entries.c.published > now)
    return connection.execute(query).scalar()


def count(connection: Connection) -> Mapping[str, int]:
    """Return the number of live entries of each source."""
    query = select(entries.c.source, func.count()).where(entries.c.withdrawn.is_(None)).group_by(entries.c.source)
    return {source: number for source, number in connection.execute(query)}  # noqa: C416  # rows are not pairs to mypy


def _rows(connection: Connection, condition: ColumnElement[bool]) -> dict[str, Row]:
    query = select(entries.c.id, entries.c.data, entries.c.revision, entries.c.withdrawn).where(condition)
    return {
        id_: (decode(data), revision, withdrawn is not None)
        for id_, data, revision, withdrawn in connection.execute(query)
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
