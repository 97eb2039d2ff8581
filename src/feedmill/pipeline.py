"""refresh(source) and publish(feed): the only module that knows all the stages.

It composes them and holds no rule of its own about feeds: what a look means is decided in `normalize` and
`changes`, when the next is due in `polling`, what a feed holds in `select`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from feedmill import times
from feedmill.changes import decide
from feedmill.collect import Tools, collector
from feedmill.config import Config
from feedmill.errors import CollectError, FeedmillError, StateError
from feedmill.model import (
    Changes,
    Entry,
    FeedOutcome,
    FeedSpec,
    FeedState,
    Fetched,
    Normalized,
    Outcome,
    Problem,
    Source,
    SourceState,
    Status,
    Validators,
)
from feedmill.normalize import normalizer
from feedmill.polling import next_look
from feedmill.render import renderer
from feedmill.select import matching_sources, select
from feedmill.store import Store

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient

__all__ = ["Destination", "Pipeline", "Trial", "paths"]

_log = logging.getLogger(__name__)

_NORMALIZATION = 1
"""Raised when normalization changes so much that what is stored should be read again."""

_LONGEST_WAIT = timedelta(days=7)
"""No Retry-After is longer than this (`collect.http`)."""

_BEFORE_ANY_ENTRY = datetime(1990, 1, 1, tzinfo=UTC)
"""The date of a feed that never had an entry: never the clock's, and early enough for any entry to be newer."""


