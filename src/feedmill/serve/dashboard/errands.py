"""What an operator asked for: done one after the other, away from the event loop, and told of when it is done.

This module must not know what is asked for.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol, TypeVar

from feedmill.errors import FeedmillError
from feedmill.pipeline import Pipeline

__all__ = ["Errand", "Errands", "Perform", "TooManyErrands"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST_WAITING = 20
_REMEMBERED = 5


class Perform(Protocol):
    """Does something with a site while nobody else changes it; returns what it returned."""

    def __call__(self, errand: Callable[[Pipeline], T]) -> T: ...


class TooManyErrands(Exception):
    """More was asked for than can be kept."""


@dataclass(slots=True, eq=False)
class Errand:
    """Something that was asked for. `told` is what came of it, once it is done; `well` whether that is good."""

    name: str
    asked: datetime
    told: str = ""
    well: bool = True
    done: bool = False
    _future: Future[None] | None = field(default=None, repr=False)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; return whether it came."""
        if self._future is not None:
            try:
                self._future.result(seconds)
            except NotYet:
                return False
        return True


class Errands:
    """Runs errands in a thread of its own, by `perform`."""

    def __init__(self, perform: Perform, clock: Callable[[], datetime]) -> None:
        self._perform = perform
        self._clock = clock
        self._last: deque[Errand] = deque(maxlen=_REMEMBERED)
        self._waiting = 0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="feedmill-errands")

    def ask(self, name: str, do: Callable[[Pipeline], tuple[bool, str]]) -> Errand:
        """Begin an errand: `do` returns whether it went well, and what came of it.

        Raises:
            TooManyErrands: too many wait for their turn already.
        """
        errand = Errand(name, self._clock())
        with self._lock:
            if self._waiting >= _MOST_WAITING:
                raise TooManyErrands
            self._waiting += 1
            self._last.appendleft(errand)
        errand._future = self._pool.submit(self._run, errand, do)  # noqa: SLF001  # it is this module's own
        return errand

    def last(self) -> list[Errand]:
        """Return the last errands, the newest first."""
        with self._lock:
            return list(self._last)

    def close(self) -> None:
        """Begin no further errand."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, errand: Errand, do: Callable[[Pipeline], tuple[bool, str]]) -> None:
        try:
            errand.well, errand.told = self._perform(do)
        except FeedmillError as error:
            errand.well, errand.told = False, str(error)
        except Exception:  # noqa: BLE001  # a defect of ours must not end the thread
            _log.exception("dashboard: %s: unexpected failure", errand.name)
            errand.well, errand.told = False, "This failed in a way that it should not; the log says more."
        finally:
            errand.done = True
            with self._lock:
                self._waiting -= 1
        _log.info("dashboard: %s: %s", errand.name, errand.told)
