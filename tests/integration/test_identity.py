"""Histories of an upstream through the real stages and a real state: nothing is lost, and nothing is new twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import moves
from factories import NOW, SITE, upstream
from feedmill.collect import Tools
from feedmill.config import Config
from feedmill.model import Document, Fetched, FetchSettings, Outcome, Schedule, Source, Status, Trace, Validators
from feedmill.normalize.identity import digest
from feedmill.pipeline import Pipeline, looks
from feedmill.publish import Folder
from feedmill.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """An item of the upstream; its date is so many days before NOW, or not given."""

    guid: str
    title: str
    link: str = ""
    age: int | None = None
    words: str = ""


class World:
    """One source after the other, each with a body that the test sets."""

    def __init__(self, root: Path) -> None:
        self.body = b""
        self.now = NOW
        self.store = Store(f"sqlite:///{root / 'state.sqlite3'}")
        self._numbers = count()
        self.begin()
        config = Config(
            file=root / "config.toml", root=root, site=SITE, state_url="", directory=str(root / "feeds"),
            fetch=FetchSettings(user_agent="x"), schedule=Schedule(), sources=(), feeds=(),
        )  # fmt: skip
        self._pipeline = Pipeline(config, self.store, Folder(config.directory), clock=lambda: self.now)

    def begin(self) -> None:
        """Turn to a source that was never looked at."""
        self.source = upstream(f"s{next(self._numbers)}", "https://up.example/feed")

    def collect(self, source: Source, _: Tools) -> Fetched:
        document = Document(name="https://up.example/feed", body=self.body, url=source.url)
        validators = Validators(digest=digest(self.body))
        return Fetched(source=source.name, documents=(document,), validators=validators)

    def look(self, body: bytes, *, trust: bool = False) -> Outcome:
        self.body = body
        self.now += timedelta(hours=1)
        outcome = self._pipeline.refresh(self.source, trust=trust)
        assert outcome.error is None
        return outcome

    @property
    def stored(self) -> list[Trace]:
        return self.store.traces(self.source.name)

    @property
    def held(self) -> int:
        return self.store.held_counts().get(self.source.name, 0)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    monkeypatch.setattr(looks, "collector", lambda _: made.collect)
    yield made
    made.store.close()


def rss(told: Sequence[Told]) -> bytes:
    items = []
    for one in told:
        date = NOW - timedelta(days=one.age, minutes=7) if one.age is not None else None
        items.append(
            f"<item><guid isPermaLink='false'>{escape(one.guid)}</guid><title>{one.title}</title>"
            + (f"<link>{one.link}</link>" if one.link else "")
            + (f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if date else "")
            + f"<description>{one.words}</description></item>"
        )
    return f"<rss version='2.0'><channel><title>Up</title>{''.join(items)}</channel></rss>".encode()


def weeks(count: int, *, link: str = "http://up.example/thread") -> list[Told]:
    return [Told(f"http://up.example/t{n}", "Open thread", link, age=7 * n) for n in range(count)]


def test_a_weekly_thread_is_a_new_entry_each_week(world: World) -> None:
    """One title, one page, one text; only guid and date tell the weeks apart."""
    threads = weeks(6)
    world.look(rss(threads[4:]))
    for week in (3, 2, 1, 0):
        assert world.look(rss(threads[week : week + 2])).new == 1
    assert len(world.stored) == 6
    changed = moves.then(moves.guid_scheme, moves.domain)
    assert world.look(changed(rss(threads))).new == 0
    assert len(world.stored) == 6


def test_different_articles_with_one_title_and_one_date_stay_two(world: World) -> None:
    twins = [Told(f"http://up.example/{n}", "Photo", f"http://up.example/{n}", age=1) for n in (1, 2)]
    world.look(rss(twins[:1]))
    assert world.look(rss(twins)).new == 1
    assert world.look(moves.then(moves.guid_scheme, moves.domain)(rss(twins))).new == 0


def test_a_whole_undated_feed_under_other_guids_and_paths_is_known_by_its_titles(world: World) -> None:
    feed = [Told(f"http://up.example/{n}", f"Article {n}", f"http://up.example/{n}") for n in range(6)]
    world.look(rss(feed))
    moved = [Told(f"post-{n}", f"Article {n}", f"https://new.example/{n}.html") for n in range(6)]
    assert world.look(rss(moved)).new == 0
    ticker = [Told(f"tick-{n}", f"News {n}", f"https://new.example/n{n}") for n in range(6)]
    outcome = world.look(rss(ticker))
    assert (outcome.new, world.held) == (6, 0)


def test_a_flood_is_held_once_and_its_entries_keep_their_ids_when_released(world: World) -> None:
    world.look(rss([Told("new", "New", age=1)]))
    flood = [Told(f"http://up.example/{n}", f"Old {n}", f"http://up.example/{n}", age=100 + n) for n in range(8)]
    outcome = world.look(rss(flood))
    assert (outcome.new, outcome.status, world.held) == (0, Status.UNCHANGED, 8)
    ids = {trace.title: trace.id for trace in world.stored}
    moved = moves.then(moves.guid_scheme, moves.domain)(rss(flood))
    outcome = world.look(moved)
    assert (outcome.new, world.held) == (0, 8)
    assert "8 entries are held" in str(outcome.problems)
    assert world.look(rss([Told("new", "New", age=1)])).problems == ()
    assert world.look(moved, trust=True).new == 8
    assert world.held == 0
    assert {trace.title: trace.id for trace in world.stored} == ids
    journal = [Told(f"j{n}", f"Next {n}", age=90 + n) for n in range(8)]
    assert world.look(rss(journal)).new == 8


def test_a_first_look_is_never_held(world: World) -> None:
    outcome = world.look(rss([Told(str(n), f"Old {n}", age=100 + n) for n in range(30)]))
    assert (outcome.new, world.held) == (30, 0)


TITLES = st.sampled_from(["A", "B", "Open thread", "See http://up.example/a"])
LINKS = st.sampled_from(["", "http://up.example/", "http://up.example/a", "http://up.example/b?x=1"])
WORDS = st.sampled_from(["", "short", "Long enough to tell who it is, at http://up.example/."])
AGES = st.none() | st.integers(0, 400)
GUIDS = st.sampled_from(["", "1", "2", "http://up.example/a"])
FEEDS = st.lists(st.builds(Told, GUIDS, TITLES, LINKS, AGES, WORDS), max_size=8)
MOVES = st.sampled_from(
    [
        moves.guid_https, moves.guid_domain, moves.guid_tracking, moves.guid_scheme, moves.link_domain, moves.domain,
        moves.scheme, moves.then(moves.guid_scheme, moves.domain, moves.scheme),
    ]
)  # fmt: skip

one_state = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@one_state
@given(FEEDS)
def test_the_same_feed_again_changes_nothing(world: World, told: list[Told]) -> None:
    world.begin()
    world.look(rss(told))
    before = world.stored
    outcome = world.look(rss(told) + b"<!-- again -->")
    assert (outcome.status, outcome.new, outcome.changed) == (Status.UNCHANGED, 0, 0)
    assert world.stored == before


@one_state
@given(st.lists(FEEDS, max_size=4))
def test_whatever_a_feed_tells_is_stored_once_and_nothing_is_lost(world: World, history: list[list[Told]]) -> None:
    world.begin()
    count = 0
    for step, told in enumerate(history):
        outcome = world.look(rss(told))
        traces = world.stored
        new = outcome.new + sum(trace.held and trace.first_seen == world.now for trace in traces)
        assert len(traces) == count + new
        assert len({trace.id for trace in traces}) == len(traces)
        assert step or world.held == 0
        count = len(traces)
        shown = {(one.guid, one.title, one.link) for one in told}  # copies are one entry
        missing = Counter(title for _, title, _ in shown) - Counter(trace.title for trace in traces)
        assert not missing


@one_state
@given(
    st.lists(
        st.builds(Told, st.uuids().map("http://up.example/{}".format), TITLES, LINKS, st.integers(0, 400), WORDS),
        min_size=1,
        max_size=8,
        unique_by=(lambda one: one.guid, lambda one: (one.title, one.age)),
    ),
    st.lists(MOVES, min_size=1, max_size=3),
)
def test_a_feed_that_moves_brings_nothing_new(world: World, told: list[Told], steps: list[moves.Move]) -> None:
    """Title and date tell its entries apart, and nothing else needs to."""
    world.begin()
    body = rss([one for one in told if not one.title.startswith("See")])
    world.look(body)
    ids = {(trace.title, trace.published): trace.id for trace in world.stored}
    for move in steps:
        body = move(body)
        outcome = world.look(body)
        assert (outcome.new, world.held) == (0, 0)
    assert {(trace.title, trace.published): trace.id for trace in world.stored} == ids