class Destination(Protocol):
    """Where documents are published: `feedmill.publish.Folder` explains each method."""

    def differs(self, path: str, body: bytes) -> bool: ...
    def swap(self, path: str, body: bytes) -> bool: ...
    def sweep(self, folders: list[str]) -> int: ...
    def remove(self, path: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gives now, without anything being stored."""

    entries: int
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Pipeline:
    """The stages of one site, put together.

    `clock` returns the present, aware UTC. A pipeline may refresh many sources at once; it publishes one feed at
    a time.
    """

    config: Config
    store: Store
    destination: Destination
    clock: Callable[[], datetime] = times.now
    _http: HttpClient | None = None
    _lock: Lock = field(default_factory=Lock)

    def close(self) -> None:
        """Close connections to upstreams. The store belongs to whoever opened it."""
        if self._http is not None:
            self._http.close()

    # --- one source

    def refresh(self, source: Source) -> Outcome:
        """Look at one source and store what it brings, in one transaction.

        Whatever is wrong with the source becomes a failed outcome and is remembered; its entries stay.

        Raises:
            StateError: the state cannot be used.
        """
        now = self.clock()
        state = self.store.source_state(source.name)
        try:
            outcome = self._refresh(source, state, now)
        except StateError:
            raise
        except FeedmillError as error:
            outcome = self._failed(source, state, error, now)
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other sources
            _log.exception("%s: unexpected failure", source.name)
            outcome = self._failed(source, state, _unexpected(error, source), now)
        _log_outcome(outcome)
        return outcome

    def attempt(self, source: Source) -> Trial:
        """Look at one source without storing anything.

        Raises:
            FeedmillError: it cannot be collected or read.
        """
        now = self.clock()
        fetched = collector(source.kind)(source, Tools(now=now, http=self._client))
        came = normalizer(source.kind)(source, self.config.site, fetched, now)
        return Trial(entries=len(came.drafts), problems=fetched.problems + came.problems)

    def _refresh(self, source: Source, state: SourceState, now: datetime) -> Outcome:
        settings = self._settings(source)
        same = state.settings == settings
        old_stamps = self.store.stamps(source.name)
        tools = Tools(
            now=now,
            http=self._client,
            validators=state.validators if same else Validators(),
            stamps=old_stamps if same else {},
        )
        fetched = collector(source.kind)(source, tools)
        came, changes = Normalized(), Changes()
        if not fetched.unchanged:
            came = normalizer(source.kind)(source, self.config.site, fetched, now)
            changes = self._decide(source, fetched, came, now)
        # A document that could not be read is read again at every look, and noticed when it goes.
        stamps = {name: "" if name in came.failed else stamp for name, stamp in fetched.stamps.items()}
        following = self._next(source, now, wait_until=now + fetched.wait if fetched.wait else None)
        new_state = SourceState(
            name=source.name,
            settings=settings,
            validators=fetched.validators,
            moved_to=fetched.moved_to,
            last_look=now,
            last_success=now,
            next_look=following,
        )
        self.store.record_look(new_state, now, changes=changes, stamps=(old_stamps, stamps))
        touched = changes.new or changes.changed or changes.withdrawn
        return Outcome(
            source=source.name,
            status=Status.UPDATED if touched else Status.UNCHANGED,
            new=len(changes.new),
            changed=len(changes.changed),
            withdrawn=len(changes.withdrawn),
            problems=fetched.problems + came.problems,
            next=following,
        )

    def _decide(self, source: Source, fetched: Fetched, came: Normalized, now: datetime) -> Changes:
        ledger = self.store.ledger(source.name, came.drafts, whole=fetched.present is not None)
        modified = {d.name: d.modified for d in fetched.documents if d.modified is not None}
        return decide(
            source.name,
            came,
            ledger,
            now,
            present=fetched.present,
            unreadable=fetched.unreadable,
            modified=modified,
        )

    def _failed(self, source: Source, state: SourceState, error: FeedmillError, now: datetime) -> Outcome:
        wait = error.wait if isinstance(error, CollectError) else None
        gone = isinstance(error, CollectError) and error.gone
        failures = state.failures + 1
        wait_until = now + wait if wait else None
        following = self._next(source, now, failures=failures, wait_until=wait_until, gone=gone)
        message = str(error)
        settings = self._settings(source)
        # Validators and marks that belong to other settings would keep the next look from reading everything.
        same = state.settings == settings
        self.store.record_look(
            replace(
                state,
                settings=settings,
                validators=state.validators if same else Validators(),
                last_look=now,
                next_look=following,
                wait_until=wait_until,
                failures=failures,
                error=message,
                gone=gone,
            ),
            now,
            stamps=None if same else (self.store.stamps(source.name), {}),
        )
        return Outcome(source=source.name, status=Status.FAILED, error=message, next=following)

    def _next(
        self,
        source: Source,
        now: datetime,
        *,
        failures: int = 0,
        wait_until: datetime | None = None,
        gone: bool = False,
    ) -> datetime | None:
        zone = source.timezone or self.config.site.timezone
        return next_look(source, self.config.schedule, zone, now, failures=failures, wait_until=wait_until, gone=gone)

    def due(self, source: Source, state: SourceState | None, now: datetime) -> datetime | None:
        """Return when `source` is to be looked at again, by today's settings; None for never.

        A source whose settings changed is due at once, whatever its old address said.
        """
        if state is None or state.last_look is None or state.settings != self._settings(source):
            return now
        wait_until = state.wait_until
        if wait_until is not None and wait_until - now > _LONGEST_WAIT:  # asked for by a clock that was wrong
            wait_until = None
        if state.last_look > now:
            # A clock that was set back must not silence a source until the old time comes round again.
            return None if state.gone else max(now, wait_until or now)
        return self._next(source, state.last_look, failures=state.failures, wait_until=wait_until, gone=state.gone)

    def left_alone(self, source: Source, state: SourceState | None, now: datetime) -> str | None:
        """Return in words what the server said, if it asked not to be looked at now; None if it did not."""
        if state is None or state.settings != self._settings(source):
            return None
        if state.gone:
            return (
                "the server said that the feed is gone for good (410); remove the source, or ask once more with --force"
            )
        wait = state.wait_until - now if state.wait_until else timedelta()
        if state.wait_until is None or not timedelta() < wait <= _LONGEST_WAIT:
            return None
        return f"the server asked to be left alone until {times.iso(state.wait_until)}; --force asks all the same"

    def _settings(self, source: Source) -> str:
        """Digest what shapes a source's entries besides its documents; when they sleep does not."""
        shaping = replace(source, every=None, cron=None)
        site = self.config.site
        parts = (_NORMALIZATION, shaping, site.url, site.language, site.timezone, site.id_authority)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _client(self) -> HttpClient:
        with self._lock:
            if self._http is None:
                from feedmill.collect.http import HttpClient

                self._http = HttpClient(self.config.fetch)
            return self._http

    # --- one feed

    def publish(self, spec: FeedSpec) -> FeedOutcome:
        """Select, render, check and publish one feed; if any of its documents fails its check, none is replaced.

        Raises:
            StateError: the state cannot be used.
        """
        before = self.store.feed_state(spec.name)
        try:
            outcome = self._publish(spec, before)
        except StateError:
            raise
        except FeedmillError as error:
            outcome = self._unpublished(spec, before, str(error))
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other feeds
            _log.exception("%s: unexpected failure", spec.name)
            outcome = self._unpublished(spec, before, str(_unexpected(error, spec)))
        return outcome

    def _publish(self, spec: FeedSpec, before: FeedState | None) -> FeedOutcome:
        now = self.clock()
        names = [source.name for source in self.config.sources]
        taken = matching_sources(spec, names)
        if not self._any_collected(taken):
            return self._unpublished(
                spec, before, "none of its sources was ever collected, so that there is nothing to say yet"
            )
        ranks = {name: rank for rank, name in enumerate(names)}
        with self.store.candidates(spec.name, taken, spec.order) as candidates:
            chosen = select(spec, candidates.stream, candidates.rivals, candidates.published, ranks, now)
            known = candidates.published
        floor = before.updated if before else _BEFORE_ANY_ENTRY
        updated = max([floor, *(entry.updated for entry in chosen)])
        bodies = self._rendered(spec, chosen, updated)
        self.destination.sweep([spec.name])
        if any(self.destination.differs(path, body) for path, body in bodies.items()):
            self.store.announce(FeedState(name=spec.name, updated=updated), chosen, now)
        written = [path for path, body in bodies.items() if self.destination.swap(path, body)]
        if written or not _recorded(before, updated, chosen, known):
            state = FeedState(
                name=spec.name,
                updated=updated,
                last_change=now if written or before is None else before.last_change,
                entries=len(chosen),
            )
            digests = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
            self.store.record_feed(state, chosen, digests, now)
        status = Status.WRITTEN if written else Status.UNCHANGED
        _log.info("feed %s: %s, %d entries", spec.name, status.value, len(chosen))
        return FeedOutcome(name=spec.name, status=status, entries=len(chosen), files=tuple(bodies))

    def _any_collected(self, names: Collection[str]) -> bool:
        states = self.store.source_states()
        return any(name in states and states[name].last_success is not None for name in names)

    def _rendered(self, spec: FeedSpec, chosen: Sequence[Entry], updated: datetime) -> dict[str, bytes]:
        bodies: dict[str, bytes] = {}
        for name, path in zip(spec.formats, paths(spec), strict=True):
            form = renderer(name)
            bodies[path] = form.render(spec, chosen, updated)
            form.check(bodies[path], chosen)
        return bodies

    def _unpublished(self, spec: FeedSpec, before: FeedState | None, why: str) -> FeedOutcome:
        _log.error("feed %s: not published: %s", spec.name, why)
        state = before or FeedState(name=spec.name, updated=_BEFORE_ANY_ENTRY)
        self.store.record_feed_failure(replace(state, error=why))
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


def _unexpected(error: Exception, subject: Source | FeedSpec) -> FeedmillError:
    return FeedmillError(
        f"unexpected {type(error).__name__}: {error}",
        where=subject.name,
        hint="This is a defect in Feedmill; please report it with the log.",
    )


def _log_outcome(outcome: Outcome) -> None:
    for problem in outcome.problems:
        _log.warning("%s", problem)
    if outcome.status is Status.FAILED:
        _log.error("%s: failed: %s", outcome.source, outcome.error)
    else:
        _log.info(
            "%s: %s, %d new, %d changed, %d withdrawn",
            outcome.source,
            outcome.status.value,
            outcome.new,
            outcome.changed,
            outcome.withdrawn,
        )
