"""The names of a feed's elements, whatever its version calls them, and how they are taken out of a tree.

This module must not know what is done with an element.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

__all__ = ["BODIES", "CATEGORIES", "CORE", "DATES", "ITEMS", "NAMES", "TEXTS", "elements", "local", "remove"]

ITEMS = frozenset({"item", "entry"})
BODIES = frozenset({"description", "summary", "content", "encoded", "body", "fullitem"})
TEXTS = BODIES | {"title", "subtitle", "tagline", "info", "rights", "copyright", "abstract"}
NAMES = frozenset({"author", "creator", "contributor", "managingeditor", "webmaster", "publisher", "owner", "name"})
DATES = frozenset({"date", "pubdate", "published", "updated", "issued", "modified", "created", "lastbuilddate"})
CATEGORIES = frozenset({"category", "subject", "keywords", "tags"})

CORE = (
    TEXTS
    | DATES
    | {"rss", "rdf", "feed", "channel", "item", "entry", "items", "seq", "li", "link", "guid", "id", "author"}
    | {"creator", "name", "email", "uri", "comments", "enclosure"}
)
"""What is kept of a feed that is too strange as a whole."""


def elements(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements of a tree, in the order of the document."""
    return root.iter(etree.Element)


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def remove(element: etree._Element) -> None:
    """Take an element out of its tree, with the text behind it."""
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)
