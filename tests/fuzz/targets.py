"""The table of all that is fuzzed: each target takes bytes, and raises nothing unless a promise is broken."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import cast

import msgspec

from factories import ENTRY, NOW, SITE
from feedmill.collect.http import HttpClient, Response
from feedmill.collect.robots import Robots
from feedmill.collect.sitemap_index import MOST_CHILDREN, children, is_index
from feedmill.collect.tags import read_one
from feedmill.config.treatments import pattern
from feedmill.errors import FeedmillError
from feedmill.model import (
    Chapter,
    Document,
    Draft,
    Fetched,
    MediaFile,
    MediaTags,
    Normalized,
    Recording,
    Replacement,
    Selectors,
    Source,
    Treatment,
    Validators,
)
from feedmill.normalize import htmltext, normalizer, tidy
from feedmill.normalize import sanitize as sanitizer
from feedmill.normalize.dates import article_date, feed_date, name_date
from feedmill.normalize.fulltext import article
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.page_dates import shown_date
from feedmill.normalize.sanitize import html_to_text, sanitize, summarize, title_text
from feedmill.normalize.treatment import treat
from fuzz.oracle import check, check_error, check_markup, insist, no_faults
from fuzz.seeds import words
from readings import by_feedparser, differences, in_order

__all__ = ["TARGETS", "Target"]

ADDRESS = "https://up.example/blog/feed"
_FIELDS = b"\x1f"
"""Separates the fields of a target that takes several."""


@dataclass(frozen=True, slots=True)
class Target:
    """`run` takes any bytes; `words` are what their notation is made of."""

    run: Callable[[bytes], None]
    words: tuple[bytes, ...]


def _normalized(source: Source, *documents: Document) -> Normalized | None:
    """Read the documents, check what comes, and return it; None where there is nothing to read."""
    fetched = Fetched(source=source.name, documents=documents)
    try:
        with no_faults():
            came = normalizer(source.kind)(source, SITE, fetched, NOW)
    except FeedmillError as error:
        check_error(error)
        return None
    check(came)
    return came


# --- article files

_ARTICLES = Source(name="s", kind="files", link="https://example.org/{path}/", treatment=Treatment(strip=(".ad",)))


def _article(suffix: str, data: bytes) -> None:
    _normalized(_ARTICLES, Document(name=f"2026/a b{suffix}", body=data, modified=NOW))


def _texts(data: bytes) -> None:
    """Plain texts are read a folder at a time: what several begin or end with is no article's own."""
    names = ("a", "2026-11-02-b", "c", "d")
    documents = [
        Document(name=f"n/{name}.txt", body=body, modified=NOW)
        for name, body in zip(names, data.split(_FIELDS, 3), strict=False)
    ]
    _normalized(_ARTICLES, *documents)


# --- upstreams

_FEED = Source(name="s", kind="feed", url=ADDRESS)


def _feed(media_type: str, data: bytes) -> None:
    ours = in_order(data)
    if ours is not None:
        different = differences(ours, by_feedparser(data))
        insist(not different, "what is read in order is what feedparser reads", different)
    _normalized(_FEED, Document(name=ADDRESS, url=ADDRESS, body=data, media_type=media_type))


_SELECT = Selectors(
    item="article, li, tr, .item, div > div",
    title="h2, h3, .title",
    link="a@href",
    date="time@datetime",
    body="p, .body",
    image="img@src",
)
_PAGES = (
    Source(name="s", kind="page", url=ADDRESS, timezone="Asia/Jakarta"),
    Source(name="s", kind="page", url=ADDRESS, select=_SELECT, treatment=Treatment(strip=("li + li", "[class*=ad]"))),
)


def _page(data: bytes) -> None:
    for source in _PAGES:
        _normalized(source, Document(name=ADDRESS, url=ADDRESS, body=data))


_NAME = re.compile(r"s/[a-z0-9-]+")


