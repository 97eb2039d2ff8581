"""Subscription lists (OPML 1.0, 1.1 and 2.0) -> the feeds that they name.

An outline with an `xmlUrl` is a feed, whatever else it has or lacks: programs that write such lists agree on no more.
This module must not know how a list was fetched, or which of its feeds are known already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from feedmill.config.values import shown
from feedmill.errors import NormalizeError
from feedmill.model import Document, Fetched, Normalized, Problem, Site, Source, Subscription
from feedmill.normalize.feedrepair import read_xml
from feedmill.normalize.feedtext import decode
from feedmill.normalize.identity import canonical_url, digest
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import plain

__all__ = ["handle", "normalize"]

_MOST = 5_000  # feeds of one list
_MOST_ELEMENTS = 100_000
_MOST_CATEGORIES = 20  # of one feed
_MOST_PROBLEMS = 20
_LONGEST_TEXT = 200  # characters of a title or category
_LONGEST_SLUG = 40
_FEEDS = frozenset({"rss", "feed", "rdf", "channel"})
_BY_URL = frozenset({"rss", "atom", "feed"})  # types of outlines whose feed some programs put into `url`
_ATTRIBUTES = frozenset({"text", "title", "type", "xmlurl", "url", "category", "iscomment"})
_NOT_PLAIN = re.compile("[^a-z0-9]+")
# What browsers once handed over to feed readers: `feed://example.org/rss`, `feed:https://example.org/rss`.
_HANDED_OVER = re.compile(r"\s*(?:feed|itpc|pcast):(?://)?(?=(https?:)?)", re.IGNORECASE)


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the feeds that a list names, in its order, each once.

    A list that is so damaged that something may be missing counts as read in part: it is among `failed`.

    Raises:
        NormalizeError: it is no OPML, or so broken that not one feed can be read.
    """
    if not fetched.documents:
        return Normalized()
    reading = _Reading(source)
    for document in fetched.documents:
        reading.read(document)
    return Normalized(
        subscriptions=tuple(reading.feeds.values()),
        failed=frozenset(reading.damaged),
        problems=tuple(reading.told()),
    )


def handle(url: str) -> str:
    """Return the permanent name of a feed within a list: words of its address, and a digest of it.

    It depends on the canonical form alone, so that http or https, `www.` and the like make no other feed of it.
    """
    key = canonical_url(url)
    slug = _NOT_PLAIN.sub("-", key.partition("?")[0].lower()[:1000]).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{slug}-{digest(key.encode())[:8]}".lstrip("-")


