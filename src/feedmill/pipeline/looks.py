"""One look at a source: collect, normalize, decide, store; and when the next one is.

This module must not know how entries become feeds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from feedmill import redirects
from feedmill.collect import Tools, collector
from feedmill.config import Config
from feedmill.errors import CollectError, FeedmillError, StateError, StatusError
from feedmill.model import (
    Changes,
    Fetched,
    FullText,
    Hints,
    HostState,
    Normalized,
    Outcome,
    Problem,
    Push,
    Source,
    SourceState,
    Status,
    Subscription,
    Validators,
)
from feedmill.normalize import normalizer
from feedmill.pipeline.agenda import Agenda, address_of, asked_at, following_look, settings_of
from feedmill.pipeline.attaching import attach
from feedmill.pipeline.deciding import decided
from feedmill.pipeline.failures import unexpected
from feedmill.pipeline.fulltext import FullTexts
from feedmill.pipeline.pushes import delivered, together
from feedmill.pipeline.reading import Readings
from feedmill.pipeline.roster import relisted
from feedmill.polling import LOOKS_REMEMBERED, asked_for_rest, rhythm
from feedmill.publish import Folder
from feedmill.store import Store
from feedmill.strangers import notice

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient


__all__ = ["Looks", "Trial"]

_log = logging.getLogger("feedmill.pipeline")

_ASKING_FOR_REST = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gives now, without anything being stored. `feeds` is how many a subscription list names."""

    entries: int
    feeds: int | None = None
    problems: tuple[Problem, ...] = ()


