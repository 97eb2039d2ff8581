"""Politeness towards one host: so many connections at a time, and a pause between two requests.

The gate is shared by all threads. This module must not know what passes through it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["HostGate"]

Pause = Callable[[threading.Condition, float | None], object]


@dataclass(slots=True)
class _Host:
    visitors: int = 0
    last_stir: float = float("-inf")


def _pause(condition: threading.Condition, seconds: float | None) -> None:
    condition.wait(seconds)


class HostGate:
    """Lets at most `per_host` visitors at one host, each at least `delay` seconds after the last one came or went.

    `clock` and `pause` (wait on a held condition for at most so many seconds) are replaced in tests.
    """

    def __init__(
        self, per_host: int, delay: float, *, clock: Callable[[], float] = time.monotonic, pause: Pause = _pause
    ) -> None:
        self._per_host = per_host
        self._delay = delay
        self._clock = clock
        self._pause = pause
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()

    @contextmanager
    def visit(self, host: str, *, apart: float = 0.0) -> Iterator[float]:
        """Wait for a turn at `host` and hold it. Yields the seconds that were waited.

        `apart`, in seconds, is the pause that this visitor keeps to the one before it, if that is more than the delay.
        """
        asked = self._clock()
        with self._changed:
            state = self._hosts.setdefault(host.lower(), _Host())
            while (seconds := self._must_wait(state, apart)) != 0:
                self._pause(self._changed, seconds)
            state.visitors += 1
            self._stamp(state)
        try:
            yield self._clock() - asked
        finally:
            with self._changed:
                state.visitors -= 1
                self._stamp(state)
                self._changed.notify_all()

    def _must_wait(self, state: _Host, apart: float) -> float | None:
        """Return 0 for "go", else the seconds until it is worth looking again; None: until somebody leaves."""
        if state.visitors >= self._per_host:
            return None
        return max(0.0, state.last_stir + max(self._delay, apart) - self._clock())

    def _stamp(self, state: _Host) -> None:
        state.last_stir = self._clock()
