"""What looks at sources bring, into the database: as many as there are at once, so that each costs little.

This module must not know how it was decided what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from feedmill.model import Changes, FullText, HostState, Push, SourceState, Subscription, Tally
from feedmill.store import activity, archives, entries, fulltexts, hosts, lists, sources
from feedmill.store.hubs import mark_read

__all__ = ["Look", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at a source, made at `now`, as it is to be recorded: the state of the source and those of hosts, what it
    changed, its documents' marks (old, new), what became of its articles' own pages, what is new of the feeds that it
    lists, and the push that it read; how many bytes came for it, and whether it was answered by a 304."""

    state: SourceState
    now: datetime
    changes: Changes | None = None
    stamps: tuple[Mapping[str, str], Mapping[str, str]] | None = None
    of_hosts: Collection[HostState] = ()
    pages: Collection[FullText] = ()
    subscriptions: Collection[Subscription] = ()
    push: Push | None = None
    received: int = 0
    not_modified: bool = False


def write(connection: Connection, looks: Sequence[Look]) -> None:
    """Record looks at different sources."""
    sources.save(connection, [look.state for look in looks])
    for day in {look.now.date() for look in looks}:
        activity.count(connection, day, [(look.state.name, _tally(look)) for look in looks if look.now.date() == day])
    touched = [(look.state.name, look.now, look.changes) for look in looks if look.changes is not None]
    entries.write(connection, [item for source, now, changes in touched for item in _written(source, now, changes)])
    for source, now, changes in touched:
        entries.withdraw(connection, source, changes.withdrawn, now)
    entries.name(connection, [(source, *name) for source, _, changes in touched for name in changes.aliases])
    archives.mark(connection, [(source, entry.id) for source, _, changes in touched for entry in changes.changed])
    archives.retract(connection, [(source, id_) for source, _, changes in touched for id_ in changes.withdrawn])
    sources.changed(connection, [source for source, _, changes in touched if changes.revisions or changes.withdrawn])
    for look in looks:
        if look.stamps is not None:
            sources.replace_stamps(connection, look.state.name, *look.stamps)
        for host in look.of_hosts:
            hosts.save(connection, host)
        fulltexts.write(connection, look.state.name, look.pages)
        if look.subscriptions:
            lists.write(connection, look.state.name, look.subscriptions)
        if look.push is not None:
            mark_read(connection, look.push)


def _tally(look: Look) -> Tally:
    new = len(look.changes.new) if look.changes else 0
    return Tally(1, int(look.not_modified), int(look.state.failures > 0), look.received, new)


def _written(source: str, now: datetime, changes: Changes) -> Iterator[entries.Written]:
    for held, some in ((None, changes.new), (now, changes.held), (None, changes.changed)):
        for entry in some:
            yield source, entry, changes.revisions[entry.id], changes.stories.get(entry.id), held
