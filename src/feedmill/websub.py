"""When a hub is to be asked what: WebSub as a subscriber (https://www.w3.org/TR/websub/), as pure functions.

1. A source whose feed names hubs is subscribed to at one of them: at the one that pushes already, else at the one
   that failed least, in the feed's own order.
2. A hub that took a request verifies it by asking back. Until it has, nothing is subscribed; if it has not after an
   hour, it is asked again, and that counts as a failure.
3. Failures are followed by the next try after five minutes, ten, twenty, up to a day, or after as long as the hub asks
   for. A denial is followed by the next try after a day.
4. A lease is renewed when a fifth of it is left, by the same callback and secret; no sooner than after a minute.
5. A subscription that nobody wants any more, since the source is gone or names another hub or topic, or since this
   server has another address or none, is ended at its hub. A hub that does not take that is told three times; then the
   lease runs out by itself.

This module must not know how a hub is asked, nor read the clock, nor make secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from feedmill.model import HubSubscription, Intent

__all__ = ["LEASE", "Act", "Step", "Wish", "asking", "callback", "denied", "failed", "plan", "verified"]

LEASE = timedelta(days=10)
"""What a hub is asked for (the default that section 5.1 names)."""

_LONGEST_LEASE = timedelta(days=30)
_SOONEST_RENEWAL = timedelta(minutes=1)
_PATIENCE = timedelta(hours=1)
_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(days=1)
_MOST_FAREWELLS = 3


class Act(StrEnum):
    """What is to be done."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A source that is to be pushed: its feed is called `topic` at its `hubs`."""

    source: str
    hubs: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be done at `due` about a subscription at `hub`; `known` is None for one that is yet to be made."""

    act: Act
    due: datetime
    source: str
    hub: str
    topic: str
    known: HubSubscription | None = None


def callback(url: str, id_: str) -> str:
    """Return the address that hubs call back, of a server that the world reaches at `url`."""
    return f"{url}websub/{id_}"


def plan(wishes: Sequence[Wish], known: Sequence[HubSubscription], url: str | None, now: datetime) -> list[Step]:
    """Return the next step of each subscription that there is or should be, whether its time has come or not.

    `url` is where the world reaches this server; without it nothing is subscribed to.
    """
    by_source: dict[str, list[HubSubscription]] = {}
    for one in known:
        by_source.setdefault(one.source, []).append(one)
    steps: list[Step] = []
    for wish in wishes if url else ():
        fitting = [one for one in by_source.get(wish.source, ()) if _fits(one, wish, url or "")]
        others = [one for one in by_source.pop(wish.source, ()) if one not in fitting]
        steps += _towards(wish, fitting, now)
        steps += [_ending(one, now) for one in others]
    steps += [_ending(one, now) for ones in by_source.values() for one in ones]
    return steps


def _fits(one: HubSubscription, wish: Wish, url: str) -> bool:
    here = one.callback == callback(url, one.id)
    return here and one.intent is Intent.SUBSCRIBE and one.hub in wish.hubs and one.topic == wish.topic


def _towards(wish: Wish, fitting: Sequence[HubSubscription], now: datetime) -> Iterator[Step]:
    by_hub = {one.hub: one for one in fitting}

    def rank(hub: str) -> tuple[bool, int]:
        one = by_hub.get(hub)
        return not (one and one.live(now)), one.failures if one else 0

    chosen = min(wish.hubs, key=rank)
    one = by_hub.get(chosen)
    due = one.due if one else now
    yield Step(act=Act.SUBSCRIBE, due=due, source=wish.source, hub=chosen, topic=wish.topic, known=one)
    # A hub that failed is remembered for as long as the feed names it, so that it is not taken for a better one.
    yield from (_ending(other, now) for hub, other in by_hub.items() if hub != chosen and other.live(now))


def _ending(one: HubSubscription, now: datetime) -> Step:
    act, due = Act.FORGET, now
    if one.intent is Intent.UNSUBSCRIBE:
        if one.asked is not None:
            due = one.due
        elif one.failures < _MOST_FAREWELLS and one.lease_until and now < one.lease_until:
            act, due = Act.UNSUBSCRIBE, one.due
    elif one.live(now) or one.asked is not None:
        act = Act.UNSUBSCRIBE
    return Step(act=act, due=due, source=one.source, hub=one.hub, topic=one.topic, known=one)


def asking(one: HubSubscription, intent: Intent, now: datetime) -> HubSubscription:
    """Return a subscription whose hub is asked now."""
    if one.intent is not intent:
        one = replace(one, intent=intent, failures=0, error=None)
    elif one.asked is not None:
        one = replace(one, failures=one.failures + 1, error="the hub took the request, but never asked back")
    patience = max(_PATIENCE, _backoff(one.failures)) if one.failures else _PATIENCE
    return replace(one, asked=now, due=now + patience)


def failed(one: HubSubscription, error: str, now: datetime, wait: timedelta | None = None) -> HubSubscription:
    """Return a subscription whose hub could not be asked, or did not take it; `wait` is how long it asks to be left
    alone."""
    failures = one.failures + 1
    due = now + max(_backoff(failures), wait or timedelta())
    return replace(one, asked=None, failures=failures, error=error, due=due)


def verified(one: HubSubscription, lease: timedelta, now: datetime) -> HubSubscription:
    """Return a subscription that its hub has verified, for as long as `lease`."""
    lease = min(lease, _LONGEST_LEASE)
    renewal = now + max(lease * 4 / 5, _SOONEST_RENEWAL)
    return replace(one, asked=None, verified=now, lease_until=now + lease, due=renewal, failures=0, error=None)


def denied(one: HubSubscription, reason: str, now: datetime) -> HubSubscription:
    """Return a subscription that its hub does not grant, or no longer (section 5.2)."""
    told = f"the hub denied the subscription{f': {reason}' if reason else ''}"
    after = replace(one, asked=None, verified=None, lease_until=None, failures=one.failures + 1, error=told)
    return replace(after, due=now + _LAST_RETRY)


def _backoff(failures: int) -> timedelta:
    doublings: int = min(failures - 1, 16)  # a timedelta is bounded
    return min(_FIRST_RETRY * (1 << doublings), _LAST_RETRY)
