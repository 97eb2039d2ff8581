"""The recorder: nothing that becomes of the state is felt by whoever answers requests."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from audience_visits import visit
from factories import NOW
from feedmill.audience import recorder as module
from feedmill.audience.recorder import Recorder
from feedmill.errors import StateError
from feedmill.model import Readership
from feedmill.store import Store


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    yield opened
    opened.close()


def sums(store: Store) -> list[tuple[str, str, int, int]]:
    return [(day, one.reader, one.subscribers, one.requests) for day, one in store.audience.days("2000-01-01")]


def test_visits_are_in_the_state_at_the_end(store: Store, clock: Clock) -> None:
    with Recorder(store.audience, clock) as recorder:
        recorder.seen(visit())
        recorder.seen(visit(address="192.0.2.2"))
        recorder.seen(visit(address="192.0.2.2"))
    assert sums(store) == [("2026-11-22", "newsboat", 2, 3)]


def test_they_are_brought_there_now_and_then(store: Store, clock: Clock) -> None:
    there = Event()

    class Watched:
        def salt(self, day: str) -> bytes:
            return store.audience.salt(day)

        def update(self, day: str, change: Callable[[Sequence[Readership]], Sequence[Readership]]) -> None:
            store.audience.update(day, change)
            there.set()

    with Recorder(Watched(), clock, every=0.01) as recorder:
        recorder.seen(visit())
        assert there.wait(60)
        assert sums(store) == [("2026-11-22", "newsboat", 1, 1)]


def test_a_restart_within_the_day_counts_nobody_twice(store: Store, clock: Clock) -> None:
    for _ in range(3):
        with Recorder(store.audience, clock) as recorder:
            recorder.seen(visit())
            recorder.seen(visit("Feedly (5 subscribers)"))
    assert sums(store) == [("2026-11-22", "Feedly", 5, 3), ("2026-11-22", "newsboat", 1, 3)]


def test_what_tells_clients_apart_is_gone_the_day_after(store: Store, clock: Clock, tmp_path: Path) -> None:
    with Recorder(store.audience, clock) as recorder:
        recorder.seen(visit())
        recorder.flush()
        (kept,) = store.audience.days("2026-11-22")
        assert kept[1].seen
        clock.now += timedelta(days=1)
        recorder.seen(visit())
    before, after = store.audience.days("2026-11-22")
    assert (before[0], before[1].seen, before[1].said, before[1].subscribers) == ("2026-11-22", None, None, 1)
    assert (after[0], after[1].subscribers) == ("2026-11-23", 1)
    with sqlite3.connect(tmp_path / "state.sqlite3") as connection:
        assert connection.execute("SELECT day FROM audience_salts").fetchall() == [("2026-11-23",)]
    connection.close()
    assert after[1].seen != kept[1].seen


def test_it_goes_by_itself_if_nobody_visits(store: Store) -> None:
    store.audience.salt("2026-11-22")
    store.audience.forget_clients("2026-11-22")
    assert store.audience.salt("2026-11-22")
    store.audience.forget_clients("2026-11-23")
    assert store.audience.salt("2026-11-23") != b""


def test_a_state_that_fails_loses_nothing_once_it_is_well(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing:
        well = False

        def salt(self, day: str) -> bytes:
            if not self.well:
                raise StateError("the disk is full")
            return store.audience.salt(day)

        def update(self, day: str, change: Callable[[Sequence[Readership]], Sequence[Readership]]) -> None:
            store.audience.update(day, change)

    book = Failing()
    with caplog.at_level(logging.WARNING, "feedmill.audience"), Recorder(book, clock) as recorder:
        for _ in range(3):
            recorder.seen(visit())
            recorder.flush()
        assert [record.message for record in caplog.records] == [
            "audience: visits are not counted for the moment: the disk is full"
        ]
        book.well = True
    assert sums(store) == [("2026-11-22", "newsboat", 1, 3)]


def test_what_is_lost_is_told(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 2)
    with caplog.at_level(logging.WARNING, "feedmill.audience"), Recorder(store.audience, clock) as recorder:
        for _ in range(5):
            recorder.seen(visit())
    assert "audience: 3 visits were not counted, since too many wait" in caplog.messages
    assert sums(store) == [("2026-11-22", "newsboat", 1, 2)]


def test_days_are_those_of_utc(store: Store, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    with Recorder(store.audience, clock) as recorder:
        recorder.seen(visit())
    assert sums(store)[0][0] == "2026-11-22"
