"""The last published versions of feeds, in and out of the database.

This module must not know what a document says, nor when a version is brought back.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from feedmill.model import Entry, Version
from feedmill.store.schema import version_documents, versions

__all__ = ["KEPT", "LARGEST", "add", "all_of", "bodies", "keys"]

KEPT = 5
"""Versions of one feed; older ones are forgotten."""

LARGEST = 8 * 1024 * 1024
"""Bytes, compressed, of all documents of one version; of a larger one it is remembered only that there was one."""

_Keys = list[tuple[str, str]]


def add(
    connection: Connection, feed: str, documents: Mapping[str, bytes], carried: Collection[Entry], now: datetime
) -> None:
    """Remember a version, if it differs from the last one, and forget those that are too old."""
    last = connection.execute(select(func.max(versions.c.number)).where(versions.c.feed == feed)).scalar() or 0
    if last and bodies(connection, feed, last) == documents:
        return
    number = last + 1
    told = msgspec.json.encode([(entry.source, entry.id) for entry in carried])
    connection.execute(insert(versions).values(feed=feed, number=number, published=now, entries=told))
    packed = {path: zlib.compress(body) for path, body in documents.items()}
    if sum(map(len, packed.values())) <= LARGEST:
        for path, body in packed.items():
            connection.execute(insert(version_documents).values(feed=feed, number=number, path=path, body=body))
    for table in (version_documents, versions):
        connection.execute(delete(table).where(table.c.feed == feed, table.c.number <= number - KEPT))


def all_of(connection: Connection, feed: str) -> list[Version]:
    """Return the versions of a feed, the newest first."""
    sizes = func.length(version_documents.c.body)
    documents = select(version_documents.c.number, version_documents.c.path, sizes.label("size"))
    parts = connection.execute(documents.where(version_documents.c.feed == feed)).all()
    query = select(versions).where(versions.c.feed == feed).order_by(versions.c.number.desc())
    return [
        Version(
            number=row.number,
            published=row.published,
            entries=len(msgspec.json.decode(row.entries)),
            paths=tuple(sorted(part.path for part in parts if part.number == row.number)),
            size=sum(part.size for part in parts if part.number == row.number),
        )
        for row in connection.execute(query)
    ]


def bodies(connection: Connection, feed: str, number: int) -> dict[str, bytes]:
    """Return the documents of a version, by path within the publishing folder."""
    here = (version_documents.c.feed == feed) & (version_documents.c.number == number)
    query = select(version_documents.c.path, version_documents.c.body).where(here).order_by(version_documents.c.path)
    return {path: zlib.decompress(body) for path, body in connection.execute(query)}


def keys(connection: Connection, feed: str, number: int) -> list[tuple[str, str]]:
    """Return source and id of each entry of a version."""
    query = select(versions.c.entries).where(versions.c.feed == feed, versions.c.number == number)
    return msgspec.json.decode(connection.execute(query).scalar_one(), type=_Keys)
