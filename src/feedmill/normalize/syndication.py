"""RSS and Atom of every version -> drafts. JSON Feed documents are handed on to their own module.

feedparser reads what `feedxml` has put in order; its sanitizer and its resolver are off, ours run once. What is
done with broken feeds, and which date, text and id an entry gets, stands in docs/upstreams.md. This module must
not know how a document was fetched, or what is stored.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import feedparser
from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.model import Category, Document, Fetched, Hints, Item, Normalized, Origin, Person, Site, Source
from feedmill.normalize import attached, feedepisodes, jsonfeed, tidyfeed
from feedmill.normalize.feedbounds import affordable
from feedmill.normalize.feedrepair import ReadXML, read_xml
from feedmill.normalize.feedtext import decode
from feedmill.normalize.feedxml import prepare
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import absolute
from feedmill.normalize.people import merged, person
from feedmill.normalize.sanitize import html_to_text, plain, sanitize, summarize, title_text
from feedmill.normalize.selectors import without
from feedmill.normalize.textblocks import paragraphs
from feedmill.normalize.upstream import SUMMARY_LIMIT, Batch

__all__ = ["normalize"]

log = logging.getLogger(__name__)

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_HTML_PAGE = re.compile(r"(?is)(?:<!--.{0,1000}?-->\s*|<\?xml[^>]{0,200}>\s*)*<(?:!doctype\s+html|html)\b")
_MARKUP = re.compile(r"<[A-Za-z]")
_BLANK_LINE = re.compile(r"\n\s*\n")
_LINK = re.compile(r"(?i)<a\s[^<>]{0,500}href=")  # what feedparser takes for plain text if its end is missing

# feedparser fills a table at its first use, which two threads must not do at once.
feedparser.parse(b"<rss/>")


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the entries of a feed, in its order.

    Raises:
        NormalizeError: a document is no feed, or so broken that nothing can be read.
    """
    batches, said = [], Hints()
    for document in fetched.documents:
        batch = Batch(source, site, document, now)
        said = _read_or_blame(source, document, batch)
        batches.append(batch)
    return Normalized(
        drafts=tuple(draft for batch in batches for draft in batch.drafts()),
        hints=said,
        problems=tuple(problem for batch in batches for problem in batch.problems()),
    )


def _read_or_blame(source: Source, document: Document, batch: Batch) -> Hints:
    try:
        return _read(source, document, batch)
    except NormalizeError as error:
        error.where = error.where or document.url or document.name
        raise


def _read(source: Source, document: Document, batch: Batch) -> Hints:
    """Add the entries of a document to `batch`; return what it says about when to ask again."""
    tidy = tidyfeed.read(document.body, document.charset, document.url or document.name)
    if tidy is not None:
        return _add(tidy, tidy.hints, source, document, batch)
    text, problem = _text_of(document)
    if problem:
        batch.problem(problem)
    if not text:
        raise NormalizeError("an empty body came instead of a feed")
    if text.startswith(("{", "[")) or _is_json(document.media_type, text):
        return jsonfeed.read(text, source, document, batch)
    if _HTML_PAGE.match(text[:10_000]):
        hint = "Give the address of the feed itself: the page may name it in a <link> tag"
        raise NormalizeError("this is an HTML page, not a feed", hint=hint)
    del text  # of which a large document needs no copy while it is read
    return _read_xml(source, document, batch)


def _text_of(document: Document) -> tuple[str, str | None]:
    """Return the text of a document without what may stand before it, and what was wrong with its encoding."""
    decoded = decode(document.body, document.charset)
    return decoded.text.lstrip("\ufeff \t\r\n"), decoded.problem


def _is_json(media_type: str | None, start: str) -> bool:
    return (media_type or "").endswith("json") and not start.startswith("<")


def _read_xml(source: Source, document: Document, batch: Batch) -> Hints:
    tree = read_xml(affordable(_text_of(document)[0]))
    tidy = tidyfeed.read(etree.tostring(tree.root, encoding="utf-8"), None, document.url or document.name)
    if tidy is not None and (tidy.entries or not tree.problem):
        if tree.problem:
            batch.problem(tree.problem)
        return _add(tidy, tidy.hints, source, document, batch)
    return _read_with_feedparser(tree, source, document, batch)


