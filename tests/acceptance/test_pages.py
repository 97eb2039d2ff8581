"""Pages and lists through the command: written after the feeds, pruned, checked, held back where a theme is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree, html

from sites import FEED, Site, document, rss
from upstream import Upstream


@pytest.fixture
def pages(site: Site) -> Site:
    """A site with one article, and a feed in every format."""
    (site.articles() / "2026-11-02-a.md").write_text("---\ntitle: Hello\nlink: https://example.org/a\n---\nWords.\n")
    site.config = site.config.replace("[fetch]", '[publish]\nformats = ["rss", "atom", "html", "opml"]\n\n[fetch]')
    site.feed()
    return site


def names(site: Site) -> set[str]:
    feeds = site.root / "feeds"
    return {path.relative_to(feeds).as_posix() for path in feeds.rglob("*") if path.is_file()}


FEED_FILES = {"all/rss.xml", "all/atom.xml", "all/index.html", "all/sources.opml"}


def test_the_documents_of_the_site_are_reported_when_they_change(pages: Site) -> None:
    ran = pages.publish()
    assert ran.code == 0
    assert ran.report["site"] == ["index.html", "feeds.opml"]
    assert names(pages) == FEED_FILES | {"index.html", "feeds.opml"}
    front = html.document_fromstring((pages.root / "feeds/index.html").read_bytes())
    assert [link.get("href") for link in front.findall(".//h3/a")] == ["all/index.html"]
    again = pages.publish()
    assert (again.report["site"], again.report["site_errors"]) == ([], [])
    assert "wrote feeds" not in pages.run("publish").out


def test_a_dry_run_writes_no_page(pages: Site) -> None:
    ran = pages.run("publish", "--dry-run")
    assert "would write feeds/index.html" in ran.out
    assert not (pages.root / "feeds").exists()


def test_what_is_switched_off_is_pruned_and_the_rest_stays(pages: Site) -> None:
    pages.config = pages.config.replace("[publish]", "[publish]\nnews_sitemap = true")
    pages.publish()
    assert "https://example.org/a" in (pages.root / "feeds/news.xml").read_text()
    assert pages.publish("--prune").report["removed"] == []
    pages.config = pages.config.replace("news_sitemap = true", "").replace(', "html", "opml"', "")
    ran = pages.publish("--prune")
    assert set(ran.report["removed"]) == {"news.xml", "all/index.html", "all/sources.opml"}
    assert names(pages) == {"all/rss.xml", "all/atom.xml", "index.html", "feeds.opml"}


def test_check_looks_at_every_page(pages: Site) -> None:
    pages.publish()
    findings = json.loads(pages.run("check", "--json").out)
    assert [finding["message"] for finding in findings if finding["what"] == "site"] == [
        "index.html is valid, 1 feeds",
        "feeds.opml is valid, 1 feeds",
    ]
    page = pages.root / "feeds/index.html"
    page.write_text(page.read_text().replace("<body>", "<body onload='x()'>"))
    (pages.root / "feeds/feeds.opml").unlink()
    ran = pages.run("check")
    assert ran.code == 1
    assert "index.html, line" in ran.out
    assert "event handler" in ran.out
    assert "feeds.opml is missing" in ran.out


def test_a_broken_theme_is_told_and_the_last_good_page_stays(pages: Site) -> None:
    pages.publish()
    before = {name: (pages.root / "feeds" / name).read_bytes() for name in names(pages)}
    pages.config = pages.config.replace("[publish]", '[publish]\ntheme = "theme"')
    (pages.root / "theme").mkdir()
    (pages.root / "theme/page.html").write_text("<title>\n{{ site.titel }}")
    ran = pages.publish()
    assert ran.code == 3
    assert f"{pages.root}/theme/page.html, line 2" in ran.feed("all")["error"]
    assert f"{pages.root}/theme/page.html, line 2" in ran.report["site_errors"][0]
    assert {name: (pages.root / "feeds" / name).read_bytes() for name in names(pages)} == before
    (pages.root / "theme/page.html").unlink()
    (pages.root / "theme/front.html").write_text("{{ 1 / 0 }}")
    ran = pages.publish()
    assert ran.code == 1
    assert ran.feed("all")["status"] == "unchanged"
    assert "division by zero" in ran.report["site_errors"][0]


def test_a_planet_shows_what_it_is_made_of_and_no_secret(pages: Site, upstream: Upstream) -> None:
    public = document(upstream, "/feed.xml", rss(("1", "One")))
    secret = document(upstream, "/secret.xml?token=hush", rss(("2", "Two")))
    pages.upstream("public", public)
    pages.upstream("secret", secret)
    assert pages.publish().code == 0
    lines = etree.fromstring((pages.root / "feeds/all/sources.opml").read_bytes()).findall("body/outline")
    assert [(line.get("text"), line.get("xmlUrl"), line.get("htmlUrl")) for line in lines] == [
        ("Up", public, "https://up.example/")
    ]
    assert "Two" in pages.titles()
    for name in names(pages):
        assert "hush" not in (pages.root / "feeds" / name).read_text(), name


def test_split_feeds_stand_below_the_one_they_are_of(site: Site) -> None:
    folder: Path = site.articles()
    for day, tag in enumerate(("Prices", "Sea & port"), 1):
        (folder / f"2026-11-0{day}-x.md").write_text(f"---\ntitle: About {tag}\ntags: [{tag}]\n---\nWords.\n")
    site.config += FEED.format(name="all", rules='split_by = "category"\nformats = ["rss", "html"]')
    assert site.publish().code == 0
    front = html.document_fromstring((site.root / "feeds/index.html").read_bytes())
    parts = front.findall(".//ul[@class='parts']//a")
    assert [(part.text, part.get("href")) for part in parts] == [
        ("Prices", "all/prices/index.html"),
        ("Sea & port", "all/sea-port/index.html"),
    ]
    page = html.document_fromstring((site.root / "feeds/all/prices/index.html").read_bytes())
    assert "../../index.html" in [link.get("href") for link in page.iter("a")]
    lines = etree.fromstring((site.root / "feeds/feeds.opml").read_bytes()).findall("body/outline/outline")
    assert [line.get("text") for line in lines] == ["Feed all: Prices", "Feed all: Sea & port"]
