"""The feeds that feeds were split into, in and out of the database: a slug is kept for ever.

This module must not know how a slug is made.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from feedmill.model import Split, SplitBy
from feedmill.store.schema import splits

__all__ = ["add", "of"]


def of(connection: Connection, feed: str) -> list[Split]:
    """Return what `feed` was split into so far, by whatever, in the order of slugs."""
    query = select(splits).where(splits.c.feed == feed).order_by(splits.c.slug)
    rows = connection.execute(query)
    return [Split(slug=row.slug, by=SplitBy(row.by), value=row.value, label=row.label) for row in rows]


def add(connection: Connection, feed: str, new: Iterable[Split]) -> None:
    """Remember further splits of `feed`."""
    rows = [{"feed": feed, "slug": one.slug, "by": one.by.value, "value": one.value, "label": one.label} for one in new]
    if rows:
        connection.execute(insert(splits), rows)
