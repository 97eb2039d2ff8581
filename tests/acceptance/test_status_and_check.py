"""`feedmill status` and `feedmill check`: what an operator asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sites import Site, document, rss
from upstream import Upstream

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE)
    site.feed()
    return folder


def sources(site: Site) -> dict[str, dict[str, object]]:
    return {source["name"]: source for source in site.run("status", "--json").report["sources"]}


def test_status_before_anything_happened(site: Site, news: Path) -> None:
    status = site.run("status", "--json").report
    assert status["sources"][0] | {"kind": ""} == {
        "name": "news",
        "kind": "",
        "state": "new",
        "last_success": None,
        "last_look": None,
        "next": None,
        "failures": 0,
        "error": None,
        "moved_to": None,
        "entries": 0,
    }
    assert status["feeds"] == [{"name": "all", "entries": 0, "last_change": None, "error": None}]


def test_status_tells_which_source_is_ill_and_why(site: Site, news: Path, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.publish()
    upstream.serve("/feed", 403)
    site.publish()
    site.publish()
    told = sources(site)
    assert (told["news"]["state"], told["news"]["entries"], told["news"]["failures"]) == ("well", 1, 0)
    assert (told["up"]["state"], told["up"]["entries"], told["up"]["failures"]) == ("failing", 1, 2)
    assert "403" in str(told["up"]["error"])
    assert told["up"]["last_success"] is not None
    assert told["up"]["last_look"] != told["up"]["last_success"]
    human = site.run("status").out
    assert "failing" in human
    assert "403" in human
    document(upstream, "/feed", rss(("1", "One")))
    site.publish()
    assert sources(site)["up"]["state"] == "well"


def test_status_tells_where_a_source_moved(site: Site, upstream: Upstream) -> None:
    there = document(upstream, "/new", rss(("1", "One")))
    site.upstream("up", upstream.serve("/old", 301, Location=there))
    site.feed()
    site.publish()
    assert sources(site)["up"]["moved_to"] == there
    assert f"up: moved for good to {there}" in site.run("status").out


def test_status_of_feeds(site: Site, news: Path) -> None:
    site.publish()
    feed = site.run("status", "--json").report["feeds"][0]
    assert (feed["entries"], feed["error"]) == (1, None)
    assert feed["last_change"] is not None
    for path in site.files().values():
        path.unlink()
        path.mkdir()
    site.publish()
    assert "cannot be written" in site.run("status", "--json").report["feeds"][0]["error"]


def test_check_tries_everything_and_stores_nothing(site: Site, news: Path, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"), ("2", "Two"))))
    ran = site.run("check")
    assert ran.code == 0, ran.out
    for line in (
        "source news: 1 entries",
        "source up: 2 entries",
        "feed all: not published yet",
        "config.toml is right",
    ):
        assert line in ran.out
    assert not (site.root / ".feedmill").exists()
    assert site.files() == {}


def test_check_names_what_is_wrong(site: Site, news: Path, upstream: Upstream) -> None:
    site.upstream("up", upstream.serve("/feed", 500))
    (news / "broken.md").write_text("---\ntitle: [\n---\n")
    site.publish()
    site.files()["all/rss.xml"].write_text("<rss>edited by hand")
    site.files()["all/atom.xml"].unlink()
    findings: Any = site.run("check", "--json").report
    assert {finding["what"] for finding in findings if not finding["well"]} == {"source up", "source news", "feed all"}
    ran = site.run("check")
    assert ran.code == 1
    for words in ("broken.md", "500", "rss.xml, line 1: it is not well-formed", "all/atom.xml is missing"):
        assert words in ran.out
    assert site.publish().code == 1
    assert "WRONG feed" not in site.run("check").out


def test_check_describes_the_network_guard(site: Site, news: Path) -> None:
    assert "closed to private networks, except for 127.0.0.1" in site.run("check").out
    site.config = site.config.replace('allow_hosts = ["127.0.0.1"]', "")
    assert "closed to loopback, link-local and private networks" in site.run("check").out
    site.config = site.config.replace("[fetch]", "[fetch]\nallow_private_networks = true")
    assert "open: upstreams may lead into private networks" in site.run("check").out


def test_the_network_guard_keeps_loopback_out(site: Site, upstream: Upstream) -> None:
    """Promise 6: nothing that an upstream says reaches a private network."""
    site.config = site.config.replace('allow_hosts = ["127.0.0.1"]', "")
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.feed()
    ran = site.publish()
    assert ran.code == 3
    assert "127.0.0.1" in ran.source("up")["error"]
    assert "allow_hosts" in ran.source("up")["error"]
    assert upstream.asked == []
