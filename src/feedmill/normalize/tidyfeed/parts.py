"""What an element of a feed in order holds: texts, links and persons, as feedparser hands them out.

This module must not know which of them belong to what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin, make_safe_absolute_uri
from lxml import etree

from feedmill.normalize import links
from feedmill.normalize.feedbounds import marks
from feedmill.normalize.feednames import BODIES, TEXTS
from feedmill.normalize.feedxml import LONGEST_OTHER, LONGEST_SHORT, MARKUP_TYPES, SHORT, XHTML, inner_html
from feedmill.normalize.plaintext import is_clean
from feedmill.normalize.tidyfeed.names import Names, Unusual

__all__ = ["MOST_CHILDREN", "Parts", "Raw", "Scope", "popped", "resolved"]

Raw: TypeAlias = dict[str, Any]

MOST_CHILDREN = 400  # of one element that is none of entries
_MOST_MARKS = 50_000  # tags and references in a text
_LONGEST_TEXT = 500_000  # characters
_LONGEST_ATTRIBUTE = 2000
_MOST_ATTRIBUTES = 50

_XML = "{http://www.w3.org/XML/1998/namespace}"
_AMPERSANDS = re.compile("&([A-Za-z0-9_]+);")
_TYPES = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
}
_PAGES = frozenset(["html", "text/html", "xhtml", "application/xhtml+xml"])
_ATTRIBUTES = frozenset([
    "about", "base", "domain", "filesize", "height", "href", "hreflang", "ispermalink", "label", "lang", "length",
    "medium", "mode", "duration", "rel", "scheme", "src", "term", "title", "type", "uri", "url", "width",
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What `xml:base` and `xml:lang` say of an element and all in it."""

    base: str
    language: str | None = None


