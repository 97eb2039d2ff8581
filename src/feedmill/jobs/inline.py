"""Jobs in threads of this process, results as they come.

It must not know what a job does; a job that must not fail sees to that itself.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from threading import Event
from typing import Generic, TypeVar

__all__ = ["Job", "run_all"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Something to call. Of the jobs of one `group` only a few run at once; None is no group."""

    call: Callable[[], T]
    group: str | None = None


def run_all(jobs: Sequence[Job[T]], workers: int, stop: Event, *, per_group: int = 1) -> Iterator[T]:
    """Run `jobs` in up to `workers` threads, at most `per_group` of a group at once; yield each result as it comes.

    Once `stop` is set no further job begins; those under way are finished and their results yielded. An exception of
    a job is raised here, after the jobs under way have ended.
    """
    waiting: dict[str | None, deque[Job[T]]] = {}
    for job in jobs:
        waiting.setdefault(job.group, deque()).append(job)
    # The groups that have their turn, in the order in which they came to it; others are blocked until a job of theirs
    # has ended.
    turns = count()
    ready: list[tuple[int, str | None]] = [(next(turns), group) for group in waiting]
    blocked: dict[str, int] = {}
    running: dict[Future[T], str | None] = {}
    busy: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(jobs))), thread_name_prefix="feedmill") as pool:
        while True:
            while len(running) < workers and ready and not stop.is_set():
                _, group = heappop(ready)
                running[pool.submit(waiting[group].popleft().call)] = group
                if group is not None:
                    busy[group] += 1
                if waiting[group]:  # back to the end, so that every group has its turn
                    if group is None or busy[group] < per_group:
                        heappush(ready, (next(turns), group))
                    else:
                        blocked[group] = next(turns)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                group = running.pop(future)
                if group is not None:
                    busy[group] -= 1
                    if group in blocked:
                        heappush(ready, (blocked.pop(group), group))
                yield future.result()
