"""The rules of each format, one by one: what goes where, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from factories import edition
from feedmill.errors import RenderError
from feedmill.model import (
    Category,
    Content,
    Enclosure,
    Entry,
    FeedSpec,
    Link,
    Media,
    Origin,
    Person,
    Point,
    Site,
)
from feedmill.render import RENDERERS, atom, rss
from strategies import texts

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
POLLED = [name for name, form in RENDERERS.items() if form.archives]
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "geo": "http://www.georss.org/georss",
    "media": "http://search.yahoo.com/mrss/",
}


def rss_item(spec: FeedSpec, entry: Entry) -> Any:
    body = rss.render(edition(spec, [entry], UPDATED))
    rss.check(body, [entry])
    return etree.fromstring(body).find("channel/item")


def atom_entry(spec: FeedSpec, entry: Entry) -> Any:
    body = atom.render(edition(spec, [entry], UPDATED))
    atom.check(body, [entry])
    return etree.fromstring(body).find("a:entry", NAMES)


def texts_of(element: Any, path: str) -> list[str]:
    return [found.text for found in element.findall(path, NAMES)]


@pytest.mark.parametrize(
    ("mode", "summary", "content", "description", "encoded"),
    [
        (Content.FULL, "a < b", "<p>x</p>", ["a &lt; b"], ["<p>x</p>"]),
        (Content.FULL, "", "<p>x</p>", ["<p>x</p>"], []),
        (Content.FULL, "a", "", ["a"], []),
        (Content.FULL, "", "", [], []),
        (Content.SUMMARY, "a & b", "<p>x</p>", ["a &amp; b"], []),
        (Content.SUMMARY, "", "<p>x</p>", [], []),
        (Content.LINK, "a", "<p>x</p>", [], []),
    ],
)
def test_what_rss_says_of_the_text(
    mode: Content, summary: str, content: str, description: list[str], encoded: list[str], spec: FeedSpec, entry: Entry
) -> None:
    item = rss_item(replace(spec, content=mode), replace(entry, summary=summary, content=content))
    assert texts_of(item, "description") == description
    assert texts_of(item, "content:encoded") == encoded


@pytest.mark.parametrize(
    ("mode", "url", "summary", "said"),
    [
        (Content.FULL, "https://example.org/", "S", {"content": ("html", "<p>x</p>"), "summary": ("text", "S")}),
        (Content.FULL, None, "S", {"content": ("html", "<p>x</p>"), "summary": ("text", "S")}),
        (Content.FULL, None, "", {"content": ("html", "<p>x</p>")}),
        (Content.SUMMARY, "https://example.org/", "S", {"summary": ("text", "S")}),
        (Content.SUMMARY, "https://example.org/", "", {}),
        (Content.SUMMARY, None, "S", {"content": ("text", "S")}),
        (Content.SUMMARY, None, "", {"content": ("text", "T")}),
        (Content.SUMMARY, "https://example.org/", "a < b & c", {"summary": ("text", "a < b & c")}),
        (Content.SUMMARY, "https://example.org/", "</b>", {"summary": ("html", "&lt;/b&gt;")}),
        (Content.SUMMARY, None, "&amp;", {"content": ("html", "&amp;amp;")}),
        (Content.LINK, "https://example.org/", "S", {}),
        (Content.LINK, None, "S", {"content": ("text", "T")}),
    ],
)
def test_what_atom_says_of_the_text(
    mode: Content, url: str | None, summary: str, said: dict[str, tuple[str, str]], spec: FeedSpec, entry: Entry
) -> None:
    element = atom_entry(
        replace(spec, content=mode), replace(entry, title="T", url=url, summary=summary, content="<p>x</p>")
    )
    assert {
        tag: (found.get("type"), found.text)
        for tag in ("content", "summary")
        for found in element.findall(f"a:{tag}", NAMES)
    } == said


def test_cdata_ends_in_the_content_do_no_harm(spec: FeedSpec, entry: Entry) -> None:
    content = "<pre>a[b[0]]&gt;1 ]]> &amp;</pre>"
    assert texts_of(rss_item(spec, replace(entry, content=content)), "content:encoded") == [content]


def test_plain_text_of_rss_is_written_with_character_references(spec: FeedSpec, entry: Entry) -> None:
    title = "1 < 2 &lt; <b>x</b>"
    body = rss.render(edition(spec, [replace(entry, title=title)], UPDATED))
    assert b"<title>1 &#x3C; 2 &#x26;lt; &#x3C;b&gt;x&#x3C;/b&gt;</title>" in body
    assert texts_of(etree.fromstring(body), "channel/item/title") == [title]


@given(text=texts)
def test_characters_that_xml_forbids_are_dropped(text: str) -> None:
    spec = FeedSpec(
        name="all",
        title="A\x00ll" + text,
        id="urn:x-example:feed",
        base_url="https://example.org/all/",
        site=Site(title="S\ud800", url="https://example.org/", feeds_url="https://example.org/", id_authority="e.org"),
    )
    entry = Entry(
        id="urn:x-example:\x1b1",
        source="s",
        published=UPDATED,
        updated=UPDATED,
        first_seen=UPDATED,
        title="\x07T\ufffe" + text,
        content="<p>\x0b\uffff</p>",
        authors=(Person(name="\x7fA\x01"),),
    )
    for renderer in RENDERERS.values():
        body = renderer.render(edition(spec, [entry], UPDATED))
        renderer.check(body, [entry])
        if renderer.name == "json":
            said = body.decode()
        elif renderer.media_type.endswith("+xml"):
            said = "".join(map(str, etree.fromstring(body).itertext()))
        else:
            continue
        assert said.count("\x7fA") == 1
        assert not set(map(ord, said)) & {0, 7, 11, 27, 0xFFFE, 0xFFFF}


@pytest.mark.parametrize("name", POLLED)
def test_a_title_that_vanishes_gives_way_to_the_id(name: str, spec: FeedSpec, entry: Entry) -> None:
    blank = replace(entry, title=" \x00\n", content="")
    body = RENDERERS[name].render(edition(spec, [blank], UPDATED))
    RENDERERS[name].check(body, [blank])
    said = f'"title": "{entry.id}"' if name == "json" else f"<title>{entry.id}</title>"
    assert said in body.decode()


@pytest.mark.parametrize("name", POLLED)
def test_a_time_without_a_zone_is_refused(name: str, spec: FeedSpec, entry: Entry) -> None:
    naive = replace(entry, published=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(RenderError) as caught:
        RENDERERS[name].render(edition(spec, [naive], UPDATED))
    assert caught.value.where == f"feed 'all', {RENDERERS[name].file_name}"


@pytest.mark.parametrize(
    ("enclosure", "written"),
    [
        (Enclosure(url="https://e.org/a", type="audio/mpeg", length=7), ("audio/mpeg", "7")),
        (Enclosure(url="https://e.org/a", type="audio/mpeg", length=-1), ("audio/mpeg", "0")),
        (Enclosure(url="https://e.org/a.MP3?x=1#y"), ("audio/mpeg", "0")),
        (Enclosure(url="https://e.org/a.opus", type="mp3"), ("audio/ogg", "0")),
        (Enclosure(url="https://e.org/a.tar.gz"), ("application/octet-stream", "0")),
        (Enclosure(url="https://e.org/a"), ("application/octet-stream", "0")),
    ],
)
def test_an_rss_enclosure_has_all_three_attributes(
    enclosure: Enclosure, written: tuple[str, str], spec: FeedSpec, entry: Entry
) -> None:
    (found,) = rss_item(spec, replace(entry, enclosures=(enclosure,))).findall("enclosure")
    assert found.get("url") == enclosure.url
    assert (found.get("type"), found.get("length")) == written


def test_the_first_http_enclosure_is_the_rss_one_and_the_others_are_links(spec: FeedSpec, entry: Entry) -> None:
    magnet, first, second = "magnet:?xt=urn:btih:1", "https://e.org/1.mp3", "https://e.org/2.mp3"
    item = rss_item(spec, replace(entry, links=(), enclosures=tuple(Enclosure(url=u) for u in (magnet, first, second))))
    assert [found.get("url") for found in item.findall("enclosure")] == [first]
    assert [(found.get("rel"), found.get("href")) for found in item.findall("a:link", NAMES)] == [
        ("enclosure", magnet),
        ("enclosure", second),
    ]


def test_atom_links_enclosures_and_leaves_out_what_nobody_knows(spec: FeedSpec, entry: Entry) -> None:
    files = (Enclosure(url="https://e.org/a"), Enclosure(url="https://e.org/b", type="nonsense", length=0))
    element = atom_entry(spec, replace(entry, url=None, links=(), comments=None, enclosures=files))
    assert [dict(found.attrib) for found in element.findall("a:link", NAMES)] == [
        {"href": "https://e.org/a", "rel": "enclosure"},
        {"href": "https://e.org/b", "rel": "enclosure", "length": "0"},
    ]


def test_an_entry_has_one_alternate_link(spec: FeedSpec, entry: Entry) -> None:
    more = (Link(href="https://e.org/other", rel="alternate"), Link(href="https://e.org/f", rel="enclosure"))
    dressed = replace(entry, links=more, enclosures=(), comments=None)
    assert [found.get("href") for found in atom_entry(spec, dressed).findall("a:link", NAMES)] == [entry.url]
    assert rss_item(spec, dressed).findall("a:link", NAMES) == []


def test_the_comments_page_is_linked_once(spec: FeedSpec, entry: Entry) -> None:
    page = "https://e.org/comments"
    linked = replace(entry, comments=page, links=(Link(href=page, rel="replies"),), enclosures=())
    found = atom_entry(spec, linked).findall("a:link[@rel='replies']", NAMES)
    assert [link.get("href") for link in found] == [page]


def test_media_attributes_that_say_nothing_are_left_out(spec: FeedSpec, entry: Entry) -> None:
    poor = Media(url="https://e.org/x", type="?", medium="hologram", width=0, height=-1, length=0, duration=0)
    for element in (rss_item(spec, replace(entry, media=(poor,))), atom_entry(spec, replace(entry, media=(poor,)))):
        assert [dict(found.attrib) for found in element.findall("media:content", NAMES)] == [{"url": poor.url}]


@pytest.mark.parametrize(
    ("latitude", "longitude", "written"),
    [
        (-6.2, 106.5, ["-6.2 106.5"]),
        (0.0000001, -1e-9, ["0.0000001 -0.000000001"]),
        (1, 2, ["1.0 2.0"]),
        (float("nan"), 0.0, []),
        (0.0, float("inf"), []),
    ],
)
def test_a_point_has_no_exponents(
    latitude: float, longitude: float, written: list[str], spec: FeedSpec, entry: Entry
) -> None:
    placed = replace(entry, point=Point(latitude=latitude, longitude=longitude))
    assert texts_of(rss_item(spec, placed), "geo:point") == written
    assert texts_of(atom_entry(spec, placed), "geo:point") == written


def test_categories_show_labels_in_rss_and_keep_terms_in_atom(spec: FeedSpec, entry: Entry) -> None:
    sorted_ = replace(
        entry,
        categories=(Category(term="a", scheme="Section", label="A"), Category(term=" "), Category(term="b")),
    )
    assert [(one.text, one.get("domain")) for one in rss_item(spec, sorted_).findall("category")] == [
        ("A", "Section"),
        ("b", None),
    ]
    # "Section" is no IRI, as RFC 4287 section 4.2.2.2 wants it, but any text will do for RSS.
    assert [dict(one.attrib) for one in atom_entry(spec, sorted_).findall("a:category", NAMES)] == [
        {"term": "a", "label": "A"},
        {"term": "b"},
    ]


def test_people_without_names_go_by_what_is_known(spec: FeedSpec, entry: Entry) -> None:
    people = (Person(email="a@e.org"), Person(uri="https://e.org/b"), Person(), Person(name="C", email="not one"))
    written = replace(entry, authors=people, contributors=())
    assert texts_of(rss_item(spec, written), "dc:creator") == ["a@e.org", "https://e.org/b", "C"]
    element = atom_entry(spec, written)
    assert texts_of(element, "a:author/a:name") == ["a@e.org", "https://e.org/b", "C"]
    assert texts_of(element, "a:author/a:email") == ["a@e.org"]


def test_an_entry_without_authors_is_its_sources(spec: FeedSpec, entry: Entry) -> None:
    bare = replace(entry, authors=(), contributors=())
    assert texts_of(rss_item(spec, bare), "dc:creator") == []
    element = atom_entry(spec, bare)
    assert texts_of(element, "a:author/a:name") == []
    assert texts_of(element, "a:source/a:author/a:name") == ["Warta Kota"]
    assert texts_of(atom_entry(spec, entry), "a:source/a:author/a:name") == []


@pytest.mark.parametrize(
    ("origin", "source", "identity"),
    [
        (Origin(title="W", url="https://e.com/f"), [("https://e.com/f", "W")], ["https://e.com/f"]),
        (Origin(title=" ", link="https://e.com/"), [("https://e.com/", "https://e.com/")], ["https://e.com/"]),
        (Origin(title="W", id="urn:x-example:1"), [], ["urn:x-example:1"]),
        (Origin(title="W"), [], []),
        (None, [], []),
    ],
)
def test_where_an_entry_was_taken_from(
    origin: Origin | None, source: list[tuple[str, str]], identity: list[str], spec: FeedSpec, entry: Entry
) -> None:
    taken = replace(entry, origin=origin)
    assert [(found.get("url"), found.text) for found in rss_item(spec, taken).findall("source")] == source
    assert texts_of(atom_entry(spec, taken), "a:source/a:id") == identity


@pytest.mark.parametrize(
    ("author", "editor", "creator"),
    [
        (Person(name="Redaksi", email="r@e.org"), ["r@e.org (Redaksi)"], []),
        (Person(name="Sari (Red.)", email="r@e.org"), [], ["Sari (Red.)"]),
        (Person(email="r@e.org"), [], ["r@e.org"]),
        (Person(name="Redaksi"), [], ["Redaksi"]),
        (Person(), [], ["Kabar Harian"]),
        (None, [], ["Kabar Harian"]),
    ],
)
def test_who_answers_for_the_feed(author: Person | None, editor: list[str], creator: list[str], spec: FeedSpec) -> None:
    signed = replace(spec, site=replace(spec.site, author=author))
    channel = etree.fromstring(rss.render(edition(signed, [], UPDATED))).find("channel")
    assert texts_of(channel, "managingEditor") == editor
    assert texts_of(channel, "dc:creator") == creator
    (name,) = texts_of(etree.fromstring(atom.render(edition(signed, [], UPDATED))), "a:author/a:name")
    assert name in (editor + creator)[0]


@pytest.mark.parametrize(
    ("logo", "icon", "image"),
    [
        ("https://e.org/l.png", "https://e.org/i.jpg", ["https://e.org/l.png"]),
        ("https://e.org/l.svg", "https://e.org/i.jpg", ["https://e.org/i.jpg"]),
        ("https://e.org/logo", None, ["https://e.org/logo"]),
        ("https://e.org/l.webp", "https://e.org/favicon.ico", []),
        (None, None, []),
    ],
)
def test_rss_takes_only_the_picture_formats_that_it_names(
    logo: str | None, icon: str | None, image: list[str], spec: FeedSpec
) -> None:
    pictured = replace(spec, site=replace(spec.site, logo=logo, icon=icon))
    assert texts_of(etree.fromstring(rss.render(edition(pictured, [], UPDATED))), "channel/image/url") == image
    feed = etree.fromstring(atom.render(edition(pictured, [], UPDATED)))
    assert texts_of(feed, "a:logo") == ([logo] if logo else [])
    assert texts_of(feed, "a:icon") == ([icon] if icon else [])


def test_a_feed_that_says_nothing_about_itself(spec: FeedSpec) -> None:
    silent = replace(spec, description=None, language=None, site=replace(spec.site, rights=None, language="en"))
    channel = etree.fromstring(rss.render(edition(silent, [], UPDATED))).find("channel")
    assert texts_of(channel, "description") == [spec.title]
    assert texts_of(channel, "language") == ["en"]
    assert texts_of(channel, "copyright") == []
    feed = etree.fromstring(atom.render(edition(silent, [], UPDATED)))
    assert texts_of(feed, "a:subtitle") == []
    assert texts_of(feed, "a:rights") == []


def test_entries_keep_their_order_and_say_their_language_where_it_differs(spec: FeedSpec, entry: Entry) -> None:
    entries = [replace(entry, id=f"urn:x-example:{n}", language=code) for n, code in enumerate(["id", "en", None])]
    for name, path in (("rss", "channel/item"), ("atom", "a:entry")):
        body = RENDERERS[name].render(edition(spec, entries, UPDATED))
        RENDERERS[name].check(body, entries)
        languages = [
            found.get("{http://www.w3.org/XML/1998/namespace}lang")
            for found in etree.fromstring(body).findall(path, NAMES)
        ]
        assert languages == [None, "en", None]
