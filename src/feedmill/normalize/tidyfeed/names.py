"""What feedparser knows an element by, and whether it matters: the names of a feed in order.

This module must not know what is in an element.
"""

from __future__ import annotations

from collections.abc import Mapping

from feedparser.api import StrictFeedParser
from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict
from lxml import etree

__all__ = ["IN_IMAGE", "OF_A_FEED", "OUTSIDE", "UNDERSTOOD", "Names", "Unusual"]

_PREFIXES: Mapping[str, str] = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
_KNOWN_PREFIXES = frozenset(filter(None, _PREFIXES.values())) | {"title", "summary", "rights", "subtitle", "xml"}
_READ = frozenset([
    *FeedParserDict.keymap, "id", "title", "link", "links", "summary", "content", "authors", "author", "contributors",
    "tags", "published", "updated", "created", "language", "rights", "comments", "source", "image", "where", "href",
    "media_content", "media_thumbnail", "geo_lat", "geo_long", "geo_lon", "wfw_commentrss", "title_detail",
    "summary_detail", "rights_detail", "author_detail", "feedmill-episode", "entries", "feed",
])  # fmt: skip
"""What is looked up in feedparser's dictionaries: no element that is not understood may be kept under such a name."""

OF_AN_ENTRY = frozenset([
    "title", "description", "summary", "content", "content:encoded", "dc:description", "media:description",
    "itunes:summary", "media:title", "rights", "copyright", "dc:rights", "published", "pubdate", "issued",
    "dcterms:issued", "updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified", "created",
    "dcterms:created", "language", "dc:language", "guid", "id", "author", "dc:creator", "dc:author", "itunes:author",
    "contributor", "category", "keywords", "dc:subject", "media:category", "itunes:keywords", "media:keywords", "link",
    "comments", "wfw:commentrss", "enclosure", "media:content", "media:thumbnail", "media:group", "itunes:image",
    "source",
])  # fmt: skip
"""Elements that `entry` reads."""

OF_A_FEED = frozenset([
    "description", "summary", "pubdate", "lastbuilddate", "published", "updated", "modified", "issued", "created",
    "dc:date", "category", "keywords", "dc:subject", "managingeditor", "dc:description", "itunes:summary",
    "itunes:keywords", "itunes:image", "media:thumbnail", "media:content", "media:keywords", "media:category",
    "media:description", "dcterms:issued", "dcterms:modified", "dcterms:created", "itunes:name", "itunes:email",
    "image", "textinput", "itunes:owner", "itunes:category", "url", "href", "width", "height", "name",
])  # fmt: skip
"""Elements of a feed itself that say nothing of its entries."""

_OF_A_PERSON = frozenset(["name", "email", "uri", "url", "homepage"])
OUTSIDE = (OF_A_FEED | _OF_A_PERSON) - OF_AN_ENTRY
"""Elements that an entry in order does not have."""

UNDERSTOOD = OF_AN_ENTRY | OUTSIDE
IN_IMAGE = frozenset(["title", "link", "description", "name", "url", "href", "width", "height"])
_HARMLESS = frozenset([
    "generator", "webmaster", "expirationdate", "subtitle", "tagline", "info", "newlocation", "cloud",
    "feedburner:browserfriendly", "dc:publisher", "dcterms:valid", "cc:license", "creativecommons:license",
    "itunes:subtitle", "itunes:block", "itunes:explicit", "admin:generatoragent", "admin:errorreportsto",
    "psc:chapters", "psc:chapter", "media:rating", "media:credit", "media:restriction", "media:license",
    "media:player",
])  # fmt: skip
"""What feedparser does something with that nobody asks for."""

_ITEMS_AND_IDS = frozenset(["item", "entry", "guid", "id"])


class Unusual(Exception):
    """It may be more than is understood here."""


class Names:
    """The names of one document's elements. Raises Unusual if its prefixes are not bound as everybody binds them."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._names: dict[str, str] = {}
        self._check_prefixes()

    def of(self, element: etree._Element) -> str:
        """Return the name that feedparser knows an element by; "" for one that it knows nothing of.

        Raises:
            Unusual: it is none of those that are understood, and could matter.
        """
        name = self._names.get(element.tag)
        if name is None:
            name = self._names[element.tag] = self._of(element)
        return name

    def _of(self, element: etree._Element) -> str:
        space, _, local = element.tag.rpartition("}")
        space, local = space.removeprefix("{").lower(), local.lower()
        if "backend.userland.com/rss" in space:
            raise Unusual
        prefix = _PREFIXES.get(space)
        if prefix is None:
            # It goes by the prefix that the document has for it, and without one is taken for RSS's own.
            uses = [one for one, uri in self._root.nsmap.items() if one and uri.lower() == space]
            own: str | None = element.prefix
            if uses != ([own] if own else []):
                raise Unusual
            prefix = (own or "").lower()
            name = "" if prefix else local
        else:
            name = f"{prefix}:{local}" if prefix else local
        if name in UNDERSTOOD or name in _HARMLESS:
            return name
        key = f"{prefix}_{local}" if prefix else local
        handled = hasattr(StrictFeedParser, f"_start_{key}") or hasattr(StrictFeedParser, f"_end_{key}")
        if handled or key in _READ or local in _ITEMS_AND_IDS:
            raise Unusual
        return name

    def _check_prefixes(self) -> None:
        for prefix, uri in self._root.nsmap.items():
            known = _PREFIXES.get(uri.lower())
            if prefix and prefix.lower() in _KNOWN_PREFIXES and known not in (None, prefix.lower()):
                raise Unusual
