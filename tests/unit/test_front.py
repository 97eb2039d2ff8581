"""The site's own documents: published after its feeds, as these were published last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from factories import NOW, SITE, SPEC, entry
from feedmill import runs
from feedmill.config import Config
from feedmill.errors import WriteFailed
from feedmill.model import (
    Changes,
    Content,
    Entry,
    FeedSpec,
    FeedState,
    FetchSettings,
    Schedule,
    SiteOutcome,
    Source,
    SourceState,
)
from feedmill.pipeline import Pipeline
from feedmill.pipeline.front import newsworthy
from feedmill.publish import Folder
from feedmill.store import Store


class World:
    """A site with one source, whose entries the test sets."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.feeds = root / "feeds"
        self.store = Store(f"sqlite:///{root / 's.sqlite3'}")
        (root / "s").mkdir()

    def put(self, *entries: Entry) -> None:
        changes = Changes(new=entries, revisions={one.id: "r" for one in entries})
        self.store.record_look(SourceState(name="s", last_success=NOW), NOW, changes=changes)

    def pipeline(self, *specs: FeedSpec, **fields: Any) -> Pipeline:
        values: dict[str, Any] = {
            "file": self.root / "config.toml",
            "root": self.root,
            "site": SITE,
            "state_url": "",
            "directory": str(self.feeds),
            "fetch": FetchSettings(user_agent="x"),
            "schedule": Schedule(),
            "sources": (Source(name="s", kind="files", path=self.root / "s"),),
            "feeds": specs,
        }
        return Pipeline(Config(**values | fields), self.store, Folder(str(self.feeds)), clock=lambda: NOW)

    def publish(self, *specs: FeedSpec, **fields: Any) -> SiteOutcome:
        site = self.pipeline(*specs, **fields)
        for spec in specs:
            list(site.publish(spec))
        return site.publish_front()

    def text(self, path: str) -> str:
        return (self.feeds / path).read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def spec(name: str, **fields: Any) -> FeedSpec:
    return replace(SPEC, name=name, title=f"Feed {name}", base_url=f"{SITE.feeds_url}{name}/", **fields)


def test_the_documents_are_written_when_they_change_and_only_then(world: World) -> None:
    world.put(entry(title="First"))
    assert world.publish(spec("all")).written == ("index.html", "feeds.opml")
    assert world.publish(spec("all")) == SiteOutcome()
    world.put(entry(id="urn:2", title="Second", published=NOW))
    assert world.publish(spec("all")).written == ("index.html", "feeds.opml")
    assert "Second" in world.text("index.html")
    assert "First" not in world.text("index.html")


def test_documents_that_would_come_out_as_they_are_are_not_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(entry(title="First"))
    world.publish(spec("all"))
    monkeypatch.setattr("feedmill.render.site.SITE_DOCUMENTS", {})
    assert world.publish(spec("all")) == SiteOutcome()
    monkeypatch.setattr("feedmill.pipeline.front.__version__", "999")
    assert world.publish(spec("all")).errors  # another version may make them otherwise


@pytest.mark.parametrize("path", ["index.html", "feeds.opml"])
def test_a_document_that_somebody_touched_is_made_again(world: World, path: str) -> None:
    world.put(entry(title="First"))
    world.publish(spec("all"))
    before = world.text(path)
    (world.feeds / path).write_text("touched")
    assert world.publish(spec("all")).written == (path,)
    (world.feeds / path).unlink()
    assert world.publish(spec("all")).written == (path,)
    assert world.text(path) == before


def test_a_template_that_was_edited_is_used_at_once(world: World) -> None:
    world.put(entry())
    theme = world.root / "theme"
    theme.mkdir()
    world.publish(spec("all"), theme=str(theme))
    (theme / "front.html").write_text("{{ broken")
    assert world.publish(spec("all"), theme=str(theme)).errors


def test_before_any_feed_was_published_there_is_nothing_to_say(world: World) -> None:
    assert world.publish(spec("all")) == SiteOutcome()
    assert not (world.feeds / "index.html").exists()


