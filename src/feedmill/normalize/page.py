"""Web pages and sitemaps -> drafts.

A page's articles are found by the selectors of its source, or by themselves; docs/sources.md has the rules. This module
must not know how a page was fetched, or what is stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from feedmill.errors import NormalizeError
from feedmill.model import Document, Fetched, Item, Normalized, Origin, Problem, Selectors, Site, Source, Thumbnail
from feedmill.normalize import page_parts as parts
from feedmill.normalize import sitemap
from feedmill.normalize.identity import canonical_url
from feedmill.normalize.page_auto import find_blocks
from feedmill.normalize.page_dates import shown_date
from feedmill.normalize.page_parts import Block
from feedmill.normalize.page_select import items, values, whole
from feedmill.normalize.page_tree import MOST_ELEMENTS, Element, Page, decode_page, read_page
from feedmill.normalize.plaintext import summarize
from feedmill.normalize.sanitize import html_to_text, sanitize
from feedmill.normalize.selectors import without
from feedmill.normalize.upstream import Batch, Times

__all__ = ["normalize"]

_LONGEST_TITLE = 500
_LONGEST_SUMMARY = 1000
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_FIRST_ELEMENT = re.compile(r"<[A-Za-z_]")
_MARKUP = re.compile(r"<[A-Za-z!]")
_HEAD = 64 * 1024


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the articles that a page or sitemaps list, in their order.

    A sitemap of an index that cannot be read is reported; if none can, that is an error.

    Raises:
        NormalizeError: it is no web page or sitemap, or no article is found on it.
    """
    batches: list[Batch] = []
    failures: list[NormalizeError] = []
    for document in fetched.documents:
        batch = Batch(source, site, document, now)
        try:
            _read(source, site, document, batch, now)
        except NormalizeError as error:
            error.where = error.where or document.url or document.name
            failures.append(error)
        else:
            batches.append(batch)
    if failures and not batches:
        raise failures[0]
    return Normalized(
        drafts=tuple(draft for batch in batches for draft in batch.drafts()),
        problems=(
            *(problem for batch in batches for problem in batch.problems()),
            *(Problem(where=error.where, message=f"{error.what}. {error.hint}") for error in failures),
        ),
    )


def _read(source: Source, site: Site, document: Document, batch: Batch, now: datetime) -> None:
    decoded = decode_page(document)
    if decoded.problem:
        batch.problem(decoded.problem)
    text = decoded.text.lstrip("\ufeff \t\r\n")
    if sitemap.is_sitemap(text):
        sitemap.read(text, source, site, document, batch, now)
        return
    _refuse_others(text)
    page = read_page(text, document.url or document.name)
    if page.cut:
        batch.problem(f"the page is too large: only {MOST_ELEMENTS} of its elements, or fewer, were read")
    _Reader(source, site, page, batch, now).read()


