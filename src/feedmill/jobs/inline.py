"""Jobs in threads of this process, results as they come.

It must not know what a job does; a job that must not fail sees to that itself.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
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
    running: dict[Future[T], str | None] = {}
    busy: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(jobs))), thread_name_prefix="feedmill") as pool:
        while True:
            while len(running) < workers and not stop.is_set():
                free = [group for group in waiting if group is None or busy[group] < per_group]
                if not free:
                    break
                group = free[0]
                queue = waiting.pop(group)  # put back at the end, so that every group has its turn
                running[pool.submit(queue.popleft().call)] = group
                if group is not None:
                    busy[group] += 1
                if queue:
                    waiting[group] = queue
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                group = running.pop(future)
                if group is not None:
                    busy[group] -= 1
                yield future.result()
