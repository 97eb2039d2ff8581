"""Who asks far too often: a bounded table of what was asked for lately.

This module must not know what is asked for, nor how a refusal is told.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import timedelta

from cachetools import TTLCache

__all__ = ["Polls"]

_MOST_ASKERS = 50_000


class Polls:
    """Lets one reader ask for one document at most so many times in a window of time.

    The window begins with the first time. Who has the same address and the same User-Agent is one reader. Of more
    readers than fit into the table those who came first are forgotten, and begin anew.
    """

    def __init__(self, most: int, window: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._window = window.total_seconds()
        # A number stands for who asks for what: User-Agents may be long.
        self._asked: TTLCache[int, list[float]] = TTLCache(_MOST_ASKERS, self._window, timer=clock)

    def wait(self, address: str, agent: bytes, path: str) -> int:
        """Count a request; return for how many seconds the reader has to wait, 0 if it may be answered."""
        key = hash((address, agent, path))
        known = self._asked.get(key)
        if known is None:
            self._asked[key] = [self._clock(), 1]
            return 0
        known[1] += 1
        if known[1] <= self._most:
            return 0
        return max(math.ceil(known[0] + self._window - self._clock()), 1)
