"""What is remembered of sources, in and out of the database.

This module must not know what a look at a source does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Hints, SourceState, Validators
from feedmill.store.schema import documents, sources

__all__ = ["all_states", "replace_stamps", "save", "stamps", "state"]


def state(connection: Connection, name: str) -> SourceState:
    """Return what is remembered of a source; a source never seen has an empty state."""
    row = connection.execute(select(sources).where(sources.c.name == name)).mappings().one_or_none()
    return SourceState(name=name) if row is None else _state(row)


def all_states(connection: Connection) -> dict[str, SourceState]:
    """Return what is remembered of every source ever seen, by name."""
    return {row["name"]: _state(row) for row in connection.execute(select(sources)).mappings()}


def save(connection: Connection, new: SourceState) -> None:
    """Remember `new` in place of what was remembered."""
    values = _values(new)
    statement = insert(sources).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def stamps(connection: Connection, source: str) -> dict[str, str]:
    """Return the change mark of every document of `source` that was read well at the last look."""
    query = select(documents.c.name, documents.c.stamp).where(documents.c.source == source)
    return {name: stamp for name, stamp in connection.execute(query)}  # noqa: C416  # rows are not pairs to mypy


def replace_stamps(connection: Connection, source: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Bring the change marks of `source` from `old` to `new`."""
    gone = [name for name in old if name not in new]
    if gone:
        statement = delete(documents).where(documents.c.source == source)
        for start in range(0, len(gone), 400):
            connection.execute(statement.where(documents.c.name.in_(gone[start : start + 400])))
    fresh = [{"source": source, "name": name, "stamp": stamp} for name, stamp in new.items() if old.get(name) != stamp]
    if fresh:
        upsert = insert(documents)
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["source", "name"], set_={"stamp": upsert.excluded["stamp"]}),
            fresh,
        )


def _state(row: RowMapping) -> SourceState:
    return SourceState(
        name=row["name"],
        settings=row["settings"],
        asked_url=row["asked_url"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"], digest=row["digest"]),
        address=row["address"],
        moved_to=row["moved_to"],
        moved_looks=row["moved_looks"],
        hints=_hints(row["hints"]),
        rhythm=None if row["rhythm"] is None else timedelta(seconds=row["rhythm"]),
        looks=row["looks"],
        last_look=row["last_look"],
        last_success=row["last_success"],
        next_look=row["next_look"],
        wait_until=row["wait_until"],
        failures=row["failures"],
        error=row["error"],
        gone=row["gone"],
    )


def _hints(text: str) -> Hints:
    return msgspec.json.decode(text, type=Hints) if text else Hints()


def _values(new: SourceState) -> dict[str, Any]:
    return {
        "name": new.name,
        "settings": new.settings,
        "asked_url": new.asked_url,
        "etag": new.validators.etag,
        "last_modified": new.validators.last_modified,
        "digest": new.validators.digest,
        "address": new.address,
        "moved_to": new.moved_to,
        "moved_looks": new.moved_looks,
        "hints": "" if new.hints == Hints() else msgspec.json.encode(new.hints).decode(),
        "rhythm": None if new.rhythm is None else int(new.rhythm.total_seconds()),
        "looks": new.looks,
        "last_look": new.last_look,
        "last_success": new.last_success,
        "next_look": new.next_look,
        "wait_until": new.wait_until,
        "failures": new.failures,
        "error": new.error,
        "gone": new.gone,
    }
