"""Full text on demand: the example of docs/sources.md, from a real server to a feed, as the command makes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sites import FEED, Site, document
from upstream import Handler, Upstream

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "unit" / "normalize" / "articles"
ARTICLES = {
    6: ("Night ferry returns to the strait", "After two years of repairs the night ferry crosses the strait again."),
    5: ("Harga beras turun setelah panen raya", "Harga beras di pasar induk turun sejak awal pekan."),
    4: ("Only for those who pay", "The first crossing left the northern harbour on Sunday evening."),
    3: ("Forbidden by robots.txt", "Nobody may see this page."),
    2: ("Its page is gone", "There was a page, once."),
    1: ("Its page is slow", "There will be a page, some day."),
}


def feed(upstream: Upstream) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>tag:wire.example,2025:{n}</guid><title>{title}</title>"
        f"<link>{upstream.url('/private' if n == 3 else '')}/a/{n}</link>"
        f"<pubDate>{n:02d} Jan 2025 07:00:00 GMT</pubDate><description>{teaser}</description></item>"
        for n, (title, teaser) in ARTICLES.items()
    )
    return f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".replace("//a/", "/a/").encode()


@pytest.fixture
def example(site: Site, upstream: Upstream) -> Upstream:
    """The example of the page, its host served from here."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    section = text.partition("## Full text on demand")[2].partition("\n## ")[0]
    (shown,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    local = '[fetch]\nallow_hosts = ["127.0.0.1"]\nhost_delay = "0s"\ntimeout = "1s"'
    site.config = shown.replace("[fetch]", local).replace("https://wire.example/feed.xml", upstream.url("/feed.xml"))
    document(upstream, "/feed.xml", feed(upstream))
    for number, name in ((6, "ferry"), (5, "pasar"), (4, "login")):
        upstream.serve(f"/a/{number}", body=(PAGES / f"{name}.html").read_bytes(), Content_Type="text/html")
    upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /private/\n")
    upstream.routes["/a/1"] = Handler.stall
    return upstream


def asked(upstream: Upstream) -> list[str]:
    paths = [asked.path for asked in upstream.asked]
    upstream.asked.clear()
    return paths


def test_the_example_becomes_a_feed(site: Site, example: Upstream) -> None:
    ran = site.publish()
    assert ran.code == 0, ran.err
    told = ran.source("wire")
    assert (told["status"], told["new"]) == ("updated", 6)
    assert [re.sub(r".*missing: (.*?)[:.] .*", r"\1", problem) for problem in map(str, told["problems"])] == [
        "its page asks for something first",
        "its robots.txt forbids this address",
        "the server answered 404 Not Found",
        "not finished within 1 s",
    ]
    assert asked(example) == ["/feed.xml", "/robots.txt", "/a/6", "/a/5", "/a/4", "/a/2", "/a/1"]
    entries = site.read().entries
    assert [entry.title for entry in entries] == [title for title, _ in ARTICLES.values()]
    bodies = [entry.content[0].value if "content" in entry else "" for entry in entries]
    assert bodies[0].rstrip().endswith("read on the radio.</p>")
    assert "diminta menunggu, karena harga" in bodies[1]
    assert bodies[2:] == ["", "", "", ""]
    published = "".join(path.read_text(encoding="utf-8") for path in site.files().values())
    for words in ("newsletter", "Baca juga", "log in", "Mangrove", "cookies"):
        assert words not in published
    assert [entry.summary for entry in entries] == [teaser for _, teaser in ARTICLES.values()]
    assert all(entry.updated == entry.published for entry in entries)
    assert "trafilatura" not in ran.err.replace("trafilatura.example", "")


def test_nothing_is_asked_for_twice_and_no_file_is_touched(site: Site, example: Upstream) -> None:
    site.publish()
    asked(example)
    marks = site.marks()
    for _ in range(2):
        ran = site.publish()
        assert (ran.source("wire")["status"], ran.source("wire")["problems"]) == ("unchanged", [])
    assert asked(example) == ["/feed.xml"] * 2
    assert site.marks() == marks


def test_check_tries_one_page(site: Site, example: Upstream) -> None:
    ran = site.run("check")
    assert "6 entries" in ran.out
    assert asked(example) == ["/feed.xml", "/robots.txt", "/a/6"]
    example.serve("/robots.txt", body=b"User-agent: *\nDisallow: /\n")
    ran = site.run("check")
    assert ran.code == 1
    assert "robots.txt forbids this address" in ran.out


def test_a_web_page_can_have_full_texts_too(site: Site, upstream: Upstream) -> None:
    listed = "".join(
        f"<article><h2><a href='/a/{n}'>{title}</a></h2><p>{teaser}</p></article>"
        for n, (title, teaser) in ARTICLES.items()
        if n > 3
    )
    document(upstream, "/news", f"<html><body>{listed}</body></html>".encode())
    upstream.serve("/a/6", body=(PAGES / "ferry.html").read_bytes(), Content_Type="text/html")
    site.config += f'\n[[sources]]\nname = "page"\nkind = "page"\nurl = "{upstream.url("/news")}"\nfulltext = true\n'
    site.config += FEED.format(name="all", rules="")
    ran = site.publish()
    assert ran.source("page")["new"] == 3
    assert "read on the radio" in (site.root / "feeds/all/rss.xml").read_text(encoding="utf-8")


def test_without_the_library_the_configuration_is_wrong(site: Site, example: Upstream, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['trafilatura'] = None\n")
    site.secrets["PYTHONPATH"] = str(hidden)
    ran = site.publish()
    assert ran.code == 2
    assert '"fulltext" needs the library trafilatura' in ran.err
    assert 'pip install "feedmill[fulltext]"' in ran.err
    assert asked(example) == []
    site.config = site.config.replace("fulltext = true", "fulltext = false")
    assert site.publish().code == 0


def test_keys_that_do_nothing_are_errors_of_the_configuration(site: Site, example: Upstream) -> None:
    site.config = site.config.replace("fulltext = true", 'fulltext = true\ncontent = "summary"')
    site.articles()
    site.config += "fulltext = true\n"
    ran = site.publish()
    assert ran.code == 2
    assert '"fulltext" cannot stand beside content = "summary"' in ran.err
    assert '"fulltext" does nothing for kind = "files"' in ran.err
    assert asked(example) == []


def test_the_feeds_of_a_list_can_have_full_texts_too(site: Site, example: Upstream) -> None:
    feed_url = example.url("/feed.xml")
    outline = f'<outline type="rss" text="Wire" xmlUrl="{feed_url}"/>'
    list_url = document(example, "/list.opml", f'<opml version="2.0"><head/><body>{outline}</body></opml>'.encode())
    site.config = site.config.replace('kind = "feed"', 'kind = "opml"').replace(feed_url, list_url)
    assert site.publish().code == 0
    assert asked(example)[:4] == ["/list.opml", "/feed.xml", "/robots.txt", "/a/6"]
    assert "<content" in (site.root / "feeds/all/atom.xml").read_text()
