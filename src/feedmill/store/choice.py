"""What feeds are selected from, read no further than is asked for: entries of many sources in one order, and those that
tell the same story.

This module must not know how a feed is selected.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)  # fmt: skip

from feedmill.model import Entry, Order, Origin
from feedmill.store.bulk import parts
from feedmill.store.entries import decode
from feedmill.store.schema import entries, feed_entries, sources

__all__ = [
    "Key", "Page", "beside", "count", "count_held", "expired", "next_embargo", "next_expiry", "origins", "pages",
    "withdraw_expired",
]  # fmt: skip

Key = tuple[str, str]
"""Source and id of an entry."""

_PAGE = 64


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries in a feed's order, and with each of them those that have its story, or its id, in another source:
    `rivals` holds a group for each such story or id. `carried` names those among all of these that the feed ever
    carried."""

    entries: list[Entry]
    rivals: list[list[Entry]]
    carried: set[Key]
    read: set[Key]


def _shown(table: FromClause) -> ColumnElement[bool]:
    return and_(table.c.withdrawn.is_(None), table.c.held.is_(None))


def _elsewhere(column: str) -> ColumnElement[bool]:
    """Whether another source has a shown entry with the same value. Two ranges of an index: what one source has again
    and again, and there are such, is not read."""
    other = entries.alias()
    same = exists().where(other.c[column] == entries.c[column], _shown(other))
    return or_(same.where(other.c.source < entries.c.source), same.where(other.c.source > entries.c.source))


_carried = (
    exists()
    .where(
        feed_entries.c.feed == bindparam("feed"),
        feed_entries.c.source == entries.c.source,
        feed_entries.c.entry == entries.c.id,
    )
    .label("carried")
)
_names: BindParameter[Any] = bindparam("names", expanding=True)


def _tops(date: ColumnElement[datetime]) -> Select[Any]:
    of_source = entries.c.source == sources.c.name
    newest = select(date).where(of_source, _shown(entries)).order_by(date.desc()).limit(1).scalar_subquery()
    return select(sources.c.name, newest.label("newest")).where(sources.c.name.in_(_names))


def _rows(date: ColumnElement[datetime]) -> Select[Any]:
    story, id_ = _elsewhere("story").label("story_elsewhere"), _elsewhere("id").label("id_elsewhere")
    columns = (date.label("date"), entries.c.id, entries.c.source, entries.c.data, entries.c.story)
    return select(*columns, _carried, story, id_).where(entries.c.source == bindparam("source"), _shown(entries))


def _newest(date: ColumnElement[datetime]) -> Select[Any]:
    # A few rows at first, then more: of many sources each has its turn.
    return _rows(date).order_by(date.desc(), entries.c.id).execution_options(stream_results=True, max_row_buffer=_PAGE)


_DATES = {Order.PUBLISHED: entries.c.published, Order.UPDATED: entries.c.updated}
_TOPS = {order: _tops(date) for order, date in _DATES.items()}
_NEWEST = {order: _newest(date) for order, date in _DATES.items()}
_ONE = _rows(entries.c.published).where(entries.c.id == bindparam("id"))


def _rivals(column: ColumnElement[str]) -> Select[Any]:
    return (
        select(column.label("common"), entries.c.source, entries.c.id, entries.c.data, _carried)
        .where(column.in_(bindparam("values", expanding=True)), _shown(entries))
        .order_by(entries.c.source, entries.c.id)
    )


_RIVALS = {"story": _rivals(entries.c.story), "id": _rivals(entries.c.id)}


def pages(connection: Connection, feed: str, of: Collection[str], order: Order) -> Generator[Page]:
    """Yield the live entries of the sources `of`, newest first by `order`, equal dates by source and id; with those of
    other sources among them that tell the same."""
    # Closed by name: a statement left half read keeps its view of the database open, and every checkpoint waiting.
    with closing(_merged(connection, feed, of, order)) as rows:
        while page := list(islice(rows, _PAGE)):
            yield _page(connection, feed, of, page)


def beside(connection: Connection, feed: str, of: Collection[str], entry: Entry) -> Page:
    """Return an entry, if it is shown, with those of other sources among `of` that tell the same."""
    rows = connection.execute(_ONE, {"source": entry.source, "id": entry.id, "feed": feed})
    return _page(connection, feed, of, rows.all())


