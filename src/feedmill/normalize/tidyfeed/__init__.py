"""A feed that is in order as it comes, as most are: what feedparser would make of it, read from its tree.

In order is well-formed UTF-8, RSS 2.0's or Atom 1.0's structure, names that are bound as everybody binds them, and
nothing whose meaning depends on what stood before it. The rest is refused, and left to feedparser; the tests hold both
to the same results. This module must not know what becomes of an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedparser.urls import make_safe_absolute_uri
from lxml import etree

from feedmill.model import Hints
from feedmill.normalize import feedepisodes, feedhints
from feedmill.normalize.feedbounds import MOST_ENTRIES
from feedmill.normalize.feedtext import claimed
from feedmill.normalize.tidyfeed.entry import Entry
from feedmill.normalize.tidyfeed.names import IN_IMAGE, OF_A_FEED, UNDERSTOOD, Names, Unusual
from feedmill.normalize.tidyfeed.parts import MOST_CHILDREN, Parts, Raw, Scope, resolved

__all__ = ["TidyFeed", "read"]

_LARGEST = 4_000_000  # bytes
_MOST_NODES = 200_000  # elements, and twice the attributes
_MOST_MARKS = 150_000  # tags and references
_MOST_LOOKED_UP = 1_000_000  # declarations of prefixes, for all elements

_ATOM = "http://www.w3.org/2005/Atom"
_SAYING = frozenset(["about", "lastmod", "href"])


@dataclass(frozen=True, slots=True)
class TidyFeed:
    """What feedparser would say of a feed: `entries` and `feed` have its names for all that is looked up."""

    version: str
    feed: Raw
    entries: list[Raw]
    hints: Hints


def read(body: bytes, charset: str | None, address: str) -> TidyFeed | None:
    """Return what a feed says, None if it is not in order; `charset` is what its server says, `address` where it is."""
    root = _tree(body, charset)
    if root is None:
        return None
    try:
        return _Feed(root, address).read()
    except Unusual:
        return None


def _tree(body: bytes, charset: str | None) -> etree._Element | None:
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if set(claimed(body, charset)) - {"utf-8"} or len(body) > _LARGEST:
        return None
    tags = body.count(b"<")
    if tags + 2 * body.count(b"=") > _MOST_NODES or tags + body.count(b"&") > _MOST_MARKS:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    is_rss = root.tag == "rss" and len(root) == 1 and root[0].tag == "channel"
    if root.getroottree().docinfo.internalDTD is not None or not (is_rss or root.tag == f"{{{_ATOM}}}feed"):
        return None
    return root if _means_one_thing(root, body) else None


def _means_one_thing(root: etree._Element, body: bytes) -> bool:
    """Whether each prefix means the same in the whole document."""
    here = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    declared = body.count(b"xmlns:")
    if declared == len(here):
        return True
    if declared * body.count(b"<") > _MOST_LOOKED_UP:
        return False
    return all(element.nsmap.items() - here.items() <= {(None, element.nsmap.get(None))} for element in root.iter())


class _Feed:
    """Reads the tree of a feed."""

    def __init__(self, root: etree._Element, address: str) -> None:
        self._root = root
        self._address = address
        self._is_atom = root.tag != "rss"
        self._item = f"{{{_ATOM}}}entry" if self._is_atom else "item"
        self._scope = Scope(make_safe_absolute_uri(address, address) or address)
        self._parts = Parts(Names(root), is_atom=self._is_atom)

    def read(self) -> TidyFeed:
        root = self._root
        scope = self._parts.within(root, self._scope)
        channel, feed, entries = root, Raw(), list[Raw]()
        if not self._is_atom:
            channel = root[0]
            self._check_attributes(channel)
            scope = self._parts.within(channel, scope)
        if scope.language:
            feed["language"] = scope.language.replace("_", "-")
        has_episodes = not feedepisodes.NAMESPACES.isdisjoint(uri.lower() for uri in root.nsmap.values())
        titles = 0
        for child in self._parts.children(channel):
            if child.tag == self._item:
                if len(entries) >= MOST_ENTRIES:
                    raise Unusual
                self._check_attributes(child)
                entries.append(
                    Entry(self._parts, has_episodes=has_episodes).read(child, self._parts.within(child, scope))
                )
                continue
            name = self._parts.name(child)
            titles += name == "title"
            read = self._FEED.get(name)
            if read is not None:
                read(self, feed, child, self._parts.within(child, scope))
            else:
                self._check_ignored(child, name)
        if titles > 1 or len(channel) - len(entries) > MOST_CHILDREN:
            raise Unusual
        return TidyFeed("atom10" if self._is_atom else "rss20", feed, entries, feedhints.hints(root, self._address))

    def _check_attributes(self, element: etree._Element) -> None:
        """Refuse a channel or item whose attributes say something."""
        if element.attrib and not _SAYING.isdisjoint(self._parts.attributes(element)):
            raise Unusual

    def _check_ignored(self, element: etree._Element, name: str) -> None:
        """Refuse an element outside of entries that is not understood and could matter."""
        if name in ("image", "textinput"):
            fine = all(self._parts.name(inner) in IN_IMAGE and not len(inner) for inner in element)
        elif name in ("skiphours", "skipdays", "itunes:owner", "itunes:category"):
            fine = not any(self._parts.name(inner) in ("title", "link", "author", "id") for inner in element)
        elif name in ("author", "dc:creator", "dc:author", "itunes:author", "contributor"):
            fine = not self._is_atom or name == "contributor"
        else:
            fine = not len(element) and (name in OF_A_FEED or name not in UNDERSTOOD)
        if not fine or len(element) > MOST_CHILDREN:
            raise Unusual

    def _title(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        feed["title_detail"] = said = self._parts.construct(element, "text/plain", scope)
        feed["title"] = said["value"]

    def _rights(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        feed["rights_detail"] = said = self._parts.construct(element, "text/plain", scope)
        feed["rights"] = said["value"]

    def _language(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        feed["language"] = self._parts.word(element)

    def _id(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        if not self._is_atom:
            raise Unusual
        text = self._parts.word(element)
        feed["id"] = text and resolved(scope.base, text)
        feed.setdefault("link", feed["id"])

    def _author(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        if self._is_atom:
            self._parts.author(feed, element, scope)

    def _link(self, feed: Raw, element: etree._Element, scope: Scope) -> None:
        self._parts.link(feed, element, scope)

    _FEED: Mapping[str, Callable[[_Feed, Raw, etree._Element, Scope], None]] = {
        "title": _title,
        "link": _link,
        **dict.fromkeys(("rights", "copyright", "dc:rights"), _rights),
        **dict.fromkeys(("language", "dc:language"), _language),
        "id": _id,
        "author": _author,
    }
