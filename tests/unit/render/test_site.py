"""The front page, the list of feeds, the list of sources and the news sitemap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from factories import edition
from feedmill.errors import CheckFailed
from feedmill.model import Entry, FeedSpec, Front, Listing, Upstream
from feedmill.render import opml
from feedmill.render.site import FEEDS, FRONT_PAGE, NEWS, SITE_DOCUMENTS
from strategies import entries, feed_specs, moments, sites

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}


def listing(spec: FeedSpec, name: str, *formats: str, **fields: Any) -> Listing:
    named = replace(spec, name=name, title=f"Feed {name}", base_url=f"{spec.site.feeds_url}{name}/")
    return Listing(spec=named, formats=formats or ("rss", "atom", "html"), entries=3, updated=UPDATED, **fields)


def front(spec: FeedSpec, listings: Sequence[Listing] = (), news: Sequence[Entry] = ()) -> Front:
    return Front(site=spec.site, listings=tuple(listings), news=tuple(news))


def made(path: str, told: Front) -> bytes:
    """A document of the site; it passed its check."""
    body = SITE_DOCUMENTS[path].render(told)
    SITE_DOCUMENTS[path].check(body, told)
    return body


def page(told: Front) -> Any:
    return lxml_html.document_fromstring(made(FRONT_PAGE, told))


def outlines(told: Front) -> list[tuple[str, str | None, str | None]]:
    """Each line of the list with its depth marked, its address and its page."""
    root = etree.fromstring(made(FEEDS, told))
    return [
        ("  " * (len(list(one.iterancestors())) - 2) + (one.get("text") or ""), one.get("xmlUrl"), one.get("htmlUrl"))
        for one in root.iter("outline")
    ]


def test_the_front_page_shows_every_feed_and_its_newest_entry(spec: FeedSpec, entry: Entry) -> None:
    told = front(spec, [listing(spec, "all", newest=entry), listing(spec, "few", "opml", "atom")])
    shown = page(told)
    links = [(one.text, one.get("href")) for one in shown.xpath("//h3/a")]
    assert links == [("Feed all", "all/index.html"), ("Feed few", "few/atom.xml")]
    assert [one.text for one in shown.xpath("//p[@class='newest']/a")] == [entry.title]
    assert shown.xpath("//p[@class='newest']/time/@datetime") == ["2026-11-02T07:00:00Z"]
    offers = [(one.text, one.get("href"), one.get("type")) for one in shown.xpath("//a[@class='offer']")]
    assert offers == [
        ("RSS", "all/rss.xml", "application/rss+xml"),
        ("Atom", "all/atom.xml", "application/atom+xml"),
        ("Atom", "few/atom.xml", "application/atom+xml"),
    ]
    found = [(one.get("title"), one.get("href")) for one in shown.xpath("//head/link[@rel='alternate']")]
    base = spec.site.feeds_url
    assert found == [("Feed all", f"{base}all/rss.xml"), ("Feed few", f"{base}few/atom.xml")]
    assert "feeds.opml" in shown.xpath("//footer//a/@href")


def test_a_feed_that_can_only_be_read_is_on_the_page_and_not_in_the_list(spec: FeedSpec) -> None:
    told = front(spec, [listing(spec, "all", "html"), listing(spec, "rss", "rss")])
    assert page(told).xpath("//h3/a/@href") == ["all/index.html", "rss/rss.xml"]
    assert outlines(told) == [("Feed rss", "https://example.org/feeds/rss/rss.xml", "https://example.org/")]


def test_the_parts_of_a_feed_stand_below_it(spec: FeedSpec) -> None:
    told = front(spec, [listing(spec, name, "rss", "html") for name in ("all/prices", "all", "b", "all/x", "c/y")])
    cards = page(told).xpath("//ul[@class='feeds']/li")
    assert [card.xpath("string(.//h3)").strip() for card in cards] == ["Feed all", "Feed b", "c"]
    assert cards[0].xpath(".//ul[@class='parts']//a/@href") == ["all/prices/index.html", "all/x/index.html"]
    base = "https://example.org/feeds/"
    assert outlines(told) == [
        ("Feed all", f"{base}all/rss.xml", f"{base}all/"),
        ("Feed all", None, None),
        ("  Feed all/prices", f"{base}all/prices/rss.xml", f"{base}all/prices/"),
        ("  Feed all/x", f"{base}all/x/rss.xml", f"{base}all/x/"),
        ("Feed b", f"{base}b/rss.xml", f"{base}b/"),
        ("c", None, None),
        ("  Feed c/y", f"{base}c/y/rss.xml", f"{base}c/y/"),
    ]


def test_the_list_of_feeds_says_all_that_it_can(spec: FeedSpec) -> None:
    root = etree.fromstring(made(FEEDS, front(spec, [listing(spec, "all")])))
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == spec.site.title
    assert root.findtext("head/dateModified") == "Tue, 03 Nov 2026 08:30:00 GMT"
    line = next(root.iter("outline"))
    assert {str(key): line.get(key) for key in line.keys()} == {  # noqa: SIM118
        "type": "rss",
        "text": "Feed all",
        "title": "Feed all",
        "description": "Berita & laporan",
        "xmlUrl": "https://example.org/feeds/all/rss.xml",
        "htmlUrl": "https://example.org/feeds/all/",
        "language": "id",
    }


def test_a_hostile_feed_is_text(spec: FeedSpec, entry: Entry) -> None:
    bad = replace(entry, title="<script>x</script>", url="javascript:x", language='"onload="x')
    one = listing(spec, "all", newest=bad)
    one = replace(one, spec=replace(one.spec, title='"><script>x</script>', description="<script>x</script>"))
    shown = page(front(spec, [one]))
    assert len(shown.xpath("//script")) == 1
    assert shown.xpath("string(//h3)") == '"><script>x</script>'
    assert shown.xpath("//p[@class='newest']/a") == []


LISTED = st.lists(
    st.tuples(feed_specs, st.none() | entries, moments), max_size=3, unique_by=lambda listed: listed[0].name
)


@settings(max_examples=40)
@given(sites, LISTED, st.lists(entries, max_size=3))
def test_any_site_makes_documents_that_pass(site: Any, feeds: list[Any], news: list[Entry]) -> None:
    told = Front(
        site=site,
        listings=tuple(
            Listing(spec=spec, formats=("rss", "html"), entries=1, updated=updated, newest=newest)
            for spec, newest, updated in feeds
        ),
        news=tuple(replace(entry, url=entry.url or "https://example.org/") for entry in news),
    )
    for path in (FRONT_PAGE, FEEDS, NEWS) if feeds else (FRONT_PAGE, NEWS):
        made(path, told)


# --- the list of sources


def test_the_list_of_sources_can_be_imported(spec: FeedSpec, entry: Entry) -> None:
    upstreams = (
        Upstream(
            title="One & \x00only", url="https://one.example/feed?a&b", link="https://one.example/", language="en"
        ),
        Upstream(title=" ", url="https://two.example/feed"),
    )
    body = opml.render(edition(spec, [entry], UPDATED, upstreams=upstreams))
    opml.check(body, [entry])
    root = etree.fromstring(body)
    assert root.findtext("head/title") == spec.title
    keys = ("text", "xmlUrl", "htmlUrl", "language")
    assert [tuple(map(one.get, keys)) for one in root.iter("outline")] == [
        ("One & only", "https://one.example/feed?a&b", "https://one.example/", "en"),
        ("https://two.example/feed", "https://two.example/feed", None, None),
    ]  # fmt: skip


def test_the_list_does_not_change_with_the_entries(spec: FeedSpec, entry: Entry) -> None:
    upstreams = (Upstream(title="One", url="https://one.example/feed"),)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert opml.render(edition(spec, [entry], UPDATED, upstreams=upstreams)) == opml.render(
        edition(spec, [], later, upstreams=upstreams)
    )


def test_a_feed_without_upstreams_lists_itself(spec: FeedSpec) -> None:
    body = opml.render(edition(spec, [], UPDATED))
    opml.check(body, [])
    line = next(etree.fromstring(body).iter("outline"))
    assert (line.get("text"), line.get("xmlUrl")) == (spec.title, f"{spec.base_url}rss.xml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'version="2.0"', b'version="1.0"', "the root is not"),
        (b"<title>", b"<titel>", "not well-formed"),
        (b'text="One"', b'text=" "', "has no text"),
        (b"https://one.example/feed", b"file:///etc/passwd", "no web address"),
        (b'type="rss" ', b"", "neither a feed nor a heading"),
    ],
)
def test_a_list_that_is_not_right_is_not_published(old: bytes, new: bytes, message: str, spec: FeedSpec) -> None:
    upstreams = (Upstream(title="One", url="https://one.example/feed"),)
    body = opml.render(edition(spec, [], UPDATED, upstreams=upstreams))
    assert old in body
    with pytest.raises(CheckFailed, match=message):
        opml.check(body.replace(old, new, 1), [])


def test_a_site_document_that_lacks_a_feed_is_not_published(spec: FeedSpec) -> None:
    whole, less = front(spec, [listing(spec, "all"), listing(spec, "b")]), front(spec, [listing(spec, "all")])
    with pytest.raises(CheckFailed, match="the feed 'b' is missing"):
        SITE_DOCUMENTS[FRONT_PAGE].check(made(FRONT_PAGE, less), whole)
    with pytest.raises(CheckFailed, match="lists other feeds"):
        SITE_DOCUMENTS[FEEDS].check(made(FEEDS, less), whole)


# --- the news sitemap


def test_the_news_sitemap_says_what_search_engines_ask(spec: FeedSpec, entry: Entry) -> None:
    root = etree.fromstring(made(NEWS, front(spec, news=[entry])))
    told = {path: root.findtext(path, namespaces=NAMES) for path in (
        "s:url/s:loc",
        "s:url/n:news/n:publication/n:name",
        "s:url/n:news/n:publication/n:language",
        "s:url/n:news/n:publication_date",
        "s:url/n:news/n:title",
    )}  # fmt: skip
    assert list(told.values()) == [entry.url, "Kabar Harian", "jv", "2026-11-02T07:00:00Z", entry.title]


@pytest.mark.parametrize(
    ("tag", "written"),
    [("en", "en"), ("pt-BR", "pt"), ("zh-Hans", "zh-cn"), ("zh-TW", "zh-tw"), ("zh-Hant-HK", "zh-tw"), ("zh", "zh")],
)
def test_the_language_of_news(tag: str, written: str, spec: FeedSpec, entry: Entry) -> None:
    body = made(NEWS, front(spec, news=[replace(entry, language=tag)]))
    assert f"<news:language>{written}<".encode() in body


def test_a_sitemap_with_other_news_is_not_published(spec: FeedSpec, entry: Entry) -> None:
    body = made(NEWS, front(spec, news=[entry]))
    with pytest.raises(CheckFailed, match="it names other articles"):
        SITE_DOCUMENTS[NEWS].check(body, front(spec))
    with pytest.raises(CheckFailed, match="not a language"):
        SITE_DOCUMENTS[NEWS].check(body.replace(b">jv<", b">x-klingon<"), front(spec, news=[entry]))
