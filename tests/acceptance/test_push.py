"""WebSub through the command and a real hub: told once of changed bytes, never of unchanged ones, later if down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import Hub, hub
from sites import CONFIG, Site

ARTICLE = "---\ntitle: {0}\ndate: 2026-10-01T07:00:00Z\n---\nWords of {0}.\n"
BOTH = ["https://example.org/feeds/all/atom.xml", "https://example.org/feeds/all/rss.xml"]


@pytest.fixture
def running() -> Iterator[Hub]:
    with hub() as started:
        yield started


@pytest.fixture
def news(site: Site, running: Hub) -> Path:
    site.config = CONFIG + f'\n[publish]\nhubs = ["{running.url}"]\n'
    folder = site.articles()
    (folder / "one.md").write_text(ARTICLE.format("One"))
    site.feed()
    return folder


def test_a_hub_is_told_once_of_changed_bytes_and_never_of_unchanged_ones(site: Site, news: Path, running: Hub) -> None:
    assert site.publish().code == 0
    assert running.topics == [BOTH]
    assert running.told[0]["hub.mode"] == ["publish"]
    site.publish()
    assert running.topics == [BOTH]
    (news / "two.md").write_text(ARTICLE.format("Two"))
    site.publish()
    assert running.topics == [BOTH, BOTH]


def test_only_documents_whose_bytes_changed_are_named(site: Site, news: Path, running: Hub) -> None:
    (news / "two.md").write_text(ARTICLE.format("Two"))
    site.publish()
    (site.root / "feeds/all/rss.xml").unlink()
    site.publish()
    assert running.topics == [BOTH, BOTH[1:]]


def test_every_format_names_the_hub(site: Site, news: Path, running: Hub) -> None:
    site.publish()
    for path in site.files().values():
        assert re.search(rf'link href="{running.url}" rel="hub"', path.read_text()), path


def test_a_hub_that_is_down_costs_nothing_but_a_later_retry(site: Site, news: Path, running: Hub) -> None:
    running.status = 503
    ran = site.publish()
    assert (ran.code, ran.feed("all")["status"]) == (0, "written")
    assert "the hub answered 503" in ran.err
    (told,) = site.run("status", "--json").report["hubs"]
    assert (told["hub"], told["documents"], told["failures"]) == (running.url, 2, 1)
    assert f"hub {running.url}: to be told of 2 documents, after 1 failures" in site.run("status").out
    running.status = 202
    site.publish()
    assert len(running.told) == 1, "its time has not come"


def test_a_hub_that_cannot_be_reached_is_no_failure_of_the_feed(site: Site, news: Path, running: Hub) -> None:
    site.config = site.config.replace(running.url, "http://127.0.0.1:1/")
    ran = site.publish()
    assert ran.code == 0
    assert "the hub cannot be reached" in ran.err


def test_a_rehearsal_tells_nobody(site: Site, news: Path, running: Hub) -> None:
    site.publish("--dry-run")
    assert running.told == []
    site.publish()
    assert running.topics == [BOTH]


def test_a_hub_that_is_configured_no_longer_is_forgotten(site: Site, news: Path, running: Hub) -> None:
    running.status = 500
    site.publish()
    site.config = site.config.replace(f'["{running.url}"]', "[]")
    site.publish()
    assert site.run("status", "--json").report["hubs"] == []