@dataclass(slots=True)
class _Reading:
    """What is read of a list: its feeds by name, what was wrong, and which documents were read only in part."""

    source: Source
    feeds: dict[str, Subscription] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    surplus: int = 0

    def read(self, document: Document) -> None:
        text = decode(document.body, document.charset)
        hint = "Give the address or file of an OPML document; the feeds that it listed before stay"
        try:
            root, wrong, whole = read_xml(text.text)
        except NormalizeError:
            raise NormalizeError("there is no OPML in it", hint=hint) from None
        name = _local(root)
        if name in _FEEDS:
            what = "this is a feed, not a list of feeds"
            raise NormalizeError(what, hint='Give it a source of kind = "feed" of its own')
        if name != "opml":
            what = "an HTML page" if name == "html" else f"XML with the outermost element <{name[:50]}>"
            raise NormalizeError(f"this is {what}, not a list of feeds (OPML)", hint=hint)
        if float(str(root.xpath("count(//*)"))) > _MOST_ELEMENTS:
            raise NormalizeError(f"it has more than {_MOST_ELEMENTS:,} elements, which no list of feeds has", hint=hint)
        body = next((child for child in root.iterchildren(etree.Element) if _local(child) == "body"), None)
        if body is not None:
            self._outlines(body)
        if not self.feeds and (body is None or not whole):
            what = "this OPML has no <body>" if body is None else f"nothing of it can be read: {wrong}"
            raise NormalizeError(what, hint=hint)
        if wrong:
            left = "" if whole else "; feeds that are missing from it now are not taken for removed"
            self.problems.append(f"{wrong}{left}")
        if text.problem:
            self.problems.append(text.problem)
        if not whole:
            self.damaged.add(document.name)

    def told(self) -> Iterator[Problem]:
        """Yield what was wrong: the first ones, and how many more there are."""
        messages = self.problems[:_MOST_PROBLEMS]
        if len(self.problems) > _MOST_PROBLEMS:
            messages.append(f"and {len(self.problems) - _MOST_PROBLEMS} more problems")
        if self.surplus:
            messages.append(f"it lists {_MOST + self.surplus:,} feeds; the first {_MOST:,} are collected")
        return (Problem(where=self.source.name, message=message) for message in messages)

    def _outlines(self, body: etree._Element) -> None:
        """Read all outlines, with the names of the folders that they are in. No nesting is too deep for this."""
        folders: list[str] = []
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if element is body or not isinstance(element.tag, str) or _local(element) != "outline":
                continue
            told = _told(element)
            if event == "end":
                if folders:
                    folders.pop()
            elif told.get("iscomment", "").strip().lower() == "true":
                walk.skip_subtree()  # it and all below it are commented out (OPML 2.0)
                folders.append("")
            else:
                is_feed = self._outline(told, folders)
                folders.append("" if is_feed else _text(told))

    def _outline(self, told: Mapping[str, str], folders: list[str]) -> bool:
        """Take one outline for what it is; return whether it is a feed."""
        kind, url = told.get("type", "").strip().lower(), told.get("url", "").strip()
        address = told.get("xmlurl", "").strip() or (url if kind in _BY_URL else "")
        title = _text(told)
        if not address:
            if kind == "include" or (kind == "link" and url.lower().endswith(".opml")):
                what = f"it includes another list, {shown(url)}, which is not followed; give that a source of its own"
                self.problems.append(what)
            return False
        if "+" in kind and "/" not in kind:  # FreshRSS: HTML+XPath and the like, which are pages to be searched
            self.problems.append(f"{shown(title or address)} is of type {shown(kind)}, which is no feed; skipped")
            return True
        resolved = absolute(_web(address), None, schemes=MEDIA_SCHEMES)
        if resolved is None:
            what = f"the address {shown(address)} is none that can be asked: it must begin with http:// or https://"
            self.problems.append(f"{what}; skipped")
            return True
        name = f"{self.source.name}/{handle(resolved)}"
        if name in self.feeds:
            return True
        if len(self.feeds) >= _MOST:
            self.surplus += 1
            return True
        terms = [*folders, *re.split("[,/]", told.get("category", "")[:2000])]
        categories = dict.fromkeys(filter(None, (plain(term)[:_LONGEST_TEXT] for term in terms[-100:])))
        self.feeds[name] = Subscription(
            name=name, url=resolved, title=title, categories=tuple(categories)[:_MOST_CATEGORIES]
        )
        return True


def _told(element: etree._Element) -> dict[str, str]:
    """Return what counts of an outline's attributes, by their names in small letters; the first of two has its say.

    Values are asked for one by one: all at once would take lxml more than linear time.
    """
    names: dict[str, str] = {}
    for key in map(str, element.keys()):
        name = key.lower()
        if name in _ATTRIBUTES:
            names.setdefault(name, key)
    return {name: str(element.get(key)) for name, key in names.items()}


def _web(address: str) -> str:
    """Return an address with the scheme that is meant by one of a feed reader's own."""
    match = _HANDED_OVER.match(address)
    if match is None:
        return address
    return address[match.end() :] if match[1] else f"http://{address[match.end() :]}"


def _text(told: Mapping[str, str]) -> str:
    """Return what an outline is called: `text` in OPML, `title` in what leaves that out."""
    return plain((told.get("text") or told.get("title") or "")[: _LONGEST_TEXT * 5])[:_LONGEST_TEXT]


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