def _list(data: bytes) -> None:
    source = Source(name="s", kind="opml", url=ADDRESS)
    came = _normalized(source, Document(name=ADDRESS, url=ADDRESS, body=data))
    listed = (came.subscriptions or ()) if came else ()
    insist(len({one.name for one in listed}) == len(listed), "a feed is listed once", listed)
    for one in listed:
        insist(_NAME.fullmatch(one.name) is not None, "a name fits a source", one.name)
        insist(absolute(one.url, None, schemes=MEDIA_SCHEMES) == one.url, "an address is absolute", one.url)
        for text in (one.title, *one.categories):
            insist(title_text(text, html=False) == text, "words are one line of text", text)


def _sitemap(data: bytes) -> None:
    _normalized(_PAGES[0], Document(name=ADDRESS, url=ADDRESS, body=data, media_type="application/xml"))
    if is_index(data):
        listed = children(data, ADDRESS)
        insist(len(listed) <= MOST_CHILDREN, "few sitemaps are read", len(listed))
        for child in listed:
            insist(child.url.lower().startswith(("http:", "https:")), "a sitemap is on the web", child.url)


def _mail(data: bytes) -> None:
    source = Source(name="s", kind="mail", treatment=Treatment(strip=(".ad",)))
    _normalized(source, Document(name="new/1.eml", body=data, modified=NOW))


@dataclass(frozen=True, slots=True)
class _RobotsServer:
    body: bytes

    def get(self, url: str, **_: object) -> Response:
        return Response(status=200, url=url, body=self.body, validators=Validators())


def _robots(data: bytes) -> None:
    path, _, rules = data.partition(_FIELDS)
    server = cast("HttpClient", _RobotsServer(rules))
    url = f"https://up.example/{path.decode('latin-1')}"
    try:
        pause = Robots().permit(url, server, NOW)
    except FeedmillError as error:
        check_error(error)
    else:
        insist(0 <= pause < float("inf"), "a pause is a number of seconds", pause)


_TEASER = Draft(
    name=ADDRESS, id=ENTRY.id, title="Banjir surut", url="https://up.example/1", summary="Air surut pagi, kata Sari."
)


def _fulltext(data: bytes) -> None:
    document = Document(name="https://up.example/1", url="https://up.example/1", body=data)
    try:
        html = article(document, _TEASER, (".ad",))
    except FeedmillError as error:
        check_error(error)
    else:
        check_markup(html)


# --- recordings

_PODCAST = Source(name="s", kind="media", files_url="https://cdn.example/pod/")


def _recording(recording: Recording) -> None:
    body = msgspec.json.encode(recording)
    _normalized(_PODCAST, Document(name=recording.files[0].path, body=body, modified=NOW))


def _media(data: bytes) -> None:
    """The fields of what tags may say, in a fixed order; as UTF-8 can carry them."""
    names = ("path", "title", "artists", "album", "genres", "date", "description", "rights", "chapters", "text", "size")
    said = {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in zip_longest(names, data.split(_FIELDS, len(names) - 1))
    }
    number = float(said["size"]) if said["size"].isdecimal() else 61.5
    tags = MediaTags(
        duration=number,
        title=said["title"],
        artists=tuple(said["artists"].split(";")),
        album=said["album"],
        genres=tuple(said["genres"].split(";")),
        date=said["date"],
        description=said["description"],
        rights=said["rights"],
        chapters=tuple(Chapter(start=number * at, title=one) for at, one in enumerate(said["chapters"].split(";"))),
    )
    path = said["path"].replace("\0", "")[:200].strip("/") or "ep1.mp3"
    files = (MediaFile(path=path, size=len(data), digest="d", tags=tags),)
    text = said["text"].encode()
    _recording(Recording(files=files, notes="ep1.md", text=text, transcripts=("ep1.en.vtt",), cover="a b.jpg"))


def _tags(data: bytes) -> None:
    """The first field is the suffix of the file."""
    suffix, _, body = data.partition(_FIELDS)
    kind = "".join(filter(str.isalnum, suffix.decode("ascii", "ignore")))[:4] or "mp3"
    with tempfile.NamedTemporaryFile(suffix=f".{kind}", dir=_memory()) as file:
        file.write(body)
        file.flush()
        try:
            tags = read_one(Path(file.name))
        except FeedmillError as error:
            check_error(error)
            return
    _recording(Recording(files=(MediaFile(path="ep1.mp3", size=len(body), digest="d", tags=tags),)))


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


