"""Upstream hubs: subscriptions there, and the pushes that came from them, in and out of the database.

This module must not know what is decided about a subscription, or how a push is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import HubSubscription, Intent, Push, Pushed
from feedmill.store.database import Database
from feedmill.store.schema import hub_subscriptions, pushes

__all__ = ["Hubs", "Receipt", "mark_read"]

MOST_WAITING = 10
"""Pushes of one source that wait to be read. A hub is told to come again with more of them."""

_MOST_REMEMBERED = 100  # pushes of one source that were read, by digest

_FIELDS = tuple(field.name for field in fields(HubSubscription))
_SUBSCRIPTIONS = select(*(hub_subscriptions.c[name] for name in _FIELDS))


class Receipt(Enum):
    """What became of a push that came."""

    STORED = auto()
    REPEATED = auto()
    FULL = auto()


class Hubs:
    """What is remembered of upstream hubs. Every method is one transaction, and raises StateError if the database
    cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- subscriptions

    def subscriptions(self) -> list[HubSubscription]:
        """Return all subscriptions, in a fixed order."""
        query = _SUBSCRIPTIONS.order_by(hub_subscriptions.c.source, hub_subscriptions.c.hub, hub_subscriptions.c.id)
        with self._database.reading() as connection:
            return [_subscription(row) for row in connection.execute(query).all()]

    def subscription(self, id_: str) -> HubSubscription | None:
        """Return the subscription with this id."""
        with self._database.reading() as connection:
            return _find(connection, id_)

    def add(self, new: HubSubscription) -> None:
        """Remember a new subscription."""
        with self._database.writing() as connection:
            connection.execute(insert(hub_subscriptions).values(_values(new)))

    def change(self, id_: str, into: Callable[[HubSubscription], HubSubscription | None]) -> HubSubscription | None:
        """Replace a subscription by what `into` makes of it, None to forget it, while nobody else changes it.

        Returns what it has become; None if there is none.
        """
        here = hub_subscriptions.c.id == id_
        with self._database.writing() as connection:
            known = _find(connection, id_)
            changed = into(known) if known is not None else None
            if changed is not None:
                connection.execute(update(hub_subscriptions).where(here).values(_values(changed)))
            elif known is not None:
                connection.execute(delete(hub_subscriptions).where(here))
        return changed

    # --- pushes

    def receive(self, source: str, body: bytes, content_type: str | None, now: datetime) -> Receipt:
        """Keep a push for the next look at its source, unless it came before, or too many of them wait.

        An empty one only says that there is something new, each time anew.
        """
        digest = hashlib.sha256(body or now.isoformat().encode()).hexdigest()
        of_source = pushes.c.source == source
        with self._database.writing() as connection:
            if connection.execute(select(pushes.c.number).where(of_source, pushes.c.digest == digest)).first():
                return Receipt.REPEATED
            waiting = select(func.count()).where(of_source, pushes.c.body.is_not(None))
            if connection.execute(waiting).scalar_one() >= MOST_WAITING:
                return Receipt.FULL
            values = {"source": source, "received": now, "content_type": content_type, "digest": digest, "body": body}
            connection.execute(insert(pushes).values(values))
        return Receipt.STORED

    def waiting(self, source: str) -> list[Push]:
        """Return the pushes of a source that wait to be read, the oldest first."""
        columns = (pushes.c.number, pushes.c.source, pushes.c.received, pushes.c.body, pushes.c.content_type)
        query = select(*columns).where(pushes.c.source == source, pushes.c.body.is_not(None)).order_by(pushes.c.number)
        with self._database.reading() as connection:
            return [Push(**row) for row in connection.execute(query).mappings()]

    def unreadable(self, push: Push, now: datetime) -> None:
        """Record that a push could not be read; it is dropped."""
        with self._database.writing() as connection:
            mark_read(connection, push)
            connection.execute(update(pushes).where(pushes.c.number == push.number).values(unreadable=now))

    def forget_pushes(self, but_of: Collection[str]) -> None:
        """Forget the pushes of all sources but these."""
        with self._database.reading() as connection:
            known = set(connection.execute(select(pushes.c.source).distinct()).scalars())
        gone = known.difference(but_of)
        if gone:
            with self._database.writing() as connection:
                for source in sorted(gone):
                    connection.execute(delete(pushes).where(pushes.c.source == source))

    def states(self) -> dict[str, Pushed]:
        """Return what is known of the pushes of each source that has any, or a subscription that was verified."""
        of_subscription = hub_subscriptions.c
        promised = (
            select(of_subscription.source, func.max(of_subscription.lease_until))
            .where(of_subscription.intent == Intent.SUBSCRIBE.value, of_subscription.lease_until.is_not(None))
            .group_by(of_subscription.source)
        )
        came = select(pushes.c.source, func.count(pushes.c.body), func.max(pushes.c.unreadable)).group_by(
            pushes.c.source
        )
        with self._database.reading() as connection:
            until = {source: moment for source, moment in connection.execute(promised).all()}  # noqa: C416  # rows are no pairs
            found = {source: (number, moment) for source, number, moment in connection.execute(came).all()}
        return {
            source: Pushed(
                until=until.get(source),
                waiting=found.get(source, (0,))[0] > 0,
                unreadable=found.get(source, (0, None))[1],
            )
            for source in until.keys() | found.keys()
        }


def mark_read(connection: Connection, push: Push) -> None:
    """Keep of a push that was read only by what it is recognized if it comes again."""
    connection.execute(update(pushes).where(pushes.c.number == push.number).values(body=None))
    read = select(pushes.c.number).where(pushes.c.source == push.source, pushes.c.body.is_(None))
    oldest = connection.execute(read.order_by(pushes.c.number.desc()).offset(_MOST_REMEMBERED - 1).limit(1)).scalar()
    if oldest is not None:
        gone = (pushes.c.source == push.source) & pushes.c.body.is_(None) & (pushes.c.number < oldest)
        connection.execute(delete(pushes).where(gone))


def _find(connection: Connection, id_: str) -> HubSubscription | None:
    row = connection.execute(_SUBSCRIPTIONS.where(hub_subscriptions.c.id == id_)).one_or_none()
    return None if row is None else _subscription(row)


def _subscription(row: Any) -> HubSubscription:
    values = dict(zip(_FIELDS, row, strict=True))
    return HubSubscription(**values | {"intent": Intent(values["intent"])})


def _values(one: HubSubscription) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FIELDS} | {"intent": one.intent.value}
