from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from feedmill.collect.host_gate import HostGate


@dataclass
class Time:
    """A clock that only waiting moves."""

    now: float = 100.0

    def clock(self) -> float:
        return self.now

    def pause(self, condition: threading.Condition, seconds: float | None) -> None:
        assert seconds is not None, "nobody else is there to be waited for"
        self.now += seconds


def gate(time: Time, per_host: int = 1, delay: float = 1.0) -> HostGate:
    return HostGate(per_host, delay, clock=time.clock, pause=time.pause)


def test_two_requests_to_one_host_are_apart() -> None:
    time = Time()
    doors = gate(time)
    with doors.visit("a.test") as waited:
        assert waited == 0
        time.now += 5
    time.now += 0.25
    with doors.visit("A.test") as waited:
        assert waited == pytest.approx(0.75)


def test_a_visitor_may_keep_further_apart_but_never_closer() -> None:
    time = Time()
    doors = gate(time)
    with doors.visit("a.test"):
        pass
    with doors.visit("a.test", apart=10) as waited:
        assert waited == pytest.approx(10)
    with doors.visit("a.test", apart=0.5) as waited:
        assert waited == pytest.approx(1)


def test_other_hosts_do_not_wait() -> None:
    doors = gate(Time())
    with doors.visit("a.test"), doors.visit("b.test") as waited:
        assert waited == 0


def test_a_failed_visit_is_over_too() -> None:
    time = Time()
    doors = gate(time)
    with pytest.raises(ZeroDivisionError), doors.visit("a.test"):
        raise ZeroDivisionError
    with doors.visit("a.test") as waited:
        assert waited == 1


def test_several_connections_still_start_apart() -> None:
    doors = gate(Time(), per_host=2)
    with doors.visit("a.test"), doors.visit("a.test") as waited:
        assert waited == 1


def test_who_is_one_too_many_waits_until_somebody_leaves() -> None:
    waiting = threading.Event()

    def pause(condition: threading.Condition, seconds: float | None) -> None:
        assert seconds is None
        waiting.set()
        condition.wait()

    doors = HostGate(2, 0.0, pause=pause)
    order: list[str] = []

    def third() -> None:
        with doors.visit("a.test"):
            order.append("third in")

    with doors.visit("a.test"):
        with doors.visit("a.test"):
            thread = threading.Thread(target=third)
            thread.start()
            assert waiting.wait(10)
            order.append("second out")
        thread.join(10)
    assert order == ["second out", "third in"]
