"""Lists of feeds, from real files and a real server to published feeds, as the command makes them."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from sites import FEED, Site, document, rss
from upstream import Upstream

ROOT = Path(__file__).parents[2]
LIST = """
[[sources]]
name = "planet"
kind = "opml"
{where}
{keys}
"""


def opml(*feeds: str) -> bytes:
    """A list of feeds at these addresses."""
    told = "".join(f'<outline type="rss" text="Feed {url[-1]}" xmlUrl="{url}"/>' for url in feeds)
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{told}</body></opml>'.encode()


def serve(upstream: Upstream, *names: str) -> list[str]:
    """Serve a feed of one entry for each name; return their addresses."""
    return [document(upstream, f"/{name}", rss((f"urn:x:{name}", f"News of {name}"))) for name in names]


def asked(upstream: Upstream) -> Counter[str]:
    """Count the requests since this was last asked."""
    counts = Counter(request.path for request in upstream.asked)
    upstream.asked.clear()
    return counts


def listed(site: Site) -> dict[str, str]:
    """The names of the feeds of the list, by the last part of their addresses."""
    names = [source["name"] for source in site.run("status", "--json").report["sources"]]
    return {name.split("-")[-2]: name for name in names if "/" in name}


@pytest.fixture
def planet(site: Site) -> Path:
    """A site with a list in a file and a feed of all that it names; the file, which is not there yet."""
    site.config = site.config.replace("[fetch]", '[schedule]\nevery = "1h"\n\n[fetch]')
    site.config += LIST.format(where='path = "feeds.opml"', keys='every = "1s"')
    site.feed(rules='sources = ["planet"]')
    return site.root / "feeds.opml"


def test_the_example_of_the_page_is_collected(site: Site, upstream: Upstream) -> None:
    section = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8").partition("## `opml`")[2].partition("\n## ")[0]
    (config,), (file,) = (re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL) for kind in ("toml", "xml"))
    file, found = re.subn(r"https://(\w+)\.example/([\w.]+)", lambda m: upstream.url(f"/{m[1]}/{m[2]}"), file)
    assert found == 2
    site.config = config.replace("https://friends.example", upstream.url("")) + (
        '\n[fetch]\nallow_hosts = ["127.0.0.1"]\nhost_delay = "0s"\n'
    )
    (site.root / "subscriptions.opml").write_text(file, encoding="utf-8")
    one, two, three = serve(upstream, "harbour/feed.xml", "tides/atom", "friend")
    document(upstream, "/blogroll.opml", opml(three))
    ran = site.publish()
    assert ran.code == 0, ran.out
    told = {source["name"]: source["status"] for source in ran.report["sources"]}
    assert len(told) == 5
    assert set(told.values()) == {"updated"}
    assert [name.partition("/")[0] for name in told] == ["desk", "desk", "desk", "planet", "planet"]
    titles = {"News of harbour/feed.xml", "News of tides/atom", "News of friend"}
    assert set(site.titles()) == titles
    assert site.titles("friends/atom.xml") == ["News of friend"]
    assert "<content" in site.files()["all/atom.xml"].read_text()
    assert "<content" not in site.files()["friends/atom.xml"].read_text()
    assert {one, two, three} == {upstream.url(path) for path in asked(upstream) if path != "/blogroll.opml"}
    human = site.run("status").out
    assert "Harbour notes" in human


def test_the_name_on_the_page_is_the_one_that_is_made() -> None:
    from feedmill.normalize.opml import handle

    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert set(re.findall(r"planet/(tides[\w-]+-\w{8})\b", page)) == {handle("https://tides.example/atom")}


def test_what_is_added_appears_and_what_leaves_is_asked_no_more(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two, three = serve(upstream, "a", "b", "c")
    planet.write_bytes(opml(one, two))
    assert site.publish().code == 0
    assert asked(upstream) == {"/a": 1, "/b": 1}
    names = listed(site)
    planet.write_bytes(opml(one, three))
    ran = site.publish()
    assert ran.source("planet")["status"] == "updated"
    assert asked(upstream) == {"/a": 1, "/c": 1}
    assert set(site.titles()) == {"News of a", "News of b", "News of c"}
    assert "b" not in listed(site)
    document(upstream, "/b", rss(("urn:x:more", "More"), ("urn:x:b", "News of b")))
    planet.write_bytes(opml(one, two, three))
    ran = site.publish()
    assert (ran.source(names["b"])["new"], ran.source(names["b"])["changed"]) == (1, 0)
    assert all(request.headers["If-None-Match"] for request in upstream.asked)
    assert set(site.titles()) == {"News of a", "News of b", "News of c", "More"}


def test_nothing_new_touches_no_file_and_transfers_no_feed(site: Site, upstream: Upstream) -> None:
    (one,) = serve(upstream, "a")
    url = document(upstream, "/list", opml(one))
    site.config += LIST.format(where=f'url = "{url}"', keys="") + FEED.format(name="all", rules="")
    site.publish()
    marks = site.marks()
    upstream.asked.clear()
    ran = site.publish()
    assert {source["status"] for source in ran.report["sources"]} == {"unchanged"}
    assert site.marks() == marks
    assert [bool(request.headers["If-None-Match"]) for request in upstream.asked] == [True, True]


def test_another_title_in_the_list_reads_no_feed_again(site: Site, upstream: Upstream, planet: Path) -> None:
    planet.write_bytes(opml(*serve(upstream, "a")))
    site.publish()
    upstream.asked.clear()
    planet.write_bytes(planet.read_bytes().replace(b"Feed a", b"The A of all"))
    site.publish()
    assert [bool(request.headers["If-None-Match"]) for request in upstream.asked] == [True]
    told = site.run("status", "--json").report["sources"]
    assert [(source["list"], source["title"]) for source in told] == [(None, None), ("planet", "The A of all")]


@pytest.mark.parametrize("body", [b"<html><body>Please log in</body></html>", b"", b"<opml><body>", b"\xff\x00\x01"])
def test_a_list_that_is_none_fails_and_its_feeds_go_on(site: Site, upstream: Upstream, body: bytes) -> None:
    (one,) = serve(upstream, "a")
    url = document(upstream, "/list", opml(one))
    site.config += LIST.format(where=f'url = "{url}"', keys="") + FEED.format(name="all", rules="")
    assert site.publish().code == 0
    document(upstream, "/list", body)
    document(upstream, "/a", rss(("urn:x:2", "Later"), ("urn:x:a", "News of a")))
    ran = site.publish()
    assert ran.code == 1
    assert "OPML" in ran.source("planet")["error"]
    assert set(site.titles()) == {"Later", "News of a"}


def test_a_list_that_is_cut_off_takes_no_feed_away(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two, three = serve(upstream, "a", "b", "c")
    planet.write_bytes(opml(one, two))
    site.publish()
    planet.write_bytes(opml(three, one, two).partition(b'<outline type="rss" text="Feed b"')[0])
    upstream.asked.clear()
    ran = site.publish()
    assert asked(upstream) == {"/a": 1, "/b": 1, "/c": 1}
    (problem,) = ran.source("planet")["problems"]
    assert "not taken for removed" in problem
    planet.write_bytes(opml(one))
    site.publish()
    assert asked(upstream) == {"/a": 1}


def test_an_empty_list_is_believed(site: Site, upstream: Upstream, planet: Path) -> None:
    planet.write_bytes(opml(*serve(upstream, "a")))
    site.publish()
    planet.write_bytes(opml())
    upstream.asked.clear()
    assert site.publish().code == 0
    assert asked(upstream) == {}
    assert site.titles() == ["News of a"]


def test_a_lost_state_and_a_dead_network_publish_no_empty_feed(site: Site, upstream: Upstream, planet: Path) -> None:
    """The list, a file, is there as ever: that says nothing of its feeds."""
    planet.write_bytes(opml(*serve(upstream, "a")))
    site.publish()
    for file in (site.root / ".feedmill").iterdir():
        file.unlink()
    upstream.serve("/a", 503)
    assert site.publish().code == 3
    assert site.titles() == ["News of a"]


def test_due_asks_only_what_is_due(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two = serve(upstream, "a", "b")
    planet.write_bytes(opml(one))
    site.publish("--due")
    planet.write_bytes(opml(one, two))
    with closing(sqlite3.connect(site.root / ".feedmill" / "state.sqlite3")) as state, state:
        state.execute("UPDATE sources SET last_look = '2026-01-01 00:00:00' WHERE name = 'planet'")  # it is due again
    ran = site.publish("--due")
    assert asked(upstream) == {"/a": 1, "/b": 1}
    names = listed(site)
    assert ran.source(names["a"])["status"] == "skipped"
    assert ran.source(names["b"])["new"] == 1


def test_the_list_or_one_of_its_feeds_can_be_named(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two = serve(upstream, "a", "b")
    site.upstream("other", document(upstream, "/other", rss(("urn:x:o", "Other"))))
    site.feed("rest", 'sources = ["other"]')
    planet.write_bytes(opml(one))
    ran = site.publish("--source", "planet")
    assert asked(upstream) == {"/a": 1}
    assert [feed["name"] for feed in ran.report["feeds"]] == ["all"]
    name = listed(site)["a"]
    planet.write_bytes(opml(one, two))
    ran = site.publish("--source", name)
    assert asked(upstream) == {"/a": 1}
    assert [source["name"] for source in ran.report["sources"]] == [name]
    assert [feed["name"] for feed in ran.report["feeds"]] == ["all"]
    site.publish("--feed", "all")
    assert asked(upstream) == {"/a": 1, "/b": 1}
    for wrong in (f"{name[:-1]}x", "other/x", "plane"):
        ran = site.publish("--source", wrong)
        assert ran.code == 2
        assert f"there is no source {wrong!r}" in ran.err


def test_a_feed_can_take_one_of_the_list(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two = serve(upstream, "a", "b")
    site.feed("first", 'sources = ["planet/*-a-*"]')
    planet.write_bytes(opml(one, two))
    assert site.publish("--feed", "first").code == 0
    assert site.titles("first/atom.xml") == ["News of a"]
    assert asked(upstream) == {"/a": 1}  # the list was read, and only what the feed takes was asked


def test_a_feed_that_two_sources_name_is_asked_once(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two = serve(upstream, "a", "b")
    site.config = site.config.replace(
        "[[sources]]", f'[[sources]]\nname = "own"\nkind = "feed"\nurl = "{one}"\n\n[[sources]]'
    )
    planet.write_bytes(opml(one, two))
    assert site.publish().code == 0
    assert asked(upstream) == {"/a": 1, "/b": 1}
    assert set(site.titles()) == {"News of a", "News of b"}
    assert site.publish("--source", "planet").report["sources"][0]["name"] == "own"
    site.config = site.config.replace(f'url = "{one}"\n', f'url = "{one}"\ntitle_prefix = "[own]"\n')
    upstream.asked.clear()
    site.publish()
    assert asked(upstream) == {"/a": 2, "/b": 1}
    assert len(site.titles()) == 2


def test_a_list_that_is_no_longer_configured_takes_its_feeds_along(
    site: Site, upstream: Upstream, planet: Path
) -> None:
    planet.write_bytes(opml(*serve(upstream, "a")))
    site.articles()
    site.config = site.config.replace('sources = ["planet"]', "")
    (site.root / "news" / "one.md").write_text("---\ntitle: One\ndate: 2026-10-01\n---\nWords.\n")
    site.publish()
    assert set(site.titles()) == {"One", "News of a"}
    site.config = re.sub(r'\[\[sources\]\]\nname = "planet".*?(?=\n\[)', "", site.config, flags=re.DOTALL)
    upstream.asked.clear()
    site.publish()
    assert asked(upstream) == {}
    assert site.titles() == ["One"]


def test_the_login_of_a_list_stays_with_its_server(site: Site, upstream: Upstream) -> None:
    (one,) = serve(upstream, "a")
    url = document(upstream, "/list", opml(one))
    site.secrets["LIST_TOKEN"] = "s3cret"
    keys = 'auth = { type = "bearer", token_env = "LIST_TOKEN" }\nheaders = { X-Key = "${LIST_TOKEN}" }'
    site.config += LIST.format(where=f'url = "{url}"', keys=keys) + FEED.format(name="all", rules="")
    assert site.publish().code == 0
    sent = {request.path: (request.headers["Authorization"], request.headers["X-Key"]) for request in upstream.asked}
    assert sent == {"/list": ("Bearer s3cret", "s3cret"), "/a": (None, None)}


def test_check_tries_the_list_and_its_feeds(site: Site, upstream: Upstream, planet: Path) -> None:
    planet.write_bytes(opml(*serve(upstream, "a", "b")) + b"<!-- -->")
    assert "source planet: 2 feeds" in site.run("check").out
    site.publish()
    upstream.serve("/b", 500)
    ran = site.run("check")
    assert ran.code == 1
    assert f"source {listed(site)['a']}: 1 entries" in ran.out
    assert f"WRONG source {listed(site)['b']}" in ran.out


def test_the_service_picks_up_what_is_added(site: Site, upstream: Upstream, planet: Path) -> None:
    one, two = serve(upstream, "a", "b")
    planet.write_bytes(opml(one))
    service = site.start()
    assert service.stderr is not None
    added = False
    for line in service.stderr:
        if "feed all: written, 1 entries" in line and not added:
            planet.write_bytes(opml(one, two))
            added = True
        if "feed all: written, 2 entries" in line:
            break
    assert set(site.titles()) == {"News of a", "News of b"}
    assert asked(upstream) == {"/a": 1, "/b": 1}


def test_what_is_held_of_a_feed_that_left_its_list_is_told_and_can_be_released(
    site: Site, upstream: Upstream, planet: Path
) -> None:
    url, other = serve(upstream, "one", "two")
    planet.write_bytes(opml(url, other))
    site.publish()
    name = next(name for name in site.publish().report["sources"] if name["name"].startswith("planet/"))["name"]
    path = "/one" if "one" in name else "/two"
    stale = rss(*((f"stale-{number}", f"Stale {number}") for number in range(6))).replace(b"Oct 2026", b"Oct 2025")
    document(upstream, path, stale)
    site.publish()
    planet.write_bytes(opml(*(address for address in (url, other) if not address.endswith(path))))
    site.publish()
    assert site.run("status", "--json").report["unlisted"] == [{"name": name, "held": 6}]
    assert f"{name}: 6 entries are held back" in site.run("status").out
    site.publish("--force", "--source", name)
    assert site.run("status", "--json").report["unlisted"] == []
    assert "Stale 0" in site.titles()
