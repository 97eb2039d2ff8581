"""The rules of what other vocabularies bring into RSS and Atom: Media RSS, GeoRSS, Dublin Core, content, Atom in RSS.

Only what a reader would stumble over. What a rule asks, and where that is written, is in its docstring:
docs/validate.md is made of them. This module must not know which format an element stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from feedmill.render._xml import ATOM, DC, GEORSS, MEDIA, XML_LANG, Element
from feedmill.render.rules.table import Table
from feedmill.render.rules.tree import Node, line, text
from feedmill.render.rules.values import fault_3339, is_language, is_media_type, is_reference

__all__ = ["ENCODED", "RULES", "Foreign"]

Found = Iterator[tuple[int, str]]

ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

_MEDIUMS = frozenset({"image", "audio", "video", "document", "executable"})
_MEDIA = ("content", "thumbnail")
_KNOWN_DATES = 10  # characters of a date without a time, which Dublin Core allows


@dataclass(frozen=True, slots=True)
class Foreign:
    """The nodes in which elements of other vocabularies stand; `atom` says whether Atom is one of these."""

    nodes: tuple[Node, ...]
    atom: bool = False


RULES: Table[Foreign] = Table()


@RULES.error("Say where the file is, as a whole address; write sizes and durations as whole numbers.")
def media(foreign: Foreign) -> Found:
    """`media:content` and `media:thumbnail` have a `url`, numbers and a `medium` that exist. (Media RSS 1.5.1)"""
    for element, name in _media(foreign):
        url = element.get("url")
        if url is None and (name == "thumbnail" or not len(element)):
            yield line(element), f"<media:{name}> has no url"
        elif url is not None and not is_reference(url):
            yield line(element), f"the url of <media:{name}> is no address: `{url[:80]}`"
        for number in ("fileSize", "width", "height", "duration"):
            told = element.get(number)
            if told is not None and not told.removesuffix("px" if number in {"width", "height"} else "").isdecimal():
                yield line(element), f"the {number} of <media:{name}> is not a number: `{told[:20]}`"
        if (element.get("medium") or "image") not in _MEDIUMS:
            yield line(element), f"there is no medium `{element.get('medium')}`"
        if element.get("type") is not None and not is_media_type(str(element.get("type"))):
            yield line(element), f"the type of <media:{name}> is not a media type: `{element.get('type')}`"


def _media(foreign: Foreign) -> Iterator[tuple[Element, str]]:
    for node in foreign.nodes:
        groups = [Node.of(group) for group in node.all(MEDIA + "group")]
        for holder in (node, *groups):
            for name in _MEDIA:
                for element in holder.all(MEDIA + name):
                    yield element, name


@RULES.error("Write latitude and longitude in degrees, with a space between them, as in `-6.2 106.8`.")
def point(foreign: Foreign) -> Found:
    """`georss:point` has a latitude and a longitude on this planet. (GeoRSS Simple)"""
    for node in foreign.nodes:
        for element in node.all(GEORSS + "point"):
            try:
                latitude, longitude = map(float, text(element).replace(",", " ").split())
                there = abs(latitude) <= 90 and abs(longitude) <= 180
            except ValueError:
                there = False
            if not there:
                yield line(element), f"<georss:point> is no place: `{text(element)[:40]}`"


@RULES.error("Write dates as in `2026-11-03T08:30:00Z`.")
def dublin_core_date(foreign: Foreign) -> Found:
    """`dc:date` is a date of ISO 8601. (Dublin Core; W3C-DTF)"""
    for node in foreign.nodes:
        for element in node.all(DC + "date"):
            told = text(element)
            whole = f"{told}-01-01"[:_KNOWN_DATES] + "T00:00:00Z" if len(told) <= _KNOWN_DATES else told
            minutes = f"{told[:16]}:00{told[16:]}"
            if fault_3339(whole) and fault_3339(minutes):
                yield line(element), f"<dc:date>: {fault_3339(told)}"


@RULES.error("Keep one of them.")
def content_once(foreign: Foreign) -> Found:
    """An item has `content:encoded` at most once. (RSS 1.0 content module)"""
    for node in foreign.nodes:
        if len(node.children.get(ENCODED, ())) > 1:
            yield line(node.children[ENCODED][1]), "an item has several <content:encoded>"


@RULES.error("Say where the link leads, and use media types and language tags that exist.")
def atom_link(foreign: Foreign) -> Found:
    """`atom:link` has an `href`, and a `type` and `hreflang` that exist. (RFC 4287 section 4.2.7)"""
    for node in foreign.nodes if foreign.atom else ():
        for element in node.all(ATOM + "link"):
            href, kind, language = element.get("href"), element.get("type"), element.get("hreflang")
            if href is None:
                yield line(element), "<atom:link> has no href"
            elif not is_reference(href):
                yield line(element), f"the address of <atom:link> is no IRI: `{href[:80]}`"
            if kind is not None and not is_media_type(kind):
                yield line(element), f"the type of <atom:link> is not a media type: `{kind[:40]}`"
            if language and not is_language(language):
                yield line(element), f"<atom:link> names a language that is none: `{language[:40]}`"


@RULES.error("Write dates as in `2026-11-03T08:30:00Z`, once.")
def atom_date(foreign: Foreign) -> Found:
    """`atom:updated` and `atom:published` are dates of RFC 3339, each once. (RFC 4287 section 3.3)"""
    for node in foreign.nodes if foreign.atom else ():
        for tag in ("updated", "published"):
            elements = node.children.get(ATOM + tag, [])
            faults = [(element, fault) for element in elements if (fault := fault_3339(text(element)))]
            for element, fault in faults:
                yield line(element), f"<atom:{tag}>: {fault}"
            if len(elements) > 1:
                yield line(elements[1]), f"an item has {len(elements)} <atom:{tag}>, not one"


@RULES.error("Name the person; write the e-mail address as an address.")
def atom_person(foreign: Foreign) -> Found:
    """`atom:author` and `atom:contributor` have one `name`. (RFC 4287 section 3.2)"""
    for node in foreign.nodes if foreign.atom else ():
        for person in node.all(ATOM + "author", ATOM + "contributor"):
            names = len(person.findall(ATOM + "name"))
            if names != 1:
                yield line(person), f"a person has {names} <atom:name>, not one"


@RULES.error("Write a language tag, as in `en` or `pt-BR`.")
def xml_lang(foreign: Foreign) -> Found:
    """`xml:lang` is a language tag. (XML 1.0 section 2.12; RFC 5646)"""
    for node in foreign.nodes:
        told = node.element.get(XML_LANG)
        if told and not is_language(told):
            yield node.line, f"xml:lang is not a language tag: `{told[:40]}`"