def _read_with_feedparser(tree: ReadXML, source: Source, document: Document, batch: Batch) -> Hints:
    address = document.url or document.name
    xml = prepare(tree, address)
    for problem in xml.problems:
        batch.problem(problem)
    parsed = _parsed(xml.body, address)
    if parsed is None:
        batch.problem("parts of it are too strange to be read, and were left out")
        parsed = _parsed(prepare(read_xml(affordable(_text_of(document)[0])), address, core=True).body, address)
    if parsed is None:
        raise NormalizeError("it is too strange to be read")
    if not parsed.entries:
        if xml.problems:
            raise NormalizeError(f"{xml.problems[0]}, and no entry could be read")
        if not parsed.version:
            what = f"it is XML, but not a feed: its outermost element is <{xml.root[:50]}>"
            raise NormalizeError(what, hint="Give the address of the feed itself")
    return _add(parsed, xml.hints, source, document, batch)


def _add(parsed: Any, hints: Hints, source: Source, document: Document, batch: Batch) -> Hints:
    feed = _Feed.of(parsed, source, document)
    for number, entry in enumerate(parsed.entries, start=1):
        _Reader(feed, batch, entry, number).add()
    return hints


def _parsed(body: bytes, address: str) -> Any:
    """Return what feedparser makes of it; None where it fails, as it may on elements in places they do not belong."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": address}
    try:
        return feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - it raises whatever it runs into
        log.debug("%s: feedparser: %r", address, error)
        return None


@dataclass(frozen=True, slots=True)
class _Feed:
    """What the entries of one feed have in common."""

    url: str
    is_atom: bool
    link: str | None
    language: str | None
    source_language: str | None
    rights: str | None
    authors: tuple[Person, ...]
    origin: Origin
    strip: tuple[str, ...]

    @classmethod
    def of(cls, parsed: Any, source: Source, document: Document) -> _Feed:
        feed: dict[str, Any] = parsed.feed
        url = document.url or document.name
        is_atom = str(parsed.version or "").startswith("atom")
        link = absolute(str(feed.get("link") or ""), url)
        return cls(
            url=url,
            is_atom=is_atom,
            link=link,
            language=language_tag(str(feed.get("language") or "")),
            source_language=source.language,
            rights=_text(feed, "rights") or None,
            authors=_persons(feed.get("authors"), url) if is_atom else (),
            origin=_origin(feed, url, fallback=Origin(title=urlsplit(url).hostname or source.name, url=url, link=link)),
            strip=source.treatment.strip,
        )


class _Reader:
    """Makes one entry of feedparser's an item."""

    def __init__(self, feed: _Feed, batch: Batch, entry: dict[str, Any], number: int) -> None:
        self._feed = feed
        self._batch = batch
        self._entry = entry
        self._where = plain(str(entry.get("title") or entry.get("id") or ""))[:80] or f"entry {number}"
        self._url = self._page()
        self._base = self._resolve_against()

    def add(self) -> None:
        entry, feed = self._entry, self._feed
        html, text, summary = self._words()
        shown = without(html, feed.strip)
        words = text if shown == html else html_to_text(shown)
        item = Item(
            title=_text(entry, "title"),
            url=self._url,
            summary=summarize(summary, SUMMARY_LIMIT) if summary else summarize(words),
            content=sanitize(shown, base=self._base) if shown else "",
            authors=_persons(entry.get("authors"), self._base) or feed.authors,
            contributors=_persons(entry.get("contributors"), self._base),
            categories=_categories(entry),
            enclosures=attached.enclosures(entry, self._base),
            media=attached.media(entry, self._base),
            thumbnails=attached.thumbnails(entry, self._base),
            links=attached.further_links(entry, self._base),
            language=self._language(),
            rights=_text(entry, "rights") or feed.rights,
            comments=attached.fetched(entry.get("comments"), self._base),
            origin=self._origin(),
            point=attached.point(entry),
            episode=feedepisodes.read(entry, self._base),
        )
        published = dict.get(entry, "published") or dict.get(entry, "created")
        times = self._batch.times(published, dict.get(entry, "updated"), where=self._where)
        self._batch.add(item, guid=dict.get(entry, "id"), times=times, text=text)

    def _page(self) -> str | None:
        """The address of the entry's page: its alternate link, of whatever type, or a body kept elsewhere."""
        candidates = [self._entry.get("link")]
        candidates += [link.get("href") for link in self._entry.get("links") or () if link.get("rel") == "alternate"]
        candidates += [content["src"] for content in self._contents() if content.get("src")]
        for url in candidates:
            if page := attached.fetched(url, self._feed.url):
                return page
        return None

    def _resolve_against(self) -> str | None:
        """What relative addresses of the entry are relative to.

        An `xml:base` says so, and Atom falls back to the feed's address (RFC 3986 section 5.1). RSS knows
        no rule; its texts are copied from the entry's page.
        """
        details = [self._entry.get("title_detail"), *self._contents(), self._entry.get("summary_detail")]
        base = next((str(detail["base"]) for detail in details if detail and detail.get("base")), self._feed.url)
        if self._feed.is_atom or base != self._feed.url:
            return base
        return self._url or self._feed.link or self._feed.url

    def _contents(self) -> Iterator[dict[str, Any]]:
        yield from self._entry.get("content") or ()

    def _words(self) -> tuple[str, str, str]:
        """Return the body as HTML not yet sanitized, its text, and the text of its own summary; any may be empty."""
        bodies = []
        for content in self._contents():
            value, kind = str(content.get("value") or ""), str(content.get("type") or "text/plain")
            if kind in _HTML or kind == "text/plain":
                bodies.append(value if kind in _HTML else paragraphs(value))
            elif value or not content.get("src"):
                self._batch.problem(f"content of type {kind[:60]!r} is not shown", where=self._where)
        body = max(bodies, key=len, default="").strip()
        description = str(self._entry.get("summary") or "").strip()
        is_html = (self._entry.get("summary_detail") or {}).get("type") in _HTML
        if body and any(description == str(content.get("value")).strip() for content in self._contents()):
            description = ""  # feedparser's copy of the body
        has_markup = is_html and _MARKUP.search(description) is not None
        text = html_to_text(description) if has_markup else unescape(description) if is_html else description
        if body:
            return body, html_to_text(body), plain(text)
        if has_markup:
            return description, text, ""
        if len(text) > SUMMARY_LIMIT or _BLANK_LINE.search(text):
            return paragraphs(text), text, ""
        return "", text, plain(text)

    def _language(self) -> str | None:
        details = [*self._contents(), self._entry.get("title_detail"), self._entry.get("summary_detail")]
        inner = next((detail["language"] for detail in details if detail and detail.get("language")), "")
        said = language_tag(str(self._entry.get("language") or "")) or language_tag(str(inner))
        inherited = self._feed.source_language or self._feed.language
        return inherited if said is None or said == self._feed.language else said

    def _origin(self) -> Origin:
        given = self._entry.get("source")
        if isinstance(given, dict) and given:
            return _origin(given, self._feed.url, fallback=None) or self._feed.origin
        return self._feed.origin


