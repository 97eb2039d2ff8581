"""Full texts through the pipeline: a real server of feeds and pages, and a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from factories import NOW, SITE, SPEC
from feedmill.collect import articles
from feedmill.collect.http import Response
from feedmill.config import Config
from feedmill.model import Entry, FetchSettings, HostState, Order, Outcome, Schedule, Source, Treatment
from feedmill.pipeline import Pipeline
from feedmill.publish import Folder
from feedmill.store import Store
from sites import document
from upstream import Handler, Upstream, serving

PAGES = Path(__file__).parents[1] / "unit" / "normalize" / "articles"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class World:
    """A site with one source that asks for full texts, a server, and a clock."""

    def __init__(self, root: Path, upstream: Upstream) -> None:
        self.now = NOW
        self.upstream = upstream
        self.store = Store(f"sqlite:///{root / 'state.sqlite3'}")
        self.root = root
        self.source = Source(name="wire", kind="feed", url=upstream.url("/feed"), fulltext=True)
        self._items: dict[int, str] = {}
        upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /private/\n")

    def look(self, after: timedelta = HOUR) -> Outcome:
        """Look at the source `after` so long, as a program of its own would."""
        self.now += after
        config = Config(
            file=self.root / "config.toml",
            root=self.root,
            site=SITE,
            state_url="",
            directory=str(self.root / "feeds"),
            fetch=FetchSettings(
                user_agent="Feedmill/test", allow_hosts=("127.0.0.1", "localhost"), host_delay=timedelta(0)
            ),
            schedule=Schedule(),
            sources=(self.source,),
            feeds=(SPEC,),
        )
        pipeline = Pipeline(config, self.store, Folder(config.directory), clock=lambda: self.now)
        try:
            outcome = pipeline.refresh(self.source)
        finally:
            pipeline.close()
        assert outcome.error is None
        return outcome

    def feed(self, *numbers: int, **others: str) -> None:
        """Serve a feed of these articles, newest first, each with a teaser; `others` are further elements by number."""
        items = "".join(
            f"<item><guid isPermaLink='false'>tag:wire.example,2026:{n}</guid>"
            f"<title>{others.get(f't{n}', title(n))}</title>"
            f"<link>{self.upstream.url(others.get(f'u{n}', f'/a/{n}'), host=others.get(f'h{n}', '127.0.0.1'))}</link>"
            f"<pubDate>{1 + n // 24:02d} Oct 2026 {n % 24:02d}:00:00 GMT</pubDate>"
            f"<description>{others.get(f'd{n}', teaser(n))}</description></item>"
            for n in numbers
        )
        body = f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>"
        document(self.upstream, "/feed", body.encode())

    def page(self, number: int, path: str = "") -> None:
        self.upstream.serve(path or f"/a/{number}", body=html(number), Content_Type="text/html; charset=utf-8")

    def asked(self) -> list[str]:
        """The pages that were asked for since this was last called, but for the feed and robots.txt."""
        paths = [asked.path for asked in self.upstream.asked]
        self.upstream.asked.clear()
        return [path for path in paths if path not in ("/feed", "/robots.txt")]

    def entries(self) -> dict[str, Entry]:
        with self.store.candidates("all", ["wire"], Order.PUBLISHED) as candidates:
            return {entry.url or "": entry for entry in candidates.stream}

    def entry(self, path: str) -> Entry:
        return self.entries()[self.upstream.url(path)]


def title(number: int) -> str:
    return f"Ferry number {number} crosses the strait"


def teaser(number: int) -> str:
    return f"After repairs the night ferry number {number} sails from the northern harbour."


def html(number: int, *, more: str = "") -> bytes:
    words = f"<p>{teaser(number)} Traders on both shores had asked for it for years, and the market is glad.</p>" * 2
    paragraphs = "".join(
        f"<p>Crossing {n} of ferry {number} takes five hours, the harbour office says.</p>" for n in range(6)
    )
    article = f"<article><h1>{title(number)}</h1>{words}{paragraphs}<p>{more}</p></article>"
    return f"<html><body>{article}</body></html>".encode()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving() as upstream:
        made = World(tmp_path, upstream)
        yield made
        made.store.close()


def is_full(entry: Entry) -> bool:
    return "harbour office says" in entry.content


def test_new_articles_are_complete_at_once_and_each_page_is_asked_for_once(world: World) -> None:
    world.feed(2, 1)
    world.page(1)
    world.page(2)
    assert (world.look().new, world.asked()) == (2, ["/a/2", "/a/1"])
    first = world.entries()
    assert all(map(is_full, first.values()))
    assert [entry.summary for entry in first.values()] == [teaser(2), teaser(1)]
    assert all(entry.updated == entry.published for entry in first.values())
    assert (world.look().changed, world.asked()) == (0, [])
    world.feed(3, 2, 1)
    world.page(3)
    outcome = world.look()
    assert (outcome.new, outcome.changed, world.asked()) == (1, 0, ["/a/3"])
    assert first.items() <= world.entries().items()


def test_ten_pages_a_look_newest_first_and_the_rest_while_the_feed_is_unchanged(world: World) -> None:
    numbers = range(25, 0, -1)
    for number in numbers:
        world.page(number)
    world.feed(*numbers)
    assert world.look().new == 25
    assert world.asked() == [f"/a/{n}" for n in range(25, 15, -1)]
    before = world.entries()
    assert [is_full(entry) for entry in before.values()] == [True] * 10 + [False] * 15
    outcome = world.look()
    assert (outcome.status, outcome.new, outcome.changed) == ("updated", 0, 10)
    assert world.asked() == [f"/a/{n}" for n in range(15, 5, -1)]
    world.feed(26, *numbers)
    world.page(26)
    outcome = world.look()
    assert (outcome.new, outcome.changed) == (1, 5)
    assert world.asked() == [f"/a/{n}" for n in (26, 5, 4, 3, 2, 1)]
    after = world.entries()
    assert all(map(is_full, after.values()))
    for url, entry in before.items():
        assert (after[url].updated, after[url].published, after[url].id) == (entry.updated, entry.published, entry.id)
    assert (world.look().status, world.asked()) == ("unchanged", [])


def test_a_page_that_fails_is_tried_again_later_and_later_and_then_given_up(world: World) -> None:
    world.feed(1)
    outcome = world.look()
    assert (outcome.new, outcome.status) == (1, "updated")
    (problem,) = outcome.problems
    assert problem.where == f"wire: {world.upstream.url('/a/1')}"
    assert problem.message == (
        "the full text is missing: the server answered 404 Not Found. It is asked for again later; "
        "the feed's own words are published"
    )
    assert world.entry("/a/1").summary == teaser(1)
    for wait in (HOUR, 6 * HOUR, 24 * HOUR, 72 * HOUR):
        assert world.look(wait - MINUTE).problems == ()
        (problem,) = world.look(MINUTE).problems
    assert "It is not asked for again" in problem.message
    assert world.look(timedelta(days=30)).problems == ()
    assert world.asked() == ["/a/1"] * 5
    assert not is_full(world.entry("/a/1"))


def test_a_page_that_comes_later_changes_the_entry_and_not_its_dates(world: World) -> None:
    world.feed(1)
    world.look()
    before = world.entry("/a/1")
    world.page(1)
    assert world.look().changed == 1
    after = world.entry("/a/1")
    assert is_full(after)
    assert after == replace(before, content=after.content)


def test_a_page_that_comes_later_sets_nothing_else_back(world: World) -> None:
    world.feed(1)
    world.look()
    world.feed(1, d1=f"{teaser(1)}</description><category>Ships</category><description>")
    world.look(MINUTE)
    world.page(1)
    world.look()
    entry = world.entry("/a/1")
    assert is_full(entry)
    assert [category.term for category in entry.categories] == ["Ships"]


def test_a_new_teaser_asks_for_the_page_again_and_is_an_update(world: World) -> None:
    world.feed(1)
    world.page(1)
    world.look()
    before = world.entry("/a/1")
    world.asked()
    world.feed(1, d1=f"{teaser(1)} Corrected.")
    world.upstream.serve("/a/1", body=html(1, more="Corrected in the evening."), Content_Type="text/html")
    assert (world.look().changed, world.asked()) == (1, ["/a/1"])
    after = world.entry("/a/1")
    assert "Corrected in the evening" in after.content
    assert after.updated == world.now > before.updated


def test_what_was_taken_stays_while_the_page_cannot_be_had_again(world: World) -> None:
    world.feed(1)
    world.page(1)
    world.look()
    world.feed(1, t1=f"{title(1)} again")
    world.upstream.serve("/a/1", 500)
    assert len(world.look().problems) == 1
    entry = world.entry("/a/1")
    assert entry.title == f"{title(1)} again"
    assert is_full(entry)
    for _ in range(4):
        assert is_full(world.entry("/a/1"))
        world.look(timedelta(days=3))
    assert is_full(world.entry("/a/1")), "given up, and still the last good text"
    assert world.entry("/a/1").updated == entry.updated


def test_what_was_taken_goes_when_its_page_is_gone(world: World) -> None:
    world.feed(1)
    world.page(1)
    world.look()
    world.feed(1, t1=f"{title(1)} again")
    world.upstream.serve("/a/1", 410)
    world.look()
    assert not is_full(world.entry("/a/1"))


def test_an_article_at_a_new_address_is_not_set_back_by_its_old_page(world: World) -> None:
    world.feed(1)
    world.look()
    world.feed(1, u1="/b/1", t1="Ferry number 1 has a new name")
    world.page(1, "/b/1")
    world.page(1)
    world.asked()
    assert world.look(timedelta(minutes=30)).changed == 1
    moved = world.entry("/b/1")
    assert (is_full(moved), world.asked()) == (True, ["/b/1"])
    world.look(2 * HOUR)
    world.look(24 * HOUR)
    assert world.entries() == {moved.url: moved}
    assert world.asked() == []


@pytest.mark.parametrize(("status", "tries"), [(410, 1), (404, 5)])
def test_what_is_gone_is_given_up_at_once(world: World, status: int, tries: int) -> None:
    world.feed(1)
    world.upstream.serve("/a/1", status)
    for _ in range(6):
        world.look(timedelta(days=4))
    assert len(world.asked()) == tries


def test_a_busy_host_is_left_alone(world: World) -> None:
    world.feed(3, 2, 1)
    world.upstream.serve("/a/3", 429, Retry_After=str(8 * 3600))
    world.page(2)
    world.page(1)
    assert len(world.look().problems) == 1
    assert world.asked() == ["/a/3"]
    world.feed(4, 3, 2, 1)
    world.page(4)
    assert world.look(7 * HOUR).new == 1
    assert world.asked() == []
    world.page(3)
    assert world.look(2 * HOUR).changed == 4
    assert world.asked() == ["/a/4", "/a/3", "/a/2", "/a/1"]


def test_a_busy_host_does_not_hold_up_others(world: World) -> None:
    busy = range(13, 1, -1)
    world.feed(*busy, 1, **{f"h{number}": "localhost" for number in busy})
    world.upstream.serve("/a/13", 429, Retry_After=str(8 * 3600))
    world.look()
    assert world.asked() == ["/a/13", "/a/1"]
    world.page(1)
    assert world.look().changed == 1
    assert world.asked() == ["/a/1"]


def test_a_server_that_says_when_is_believed(world: World) -> None:
    world.feed(1)
    world.upstream.serve("/a/1", 500, Retry_After=str(8 * 3600))
    world.look()
    assert world.look(7 * HOUR).problems == ()
    assert len(world.look(HOUR).problems) == 1


def test_a_host_that_rests_is_left_alone(world: World) -> None:
    world.feed(1)
    world.page(1)
    state = world.store.source_state("wire")
    world.store.record_look(state, NOW, of_hosts=[HostState(host="127.0.0.1", strikes=2, wait_until=NOW + 3 * HOUR)])
    world.source = replace(world.source, url=world.upstream.url("/feed", host="localhost"))
    assert world.look(2 * HOUR).new == 1
    assert world.asked() == []
    assert world.look(2 * HOUR).changed == 1
    assert world.asked() == ["/a/1"]


def test_robots_txt_is_obeyed(world: World) -> None:
    world.feed(2, 1, u2="/private/2")
    world.page(2, "/private/2")
    world.page(1)
    (problem,) = world.look().problems
    assert "robots.txt forbids this address" in problem.message
    assert world.asked() == ["/a/1"]


def test_pages_that_are_nobodys_own_are_not_asked_for(world: World) -> None:
    world.feed(5, 4, 3, 2, 1, u5="/", u4="/feed?utm_source=x", u3="/news", u2="/news#x", u1="/only?id=1")
    world.page(1, "/only?id=1")
    world.look()
    assert world.asked() == ["/only?id=1"]


def test_error_pages_and_walls_never_become_content(world: World) -> None:
    world.feed(3, 2, 1)
    for number, name in ((3, "login.html"), (2, "consent.html")):
        world.upstream.serve(f"/a/{number}", body=(PAGES / name).read_bytes(), Content_Type="text/html")
    world.upstream.serve("/a/1", body=b"%PDF-1.7", Content_Type="application/pdf")
    outcome = world.look()
    assert [problem.where[-4:] for problem in outcome.problems] == ["/a/3", "/a/2"]
    assert [entry.content for entry in world.entries().values()] == ["", "", ""]
    world.asked()
    world.look(2 * HOUR)
    assert world.asked() == ["/a/3", "/a/2"]


def test_patterns_see_the_full_text(world: World) -> None:
    world.feed(2, 1)
    world.page(1)
    world.page(2)
    treatment = Treatment(include=("Crossing 5 of ferry 2",), replace=(), title_prefix="Wire:")
    world.source = replace(world.source, treatment=treatment)
    assert world.look().new == 1
    entry = world.entry("/a/2")
    assert (entry.title, is_full(entry)) == (f"Wire: {title(2)}", True)


def test_an_entry_that_passes_only_by_its_full_text_comes_when_that_is_had(world: World) -> None:
    world.feed(1)
    world.source = replace(world.source, treatment=Treatment(include=("Crossing 5",)))
    assert world.look().new == 0
    world.page(1)
    assert world.look().new == 1
    assert is_full(world.entry("/a/1"))


def test_max_entries_bounds_the_pages_too(world: World) -> None:
    world.feed(4, 3, 2, 1)
    world.source = replace(world.source, treatment=Treatment(max_entries=2))
    world.page(4)
    world.look()
    assert world.asked() == ["/a/4", "/a/3"]
    for number in (3, 2, 1):
        world.page(number)
    assert world.look().changed == 1
    assert (len(world.entries()), world.asked()) == (2, ["/a/3"])


def test_max_entries_counts_what_passes(world: World) -> None:
    world.source = replace(world.source, treatment=Treatment(max_entries=1, include=("number 1",)))
    world.feed(3, 2, 1)
    world.page(1)
    world.look()
    assert is_full(world.entry("/a/1"))


def test_max_entries_of_a_look_are_those_that_came_in_it(world: World) -> None:
    world.source = replace(world.source, treatment=Treatment(max_entries=2))
    world.feed(2, 1)
    world.look()
    world.feed(4, 3)
    for number in (4, 3, 2, 1):
        world.page(number)
    world.asked()
    assert (world.look().new, world.asked()) == (2, ["/a/4", "/a/3"])
    assert (world.look().changed, world.asked()) == (2, ["/a/2", "/a/1"])
    assert [is_full(entry) for entry in world.entries().values()] == [True] * 4


def test_max_entries_is_not_evaded_by_pages_that_come_later(world: World) -> None:
    world.source = replace(world.source, treatment=Treatment(max_entries=1, include=("ferry",)))
    world.feed(2, 1)
    world.look()
    world.page(1)
    world.page(2)
    world.look()
    assert set(world.entries()) == {world.upstream.url("/a/2")}
    assert is_full(world.entry("/a/2"))


@pytest.mark.parametrize("treatment", [Treatment(), Treatment(title_prefix="Wire:")], ids=["plain", "prefix"])
def test_switching_it_on_and_off_changes_texts_and_no_dates(world: World, treatment: Treatment) -> None:
    world.feed(1)
    world.page(1)
    on = replace(world.source, treatment=treatment)
    off = replace(on, fulltext=False)
    dates = set()
    for source, full in ((off, False), (on, True), (off, False), (on, True)):
        world.source = source
        world.look()
        entry = world.entry("/a/1")
        assert is_full(entry) is full
        dates.add((entry.published, entry.updated))
    assert len(dates) == 1
    assert world.asked() == ["/a/1"]


def test_another_strip_asks_again(world: World) -> None:
    world.feed(1)
    world.page(1)
    world.look()
    world.source = replace(world.source, treatment=Treatment(strip=("article > p:nth-child(8)",)))
    world.look()
    assert world.asked() == ["/a/1", "/a/1"]
    assert "Crossing 4" not in world.entry("/a/1").content


def test_credentials_go_to_the_origin_of_the_feed_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRE_KEY", "s3cret")
    world.source = replace(world.source, headers=(("X-Api-Key", "${WIRE_KEY}"),))
    other = world.upstream.url("/b/2", host="localhost")
    world.feed(2, 1)
    world.page(1)
    world.upstream.serve("/a/2", 302, Location=other)
    world.look()
    sent = {asked.path: asked.headers["X-Api-Key"] for asked in world.upstream.asked}
    assert (sent["/feed"], sent["/a/1"], sent["/a/2"]) == ("s3cret", "s3cret", "s3cret")
    assert sent.get("/b/2") is None


def test_a_slow_page_costs_its_own_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "_LONGEST", timedelta(seconds=0.2))
    world.feed(2, 1)
    world.page(1)
    world.upstream.routes["/a/2"] = Handler.stall
    (problem,) = world.look().problems
    assert "not finished within 0.2 s" in problem.message
    assert is_full(world.entry("/a/1"))


def test_time_that_is_up_leaves_the_rest_for_the_next_look(world: World) -> None:
    world.feed(2, 1)
    world.page(1)
    world.page(2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(articles, "_SECONDS", 0.0)
        world.look()
    assert world.asked() == ["/a/2"]
    world.look()
    assert world.asked() == ["/a/1"]


def test_a_crawl_delay_that_is_too_long_to_wait_for_is_kept_between_looks(world: World) -> None:
    world.upstream.serve("/robots.txt", body=b"User-agent: *\nCrawl-delay: 7200\n")
    world.feed(3, 2, 1)
    for number in (3, 2, 1):
        world.page(number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(articles, "LONGEST_PAUSE", 0.01)
        asked = []
        for _ in range(5):
            world.look()
            asked.append(world.asked())
    assert asked == [["/a/3"], [], ["/a/2"], [], ["/a/1"]]


def test_a_crawl_delay_that_leaves_no_time_leaves_one_page(world: World) -> None:
    pages = articles.ArticlePages(world.source, _Impatient(), NOW)  # type: ignore[arg-type]
    assert pages.get(world.upstream.url("/a/2")) is not None
    assert pages.get(world.upstream.url("/a/1")) is None
    assert pages.rest is None


class _Impatient:
    """A client that asks for permission, and waits for nothing."""

    def get(self, url: str, *, permit: Callable[[str], float] | None = None, **_: object) -> Any:
        if url.endswith("/robots.txt"):
            return Response(status=200, url=url, body=b"User-agent: *\nCrawl-delay: 25\n")
        assert permit is not None
        permit(url)
        return Response(status=200, url=url, body=b"<p>x")

    def release(self) -> None:
        """Nothing is held."""