class Parts:
    """Reads the elements of one document. Every method raises Unusual where it may mean more than is understood."""

    def __init__(self, names: Names, *, is_atom: bool) -> None:
        self.name = names.of
        self.is_atom = is_atom

    def within(self, element: etree._Element, scope: Scope) -> Scope:
        if not element.attrib:
            return scope
        base, language = scope.base, scope.language
        for key, value in _items(element):
            kind = key.removeprefix(_XML).lower()
            if kind == "base" and value:
                base = make_safe_absolute_uri(base, value) or base
            elif kind == "lang":
                language = value or None
            else:
                continue
            if len(value) > _LONGEST_ATTRIBUTE:
                raise Unusual
        return Scope(base, language)

    def attributes(self, element: etree._Element) -> Raw:
        """Return the attributes of an element that has no others of the same names."""
        found: Raw = {}
        for key, value in _items(element):
            if len(value) > _LONGEST_ATTRIBUTE:
                raise Unusual
            if key.startswith("{"):
                if not key.startswith(_XML) and key.rpartition("}")[2].lower() in _ATTRIBUTES:
                    raise Unusual
                continue
            name = key.lower()
            if name in found:
                raise Unusual
            found[name] = value.lower() if name in ("rel", "type") else value
        return found

    def children(self, element: etree._Element) -> Iterator[etree._Element]:
        """Yield the elements in one that has no text between them."""
        if element.text and element.text.strip():
            raise Unusual
        for child in element:
            if child.tail and child.tail.strip():
                raise Unusual
            yield child

    def text(self, element: etree._Element, local: str) -> str:
        """Return the text of an element that has nothing else in it."""
        text = element.text or ""
        if len(element):
            raise Unusual
        if len(text) > LONGEST_SHORT and (
            local in SHORT or len(text) > (_LONGEST_TEXT if local in BODIES else LONGEST_OTHER)
        ):
            raise Unusual
        return text

    def word(self, element: etree._Element) -> str:
        """Return the text of an element as feedparser hands it out."""
        return popped(self.text(element, element.tag.rpartition("}")[2].lower()))

    def construct(self, element: etree._Element, default: str, scope: Scope) -> Raw:
        """Return a text with its type, `default` where it names none: a text construct (RFC 4287 section 3.1)."""
        said = self.attributes(element) if element.attrib else {}
        kind = str(said.get("type", default))
        local = element.tag.rpartition("}")[2].lower()
        if "mode" in said or "src" in said:
            raise Unusual
        if len(element) or kind in XHTML:
            if local not in TEXTS or "http://search.yahoo.com/mrss" in element.tag or kind not in MARKUP_TYPES:
                raise Unusual
            text, kind = inner_html(element), "text/html"
            if not text or len(text) > LONGEST_OTHER:
                raise Unusual
        else:
            text = self.text(element, local)
            kind = _TYPES.get(kind, "")
            if not kind:
                raise Unusual
        if len(text) > _MOST_MARKS and marks(text) > _MOST_MARKS:
            raise Unusual
        value = popped(text)
        if kind == "text/plain" and not self.is_atom and ("&" in value or "</" in value):
            kind = "text/html" if _FeedParserMixin.looks_like_html(value) else kind
        language = scope.language and scope.language.replace("_", "-")
        return {"type": kind, "language": language, "base": scope.base, "value": value}

    def link(self, holder: Raw, element: etree._Element, scope: Scope, *, of_entry: bool = False) -> None:
        """Add a link of a feed, an entry or a source to what is known of it."""
        said = self.attributes(element) if element.attrib else {}
        rel = said.setdefault("rel", "alternate")
        kind = said.setdefault("type", "application/atom+xml" if rel == "self" else "text/html")
        href = said.pop("url", None) or said.pop("uri", None) or said.get("href")
        holder.setdefault("links", []).append(said)
        if href is None:
            output = self.word(element)
            output = resolved(scope.base, output) if output else output
            output = output.replace("&amp;", "&") if of_entry else output
            output = _AMPERSANDS.sub(r"&\1", output)
            holder["link"] = said["href"] = output
        elif not href:
            raise Unusual
        else:
            said["href"] = resolved(scope.base, href)
            if rel == "alternate" and kind.lower() in _PAGES:
                holder["link"] = said["href"]

    def person(self, element: etree._Element, scope: Scope) -> Raw:
        """Return a person (RFC 4287 section 3.2)."""
        found: Raw = {}
        for inner in self.children(element):
            name = self.name(inner)
            if name in ("name", "email"):
                found[name] = self.text(inner, name).strip()
            elif name in ("uri", "url", "homepage"):
                uri = self.word(inner)
                found["href"] = resolved(self.within(inner, scope).base, uri) if uri else uri
            elif name or len(inner):
                raise Unusual
        return found

    def author(self, holder: Raw, element: etree._Element, scope: Scope) -> None:
        """Add an author, who has elements of their own or is named in a line of text."""
        authors = holder.setdefault("authors", [])
        if len(element):
            if "author" in holder:
                raise Unusual  # feedparser mixes the two up
            authors.append(self.person(element, scope))
            return
        authors.append({})
        text = holder["author"] = self.word(element)
        if "@" in text:
            _FeedParserMixin._sync_author_detail(_Context(holder))  # noqa: SLF001 - what it finds is what counts
        elif text:
            authors[-1]["name"] = text


def _items(element: etree._Element) -> list[tuple[str, str]]:
    if len(element.attrib) > _MOST_ATTRIBUTES:  # to read them would take quadratic time
        raise Unusual
    return cast("list[tuple[str, str]]", element.items())


class _Context:
    """Where feedparser puts what it finds."""

    def __init__(self, holder: Raw) -> None:
        self._holder = holder

    def _get_context(self) -> Raw:
        return self._holder


def popped(text: str) -> str:
    """Return a text as feedparser does: stripped, and once more decoded if it was encoded twice."""
    text = text.strip()
    if not text.isascii():
        with suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
        if not is_clean(text):  # feedparser knows some of what a letter was meant to be
            raise Unusual
    return text


def resolved(base: str, address: str) -> str:
    return address if links.is_usual(address) else str(_urljoin(base, address))
