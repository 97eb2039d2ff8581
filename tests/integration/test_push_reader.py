"""Reading what was pushed where no service runs: at once, under the state's turn, and again after a failure."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from factories import NOW, item
from feedmill import runs
from feedmill.errors import ConfigError
from feedmill.model import Report
from feedmill.pipeline import Pipeline
from feedmill.serve import reading
from feedmill.serve.reading import PushReader
from feedmill.store import Store
from world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    made.drafts["s"] = [item("1", "https://up.example/1")]
    runs.run(made.pipeline("s"))
    yield made
    made.store.close()


class Reading:
    """A reader, and the reports of its runs as they come."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self.failures: list[Exception] = []
        self.failed = queue.SimpleQueue[None]()
        self.reader = PushReader(self.build, self.reports.put)

    def build(self) -> Pipeline:
        if self.failures:
            self.failed.put(None)
            raise self.failures.pop()
        site = self.world.pipeline("s")
        store = Store(f"sqlite:///{self.world.root / 'state.sqlite3'}")  # the reader closes it
        return Pipeline(site.config, store, site.destination, clock=lambda: self.world.now)

    def push(self, body: bytes, guid: str) -> None:
        self.world.drafts["s"] = [item(guid, f"https://up.example/{guid}")]
        self.world.store.hubs.receive("s", body, None, NOW)


@pytest.fixture
def reader(world: World) -> Iterator[Reading]:
    made = Reading(world)
    yield made
    made.reader.stop()


def test_what_came_before_the_start_is_read_and_what_comes_after_it(reader: Reading) -> None:
    reader.push(b"1", "2")
    reader.reader.start()
    (outcome,) = reader.reports.get(timeout=60).sources
    assert outcome.new == 1
    reader.push(b"2", "3")
    reader.reader.wake()
    (outcome,) = reader.reports.get(timeout=60).sources
    assert outcome.new == 1


def test_another_process_at_work_is_waited_for(reader: Reading, world: World) -> None:
    with world.store.turn():
        reader.push(b"1", "2")
        reader.reader.start()
        with pytest.raises(queue.Empty):
            reader.reports.get(timeout=0.2)
    assert reader.reports.get(timeout=60).sources[0].new == 1


def test_one_that_waits_for_its_turn_can_be_stopped(reader: Reading, world: World) -> None:
    with world.store.turn():
        reader.push(b"1", "2")
        reader.reader.start()
        reader.reader.stop()
    assert runs.pushed(world.pipeline("s")) == ["s"]


def test_a_wrong_configuration_keeps_it_waiting(
    reader: Reading, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reading, "_AGAIN_SECONDS", 0.05)
    reader.failures = [ConfigError(["config.toml: nonsense"])]
    reader.push(b"1", "2")
    reader.reader.start()
    reader.failed.get(timeout=60)
    assert reader.reports.get(timeout=60).sources[0].new == 1, "it tries again by itself"
    assert "config.toml: nonsense" in caplog.text


def test_one_that_was_never_started_can_be_stopped(world: World) -> None:
    Reading(world).reader.stop()
