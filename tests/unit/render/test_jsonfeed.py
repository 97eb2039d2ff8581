"""JSON Feed: what goes where, what comes back, and what the check finds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from factories import edition
from feedmill.errors import CheckFailed
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
    Thumbnail,
)
from feedmill.render import RENDERERS, jsonfeed
from strategies import entry_lists, feed_specs, moments

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def document(spec: FeedSpec, entries: list[Entry], **fields: Any) -> Any:
    body = jsonfeed.render(edition(spec, entries, UPDATED, **fields))
    jsonfeed.check(body, entries)
    return json.loads(body)


def item(spec: FeedSpec, entry: Entry) -> Any:
    (found,) = document(spec, [entry])["items"]
    return found


# --- what goes where ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "summary", "content", "said"),
    [
        (Content.FULL, "a < b", "<p>x</p>", {"content_html": "<p>x</p>", "summary": "a < b"}),
        (Content.FULL, "", "<p>x</p>", {"content_html": "<p>x</p>"}),
        (Content.FULL, "a", "", {"content_text": "a"}),
        (Content.FULL, "", "", {"content_text": "T"}),
        (Content.SUMMARY, "a & b", "<p>x</p>", {"content_text": "a & b"}),
        (Content.SUMMARY, "", "<p>x</p>", {"content_text": "T"}),
        (Content.LINK, "a", "<p>x</p>", {"content_text": "T"}),
    ],
)
def test_what_is_said_of_the_text(
    mode: Content, summary: str, content: str, said: dict[str, str], spec: FeedSpec, entry: Entry
) -> None:
    found = item(replace(spec, content=mode), replace(entry, title="T", summary=summary, content=content))
    assert {key: found[key] for key in ("content_html", "content_text", "summary") if key in found} == said


@pytest.mark.parametrize(
    ("links", "external"),
    [
        ([Link(href="https://e.com/x", rel="related")], "https://e.com/x"),
        ([Link(href="https://e.com/x", rel="related", type="text/html"), Link(href="https://e.net/", rel="via")], "x"),
        ([Link(href="https://example.org/2026/more", rel="related")], None),
        ([Link(href="https://e.com/x.vtt", rel="related", type="text/vtt")], None),
        ([Link(href="https://e.com/x", rel="related"), Link(href="https://e.com/y", rel="related")], None),
        ([Link(href="https://e.com/x", rel="via")], None),
    ],
)
def test_the_page_that_a_link_blog_is_about(
    links: list[Link], external: str | None, spec: FeedSpec, entry: Entry
) -> None:
    found = item(spec, replace(entry, links=tuple(links))).get("external_url")
    assert found == ("https://e.com/x" if external else None)
    assert "external_url" not in item(spec, replace(entry, links=tuple(links), url=None))


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (
            Person(name="Sari", email="s@e.org", uri="https://e.org/s"),
            [{"name": "Sari", "url": "https://e.org/s"}],
        ),
        (Person(name="Sari", email="s+a@e.org"), [{"name": "Sari", "url": "mailto:s+a@e.org"}]),
        (Person(name="Sari", email="not one"), [{"name": "Sari"}]),
        (Person(uri="https://e.org/s"), [{"name": "https://e.org/s", "url": "https://e.org/s"}]),
        (Person(), [{"name": "Warta Kota", "url": "https://example.com/"}]),
    ],
)
def test_authors(person: Person, said: list[dict[str, str]], spec: FeedSpec, entry: Entry) -> None:
    assert item(spec, replace(entry, authors=(person,)))["authors"] == said


def test_an_entry_of_the_sites_own_without_authors_has_those_of_the_feed(spec: FeedSpec, entry: Entry) -> None:
    feed = document(spec, [replace(entry, authors=(), origin=None)])
    assert "authors" not in feed["items"][0]
    assert feed["authors"] == [{"name": "Redaksi", "url": "https://example.org/redaksi"}]


def test_tags_are_labels_and_each_stands_once(spec: FeedSpec, entry: Entry) -> None:
    named = (Category(term="a", label="A"), Category(term=" "), Category(term="b"), Category(term="b", scheme="x"))
    assert item(spec, replace(entry, categories=named))["tags"] == ["A", "b"]


@pytest.mark.parametrize(
    ("enclosure", "media", "said"),
    [
        (
            Enclosure(url="https://e.org/a", type="audio/mpeg", length=7, title="T"),
            Media(url="https://e.org/a", duration=61),
            {"mime_type": "audio/mpeg", "title": "T", "size_in_bytes": 7, "duration_in_seconds": 61},
        ),
        (
            Enclosure(url="https://e.org/a.MP3?x=1", type="mp3", length=0),
            Media(url="https://e.org/b", duration=61),
            {"mime_type": "audio/mpeg"},
        ),
        (
            Enclosure(url="https://e.org/a", length=-1),
            Media(url="https://e.org/a", duration=0),
            {"mime_type": "application/octet-stream"},
        ),
    ],
)
def test_attachments(enclosure: Enclosure, media: Media, said: dict[str, Any], spec: FeedSpec, entry: Entry) -> None:
    (found,) = item(spec, replace(entry, enclosures=(enclosure,), media=(media,)))["attachments"]
    assert found == {"url": enclosure.url} | said


def test_the_picture(spec: FeedSpec, entry: Entry) -> None:
    film, still = Media(url="https://e.org/f", medium="video"), Media(url="https://e.org/i", medium="image")
    assert item(spec, replace(entry, media=(film, still), thumbnails=()))["image"] == still.url
    assert "image" not in item(spec, replace(entry, media=(film,), thumbnails=()))
    small = Thumbnail(url="https://e.org/t")
    assert item(spec, replace(entry, media=(still,), thumbnails=(small,)))["image"] == small.url


def test_a_feed_that_says_nothing_about_itself_leaves_nothing_empty(spec: FeedSpec, entry: Entry) -> None:
    silent = replace(
        spec, description=None, language=None, site=replace(spec.site, rights=None, icon=None, logo=None, author=None)
    )
    bare = Entry(
        id="urn:x-example:1", source="s", title="T", published=UPDATED, updated=UPDATED, first_seen=UPDATED, url=None
    )
    feed = document(silent, [bare])
    assert list(feed) == ["version", "title", "home_page_url", "feed_url", "authors", "language", "items"]
    assert feed["authors"] == [{"name": spec.site.title}]
    assert feed["items"] == [
        {
            "id": "urn:x-example:1",
            "title": "T",
            "content_text": "T",
            "date_published": "2026-11-03T08:30:00Z",
            "date_modified": "2026-11-03T08:30:00Z",
        }
    ]


def test_an_empty_feed_has_a_list_of_items(spec: FeedSpec) -> None:
    assert document(spec, [])["items"] == []


def test_hubs_and_the_page_before_this_one(spec: FeedSpec) -> None:
    feed = document(replace(spec, hubs=("https://hub.example/", "https://b.example/")), [], previous=12)
    assert feed["hubs"] == [
        {"type": "WebSub", "url": "https://hub.example/"},
        {"type": "WebSub", "url": "https://b.example/"},
    ]
    assert feed["next_url"] == "https://example.org/feeds/all/archive/feed-0012.json"
    archive = document(replace(spec, hubs=("https://hub.example/",)), [], number=12, previous=11)
    assert "hubs" not in archive
    assert archive["next_url"] == "https://example.org/feeds/all/archive/feed-0011.json"
    assert archive["feed_url"] == feed["feed_url"] == "https://example.org/feeds/all/feed.json"
    assert "next_url" not in document(spec, [], number=1)


def test_letters_are_written_as_they_are(spec: FeedSpec, entry: Entry) -> None:
    body = jsonfeed.render(edition(spec, [replace(entry, title="Ünï 漢字 👩‍👩‍👧")], UPDATED))
    assert '"title": "Ünï 漢字 👩‍👩‍👧"' in body.decode()
    assert body.endswith(b"}\n")


# --- what comes back ---------------------------------------------------------------------------------


def said(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def expected(entry: Entry, mode: Content, language: str) -> dict[str, Any]:
    summary = "" if mode is Content.LINK else entry.summary
    full = mode is Content.FULL and bool(entry.content)
    pictures = [entry.episode.image] if entry.episode and entry.episode.image else []
    pictures += [one.url for one in entry.thumbnails] + [one.url for one in entry.media if one.medium == "image"]
    durations = {one.url: one.duration for one in reversed(entry.media) if one.duration}
    if entry.enclosures and entry.episode and entry.episode.duration:
        durations.setdefault(entry.enclosures[0].url, entry.episode.duration)
    return said(
        id=entry.id,
        url=entry.url,
        title=entry.title.strip(),
        content_html=entry.content if full else "",
        content_text="" if full else summary or entry.title.strip(),
        summary=summary if full else "",
        image=next(iter(pictures), None),
        date_published=entry.published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        date_modified=entry.updated.strftime("%Y-%m-%dT%H:%M:%SZ"),
        tags=list(dict.fromkeys((one.label or one.term).strip() for one in entry.categories)),
        language="" if entry.language == language else entry.language,
        attachments=[
            said(url=one.url, title=one.title, size_in_bytes=one.length, duration_in_seconds=durations.get(one.url))
            for one in entry.enclosures
        ],
        _feedmill=said(rights=entry.rights, source=source_of(entry.origin)),
    )


def source_of(origin: Origin | None) -> dict[str, Any]:
    if origin is None:
        return {}
    return said(title=origin.title, id=origin.id, feed_url=origin.url, home_page_url=origin.link)


@given(spec=feed_specs, entries=entry_lists, updated=moments)
def test_what_was_written_is_read_back(spec: FeedSpec, entries: list[Entry], updated: datetime) -> None:
    body = jsonfeed.render(edition(spec, entries, updated))
    jsonfeed.check(body, entries)
    feed = json.loads(body)
    assert feed["title"] == spec.title
    assert feed.get("description") == (spec.description or spec.site.description)
    found = feed["items"]
    for one in found:
        for attachment in one.get("attachments", ()):
            assert "/" in attachment.pop("mime_type")
        one.pop("external_url", None)
        one.pop("authors", None)
    assert found == [expected(entry, spec.content, feed["language"]) for entry in entries]


# --- the check ---------------------------------------------------------------------------------------

# Where only advice is broken, our own documents fail all the same. The rules are tested in tests/unit/render/rules.
DAMAGE = [
    ('"items": [', '"items": [,', 19, "it is not JSON"),
    ("version/1.1", "version/1", 2, "JSON Feed 1.0"),
    ('"title": "Kabar Harian: semua"', '"title": " "', 3, "`title` is blank"),
    ('"home_page_url": "https:', '"home_page_url": "', 4, "is not an absolute address"),
    ('"icon":', '"_a": 1, "icon":', 7, "is not an object"),
    ('"icon":', '"_a.b": {}, "icon":', 7, "is no name of an extension"),
    ('"icon":', '"x": 1, "icon":', 7, "has no `x` here"),
    ('"id": "urn:x-example:1"', '"id": 1', 66, "is not a text"),
    ('"id": "urn:x-example:1"', '"id": " "', 65, "an item has no `id`"),
    ("urn:x-example:1", "urn:x-example:0", 66, "the id `urn:x-example:0` stands in it twice"),
    ("urn:x-example:1", "urn:x-example:9", 66, "stands where 'urn:x-example:1' should"),
]


@pytest.mark.parametrize(("whole", "damaged", "line", "message"), DAMAGE)
def test_damage_is_found_and_placed(
    whole: str, damaged: str, line: int, message: str, spec: FeedSpec, entry: Entry
) -> None:
    entries = [replace(entry, id=f"urn:x-example:{number}") for number in range(3)]
    body = jsonfeed.render(edition(spec, entries, UPDATED)).decode()
    assert whole in body
    jsonfeed.check(body.encode(), entries)
    with pytest.raises(CheckFailed) as caught:
        jsonfeed.check(body.replace(whole, damaged, 1).encode(), entries)
    assert message in caught.value.what
    assert caught.value.where == f"feed.json, line {line}"
    assert caught.value.hint


def test_other_entries_are_found(spec: FeedSpec, entry: Entry) -> None:
    body = jsonfeed.render(edition(spec, [entry], UPDATED))
    with pytest.raises(CheckFailed, match="it carries 1 entries, not 0"):
        jsonfeed.check(body, [])


def test_an_entry_may_have_an_address_that_is_none_of_the_web(spec: FeedSpec, entry: Entry) -> None:
    mailed = replace(entry, url="mid:960830.1639@example.org")
    jsonfeed.check(jsonfeed.render(edition(spec, [mailed], UPDATED)), [mailed])


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff{}", b"[" * 100_000, b'{"items": 1' + b"0" * 5000 + b"}"])
def test_what_is_no_feed_at_all(body: bytes) -> None:
    with pytest.raises(CheckFailed):
        jsonfeed.check(body, [])


def test_json_has_archive_documents() -> None:
    assert RENDERERS["json"].archives
