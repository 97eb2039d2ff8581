"""HTML pages -> a tree that is safe to search: bounded in depth and size, with nothing in it that never shows.

Searching a tree takes more than linear time, so what a page may make of it is limited here. This module must not know
what is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from feedmill.model import Document
from feedmill.normalize.feedtext import FeedText, decode
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.markup import Listener, listen
from feedmill.normalize.plaintext import plain, xml_safe

__all__ = ["MOST_ELEMENTS", "Element", "Page", "decode_page", "lines", "read_page"]

Element: TypeAlias = etree._Element  # noqa: SLF001 - the stubs have no other name for it

MOST_ELEMENTS = 60_000
"""How many elements of a page are read."""

_DEEPEST = 100  # open elements; what is deeper belongs to the last one
_MOST_CHILDREN = 5_000  # of one element
_MOST_HEARD = 200_000  # elements, also those that are left out
_MOST_CHARACTERS = 3_000_000  # of text
_LONGEST_PAGE = 5_000_000  # characters of markup; a parser keeps a start tag of any length in memory
_LONGEST_RUN = 100_000  # characters of text between two tags
_LONGEST_TEXT = 20_000  # characters of an article that are looked at
_LONGEST_VALUE = 8_000  # characters of an attribute
_MOST_ATTRIBUTES = 50
_HIDDEN = frozenset(
    {
        "applet",
        "canvas",
        "datalist",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
    }
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    }
)
_TAG = re.compile(r"[a-z][a-z0-9-]{0,40}")
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")
_LANGUAGE = re.compile(r"""(?i)<html\b[^>]{0,500}?\slang\s{0,9}=\s{0,9}["']?([A-Za-z0-9_-]{1,35})""")
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `root` is its `<html>`; `url` is its address, `base` what its links are relative to.

    `name` is what the site calls itself; `cut` says that the page was too large to be read as a whole.
    """

    root: Element
    url: str
    base: str
    language: str | None
    name: str
    cut: bool


def decode_page(document: Document) -> FeedText:
    """Return the text of a page; where its server names no encoding, its own `<meta>` does."""
    declared = _META.search(document.body[:_HEAD])
    return decode(document.body, document.charset or (declared[1].decode("ascii") if declared else None))


def read_page(html: str, url: str) -> Page:
    """Return the page in `html`, read at `url`.

    What is nested more than 100 deep moves up; of 60,000 elements, and of 5,000 in one other, the rest is not read.
    """
    builder = _Builder()
    listen(html[:_LONGEST_PAGE], builder)
    builder.finish()
    said = _LANGUAGE.search(html, 0, _HEAD)
    return Page(
        root=builder.root,
        url=url,
        base=absolute(builder.base, url, schemes=MEDIA_SCHEMES) or url,
        language=language_tag(said[1]) if said else None,
        name=builder.name,
        cut=builder.cut or len(html) > _LONGEST_PAGE,
    )


def lines(*elements: Element) -> list[str]:
    """Return the text of elements, one line a block, without empty ones; at most 20,000 characters."""
    parts: list[str] = []
    length = 0
    for element in elements:
        parts.append("\n")
        for event, node in etree.iterwalk(element, events=("start", "end")):
            if node.tag not in _INLINE:
                parts.append("\n")
            text = node.text if event == "start" else node.tail if node is not element else None
            if text:
                parts.append(text[:_LONGEST_TEXT].replace("\n", " "))
                length += len(text)
            if length > _LONGEST_TEXT:
                break
    return [line for line in map(plain, "".join(parts).split("\n")) if line]


class _Builder(Listener):
    """Builds the tree from what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.root = etree.Element("html")
        self.base = self.name = ""
        self.cut = False
        self._open: list[Element | None] = []  # None where an element was left out and its content was not
        self._here = [self.root]
        self._children = [0]  # of each element of _here; to ask the tree takes long
        self._skipped = 0
        self._elements = 0
        self._heard = 0
        self._text: list[str] = []
        self._characters = 0
        self._run = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        self._heard += 1
        self.satisfied = self._elements >= MOST_ELEMENTS or self._heard >= _MOST_HEARD
        if self._skipped or tag in _HIDDEN:
            self._skipped += 1
            return
        self._facts(tag, attributes)
        if tag == "html" or not _TAG.fullmatch(tag) or len(self._here) > _DEEPEST:
            self._open.append(None)
            return
        if self.satisfied or self._children[-1] >= _MOST_CHILDREN:
            self.cut = True
            self._skipped += 1
            return
        parent = self._parent(tag)
        self.finish()
        self._elements += 1
        self._children[-1] += 1
        element = etree.SubElement(parent, tag, _attributes(attributes))
        self._open.append(element)
        self._here.append(element)
        self._children.append(0)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self._skipped:
            self._skipped -= 1
            return
        if self._open and self._open.pop() is not None:
            self.finish()
            self._here.pop()
            self._children.pop()

    def data(self, text: str) -> None:
        if self._skipped or self._run > _LONGEST_RUN:
            return
        self._run += len(text)
        self._characters += len(text)
        if self._characters <= _MOST_CHARACTERS:
            self._text.append(text)
        else:
            self.cut = self.satisfied = True

    def finish(self) -> None:
        """Write the text that was heard into the tree."""
        self._run = 0
        if not self._text:
            return
        text = xml_safe("".join(self._text)[:_LONGEST_RUN])
        self._text.clear()
        here = self._here[-1]
        if self._children[-1]:
            here[-1].tail = (here[-1].tail or "") + text
        else:
            here.text = (here.text or "") + text

    def _parent(self, tag: str) -> Element:
        """Where an element goes: rows into a `<tbody>`, written or not, as browsers have it and selectors expect it."""
        here = self._here[-1]
        if tag != "tr" or here.tag != "table":
            return here
        if self._children[-1] and here[-1].tag == "tbody":
            return here[-1]
        self.finish()
        return etree.SubElement(here, "tbody")

    def _facts(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "base" and not self.base:
            self.base = attributes.get("href") or ""
        elif tag == "meta" and attributes.get("property") == "og:site_name" and not self.name:
            self.name = plain((attributes.get("content") or "")[:_LONGEST_VALUE])[:200]


def _attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in attributes.items():
        text = value or ""
        if _ATTRIBUTE.fullmatch(name) and len(text) <= _LONGEST_VALUE:
            kept[name] = xml_safe(text)
            if len(kept) >= _MOST_ATTRIBUTES:
                break
    return kept
