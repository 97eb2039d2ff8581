"""One feed published: select, render, check, swap, record.

This module must not know where entries come from.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from feedmill.errors import FeedmillError, Held, StateError
from feedmill.model import (
    Edition,
    Entry,
    FeedOutcome,
    FeedSpec,
    FeedState,
    History,
    Made,
    Status,
    Tombstone,
)
from feedmill.pipeline.archiving import Archiving
from feedmill.pipeline.discretion import discreet
from feedmill.pipeline.failures import unexpected
from feedmill.pipeline.holding import Holding
from feedmill.pipeline.intake import FOR_PEOPLE, Intake
from feedmill.pipeline.standing import holds_until, inputs_of, stands, untouched
from feedmill.render import is_archive_name, renderer
from feedmill.render.directories import shortcomings
from feedmill.select import select
from feedmill.store import Store

__all__ = ["Destination", "Publishing", "is_archive", "paths"]

_log = logging.getLogger("feedmill.pipeline")

_BEFORE_ANY_ENTRY = datetime(1990, 1, 1, tzinfo=UTC)
"""The date of a feed that never had an entry: never the clock's, and early enough for any entry to be newer."""

_TOMBSTONES_STAND = timedelta(days=30)


class Destination(Protocol):
    """Where documents are published: `feedmill.publish.Folder` explains each method."""

    @property
    def rehearsal(self) -> bool: ...
    def differs(self, path: str, body: bytes) -> bool: ...
    def swap(self, path: str, body: bytes) -> bool: ...
    def sweep(self, folders: list[str]) -> int: ...
    def keep_apart(self) -> list[str]: ...
    def names(self, folder: str) -> frozenset[str]: ...
    def mark(self, folder: str) -> str | None: ...
    def read(self, path: str) -> bytes | None: ...
    def size(self, path: str) -> int | None: ...
    def remove(self, path: str) -> bool: ...


