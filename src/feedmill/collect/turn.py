"""One large document in memory at a time: who has it in hand lets the others wait, though not for ever.

This module must not know what a document is, or what is done with it.
"""

from __future__ import annotations

import ctypes
import threading
from contextlib import suppress

__all__ = ["Turn"]


class Turn:
    """A lock that belongs to a thread, which may take it again while it has it.

    Who has waited `patience` seconds goes ahead without it: it saves memory, and nothing depends on it.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._holder: int | None = None
        _be_frugal()

    def take(self) -> None:
        """Wait until no other thread has a large document in hand."""
        here = threading.get_ident()
        if self._holder != here and self._lock.acquire(timeout=self._patience):
            self._holder = here

    def give_back(self) -> None:
        """Let the next one go ahead; nothing happens if this thread has not got the turn."""
        if self._holder == threading.get_ident():
            _trim()
            self._holder = None
            self._lock.release()


# What follows is glibc's (mallopt(3), malloc_trim(3)); another C library is left as it is.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def _be_frugal() -> None:
    """Keep memory that was freed from piling up: large pieces go back at once, and threads share what is left."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_MMAP_THRESHOLD, 256 * 1024)


def _trim() -> None:
    """Give freed memory back to the system."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
