"""Which entries make the next archive documents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, entry
from feedmill.history import archive_size, next_archives
from feedmill.model import Entry


def entries(*days: int) -> list[Entry]:
    """One entry for each of these days before now."""
    return [entry(id=f"urn:x:{day}", published=NOW - timedelta(days=day)) for day in days]


def days(archives: list[tuple[Entry, ...]]) -> list[list[int]]:
    return [[(NOW - one.published).days for one in archive] for archive in archives]


@pytest.mark.parametrize(("limit", "size"), [(1, 1), (2, 1), (3, 1), (50, 25), (1000, 500)])
def test_an_archive_document_holds_half_of_what_the_live_one_does(limit: int, size: int) -> None:
    assert archive_size(limit) == size


@pytest.mark.parametrize(
    ("leaving", "staying", "expected"),
    [
        ([], [1, 2, 3], []),
        ([9], [], [[9]]),
        ([9], [1, 2, 3], [[2, 3, 9]]),
        ([9], [5, 8, 1], [[5, 8, 9]]),
        ([7, 8, 9], [1, 2], [[7, 8, 9]]),
        ([6, 9, 7, 8], [1, 2, 3], [[7, 8, 9], [2, 3, 6]]),
        ([4, 5, 6, 7, 8, 9], [1], [[7, 8, 9], [4, 5, 6]]),
    ],
)
def test_the_oldest_go_first_and_fill_the_last_document(
    leaving: list[int], staying: list[int], expected: list[list[int]]
) -> None:
    assert days(next_archives(entries(*leaving), entries(*staying), 3)) == expected


@given(st.sets(st.integers(0, 60), max_size=30), st.sets(st.integers(61, 99), max_size=30), st.integers(1, 10))
def test_nothing_that_leaves_is_lost_and_nothing_is_archived_twice(new: set[int], old: set[int], size: int) -> None:
    archives = next_archives(entries(*old), entries(*new), size)
    kept = [day for archive in days(archives) for day in archive]
    assert old <= set(kept) <= old | new
    assert len(kept) == len(set(kept))
    assert all(len(archive) <= size for archive in archives)
    assert bool(archives) == bool(old)
