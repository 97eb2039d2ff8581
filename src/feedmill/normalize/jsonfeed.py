"""JSON Feed 1.0 and 1.1 -> items. https://www.jsonfeed.org/version/1.1/

Values of the wrong type are reported and left out; the rest is used. This module must not know XML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import urlsplit

from feedmill.errors import NormalizeError
from feedmill.model import (
    Category,
    Document,
    Enclosure,
    Episode,
    Hints,
    Item,
    Link,
    Media,
    Origin,
    Person,
    Source,
    Thumbnail,
)
from feedmill.normalize import attached
from feedmill.normalize.feedbounds import MOST_ENTRIES, MOST_MARKS, marks, shortened
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import absolute
from feedmill.normalize.people import merged, person
from feedmill.normalize.sanitize import html_to_text, plain, sanitize, summarize
from feedmill.normalize.selectors import without
from feedmill.normalize.textblocks import paragraphs
from feedmill.normalize.upstream import SUMMARY_LIMIT, Batch

__all__ = ["read"]

_VERSION = "jsonfeed.org/version/"
_MOST_DIGITS = 30
_MOST_LISTED = 500  # authors, tags, or attachments of one item
_LONGEST_LINE = 100_000  # characters
_LONGEST_WORD = 2000
_MOST_HUBS = 5
_PUSHING = frozenset({"websub", "pubsubhubbub"})
_MOST_VALUES = 500_000  # commas in texts counted too


def read(text: str, source: Source, document: Document, batch: Batch) -> Hints:
    """Add the items of the JSON Feed in `text` to `batch`; return what it says of hubs.

    Raises:
        NormalizeError: it is no JSON, or other JSON.
    """
    feed = _parsed(text)
    if not isinstance(feed, dict) or not (_VERSION in str(feed.get("version")) or isinstance(feed.get("items"), list)):
        raise NormalizeError("it is JSON, but not a JSON Feed", hint="Give the address of the feed itself")
    items = feed.get("items")
    if not isinstance(items, list):
        raise NormalizeError("it is a JSON Feed whose `items` is not a list")
    common = _Common(feed, source, document)
    cost = 0
    for number, raw in enumerate(items, start=1):
        cost += sum(marks(value) for value in raw.values() if isinstance(value, str)) if isinstance(raw, dict) else 0
        if number > MOST_ENTRIES or (number > 1 and cost > MOST_MARKS):
            read = f"of its {len(items):,} entries only the first {number - 1:,} were read"
            batch.problem(f"it is larger than any feed: {read}")
            break
        if isinstance(raw, dict):
            _Reader(raw, common, batch, f"item {number}").add()
        else:
            batch.problem("an item is not an object, and was left out", where=f"item {number}")
    return Hints(hubs=common.hubs, topic=common.topic)


def _parsed(text: str) -> Any:
    if sum(map(text.count, "{[,")) > _MOST_VALUES:
        raise NormalizeError(f"it is JSON of more than {_MOST_VALUES:,} values, which no feed has")

    def no_number(word: str) -> NoReturn:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(text, parse_int=_integer, parse_constant=no_number)
    except RecursionError:
        raise NormalizeError("it is JSON nested too deeply to be a feed") from None
    except ValueError as error:
        raise NormalizeError(f"it begins like JSON, but is not: {error}"[:200]) from error


def _integer(digits: str) -> int | str:
    # int() takes quadratic time, and refuses very long numbers.
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


class _Fields:
    """The members of an object, each by the type it must have. What has another is reported."""

    def __init__(self, raw: dict[str, Any], batch: Batch | None, where: str) -> None:
        self._raw = raw
        self._batch = batch
        self.where = where

    def text(self, name: str) -> str:
        """A string, kept as it is; empty if there is none."""
        value = self._raw.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        self._wrong(name, "a string")
        return ""

    def line(self, name: str) -> str:
        """A string as one line of plain text."""
        return plain(self.text(name)[:_LONGEST_LINE])

    def objects(self, name: str) -> Iterator[_Fields]:
        """The objects of a list."""
        for value in self._list(name):
            if isinstance(value, dict):
                yield _Fields(value, self._batch, self.where)
            else:
                self._wrong(name, "a list of objects")

    def lines(self, name: str) -> Iterator[str]:
        """The strings of a list, each one line of plain text and none empty."""
        for value in self._list(name):
            if not isinstance(value, str):
                self._wrong(name, "a list of strings")
            elif line := plain(value[:_LONGEST_WORD]):
                yield line

    def identity(self) -> str:
        """The id. Publishers write numbers too: "must be coerced to a string" (version 1.1, `id`)."""
        value = self._raw.get("id")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return self.text("id")

    def size(self, name: str) -> int | None:
        """A number of bytes or seconds, None where there is none that makes sense."""
        value = self._raw.get(name)
        found = None if isinstance(value, bool) else attached.number(value)
        if value is not None and found is None:
            self._wrong(name, "a number")
        return found or None

    def one(self, name: str) -> _Fields | None:
        """An object."""
        value = self._raw.get(name)
        if isinstance(value, dict):
            return _Fields(value, self._batch, self.where)
        if value is not None:
            self._wrong(name, "an object")
        return None

    def _list(self, name: str) -> list[Any]:
        value = self._raw.get(name)
        if value is None or isinstance(value, list):
            return (value or [])[:_MOST_LISTED]
        self._wrong(name, "a list")
        return []

    def _wrong(self, name: str, expected: str) -> None:
        if self._batch is not None:
            self._batch.problem(f"`{name}` is not {expected}, and was left out", where=self.where)


class _Common:
    """What the items of one feed have in common."""

    def __init__(self, raw: dict[str, Any], source: Source, document: Document) -> None:
        feed = _Fields(raw, None, document.name)
        self.url = document.url or document.name
        self.home = attached.fetched(feed.text("home_page_url"), self.url)
        self.language = source.language or language_tag(feed.text("language"))
        self.authors = _authors(feed, self.url)
        self.strip = source.treatment.strip
        self.topic = attached.fetched(feed.text("feed_url"), self.url)
        self.hubs = tuple(dict.fromkeys(_hubs(feed, self.url)))[:_MOST_HUBS]
        self.origin = Origin(
            title=feed.line("title") or urlsplit(self.url).hostname or source.name,
            url=self.topic or self.url,
            link=self.home,
        )


class _Reader(_Fields):
    """Makes one item of a JSON Feed an item of ours."""

    def __init__(self, raw: dict[str, Any], common: _Common, batch: Batch, where: str) -> None:
        super().__init__(raw, batch, where)
        self._title = self.line("title")
        self.where = self._title[:80] or where
        self._common = common
        self._to = batch
        self._external = attached.fetched(self.text("external_url"), common.url)
        self._url = attached.fetched(self.text("url"), common.url)
        self._base = self._url or common.home or common.url

    def add(self) -> None:
        """Add it to the batch."""
        html = self._body("content_html") or paragraphs(self._body("content_text"))
        text = html_to_text(html) if html else ""
        shown = without(html, self._common.strip)
        words = text if shown == html else html_to_text(shown)
        summary = self.line("summary")
        attachments = list(self._attachments())
        tags = dict.fromkeys(self.lines("tags"))
        item = Item(
            title=self._title,
            url=self._url or self._external,
            summary=summarize(summary, SUMMARY_LIMIT) if summary else summarize(words),
            content=sanitize(shown, base=self._base) if shown else "",
            authors=_authors(self, self._base) or self._common.authors,
            categories=tuple(Category(term=tag) for tag in tags),
            enclosures=tuple(file for file, _ in attachments),
            media=tuple(Media(url=f.url, type=f.type, length=f.length, duration=d) for f, d in attachments if d),
            thumbnails=tuple(self._pictures()),
            links=self._links(),
            language=language_tag(self.text("language")) or self._common.language,
            origin=self._common.origin,
            episode=next((Episode(duration=lasts) for _, lasts in attachments if lasts), None),
        )
        times = self._to.times(self.text("date_published"), self.text("date_modified"), where=self.where)
        self._to.add(item, guid=self.identity(), times=times, text=text or summary)

    def _body(self, name: str) -> str:
        text = self.text(name)
        shorter = shortened(text)
        if len(shorter) < len(text):
            self._to.problem(f"`{name}` is longer than any reader shows, and was cut", where=self.where)
        return shorter

    def _attachments(self) -> Iterator[tuple[Enclosure, int | None]]:
        """The files, each with its duration in seconds."""
        seen = set()
        for raw in self.objects("attachments"):
            url = attached.fetched(raw.text("url"), self._base)
            if url and url not in seen:
                seen.add(url)
                file = Enclosure(
                    url=url,
                    type=attached.media_type(raw.text("mime_type"), url),
                    length=raw.size("size_in_bytes"),
                    title=raw.line("title") or None,
                )
                yield file, raw.size("duration_in_seconds")

    def _pictures(self) -> Iterator[Thumbnail]:
        urls = (attached.fetched(self.text(name), self._base) for name in ("image", "banner_image"))
        return (Thumbnail(url=url) for url in dict.fromkeys(urls) if url)

    def _links(self) -> tuple[Link, ...]:
        if self._external and self._url and self._external != self._url:
            return (Link(href=self._external, rel="related"),)
        return ()


def _hubs(feed: _Fields, base: str) -> Iterator[str]:
    """Yield the addresses of WebSub hubs (version 1.1, "Subscribing to Real-time Notifications")."""
    for hub in feed.objects("hubs"):
        if hub.text("type").strip().lower() in _PUSHING and (url := attached.fetched(hub.text("url"), base)):
            yield url


def _authors(holder: _Fields, base: str) -> tuple[Person, ...]:
    """Return `authors` (1.1), else `author` (1.0)."""
    several = merged(_author(raw, base) for raw in holder.objects("authors"))
    if several:
        return several
    single = holder.one("author")
    return merged([_author(single, base)]) if single else ()


def _author(raw: _Fields, base: str) -> Person | None:
    url = raw.text("url")
    if url.lower().startswith("mailto:"):
        return person(raw.text("name"), email=url[len("mailto:") :])
    return person(raw.text("name"), uri=absolute(url, base))
