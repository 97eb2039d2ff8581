"""Which hubs are still to be told of which documents, in and out of the database.

This module must not know how a hub is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Ping
from feedmill.store.schema import pings

__all__ = ["add", "next_due", "postpone", "remove", "waiting"]


def add(connection: Connection, hub: str, topics: Iterable[str], now: datetime) -> None:
    """Remember that `hub` is to be told of `topics`: now, or when it is told what it could not be before."""
    known = select(func.max(pings.c.due), func.max(pings.c.failures), func.max(pings.c.error)).where(pings.c.hub == hub)
    due, failures, error = connection.execute(known.where(pings.c.failures > 0)).one()
    for topic in topics:
        values = {"hub": hub, "topic": topic, "due": due or now, "failures": failures or 0, "error": error}
        statement = insert(pings).values(values)
        # A change while the hub is down does not make us ask it any earlier.
        connection.execute(statement.on_conflict_do_nothing(index_elements=["hub", "topic"]))


def waiting(connection: Connection) -> list[Ping]:
    """Return everything that hubs are still to be told."""
    query = select(pings).order_by(pings.c.hub, pings.c.topic)
    return [Ping(**row) for row in connection.execute(query).mappings()]


def next_due(connection: Connection) -> datetime | None:
    """Return when the next hub is to be told, None if none is."""
    return connection.execute(select(func.min(pings.c.due))).scalar()


def postpone(connection: Connection, hub: str, topics: Iterable[str], due: datetime, failures: int, error: str) -> None:
    """Remember that `hub` could not be told of `topics`, for the `failures`th time in a row."""
    for topic in topics:
        here = (pings.c.hub == hub) & (pings.c.topic == topic)
        connection.execute(update(pings).where(here).values(due=due, failures=failures, error=error))


def remove(connection: Connection, hub: str, topics: Iterable[str]) -> None:
    """Forget what `hub` was told, or will never be."""
    for topic in topics:
        connection.execute(delete(pings).where(pings.c.hub == hub, pings.c.topic == topic))
