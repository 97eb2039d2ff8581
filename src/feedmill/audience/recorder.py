"""Visits taken down while requests are answered, and added to the state in a thread of its own.

Whoever answers a request only appends to a queue. A state that cannot be written costs no answer: the visits wait, and
those that find the queue full are counted as lost. This module must not know how the state keeps them.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Protocol, Self

from feedmill.audience.tally import Tally
from feedmill.errors import StateError
from feedmill.model import Readership, Visit

__all__ = ["Book", "Recorder"]

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 10.0
_MOST_WAITING = 100_000


class Book(Protocol):
    """Where the sums are kept: `feedmill.store.audience.Audience` explains each method."""

    def salt(self, day: str) -> bytes: ...
    def update(self, day: str, change: Callable[[Sequence[Readership]], Sequence[Readership]]) -> None: ...


class Recorder:
    """Takes visits down until `stop`, and brings them into the book every ten seconds (`every`) and at the end; as a
    context manager it stops itself. Its thread begins with the first visit. `clock` returns the present, aware UTC."""

    def __init__(self, book: Book, clock: Callable[[], datetime], *, every: float = _EVERY_SECONDS) -> None:
        self._book = book
        self._clock = clock
        self._every = every
        self._waiting: deque[Visit] = deque()
        self._lost = 0
        self._failing = False
        self._stop = Event()
        self._turn = Lock()
        self._begin = Lock()
        self._thread: Thread | None = None

    def seen(self, visit: Visit) -> None:
        """Take a visit down; may be called from any thread, and from an event loop: it waits for nothing."""
        if len(self._waiting) >= _MOST_WAITING:
            self._lost += 1
        else:
            self._waiting.append(visit)
        if self._thread is None:
            self._start()

    def stop(self) -> None:
        """Bring in what is left, and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()
        if self._waiting:
            _log.error("audience: %d visits were not counted, since the state cannot be used", len(self._waiting))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def flush(self) -> None:
        """Bring into the book what was taken down so far; if that fails it waits for the next time."""
        with self._turn:
            taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not taken:
                return
            day = self._clock().date().isoformat()
            try:
                self._record(day, taken)
            except StateError as error:
                self._waiting.extendleft(reversed(taken))
                if not self._failing:
                    _log.warning("audience: visits are not counted for the moment: %s", error)
                self._failing = True
            else:
                self._failing = False
            if self._lost:
                _log.warning("audience: %d visits were not counted, since too many wait", self._lost)
                self._lost = 0

    def _record(self, day: str, taken: Sequence[Visit]) -> None:
        mine = Tally(self._book.salt(day))
        for visit in taken:
            mine.add(visit)

        def joined(before: Sequence[Readership]) -> list[Readership]:
            whole = Tally(b"")
            whole.join(before)
            whole.join(mine.sums())
            known = {(one.feed, one.reader): one for one in before}
            return [one for one in whole.sums() if known.get((one.feed, one.reader)) != one]

        self._book.update(day, joined)

    def _start(self) -> None:
        with self._begin:
            if self._thread is None:
                self._thread = Thread(target=self._flush_now_and_then, name="feedmill-audience", daemon=True)
                self._thread.start()

    def _flush_now_and_then(self) -> None:
        while not self._stop.wait(self._every):
            self.flush()
