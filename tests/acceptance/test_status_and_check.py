"""`feedmill status` and `feedmill check`: what an operator asks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pexpect  # type: ignore[import-untyped]
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
        "list": None,
        "title": None,
        "state": "new",
        "last_success": None,
        "last_look": None,
        "next": None,
        "pushed_until": None,
        "left_alone": None,
        "failures": 0,
        "error": None,
        "address": None,
        "moved_to": None,
        "entries": 0,
        "held": 0,
    }
    nothing = {"last_change": None, "error": None, "held": None, "pinned": None}
    assert status["feeds"] == [{"name": "all", "entries": 0} | nothing]


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


@pytest.fixture
def moved(site: Site, upstream: Upstream) -> str:
    """A source that answered at three looks that it moved for good: its new address."""
    there = document(upstream, "/new", rss(("1", "One")))
    site.upstream("up", upstream.serve("/old", 301, Location=there))
    site.feed()
    for _ in range(3):
        site.publish()
    return there


def test_status_tells_which_sources_are_left_alone_until_when(site: Site, upstream: Upstream) -> None:
    site.upstream("well", document(upstream, "/well", rss(("1", "One"))))
    for name in ("one", "two"):
        site.upstream(name, upstream.serve(f"/{name}", 429, Retry_After="86400"))
    site.feed()
    site.publish("--source", "well")
    site.publish("--source", "one", "--source", "two")
    told = sources(site)["well"]
    assert told["state"] == "well"
    assert "127.0.0.1 asked to be left alone until" in str(told["left_alone"])
    assert told["next"] == str(told["left_alone"]).partition("until ")[2].partition(";")[0]
    assert f"well: {told['left_alone']}" in site.run("status").out


def test_status_tells_where_a_source_moves(site: Site, upstream: Upstream) -> None:
    there = document(upstream, "/new", rss(("1", "One")))
    site.upstream("up", upstream.serve("/old", 308, Location=there))
    site.feed()
    site.publish()
    assert (sources(site)["up"]["moved_to"], sources(site)["up"]["address"]) == (there, None)
    assert f"up: redirects for good to {there}, seen at 1 of the 3 looks" in site.run("status").out


def test_after_three_looks_the_new_address_is_asked_and_told(site: Site, upstream: Upstream, moved: str) -> None:
    assert [asked.path for asked in upstream.asked] == ["/old", "/new"] * 3
    assert sources(site)["up"]["address"] == moved
    assert f"up: moved for good, and is asked at {moved}" in site.run("status").out
    site.publish()
    assert [asked.path for asked in upstream.asked[6:]] == ["/new"]
    assert upstream.asked[6].headers["If-None-Match"], "it is the same feed"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_believed(site: Site, upstream: Upstream, status: int) -> None:
    there = document(upstream, "/new", rss(("1", "One")))
    site.upstream("up", upstream.serve("/old", status, Location=there))
    site.feed()
    for _ in range(4):
        site.publish()
    assert (sources(site)["up"]["moved_to"], sources(site)["up"]["address"]) == (None, None)
    assert [asked.path for asked in upstream.asked[-2:]] == ["/old", "/new"]


def test_check_writes_the_new_address_when_it_is_told_to(site: Site, moved: str) -> None:
    site.config += "# the end\n"
    before = site.config
    site.save()
    ran = site.run("check")
    assert f"it moved for good, and is asked at {moved}; --accept-moves writes that" in ran.out
    assert (site.root / "config.toml").read_text() == before
    (site.root / "config.toml").chmod(0o640)
    assert "new addresses for up" in site.run("check", "--accept-moves").out
    assert (site.root / "config.toml").read_text() == before.replace(moved.replace("/new", "/old"), moved)
    assert (site.root / "config.toml").stat().st_mode & 0o777 == 0o640
    site.config = (site.root / "config.toml").read_text()
    ran = site.publish()
    assert (ran.source("up")["new"], ran.source("up")["withdrawn"]) == (0, 0)
    assert "moved" not in site.run("check").out


def test_check_takes_no_secret_to_another_origin(site: Site, upstream: Upstream) -> None:
    there = document(upstream, "/new", rss(("1", "One"))).replace("127.0.0.1", "localhost")
    site.config = site.config.replace('["127.0.0.1"]', '["127.0.0.1", "localhost"]')
    site.upstream("up", upstream.serve("/old", 301, Location=there))
    site.config += 'headers = { X-Key = "k" }\n'
    site.feed()
    for _ in range(3):
        site.publish()
    ran = site.run("check", "--accept-moves")
    assert f"asked at {there} without its login and headers" in ran.out
    assert (site.root / "config.toml").read_text() == site.config


def test_after_an_edit_check_asks_and_offers_nothing_of_the_old_address(
    site: Site, upstream: Upstream, moved: str
) -> None:
    site.config = site.config.replace("/old", "/better")
    document(upstream, "/better", rss(("1", "One"), ("2", "Two")))
    ran = site.run("check", "--accept-moves")
    assert "source up: 2 entries" in ran.out
    assert (site.root / "config.toml").read_text() == site.config


@pytest.mark.parametrize(
    ("status", "words", "wrong"), [(429, "asked to be left alone until", False), (410, "gone for good", True)]
)
def test_check_leaves_alone_whom_publish_leaves_alone(
    site: Site, upstream: Upstream, status: int, words: str, *, wrong: bool
) -> None:
    site.upstream("up", upstream.serve("/feed", status, Retry_After="3600"))
    site.feed()
    site.publish()
    upstream.asked.clear()
    ran = site.run("check")
    assert "source up: not tried: the server" in ran.out
    assert words in ran.out
    assert upstream.asked == []
    assert ("WRONG source up" in ran.out) is wrong


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_check_asks_on_a_terminal(site: Site, moved: str, answer: str, *, written: bool) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "feedmill", "check"], cwd=str(site.root), env=site.environment, encoding="utf-8"
    )
    child.expect(r"Write .*config\.toml\?")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert (moved in (site.root / "config.toml").read_text()) is written


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
