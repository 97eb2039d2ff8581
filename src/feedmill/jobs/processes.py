"""Work that only computes, in processes of its own, so that threads which wait for the network are not held up by it.

The processes are started when there is so much to do that they pay, and end with this one. This module must not know
what is computed.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import ParamSpec, TypeVar

__all__ = ["Processes"]

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_MOST_TASKS = 500  # of one process: what it has kept for later goes with it
_AT_HAND = 4  # calls for each process, the one under way among them
_MOST = 8  # processes; what they work on is brought by as many threads


class Processes:
    """Calls functions in other processes, as long as they have not too much at hand.

    `patience` is how often that is asked for in vain before they are started, which takes as long as reading some dozen
    documents. `preload` names modules that they will need. What is called, its arguments and results must be fit to be
    pickled.
    """

    def __init__(self, preload: Sequence[str] = (), *, patience: int = 16, processes: int | None = None) -> None:
        processors = os.cpu_count() or 1
        number = processes if processes is not None else min(processors, _MOST) if processors > 1 else 0
        self._number = number
        self._preload = list(preload)
        self._patience = patience if number > 0 else -1
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        # What is at hand is better waited for than done by a thread: those that wait for the network share its lock.
        self._free = threading.Semaphore(number * _AT_HAND)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what `function` returns in another process, or raise what it raises there.

        None, and nothing is called, while they have enough at hand, where there is none, and when one has died of it.
        """
        pool = self._ready()
        if pool is None or not self._free.acquire(blocking=False):
            return None
        try:
            return pool.submit(function, *args, **kwargs).result()
        except BrokenProcessPool:
            _log.warning("a process that reads documents has died; from now on they are read in this one")
            self.close()
            return None
        finally:
            self._free.release()

    def close(self) -> None:
        """End the processes; calls are made in this one from now on."""
        with self._lock:
            pool, self._pool, self._patience = self._pool, None, -1
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=False)

    def _ready(self) -> ProcessPoolExecutor | None:
        with self._lock:
            if self._pool is None and self._patience > 0:
                self._patience -= 1
                if self._patience == 0:
                    self._pool = self._start()
            return self._pool

    def _start(self) -> ProcessPoolExecutor | None:
        try:
            return ProcessPoolExecutor(
                self._number, _context(self._preload), initializer=_begin, max_tasks_per_child=_MOST_TASKS
            )
        except (ImportError, NotImplementedError, OSError) as error:  # a system without semaphores
            _log.info("documents are read in this process alone: %s", error)
            return None


def _context(preload: list[str]) -> BaseContext:
    """Return the way to start processes: from one that holds what they need, and that no thread was started in."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(preload)
    return context


def _begin() -> None:
    """Prepare a process: it ends when the one that started it does, however that ends, and not by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # what all processes share would be copied by looking through it for garbage
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
