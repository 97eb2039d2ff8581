"""Entries and the identity ledger, in and out of the database: what a look at a source needs, and what it writes.

This module must not know how it was decided what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Alias, AliasKind, Entry, Known, Trace
from feedmill.store.bulk import Bulk, parts
from feedmill.store.schema import aliases, entries

__all__ = [
    "Written", "decode", "encode", "has_any", "known", "live", "name", "of_aliases", "recent_dates",
    "release", "shared_stories", "taken", "traces", "withdraw", "write",
]  # fmt: skip

decode = msgspec.json.Decoder(Entry).decode
encode = msgspec.json.Encoder().encode

_MOST_TRACES = 1000

_here = entries.c.source == bindparam("source")
_alive = entries.c.withdrawn.is_(None)
_ids: BindParameter[Any] = bindparam("ids", expanding=True)

_ANY = select(entries.c.id).where(_here).limit(1)
_ALIASES = select(aliases.c.value, aliases.c.entry).where(
    aliases.c.source == bindparam("source"),
    aliases.c.kind == bindparam("kind"),
    aliases.c.value.in_(bindparam("values", expanding=True)),
)
_rows = select(entries.c.id, entries.c.data, entries.c.revision, entries.c.withdrawn, entries.c.held).where(_here)
_KNOWN = _rows.where(entries.c.id.in_(_ids))
_LIVE = _rows.where(_alive)
_NAMES = select(entries.c.id, entries.c.name).where(_here, _alive)
_TAKEN = select(entries.c.id).where(_here, entries.c.id.in_(_ids))
_NUMBERED = select(entries.c.id).where(_here, entries.c.id >= bindparam("first"), entries.c.id < bindparam("last"))
_SHARED = (
    select(entries.c.story)
    .where(_here, entries.c.story.in_(bindparam("stories", expanding=True)))
    .group_by(entries.c.story)
    .having(func.count() > 1)
)
_TRACES = (
    select(
        entries.c.id, entries.c.title, entries.c.published, entries.c.first_seen, entries.c.story, entries.c.revision,
        entries.c.held,
    )
    .where(_here, _alive)
    .order_by(entries.c.published.desc(), entries.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_DATES = (
    select(entries.c.published)
    .where(_here, entries.c.held.is_(None))
    .order_by(entries.c.published.desc())
    .limit(50)
)  # fmt: skip
# What an update is given under a column's own name is taken for a value to set.
_of = update(entries).where(entries.c.source == bindparam("of"))
_RELEASE = _of.where(entries.c.held.is_not(None)).values(held=None)
_WITHDRAW = _of.where(entries.c.id.in_(_ids)).values(withdrawn=bindparam("now"))
_NAME = Bulk(insert(aliases).on_conflict_do_nothing(), aliases)


def _replacing() -> Bulk:
    statement = insert(entries)
    replaced: dict[str, ColumnElement[Any]] = {
        column: statement.excluded[column]
        for column in ("name", "title", "published", "updated", "revision", "data", "withdrawn", "expires")
    }
    # A story is what the entry was first known by: a later change of address does not make it another story.
    replaced["story"] = func.coalesce(entries.c.story, statement.excluded.story)
    return Bulk(statement.on_conflict_do_update(index_elements=["source", "id"], set_=replaced), entries)


_WRITE = _replacing()


def has_any(connection: Connection, source: str) -> bool:
    """Return whether any entry of `source` was ever stored."""
    return connection.execute(_ANY, {"source": source}).first() is not None


def of_aliases(connection: Connection, source: str, wanted: Iterable[Alias]) -> dict[Alias, str]:
    """Return the entry id that each alias of `source` leads to, for those on record."""
    found: dict[Alias, str] = {}
    by_kind: dict[AliasKind, dict[str, Alias]] = {}
    for alias in wanted:
        by_kind.setdefault(alias.kind, {})[alias.value] = alias
    for kind, named in by_kind.items():
        for part in parts(list(named)):
            rows = connection.execute(_ALIASES, {"source": source, "kind": kind.value, "values": part})
            found.update((named[value], entry) for value, entry in rows)
    return found


def known(connection: Connection, source: str, ids: Collection[str]) -> dict[str, Known]:
    """Return the stored entries of `source` with these ids."""
    found: dict[str, Known] = {}
    for part in parts(sorted(ids)):
        found.update(map(_known, connection.execute(_KNOWN, {"source": source, "ids": part})))
    return found


def live(connection: Connection, source: str, but: Collection[str] = ()) -> dict[str, Known]:
    """Return every entry of `source` that is not withdrawn, but for those of the documents `but`."""
    if not but:
        return dict(map(_known, connection.execute(_LIVE, {"source": source})))
    names = connection.execute(_NAMES, {"source": source}).all()
    return known(connection, source, [id_ for id_, name in names if name not in but])


def taken(connection: Connection, source: str, ids: Collection[str]) -> set[str]:
    """Return those of `ids` that entries of `source` already have, and the numbered ones (`id~2`) made from them."""
    found: set[str] = set()
    for part in parts(sorted(ids)):
        found.update(connection.scalars(_TAKEN, {"source": source, "ids": part}))
    for id_ in sorted(found):
        span = {"source": source, "first": f"{id_}~", "last": f"{id_}\x7f"}  # the character after the tilde
        found.update(connection.scalars(_NUMBERED, span))
    return found


def shared_stories(connection: Connection, source: str, stories: Collection[str]) -> set[str]:
    """Return those of `stories` that several entries of `source` were first known by."""
    found: set[str | None] = set()
    for part in parts(sorted(stories)):
        found.update(connection.scalars(_SHARED, {"source": source, "stories": part}))
    return {story for story in found if story is not None}


def traces(connection: Connection, source: str) -> list[Trace]:
    """Return what the newest entries of `source` are recognized by: no more than can be looked through at each look."""
    return [
        Trace(
            id=id_,
            title=title,
            published=published,
            first_seen=first_seen,
            story=story,
            revision=revision,
            held=held is not None,
        )
        for id_, title, published, first_seen, story, revision, held in connection.execute(
            _TRACES, {"source": source, "most": _MOST_TRACES}
        ).all()
    ]


def recent_dates(connection: Connection, source: str) -> list[datetime]:
    """Return when the newest entries of `source` were published, the newest first; 50 at most."""
    return [date for (date,) in connection.execute(_DATES, {"source": source}).all()]


def release(connection: Connection, source: str) -> int:
    """Let the feeds have what was kept back of `source`; return how many entries those are."""
    return connection.execute(_RELEASE, {"of": source}).rowcount


Written: TypeAlias = tuple[str, Entry, str, str | None, datetime | None]
"""An entry to write: its source, itself, its revision, its story, and since when it is held, if it is inserted."""


def write(connection: Connection, written: Sequence[Written]) -> None:
    """Insert or replace entries. A known entry stays held, or free, as it is, and keeps its story."""
    for part in parts(written):
        _WRITE.run(
            connection,
            [
                (
                    source,
                    entry.id,
                    entry.name,
                    entry.title,
                    entry.published,
                    entry.updated,
                    entry.first_seen,
                    None,
                    held,
                    entry.expires,
                    story,
                    revision,
                    encode(entry),
                )
                for source, entry, revision, story, held in part
            ],
        )


def withdraw(connection: Connection, source: str, ids: Sequence[str], now: datetime) -> None:
    """Withdraw entries of `source`."""
    for part in parts(ids):
        connection.execute(_WITHDRAW, {"of": source, "ids": part, "now": now})


def name(connection: Connection, names: Sequence[tuple[str, Alias, str]]) -> None:
    """Add aliases, each of a source and of the entry with this id; known ones stay."""
    for part in parts(names):
        _NAME.run(connection, [(source, alias.kind.value, alias.value, id_) for source, alias, id_ in part])


def _known(row: tuple[str, bytes, str, datetime | None, datetime | None]) -> tuple[str, Known]:
    id_, data, revision, withdrawn, held = row
    return id_, Known(entry=decode(data), revision=revision, withdrawn=withdrawn is not None, held=held is not None)
