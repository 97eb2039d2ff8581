"""One look at a source: collect, normalize, decide, store; and when the next one is.

This module must not know how entries become feeds.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from feedmill import times
from feedmill.changes import decide
from feedmill.collect import Tools, collector
from feedmill.config import Config
from feedmill.errors import CollectError, FeedmillError, StateError
from feedmill.model import (
    Changes,
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
from feedmill.pipeline.failures import unexpected
from feedmill.polling import next_look
from feedmill.store import Store

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient


__all__ = ["Looks", "Trial"]

_log = logging.getLogger("feedmill.pipeline")

_NORMALIZATION = 1
"""Raised when normalization changes so much that what is stored should be read again."""

_LONGEST_WAIT = timedelta(days=7)
"""No Retry-After is longer than this (`collect.http`)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gives now, without anything being stored."""

    entries: int
    problems: tuple[Problem, ...] = ()


class Looks:
    """The looks at one site's sources; many of them may be made at once. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._http: HttpClient | None = None
        self._lock = Lock()

    def close(self) -> None:
        """Close connections to upstreams."""
        if self._http is not None:
            self._http.close()

    def refresh(self, source: Source) -> Outcome:
        """Look at one source and store what it brings, in one transaction.

        Whatever is wrong with the source becomes a failed outcome and is remembered; its entries stay.

        Raises:
            StateError: the state cannot be used.
        """
        now = self._clock()
        state = self._store.source_state(source.name)
        try:
            outcome = self._refresh(source, state, now)
        except StateError:
            raise
        except FeedmillError as error:
            outcome = self._failed(source, state, error, now)
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other sources
            _log.exception("%s: unexpected failure", source.name)
            outcome = self._failed(source, state, unexpected(error, source), now)
        _log_outcome(outcome)
        return outcome

    def attempt(self, source: Source) -> Trial:
        """Look at one source without storing anything.

        Raises:
            FeedmillError: it cannot be collected or read.
        """
        now = self._clock()
        fetched = collector(source.kind)(source, Tools(now=now, http=self._client))
        came = normalizer(source.kind)(source, self._config.site, fetched, now)
        return Trial(entries=len(came.drafts), problems=fetched.problems + came.problems)

    def _refresh(self, source: Source, state: SourceState, now: datetime) -> Outcome:
        settings = self._settings(source)
        same = state.settings == settings
        old_stamps = self._store.stamps(source.name)
        tools = Tools(
            now=now,
            http=self._client,
            validators=state.validators if same else Validators(),
            stamps=old_stamps if same else {},
        )
        fetched = collector(source.kind)(source, tools)
        came, changes = Normalized(), Changes()
        if not fetched.unchanged:
            came = normalizer(source.kind)(source, self._config.site, fetched, now)
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
        self._store.record_look(new_state, now, changes=changes, stamps=(old_stamps, stamps))
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
        ledger = self._store.ledger(source.name, came.drafts, whole=fetched.present is not None)
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
        self._store.record_look(
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
            stamps=None if same else (self._store.stamps(source.name), {}),
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
        zone = source.timezone or self._config.site.timezone
        return next_look(source, self._config.schedule, zone, now, failures=failures, wait_until=wait_until, gone=gone)

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
        site = self._config.site
        parts = (_NORMALIZATION, shaping, site.url, site.language, site.timezone, site.id_authority)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _client(self) -> HttpClient:
        with self._lock:
            if self._http is None:
                from feedmill.collect.http import HttpClient

                self._http = HttpClient(self._config.fetch)
            return self._http


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
