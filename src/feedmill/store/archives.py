"""Archive documents and tombstones, in and out of the database: what each holds, and what no document would carry.

This module must not know what a document looks like, nor which entries go into the next one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from feedmill.model import Archive, Entry, Tombstone
from feedmill.store.bulk import parts
from feedmill.store.entries import decode
from feedmill.store.schema import archive_entries, archives, entries, feed_entries

__all__ = [
    "add",
    "all_of",
    "forget_withdrawn",
    "last",
    "mark",
    "members",
    "retract",
    "retracted",
    "tombstones",
    "unarchived",
]

_MOST_TOMBSTONES = 1000

_gone = or_(entries.c.withdrawn.is_not(None), entries.c.held.is_not(None))
_member = and_(archive_entries.c.source == entries.c.source, archive_entries.c.entry == entries.c.id)
_carried = and_(feed_entries.c.source == entries.c.source, feed_entries.c.entry == entries.c.id)
_YES: ColumnElement[Any] = literal_column("1")
"""True, as the indexes say it."""

_in_feed = feed_entries.c.feed == bindparam("feed")

_ALL = (
    select(archives.c.number, archives.c.updated)
    .where(archives.c.feed == bindparam("feed"))
    .order_by(archives.c.number)
)
_LAST = select(func.max(archives.c.number)).where(archives.c.feed == bindparam("feed"))
_MEMBERS = (
    select(entries.c.data)
    .join(archive_entries, _member)
    .where(archive_entries.c.feed == bindparam("feed"), archive_entries.c.number == bindparam("number"), ~_gone)
    .order_by(archive_entries.c.place)
)
_UNARCHIVED = (
    select(entries.c.data)
    .join(feed_entries, _carried)
    .where(_in_feed, feed_entries.c.unarchived == _YES, ~_gone)
    .order_by(entries.c.source, entries.c.id)
)
_RETRACTED = (
    select(archives.c.number)
    .where(
        archives.c.feed == bindparam("feed"),
        archives.c.retracted == _YES,
        exists().where(
            archive_entries.c.feed == archives.c.feed, archive_entries.c.number == archives.c.number, _member, _gone
        ),
    )
)  # fmt: skip
_TOMBSTONES = (
    select(entries.c.id, entries.c.withdrawn)
    .where(entries.c.withdrawn > bindparam("since"), exists().where(_in_feed, _carried))
    .order_by(entries.c.withdrawn.desc(), entries.c.id)
    .limit(_MOST_TOMBSTONES)
)

# What is open is what no archive document says as it reads now: entries come back to what they once said.
_said = exists().where(
    archive_entries.c.feed == feed_entries.c.feed,
    archive_entries.c.source == feed_entries.c.source,
    archive_entries.c.entry == feed_entries.c.entry,
    entries.c.source == feed_entries.c.source,
    entries.c.id == feed_entries.c.entry,
    archive_entries.c.revision == entries.c.revision,
)
_MARK = (
    update(feed_entries)
    .where(feed_entries.c.source == bindparam("s"), feed_entries.c.entry == bindparam("e"))
    .values(unarchived=~_said)
)
_RETRACT = (
    update(archives)
    .where(
        tuple_(archives.c.feed, archives.c.number).in_(
            select(archive_entries.c.feed, archive_entries.c.number).where(
                archive_entries.c.source == bindparam("s"), archive_entries.c.entry == bindparam("e")
            )
        )
    )
    .values(retracted=True)
)
_ADD = insert(archive_entries).from_select(
    ["feed", "number", "source", "entry", "place", "revision"],
    select(
        bindparam("f", type_=String),
        bindparam("n", type_=Integer),
        entries.c.source,
        entries.c.id,
        bindparam("p", type_=Integer),
        entries.c.revision,
    ).where(entries.c.source == bindparam("s"), entries.c.id == bindparam("e")),
)


def all_of(connection: Connection, feed: str, numbers: Collection[int] | None = None) -> list[Archive]:
    """Return the archive documents of a feed, or those of these numbers, the oldest first, without their entries."""
    if numbers is None:
        rows = connection.execute(_ALL, {"feed": feed}).all()
    else:
        some = _ALL.where(archives.c.number.in_(bindparam("numbers", expanding=True)))
        rows = [
            row for part in parts(sorted(numbers)) for row in connection.execute(some, {"feed": feed, "numbers": part})
        ]
    return [Archive(number=number, updated=updated) for number, updated in rows]


def last(connection: Connection, feed: str) -> int | None:
    """Return the number of the newest archive document of a feed, None if it has none."""
    return connection.execute(_LAST, {"feed": feed}).scalar()


def members(connection: Connection, feed: str, number: int) -> tuple[Entry, ...]:
    """Return the entries of an archive document in its order, but for those that were withdrawn since."""
    return tuple(decode(data) for data in connection.scalars(_MEMBERS, {"feed": feed, "number": number}))


def unarchived(connection: Connection, feed: str) -> list[Entry]:
    """Return the live entries that the feed ever carried, and that are in no archive document as they read now."""
    return [decode(data) for data in connection.scalars(_UNARCHIVED, {"feed": feed})]


def retracted(connection: Connection, feed: str) -> set[int]:
    """Return the numbers of archive documents with entries that were withdrawn since they were written."""
    return set(connection.scalars(_RETRACTED, {"feed": feed}))


def add(connection: Connection, feed: str, archive: Archive, held: Collection[Entry]) -> None:
    """Remember a new archive document and what its entries say now."""
    connection.execute(insert(archives).values(feed=feed, number=archive.number, updated=archive.updated))
    rows = [{"f": feed, "n": archive.number, "p": place, "s": e.source, "e": e.id} for place, e in enumerate(held)]
    if rows:
        connection.execute(_ADD, rows)
    mark(connection, [(entry.source, entry.id) for entry in held])


def mark(connection: Connection, changed: Collection[tuple[str, str]]) -> None:
    """Find out anew whether these entries, by source and id, are in the archive documents of feeds as they read now."""
    if changed:
        connection.execute(_MARK, [{"s": source, "e": id_} for source, id_ in changed])


def retract(connection: Connection, withdrawn: Collection[tuple[str, str]]) -> None:
    """Remember that the archive documents with these entries, by source and id, show what was withdrawn."""
    if withdrawn:
        connection.execute(_RETRACT, [{"s": source, "e": id_} for source, id_ in withdrawn])


def forget_withdrawn(connection: Connection, feed: str, numbers: Collection[int]) -> None:
    """Forget that withdrawn entries are in these archive documents: they were written anew without them."""
    keys = (archive_entries.c.number, archive_entries.c.source, archive_entries.c.entry)
    for some in parts(sorted(numbers)):
        documents = and_(archive_entries.c.feed == feed, archive_entries.c.number.in_(some))
        gone = connection.execute(select(*keys).join(entries, _member).where(documents, _gone)).all()
        for number, source, id_ in gone:
            here = and_(archive_entries.c.source == source, archive_entries.c.entry == id_)
            connection.execute(
                delete(archive_entries).where(archive_entries.c.feed == feed, archive_entries.c.number == number, here)
            )
        mark(connection, [(source, id_) for _, source, id_ in gone])
        whole = and_(archives.c.feed == feed, archives.c.number.in_(some))
        connection.execute(update(archives).where(whole).values(retracted=False))


def tombstones(connection: Connection, feed: str, since: datetime) -> tuple[Tombstone, ...]:
    """Return what is left of entries that the feed once carried and that were withdrawn after `since`, newest first."""
    found: dict[str, Tombstone] = {}
    for id_, withdrawn in connection.execute(_TOMBSTONES, {"feed": feed, "since": since}):
        found.setdefault(id_, Tombstone(id=id_, when=withdrawn))
    return tuple(found.values())