def _origin(feed: dict[str, Any], url: str, *, fallback: Origin | None) -> Any:
    """Return where entries come from: a feed's own words about itself, or an `atom:source` or RSS `source`."""
    title = _text(feed, "title")
    own = next((link.get("href") for link in feed.get("links") or () if link.get("rel") == "self"), None)
    if fallback is not None:
        address = attached.fetched(own, url)
        return Origin(title=title or fallback.title, id=_id(feed), url=address or fallback.url, link=fallback.link)
    address = attached.fetched(own or feed.get("href"), url)
    link = attached.fetched(feed.get("link"), url)
    if not (title or address or link):
        return None
    host = urlsplit(link or address or "").hostname or ""
    return Origin(title=title or host, id=_id(feed), url=address, link=link)


def _id(feed: dict[str, Any]) -> str | None:
    """Return the id of a feed if it is an absolute IRI (RFC 4287 section 4.2.6)."""
    text = plain(str(feed.get("id") or ""))[:1000]
    return text if _IRI.fullmatch(text) else None


def _text(holder: dict[str, Any], key: str) -> str:
    """Return a text construct as one line of plain text, by the type that it has or seems to have."""
    kind = (holder.get(f"{key}_detail") or {}).get("type")
    text = str(holder.get(key) or "")
    return title_text(text, html=kind in _HTML or _LINK.search(text) is not None)


def _persons(raw: object, base: str | None) -> tuple[Person, ...]:
    people = [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
    return merged(person(one.get("name"), email=one.get("email"), uri=one.get("href"), base=base) for one in people)


def _categories(entry: dict[str, Any]) -> tuple[Category, ...]:
    found: dict[tuple[str, str | None], Category] = {}
    for tag in entry.get("tags") or ():
        label = _word(tag.get("label"))
        term = _word(tag.get("term")) or label
        scheme = plain(str(tag.get("scheme") or "")) or None
        if term:
            found.setdefault((term, scheme), Category(term=term, scheme=scheme, label=label or None))
    return tuple(found.values())


def _word(value: object) -> str:
    """Return a category's name; the many that are escaped twice are understood."""
    text = str(value or "")
    return title_text(text, html="&" in text or bool(_MARKUP.search(text)))
