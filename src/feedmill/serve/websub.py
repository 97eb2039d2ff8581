"""Where hubs call back, below `/websub/`: they verify what they were asked for, and push what is new.

https://www.w3.org/TR/websub/, sections 5.3, 7 and 8. A push is stored before it is acknowledged, and read by the next
look at its source. This module must not know how hubs are asked, nor what a push means.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from feedmill import websub
from feedmill.errors import StateError
from feedmill.model import HubSubscription, Intent
from feedmill.serve.signature import genuine
from feedmill.store import Hubs, Receipt

__all__ = ["callbacks"]

_log = logging.getLogger(__name__)

_LONGEST_CHALLENGE = 2000  # characters
_LONGEST_REASON = 200
_LONGEST_TYPE = 500
_MOST_DIGITS = 12
_READING_SECONDS = 30.0
_AT_ONCE = 8
"""Bodies that are in memory at once, over all sources."""

_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_LATER = {**_PLAIN, "Retry-After": "60"}


def callbacks(hubs: Hubs, clock: Callable[[], datetime], max_body: int, wake: Callable[[], None]) -> Starlette:
    """Return the application that answers hubs.

    Args:
        hubs: what is remembered of them.
        clock: returns the present, aware UTC.
        max_body: the largest push that is taken, in bytes.
        wake: called, in any thread, when a push has come, or when a lease has begun or ended.
    """
    return Starlette(
        routes=[Route("/websub/{id}", _Callbacks(hubs, clock, max_body, wake).answer, methods=["GET", "POST"])]
    )


class _Callbacks:
    def __init__(self, hubs: Hubs, clock: Callable[[], datetime], max_body: int, wake: Callable[[], None]) -> None:
        self._hubs = hubs
        self._clock = clock
        self._max_body = max_body
        self._wake = wake
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def answer(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        try:
            if request.method == "GET":
                return await run_in_threadpool(self._confirm, id_, request.query_params)
            if request.method == "POST":
                return await self._take(id_, request)
        except StateError as error:  # the hub comes again
            _log.error("websub: %s", error)
            return _said(503, "Not now.", _LATER)
        return _said(405, "A hub verifies by GET, and pushes by POST.", {**_PLAIN, "Allow": "GET, POST"})

    # --- what hubs ask back (section 5.3)

    def _confirm(self, id_: str, query: QueryParams) -> Response:
        """Repeat the challenge, if this is what the hub was asked for; take note of a denial."""
        one, now = self._hubs.subscription(id_), self._clock()
        mode, topic, challenge = (_single(query, f"hub.{name}") for name in ("mode", "topic", "challenge"))
        if one is None or topic != one.topic:
            return _unknown()
        if mode == "denied":
            reason = "".join(c for c in _single(query, "hub.reason") or "" if c.isprintable())[:_LONGEST_REASON]
            self._hubs.change(id_, lambda one: websub.denied(one, reason, now))
            _log.warning("%s: hub %s: the subscription is denied: %s", one.source, one.hub, reason)
            self._wake()
            return _said(200, "")
        if mode != one.intent.value or not challenge or len(challenge) > _LONGEST_CHALLENGE:
            return _unknown()
        if one.intent is Intent.UNSUBSCRIBE:
            self._hubs.change(id_, lambda one: None if one.intent is Intent.UNSUBSCRIBE else one)
            _log.info("%s: hub %s: subscription ended", one.source, one.hub)
            return _said(200, challenge)
        lease = _lease(_single(query, "hub.lease_seconds"))
        if lease is None:
            return _unknown()

        def granted(one: HubSubscription) -> HubSubscription:
            return websub.verified(one, lease, now) if one.intent is Intent.SUBSCRIBE else one

        self._hubs.change(id_, granted)
        _log.info("%s: hub %s: it pushes from now on", one.source, one.hub)
        self._wake()
        return _said(200, challenge)

    # --- what hubs push (sections 7 and 8)

    async def _take(self, id_: str, request: Request) -> Response:
        one = await run_in_threadpool(self._hubs.subscription, id_)
        if one is None or one.lease_until is None:
            return _unknown()
        if not one.live(self._clock()):
            return _said(410, "This subscription has ended.")
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return _said(
                415, "A push is taken as it is, without a content coding.", {**_PLAIN, "Accept-Encoding": "identity"}
            )
        try:
            async with asyncio.timeout(_READING_SECONDS), self._turns:
                body = await self._body(request)
                if body is None:
                    return _said(
                        413, f"More than {self._max_body} bytes are not taken.", {**_PLAIN, "Connection": "close"}
                    )
                return await run_in_threadpool(self._keep, one, body, request)
        except TimeoutError:
            return _said(503, "Not now.", _LATER)
        except ClientDisconnect:
            return _said(400, "The push is cut off.")

    async def _body(self, request: Request) -> bytes | None:
        """Return the bytes as they come, None if they are too many."""
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and (len(announced) > _MOST_DIGITS or int(announced) > self._max_body):
            return None
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > self._max_body:
                return None
        return bytes(body)

    def _keep(self, one: HubSubscription, body: bytes, request: Request) -> Response:
        """Store a push that is genuine; the answer to another is the same, so that nobody learns from it."""
        if not genuine(request.headers.getlist("x-hub-signature"), one.secret, body):
            _log.warning("%s: hub %s: a push without the right signature is ignored", one.source, one.hub)
            self._hubs.change(one.id, lambda one: replace(one, refused=one.refused + 1))
            return _taken()
        content_type = request.headers.get("content-type", "")[:_LONGEST_TYPE] or None
        receipt = self._hubs.receive(one.source, body, content_type, self._clock())
        if receipt is Receipt.FULL:
            return _said(503, "Too many pushes wait to be read.", _LATER)
        if receipt is Receipt.REPEATED:
            _log.info("%s: hub %s: a push that came before is ignored", one.source, one.hub)
        else:
            _log.info("%s: hub %s: pushed %d bytes", one.source, one.hub, len(body))
            self._wake()
        return _taken()


def _said(status: int, text: str, headers: dict[str, str] = _PLAIN) -> Response:
    return PlainTextResponse(text, status, headers)


def _taken() -> Response:
    return _said(202, "")


def _unknown() -> Response:
    return _said(404, "Nothing was asked for here.")


def _single(query: QueryParams, name: str) -> str | None:
    """Return the value of a parameter that is there once."""
    values = query.getlist(name)
    return values[0] if len(values) == 1 else None


def _lease(text: str | None) -> timedelta | None:
    """Return a number of seconds, which there must be for a subscription (section 5.3.1)."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS or not int(text):
        return None
    return timedelta(seconds=min(int(text), 2**31))
