"""Upstream hubs are asked to push: subscribed to, renewed and left, after the feeds are published.

This module must not know when that is to be done (`websub` does), nor what becomes of a push.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from feedmill import websub
from feedmill.collect.addresses import shown
from feedmill.config import Config
from feedmill.errors import CollectError, StatusError
from feedmill.jobs.inline import Job, run_all
from feedmill.model import HubSubscription, Intent
from feedmill.pipeline.agenda import Agenda, asked_at
from feedmill.pipeline.roster import Roster
from feedmill.store import Store
from feedmill.websub import Act, Step, Wish

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient

__all__ = ["Subscribing"]

_log = logging.getLogger("feedmill.pipeline")

_MOST_ASKED = 20
"""Requests to one hub in one run: a run ends, whatever hubs do, and the rest is for the next one."""

_INTENTS = {Act.SUBSCRIBE: Intent.SUBSCRIBE, Act.UNSUBSCRIBE: Intent.UNSUBSCRIBE}


class Subscribing:
    """What one site's sources are subscribed to. `Pipeline` explains each method.

    `client` is called for the way to the network; without it no hub is asked.
    """

    def __init__(
        self, config: Config, store: Store, clock: Callable[[], datetime], client: Callable[[], HttpClient] | None
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._client = client

    @property
    def idle(self) -> bool:
        """Whether there is nothing to ask hubs for, as at most sites."""
        return self._client is None or (self._config.serve.url is None and not self._store.hubs.subscriptions())

    def subscribe(self, roster: Roster, agenda: Agenda, stop: Event) -> None:
        """Take every step towards hubs whose time has come; once `stop` is set no further hub is asked."""
        self._store.hubs.forget_pushes([source.name for source in roster.sources])
        by_hub: dict[str, list[Step]] = {}
        for step in self._steps(roster, agenda):
            if step.due > agenda.now:
                continue
            if step.act is Act.FORGET:
                self._forget(step)
            else:
                by_hub.setdefault(step.hub, []).append(step)
        jobs = [Job(call=partial(self._ask_all, steps, stop)) for steps in by_hub.values()]
        for _ in run_all(jobs, self._config.fetch.workers, stop):
            pass

    def next_step(self, roster: Roster, agenda: Agenda) -> datetime | None:
        """Return when the next step is to be taken."""
        return None if self.idle else min((step.due for step in self._steps(roster, agenda)), default=None)

    def _steps(self, roster: Roster, agenda: Agenda) -> list[Step]:
        known = self._store.hubs.subscriptions()
        return websub.plan(list(_wishes(roster, agenda)), known, self._config.serve.url, agenda.now)

    def _ask_all(self, steps: list[Step], stop: Event) -> None:
        """Ask one hub for all that it is to be asked. One that cannot be reached is not tried again in this run."""
        unreachable: CollectError | None = None
        for step in steps[:_MOST_ASKED]:
            if stop.is_set():
                return
            now = self._clock()
            one = step.known or self._begun(step, now)
            if unreachable is None:
                # Recorded before: the hub may verify the request while it answers it.
                asking = self._store.hubs.change(one.id, partial(websub.asking, intent=_INTENTS[step.act], now=now))
                unreachable = self._ask(asking) if asking is not None else None
            else:
                self._store.hubs.change(one.id, partial(websub.failed, error=str(unreachable), now=now))

    def _ask(self, one: HubSubscription) -> CollectError | None:
        """Ask the hub for one subscription, or to end it; return why it cannot be reached."""
        assert self._client is not None  # noqa: S101  # nothing is asked without one
        form = [("hub.callback", one.callback), ("hub.mode", one.intent.value), ("hub.topic", one.topic)]
        if one.intent is Intent.SUBSCRIBE:
            lease = int(websub.LEASE.total_seconds())
            form += [("hub.lease_seconds", str(lease)), ("hub.secret", one.secret)]
        try:
            self._client().post(one.hub, form, now=self._clock())
        except CollectError as error:
            _log.warning("%s: hub %s: %s failed: %s", one.source, one.hub, one.intent.value, error)
            self._store.hubs.change(one.id, partial(_after_failure, error=error, now=self._clock()))
            return None if isinstance(error, StatusError) else error
        _log.info("%s: hub %s: asked to %s", one.source, one.hub, one.intent.value)
        return None

    def _begun(self, step: Step, now: datetime) -> HubSubscription:
        id_ = secrets.token_urlsafe(24)
        new = HubSubscription(
            id=id_,
            source=step.source,
            hub=step.hub,
            topic=step.topic,
            callback=websub.callback(self._config.serve.url or "", id_),
            secret=secrets.token_urlsafe(48),
            due=now,
        )
        self._store.hubs.add(new)
        return new

    def _forget(self, step: Step) -> None:
        if step.known is not None:
            self._store.hubs.change(step.known.id, lambda _: None)
            _log.info("%s: hub %s: subscription ended", step.source, step.hub)


def _after_failure(one: HubSubscription, error: CollectError, now: datetime) -> HubSubscription:
    """A hub that verified the request before its answer broke off has taken it."""
    return one if one.asked is None else websub.failed(one, str(error), now, error.wait)


def _wishes(roster: Roster, agenda: Agenda) -> Iterator[Wish]:
    for source in roster.sources:
        state = agenda.state(source)
        hubs, address = state.hints.hubs, asked_at(source, state)
        if hubs and address and not state.gone:
            yield Wish(source=source.name, hubs=hubs, topic=state.hints.topic or shown(address))