def test_a_feed_that_fails_is_shown_as_it_was_published_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put(entry(title="First"))
    world.publish(spec("all"), spec("other"))
    world.put(entry(id="urn:2", title="Second", published=NOW))
    site = world.pipeline(spec("all"), spec("other"))

    def full(path: str, body: bytes) -> bool:
        raise WriteFailed("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(site.destination, "swap", full)
        assert [one.error for one in site.publish(spec("all"))] == ["the disk is full"]
    list(site.publish(spec("other")))
    assert site.publish_front().written
    _, first, second = world.text("index.html").split('<li class="feed">')
    assert "First" in first
    assert "Second" in second


def test_a_feed_or_format_that_was_never_published_is_not_shown(world: World) -> None:
    world.put(entry())
    world.publish(spec("all"))
    site = world.pipeline(spec("all", formats=("rss", "atom", "opml")), spec("new"))
    world.store.record_feed_failure(FeedState(name="new", updated=NOW, error="x"))
    site.publish_front()
    page = world.text("index.html")
    assert "all/atom.xml" in page
    assert "sources.opml" not in page
    assert "Feed new" not in page


def test_a_document_that_fails_stays_and_holds_up_no_other(world: World) -> None:
    world.put(entry())
    world.publish(spec("all"))
    before = world.text("index.html")
    theme = world.root / "theme"
    theme.mkdir()
    (theme / "front.html").write_text("{{ broken")
    world.put(entry(id="urn:2", title="Second", published=NOW))
    outcome = world.publish(spec("all"), theme=str(theme))
    assert outcome.written == ("feeds.opml",)
    assert "front.html, line 1" in outcome.errors[0]
    assert world.text("index.html") == before
    (theme / "front.html").write_text("<title>x</title>no feeds here")
    assert "no Content-Security-Policy" in world.publish(spec("all"), theme=str(theme)).errors[0]


def test_a_record_that_a_crash_prevented_is_made_up_for(world: World) -> None:
    world.put(entry())
    world.publish(spec("all"))
    world.store.forget_files(["index.html"])
    assert world.publish(spec("all")) == SiteOutcome()
    assert "index.html" in world.store.file_digests()


def test_the_news_sitemap_comes_and_goes_with_its_key(world: World) -> None:
    world.put(entry(url="https://example.org/a"))
    assert world.publish(spec("all"), news_sitemap=True).written == ("index.html", "feeds.opml", "news.xml")
    assert "https://example.org/a" in world.text("news.xml")
    assert runs.prune(world.pipeline(spec("all"), news_sitemap=True)) == ([], [])
    assert runs.prune(world.pipeline(spec("all"))) == (["news.xml"], [])
    assert {path.name for path in world.feeds.iterdir()} == {"index.html", "feeds.opml", "all"}
    assert runs.prune(world.pipeline(spec("all"))) == ([], [])


def test_news_are_what_the_feeds_carry_each_once(world: World) -> None:
    world.put(
        *(entry(id=f"urn:{n}", url=f"https://example.org/{n}", published=NOW - timedelta(hours=n)) for n in range(9))
    )
    world.publish(spec("all", limit=2), spec("short", limit=3, content=Content.LINK), news_sitemap=True)
    assert world.text("news.xml").count("<loc>") == 3


def test_a_run_ends_with_the_site(world: World) -> None:
    (world.root / "s" / "2026-11-02-a.md").write_text("---\ntitle: Hello\n---\nWords.\n")
    report = runs.run(world.pipeline(spec("all")))
    assert report.site.written == ("index.html", "feeds.opml")
    assert "Hello" in world.text("index.html")


# --- which entries are news


def news(*entries: Entry) -> list[str]:
    return [one.id for one in newsworthy(entries, "https://example.org/")]


def at(identity: str, hours: float, url: str | None = "") -> Entry:
    address = f"https://example.org/{identity}" if url == "" else url
    return entry(id=identity, url=address, published=NOW - timedelta(hours=hours))


def test_news_are_two_days_old_at_most_counted_from_the_newest_of_the_site() -> None:
    assert news(at("a", 500), at("b", 548), at("c", 548.001)) == ["a", "b"]
    assert news(at("x", 0, "https://other.example/"), at("a", 500), at("b", 501)) == ["a", "b"]


@pytest.mark.parametrize(
    "url", [None, "https://other.example/a", "https://example.org.evil/a", "ftp://example.org/a", "https://[broken"]
)
def test_only_addresses_on_the_host_of_the_site_are_news(url: str | None) -> None:
    assert news(at("a", 0, url), at("b", 1, "http://EXAMPLE.org:8080/b")) == ["b"]


def test_an_address_is_named_once_and_a_thousand_at_most() -> None:
    assert news(at("a", 0), at("b", 1, "https://example.org/a")) == ["a"]
    assert len(news(*(at(str(number), number / 100) for number in range(1500)))) == 1000


def test_no_entries_are_no_news() -> None:
    assert news() == []
