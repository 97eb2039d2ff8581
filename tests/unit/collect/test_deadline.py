from __future__ import annotations

from feedmill.collect.deadline import Deadline


def test_a_deadline() -> None:
    times = [100.0]
    deadline = Deadline(30, lambda: times[0])
    times[0] += 10
    assert deadline.left() == 20
    assert deadline.within(5).left() == 5
    assert deadline.within(500).left() == 20
    deadline.postpone(3)
    times[0] += 22.5
    assert not deadline.over()
    times[0] += 0.5
    assert deadline.over()
