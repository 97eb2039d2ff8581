"""Looks at sources that a hub pushes: what came is read by the same path, and its server is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from factories import NOW, SPEC, item, upstream
from feedmill import runs
from feedmill.errors import NetworkError, NormalizeError, StatusError
from feedmill.model import Document, HubSubscription, Outcome, Problem, Report, Status
from feedmill.pipeline import Pipeline
from world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.store.close()


class Site:
    """A source that was looked at once, an hour before its next look; and what its hub pushes."""

    def __init__(self, world: World, **leased: timedelta) -> None:
        self.world = world
        self.pipeline: Pipeline = world.pipeline("s")
        world.drafts["s"] = [item("1", "https://up.example/1", published_at_first=NOW - DAY)]
        runs.run(self.pipeline)
        world.tools.clear()
        if leased:
            lease = NOW + leased["until"]
            one = HubSubscription(
                id="i",
                source="s",
                hub="https://h.example/",
                topic="t",
                callback="c",
                secret="x",
                due=lease,
                lease_until=lease,
            )
            world.store.hubs.add(one)

    def push(self, body: bytes = b"<rss/>", *guids: str, content_type: str | None = "application/rss+xml") -> None:
        self.world.now += timedelta(seconds=1)
        self.world.store.hubs.receive("s", body, content_type, self.world.now)
        if guids:
            self.world.drafts["s"] = [
                item(guid, f"https://up.example/{guid}", published_at_first=NOW) for guid in guids
            ]

    def run(self, **arguments: bool) -> Outcome:
        report: Report = runs.run(self.pipeline, **{"due": True} | arguments)  # type: ignore[arg-type]
        (outcome,) = report.sources
        return outcome

    @property
    def asked(self) -> bool:
        return "s" in self.world.tools


def test_a_push_is_read_in_place_of_asking_the_server(world: World) -> None:
    site = Site(world, until=10 * DAY)
    before = world.store.source_state("s")
    site.push(b"<rss/>", "2")
    assert runs.pushed(site.pipeline) == ["s"]
    assert runs.next_due(site.pipeline) == world.now
    outcome = site.run()
    assert (outcome.status, outcome.new, site.asked) == (Status.UPDATED, 1, False)
    assert [entry.title for entry in world.store.carried("all", SPEC.order)] == ["Title of 2", "Title of 1"]
    after = world.store.source_state("s")
    assert after == replace(before, last_success=world.now, next_look=after.next_look), "what its server said stays"
    assert after.next_look == NOW + DAY, "counted from the last time that its server was asked"
    assert runs.pushed(site.pipeline) == []
    assert site.run().status is Status.SKIPPED


def test_only_the_feeds_of_what_was_pushed_are_published(world: World) -> None:
    other = replace(SPEC, name="other", base_url="https://example.org/feeds/other/", sources=("else",))
    site = world.pipeline("s", "else", feeds=(replace(SPEC, sources=("s",)), other))
    runs.run(site)
    world.store.hubs.receive("s", b"<rss/>", None, world.now)
    report = runs.run(site, sources=runs.pushed(site), due=True)
    assert [outcome.source for outcome in report.sources] == ["s"]
    assert [outcome.name for outcome in report.feeds] == ["all"]


def test_all_that_waits_is_read_at_once_the_oldest_first(world: World) -> None:
    site = Site(world)
    for number in range(3):
        site.push(b"%d" % number)
    bodies: list[bytes] = []
    world.on_read = lambda fetched: bodies.extend(document.body for document in fetched.documents)
    site.run()
    assert bodies == [b"0", b"1", b"2"]
    assert runs.pushed(site.pipeline) == []


def test_a_push_is_read_as_what_its_server_would_have_sent(world: World) -> None:
    site = Site(world)
    site.push(content_type="Application/RSS+XML; charset=ISO-8859-1")
    documents: list[Document] = []
    world.on_read = lambda fetched: documents.extend(fetched.documents)
    site.run()
    (document,) = documents
    assert (document.name, document.url) == ("https://up.example/feed", "https://up.example/feed")
    assert (document.media_type, document.charset) == ("application/rss+xml", "iso-8859-1")


def test_one_that_asked_to_be_left_alone_is_read_all_the_same(world: World) -> None:
    site = Site(world, until=10 * DAY)
    world.failures["s"] = StatusError("no", status=503, wait=DAY)
    world.now += 2 * HOUR
    runs.run(site.pipeline)
    world.tools.clear()
    state = world.store.source_state("s")
    site.push(b"<rss/>", "2")
    assert (site.run().new, site.asked) == (1, False)
    after = world.store.source_state("s")
    assert (after.wait_until, after.failures, after.error) == (state.wait_until, 1, state.error)


def test_forced_its_server_is_asked_after_the_push(world: World) -> None:
    site = Site(world)
    site.push(b"<rss/>", "2")
    outcome = site.run(force=True)
    assert (outcome.status, outcome.new, site.asked) == (Status.UPDATED, 1, True)


@pytest.mark.parametrize("error", [NormalizeError("no feed"), ZeroDivisionError("oh")])
def test_what_cannot_be_read_is_a_problem_and_the_server_is_asked_soon(
    world: World, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(world, until=10 * DAY)
    world.now += HOUR
    assert runs.next_due(site.pipeline) == NOW + DAY
    world.unreadable["s"] = error
    site.push(b"bad")
    outcome = site.run()
    assert outcome.status is Status.UNCHANGED
    assert outcome.problems == (Problem(where="s", message=f"what its hub pushed cannot be used: {error}"),)
    assert world.store.source_state("s").failures == 0
    due = runs.next_due(site.pipeline)
    assert due is not None
    assert due <= NOW + timedelta(minutes=17), "as soon as `min` allows"
    del world.unreadable["s"]
    assert (site.run().status, site.asked) == (Status.UNCHANGED, True)
    assert runs.next_due(site.pipeline) == world.now + DAY, "once it was asked, the hub is trusted again"


def test_a_bad_push_does_not_keep_the_good_one_after_it(world: World) -> None:
    site = Site(world)
    site.push(b"bad")
    site.push(b"good", "2")

    def refuse(fetched: object) -> None:
        if b"bad" in [document.body for document in getattr(fetched, "documents", ())]:
            raise NormalizeError("no feed")

    world.on_read = refuse
    outcome = site.run()
    assert (outcome.status, outcome.new, len(outcome.problems)) == (Status.UPDATED, 1, 1)


def test_settings_that_changed_are_heeded_at_the_next_look_at_the_server(world: World) -> None:
    site = Site(world, until=10 * DAY)
    site.push()
    (source,) = site.pipeline.config.sources
    changed = replace(site.pipeline.config, sources=(replace(source, language="id"),))
    again = Pipeline(changed, world.store, site.pipeline.destination, clock=lambda: world.now)
    runs.run(again, due=True)
    assert not site.asked
    runs.run(again, due=True)
    assert site.asked, "the push did not stand for what is to be read again"


def test_a_source_that_fails_is_asked_less_and_less_though_it_is_pushed(world: World) -> None:
    site = Site(world, until=10 * DAY)
    world.failures["s"] = NetworkError("no answer")
    world.now += DAY
    assert site.run().status is Status.FAILED
    assert runs.next_due(site.pipeline) == world.now + DAY


def test_a_push_for_a_source_that_is_gone_wakes_nobody(world: World) -> None:
    site = Site(world)
    world.store.hubs.receive("gone", b"<rss/>", None, world.now)
    assert runs.pushed(site.pipeline) == []
    due = runs.next_due(site.pipeline)
    assert due is not None
    assert due > world.now


def test_a_lease_that_has_ended_is_none(world: World) -> None:
    agenda = Site(world, until=HOUR / 2).pipeline.agenda()
    assert agenda.due(upstream()) == replace(agenda, pushes={}).due(upstream())