class Publishing:
    """The publishing of one site's feeds, one at a time. `Pipeline` explains each method."""

    def __init__(self, store: Store, destination: Destination, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._destination = destination
        self._clock = clock
        self._of_split: dict[str, Made] = {}

    def newest(self, spec: FeedSpec, intake: Intake, most: int) -> list[Entry]:
        """Return the newest entries that fit the feed, each story once, beyond its limit."""
        return self._select(replace(spec, limit=most), intake)[0]

    def publish(
        self, spec: FeedSpec, intake: Intake, entries: Sequence[Entry] | None = None, *, force: bool = False
    ) -> FeedOutcome:
        """Select, render, check and publish one feed; if any of its documents fails its check, none is replaced.

        One that would change in a way that may be a mistake is held, unless with `force`.

        Raises:
            StateError: the state cannot be used.
        """
        before = self._store.feed_state(spec.name)
        self._of_split.pop(spec.name, None)
        try:
            outcome = self._publish(spec, intake, before, entries, force=force)
        except StateError:
            raise
        except Held as error:
            outcome = self._unpublished(spec, before, str(error), held=True)
        except FeedmillError as error:
            outcome = self._unpublished(spec, before, str(error))
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other feeds
            _log.exception("%s: unexpected failure", spec.name, extra={"feed": spec.name})
            outcome = self._unpublished(spec, before, str(unexpected(error, spec)))
        return outcome

    def _publish(
        self,
        spec: FeedSpec,
        intake: Intake,
        before: FeedState | None,
        entries: Sequence[Entry] | None,
        *,
        force: bool,
    ) -> FeedOutcome:
        """Publish a feed with the first of `entries`, or without any given with those that are selected."""
        now = self._clock()
        holding = Holding(self._store, self._destination, spec, before, intake.taken, paths(spec))
        if not force:
            holding.keep_pinned()
        if not intake.collected:
            return self._unpublished(
                spec, before, "none of its sources was ever collected, so that there is nothing to say yet"
            )
        archiving = Archiving(self._store, self._destination, spec, intake.taken)
        inputs = inputs_of(spec, intake, holding.rules)
        if inputs and not force and before and self._stands(spec, before, inputs, archiving, now):
            return self._as_it_stands(spec, before)
        if entries is None:
            # One more than the limit tells whether anything is left out.
            fit, known = self._select(replace(spec, limit=spec.limit + 1), intake)
        else:
            fit, known = list(entries), self._store.published(spec.name, entries[: spec.limit])
        tombstones = self._store.tombstones(spec.name, now - _TOMBSTONES_STAND)
        live, bodies = self._live(spec, intake, fit, tombstones, before, archiving.last, archives=archiving.on)
        chosen = live.entries
        if not force:
            holding.guard(chosen, known, now)
        plan = archiving.plan(chosen, known, now)
        if plan.last != live.previous:
            live = replace(live, previous=plan.last)
            bodies = self._rendered(live)
        self._destination.sweep([spec.name, *archiving.unsettled()])
        changing = {path for path, body in bodies.items() if self._destination.differs(path, body)}
        if changing or plan.new or plan.again:
            topics = [spec.site.feeds_url + path for path in paths(spec) if path in changing]
            state = FeedState(name=spec.name, updated=live.updated)
            self._store.announce(state, chosen, now, plan.new, to_tell=dict.fromkeys(spec.hubs, topics))
        # The archive comes first: no live document ever leads to one that is not there.
        written = archiving.publish(plan)
        written += [path for path, body in bodies.items() if self._destination.swap(path, body)]
        if written or archiving.cleared or not _recorded(before, live, known, holding.rules):
            state = FeedState(
                name=spec.name,
                updated=live.updated,
                last_change=now if written or before is None else before.last_change,
                entries=len(chosen),
                rules=holding.rules,
            )
            digests = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
            self._store.record_feed(state, chosen, digests, now, version=bodies, cleared=archiving.cleared)
        if inputs and not archiving.problems and (live.complete or spec.history is not History.COMPLETE):
            until = holds_until(live, fit, self._store.next_embargo(now), _TOMBSTONES_STAND)
            self._record_made(spec, Made(inputs=inputs, at=now, until=until))
        status = Status.WRITTEN if written else Status.UNCHANGED
        _log.info("feed %s: %s, %d entries", spec.name, status.value, len(chosen), extra={"feed": spec.name})
        return FeedOutcome(
            name=spec.name,
            status=status,
            entries=len(chosen),
            files=tuple(paths(spec)),
            problems=(*archiving.problems, *shortcomings(spec, chosen)),
        )

    def standing(self, specs: Sequence[FeedSpec], intake: Intake) -> list[FeedOutcome]:
        """Return the outcomes of these feeds if all of them would come out as they stand, else nothing.

        Raises:
            StateError: the state cannot be used.
        """
        found: list[FeedOutcome] = []
        now = self._clock()
        for spec in specs:
            before = self._store.feed_state(spec.name)
            rules = Holding(self._store, self._destination, spec, before, intake.taken, paths(spec)).rules
            inputs = inputs_of(spec, intake, rules)
            archiving = Archiving(self._store, self._destination, spec, intake.taken)
            if not (inputs and before and self._stands(spec, before, inputs, archiving, now)):
                return []
            found.append(self._as_it_stands(spec, before))
        return found

    def settle(self, spec: FeedSpec) -> None:
        """Record what a feed was made from that is split, now that its parts are made too.

        Raises:
            StateError: the state cannot be used.
        """
        made = self._of_split.pop(spec.name, None)
        if made is not None:
            self._store.record_made(spec.name, made)

    def _record_made(self, spec: FeedSpec, made: Made) -> None:
        if spec.split_by is None:
            self._store.record_made(spec.name, made)
        else:
            self._of_split[spec.name] = made

    def _as_it_stands(self, spec: FeedSpec, before: FeedState) -> FeedOutcome:
        self._destination.sweep([spec.name])
        told = (spec.name, Status.UNCHANGED.value, before.entries)
        _log.info("feed %s: %s, %d entries", *told, extra={"feed": spec.name})
        files = tuple(paths(spec))
        return FeedOutcome(name=spec.name, status=Status.UNCHANGED, entries=before.entries, files=files)

    def _stands(self, spec: FeedSpec, before: FeedState, inputs: str, archiving: Archiving, now: datetime) -> bool:
        """Whether the feed would come out as it stands, so that nothing of it is to be made."""
        return (
            stands(before, self._store.made(spec.name), inputs, now)
            and untouched(self._store, self._destination, paths(spec))
            and archiving.settled
        )

    def _select(self, spec: FeedSpec, intake: Intake) -> tuple[list[Entry], Collection[tuple[str, str]]]:
        """Return the entries of the feed, and source and id of all that it ever carried."""
        with self._store.candidates(spec.name, intake.taken, spec.order) as candidates:
            known = candidates.published
            return select(spec, candidates.pages, known, intake.ranks, self._clock()), known

    def _live(
        self,
        spec: FeedSpec,
        intake: Intake,
        fit: Sequence[Entry],
        tombstones: tuple[Tombstone, ...],
        before: FeedState | None,
        previous: int | None,
        *,
        archives: bool,
    ) -> tuple[Edition, dict[str, bytes]]:
        """Return what the live document says, and its bytes in every format: as many of the entries that fit as limit
        and budget allow, but one at least.
        """
        floor = before.updated if before else _BEFORE_ANY_ENTRY
        number = min(len(fit), spec.limit)
        while True:
            chosen = tuple(fit[:number])
            ids = {entry.id for entry in chosen}
            live = Edition(
                spec=spec,
                entries=chosen,
                updated=max([floor, *(entry.updated for entry in chosen)]),
                tombstones=tuple(stone for stone in tombstones if stone.id not in ids),
                # A cut leaves something to be archived, and room for the link to it is needed.
                previous=previous or (1 if archives and number < len(fit) else None),
                complete=spec.history is History.COMPLETE and number == len(fit),
                upstreams=intake.upstreams,
            )
            bodies = self._rendered(live)
            # A page is not asked for again and again, so that it may be larger, unless there is nothing else.
            polled = [len(bodies[path]) for name, path in _documents(spec) if name not in FOR_PEOPLE]
            size = max(polled or map(len, bodies.values()))
            if size <= spec.max_size or number <= 1:
                break
            number = max(1, min(number - 1, number * spec.max_size // size))
        if spec.history is History.COMPLETE and not live.complete:
            _log.warning(
                "feed %s: %d entries are too many to be complete; raise limit or max_size",
                spec.name,
                len(fit),
                extra={"feed": spec.name},
            )
        return live, bodies

    def _rendered(self, live: Edition) -> dict[str, bytes]:
        bodies: dict[str, bytes] = {}
        for name, path in _documents(live.spec):
            form = renderer(name)
            bodies[path] = form.render(discreet(live))
            form.check(bodies[path], live.entries)
        return bodies

    def _unpublished(self, spec: FeedSpec, before: FeedState | None, why: str, *, held: bool = False) -> FeedOutcome:
        _log.error("feed %s: not published: %s", spec.name, why, extra={"feed": spec.name})
        state = before or FeedState(name=spec.name, updated=_BEFORE_ANY_ENTRY)
        state = replace(state, held=why, error=None) if held else replace(state, error=why)
        self._store.record_feed_failure(state)
        return FeedOutcome(name=spec.name, status=Status.FAILED, entries=state.entries, error=why, held=held)


def paths(spec: FeedSpec) -> list[str]:
    """Return the paths of a feed's documents within the publishing folder, in the order of its formats."""
    return [f"{spec.name}/{renderer(name).file_name}" for name in spec.formats]


def _documents(spec: FeedSpec) -> list[tuple[str, str]]:
    """Return the live documents of a feed: format and path."""
    return list(zip(spec.formats, paths(spec), strict=True))


def is_archive(path: str, spec: FeedSpec) -> bool:
    """Return whether the published file `path` is an archive document that the feed is configured to have."""
    if spec.history is not History.ARCHIVE:
        return False
    folder, name = f"{spec.name}/", path.removeprefix(f"{spec.name}/")
    forms = (form for form in map(renderer, spec.formats) if form.archives)
    return path.startswith(folder) and any(is_archive_name(name, form.file_name) for form in forms)


def _recorded(before: FeedState | None, live: Edition, known: Collection[tuple[str, str]], rules: str) -> bool:
    """Whether the record already says what would be recorded: a crash may have come between a swap and its record."""
    return (
        before is not None
        and before.error is None
        and before.held is None
        and before.rules == rules
        and before.updated == live.updated
        and before.entries == len(live.entries)
        and all((entry.source, entry.id) in known for entry in live.entries)
    )