class Looks:
    """The looks at one site's sources; many of them may be made at once. `Pipeline` explains each method.

    `folder` opens a folder that files are written into."""

    def __init__(
        self, config: Config, store: Store, clock: Callable[[], datetime], folder: Callable[[str], Folder] = Folder
    ) -> None:
        self._folder = folder
        self._config = config
        self._store = store
        self._clock = clock
        self._http: HttpClient | None = None
        self._lock = Lock()
        self._readings = Readings(config.site)
        self._full_texts = FullTexts(config, store, self.client)

    def close(self) -> None:
        """Close connections to upstreams, and end what reads documents elsewhere."""
        self._readings.close()
        if self._http is not None:
            self._http.close()

    def refresh(
        self, source: Source, *, force: bool = False, trust: bool = False, planned: Agenda | None = None
    ) -> Outcome:
        """Look at one source and store what it brings, in one transaction, unless it is to be left alone.

        `planned` is the agenda of the run that the look belongs to: what it says need not be asked of the state again.
        Whatever is wrong with the source becomes a failed outcome and is remembered; its entries stay.

        Raises:
            StateError: the state cannot be used.
        """
        now = self._clock()
        if planned is None:
            states = {source.name: self._store.source_state(source.name)}
            planned = Agenda(self._config, states, self._store.host_states(), now, self._store.hubs.states())
        state, host, agenda = planned.state(source), planned.host(source), replace(planned, now=now)
        pushed = self._read_pushes(source, agenda, state, host, trust=trust) if agenda.pushed(source).waiting else None
        if pushed is not None and not force:
            _log_outcome(pushed)
            return pushed
        # Another look may have been told to come later since this one was planned.
        left_alone = None if force else agenda.left_alone(source)
        if left_alone:
            return Outcome(source=source.name, status=Status.SKIPPED, error=left_alone, next=agenda.due(source))
        released = self._store.release(source.name) if trust else 0
        try:
            outcome = self._refresh(source, agenda, state, host, trust=trust)
        except StateError:
            raise
        except FeedmillError as error:
            outcome = self._failed(source, agenda, state, host, error)
        except Exception as error:  # noqa: BLE001  # a defect of ours, or of a plug-in, must not hold up the other sources
            _log.exception("%s: unexpected failure", source.name, extra={"source": source.name})
            outcome = self._failed(source, agenda, state, host, unexpected(error, source))
        finally:
            self._release()
        if pushed is not None:
            outcome = together(pushed, outcome)
        if released:  # to readers these are new now
            status = Status.FAILED if outcome.status is Status.FAILED else Status.UPDATED
            outcome = replace(outcome, status=status, new=outcome.new + released)
        _log_outcome(outcome)
        return outcome

    def _read_pushes(
        self, source: Source, agenda: Agenda, state: SourceState, host: HostState, *, trust: bool
    ) -> Outcome:
        """Read what hubs pushed for a source in place of asking its server, the oldest push first. One that cannot be
        read is dropped, and an ordinary look follows soon."""
        total = Outcome(source=source.name, status=Status.UNCHANGED, next=agenda.due(source))
        for push in self._store.hubs.waiting(source.name):
            try:
                outcome = self._refresh(source, agenda, state, host, trust=trust, push=push)
            except StateError:
                raise
            except Exception as error:  # noqa: BLE001  # as with every look
                if not isinstance(error, FeedmillError):
                    _log.exception("%s: unexpected failure", source.name)
                self._store.hubs.unreadable(push, self._clock())
                problem = Problem(where=source.name, message=f"what its hub pushed cannot be used: {error}")
                outcome = Outcome(source=source.name, status=Status.UNCHANGED, problems=(problem,))
            total = together(total, outcome)
        return total

    def attempt(self, source: Source) -> Trial:
        """Look at one source without storing anything.

        Raises:
            FeedmillError: it cannot be collected or read, for whatever reason.
        """
        now = self._clock()
        address = asked_at(source, self._store.source_state(source.name))
        try:
            fetched = collector(source.kind)(source, Tools(now=now, http=self.client, address=address))
            if _reads_pages(source):
                came, _ = self._full_texts.look(source, fetched, now, most=1)
            else:
                came = normalizer(source.kind)(source, self._config.site, fetched, now)
        except FeedmillError:
            raise
        except Exception as error:
            _log.exception("%s: unexpected failure", source.name, extra={"source": source.name})
            raise unexpected(error, source) from error
        finally:
            self._release()
        feeds = None if came.subscriptions is None else len(came.subscriptions)
        return Trial(entries=len(came.drafts), feeds=feeds, problems=fetched.problems + came.problems)

    def _refresh(
        self,
        source: Source,
        agenda: Agenda,
        state: SourceState,
        host: HostState,
        *,
        trust: bool,
        push: Push | None = None,
    ) -> Outcome:
        now = agenda.now
        settings = settings_of(source, self._config)
        if push is None and state.settings != settings:
            # What is stored was made by other rules: everything is read again.
            state = replace(state, settings="", validators=Validators())
        marks = {} if source.kind == "feed" else self._store.stamps(source.name)
        tools = Tools(
            now=now,
            http=self.client,
            address=asked_at(source, state),
            validators=state.validators,
            stamps=marks if state.settings else {},
        )
        fetched = collector(source.kind)(source, tools) if push is None else delivered(source, state, push)
        came, changes = Normalized(), Changes()
        revisions: Sequence[str] | None = None
        pages: tuple[FullText, ...] = ()
        if _reads_pages(source):
            came, pages = self._full_texts.look(source, fetched, now)
        elif not fetched.unchanged:
            came, revisions = self._readings.read(source, fetched, now)
        attach(self._folder, self._config.site, source, fetched, came, now)
        if came.drafts or not fetched.unchanged:
            guarded = state.validators != Validators() and not trust
            changes = decided(self._store, source, fetched, came, now, revisions, guarded=guarded)
        # The changes hold all that will be written. A folder's worth of articles is not kept three times meanwhile.
        fetched, came = replace(fetched, documents=()), replace(came, drafts=())
        # A document that could not be read is read again at every look, and noticed when it goes.
        stamps = {name: "" if name in came.failed else stamp for name, stamp in fetched.stamps.items()}
        listed = self._listed(source, came)
        rested: list[HostState] = []
        if push is None:
            after = self._after(source, state, fetched, came, changes, listed=bool(listed))
            after = replace(after, settings=settings, asked_url=address_of(source))
            answered = (host, _host_of_answer(agenda, host, fetched.host))
            rested = [HostState(host=one.host) for one in answered if one.strikes]
            agenda.hosts.update({one.host: one for one in rested})
        else:  # its server was not asked: what that said, and when it is asked again, stays
            after = replace(state, last_success=self._clock())
        following = following_look(source, self._config, after, after.last_look or now, agenda.pushed(source).until)
        self._store.record_look(
            replace(after, next_look=following),
            now,
            changes=changes,
            stamps=(marks, stamps),
            of_hosts=rested,
            pages=pages,
            subscriptions=listed,
            push=push,
            received=fetched.received,
            not_modified=fetched.not_modified,
        )
        touched = changes.new or changes.changed or changes.withdrawn or listed
        return Outcome(
            source=source.name,
            status=Status.UPDATED if touched else Status.UNCHANGED,
            new=len(changes.new),
            changed=len(changes.changed),
            withdrawn=len(changes.withdrawn),
            problems=(*fetched.problems, *came.problems, *notice(source.name, changes)),
            next=following,
        )

    def _listed(self, source: Source, came: Normalized) -> tuple[Subscription, ...]:
        """Return what is to be remembered anew of the feeds that a list names."""
        if came.subscriptions is None:
            return ()
        return relisted(self._store.subscriptions(source.name), came.subscriptions, whole=not came.failed)

    def _after(
        self,
        source: Source,
        state: SourceState,
        fetched: Fetched,
        came: Normalized,
        changes: Changes,
        *,
        listed: bool,
    ) -> SourceState:
        """Return what is remembered of the source after a look that worked; `listed` says that a list has changed."""
        looked = self._clock()
        moved = redirects.followed(state, fetched.moved_to)
        if moved.address != state.address:
            _log.warning(
                "%s: moved for good; from now on it is asked at %s",
                source.name,
                moved.address,
                extra={"source": source.name},
            )
        looks = (state.looks + ("1" if changes.new or listed else "0"))[-LOOKS_REMEMBERED:]
        dates = [entry.published for entry in changes.new] + self._store.recent_dates(source.name)
        return replace(
            moved,
            validators=fetched.validators,
            hints=_hints(state.hints, fetched, came),
            rhythm=rhythm(dates, looks, self._config.schedule, looked) if source.url else None,
            looks=looks,
            last_look=looked,
            last_success=looked,
            wait_until=looked + fetched.wait if fetched.wait else None,
            failures=0,
            error=None,
            gone=False,
        )

    def _failed(
        self, source: Source, agenda: Agenda, state: SourceState, host: HostState, error: FeedmillError
    ) -> Outcome:
        looked = self._clock()
        wait = error.wait if isinstance(error, CollectError) else None
        settings = settings_of(source, self._config)
        marks: tuple[dict[str, str], dict[str, str]] | None = None
        if state.settings != settings:
            # Validators and marks that belong to other settings would keep the next look from reading everything.
            state = replace(state, validators=Validators())
            marks = (self._store.stamps(source.name), {})
        message = str(error)
        after = redirects.after_failure(replace(state, failures=state.failures + 1))
        after = replace(
            after,
            settings=settings,
            asked_url=address_of(source),
            hints=replace(state.hints, fresh_for=None),
            last_look=looked,
            wait_until=looked + wait if wait else None,
            error=message,
            gone=isinstance(error, CollectError) and error.gone,
        )
        following = following_look(source, self._config, after, looked, agenda.pushed(source).until)
        struck: list[HostState] = []
        if wait and isinstance(error, StatusError) and error.status in _ASKING_FOR_REST:
            struck = [asked_for_rest(_host_of_answer(agenda, host, error.host), wait, looked)]
            agenda.hosts.update({one.host: one for one in struck})
        self._store.record_look(replace(after, next_look=following), looked, stamps=marks, of_hosts=struck)
        return Outcome(source=source.name, status=Status.FAILED, error=message, next=following)

    def _release(self) -> None:
        """Let another look have a large document in hand."""
        if self._http is not None:
            self._http.release()

    def client(self) -> HttpClient:
        """Return the way to the network, which is set up at its first use."""
        with self._lock:
            if self._http is None:
                from feedmill.collect.http import HttpClient

                self._http = HttpClient(self._config.fetch)
            return self._http


