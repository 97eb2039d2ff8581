"""Archive documents and tombstones, in and out of the database: what each holds, and what no document would carry.

This module must not know what a document looks like, nor which entries go into the next one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from feedmill.model import Archive, Entry, Tombstone
from feedmill.store.entries import decode
from feedmill.store.schema import archive_entries, archives, entries, feed_entries

__all__ = ["add", "all_of", "forget_withdrawn", "members", "retracted", "tombstones", "unarchived"]

_MOST_TOMBSTONES = 1000

_gone = or_(entries.c.withdrawn.is_not(None), entries.c.held.is_not(None))
_member = (archive_entries.c.source == entries.c.source) & (archive_entries.c.entry == entries.c.id)
_carried = (feed_entries.c.source == entries.c.source) & (feed_entries.c.entry == entries.c.id)


def all_of(connection: Connection, feed: str) -> list[Archive]:
    """Return the archive documents of a feed, the oldest first, without their entries."""
    query = select(archives).where(archives.c.feed == feed).order_by(archives.c.number)
    return [Archive(number=row.number, updated=row.updated) for row in connection.execute(query)]


def members(connection: Connection, feed: str, number: int) -> tuple[Entry, ...]:
    """Return the entries of an archive document in its order, but for those that were withdrawn since."""
    query = (
        select(entries.c.data)
        .join(archive_entries, _member)
        .where(archive_entries.c.feed == feed, archive_entries.c.number == number, ~_gone)
        .order_by(archive_entries.c.place)
    )
    return tuple(decode(data) for data in connection.scalars(query))


def unarchived(connection: Connection, feed: str) -> list[Entry]:
    """Return the live entries that the feed ever carried, and that are in no archive document as they read now."""
    same = (
        (archive_entries.c.feed == feed)
        & (archive_entries.c.source == entries.c.source)
        & (archive_entries.c.entry == entries.c.id)
        & (archive_entries.c.revision == entries.c.revision)
    )
    query = (
        select(entries.c.data)
        .join(feed_entries, _carried)
        .where(feed_entries.c.feed == feed, ~_gone, ~select(archive_entries.c.entry).where(same).exists())
        .order_by(entries.c.source, entries.c.id)
    )
    return [decode(data) for data in connection.scalars(query)]


def retracted(connection: Connection, feed: str) -> set[int]:
    """Return the numbers of archive documents with entries that were withdrawn since they were written."""
    query = select(archive_entries.c.number).join(entries, _member).where(archive_entries.c.feed == feed, _gone)
    return set(connection.scalars(query.distinct()))


def add(connection: Connection, feed: str, archive: Archive, held: Collection[Entry]) -> None:
    """Remember a new archive document and what its entries say now."""
    connection.execute(insert(archives).values(feed=feed, number=archive.number, updated=archive.updated))
    for place, entry in enumerate(held):
        here = (entries.c.source == entry.source) & (entries.c.id == entry.id)
        revision = connection.execute(select(entries.c.revision).where(here)).scalar_one()
        connection.execute(
            insert(archive_entries).values(
                feed=feed, number=archive.number, source=entry.source, entry=entry.id, place=place, revision=revision
            )
        )


def forget_withdrawn(connection: Connection, feed: str, numbers: Collection[int]) -> None:
    """Forget that withdrawn entries are in these archive documents: they were written anew without them."""
    for row in connection.execute(
        select(archive_entries.c.number, archive_entries.c.source, archive_entries.c.entry)
        .join(entries, _member)
        .where(archive_entries.c.feed == feed, archive_entries.c.number.in_(sorted(numbers)), _gone)
    ).all():
        connection.execute(
            delete(archive_entries).where(
                archive_entries.c.feed == feed,
                archive_entries.c.number == row.number,
                archive_entries.c.source == row.source,
                archive_entries.c.entry == row.entry,
            )
        )


def tombstones(connection: Connection, feed: str, since: datetime) -> tuple[Tombstone, ...]:
    """Return what is left of entries that the feed once carried and that were withdrawn after `since`, newest first."""
    query = (
        select(entries.c.id, entries.c.withdrawn)
        .join(feed_entries, _carried)
        .where(feed_entries.c.feed == feed, entries.c.withdrawn > since)
        .order_by(entries.c.withdrawn.desc(), entries.c.id)
        .limit(_MOST_TOMBSTONES)
    )
    found: dict[str, Tombstone] = {}
    for row in connection.execute(query):
        found.setdefault(row.id, Tombstone(id=row.id, when=row.withdrawn))
    return tuple(found.values())
