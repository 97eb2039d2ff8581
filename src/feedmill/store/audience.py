"""Who reads the feeds, day by day, in and out of the database.

This module must not know how readers are told apart, or what may be added to what.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Readership
from feedmill.store.database import Database
from feedmill.store.schema import audience, audience_salts

__all__ = ["Audience", "forget_clients"]

_SALT_BYTES = 32


class Audience:
    """The sums of visits. Days are written as in ISO 8601, `2026-11-22`, in UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def salt(self, day: str) -> bytes:
        """Return the secret by which the clients of `day` are told apart; those of earlier days are forgotten, and
        with them whatever could tell clients apart."""
        with self._database.reading() as connection:
            salts = {row.day: row.salt for row in connection.execute(select(audience_salts))}
        if day in salts and min(salts) >= day:
            return bytes(salts[day])
        with self._database.writing() as connection:
            forget_clients(connection, before=day)
            new = {"day": day, "salt": secrets.token_bytes(_SALT_BYTES)}
            connection.execute(insert(audience_salts).values(new).on_conflict_do_nothing())
            return bytes(
                connection.execute(select(audience_salts.c.salt).where(audience_salts.c.day == day)).scalar_one()
            )

    def update(self, day: str, change: Callable[[Sequence[Readership]], Sequence[Readership]]) -> None:
        """Replace those sums of `day` that `change` returns, of all that it is given, in one transaction."""
        with self._database.writing() as connection:
            changed = change([readership for _, readership in _read(connection, day, day)])
            for one in changed:
                connection.execute(insert(audience).prefix_with("OR REPLACE").values(_row(day, one)))

    def forget_clients(self, today: str) -> None:
        """Forget whatever could tell the clients of days before `today` apart."""
        with self._database.reading() as connection:
            old = connection.execute(select(audience_salts.c.day).where(audience_salts.c.day < today)).first()
        if old is not None:
            with self._database.writing() as connection:
                forget_clients(connection, before=today)

    def days(self, first: str, last: str = "9999-12-31") -> list[tuple[str, Readership]]:
        """Return the sums of each day from `first` to `last`, in the order of days, feeds and readers."""
        with self._database.reading() as connection:
            return _read(connection, first, last)


def forget_clients(connection: Connection, *, before: str | None = None) -> None:
    """Forget what tells clients apart: that of all days, or of those `before` one."""
    connection.exec_driver_sql("PRAGMA secure_delete=ON")  # it is not to be found in the file either
    sums = update(audience).where(audience.c.seen.is_not(None)).values(said=None, seen=None)
    salts = delete(audience_salts)
    if before is not None:
        sums, salts = sums.where(audience.c.day < before), salts.where(audience_salts.c.day < before)
    connection.execute(sums)
    connection.execute(salts)


def _read(connection: Connection, first: str, last: str) -> list[tuple[str, Readership]]:
    query = select(audience).where(audience.c.day.between(first, last))
    rows = connection.execute(query.order_by(audience.c.day, audience.c.feed, audience.c.reader)).mappings()
    return [_readership(dict(row)) for row in rows]


def _readership(row: dict[str, Any]) -> tuple[str, Readership]:
    day, said = row.pop("day"), row.pop("said")
    return day, Readership(**row, said=None if said is None else msgspec.json.decode(said, type=dict[str, int]))


def _row(day: str, of: Readership) -> dict[str, Any]:
    row = {name: getattr(of, name) for name in Readership.__slots__}
    said = None if of.said is None else msgspec.json.encode(of.said, order="sorted").decode()
    return row | {"day": day, "said": said}
