"""The feeds that subscription lists name, in and out of the database.

This module must not know how a list is read. What leaves a list keeps its row: it may come back.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Subscription
from feedmill.store.schema import subscriptions

__all__ = ["of", "write"]

_CHANGED = ("place", "url", "title", "categories", "present")


def of(connection: Connection, source: str) -> list[Subscription]:
    """Return every feed that the list ever named, in the order in which they were written."""
    columns = subscriptions.c
    query = (
        select(columns.name, columns.url, columns.title, columns.categories, columns.present)
        .where(columns.source == source)
        .order_by(columns.place, columns.name)
    )
    return [
        Subscription(
            name=name,
            url=url,
            title=title,
            categories=msgspec.json.decode(categories, type=tuple[str, ...]),
            present=present,
        )
        for name, url, title, categories, present in connection.execute(query)
    ]


def write(connection: Connection, source: str, new: Collection[Subscription]) -> None:
    """Remember all feeds that a list ever named, in this order."""
    upsert = insert(subscriptions)
    rows = [
        {
            "source": source,
            "name": one.name,
            "place": place,
            "url": one.url,
            "title": one.title,
            "categories": msgspec.json.encode(one.categories).decode(),
            "present": one.present,
        }
        for place, one in enumerate(new)
    ]
    changed = {column: upsert.excluded[column] for column in _CHANGED}
    connection.execute(upsert.on_conflict_do_update(index_elements=["source", "name"], set_=changed), rows)
