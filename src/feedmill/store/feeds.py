"""What is remembered of published feeds, in and out of the database.

This module must not know how a feed is selected, rendered or written.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Entry, FeedState, Made, Order
from feedmill.store.bulk import Bulk, parts
from feedmill.store.entries import decode
from feedmill.store.schema import entries, feed_entries, feeds, files, site_files

__all__ = [
    "all_states",
    "announce",
    "archive_mark",
    "carried",
    "carry",
    "file_digests",
    "forget_files",
    "made",
    "newest",
    "news",
    "pin",
    "record",
    "record_archive_mark",
    "record_failure",
    "record_files",
    "record_made",
    "record_site",
    "site_made_from",
    "standing",
    "state",
]


_here = and_(feed_entries.c.source == entries.c.source, feed_entries.c.entry == entries.c.id)
_present = feed_entries.c.present == literal_column("1")  # as the index says it


def _in_order(*columns: ColumnElement[Any]) -> dict[Order, Select[Any]]:
    query = select(*columns).join(feed_entries, _here).where(feed_entries.c.feed == bindparam("feed"), _present)
    dates = {Order.PUBLISHED: entries.c.published, Order.UPDATED: entries.c.updated}
    return {order: query.order_by(date.desc(), entries.c.source, entries.c.id) for order, date in dates.items()}


_CARRIED = _in_order(entries.c.data)
_STANDING = _in_order(entries.c.data, or_(entries.c.withdrawn.is_not(None), entries.c.held.is_not(None)))
_NEWS = (
    select(entries.c.source, entries.c.id, entries.c.published)
    .join(feed_entries, _here)
    .where(feed_entries.c.feed.in_(bindparam("feeds", expanding=True)), _present)
)
_ENTRY = select(entries.c.data).where(entries.c.source == bindparam("source"), entries.c.id == bindparam("id"))


_MADE = select(feeds.c.made_from, feeds.c.made_at, feeds.c.made_until).where(feeds.c.name == bindparam("feed"))
_ANNOUNCED = Bulk(insert(feed_entries).on_conflict_do_nothing(), feed_entries)
_of_feed = feed_entries.c.feed == bindparam("of")
_PRESENT = select(feed_entries.c.source, feed_entries.c.entry).where(_of_feed, _present)
_CARRY = (
    update(feed_entries)
    .where(_of_feed, feed_entries.c.source == bindparam("s"), feed_entries.c.entry == bindparam("e"))
    .values(present=bindparam("now"))
)


def state(connection: Connection, name: str) -> FeedState | None:
    """Return what is remembered of a feed, None if it was never published."""
    row = connection.execute(select(feeds).where(feeds.c.name == name)).one_or_none()
    return None if row is None else _state(row)


def all_states(connection: Connection) -> dict[str, FeedState]:
    """Return what is remembered of every feed ever published, by name."""
    return {row.name: _state(row) for row in connection.execute(select(feeds))}


def _state(row: Row[Any]) -> FeedState:
    return FeedState(
        name=row.name,
        updated=row.updated,
        last_change=row.last_change,
        entries=row.entries,
        error=row.error,
        held=row.held,
        pinned=row.pinned,
        rules=row.rules,
    )


def carried(connection: Connection, feed: str, order: Order) -> list[Entry]:
    """Return the entries that the feed carries as it is published now, in its order."""
    return [decode(data) for data in connection.scalars(_CARRIED[order], {"feed": feed})]


def newest(connection: Connection, feed: str, order: Order) -> Entry | None:
    """Return the first entry that the feed carries as it is published now, None if it carries none."""
    data = connection.execute(_CARRIED[order].limit(1), {"feed": feed}).scalar()
    return None if data is None else decode(data)


def standing(connection: Connection, feed: str, order: Order) -> list[tuple[Entry, bool]]:
    """Return the entries that the feed carries as published, in its order, and whether each was withdrawn since."""
    return [(decode(data), bool(gone)) for data, gone in connection.execute(_STANDING[order], {"feed": feed})]


def news(connection: Connection, names: Collection[str]) -> Generator[Entry]:
    """Yield every entry that one of these feeds carries as it is published now, once, the newest first."""
    keys = sorted(
        {
            (-published.timestamp(), source, id_)
            for part in parts(sorted(names))
            for source, id_, published in connection.execute(_NEWS, {"feeds": part})
        }
    )
    for _, source, id_ in keys:
        yield decode(connection.execute(_ENTRY, {"source": source, "id": id_}).scalar_one())


def announce(connection: Connection, new: FeedState, chosen: Collection[Entry], now: datetime) -> None:
    """Remember that readers may from now on have seen these entries in the feed; what it carries stays as recorded."""
    values = {"name": new.name, "updated": new.updated, "entries": 0, "last_change": None, "error": None}
    statement = insert(feeds).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"updated": new.updated}))
    _ANNOUNCED.run(connection, [(new.name, entry.source, entry.id, now, False, True) for entry in chosen])


def record(
    connection: Connection, new: FeedState, chosen: Collection[Entry], digests: Mapping[str, str], now: datetime
) -> None:
    """Remember what a feed carries as of `now`, and the digest of each of its files."""
    announce(connection, new, chosen, now)
    values = {
        "last_change": new.last_change,
        "entries": new.entries,
        "error": new.error,
        "held": new.held,
        "pinned": new.pinned,
        "rules": new.rules,
    }
    connection.execute(update(feeds).where(feeds.c.name == new.name).values(values))
    carry(connection, new.name, [(entry.source, entry.id) for entry in chosen])
    record_files(connection, new.name, digests)


def carry(connection: Connection, feed: str, keys: Collection[tuple[str, str]]) -> None:
    """Remember the entries that a feed carries from now on, by source and id."""
    before = set(connection.execute(_PRESENT, {"of": feed}))
    after = set(keys)
    for moved, present in ((before - after, False), (after - before, True)):
        rows = [{"of": feed, "s": source, "e": id_, "now": present} for source, id_ in sorted(moved)]
        if rows:
            connection.execute(_CARRY, rows)


def made(connection: Connection, feed: str) -> Made | None:
    """Return what the documents of a feed were made from the last time, None if that is not known."""
    row = connection.execute(_MADE, {"feed": feed}).one_or_none()
    return Made(inputs=row[0], at=row[1], until=row[2]) if row is not None and row[0] is not None else None


def record_made(connection: Connection, feed: str, new: Made) -> None:
    """Remember what the documents of a feed were made from."""
    values = {"made_from": new.inputs, "made_at": new.at, "made_until": new.until}
    connection.execute(update(feeds).where(feeds.c.name == feed).values(values))


def archive_mark(connection: Connection, feed: str) -> str | None:
    """Return the mark of the folder of archive documents as it was when all of them were seen there."""
    return connection.execute(select(feeds.c.archive_mark).where(feeds.c.name == feed)).scalar()


def record_archive_mark(connection: Connection, feed: str, mark: str) -> None:
    """Remember that mark."""
    connection.execute(update(feeds).where(feeds.c.name == feed).values(archive_mark=mark))


def record_files(connection: Connection, feed: str, digests: Mapping[str, str]) -> None:
    """Remember the digest of each of a feed's files."""
    upsert = insert(files)
    for path, digest in sorted(digests.items()):
        connection.execute(
            upsert.values(path=path, feed=feed, digest=digest).on_conflict_do_update(
                index_elements=["path"], set_={"feed": feed, "digest": digest}
            )
        )


