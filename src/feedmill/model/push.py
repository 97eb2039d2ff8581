"""Upstream hubs: what is subscribed to there, and what they push.

This module must not know how a hub is asked, or what a push means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["HubSubscription", "Intent", "Push", "Pushed"]


class Intent(StrEnum):
    """What a hub was asked last; the names are those of `hub.mode` (WebSub, section 5.1)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """A subscription of a source at its upstream's hub.

    `id` is the last segment of the address `callback`, which nobody can guess, and `secret` the key of the signatures;
    neither is for logs. `asked` is when the hub took the request that it has not verified yet. Until `lease_until` it
    pushes. `due` is when the next step is to be taken. `failures` counts requests in a row that came to nothing,
    `error` is why the last one did; `refused` counts pushes whose signature was wrong.
    """

    id: str
    source: str
    hub: str
    topic: str
    callback: str
    secret: str = field(repr=False)
    intent: Intent = Intent.SUBSCRIBE
    asked: datetime | None = None
    verified: datetime | None = None
    lease_until: datetime | None = None
    due: datetime
    failures: int = 0
    error: str | None = None
    refused: int = 0

    def live(self, now: datetime) -> bool:
        """Return whether the hub pushes."""
        return self.intent is Intent.SUBSCRIBE and self.lease_until is not None and now < self.lease_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A document that a hub pushed for a source. `content_type` is the header, as it came."""

    number: int
    source: str
    received: datetime
    body: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What is known of the pushes of a source: until when its hub has promised them, whether any waits to be read, and
    when the last one came that could not be."""

    until: datetime | None = None
    waiting: bool = False
    unreadable: datetime | None = None
