"""One feed published: select, render, check, swap, record.

This module must not know where entries come from.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from feedmill.config import Config
from feedmill.errors import FeedmillError, StateError
from feedmill.model import (
    Edition,
    Entry,
    FeedOutcome,
    FeedSpec,
    FeedState,
    Status,
)
from feedmill.pipeline.failures import unexpected
from feedmill.render import renderer
from feedmill.select import matching_sources, select
from feedmill.store import Store

__all__ = ["Destination", "Publishing", "paths"]

_log = logging.getLogger("feedmill.pipeline")

_BEFORE_ANY_ENTRY = datetime(1990, 1, 1, tzinfo=UTC)
"""The date of a feed that never had an entry: never the clock's, and early enough for any entry to be newer."""


class Destination(Protocol):
    """Where documents are published: `feedmill.publish.Folder` explains each method."""

    def differs(self, path: str, body: bytes) -> bool: ...
    def swap(self, path: str, body: bytes) -> bool: ...
    def sweep(self, folders: list[str]) -> int: ...
    def remove(self, path: str) -> bool: ...


class Publishing:
    """The publishing of one site's feeds, one at a time. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store, destination: Destination, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._store = store
        self._destination = destination
        self._clock = clock

    def publish(self, spec: FeedSpec) -> FeedOutcome:
        """Select, render, check and publish one feed; if any of its documents fails its check, none is replaced.

        Raises:
            StateError: the state cannot be used.
        """
        before = self._store.feed_state(spec.name)
        try:
            outcome = self._publish(spec, before)
        except StateError:
            raise
        except FeedmillError as error:
            outcome = self._unpublished(spec, before, str(error))
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other feeds
            _log.exception("%s: unexpected failure", spec.name)
            outcome = self._unpublished(spec, before, str(unexpected(error, spec)))
        return outcome

    def _publish(self, spec: FeedSpec, before: FeedState | None) -> FeedOutcome:
        now = self._clock()
        names = [source.name for source in self._config.sources]
        taken = matching_sources(spec, names)
        if not self._any_collected(taken):
            return self._unpublished(
                spec, before, "none of its sources was ever collected, so that there is nothing to say yet"
            )
        ranks = {name: rank for rank, name in enumerate(names)}
        with self._store.candidates(spec.name, taken, spec.order) as candidates:
            chosen = select(spec, candidates.stream, candidates.rivals, candidates.published, ranks, now)
            known = candidates.published
        floor = before.updated if before else _BEFORE_ANY_ENTRY
        updated = max([floor, *(entry.updated for entry in chosen)])
        bodies = self._rendered(spec, chosen, updated)
        self._destination.sweep([spec.name])
        if any(self._destination.differs(path, body) for path, body in bodies.items()):
            self._store.announce(FeedState(name=spec.name, updated=updated), chosen, now)
        written = [path for path, body in bodies.items() if self._destination.swap(path, body)]
        if written or not _recorded(before, updated, chosen, known):
            state = FeedState(
                name=spec.name,
                updated=updated,
                last_change=now if written or before is None else before.last_change,
                entries=len(chosen),
            )
            digests = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
            self._store.record_feed(state, chosen, digests, now)
        status = Status.WRITTEN if written else Status.UNCHANGED
        _log.info("feed %s: %s, %d entries", spec.name, status.value, len(chosen))
        return FeedOutcome(name=spec.name, status=status, entries=len(chosen), files=tuple(bodies))

    def _any_collected(self, names: Collection[str]) -> bool:
        states = self._store.source_states()
        return any(name in states and states[name].last_success is not None for name in names)

    def _rendered(self, spec: FeedSpec, chosen: Sequence[Entry], updated: datetime) -> dict[str, bytes]:
        bodies: dict[str, bytes] = {}
        for name, path in zip(spec.formats, paths(spec), strict=True):
            form = renderer(name)
            bodies[path] = form.render(Edition(spec=spec, entries=tuple(chosen), updated=updated))
            form.check(bodies[path], chosen)
        return bodies

    def _unpublished(self, spec: FeedSpec, before: FeedState | None, why: str) -> FeedOutcome:
        _log.error("feed %s: not published: %s", spec.name, why)
        state = before or FeedState(name=spec.name, updated=_BEFORE_ANY_ENTRY)
        self._store.record_feed_failure(replace(state, error=why))
        return FeedOutcome(name=spec.name, status=Status.FAILED, entries=before.entries if before else 0, error=why)


def paths(spec: FeedSpec) -> list[str]:
    """Return the paths of a feed's documents within the publishing folder, in the order of its formats."""
    return [f"{spec.name}/{renderer(name).file_name}" for name in spec.formats]


def _recorded(
    before: FeedState | None, updated: datetime, chosen: Sequence[Entry], known: Collection[tuple[str, str]]
) -> bool:
    """Whether the record already says what would be recorded: a crash may have come between a swap and its record."""
    return (
        before is not None
        and before.error is None
        and before.updated == updated
        and before.entries == len(chosen)
        and all((entry.source, entry.id) in known for entry in chosen)
    )
