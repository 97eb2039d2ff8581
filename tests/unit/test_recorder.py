"""Looks of many threads are recorded together, each once, and each told of what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from factories import NOW
from feedmill.model import SourceState
from feedmill.store import Look
from feedmill.store.recorder import Recorder


def look(name: str) -> Look:
    return Look(state=SourceState(name=name), now=NOW)


class Writer:
    """Notes what is written together. The first look is under way until `waiting` others wait."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.begun = Event()
        self.written: list[list[str]] = []
        self.refused: dict[str, Exception] = {}
        self.failure: Exception | None = None
        self.recorder = Recorder(self.write)

    def write(self, looks: Sequence[Look]) -> Mapping[str, Exception]:
        self.written.append([one.state.name for one in looks])
        if len(self.written) == 1:
            self.begun.set()
            while len(self.recorder._waiting) < self.waiting:
                pass
        elif self.failure is not None:
            raise self.failure
        return self.refused


def recorded(writer: Writer, *names: str) -> list[Future[None]]:
    with ThreadPoolExecutor(len(names) + 1) as pool:
        first = pool.submit(writer.recorder.record, look("first"))
        assert writer.begun.wait(10)
        rest = [pool.submit(writer.recorder.record, look(name)) for name in names]
    return [first, *rest]


def test_looks_that_wait_are_recorded_together() -> None:
    writer = Writer(3)
    for outcome in recorded(writer, "a", "b", "c"):
        outcome.result()
    first, together = writer.written
    assert (first, sorted(together)) == (["first"], ["a", "b", "c"])


def test_two_looks_at_one_source_are_recorded_one_after_the_other() -> None:
    writer = Writer(3)
    for outcome in recorded(writer, "a", "a", "b"):
        outcome.result()
    first, together, last = writer.written
    assert (first, sorted(together), last) == (["first"], ["a", "b"], ["a"])


def test_a_look_that_is_refused_is_told_and_no_other() -> None:
    writer = Writer(2)
    writer.refused = {"bad": ValueError("refused")}
    _, bad, good = recorded(writer, "bad", "good")
    good.result()
    with pytest.raises(ValueError, match="refused"):
        bad.result()


def test_a_failure_is_told_to_all_whose_looks_were_to_be_recorded() -> None:
    writer = Writer(2)
    writer.failure = OSError("disk full")
    first, *others = recorded(writer, "a", "b")
    first.result()
    for outcome in others:
        with pytest.raises(OSError, match="disk full"):
            outcome.result()
    writer.failure = None
    writer.recorder.record(look("a"))
    assert writer.written[-1] == ["a"], "nothing is left of what failed"
