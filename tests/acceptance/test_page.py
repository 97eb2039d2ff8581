"""The pages of docs/sources.md, from a real server to feeds, as the command makes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sites import FEED, Site, document
from upstream import Upstream

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "unit" / "normalize" / "pages"

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://wire.example/7</loc><news:news><news:publication_date>2025-01-20T08:00:00+07:00</news:publication_date>
<news:title>Kapal &amp; cuaca</news:title></news:news></url></urlset>"""


def portal() -> bytes:
    """The portal's page, with dates that are past whenever the test runs."""
    return (
        (PAGES / "portal.html")
        .read_bytes()
        .replace(b"November 2026", b"Januari 2025")
        .replace(b"/11/2026", b"/01/2025")
    )


@pytest.fixture
def example(site: Site, upstream: Upstream) -> Upstream:
    """The example of the page, its hosts served from here."""
    section = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8").partition("## `page`")[2].partition("\n## ")[0]
    (text,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    text, found = re.subn(r"https://(\w+)\.example/([\w.-]+)", lambda m: upstream.url(f"/{m[1]}/{m[2]}"), text)
    assert found == 3
    site.config = text.replace("[fetch]", '[fetch]\nallow_hosts = ["127.0.0.1"]\nhost_delay = "0s"')
    document(upstream, "/portal/terkini", portal())
    document(upstream, "/office/pengumuman", (PAGES / "notices.html").read_bytes().replace(b"/2026<", b"/2025<"))
    document(upstream, "/wire/news-sitemap.xml", NEWS.encode())
    upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /admin\n")
    return upstream


@pytest.fixture
def news(site: Site, upstream: Upstream) -> str:
    """A site with one page, found by itself; its address."""
    url = document(upstream, "/news", portal())
    site.config += f'\n[[sources]]\nname = "page"\nkind = "page"\nurl = "{url}"\nevery = "1h"\n' + FEED.format(
        name="all", rules=""
    )
    return url


def test_the_example_becomes_a_feed(site: Site, example: Upstream) -> None:
    ran = site.publish()
    assert ran.code == 0, ran.out
    assert {source["name"]: (source["new"], source["problems"]) for source in ran.report["sources"]} == {
        "portal": (4, []),
        "notices": (4, []),
        "wire": (1, []),
    }
    entries = {entry.title: entry for entry in site.read().entries}
    assert {"Kapal & cuaca", "Lelang kendaraan dinas", "Nelayan panen cumi"} <= entries.keys()
    rice = entries["Harga beras turun setelah panen raya"]
    assert rice.published == "2025-01-02T07:30:00+00:00"
    assert rice.media_thumbnail[0]["url"] == example.url("/foto/101.jpg")
    assert "Pedagang di pasar induk" in rice.content[0].value
    assert entries["Kapal & cuaca"].published == "2025-01-20T01:00:00+00:00"
    assert entries["Lelang kendaraan dinas"].link == example.url("/office/detail.aspx?id=316")
    assert [asked.path for asked in example.asked].count("/robots.txt") == 1
    assert all("Feedmill/" in str(asked.headers["User-Agent"]) for asked in example.asked)


def test_nothing_new_touches_no_file_and_transfers_no_page(site: Site, example: Upstream) -> None:
    site.publish()
    marks = site.marks()
    example.asked.clear()
    ran = site.publish()
    assert {source["status"] for source in ran.report["sources"]} == {"unchanged"}
    assert site.marks() == marks
    pages = [asked for asked in example.asked if asked.path != "/robots.txt"]
    assert len(pages) == 3
    assert all(asked.headers["If-None-Match"] for asked in pages)


def test_articles_that_leave_the_page_stay_and_edited_ones_keep_their_ids(
    site: Site, upstream: Upstream, news: str
) -> None:
    site.publish()
    before = site.ids()
    page = portal().replace(b"Nelayan panen cumi", b"Nelayan panen udang")
    page = re.sub(rb'<article class="list-item item-1 .*?</article>', b"", page, flags=re.DOTALL)
    document(upstream, "/news", page)
    told = site.publish().source("page")
    assert (told["status"], told["new"], told["changed"], told["withdrawn"]) == ("updated", 0, 1, 0)
    after = site.ids()
    assert len(after) == 4
    assert after["Nelayan panen udang"] == before["Nelayan panen cumi"]
    assert after["Harga beras turun setelah panen raya"] == before["Harga beras turun setelah panen raya"]


def test_a_page_that_changed_its_looks_fails_and_its_entries_stay(site: Site, upstream: Upstream, news: str) -> None:
    site.config = site.config.replace('every = "1h"', 'every = "1h"\nselect.item = "article"')
    assert site.publish().code == 0
    document(upstream, "/news", portal().replace(b"<article", b"<section").replace(b"</article", b"</section"))
    ran = site.publish()
    assert ran.code == 1
    assert "'article' matches nothing" in ran.source("page")["error"]
    assert "correct select" in ran.source("page")["error"]
    assert len(site.titles()) == 4
    told = site.run("status", "--json").report["sources"][0]
    assert (told["state"], told["entries"]) == ("failing", 4)


def test_robots_txt_is_obeyed(site: Site, upstream: Upstream, news: str) -> None:
    upstream.serve("/robots.txt", body=b"User-agent: Feedmill\nDisallow: /news\n")
    ran = site.publish()
    assert ran.code == 3
    assert "robots.txt forbids" in ran.source("page")["error"]
    assert {asked.path for asked in upstream.asked} == {"/robots.txt"}
    upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /\nAllow: /news\n")
    assert site.publish().code == 0


def test_check_tries_a_page(site: Site, upstream: Upstream, news: str) -> None:
    assert "4 entries" in site.run("check").out
    document(upstream, "/news", b"<html><body><p>Please log in.</p></body></html>")
    ran = site.run("check")
    assert ran.code == 1
    assert "no articles were found" in ran.out


def test_wrong_selectors_are_errors_of_the_configuration(site: Site, news: str) -> None:
    wrong = 'select = { item = "li:nope(", title = "a::text", when = "time", link = "a@href" }'
    site.config = site.config.replace('every = "1h"', wrong)
    ran = site.publish()
    assert ran.code == 2
    for words in ('"select.item" must be a CSS selector', '"select.title" must be a CSS', 'unknown key "select.when"'):
        assert words in ran.err
    assert "select.link" not in ran.err
