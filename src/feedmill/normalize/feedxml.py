"""Any XML that calls itself a feed -> a bounded, well-formed document that a feed parser can be trusted with.

What a parser works on in more than linear time is bounded here, markup inside texts becomes text, and what a parser
would mix up is told apart. This module must not know what the items mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from feedmill.model import Hints
from feedmill.normalize import feedepisodes, feedhints
from feedmill.normalize.feedbounds import bound
from feedmill.normalize.feedepisodes import ITUNES
from feedmill.normalize.feednames import BODIES, CATEGORIES, CORE, DATES, ITEMS, NAMES, TEXTS, elements, local, remove
from feedmill.normalize.feedrepair import NAME_LETTERS, ReadXML

__all__ = ["LONGEST_OTHER", "LONGEST_SHORT", "MARKUP_TYPES", "SHORT", "XHTML", "FeedXML", "inner_html", "prepare"]

_MOST_ATTRIBUTES = 100  # of one element
LONGEST_SHORT = 2000  # characters of a name, date or list of words
_LONGEST_BASE = 2000
_LONGEST_ATTRIBUTE = 20_000
LONGEST_OTHER = 100_000  # characters of an element that is no text
_LONG = 100  # characters; below that no text is worth a look

_MEDIA = frozenset({"http://search.yahoo.com/mrss", "http://search.yahoo.com/mrss/"})
_GML = "http://www.opengis.net/gml"
_POSITIONS = frozenset({"pos", "poslist"})
_SHAPES = frozenset({"point", "linestring", "polygon"})
_SRS = re.compile(r"(?:.{0,200}:)?\d{1,9}")

SHORT = NAMES | DATES | CATEGORIES | {"email", "uri", "expirationdate", "language", "width", "height"}
XHTML = frozenset({"xhtml", "application/xhtml+xml", "xml"})
MARKUP_TYPES = XHTML | {"", "text", "html", "text/plain", "text/html"}


@dataclass(slots=True)
class FeedXML:
    """A document that is safe to parse. `root` is the name of its root element, `hints` what it says about when to ask
    again; `problems` says what was wrong."""

    body: bytes
    root: str
    hints: Hints
    problems: list[str] = field(default_factory=list)


def prepare(xml: ReadXML, address: str, *, core: bool = False) -> FeedXML:
    """Return a feed as well-formed UTF-8 without prolog, entities, comments and elements inside texts.

    `address` is where it came from. With `core` only the elements that every entry needs are left. The tree is used up.
    """
    root, problem, _ = xml
    name = local(root)
    said = feedhints.hints(root, address)
    _flatten(root)
    if core:
        for element in [one for one in elements(root) if local(one) not in CORE or _space(one) in _MEDIA]:
            remove(element)
    problems = bound(root)
    for element in [one for one in elements(root) if not _bound(one)]:
        remove(element)
    for item in [element for element in elements(root) if local(element) in ITEMS]:
        _tidy_item(item)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return FeedXML(body, name, said, [problem, *problems] if problem else problems)


def _space(element: etree._Element) -> str:
    return str(element.tag)[1:].partition("}")[0].lower() if str(element.tag).startswith("{") else ""


def _flatten(root: etree._Element) -> None:
    """Turn elements inside of texts (XHTML, or HTML that somebody forgot to escape) into escaped HTML."""
    texts = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        is_markup = len(element) > 0 or _type(element) in XHTML
        if is_markup and local(element) in TEXTS and _space(element) not in _MEDIA:
            texts.append(element)
            walk.skip_subtree()
    for element in texts:
        html = inner_html(element) if _type(element) in MARKUP_TYPES else ""
        del element[:]
        element.text = html
        if html:
            element.attrib.pop("mode", None)
            element.set("type", "text/html")


def _type(element: etree._Element) -> str:
    return (element.get("type") or element.get("mode") or "").strip().lower()


def inner_html(element: etree._Element) -> str:
    """Return what is in a text construct as HTML, without the `div` that XHTML needs."""
    for inner in element.iter(etree.Element):
        if inner is not element:
            inner.tag = NAME_LETTERS.sub("", local(inner)) or "span"
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


def _bound(element: etree._Element) -> bool:
    """Cut what a feed parser needs more than linear time for, or fails on; return whether the element may stay."""
    text, name = element.text, local(element)
    if " " in _space(element):
        element.tag = name  # expat cannot tell such a namespace from the name
    if text and len(text) > _LONG:
        if name in SHORT and len(text) > LONGEST_SHORT:
            element.text = text[:LONGEST_SHORT]
        elif name not in BODIES and len(text) > LONGEST_OTHER:
            element.text = text[:LONGEST_OTHER]
        elif "]]>" not in text:
            element.text = etree.CDATA(text)  # a parser is told of it in few pieces, not one for each reference
    if element.attrib:
        _bound_attributes(element)
    is_position = _space(element) == _GML and name in _POSITIONS
    return not is_position or any(local(up) in _SHAPES for up in element.iterancestors())


def _bound_attributes(element: etree._Element) -> None:
    if len(element.attrib) > _MOST_ATTRIBUTES:
        element.attrib.clear()  # to read them would take quadratic time
        return
    attributes = {name: value for name, value in element.attrib.items() if _attribute_may_stay(str(name), str(value))}
    # A repaired document may even hold an attribute twice.
    if len(attributes) != len(element.attrib):
        element.attrib.clear()
        element.attrib.update(attributes)


def _attribute_may_stay(name: str, value: str) -> bool:
    kind = name.rpartition("}")[2].lower()
    longest = _LONGEST_BASE if kind == "base" else _LONGEST_ATTRIBUTE
    return len(value) <= longest and " " not in name and (name.lower() != "srsname" or bool(_SRS.fullmatch(value)))


def _tidy_item(item: etree._Element) -> None:
    children = [(local(child), _space(child), child) for child in item]
    has_body = any(
        name in BODIES and space not in _MEDIA | ITUNES and (child.text or "").strip()
        for name, space, child in children
    )
    if has_body:
        # A caption or a podcast's short text is not another body of the entry.
        for name, space, child in [(local(each), _space(each), each) for each in elements(item)]:
            if (name == "description" and space in _MEDIA) or (name == "summary" and space in ITUNES):
                remove(child)
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
    if local(element) != "link" or _space(element) in _MEDIA | ITUNES:
        return False
    if element.get("href"):
        return element.get("rel", "alternate").lower() == "alternate"
    return bool((element.text or "").strip())
