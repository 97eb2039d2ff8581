"""Sitemaps and news sitemaps (sitemaps.org protocol 0.9, Google News) -> items.

Only the newest addresses count, since a sitemap lists all that a site has. This module must not know HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.model import Category, Document, Item, Origin, Site, Source, Thumbnail
from feedmill.normalize.dates import article_date
from feedmill.normalize.identity import canonical_url
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import plain, summarize, xml_safe
from feedmill.normalize.upstream import Batch, Times

__all__ = ["is_sitemap", "read"]

_MOST = 1_000  # addresses that are read, the newest
_MOST_LISTED = 50_000  # the protocol's own limit
_MOST_ELEMENTS = 1_000_000
_LONGEST = 8_000  # characters of a text
_LONGEST_TITLE = 500
_MOST_KEYWORDS = 20
_CHUNK = 64 * 1024
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?(urlset|sitemapindex)[\s>/]")
_FIRST_ELEMENT = re.compile(r"<[A-Za-z_]")
_HEAD = 64 * 1024
# References to halves of a character, as some programs write those beyond U+FFFF: the parser gives up at one.
_HALF = re.compile(
    r"&#(?:[xX]0*[dD][89A-Fa-f][0-9A-Fa-f]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));"
)
_FIELDS = frozenset({"loc", "lastmod", "title", "publication_date", "keywords", "name", "language"})
_SLUG_ENDS = re.compile(r"\.(?:html?|php|aspx?|jsp)$|[-_]\d+$|^(?:\d+[-_])+")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Url:
    """One `<url>`: its texts by name, and its first picture."""

    told: dict[str, str] = field(default_factory=dict)
    image: str = ""


def is_sitemap(text: str) -> bool:
    """Return whether `text` is a sitemap, or an index of sitemaps."""
    return _start(text) is not None


def read(text: str, source: Source, site: Site, document: Document, batch: Batch, now: datetime) -> None:
    """Add the newest addresses of the sitemap in `text` to `batch`, newest first.

    Raises:
        NormalizeError: it is an index, or lists nothing.
    """
    start = _start(text) or 0
    where = document.url or document.name
    if "sitemapindex" in text[start : start + 60]:
        hint = "Give the address of one of the sitemaps that it lists"
        raise NormalizeError("this is an index of sitemaps inside another", where=where, hint=hint)
    listed = _listed(text[start:])
    zone = source.timezone or site.timezone
    dated = [(_dates(url, zone), url) for url in listed]
    dated.sort(key=lambda pair: pair[0].published or _NEVER, reverse=True)
    seen: set[str] = set()
    for times, url in dated:
        address = absolute(url.told.get("loc", ""), where, schemes=MEDIA_SCHEMES)
        if address is None or canonical_url(address) in seen:
            continue
        seen.add(canonical_url(address))
        item = _item(url, address, source, where)
        batch.add(item, guid=None, times=_believed(times, now, batch, item.title), text="")
        if len(seen) >= _MOST:
            break
    if not seen:
        raise NormalizeError("this sitemap lists no address", where=where, hint="Give the address of another sitemap")


def _start(text: str) -> int | None:
    """Return where the root element begins: what stands before it, declarations of entities too, is not read."""
    root = _ROOT.search(text, 0, _HEAD)
    first = _FIRST_ELEMENT.search(text, 0, _HEAD)
    return root.start() if root and first and first.start() == root.start() else None


def _listed(text: str) -> list[_Url]:
    heard = _Sitemap()
    parser = etree.XMLParser(
        target=heard,  # type: ignore[arg-type] # the stubs ask for bytes too
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        encoding="utf-8",
    )
    body = _HALF.sub("", text).encode("utf-8", "replace")
    with suppress(etree.XMLSyntaxError):
        for at in range(0, len(body), _CHUNK):
            parser.feed(body[at : at + _CHUNK])
            if heard.elements > _MOST_ELEMENTS or len(heard.found) > _MOST_LISTED:
                break
        parser.close()
    return heard.found[:_MOST_LISTED]


class _Sitemap:
    """Hears a sitemap from the parser. No tree is built: a sitemap may be as large as any document."""

    def __init__(self) -> None:
        self.found: list[_Url] = []
        self.elements = 0
        self._url = _Url()
        self._open: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        self._open.append(tag.rpartition("}")[2])
        self._text.clear()

    def data(self, text: str) -> None:
        if len(self._text) < 1000:
            self._text.append(text)

    def end(self, tag: str) -> None:
        name = self._open.pop()
        around = self._open[-1] if self._open else ""
        text = xml_safe("".join(self._text)[:_LONGEST]).strip()
        self._text.clear()
        if name == "url":
            self.found.append(self._url)
            self._url = _Url()
        elif around == "image":
            if name == "loc" and not self._url.image:
                self._url.image = text
        elif around != "video" and name in _FIELDS:
            self._url.told.setdefault(name, text)

    def close(self) -> None:
        """Hear the end of the document from the parser."""


def _item(url: _Url, address: str, source: Source, where: str) -> Item:
    told = url.told
    picture = absolute(url.image, where, schemes=MEDIA_SCHEMES)
    terms = dict.fromkeys(filter(None, map(plain, told.get("keywords", "").split(","))))
    return Item(
        title=summarize(told.get("title", ""), _LONGEST_TITLE) or _title_of(address),
        url=address,
        categories=tuple(Category(term=term) for term in list(terms)[:_MOST_KEYWORDS]),
        thumbnails=(Thumbnail(url=picture),) if picture else (),
        language=language_tag(told.get("language", "")) or source.language,
        origin=Origin(title=plain(told.get("name", ""))[:200] or urlsplit(where).hostname or source.name, link=where),
    )


def _dates(url: _Url, zone: str) -> Times:
    """Read the dates: a news sitemap's own one, else that of the last change, as the best that is known."""
    changed = article_date(url.told.get("lastmod", ""), zone)
    return Times(published=article_date(url.told.get("publication_date", ""), zone) or changed, updated=changed)


def _believed(times: Times, now: datetime, batch: Batch, where: str) -> Times:
    if times.published and times.published > now:
        batch.problem("its date is in the future: the time of the first look counts", where=where)
    published, updated = (moment if moment and moment <= now else None for moment in (times.published, times.updated))
    return Times(published=published, updated=updated)


def _title_of(address: str) -> str:
    """Make a title of an address, for sitemaps that have none: `/2026/harga-beras-naik.html` is `Harga beras naik`."""
    parts = [part for part in unquote(urlsplit(address).path).split("/") if part]
    slug = parts[-1] if parts else ""
    for _ in range(2):
        slug = _SLUG_ENDS.sub("", slug) or slug
    words = plain(slug.replace("-", " ").replace("_", " "))[:_LONGEST_TITLE]
    return words[:1].upper() + words[1:] or address
