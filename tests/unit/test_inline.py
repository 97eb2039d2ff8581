"""Jobs in threads: results as they come, and a stop that finishes what is under way."""

from __future__ import annotations

import threading
from functools import partial
from threading import Event

import pytest

from feedmill.jobs.inline import Job, run_all


def test_every_job_gives_its_result() -> None:
    jobs = [Job(partial(pow, number, 2)) for number in range(20)]
    assert sorted(run_all(jobs, 3, Event())) == [number**2 for number in range(20)]


def test_no_jobs_no_results() -> None:
    assert list(run_all([], 3, Event())) == []


def test_as_many_at_once_as_there_are_workers_and_no_more() -> None:
    together = threading.Barrier(3)
    lock = threading.Lock()
    running = most = 0

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=30)
        with lock:
            running -= 1

    list(run_all([Job(job)] * 9, 3, Event()))
    assert most == 3


def test_a_stop_lets_what_is_under_way_finish_and_begins_nothing_more() -> None:
    stop = Event()

    def job(number: int) -> int:
        stop.set()
        return number

    assert list(run_all([Job(partial(job, number)) for number in range(9)], 1, stop)) == [0]


def test_an_exception_is_raised_after_the_others_have_ended() -> None:
    ended: list[int] = []
    go = Event()

    def good() -> int:
        go.wait(30)
        ended.append(1)
        return 1

    def bad() -> int:
        go.set()
        raise ZeroDivisionError

    jobs: list[Job[int]] = [Job(good), Job(bad)]
    with pytest.raises(ZeroDivisionError):
        list(run_all(jobs, 2, Event()))
    assert ended == [1]


def test_the_jobs_of_one_group_wait_for_each_other_and_hold_up_nobody_else() -> None:
    """A server that is slow takes no worker from the others."""
    others = Event()
    order: list[str] = []

    def slow(name: str) -> None:
        others.wait(30)
        order.append(name)

    def quick(name: str) -> None:
        order.append(name)
        if len(order) == 3:
            others.set()

    jobs = [Job(partial(slow, name), group="slow.example") for name in ("s1", "s2", "s3")]
    jobs += [Job(partial(quick, name), group=name) for name in ("a", "b")]
    jobs += [Job(partial(quick, "c"))]
    list(run_all(jobs, 2, Event()))
    assert order == ["a", "b", "c", "s1", "s2", "s3"] or sorted(order[:3]) == ["a", "b", "c"]


def test_as_many_of_a_group_at_once_as_are_allowed() -> None:
    together = threading.Barrier(2)
    list(run_all([Job(lambda: together.wait(timeout=30), group="g")] * 4, 4, Event(), per_group=2))
    assert together.n_waiting == 0