def _page(connection: Connection, feed: str, of: Collection[str], rows: Sequence[Row[Any]]) -> Page:
    carried = {(row.source, row.id) for row in rows if row.carried}
    read = {(row.source, row.id) for row in rows}
    groups: dict[tuple[str, str], list[Entry]] = {}
    for column, query in _RIVALS.items():
        wanted = sorted({getattr(row, column) for row in rows if getattr(row, f"{column}_elsewhere")})
        found: dict[str, list[Row[Any]]] = {}
        for part in parts(wanted):
            for row in connection.execute(query, {"values": part, "feed": feed}):
                if row.source in of:
                    found.setdefault(row.common, []).append(row)
        for common, group in found.items():
            if len({row.source for row in group}) > 1:
                groups[column, common] = [decode(row.data) for row in group]
                carried |= {(row.source, row.id) for row in group if row.carried}
                read |= {(row.source, row.id) for row in group}
    return Page(entries=[decode(row.data) for row in rows], rivals=list(groups.values()), carried=carried, read=read)


def _merged(connection: Connection, feed: str, of: Collection[str], order: Order) -> Generator[Row[Any]]:
    """Yield the rows of many sources in one order. A source is opened when its newest entry has its turn."""
    waiting = sorted(_turns(connection, of, order), reverse=True)
    heap: list[tuple[tuple[float, str, str], Row[Any], Iterator[Row[Any]]]] = []
    with ExitStack() as opened:
        while waiting or heap:
            if waiting and (not heap or waiting[-1][0] <= heap[0][0][0]):
                _, source = waiting.pop()
                rows = connection.execute(_NEWEST[order], {"source": source, "feed": feed})
                opened.callback(rows.close)
                _advance(heap, iter(rows))
            else:
                _, row, rest = heappop(heap)
                yield row
                _advance(heap, rest)


def _advance(heap: list[tuple[tuple[float, str, str], Row[Any], Iterator[Row[Any]]]], rows: Iterator[Row[Any]]) -> None:
    row = next(rows, None)
    if row is not None:
        heappush(heap, ((-row.date.timestamp(), row.source, row.id), row, rows))


def _turns(connection: Connection, of: Collection[str], order: Order) -> Iterator[tuple[float, str]]:
    for part in parts(sorted(of)):
        for name, newest in connection.execute(_TOPS[order], {"names": part}):
            if newest is not None:
                yield -newest.timestamp(), name


_over = and_(entries.c.withdrawn.is_(None), entries.c.expires <= bindparam("now"))
_EXPIRED = select(entries.c.source, entries.c.id).where(_over)
_EXPIRE = update(entries).where(_over).values(withdrawn=entries.c.expires)
_NEXT_EXPIRY = select(func.min(entries.c.expires)).where(
    entries.c.withdrawn.is_(None), entries.c.expires > bindparam("now")
)
_NEXT_EMBARGO = select(func.min(entries.c.published)).where(_shown(entries), entries.c.published > bindparam("now"))


def expired(connection: Connection, now: datetime) -> list[Key]:
    """Return source and id of every live entry whose time is over."""
    return list(connection.execute(_EXPIRED, {"now": now}))


def withdraw_expired(connection: Connection, now: datetime) -> None:
    """Withdraw every entry whose time is over, as of that time."""
    connection.execute(_EXPIRE, {"now": now})


def next_expiry(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next live entry withdraws by itself, None if none will."""
    return connection.execute(_NEXT_EXPIRY, {"now": now}).scalar()


def next_embargo(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next live entry with a future date falls due, None if there is none."""
    return connection.execute(_NEXT_EMBARGO, {"now": now}).scalar()


def _origins() -> Select[Any]:
    top = entries.alias()
    newest = (
        select(top.c.published)
        .where(top.c.source == sources.c.name, top.c.withdrawn.is_(None))
        .order_by(top.c.published.desc())
        .limit(1)
        .correlate(sources)
        .scalar_subquery()
    )
    here = and_(entries.c.source == sources.c.name, entries.c.published == newest, entries.c.withdrawn.is_(None))
    query = select(entries.c.source, entries.c.data).select_from(sources).join(entries, here)
    return query.where(sources.c.name.in_(_names)).order_by(entries.c.source, entries.c.id)


_ORIGINS = _origins()


def origins(connection: Connection, of: Collection[str]) -> dict[str, Origin]:
    """Return the origin of the newest live entry of each of these sources, for those that have one."""
    found: dict[str, Origin] = {}
    for part in parts(sorted(of)):
        for source, data in connection.execute(_ORIGINS, {"names": part}):
            origin = decode(data).origin
            if origin is not None:
                found.setdefault(source, origin)
    return found


def count(connection: Connection) -> Mapping[str, int]:
    """Return the number of live entries of each source that feeds may have."""
    return _counts(connection, _shown(entries))


def count_held(connection: Connection) -> Mapping[str, int]:
    """Return the number of entries of each source that are kept back."""
    return _counts(connection, and_(entries.c.withdrawn.is_(None), entries.c.held.is_not(None)))


def _counts(connection: Connection, condition: ColumnElement[bool]) -> Mapping[str, int]:
    query = select(entries.c.source, func.count()).where(condition).group_by(entries.c.source)
    return dict(connection.execute(query).all())
