"""The history of one feed as it is published: archive documents closed, kept whole, and cleared of what was withdrawn.

This module must not know how the live document is chosen, nor when a feed is published.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from feedmill.errors import FeedmillError
from feedmill.history import archive_size, next_archives
from feedmill.model import Archive, Edition, Entry, FeedSpec, History, Problem
from feedmill.pipeline.discretion import discreet
from feedmill.pipeline.failures import unexpected
from feedmill.render import Renderer, document_name, renderer
from feedmill.select import excluded_by
from feedmill.split import belongs
from feedmill.store import Store

__all__ = ["Archiving", "Plan"]

_log = logging.getLogger("feedmill.pipeline")

NewArchives = list[tuple[Archive, tuple[Entry, ...]]]


class _Place(Protocol):
    def names(self, folder: str) -> frozenset[str]: ...
    def mark(self, folder: str) -> str | None: ...
    def swap(self, path: str, body: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a feed's history.

    `new` are the documents to be closed now, with their entries, `again` those to be written anew, with the formats,
    since they are missing or show what was withdrawn; `last` is the number of the last one.
    """

    new: tuple[tuple[Archive, tuple[Entry, ...]], ...] = ()
    again: tuple[tuple[Archive, tuple[Renderer, ...]], ...] = ()
    last: int | None = None


class Archiving:
    """The archive documents of one feed, which takes from the sources `taken`, in all its formats that have any.

    `on` says whether it has any. `problems` tell of those that could not be made, `cleared` holds the numbers of those
    that were written anew: both as far as it came.
    """

    def __init__(self, store: Store, destination: _Place, spec: FeedSpec, taken: Collection[str]) -> None:
        self._store = store
        self._destination = destination
        self._spec = spec
        self._taken = taken
        self._formats = tuple(form for form in map(renderer, spec.formats) if form.archives)
        self.on = spec.history is History.ARCHIVE and bool(self._formats)
        self._folder = f"{spec.name}/archive"
        self.last = store.last_archive(spec.name) if self.on else None
        """The number of the newest archive document there is, None if there is none."""
        self.problems: list[Problem] = []
        self.cleared: set[int] = set()

    @cached_property
    def settled(self) -> bool:
        """Whether nothing came into the folder of archive documents, or left it, since all of them were seen there.

        There may be tens of thousands of them, and nearly always nobody touched any. It is about the moment when it was
        first asked for: what a crash left there is swept after the documents were seen.
        """
        if self.last is None:
            return True
        mark = self._mark()
        return mark is not None and mark == self._store.archive_mark(self._spec.name)

    def unsettled(self) -> list[str]:
        """Return the folders that a crash may have left something in."""
        return [] if self.on and self.last is not None and self.settled else [self._folder]

    def plan(self, chosen: Sequence[Entry], published: Collection[tuple[str, str]], now: datetime) -> Plan:
        """Decide what is to be archived, now that the live document carries `chosen`.

        `published` are source and id of all that the feed ever carried. The live document does not wait for an archive
        document that cannot be made: what would be in it, and in later ones, is tried again the next time.
        """
        if not self.on:
            return Plan()
        unarchived = [entry for entry in self._store.unarchived(self._spec.name) if self._takes(entry, now)]
        here = {entry.id for entry in chosen}
        # A source that was renamed brings the ids of the old one again, and a document carries an id once.
        leaving = {entry.id: entry for entry in unarchived if entry.id not in here}
        open_ = {_key(entry) for entry in unarchived}
        staying = [entry for entry in chosen if _key(entry) in open_ or _key(entry) not in published]
        new: NewArchives = []
        try:
            for entries in next_archives(list(leaving.values()), staying, archive_size(self._spec.limit)):
                for piece in self._within_budget(entries):
                    number = (self.last or 0) + len(new) + 1
                    new.append((Archive(number=number, updated=max(entry.updated for entry in piece)), piece))
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not hold up the live document
            self._failed((self.last or 0) + len(new) + 1, error)
        return Plan(tuple(new), tuple(self._again()), new[-1][0].number if new else self.last)

    def publish(self, plan: Plan) -> list[str]:
        """Write the documents one by one, so that few are in memory at once; return the paths of those that changed.

        Raises:
            WriteFailed: the folder cannot be written.
            StateError: the state cannot be used.
        """
        written: list[str] = []
        for archive, entries in plan.new:
            for form in self._formats:
                written += self._swapped(form, archive, self._rendered(form, archive, entries))
        for archive, forms in plan.again:
            entries = self._store.archived(self._spec.name, archive.number)
            try:
                bodies = [self._rendered(form, archive, entries) for form in forms]
            except Exception as error:  # noqa: BLE001  # as above
                self._failed(archive.number, error)
                continue
            for form, body in zip(forms, bodies, strict=True):
                written += self._swapped(form, archive, body)
            self.cleared.add(archive.number)
        return written

    def _takes(self, entry: Entry, now: datetime) -> bool:
        """Whether the feed would still take an entry, whatever its age."""
        return (
            entry.source in self._taken
            and belongs(self._spec, entry)
            and excluded_by(self._spec, entry, now, whatever_its_age=True) is None
        )

    def _again(self) -> Iterator[tuple[Archive, tuple[Renderer, ...]]]:
        if self.last is None:
            return
        retracted = self._store.retracted(self._spec.name)
        if self.settled:
            yield from ((archive, self._formats) for archive in self._store.archives(self._spec.name, retracted))
            return
        mark, there = self._mark(), self._destination.names(self._folder)
        missing: dict[int, tuple[Renderer, ...]] = dict.fromkeys(retracted, self._formats)
        for form in self._formats:
            for number in range(1, self.last + 1):
                name = document_name(form.file_name, number).rpartition("/")[2]
                if name not in there and number not in retracted:
                    missing[number] = (*missing.get(number, ()), form)
        for archive in self._store.archives(self._spec.name, missing):
            yield archive, missing[archive.number]
        whole = not missing
        if whole and mark is not None:
            self._store.record_archive_mark(self._spec.name, mark)

    def _mark(self) -> str | None:
        mark = self._destination.mark(self._folder)
        names = " ".join(form.file_name for form in self._formats)
        return mark and f"{mark}, {self.last} of {names}"

    def _swapped(self, form: Renderer, archive: Archive, body: bytes) -> list[str]:
        path = self._path(form, archive)
        # Recorded first: a crash leaves no file behind that `prune` does not know of.
        self._store.record_files(self._spec.name, {path: hashlib.sha256(body).hexdigest()})
        return [path] if self._destination.swap(path, body) else []

    def _failed(self, number: int, error: Exception) -> None:
        told = error if isinstance(error, FeedmillError) else unexpected(error, self._spec)
        self.problems.append(Problem(where=f"archive document {number} of {self._spec.name}", message=str(told)))
        _log.error(
            "feed %s: archive document %d could not be made: %s",
            self._spec.name,
            number,
            told,
            extra={"feed": self._spec.name},
        )

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
