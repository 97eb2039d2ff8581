"""Sitemap index files: which of the sitemaps that they list hold the news (sitemaps.org, protocol 0.9).

This module must not know how a sitemap is fetched, nor what stands in one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree

__all__ = ["MOST_CHILDREN", "Child", "children", "is_index"]

MOST_CHILDREN = 5
"""How many sitemaps of an index are read at a look."""

_MOST_LISTED = 50_000  # the protocol's own limit
_MOST_ELEMENTS = 500_000
_CHUNK = 64 * 1024  # bytes
_LONGEST = 2048  # characters of an address, likewise
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(sitemapindex)[\s>/]")
_FIRST_ELEMENT = re.compile(rb"<[A-Za-z_]")
_HEAD = 64 * 1024
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
# Sitemaps of lists and of people, as content management systems name them: what they hold are not articles.
_LISTS = re.compile(
    r"(?:^|[^a-z])(?:categor(?:y|ies)|kategori|tags?|taxonom(?:y|ies)|authors?|users?|penulis|images?|videos?|pages?)(?:[^a-z]|$)"
)
_NEWS = re.compile(r"(?:^|[^a-z])(?:google)?news(?:[^a-z]|$)|(?:^|[^a-z])berita(?:[^a-z]|$)")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index lists; `lastmod` is what the index says of its last change, verbatim."""

    url: str
    lastmod: str = ""


def is_index(body: bytes) -> bool:
    """Return whether `body` is a sitemap index."""
    return _start(body) is not None


def children(body: bytes, address: str) -> tuple[Child, ...]:
    """Return the sitemaps in the index `body`, read at `address`, that are worth reading: at most five.

    Only those on the same host count, as the protocol has it. Sitemaps of categories, tags, authors, pages and pictures
    are left out, unless there are no others. The newest by `lastmod` come first, then those that call themselves news,
    then the order of the index.
    """
    host = _host(address)
    listed: dict[str, Child] = {}
    for child in _listed(body, address):
        if _host(child.url) == host and child.url.lower().startswith(("http:", "https:")):
            listed.setdefault(child.url, child)
    found = list(listed.values())
    found = [child for child in found if not _LISTS.search(_name(child.url))] or found
    found.sort(key=lambda child: (_moment(child.lastmod), _NEWS.search(_name(child.url)) is not None), reverse=True)
    return tuple(found[:MOST_CHILDREN])


def _start(body: bytes) -> int | None:
    """Return where the index begins: its prolog is not read, and no entity is declared in it."""
    if body.startswith(_WIDE):
        return None
    root = _ROOT.search(body, 0, _HEAD)
    first = _FIRST_ELEMENT.search(body, 0, _HEAD)
    return root.start() if root and first and first.start() == root.start() else None


def _listed(body: bytes, address: str) -> list[Child]:
    index = _Index(address)
    parser = etree.XMLParser(
        target=index,  # type: ignore[arg-type] # the stubs ask for bytes too
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        encoding="utf-8",
    )
    with suppress(etree.XMLSyntaxError, UnicodeDecodeError):  # the latter at a reference to half a character
        for at in range(_start(body) or 0, len(body), _CHUNK):
            parser.feed(body[at : at + _CHUNK])
            if index.elements > _MOST_ELEMENTS or len(index.found) > _MOST_LISTED:
                break
        parser.close()
    return index.found[:_MOST_LISTED]


class _Index:
    """Hears an index from the parser. No tree is built: an index may be as large as any document."""

    def __init__(self, address: str) -> None:
        self.found: list[Child] = []
        self.elements = 0
        self._address = address
        self._told: dict[str, str] = {}
        self._hears = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        name = tag.rpartition("}")[2]
        self._hears = name if name in ("loc", "lastmod") and name not in self._told else ""

    def data(self, text: str) -> None:
        if self._hears:
            self._told[self._hears] = (self._told.get(self._hears, "") + text)[: _LONGEST * 2]

    def end(self, tag: str) -> None:
        self._hears = ""
        if tag.rpartition("}")[2] != "sitemap":
            return
        loc, lastmod = (self._told.get(name, "").strip() for name in ("loc", "lastmod"))
        self._told = {}
        if loc and len(loc) <= _LONGEST:
            with suppress(ValueError):
                self.found.append(Child(urljoin(self._address, loc), lastmod[:40]))

    def close(self) -> None:
        """Hear the end of the document from the parser."""


def _moment(lastmod: str) -> datetime:
    """Read a W3C date for comparing; none at all is older than any."""
    try:
        moment = datetime.fromisoformat(lastmod)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return _NEVER


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2].lower()
