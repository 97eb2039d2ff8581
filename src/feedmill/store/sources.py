"""What is remembered of sources, in and out of the database.

This module must not know what a look at a source does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, update

from feedmill.model import Hints, SourceState, Validators
from feedmill.store.bulk import parts, upsert
from feedmill.store.schema import documents, sources

__all__ = ["all_states", "changed", "generations", "replace_stamps", "save", "stamps", "state"]


_NO_HINTS = Hints()

# The columns in the order of the schema, as `_state` and `_values` have them.
_ALL = select(*(column for column in sources.columns if column.name != "generation"))
_ONE = _ALL.where(sources.c.name == bindparam("name"))
_SAVE = upsert(sources, "generation")
_CHANGED = update(sources).where(sources.c.name == bindparam("of")).values(generation=sources.c.generation + 1)
_GENERATIONS = select(sources.c.name, sources.c.generation)
_STAMPS = select(documents.c.name, documents.c.stamp).where(documents.c.source == bindparam("source"))
_STAMP = upsert(documents)
_FORGET = delete(documents).where(
    documents.c.source == bindparam("source"), documents.c.name.in_(bindparam("names", expanding=True))
)


def state(connection: Connection, name: str) -> SourceState:
    """Return what is remembered of a source; a source never seen has an empty state."""
    row = connection.execute(_ONE, {"name": name}).one_or_none()
    return SourceState(name=name) if row is None else _state(*row)


def all_states(connection: Connection) -> dict[str, SourceState]:
    """Return what is remembered of every source ever seen, by name."""
    return {row[0]: _state(*row) for row in connection.execute(_ALL).all()}


def save(connection: Connection, states: Collection[SourceState]) -> None:
    """Remember these states in place of what was remembered of their sources."""
    _SAVE.run(connection, [_values(new) for new in states])


def changed(connection: Connection, names: Iterable[str]) -> None:
    """Remember that entries of these sources are other ones than before."""
    rows = [{"of": name} for name in sorted(set(names))]
    if rows:
        connection.execute(_CHANGED, rows)


def generations(connection: Connection) -> dict[str, int]:
    """Return a number for each source that is another one once any of its entries changed."""
    return {name: generation for name, generation in connection.execute(_GENERATIONS).all()}  # noqa: C416  # rows are no pairs


def stamps(connection: Connection, source: str) -> dict[str, str]:
    """Return the change mark of every document of `source` that was read well at the last look."""
    return dict(connection.execute(_STAMPS, {"source": source}).all())


def replace_stamps(connection: Connection, source: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Bring the change marks of `source` from `old` to `new`."""
    for gone in parts([name for name in old if name not in new]):
        connection.execute(_FORGET, {"source": source, "names": gone})
    _STAMP.run(connection, [(source, name, stamp) for name, stamp in new.items() if old.get(name) != stamp])


def _state(
    name: str,
    settings: str,
    asked_url: str | None,
    etag: str | None,
    last_modified: str | None,
    digest: str | None,
    address: str | None,
    moved_to: str | None,
    moved_looks: int,
    hints: str,
    rhythm: int | None,
    looks: str,
    *rest: Any,
) -> SourceState:
    last_look, last_success, next_look, wait_until, failures, error, gone = rest
    return SourceState(
        name=name,
        settings=settings,
        asked_url=asked_url,
        validators=Validators(etag=etag, last_modified=last_modified, digest=digest),
        address=address,
        moved_to=moved_to,
        moved_looks=moved_looks,
        hints=msgspec.json.decode(hints, type=Hints) if hints else _NO_HINTS,
        rhythm=None if rhythm is None else timedelta(seconds=rhythm),
        looks=looks,
        last_look=last_look,
        last_success=last_success,
        next_look=next_look,
        wait_until=wait_until,
        failures=failures,
        error=error,
        gone=gone,
    )


def _values(new: SourceState) -> tuple[Any, ...]:
    return (
        new.name,
        new.settings,
        new.asked_url,
        new.validators.etag,
        new.validators.last_modified,
        new.validators.digest,
        new.address,
        new.moved_to,
        new.moved_looks,
        "" if new.hints == _NO_HINTS else msgspec.json.encode(new.hints).decode(),
        None if new.rhythm is None else int(new.rhythm.total_seconds()),
        new.looks,
        new.last_look,
        new.last_success,
        new.next_look,
        new.wait_until,
        new.failures,
        new.error,
        new.gone,
        0,
    )
