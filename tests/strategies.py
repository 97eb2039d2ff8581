"""Hypothesis strategies for the values that pass between the stages: anything that the model allows."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TypeVar

from hypothesis import strategies as st

from feedmill.model import (
    Category,
    Chapter,
    Content,
    Enclosure,
    Entry,
    Episode,
    FeedSpec,
    Link,
    Media,
    Origin,
    Person,
    Point,
    Site,
    Thumbnail,
    Transcript,
)

__all__ = [
    "categories",
    "emails",
    "enclosures",
    "entries",
    "entry_lists",
    "episodes",
    "feed_specs",
    "fragments",
    "languages",
    "links",
    "media",
    "moments",
    "origins",
    "persons",
    "points",
    "sites",
    "texts",
    "thumbnails",
    "titles",
    "transcripts",
    "urls",
]

T = TypeVar("T")

# What XML 1.0 section 2.2 allows, with what breaks careless writers made likely.
_TROUBLE = st.sampled_from(
    [
        "<b>bold</b>",
        "</title>",
        "]]>",
        "<![CDATA[",
        "&amp;",
        "&#60;",
        "&nbsp;",
        "&",
        "<",
        ">",
        '"',
        "'",
        "\r\n",
        "\r",
        "\n",
        "\t",
        "\u0085",
        "\u00a0",
        "\u2028",
        "\ufdd0",
        "\ufffd",
        "\u202e",
        "e\u0301",
        "Ã©",
        "👩‍👩‍👧",
        "\U0010ffff",
        "<!-- x -->",
        "<?xml version='1.0'?>",
        "<!DOCTYPE rss>",
        "%s {0}",
    ]
)
_FORBIDDEN = "".join(map(chr, {*range(0x20), 0xFFFE, 0xFFFF} - {*b"\t\n\r"}))
_CHARACTERS = st.characters(codec="utf-8", exclude_characters=_FORBIDDEN)
texts = st.lists(st.text(_CHARACTERS, max_size=6) | _TROUBLE, max_size=4).map("".join)
titles = st.builds("{}{}".format, st.characters(codec="utf-8", categories=("L", "N", "P", "S")), texts)

_TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
_PATH = st.lists(
    st.one_of(_TOKEN, st.sampled_from(["%20", "%C3%A9", "a=b", "~x", "(y)", "x,y"])), min_size=1, max_size=3
).map("/".join)
urls = st.builds(
    "{}://{}.example.{}/{}{}".format,
    st.sampled_from(["http", "https"]),
    _TOKEN,
    st.sampled_from(["org", "com", "id"]),
    _PATH,
    st.sampled_from(["", "?a=1&b=2", "?q=a&copy=1&lt", "#top", "?x=%3Cb%3E"]),
)
_IDENTITIES = st.one_of(
    st.builds("tag:example.org,2026:{}".format, _PATH),
    st.uuids().map("urn:uuid:{}".format),
    urls,
)
emails = st.builds("{}@{}.example.org".format, _TOKEN, _TOKEN)
languages = st.sampled_from(["en", "id", "de", "fr-CA", "zh-Hant", "pt-BR"])
moments = st.datetimes(datetime(1990, 1, 1), datetime(2199, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
_NUMBERS = st.one_of(st.none(), st.integers(1, 2**40))

_TAGS = st.sampled_from(["p", "div", "em", "strong", "blockquote", "li", "code", "h2"])
_PLAIN = texts.map(lambda text: escape(text, quote=False))
_LEAVES = st.one_of(
    _PLAIN,
    urls.map(lambda url: f'<img src="{escape(url)}" alt="">'),
    st.just("<br>"),
    st.builds(lambda url, text: f'<a href="{escape(url)}">{text}</a>', urls, _PLAIN),
)
fragments = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", _TAGS, st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)

persons = st.one_of(
    st.builds(Person, name=titles, email=st.none() | emails, uri=st.none() | urls),
    st.builds(Person, email=emails, uri=st.none() | urls),
    st.builds(Person, uri=urls),
)
categories = st.builds(Category, term=titles, scheme=st.none() | urls, label=st.none() | titles)
_MEDIA_TYPES = st.sampled_from(["audio/mpeg", "video/mp4", "image/jpeg", "text/html", "application/atom+xml"])
enclosures = st.builds(
    Enclosure,
    url=urls,
    type=st.none() | _MEDIA_TYPES,
    length=st.none() | st.integers(0, 2**40),
    title=st.none() | titles,
)
media = st.builds(
    Media,
    url=urls,
    type=st.none() | _MEDIA_TYPES,
    medium=st.none() | st.sampled_from(["image", "audio", "video", "document", "executable"]),
    width=_NUMBERS,
    height=_NUMBERS,
    length=_NUMBERS,
    duration=_NUMBERS,
)
thumbnails = st.builds(Thumbnail, url=urls, width=_NUMBERS, height=_NUMBERS)
links = st.builds(
    Link,
    href=urls,
    rel=st.sampled_from(["related", "via", "replies", "license"]),
    type=st.none() | _MEDIA_TYPES,
    hreflang=st.none() | languages,
    title=st.none() | titles,
)
origins = st.builds(Origin, title=titles, id=st.none() | _IDENTITIES, url=st.none() | urls, link=st.none() | urls)
points = st.builds(Point, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


def _some(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


transcripts = st.builds(
    Transcript, url=urls, type=st.sampled_from(["text/vtt", "application/x-subrip"]), language=st.none() | languages
)
episodes = st.builds(
    Episode,
    duration=_NUMBERS,
    image=st.none() | urls,
    explicit=st.none() | st.booleans(),
    season=_NUMBERS,
    number=_NUMBERS,
    kind=st.none() | st.sampled_from(["full", "trailer", "bonus"]),
    transcripts=_some(transcripts),
    chapters=_some(st.builds(Chapter, start=st.floats(0, 10_000), title=titles)),
    chapters_url=st.none() | urls,
)

entries = st.builds(
    Entry,
    id=_IDENTITIES,
    source=_TOKEN,
    published=moments,
    updated=moments,
    first_seen=moments,
    name=_PATH,
    title=titles,
    url=st.none() | urls,
    summary=texts,
    content=st.lists(fragments, max_size=3).map("".join),
    authors=_some(persons),
    contributors=_some(persons),
    categories=_some(categories),
    enclosures=_some(enclosures),
    media=_some(media),
    thumbnails=_some(thumbnails),
    links=_some(links),
    language=st.none() | languages,
    rights=st.none() | titles,
    comments=st.none() | urls,
    origin=st.none() | origins,
    point=st.none() | points,
    episode=st.none() | episodes,
)
entry_lists = st.lists(entries, max_size=4, unique_by=lambda entry: entry.id)

sites = st.builds(
    Site,
    title=titles,
    url=urls,
    feeds_url=urls,
    id_authority=st.just("example.org"),
    language=languages,
    author=st.none() | persons,
    description=st.none() | titles,
    rights=st.none() | titles,
    icon=st.none() | urls,
    logo=st.none() | urls,
)
feed_specs = st.builds(
    FeedSpec,
    name=_TOKEN,
    title=titles,
    id=_IDENTITIES,
    base_url=urls.map(lambda url: url.partition("?")[0].partition("#")[0] + "/"),
    site=sites,
    description=st.none() | titles,
    language=st.none() | languages,
    content=st.sampled_from(Content),
)
