"""Everything that is stored about an entry, for those who ask about it.

This module must not know why it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from feedmill.model import Alias, AliasKind, Entry
from feedmill.store.entries import decode
from feedmill.store.schema import aliases, archive_entries, entries, feed_entries, sources

__all__ = ["Found", "find"]


@dataclass(frozen=True, slots=True)
class Found:
    """All that is stored about an entry.

    `feeds` holds for each feed that ever carried it since when, and whether it does now; `archives` the number of the
    newest archive document that has it.
    """

    entry: Entry
    withdrawn: datetime | None
    held: datetime | None
    aliases: tuple[Alias, ...]
    feeds: Mapping[str, tuple[datetime, bool]]
    archives: Mapping[str, int]


def find(connection: Connection, words: str, addresses: Collection[str], most: int) -> list[Found]:
    """Return the entries that have `words` for an id or a guid, or one of the canonical `addresses`; without any, those
    whose title holds `words`; the newest first."""
    # The names of entries are in order by source: to look into each is faster than to read all of them.
    named = select(aliases.c.source, aliases.c.entry).where(aliases.c.source.in_(select(sources.c.name)))
    of_url = named.where(aliases.c.kind == AliasKind.URL, aliases.c.value.in_(list(addresses)))
    of_guid = named.where(aliases.c.kind == AliasKind.GUID, aliases.c.value == words)
    own = select(entries.c.source, entries.c.id).where(entries.c.id == words)
    keys = {(source, id_) for query in (of_url, of_guid, own) for source, id_ in connection.execute(query)}
    if not keys:
        titled = select(entries.c.source, entries.c.id).where(entries.c.title.icontains(words, autoescape=True))
        newest = titled.order_by(entries.c.published.desc()).limit(most)
        keys = {(source, id_) for source, id_ in connection.execute(newest)}
    found = [_found(connection, source, id_) for source, id_ in sorted(keys)[:most]]
    return sorted(found, key=lambda one: one.entry.published, reverse=True)


def _found(connection: Connection, source: str, id_: str) -> Found:
    here = (entries.c.source == source) & (entries.c.id == id_)
    row = connection.execute(select(entries.c.data, entries.c.withdrawn, entries.c.held).where(here)).one()
    names = select(aliases.c.kind, aliases.c.value).where(aliases.c.source == source, aliases.c.entry == id_)
    carried = select(feed_entries).where(feed_entries.c.source == source, feed_entries.c.entry == id_)
    archived = (
        select(archive_entries.c.feed, func.max(archive_entries.c.number).label("number"))
        .where(archive_entries.c.source == source, archive_entries.c.entry == id_)
        .group_by(archive_entries.c.feed)
    )
    return Found(
        entry=decode(row.data),
        withdrawn=row.withdrawn,
        held=row.held,
        aliases=tuple(
            Alias(kind=AliasKind(name.kind), value=name.value)
            for name in connection.execute(names.order_by(aliases.c.kind, aliases.c.value))
        ),
        feeds={one.feed: (one.first_published, one.present) for one in connection.execute(carried)},
        archives={one.feed: one.number for one in connection.execute(archived)},
    )
