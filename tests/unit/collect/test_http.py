from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.collect.deadline import Deadline
from feedmill.collect.http import LONGEST_WAIT, retry_after

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 02 Nov 2026 07:10:00 GMT", 600),
        ("Monday, 02-Nov-26 07:10:00 GMT", 600),
        ("Mon Nov  2 07:10:00 2026", None),  # asctime has no zone: a guess
        ("Mon, 02 Nov 2026 06:00:00 GMT", 0),
        ("9999999999999999999999", LONGEST_WAIT.total_seconds()),
        ("Mon, 02 Nov 2099 07:10:00 GMT", LONGEST_WAIT.total_seconds()),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, NOW) == expected


@given(st.text(max_size=60))
def test_retry_after_never_fails(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT


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
