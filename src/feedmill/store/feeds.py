"""What is remembered of published feeds, in and out of the database.

This module must not know how a feed is selected, rendered or written.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Entry, FeedState, Order
from feedmill.store.entries import decode
from feedmill.store.schema import entries, feed_entries, feeds, files, site_files

__all__ = [
    "all_states",
    "announce",
    "carried",
    "carry",
    "file_digests",
    "forget_files",
    "newest",
    "news",
    "pin",
    "published",
    "record",
    "record_failure",
    "record_files",
    "record_site",
    "standing",
    "state",
]


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


def published(connection: Connection, feed: str) -> set[tuple[str, str]]:
    """Return source and id of every entry that the feed ever carried."""
    query = select(feed_entries.c.source, feed_entries.c.entry).where(feed_entries.c.feed == feed)
    return {(source, entry) for source, entry in connection.execute(query)}  # rows are not pairs to mypy


def carried(connection: Connection, feed: str, order: Order) -> list[Entry]:
    """Return the entries that the feed carries as it is published now, in its order."""
    return [decode(data) for data in connection.scalars(_carried(feed, order))]


def newest(connection: Connection, feed: str, order: Order) -> Entry | None:
    """Return the first entry that the feed carries as it is published now, None if it carries none."""
    data = connection.execute(_carried(feed, order).limit(1)).scalar()
    return None if data is None else decode(data)


def news(connection: Connection, names: Collection[str]) -> Generator[Entry]:
    """Yield every entry that one of these feeds carries as it is published now, once, the newest first."""
    here = (feed_entries.c.source == entries.c.source) & (feed_entries.c.entry == entries.c.id)
    carried = select(feed_entries).where(here, feed_entries.c.feed.in_(sorted(names)), feed_entries.c.present)
    query = (
        select(entries.c.data)
        .where(carried.exists())
        .order_by(entries.c.published.desc(), entries.c.source, entries.c.id)
        .execution_options(yield_per=100)
    )
    with connection.execute(query) as rows:
        for data in rows.scalars():
            yield decode(data)


def _carried(feed: str, order: Order) -> Select[bytes]:
    date = entries.c.published if order is Order.PUBLISHED else entries.c.updated
    here = (feed_entries.c.source == entries.c.source) & (feed_entries.c.entry == entries.c.id)
    return (
        select(entries.c.data)
        .join(feed_entries, here)
        .where(feed_entries.c.feed == feed, feed_entries.c.present)
        .order_by(date.desc(), entries.c.source, entries.c.id)
    )


def standing(connection: Connection, feed: str, order: Order) -> list[tuple[Entry, bool]]:
    """Return the entries that the feed carries as published, in its order, and whether each was withdrawn since."""
    query = _carried(feed, order).add_columns(entries.c.withdrawn.is_not(None) | entries.c.held.is_not(None))
    return [(decode(data), bool(withdrawn)) for data, withdrawn in connection.execute(query)]


def announce(connection: Connection, new: FeedState, chosen: Collection[Entry], now: datetime) -> None:
    """Remember that readers may from now on have seen these entries in the feed; what it carries stays as recorded."""
    values = {"name": new.name, "updated": new.updated, "entries": 0, "last_change": None, "error": None}
    statement = insert(feeds).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"updated": new.updated}))
    if chosen:
        connection.execute(
            insert(feed_entries).on_conflict_do_nothing(),
            [
                {"feed": new.name, "source": e.source, "entry": e.id, "first_published": now, "present": False}
                for e in chosen
            ],
        )


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
    of_feed = feed_entries.c.feed == feed
    connection.execute(update(feed_entries).where(of_feed).values(present=False))
    here = update(feed_entries).where(
        of_feed, feed_entries.c.source == bindparam("s"), feed_entries.c.entry == bindparam("e")
    )
    if keys:
        connection.execute(here.values(present=True), [{"s": source, "e": id_} for source, id_ in keys])


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


def record_site(connection: Connection, digests: Mapping[str, str]) -> None:
    """Remember the digest of documents that are of no feed."""
    upsert = insert(site_files)
    for path, digest in sorted(digests.items()):
        connection.execute(
            upsert.values(path=path, digest=digest).on_conflict_do_update(
                index_elements=["path"], set_={"digest": digest}
            )
        )


def file_digests(connection: Connection) -> dict[str, str]:
    """Return the digest of every published file, by its path within the publishing directory."""
    return {
        path: digest
        for table in (files, site_files)
        for path, digest in connection.execute(select(table.c.path, table.c.digest))
    }


def forget_files(connection: Connection, paths: Iterable[str]) -> None:
    """Forget files that were removed."""
    for path in paths:
        for table in (files, site_files):
            connection.execute(delete(table).where(table.c.path == path))
