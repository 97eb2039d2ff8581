"""Server-sent events: that something changed, so that a page can be shown as it is now (HTML, section 9.2).

The state itself says whether anybody wrote to it, this process or another. This module must not know what changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from time import monotonic

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from feedmill.errors import FeedmillError
from feedmill.pipeline import Pipeline

__all__ = ["MOST", "Live"]

MOST = 50
"""Streams at once."""

_EVERY = 0.5  # seconds
_APART = 2.0  # seconds between two events: a run writes many times
_LONGEST = 3600.0  # seconds; then the browser comes again, and has to show that it still may


class Live:
    """The streams of a dashboard."""

    def __init__(self, pipeline: Callable[[], Pipeline]) -> None:
        self._pipeline = pipeline
        self._open = 0
        self._closed = False

    async def events(self, _: Request) -> Response:
        """A stream of events named `changed`."""
        if self._closed or self._open >= MOST:
            return PlainTextResponse("There are too many streams. The page works without.\n", 503)
        return EventSourceResponse(self._stream(), ping=20, headers={"Cache-Control": "no-store"})

    def close(self) -> None:
        """End all streams within a second; any thread may ask for it."""
        self._closed = True

    async def _stream(self) -> AsyncIterator[ServerSentEvent]:
        if self._open >= MOST:
            return
        self._open += 1
        began = monotonic()
        try:
            with ExitStack() as watching:
                changed = watching.enter_context(self._pipeline().store.activity.watch())
                yield ServerSentEvent(event="ready", data="", retry=5000)
                told, pending = 0.0, False
                while not self._closed and monotonic() - began < _LONGEST:
                    pending = await anyio.to_thread.run_sync(changed) or pending
                    if pending and monotonic() - told >= _APART:
                        told, pending = monotonic(), False
                        yield ServerSentEvent(event="changed", data="")
                    await anyio.sleep(_EVERY)
        except FeedmillError:
            return  # the page says what is wrong with the state
        finally:
            self._open -= 1