def _refuse_others(text: str) -> None:
    if not text:
        raise NormalizeError("an empty body came instead of a page", hint="Open the address in a browser")
    first = _FIRST_ELEMENT.search(text, 0, _HEAD)
    if first is not None and _FEED.match(text, first.start()):
        raise NormalizeError("this is a feed, not a page", hint='Write kind = "feed" for this source')
    if not _MARKUP.search(text, 0, _HEAD):
        raise NormalizeError("this is neither an HTML page nor a sitemap", hint="Open the address in a browser")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What an article was found to say."""

    title: str
    url: str | None
    when: datetime | None
    content: str
    summary: str
    image: str | None


class _Reader:
    """Reads the articles of one page into a batch."""

    def __init__(self, source: Source, site: Site, page: Page, batch: Batch, now: datetime) -> None:
        self._page = page
        self._batch = batch
        self._now = now
        self._select = source.select
        self._zone = source.timezone or site.timezone
        self._language = source.language or page.language
        self._origin = Origin(title=page.name or urlsplit(page.url).hostname or source.name, link=page.url)
        self._strip = source.treatment.strip
        self._missed: Counter[str] = Counter()

    def read(self) -> None:
        found = list(self._selected(self._select) if self._select else self._automatic())
        said = [one for one in found if one.title or one.url]
        if not said:
            hint = "Name the parts of an article by select; docs/sources.md shows how"
            raise NormalizeError("no article on this page has a title or a link", hint=hint)
        if len(said) < len(found):
            self._batch.problem(f"{len(found) - len(said)} of {len(found)} articles have neither title nor link")
        for part, count in self._missed.items():
            if count == len(found):
                message = f"the selector {part} finds nothing in any of {count} articles: the page may have changed"
                self._batch.problem(f"{message}; correct select")
        shared = Counter(canonical_url(one.url) for one in said if one.url)
        for one in said:
            self._add(one, shared)

    def _add(self, one: _Parts, shared: Counter[str]) -> None:
        item = Item(
            title=one.title,
            url=one.url,
            summary=one.summary,
            content=one.content,
            thumbnails=(Thumbnail(url=one.image),) if one.image else (),
            language=self._language,
            origin=self._origin,
        )
        self._batch.add(item, guid=self._guid(one, shared), times=Times(published=one.when), text="")

    def _guid(self, one: _Parts, shared: Counter[str]) -> str | None:
        """Return what tells an article from others that the same address belongs to; None where the address does."""
        key = canonical_url(one.url) if one.url else ""
        if not key or (shared[key] == 1 and key != canonical_url(self._page.url)):
            return None
        return f"{key} {one.title}"

    def _automatic(self) -> Iterator[_Parts]:
        blocks = find_blocks(self._page, self._zone, self._now)
        if not blocks:
            what = "no articles were found on this page: no three blocks of it are alike and have a link and a title"
            hint = "Say by select where they are; or the page has changed, or is filled in by scripts"
            raise NormalizeError(what, hint=hint)
        for block, own in blocks:
            yield self._usual(block, own)

    def _usual(self, block: Block, own: Element | None = None) -> _Parts:
        linked, url = parts.link(block, self._page.base, own=own)
        title = parts.title(block, linked)
        return _Parts(
            title=title,
            url=url,
            when=parts.date(block, title, self._zone, self._now),
            content="",
            summary=parts.teaser(block, title),
            image=parts.image(block, self._page.base),
        )

    # --- by selectors

    def _selected(self, select: Selectors) -> Iterator[_Parts]:
        for element in items(self._page, select.item):
            usual = self._usual((element,))
            if select.title:
                usual = replace(usual, title=self._title(element, select.title) or usual.title)
            if select.link:
                usual = replace(usual, url=self._link(element, select.link) or usual.url)
            if select.date:
                usual = replace(usual, when=self._date(element, select.date, usual.title))
            if select.image:
                usual = replace(usual, image=self._image(element, select.image))
            if select.body:
                usual = self._with_body(element, select.body, usual)
            yield usual

    def _title(self, element: Element, selector: str) -> str:
        for _, value in values(element, selector):
            if title := summarize(value, _LONGEST_TITLE):
                return title
        self._missed["title"] += 1
        return ""

    def _link(self, element: Element, selector: str) -> str | None:
        for one, value in values(element, selector):
            if "@" in selector and (url := parts.address(value, self._page.base)):
                return url
            _, url = parts.link((one,), self._page.base)
            if url:
                return url
        self._missed["link"] += 1
        return None

    def _date(self, element: Element, selector: str, title: str) -> datetime | None:
        shown = ""
        for one, value in values(element, selector):
            for text in (one.get("datetime", ""), value):
                moment = shown_date(text, self._zone, self._now)
                if moment is not None and moment <= self._now:
                    return moment
                shown = shown or text
                if moment is not None:
                    message = f"the date {text[:60]!r} is in the future: the time of the first look counts"
                    self._batch.problem(message, where=title or None)
                    return None
        if shown:
            message = f"the date {shown[:60]!r} cannot be read: the time of the first look counts"
            self._batch.problem(message, where=title or None)
        else:
            self._missed["date"] += 1
        return None

    def _image(self, element: Element, selector: str) -> str | None:
        for one, value in values(element, selector):
            named = value if "@" in selector else ""
            if url := parts.address(named, self._page.base) or parts.image_of(one, self._page.base):
                return url
            if url := parts.image((one,), self._page.base):
                return url
        self._missed["image"] += 1
        return None

    def _with_body(self, element: Element, selector: str, usual: _Parts) -> _Parts:
        markup = without("".join(whole(element, selector)), self._strip)
        content = sanitize(markup, base=self._page.base) if markup else ""
        if not content:
            self._missed["body"] += 1
            return usual
        return replace(usual, content=content, summary=summarize(html_to_text(content)) or usual.summary)
