"""A part of a document: RFC 9110 section 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.serve.ranges import UNSATISFIABLE, requested


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("bytes=0-9", range(10)),
        ("bytes=0-0", range(1)),
        ("bytes=90-", range(90, 100)),
        ("bytes=90-1000", range(90, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("BYTES = 5 - 6 ", range(5, 7)),
        ("bytes=99-99", range(99, 100)),
        ("bytes=100-", UNSATISFIABLE),
        ("bytes=100-200", UNSATISFIABLE),
        ("bytes=-0", UNSATISFIABLE),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=0-9, 20-29", None),
        ("lines=0-9", None),
        ("0-9", None),
        (f"bytes=0-{'9' * 5000}", None),
    ],
)
def test_which_part_is_asked_for(field: str, part: range | None) -> None:
    assert requested(field.encode(), 100) == part


def test_of_nothing_there_is_no_part() -> None:
    assert requested(b"bytes=0-", 0) == requested(b"bytes=-5", 0) == UNSATISFIABLE


@given(st.binary(max_size=30) | st.from_regex(rb"bytes=[0-9]{0,20}-[0-9]{0,20}", fullmatch=True), st.integers(0, 1000))
def test_a_part_is_always_within_the_document(field: bytes, length: int) -> None:
    part = requested(field, length)
    assert part is None or part == UNSATISFIABLE or 0 <= part.start < part.stop <= length
