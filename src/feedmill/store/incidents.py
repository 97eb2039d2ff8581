"""What is wrong with a site, and what of that is still to be told, in and out of the database.

This module must not know what is an incident, or how anybody is told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select, update

from feedmill.model import Delivery, Incident, Notice, Trouble
from feedmill.store.database import Database
from feedmill.store.schema import deliveries, incidents, notices

__all__ = ["Incidents"]


class Incidents:
    """What is wrong now, what was told of it, and to whom it is still to be told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self) -> list[Incident]:
        """Return what is wrong, as far as it was recorded."""
        with self._database.reading() as connection:
            rows = connection.execute(select(incidents).order_by(incidents.c.since, incidents.c.subject)).mappings()
            return [Incident(**{**row, "kind": Trouble(row["kind"])}) for row in rows]

    def record(
        self, begun: Sequence[Incident], over: Sequence[Incident], channels: Collection[str], now: datetime
    ) -> None:
        """Record what has begun and what is over, and that each of `channels` is to tell it: all of it or nothing."""
        with self._database.writing() as connection:
            for one in over:
                here = (incidents.c.subject == one.subject) & (incidents.c.kind == one.kind)
                connection.execute(delete(incidents).where(here))
            for one in begun:
                values = {"subject": one.subject, "kind": one.kind, "since": one.since, "message": one.message}
                connection.execute(incidents.insert().values(values))
            for ended, one in [*((True, one) for one in over), *((False, one) for one in begun)]:
                _tell(connection, one, channels, now, over=ended)

    def notices(self, most: int) -> list[Notice]:
        """Return the last notices, the newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(notices).order_by(notices.c.number.desc()).limit(most))
            return [_notice(row) for row in rows]

    def deliveries(self) -> list[Delivery]:
        """Return what is still to be told, by channel, the oldest first."""
        query = select(notices, deliveries.c.channel, deliveries.c.due, deliveries.c.failures, deliveries.c.error)
        query = query.join_from(deliveries, notices).order_by(deliveries.c.channel, notices.c.number)
        with self._database.reading() as connection:
            return [
                Delivery(channel=row.channel, notice=_notice(row), due=row.due, failures=row.failures, error=row.error)
                for row in connection.execute(query)
            ]

    def next_delivery(self) -> datetime | None:
        """Return when something is to be told next."""
        with self._database.reading() as connection:
            return connection.execute(select(func.min(deliveries.c.due))).scalar()

    def told(self, channel: str, numbers: Collection[int]) -> None:
        """Record that a channel has told these notices, or never will."""
        with self._database.writing() as connection:
            for number in numbers:
                here = (deliveries.c.channel == channel) & (deliveries.c.number == number)
                connection.execute(delete(deliveries).where(here))

    def postpone(self, channel: str, due: datetime, failures: int, error: str) -> None:
        """Record that a channel could not tell what it is to tell."""
        with self._database.writing() as connection:
            values = {"due": due, "failures": failures, "error": error}
            connection.execute(update(deliveries).where(deliveries.c.channel == channel).values(values))


def _tell(connection: Connection, one: Incident, channels: Collection[str], now: datetime, *, over: bool) -> None:
    values = {"subject": one.subject, "kind": one.kind, "over": over, "at": now, "message": one.message}
    number = connection.execute(notices.insert().values(values).returning(notices.c.number)).scalar_one()
    for channel in channels:
        connection.execute(deliveries.insert().values(channel=channel, number=number, due=now))


def _notice(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(
        number=row.number,
        subject=row.subject,
        kind=Trouble(row.kind),
        over=bool(row.over),
        message=row.message,
        at=row.at,
    )
