"""Alerts at the end of a run: told once, retried, written as a feed; none of it holds up or fails a run."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from factories import SITE, item
from feedmill import runs
from feedmill.errors import NetworkError, NotifyError
from feedmill.model import Alerts, Notice, Report
from feedmill.pipeline import Channel, Pipeline
from feedmill.pipeline.alerting import document
from world import World

ATOM = "{http://www.w3.org/2005/Atom}"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass
class Told:
    """A channel that takes up to `most` notices at a time, or refuses."""

    most: int = 100
    refuses: bool = False
    asked: int = 0
    notices: list[Notice] = field(default_factory=list)

    def __call__(self, notices: Sequence[Notice]) -> int:
        self.asked += 1
        if self.refuses:
            raise NotifyError("it is down", where="smtp://mail.example")
        self.notices += notices[: self.most]
        return len(notices[: self.most])

    @property
    def lines(self) -> list[tuple[str, str, bool]]:
        return [(notice.subject, notice.kind.value, notice.over) for notice in self.notices]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    made.drafts["s"] = [item("1")]
    yield made
    made.store.close()


def site(world: World, channels: dict[str, Channel] | None, **rules: object) -> Pipeline:
    made = world.pipeline("s")
    config = replace(made.config, alerts=Alerts(**{"after_failures": 2, **rules}))  # type: ignore[arg-type]
    return Pipeline(config, world.store, made.destination, made.clock, channels=channels)


def go(world: World, pipeline: Pipeline, *, fails: bool, after: timedelta = HOUR) -> Report:
    world.now += after
    world.failures = {"s": NetworkError("no route", where="https://up.example/feed")} if fails else {}
    return runs.run(pipeline)


def test_a_failing_source_is_told_once_and_when_it_is_well(world: World) -> None:
    told = Told()
    pipeline = site(world, {"email": told})
    for fails in (False, True, True, True, True, False, False):
        go(world, pipeline, fails=fails)
    assert told.lines == [("source s", "failing", False), ("source s", "failing", True)]
    assert "no route" in told.notices[0].message
    assert told.notices[1].message == "it was collected again, after 3 hours"


def test_the_report_and_the_feeds_are_as_without_alerts(world: World) -> None:
    refusing = Told(refuses=True)
    report = go(world, site(world, {"email": refusing}), fails=False)
    for _ in range(3):
        report = go(world, site(world, {"email": refusing}), fails=True)
    assert refusing.asked
    assert [(feed.status.value, feed.error) for feed in report.feeds] == [("unchanged", None)]


def test_a_channel_that_fails_is_asked_later_and_by_then_has_all_to_tell(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    told, other = Told(refuses=True), Told()
    pipeline = site(world, {"email": told, "webhook": other})
    with caplog.at_level(logging.WARNING, "feedmill.pipeline"):
        for fails in (False, True, True):
            go(world, pipeline, fails=fails)
    assert (told.asked, other.lines) == (1, [("source s", "failing", False)])
    assert "alerts: email: smtp://mail.example: it is down" in caplog.text
    assert world.store.incidents.next_delivery() == world.now + MINUTE
    assert runs.next_due(pipeline) == world.now + MINUTE
    go(world, pipeline, fails=False, after=MINUTE / 2)
    assert told.asked == 1
    go(world, pipeline, fails=False, after=MINUTE)
    assert told.asked == 2
    told.refuses = False
    go(world, pipeline, fails=False, after=MINUTE * 2)
    assert told.lines == [("source s", "failing", False), ("source s", "failing", True)] == other.lines
    assert world.store.incidents.next_delivery() is None


def test_a_channel_that_never_works_is_given_up(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told = Told(refuses=True)
    pipeline = site(world, {"email": told})
    with caplog.at_level(logging.ERROR, "feedmill.pipeline"):
        for _ in range(20):
            go(world, pipeline, fails=True, after=HOUR * 7)
    assert told.asked == 12
    assert "given up after 12 times" in caplog.text
    assert world.store.incidents.deliveries() == []


def test_what_there_was_no_time_for_is_told_the_next_time(world: World) -> None:
    told = Told(most=1)
    pipeline = site(world, {"webhook": told})
    for fails in (False, True, True):
        go(world, pipeline, fails=fails)
    told.most = 0
    go(world, pipeline, fails=False)
    told.most = 1
    go(world, pipeline, fails=False)
    assert told.lines == [("source s", "failing", False), ("source s", "failing", True)]


def test_a_channel_that_is_configured_no_more_has_nothing_to_tell(world: World) -> None:
    pipeline = site(world, {"email": Told(refuses=True)})
    for fails in (False, True, True):
        go(world, pipeline, fails=fails)
    go(world, site(world, {}), fails=True)
    assert world.store.incidents.deliveries() == []


def test_who_is_to_be_told_nothing_any_more_is_no_reason_to_run(world: World) -> None:
    pipeline = site(world, {"email": Told(refuses=True)})
    for fails in (False, True, True):
        go(world, pipeline, fails=fails)
    unalerted = replace(pipeline.config, alerts=None)
    without = Pipeline(unalerted, world.store, pipeline.destination, pipeline.clock, channels={})
    assert runs.next_due(without) != runs.next_due(pipeline)


def test_a_rehearsal_tells_nobody(world: World) -> None:
    for _ in range(3):
        go(world, site(world, None), fails=True)
    assert world.store.incidents.known() == []


def test_a_held_feed_is_told(world: World) -> None:
    told = Told()
    pipeline = site(world, {"email": told})
    world.drafts["s"] = [item(str(number)) for number in range(10)]
    world.present = {str(number) for number in range(10)}
    go(world, pipeline, fails=False)
    world.drafts["s"] = []
    state = world.store.feed_state("all")
    assert state is not None
    world.store.record_feed_failure(replace(state, held="it would lose all"))
    pipeline.alert([])
    assert told.lines == [("feed all", "held", False)]


def test_a_silent_source_is_told(world: World) -> None:
    told = Told()
    dates = [world.now - timedelta(days=day) for day in range(6)]
    world.drafts["s"] = [item(str(number), published=date) for number, date in enumerate(dates)]
    pipeline = site(world, {"email": told})
    go(world, pipeline, fails=False)
    go(world, pipeline, fails=False, after=timedelta(days=2))
    assert told.lines == []
    go(world, pipeline, fails=False, after=timedelta(days=2))
    go(world, pipeline, fails=True)
    go(world, pipeline, fails=False)
    assert told.lines == [("source s", "silent", False)]
    world.drafts["s"].append(item("new", published=world.now))
    go(world, pipeline, fails=False)
    assert told.lines[1:] == [("source s", "silent", True)]


def test_the_feed_of_problems(world: World, tmp_path: Path) -> None:
    file = tmp_path / "private" / "problems.xml"
    pipeline = site(world, {}, feed=file)
    go(world, pipeline, fails=False)
    assert not file.exists()
    for fails in (True, True):
        go(world, pipeline, fails=fails)
    first = etree.parse(file)
    assert [title.text for title in first.iter(ATOM + "title")][1:] == ["source s: failing"]
    assert [link.get("href") for link in first.iter(ATOM + "link") if link.get("rel") == "self"] == [file.as_uri()]
    body, mark = file.read_bytes(), file.stat().st_mtime_ns
    go(world, pipeline, fails=True)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (body, mark)
    go(world, pipeline, fails=False)
    ids = [id_.text for id_ in etree.parse(file).iter(ATOM + "id")]
    assert ids[0] == first.findtext(ATOM + "id")
    assert ids[2] == first.findtext(f"{ATOM}entry/{ATOM}id")
    assert document(SITE, file, world.store.incidents.notices(50)) == file.read_bytes()


def test_a_feed_that_cannot_be_written_is_written_later(world: World, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("a file where the folder should be")
    pipeline = site(world, {}, feed=tmp_path / "private" / "problems.xml")
    for fails in (False, True, True):
        go(world, pipeline, fails=fails)
    (tmp_path / "private").unlink()
    go(world, pipeline, fails=True)
    assert (tmp_path / "private" / "problems.xml").exists()