def record_failure(connection: Connection, new: FeedState) -> None:
    """Remember why a feed could not be published, or is held; what it carries stays as recorded."""
    values = {"name": new.name, "updated": new.updated, "entries": 0, "error": new.error, "held": new.held}
    statement = insert(feeds).values(values)
    told = {"error": new.error, "held": new.held}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=told))


def pin(
    connection: Connection, feed: str, number: int, why: str, keys: Collection[tuple[str, str]], now: datetime
) -> None:
    """Remember that the feed is what it was in that version, and is kept so."""
    values = {"pinned": number, "held": why, "error": None, "entries": len(keys), "last_change": now}
    connection.execute(update(feeds).where(feeds.c.name == feed).values(values))
    carry(connection, feed, keys)


def record_site(connection: Connection, digests: Mapping[str, str], made_from: str | None) -> None:
    """Remember the digest of documents that are of no feed, and of all that they were made from."""
    upsert = insert(site_files)
    for path, digest in sorted(digests.items()):
        said = {"digest": digest, "made_from": made_from}
        connection.execute(upsert.values(path=path, **said).on_conflict_do_update(index_elements=["path"], set_=said))


def site_made_from(connection: Connection, paths: Collection[str]) -> set[str | None]:
    """Return what the documents at `paths`, which are of no feed, were made from; None stands for what is not known."""
    rows = connection.execute(select(site_files.c.path, site_files.c.made_from)).all()
    known = {path: made_from for path, made_from in rows}  # noqa: C416  # rows are not pairs to mypy
    return {known.get(path) for path in paths}


def file_digests(connection: Connection, paths: Collection[str] | None = None) -> dict[str, str]:
    """Return the digest of every published file, or of those at `paths`, by path within the publishing directory."""
    found: dict[str, str] = {}
    for table in (files, site_files):
        query = select(table.c.path, table.c.digest)
        if paths is None:
            found.update(connection.execute(query).all())
        else:
            for part in parts(sorted(paths)):
                found.update(connection.execute(query.where(table.c.path.in_(part))).all())
    return found


def forget_files(connection: Connection, paths: Iterable[str]) -> None:
    """Forget files that were removed."""
    for path in paths:
        for table in (files, site_files):
            connection.execute(delete(table).where(table.c.path == path))
