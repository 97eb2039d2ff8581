"""One deadline, and one allowance of bytes, for a whole exchange, applied at the socket, where every byte passes.

A read timeout alone starts anew with each byte that drips in; here each read gets only the time that is left. What is
above reads lines of any length into memory; here it gets only the bytes that are left. This module must not know HTTP.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Allowance", "Deadline", "DeadlineSocket", "DeadlineTLSSocket", "Flooded", "seconds_text"]

Clock = Callable[[], float]


def seconds_text(seconds: float) -> str:
    """Return a duration for people: `30 s`, `0.5 s`."""
    return f"{seconds:g} s"


class Deadline:
    """A moment on the monotonic `clock`, `seconds` from now, by which all must be done."""

    __slots__ = ("_clock", "_end", "seconds")

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left; zero or less when time is up."""
        return self._end - self._clock()

    def over(self) -> bool:
        """Return whether time is up."""
        return self.left() <= 0

    def within(self, seconds: float) -> Deadline:
        """Return the earlier of this deadline and one `seconds` from now."""
        return Deadline(min(seconds, self.left()), self._clock)

    def postpone(self, seconds: float) -> None:
        """Move the deadline: time that was spent waiting for our own politeness is not the server's."""
        self._end += seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count the time until the block ends."""
        left = self.left()
        try:
            yield
        finally:
            self.postpone(left - self.left())


class Flooded(OSError):
    """More bytes came than anybody has use for."""


class Allowance:
    """How many more bytes may come over a connection."""

    __slots__ = ("_left",)

    def __init__(self, size: int) -> None:
        self._left = size

    def grant(self, more: int) -> None:
        """Let `more` bytes come than were allowed so far."""
        self._left += more

    def spend(self, size: int) -> int:
        """Count `size` bytes that came, and return them. Raises Flooded when they are too many."""
        self._left -= size
        if self._left < 0:
            raise Flooded("more bytes came than are allowed")
        return size


def _give_time(sock: DeadlineSocket | DeadlineTLSSocket) -> None:
    if sock.deadline is not None:
        left = sock.deadline.left()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        sock.settimeout(left)


class DeadlineSocket(socket.socket):
    """A socket whose every read ends by its deadline, if it has one."""

    deadline: Deadline | None = None
    allowance: Allowance | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read as `socket.recv_into` does. Raises TimeoutError at the deadline, Flooded over the allowance."""
        _give_time(self)
        size = super().recv_into(*args, **kwargs)
        return self.allowance.spend(size) if self.allowance else size


class DeadlineTLSSocket(ssl.SSLSocket):
    """The same over TLS. Its handshake is bounded by the timeout that the socket had before it."""

    deadline: Deadline | None = None
    allowance: Allowance | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read as `SSLSocket.recv_into` does. Raises TimeoutError at the deadline, Flooded over the allowance."""
        _give_time(self)
        size = super().recv_into(*args, **kwargs)
        return self.allowance.spend(size) if self.allowance else size
