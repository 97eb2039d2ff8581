"""What feedparser reads back is what the entry says, in every field that the format carries."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings

from factories import edition
from feedmill.model import Content, Entry, Episode, FeedSpec, Media, Person, Transcript
from feedmill.render import RENDERERS
from feedmill.render._shared import guess_type
from strategies import entry_lists, feed_specs, moments

_WINDOWS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def as_read(text: str) -> str:
    """What feedparser makes of any text: it strips, and undoes two common faults in encoding."""
    text = text.strip()
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS)


def unique(values: Sequence[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if value not in values[:index]]


def parse(body: bytes) -> Any:
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def links(entry: Any, *, rel: str) -> list[tuple[str | None, ...]]:
    found = [link for link in entry.get("links", []) if link.rel == rel]
    return [tuple(link.get(key) for key in ("href", "type", "hreflang", "length", "title")) for link in found]


def further(entry: Entry, *, rel: str) -> list[tuple[str | None, ...]]:
    chosen = [link for link in entry.links if link.rel == rel]
    return [(link.href, link.type or "text/html", link.hreflang, None, link.title) for link in chosen]


def shared_of(found: Any) -> dict[str, Any]:
    point = found.get("where", {}).get("coordinates")
    return {
        "published": timegm(found.published_parsed),
        "updated": timegm(found.updated_parsed),
        "title": found.get("title"),
        "id": found.id,
        "media": found.get("media_content", []),
        "thumbnails": found.get("media_thumbnail", []),
        "point": point and tuple(point),
        "rights": found.get("rights"),
        "related": links(found, rel="related"),
        "via": links(found, rel="via"),
        "license": links(found, rel="license"),
    }


def _attributes(**values: str | int | None) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


def shared(entry: Entry) -> dict[str, Any]:
    return {
        "published": int(entry.published.timestamp()),
        "updated": int(entry.updated.timestamp()),
        "title": as_read(entry.title),
        "id": as_read(entry.id),
        "media": [
            _attributes(
                url=one.url,
                filesize=one.length,
                type=one.type,
                medium=one.medium,
                duration=one.duration,
                height=one.height,
                width=one.width,
            )
            for one in (*entry.media, *played(entry))
        ],
        "thumbnails": [_attributes(url=one.url, height=one.height, width=one.width) for one in entry.thumbnails],
        "point": (entry.point.longitude, entry.point.latitude) if entry.point else None,
        "rights": as_read(entry.rights) if entry.rights else None,
        "related": further(entry, rel="related"),
        "via": further(entry, rel="via"),
        "license": further(entry, rel="license"),
    }


def played(entry: Entry) -> list[Media]:
    """An episode is its first enclosure; where no media say how long that plays, one does."""
    first = entry.enclosures[0] if entry.enclosures else None
    lasts = entry.episode.duration if entry.episode else None
    if first is None or not lasts or any(one.url == first.url for one in entry.media):
        return []
    kind = first.type or guess_type(first.url)
    medium = kind.partition("/")[0] if kind else None
    medium = medium if medium in ("image", "audio", "video") else None
    return [Media(url=first.url, type=kind, medium=medium, length=first.length or None, duration=lasts)]


def episode_of(found: Any) -> dict[str, Any]:
    chapters = found.get("psc_chapters", {}).get("chapters", [])
    return {
        "duration": found.get("itunes_duration"),
        "season": found.get("itunes_season"),
        "number": found.get("itunes_episode"),
        "kind": found.get("itunes_episodetype"),
        "image": found.get("image", {}).get("href"),
        "transcript": found.get("podcast_transcript"),
        "chapters": [one["start"] for one in chapters],
        "chapters_url": found.get("podcast_chapters", {}).get("url"),
    }


def episode_expected(episode: Episode | None) -> dict[str, Any]:
    episode = episode or Episode()
    last = episode.transcripts[-1:]  # feedparser keeps no other
    return {
        "duration": str(episode.duration) if episode.duration else None,
        "season": str(episode.season) if episode.season else None,
        "number": str(episode.number) if episode.number else None,
        "kind": episode.kind,
        "image": episode.image and as_read(episode.image),
        "transcript": _attributes(url=last[0].url, type=last[0].type, language=last[0].language) if last else None,
        "chapters": [clock(one.start) for one in episode.chapters],
        "chapters_url": episode.chapters_url,
    }


def clock(seconds: float) -> str:
    millis = round(seconds * 1000)
    return f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:{millis // 1000 % 60:02}.{millis % 1000:03}"


def rss_of(found: Any) -> dict[str, Any]:
    return shared_of(found) | {
        "episode": episode_of(found),
        "link": found.get("link"),
        "summary": found.get("summary"),
        "content": [(one.type, one.value) for one in found.get("content", [])],
        "authors": [author.get("name") or author.get("email") for author in found.get("authors", [])],
        "contributors": [(one.get("name"), one.get("href"), one.get("email")) for one in found.get("contributors", [])],
        "categories": unique([(tag.term, tag.scheme) for tag in found.get("tags", [])]),
        "comments": found.get("comments"),
        "enclosures": [(href, length, title) for href, _, _, length, title in links(found, rel="enclosure")],
        "source": (found.source.get("title"), found.source.get("href")) if "source" in found else None,
        "replies": links(found, rel="replies"),
    }


def rss_expected(entry: Entry, mode: Content) -> dict[str, Any]:
    summary = as_read(escape(entry.summary, quote=False)) if entry.summary and mode is not Content.LINK else None
    content = as_read(entry.content) if entry.content and mode is Content.FULL else None
    address = entry.origin and (entry.origin.url or entry.origin.link)
    return shared(entry) | {
        "episode": episode_expected(entry.episode),
        "link": as_read(entry.url) if entry.url else None,
        "summary": content if summary is None else summary,
        "content": [("text/html", content)] if content is not None and summary is not None else [],
        "authors": [as_read(name_of(author)) for author in entry.authors],
        "contributors": [(name_of(one), one.uri and as_read(one.uri), one.email) for one in entry.contributors],
        "categories": unique([(as_read(one.label or one.term), one.scheme) for one in entry.categories]),
        "comments": entry.comments and as_read(entry.comments),
        "enclosures": [
            (one.url, str(one.length or 0), None)
            if index == 0
            else (one.url, None if one.length is None else str(one.length), one.title)
            for index, one in enumerate(entry.enclosures)
        ],
        "source": (as_read(entry.origin.title), address) if entry.origin and address else None,
        "replies": further(entry, rel="replies"),
    }


def atom_of(found: Any) -> dict[str, Any]:
    source = found.get("source")
    return shared_of(found) | {
        "links": [href for href, *_ in links(found, rel="alternate")],
        "summary": found.summary if found.get("summary_detail") else None,
        "content": [(one.type, one.value) for one in found.get("content", [])],
        "authors": people(found.get("authors", [])),
        "contributors": people(found.get("contributors", [])),
        "categories": [(tag.term, tag.scheme, tag.label) for tag in found.get("tags", [])],
        "enclosures": [(href, length, title) for href, _, _, length, title in links(found, rel="enclosure")],
        "replies": unique([href for href, *_ in links(found, rel="replies")]),
        "source": source
        and {
            "id": source.id,
            "title": source.title,
            "url": [href for href, *_ in links(source, rel="self")],
            "link": [href for href, *_ in links(source, rel="alternate")],
        },
    }


def transcript(one: Transcript) -> tuple[str | None, ...]:
    return (one.url, one.type, one.language, None, None)


def people(found: Any) -> list[tuple[str | None, ...]]:
    return [(one.get("name"), one.get("href"), one.get("email")) for one in found]


def worded(text: str) -> tuple[str, str]:
    """What looks like HTML is written as the HTML that says the same."""
    if re.search(r"</?[A-Za-z]|&#?\w", text):
        return "text/html", as_read(escape(text, quote=False))
    return "text/plain", as_read(text)


def atom_expected(entry: Entry, mode: Content) -> dict[str, Any]:
    summary = entry.summary if mode is not Content.LINK else ""
    content = [("text/html", as_read(entry.content))] if entry.content and mode is Content.FULL else []
    if not content and not entry.url:
        content = [worded(summary or entry.title)]
        summary = ""
    origin = entry.origin
    identity = origin and (origin.id or origin.url or origin.link)
    replies = [link.href for link in entry.links if link.rel == "replies"]
    transcripts = entry.episode.transcripts if entry.episode else ()
    return shared(entry) | {
        "links": [entry.url] if entry.url else [],
        "summary": worded(summary)[1] if summary else None,
        "content": content,
        "authors": authors_as_read(entry.authors),
        "contributors": [(name_of(one), one.uri and as_read(one.uri), one.email) for one in entry.contributors],
        "categories": unique([(one.term, one.scheme, one.label) for one in entry.categories]),
        "enclosures": [
            (one.url, None if one.length is None else str(one.length), one.title) for one in entry.enclosures
        ],
        "replies": unique([*replies, entry.comments] if entry.comments else replies),
        "related": further(entry, rel="related") + [transcript(one) for one in transcripts],
        "source": {
            "id": as_read(identity),
            "title": as_read(origin.title),
            "url": [origin.url] if origin.url else [],
            "link": [origin.link] if origin.link else [],
        }
        if origin and identity
        else None,
    }


def authors_as_read(authors: Sequence[Person]) -> list[tuple[str | None, ...]]:
    """feedparser 6.0 gives an author without an e-mail address the one of the author before."""
    read: list[tuple[str | None, ...]] = []
    for author in authors:
        before = read[-1][2] if read else None
        read.append((name_of(author), author.uri, author.email or before))
    return read


def name_of(person: Person) -> str:
    return person.name.strip() or person.email or person.uri or ""


FORMATS = {"rss": (rss_of, rss_expected), "atom": (atom_of, atom_expected)}


@pytest.mark.parametrize("name", ["rss", "atom"])
@settings(deadline=None)
@given(spec=feed_specs, entries=entry_lists, updated=moments)
def test_feedparser_reads_back_what_was_written(name: str, spec: FeedSpec, entries: list[Entry], updated: Any) -> None:
    renderer = RENDERERS[name]
    body = renderer.render(edition(spec, entries, updated))
    renderer.check(body, entries)
    parsed = parse(body)
    read, expected = FORMATS[name]
    assert [read(found) for found in parsed.entries] == [expected(entry, spec.content) for entry in entries]


@pytest.mark.parametrize("name", ["rss", "atom"])
@settings(deadline=None, max_examples=25)
@given(spec=feed_specs, entries=entry_lists, updated=moments)
def test_feedparser_reads_back_the_head_and_languages(
    name: str, spec: FeedSpec, entries: list[Entry], updated: Any
) -> None:
    parsed = parse(RENDERERS[name].render(edition(spec, entries, updated)))
    feed = parsed.feed
    language = spec.language or spec.site.language
    assert feed.title == as_read(spec.title)
    assert feed.language == language
    assert timegm(feed.updated_parsed) == int(updated.timestamp())
    assert feed.generator == "Feedmill"
    assert feed.get("rights") == (as_read(spec.site.rights) if spec.site.rights else None)
    assert [href for href, *_ in links(feed, rel="self")] == [spec.base_url + RENDERERS[name].file_name]
    assert {href for href, *_ in links(feed, rel="alternate")} == {as_read(spec.site.url)}
    described = spec.description or spec.site.description
    assert feed.get("subtitle") == (as_read(described or spec.title) if described or name == "rss" else None)
    said = [found.title_detail.language or language for found in parsed.entries]
    assert said == [entry.language or language for entry in entries]