def _host_of_answer(agenda: Agenda, asked: HostState, name: str | None) -> HostState:
    """Return what is remembered of the host that answered, which need not be the one that was asked."""
    return asked if name is None or name == asked.host else agenda.hosts.get(name) or HostState(host=name)


def _reads_pages(source: Source) -> bool:
    """Whether the source's articles have pages of their own to be read. A list has no articles: its feeds have."""
    return source.fulltext and source.kind != "opml"


def _hints(before: Hints, fetched: Fetched, came: Normalized) -> Hints:
    """Return what was said about when to ask again. What an unchanged answer does not repeat still holds (RFC 9111
    section 3.2)."""
    if fetched.unchanged:
        fresh = before.fresh_for if fetched.fresh_for is None else fetched.fresh_for or None
        return _pushing(replace(before, fresh_for=fresh), fetched)
    return _pushing(replace(came.hints, fresh_for=fetched.fresh_for or None), fetched)


def _pushing(said: Hints, fetched: Fetched) -> Hints:
    """Return `said` with what the headers say of hubs, which comes first (WebSub, section 4)."""
    return replace(said, hubs=fetched.hubs or said.hubs, topic=fetched.topic or said.topic)


def _log_outcome(outcome: Outcome) -> None:
    for problem in outcome.problems:
        _log.warning("%s", problem, extra={"source": outcome.source})
    if outcome.status is Status.FAILED:
        _log.error("%s: failed: %s", outcome.source, outcome.error, extra={"source": outcome.source})
    else:
        _log.info(
            "%s: %s, %d new, %d changed, %d withdrawn",
            outcome.source,
            outcome.status.value,
            outcome.new,
            outcome.changed,
            outcome.withdrawn,
            extra={"source": outcome.source},
        )
