"""Any XML that calls itself a feed -> a bounded, well-formed document that a feed parser can be trusted with.

The number of elements and the size of what a parser works on in more than linear time are bounded here, markup inside
texts becomes text, and what a parser would mix up is told apart. This module must not know what the items mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.model import Hints
from feedmill.normalize import feedepisodes, feedhints
from feedmill.normalize.feedepisodes import ITUNES
from feedmill.normalize.feedrepair import NAME_LETTERS, read_xml

__all__ = ["FeedXML", "prepare"]

_MOST_ELEMENTS = 500_000  # a feed of 10 MiB has far fewer
_MOST_ATTRIBUTES = 100  # of one element
_MOST_CATEGORIES = 500  # of one entry
_LONGEST_SHORT = 2000  # characters of a name, date or list of words
_LONGEST_BASE = 2000
_LONG = 100  # characters; below that no text is worth a look

_MEDIA = frozenset({"http://search.yahoo.com/mrss", "http://search.yahoo.com/mrss/"})
_GML = "http://www.opengis.net/gml"
_POSITIONS = frozenset({"pos", "poslist"})
_SHAPES = frozenset({"point", "linestring", "polygon"})
_SRS = re.compile(r"(?:.{0,200}:)?\d{1,9}")

_ITEMS = frozenset({"item", "entry"})
_BODIES = frozenset({"description", "summary", "content", "encoded", "body", "fullitem"})
_TEXTS = _BODIES | {"title", "subtitle", "tagline", "info", "rights", "copyright", "abstract"}
_NAMES = frozenset({"author", "creator", "contributor", "managingeditor", "webmaster", "publisher", "owner", "name"})
_DATES = frozenset({"date", "pubdate", "published", "updated", "issued", "modified", "created", "lastbuilddate"})
_CATEGORIES = frozenset({"category", "subject", "keywords", "tags"})
_SHORT = _NAMES | _DATES | _CATEGORIES | {"email", "uri", "expirationdate", "language", "width", "height"}
_XHTML = frozenset({"xhtml", "application/xhtml+xml", "xml"})
_MARKUP_TYPES = _XHTML | {"", "text", "html", "text/plain", "text/html"}

# What is kept of a feed that is too strange as a whole.
_CORE = (
    _TEXTS
    | _DATES
    | {
        "rss",
        "rdf",
        "feed",
        "channel",
        "item",
        "entry",
        "items",
        "seq",
        "li",
        "link",
        "guid",
        "id",
        "author",
        "creator",
    }
    | {"name", "email", "uri", "comments", "enclosure"}
)


@dataclass(slots=True)
class FeedXML:
    """A document that is safe to parse. `root` is the name of its root element, `hints` what it says about when to ask
    again; `problems` says what was wrong."""

    body: bytes
    root: str
    hints: Hints
    problems: list[str] = field(default_factory=list)


def prepare(text: str, *, core: bool = False) -> FeedXML:
    """Return the feed in `text` as well-formed UTF-8 without prolog, entities, comments and elements inside texts.

    With `core` only the elements that every entry needs are left.

    Raises:
        NormalizeError: it is no XML at all, or larger than any feed.
    """
    root, problem = read_xml(text)
    if float(str(root.xpath("count(//*)"))) > _MOST_ELEMENTS:
        raise NormalizeError(f"it has more than {_MOST_ELEMENTS:,} elements, which no feed has")
    name = _local(root)
    said = feedhints.hints(root)
    _flatten(root)
    if core:
        for element in [one for one in _elements(root) if _local(one) not in _CORE or _space(one) in _MEDIA]:
            _remove(element)
    for element in list(_elements(root)):
        _bound(element)
    for item in [element for element in _elements(root) if _local(element) in _ITEMS]:
        _tidy_item(item)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return FeedXML(body, name, said, [problem] if problem else [])


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return root.iter(etree.Element)


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _space(element: etree._Element) -> str:
    return str(element.tag)[1:].partition("}")[0].lower() if str(element.tag).startswith("{") else ""


def _flatten(root: etree._Element) -> None:
    """Turn elements inside of texts (XHTML, or HTML that somebody forgot to escape) into escaped HTML."""
    texts = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        is_markup = len(element) > 0 or _type(element) in _XHTML
        if is_markup and _local(element) in _TEXTS and _space(element) not in _MEDIA:
            texts.append(element)
            walk.skip_subtree()
    for element in texts:
        html = _inner_html(element) if _type(element) in _MARKUP_TYPES else ""
        del element[:]
        element.text = html
        if html:
            element.attrib.pop("mode", None)
            element.set("type", "text/html")


def _type(element: etree._Element) -> str:
    return (element.get("type") or element.get("mode") or "").strip().lower()


def _inner_html(element: etree._Element) -> str:
    for inner in element.iter(etree.Element):
        if inner is not element:
            inner.tag = NAME_LETTERS.sub("", _local(inner)) or "span"
    holder = element
    if (
        len(element) == 1
        and element[0].tag == "div"
        and not (element.text or "").strip() + (element[0].tail or "").strip()
    ):
        holder = element[0]  # the <div> that RFC 4287 section 4.2.3.1 (3) wants is not part of the content
    etree.cleanup_namespaces(holder)
    parts = [escape(holder.text or "", quote=False)]
    parts += [etree.tostring(inner, encoding="unicode", method="html") for inner in holder]
    return "".join(parts)


def _bound(element: etree._Element) -> None:
    """Cut what a feed parser needs more than linear time for, or fails on."""
    text, name = element.text, _local(element)
    if " " in _space(element):
        element.tag = name  # expat cannot tell such a namespace from the name
    if text and len(text) > _LONG:
        if name in _SHORT and len(text) > _LONGEST_SHORT:
            element.text = text[:_LONGEST_SHORT]
        elif "]]>" not in text:
            element.text = etree.CDATA(text)  # a parser is told of it in few pieces, not one for each reference
    if element.attrib:
        _bound_attributes(element)
    if (
        _space(element) == _GML
        and name in _POSITIONS
        and not any(_local(up) in _SHAPES for up in element.iterancestors())
    ):
        _remove(element)


def _bound_attributes(element: etree._Element) -> None:
    attributes = dict(element.attrib.items())
    for name, value in list(attributes.items()):
        if str(name).rpartition("}")[2].lower() == "base" and len(value) > _LONGEST_BASE:
            del attributes[name]
        if " " in str(name) or (str(name).lower() == "srsname" and not _SRS.fullmatch(str(value))):
            del attributes[name]
    if len(attributes) > _MOST_ATTRIBUTES:
        attributes.clear()
    # A repaired document may even hold an attribute twice.
    if len(attributes) != len(element.attrib):
        element.attrib.clear()
        element.attrib.update(attributes)


def _tidy_item(item: etree._Element) -> None:
    children = [(_local(child), _space(child), child) for child in item]
    has_body = any(
        name in _BODIES and space not in _MEDIA | ITUNES and (child.text or "").strip()
        for name, space, child in children
    )
    if has_body:
        # A caption or a podcast's short text is not another body of the entry.
        for name, space, child in [(_local(each), _space(each), each) for each in _elements(item)]:
            if (name == "description" and space in _MEDIA) or (name == "summary" and space in ITUNES):
                _remove(child)
    categories = [child for name, _, child in children if name in _CATEGORIES]
    for child in categories[_MOST_CATEGORIES:]:
        _remove(child)
    feedepisodes.gather(item)
    for name, space, child in children:
        if name in ("guid", "id") and space not in _MEDIA | ITUNES:
            _keep_verbatim(item, child)


def _keep_verbatim(item: etree._Element, guid: etree._Element) -> None:
    """Make a parser leave the id as it is; as a permalink it becomes the link, if there is none.

    feedparser resolves a permalink guid against the feed's address, and so changes it when the feed moves.
    """
    text = (guid.text or "").strip()
    attribute = next((name for name in guid.attrib if str(name).lower() == "ispermalink"), None)
    permalink = attribute is None or guid.attrib.pop(attribute).strip().lower() != "false"
    guid.set("isPermaLink", "false")
    if permalink and text.lower().startswith(("http://", "https://")) and not any(map(_is_link, item)):
        etree.SubElement(item, "link").text = text


def _is_link(element: etree._Element) -> bool:
    if _local(element) != "link" or _space(element) in _MEDIA | ITUNES:
        return False
    if element.get("href"):
        return element.get("rel", "alternate").lower() == "alternate"
    return bool((element.text or "").strip())


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)
