"""What is remembered of hosts that asked to be left alone, in and out of the database.

This module must not know what makes a host ask for that.
"""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, bindparam, delete, select

from feedmill.model import HostState
from feedmill.store.bulk import upsert
from feedmill.store.schema import hosts

__all__ = ["all_states", "save"]

_SAVE = upsert(hosts)
_FORGET = delete(hosts).where(hosts.c.host == bindparam("name"))


def all_states(connection: Connection) -> dict[str, HostState]:
    """Return what is remembered of hosts, by name; those that have nothing against being asked are not there."""
    return {row["host"]: _state(row) for row in connection.execute(select(hosts)).mappings()}


def save(connection: Connection, new: HostState) -> None:
    """Remember `new` in place of what was remembered."""
    if not new.strikes:
        connection.execute(_FORGET, {"name": new.host})
        return
    _SAVE.run(connection, [(new.host, new.strikes, new.wait_until)])


def _state(row: RowMapping) -> HostState:
    return HostState(host=row["host"], strikes=row["strikes"], wait_until=row["wait_until"])
