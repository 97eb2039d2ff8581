"""The history of one feed as it is published: archive documents closed, kept whole, and cleared of what was withdrawn.

This module must not know how the live document is chosen, nor when a feed is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedmill.history import archive_size, next_archives
from feedmill.model import Archive, Edition, Entry, FeedSpec, History
from feedmill.pipeline.discretion import discreet
from feedmill.render import Renderer, document_name, renderer
from feedmill.select import excluded_by
from feedmill.store import Store

__all__ = ["Archiving", "Plan"]

NewArchives = list[tuple[Archive, tuple[Entry, ...]]]


class _Place(Protocol):
    def holds(self, path: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a feed's history: documents to be closed now, with their entries, and the number of the last."""

    new: tuple[tuple[Archive, tuple[Entry, ...]], ...] = ()
    last: int | None = None


class Archiving:
    """The archive documents of one feed in all its formats that have any.

    `on` says whether it has any, `retracted` which of them show entries that were withdrawn since.
    """

    def __init__(self, store: Store, destination: _Place, spec: FeedSpec) -> None:
        self._store = store
        self._destination = destination
        self._spec = spec
        self._formats = [form for form in map(renderer, spec.formats) if form.archives]
        self.on = spec.history is History.ARCHIVE and bool(self._formats)
        self._there = store.archives(spec.name) if self.on else []
        self.retracted = store.retracted(spec.name) if self._there else set()

    @property
    def last(self) -> int | None:
        """The number of the newest archive document there is, None if there is none."""
        return self._there[-1].number if self._there else None

    def plan(self, chosen: Sequence[Entry], published: Collection[tuple[str, str]], now: datetime) -> Plan:
        """Decide what is to be archived, now that the live document carries `chosen`.

        `published` are source and id of all that the feed ever carried.
        """
        if not self.on:
            return Plan()
        unarchived = self._store.unarchived(self._spec.name)
        here = {_key(entry) for entry in chosen}
        open_ = {_key(entry) for entry in unarchived}
        leaving = [
            entry
            for entry in unarchived
            if _key(entry) not in here and excluded_by(self._spec, entry, now, whatever_its_age=True) is None
        ]
        staying = [entry for entry in chosen if _key(entry) in open_ or _key(entry) not in published]
        new: NewArchives = []
        for entries in next_archives(leaving, staying, archive_size(self._spec.limit)):
            for piece in self._within_budget(entries):
                number = (self.last or 0) + len(new) + 1
                new.append((Archive(number=number, updated=max(entry.updated for entry in piece)), piece))
        return Plan(tuple(new), new[-1][0].number if new else self.last)

    def documents(self, plan: Plan) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of every archive document that is to be written: new, missing, or with retractions."""
        for archive, entries in plan.new:
            for form in self._formats:
                yield self._path(form, archive), self._rendered(form, archive, entries)
        for archive in self._there:
            for form in self._formats:
                path = self._path(form, archive)
                if archive.number in self.retracted or not self._destination.holds(path):
                    entries = self._store.archived(self._spec.name, archive.number)
                    yield path, self._rendered(form, archive, entries)

    def _within_budget(self, entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, ...]]:
        """Yield the entries in as many pieces as their documents need to keep to the budget, the oldest first."""
        probe = Archive(number=1, updated=max(entry.updated for entry in entries))
        size = max(len(self._rendered(form, probe, entries)) for form in self._formats)
        if size <= self._spec.max_size or len(entries) == 1:
            yield entries
            return
        middle = len(entries) // 2
        yield from self._within_budget(entries[middle:])
        yield from self._within_budget(entries[:middle])

    def _rendered(self, form: Renderer, archive: Archive, entries: tuple[Entry, ...]) -> bytes:
        edition = Edition(
            spec=self._spec,
            entries=entries,
            updated=archive.updated,
            number=archive.number,
            previous=archive.number - 1 or None,
        )
        body = form.render(discreet(edition))
        form.check(body, entries)
        return body

    def _path(self, form: Renderer, archive: Archive) -> str:
        return f"{self._spec.name}/{document_name(form.file_name, archive.number)}"


def _key(entry: Entry) -> tuple[str, str]:
    return entry.source, entry.id
