"""Real feed readers subscribe to what is published, over HTTP, and show every entry."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from calendar import timegm
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from lxml import html

from javascript import node_reader
from sites import Site

SHIPPED = Path(__file__).parents[2]


@pytest.fixture
def published(site: Site) -> str:
    """The shipped site, published and served by its own web server; the server's address."""
    site.config = (SHIPPED / "config.toml").read_text(encoding="utf-8") + '\n[serve]\nadmin = "none"\n'
    shutil.copytree(SHIPPED / "sources", site.root / "sources")
    assert site.publish().code == 0
    process = site.popen("serve", "127.0.0.1:0", "--json")
    site.services.append(process)
    assert process.stdout is not None
    return f"http://{json.loads(process.stdout.readline())['addresses'][0]}"


Shown = dict[str, tuple[str, datetime, str]]
"""By title: link, date, and the words of the body."""


def words(markup: str) -> str:
    return " ".join("".join(map(str, html.fromstring(f"<div>{markup}</div>").itertext())).split())


def expected(site: Site, form: str) -> Shown:
    """What the file says, by a parser that no reader here uses."""
    if form == "json":
        items = json.loads((site.root / "feeds/all/feed.json").read_bytes())["items"]
        assert len(items) >= 6
        return {
            item["title"]: (item["url"], datetime.fromisoformat(item["date_published"]), words(item["content_html"]))
            for item in items
        }
    entries = site.read(f"all/{form}.xml").entries
    assert len(entries) >= 6
    return {
        entry.title: (
            entry.link,
            datetime.fromtimestamp(timegm(entry.published_parsed), UTC),
            words(entry.content[0].value),
        )
        for entry in entries
    }


def run(command: list[str], home: Path) -> None:
    done = subprocess.run(
        command,
        cwd=home,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("newsboat")
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_newsboat_shows_every_entry(site: Site, published: str, tmp_path: Path, form: str) -> None:
    (tmp_path / "urls").write_text(f"{published}/all/{form}.xml\n")
    (tmp_path / "config").write_text("")
    command = ["newsboat", "-u", "urls", "-C", "config", "-c", "cache.db"]
    run([*command, "-x", "reload"], tmp_path)
    with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
        rows = cache.execute("SELECT title, url, pubDate, content FROM rss_item").fetchall()
        assert [row[0] for row in cache.execute("SELECT title FROM rss_feed")] == ["Kabar Harian"]
    shown = {title: (url, datetime.fromtimestamp(date, UTC), words(content)) for title, url, date, content in rows}
    assert shown == expected(site, form)
    run([*command, "-x", "reload"], tmp_path)
    with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
        assert cache.execute("SELECT count(*) FROM rss_item").fetchone() == (len(shown),)


@pytest.mark.needs("newsboat")
def test_newsboat_is_told_only_what_is_new(site: Site, published: str, tmp_path: Path) -> None:
    """It says that it understands RFC 3229, and is answered by it."""
    (tmp_path / "urls").write_text(f"{published}/all/atom.xml\n")
    (tmp_path / "config").write_text("")
    command = ["newsboat", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
    for _ in range(3):  # it remembers the tag of a feed from the second time on
        run(command, tmp_path)
    new = "---\ntitle: Something new\ndate: 2026-11-20T07:00:00Z\n---\nWords.\n"
    (site.root / "sources/newsroom/new.md").write_text(new, encoding="utf-8")
    assert site.publish().code == 0
    run(command, tmp_path)
    with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
        shown = {title for (title,) in cache.execute("SELECT title FROM rss_item")}
    assert shown == set(expected(site, "atom"))
    assert "Something new" in shown
    (server,) = site.services
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    (counted,) = site.run("subscribers", "--json").report["readers"]
    assert (counted["requests"], counted["not_modified"], counted["deltas"]) == (4, 1, 1)


@pytest.mark.needs("sfeed_update", "curl")
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_sfeed_shows_every_entry(site: Site, published: str, tmp_path: Path, form: str) -> None:
    (tmp_path / "sfeedrc").write_text(
        f'sfeedpath="{tmp_path}/sfeeds"\nfeeds() {{\n\tfeed "all" "{published}/all/{form}.xml"\n}}\n'
    )
    run(["sfeed_update", str(tmp_path / "sfeedrc")], tmp_path)
    shown: Shown = {}
    for line in (tmp_path / "sfeeds" / "all").read_text(encoding="utf-8").splitlines():
        date, title, link, content, *_ = line.split("\t")
        body = content.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
        shown[title] = (link, datetime.fromtimestamp(int(date), UTC), words(body))
    assert shown == expected(site, form)


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("reader", "form"),
    [
        *(("feedsmith", form) for form in ("rss", "atom", "json")),
        *(("feed-extractor", form) for form in ("rss", "atom", "json")),
        *(("rss-parser", form) for form in ("rss", "atom")),
    ],
)
def test_javascript_reads_every_entry(site: Site, published: str, reader: str, form: str) -> None:
    entries = node_reader(reader, site.root / "feeds" / "all" / ("feed.json" if form == "json" else f"{form}.xml"))
    shown = {
        entry["title"]: (entry["link"], datetime.fromisoformat(entry["date"]), words(entry["html"]))
        for entry in entries
    }
    assert shown == expected(site, form)
    assert [entry["id"] for entry in entries] == ids(site, form)


def ids(site: Site, form: str) -> list[str]:
    if form == "json":
        return [item["id"] for item in json.loads((site.root / "feeds/all/feed.json").read_bytes())["items"]]
    return [entry.id for entry in site.read(f"all/{form}.xml").entries]


def test_the_formats_say_the_same(site: Site, published: str) -> None:
    assert expected(site, "rss") == expected(site, "atom") == expected(site, "json")
    assert ids(site, "rss") == ids(site, "atom") == ids(site, "json")
    assert feedparser.parse((site.root / "feeds/all/rss.xml").read_bytes()).version == "rss20"
