"""Jobs in threads of this process, results as they come.

It must not know what a job does; a job that must not fail sees to that itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

__all__ = ["run_all"]

T = TypeVar("T")


def run_all(jobs: Sequence[Callable[[], T]], workers: int, stop: Event) -> Iterator[T]:
    """Run `jobs` in up to `workers` threads and yield each result when it is there.

    Once `stop` is set no further job begins; those under way are finished and their results yielded. An exception of
    a job is raised here, after the jobs under way have ended.
    """
    waiting = iter(jobs)
    running: set[Future[T]] = set()
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(jobs))), thread_name_prefix="feedmill") as pool:
        while True:
            while len(running) < workers and not stop.is_set():
                job = next(waiting, None)
                if job is None:
                    break
                running.add(pool.submit(job))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
