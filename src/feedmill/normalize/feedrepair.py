"""Text -> a tree of XML elements, repaired where it is not well-formed.

libxml2 reads and recovers; what it would drop on the way is put right before: addresses with bare ampersands, names of
HTML characters, values without quotes, prefixes that nobody declared. This module must not know what a feed is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from typing import NamedTuple

from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.normalize.feedbounds import beginning
from feedmill.normalize.feedtext import xml_part
from feedmill.normalize.plaintext import plain

__all__ = ["NAME_LETTERS", "ReadXML", "read_xml"]

# Prefixes that everybody uses for the same thing, and some forget to declare.
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
NAME_LETTERS = re.compile(r"^[^A-Za-z]+|[^A-Za-z0-9_-]")  # what is left out of a name that is to be safe

_START_TAG = re.compile(r"<[A-Za-z][^<>]{0,5000}>")
_ATTRIBUTE = re.compile(r"""("[^"]*"|'[^']*')|(\s[\w:.-]{1,100}=)([^\s"'<>]+?)(?=[\s>]|/>)""")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]\w{0,31}));|&")
_PART = 64 * 1024  # characters that are repaired at a time
_MOST_GROWTH = 1_000_000  # characters
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


class ReadXML(NamedTuple):
    """The root element of a document, and what was wrong with it if it had to be repaired.

    `whole` says that nothing of it can be missing: it was well-formed, or is since it was repaired.
    """

    root: etree._Element
    problem: str | None
    whole: bool


def read_xml(text: str) -> ReadXML:
    """Return the XML in `text`, repaired as far as it can be.

    The prolog is left out, and comments and processing instructions with it; entities that it declares as plain text
    are put in their places, any other is text.

    Raises:
        NormalizeError: there is no XML in it.
    """
    xml, entities = xml_part(text)
    part = beginning(xml)
    cut = len(part) < len(xml)
    xml = _with_entities(part, entities) if entities else part
    del text, part
    if cut:
        problem = "it is larger than any feed: only the beginning was read"
        return _repaired_tree(xml, problem, cut=True)
    try:
        root = _parse(xml, recover=False)
    except etree.XMLSyntaxError as error:
        # The position is the one in what is parsed, which lacks the prolog.
        problem = f"it is not well-formed XML: {plain(error.msg.partition(', line')[0])[:120]}"
    else:
        if root is not None:
            return ReadXML(root, None, whole=True)
        problem = "there is no XML in it"
    return _repaired_tree(xml, problem, cut=False)


def _repaired_tree(xml: str, problem: str, *, cut: bool) -> ReadXML:
    xml = _repaired_text(xml)
    root, whole = _recovered(xml)
    if root is None:
        raise NormalizeError(problem, hint="Open the address in a browser: is it the feed?")
    _declare(root)
    return ReadXML(root, problem, whole and not cut)


def _recovered(xml: str) -> tuple[etree._Element | None, bool]:
    """Return the root of what can be read, None if that is nothing, and whether it is all of it."""
    try:
        return _parse(xml, recover=False), True
    except etree.XMLSyntaxError:
        pass
    try:
        return _parse(xml, recover=True), False
    except etree.XMLSyntaxError:
        return None, False


def _parse(xml: str, *, recover: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    return etree.fromstring(xml.encode("utf-8", "replace"), parser)  # None, if recovery finds nothing at all


def _outside_cdata(xml: str) -> Iterator[tuple[bool, str]]:
    """Yield the document in parts, each with whether it is outside of CDATA sections; those that are begin with a tag
    and are of moderate size."""
    at = 0
    while at < len(xml):
        start = xml.find("<![CDATA[", at)
        end = xml.find("]]>", start) if start >= 0 else -1
        stop = start if end >= 0 else len(xml)
        while at < stop:
            cut = xml.find("<", at + _PART, stop)
            cut = stop if cut < 0 else cut
            yield True, xml[at:cut]
            at = cut
        if end >= 0:
            yield False, xml[start : end + 3]
            at = end + 3


def _with_entities(xml: str, entities: dict[str, str]) -> str:
    """Put the text of the entities that the prolog declared into their places, as far as they do not blow it up."""
    grown = 0

    def text_of(match: re.Match[str]) -> str:
        nonlocal grown
        text = entities.get(match[3] or "", match[0])
        grown += len(text) - len(match[0])
        return text if grown <= _MOST_GROWTH else match[0]

    return "".join(_REFERENCE.sub(text_of, part) if outside else part for outside, part in _outside_cdata(xml))


def _repaired_text(xml: str) -> str:
    """Repair references and attributes: HTML's names become characters, an ampersand that begins none is text, and
    values get their quotes. libxml2 would drop all of them, and the rest of an address with them.
    """
    return "".join(_repaired_part(part) if outside else part for outside, part in _outside_cdata(xml))


def _repaired_part(part: str) -> str:
    return _START_TAG.sub(lambda tag: _ATTRIBUTE.sub(_quoted, tag[0]), _REFERENCE.sub(_repaired, part))


def _quoted(match: re.Match[str]) -> str:
    return match[1] or f'{match[2]}"{match[3]}"'


def _repaired(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        if name in _XML_NAMES:
            return match[0]
        characters = html5.get(f"{name};")
        return escape(characters) if characters else f"&amp;{name};"
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
        return match[0] if legal else ""
    return "&amp;"


def _declare(root: etree._Element) -> None:
    """Give the namespaces that were meant to names whose prefix is not declared (Namespaces in XML section 5)."""
    for element in root.iter(etree.Element):
        name = str(element.tag)
        if ":" in name.rpartition("}")[2]:
            element.tag = _declared(name.rpartition("}")[2])
        for attribute in [str(key) for key in element.attrib if ":" in str(key).rpartition("}")[2]]:
            value = element.attrib.pop(attribute)
            element.set(NAME_LETTERS.sub("", attribute.rpartition(":")[2]) or "undeclared", value)


def _declared(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    namespace = _PREFIXES.get(prefix.lower(), "urn:undeclared")
    local = NAME_LETTERS.sub("", local) or "undeclared"
    return f"{{{namespace}}}{local}" if namespace else local
