from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from factories import CARRIERS, edition
from feedmill.errors import CheckFailed
from feedmill.model import Entry, FeedSpec
from feedmill.render import RENDERERS

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def published(name: str, spec: FeedSpec, entries: list[Entry]) -> str:
    return RENDERERS[name].render(edition(spec, entries, UPDATED)).decode()


def three(entry: Entry) -> list[Entry]:
    return [replace(entry, id=f"urn:x-example:{number}") for number in range(3)]


RSS_DAMAGE = [
    ("</channel>", "</chanel>", "not well-formed"),
    ("<rss ", "<!DOCTYPE rss [<!ENTITY x 'y'>]><rss ", "document type declaration"),
    ('version="2.0"', 'version="0.91"', "the root is not <rss version='2.0'>"),
    ("<link>https://example.org/</link>\n    <desc", "<desc", "<channel> has no <link>"),
    ("<title>Kabar Harian: semua</title>\n    <link>", "<title> </title><link>", "<title> is blank"),
    ("<description>Berita &#x26; laporan</description>", "", "<channel> has no <description>"),
    ("Tue, 03 Nov 2026 08:30:00 +0000", "3.11.2026", "<lastBuildDate>: `3.11.2026` is not a date like"),
    ("Mon, 02 Nov 2026 07:00:00 +0000", "Mon, 02 Nov 2026 07:00:00", "<pubDate>: `Mon, 02 Nov 2026 07:00:00` is not"),
    ('<guid isPermaLink="false">urn:x-example:1</guid>', "", "<item> has 0 <guid>, not one"),
    ('isPermaLink="false"', 'isPermaLink="true"', "claims to be an address"),
    ("<channel>", "<channel/><channel>", "<rss> has 2 <channel>, not one"),
    ("urn:x-example:1<", "urn:x-example:0<", "the <guid> `urn:x-example:0` stands in it twice"),
    ("urn:x-example:1<", "urn:x-example:9<", "the id 'urn:x-example:9' stands where 'urn:x-example:1' should"),
]
ATOM_DAMAGE = [
    ("</feed>", "", "not well-formed"),
    ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "the root is not an Atom <feed>"),
    ("<id>tag:example.org,2026:feed/all</id>", "", "<feed> has no <id>"),
    ("<title>Kabar Harian: semua</title>", "<title/>", "<title> is blank"),
    (
        "<updated>2026-11-03T08:30:00+00:00<",
        "<updated>2026-11-03T08:30:00<",
        "<updated>: `2026-11-03T08:30:00` is not a date like",
    ),
    ("<updated>2026-11-03T08:30:00+00:00<", "<updated>yesterday<", "<updated>: `yesterday` is not a date like"),
    ("urn:x-example:2<", " <", "the <id> is not an absolute IRI"),
    ("urn:x-example:1<", "urn:x-example:0<", "the id 'urn:x-example:0' stands in it twice"),
    ("urn:x-example:1<", "urn:x-example:9<", "the id 'urn:x-example:9' stands where 'urn:x-example:1' should"),
]


@pytest.mark.parametrize(
    ("name", "whole", "damaged", "message"),
    [("rss", *damage) for damage in RSS_DAMAGE] + [("atom", *damage) for damage in ATOM_DAMAGE],
)
def test_damage_is_found_and_placed(
    name: str, whole: str, damaged: str, message: str, spec: FeedSpec, entry: Entry
) -> None:
    entries = three(entry)
    body = published(name, spec, entries)
    assert whole in body
    RENDERERS[name].check(body.encode(), entries)
    with pytest.raises(CheckFailed) as caught:
        RENDERERS[name].check(body.replace(whole, damaged, 1).encode(), entries)
    assert message in caught.value.what
    assert caught.value.where.startswith(f"{name}.xml, line ")
    assert caught.value.hint


@pytest.mark.parametrize("name", CARRIERS)
def test_other_entries_than_those_that_should_be_there(name: str, spec: FeedSpec, entry: Entry) -> None:
    entries = three(entry)
    body = published(name, spec, entries).encode()
    for others in (entries[:2], [*entries, entry], entries[::-1], []):
        with pytest.raises(CheckFailed):
            RENDERERS[name].check(body, others)


def test_an_item_needs_words(spec: FeedSpec, entry: Entry) -> None:
    body = published("rss", spec, [replace(entry, title="T", summary="", content="")])
    with pytest.raises(CheckFailed, match="neither <title> nor <description>"):
        RENDERERS["rss"].check(body.replace("<title>T</title>", "").encode(), [entry])


def test_an_atom_entry_needs_an_author_and_a_body_or_link(spec: FeedSpec, entry: Entry) -> None:
    bare = replace(entry, authors=(), origin=None, contributors=(), content="", summary="")
    body = published("atom", spec, [bare])
    feed_author, entry_part = body.index("<author>"), body.index("</author>") + len("</author>")
    with pytest.raises(CheckFailed, match="has an <author>"):
        RENDERERS["atom"].check((body[:feed_author] + body[entry_part:]).encode(), [bare])
    without_link = body.replace(f'<link href="{"https://example.org/2026/banjir?a=1&amp;b=2"}" rel="alternate"/>', "")
    with pytest.raises(CheckFailed, match="neither <content> nor an alternate <link>"):
        RENDERERS["atom"].check(without_link.encode(), [bare])


def test_a_long_text_is_no_fault(spec: FeedSpec, entry: Entry) -> None:
    long = replace(entry, content="<p>" + "x" * 11_000_000 + "</p>")
    for renderer in RENDERERS.values():
        renderer.check(renderer.render(edition(spec, [long], UPDATED)), [long])