# --- what all share

_PATTERNS = (
    Replacement(pattern=r"(\w+) (?P<last>\w+)", template=r"\g<last> <\1> & \1"),
    Replacement(pattern=r"^\s*|\s+$", template=""),
    Replacement(pattern=r"(?i)harga|</?b>|&(?:amp)?", template="<script>alert(1)</script>]]>"),
    Replacement(pattern=r"[aeiou]", template="\u0001\ud800"),
)


def _treatment(data: bytes) -> None:
    """The fields: a pattern of the operator, a title, a summary, then HTML."""
    written, title, summary, html = (
        field.decode("utf-8", "replace") for field in (data.split(_FIELDS, 3) + [b""] * 4)[:4]
    )
    draft = Draft(
        name="n",
        id=ENTRY.id,
        title=title_text(title, html=False) or "-",
        summary=summarize(summary),
        content=sanitize(html, base=ADDRESS),
    )
    try:
        pattern(written)
    except ValueError:
        own: tuple[Replacement, ...] = ()
    else:
        own = (Replacement(pattern=written, template="x"),)
    wish = Treatment(replace=(*own, *_PATTERNS), exclude=("no such word", *(one.pattern for one in own)))
    came = treat(Source(name="s", kind="feed", treatment=wish), Normalized(drafts=(draft,)))
    for one in came.drafts:
        insist(bool(one.title.strip()), "a title is never empty", one)
        insist("<script" not in one.content.lower(), "what is put in is text", one.content)
        check_markup(one.content)


def _sanitized(data: bytes) -> None:
    html = data.decode("utf-8", "surrogateescape")
    for base in (None, ADDRESS):
        clean = sanitize(html, base=base)
        check_markup(clean)
        if tidy.tidied(html, base) is not None:
            insist(clean == sanitizer._parsed(html, base), "what is in order is cleaned as by a parser", clean)
    text = html_to_text(html)
    if tidy.words(html) is not None:
        insist(text == htmltext._parsed(html), "what is in order has the text that a parser finds", text)
    insist(all(line == title_text(line, html=False) for line in text.splitlines()), "text is clean", text)


def _dates(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    zone = "Asia/Jakarta"
    past = [feed_date(text, NOW)]
    for moment in (*past, article_date(text, zone), name_date(text, zone), shown_date(text, zone, NOW)):
        insist(moment is None or moment.tzinfo is UTC, "a time is aware UTC", moment)
        insist(moment is None or 1900 <= moment.year <= 9000, "a time is believable", moment)
    insist(past[0] is None or past[0] <= NOW, "an upstream's date is past", past)


TARGETS: Mapping[str, Target] = {
    "markdown": Target(partial(_article, ".md"), words("markup", "facts")),
    "html": Target(partial(_article, ".html"), words("markup", "facts")),
    "text": Target(_texts, (_FIELDS, *words("facts"))),
    "feed": Target(partial(_feed, "application/xml"), words("xml", "markup")),
    "jsonfeed": Target(partial(_feed, "application/feed+json"), words("json", "markup")),
    "page": Target(_page, words("markup")),
    "opml": Target(_list, words("opml", "xml")),
    "sitemap": Target(_sitemap, words("xml")),
    "mail": Target(_mail, words("mail", "markup")),
    "fulltext": Target(_fulltext, words("markup")),
    "media": Target(_media, (_FIELDS, *words("markup", "facts"))),
    "tags": Target(_tags, (_FIELDS, *words("frames"))),
    "treatment": Target(_treatment, (_FIELDS, *words("markup", "patterns"))),
    "sanitize": Target(_sanitized, words("markup")),
    "dates": Target(_dates, words("dates")),
    "robots": Target(_robots, (_FIELDS, *words("rules"))),
}
"""What is fuzzed, by name. The seeds of a target stand in a folder of its name."""
