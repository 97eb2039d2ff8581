"""Markup that is in order as it comes, which most is: cleaned, and made text, tag by tag and without an HTML parser.

In order is what every parser takes for the same tree: tags closed where they should be, elements where they belong,
values in quotes, references that all know. The rest is refused, and left to `sanitize` and `htmltext`, whose results
are the same, only later. This module must not know what the markup belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape
from html.entities import html5, name2codepoint
from typing import NamedTuple

from feedmill.normalize.allowed import FLOWING, VOID, attributes_of, frame
from feedmill.normalize.markup import BLOCKS
from feedmill.normalize.plaintext import repair

__all__ = ["tidied", "words"]

_LARGEST = 150_000  # characters
_WORDS = frozenset[str]().union(
    ["a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "i", "iframe", "img", "ins"],
    ["kbd", "mark", "picture", "q", "s", "samp", "script", "small", "span", "strong", "sub", "sup", "time", "tt", "u"],
    ["var", "wbr"],
)
_FLOW = _WORDS.union(
    [
        "article",
        "aside",
        "blockquote",
        "details",
        "div",
        "dl",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
    ],
    ["hr", "ol", "p", "pre", "section", "table", "ul"],
)
_ROWS = frozenset(("tbody", "tfoot", "thead"))
_INSIDE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_WORDS - VOID, _WORDS),
    "a": _WORDS - {"a", "iframe"},
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dt"), _WORDS),
    **dict.fromkeys((*FLOWING, ""), _FLOW),
    "figure": _FLOW | {"figcaption"},
    "ol": frozenset(("li",)),
    "ul": frozenset(("li",)),
    "dl": frozenset(("dd", "dt")),
    "table": _ROWS,
    **dict.fromkeys(_ROWS, frozenset(("tr",))),
    "tr": frozenset(("td", "th")),
    **dict.fromkeys(("iframe", "script"), frozenset()),
    "details": _FLOW | {"summary"},
    "summary": _WORDS,
    "picture": frozenset(("img", "source")),
}
"""Which elements stay in which, whoever parses them; "" is the fragment itself."""

_EMPTY = frozenset(("ol", "ul", "dl", "table", *_ROWS, "tr", "picture"))
"""Elements that hold no text of their own."""

_CLOSED_AT_ONCE = frozenset(("iframe", "script"))
"""Elements whose contents no parser takes for markup."""

_SPACES = " \t\n"
_NO_LINK_AROUND = frozenset(("a", "iframe"))

_TAGS = re.compile(r"""(<[/!A-Za-z][^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>)""")
_VALUE = r"""(?:"[^"]*"|'[^']*'|[\w.:#%-]+(?=[\s>]))"""
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.:#%-]+)))?""", re.ASCII)
_START = re.compile(rf"<([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:.-]*(?:\s*=\s*{_VALUE})?)*)\s*(/?)>", re.ASCII)
_LESS = re.compile(r"<(?![\s=\d])")
_END = re.compile(r"</([A-Za-z][A-Za-z0-9]*)\s*>")
_COMMENT = re.compile(r"<!--(?!-?>)[^-<>]*(?:-[^-<>]+)*-->")
# References that every parser takes for the same character, and ampersands that none takes for the start of one:
# HTML 4's names with their semicolon, sane numbers, and what begins like no name that goes without a semicolon.
_REFERENCE = rf"""(?x:
    (?:{"|".join(sorted(name2codepoint))}|apos);
    | \#0{{0,3}}(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6]|1[6-9]\d|[2-9]\d\d|[1-9]\d{{3}}|[1-4]\d{{4}}|12[789]\d{{3}});
    | \#[xX]0{{0,2}}(?:[2-6][\dA-Fa-f]|7[\dA-Ea-e]|[A-Fa-f][\dA-Fa-f]);
    | \#[xX]0?(?:[1-9A-Fa-f][\dA-Fa-f]{{2}}|[1-9A-Ca-c][\dA-Fa-f]{{3}});
    | \#[xX]0?(?:[Ff][Ee]0[\dA-Fa-f]|1[Ff][\dA-Ea-e][\dA-Fa-f]{{2}});
    | (?!{"|".join(sorted(name for name in html5 if not name.endswith(";")))})[A-Za-z]\w*(?![\w;])
    | (?=[\s=&<]|$)
)"""
_STRAY = re.compile(rf"&(?!{_REFERENCE})", re.ASCII)
_ADDRESSES = frozenset(("cite", "data-src", "href", "poster", "src", "srcset"))
_MOST_KEPT = 4096  # tags
_DEEPEST = 100  # open elements
_BREAK = "\n"
_CELL = {"td": " ", "th": " "}


class _Tag(NamedTuple):
    """A tag that may stand in order. `element` is empty for a comment; `written` is what becomes of it, None where that
    depends on the base: then `attributes` are those of a start tag, and `parent` is the element around a frame."""

    element: str
    closes: bool = False
    written: str | None = ""
    words: str = ""
    attributes: Mapping[str, str] = {}
    parent: str = ""


_kept: dict[str, _Tag] = {}
"""Tags that are the same wherever they stand. Most documents are written with few."""


def tidied(html: str, base: str | None) -> str | None:
    """Return `html` as `sanitize` does, None if it is not in order."""
    parts = _in_order(html)
    if parts is None:
        return None
    texts, tags = parts
    written = [_escaped(text) if _special(text) else text for text in texts]
    link = ""
    for place, tag in enumerate(tags):
        piece = tag.written
        if piece is None:
            if tag.closes:
                piece = link
            else:
                piece = _written(tag, base)
                link = "</a>" if piece and tag.element == "a" else link if tag.element != "a" else ""
        written[place] += piece
    return "".join(written).strip()


def words(html: str) -> str | None:
    """Return the text of `html` as `html_to_text` does, None if it is not in order."""
    parts = _in_order(html)
    if parts is None:
        return None
    texts, tags = parts
    pieces = [f"{text.replace(_BREAK, ' ')}{tag.words}" for text, tag in zip(texts, tags, strict=False)]
    pieces.append(texts[-1].replace(_BREAK, " "))
    lines = (" ".join(line.split()) for line in "".join(pieces).split(_BREAK))
    return _BREAK.join(line for line in lines if line)


def _escaped(text: str) -> str:
    """Write text as the cleaner does (WHATWG HTML section 13.3)."""
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', "&quot;")


def _special(text: str) -> bool:
    return "&" in text or "<" in text or ">" in text or "\xa0" in text


@lru_cache(maxsize=4)
def _in_order(html: str) -> tuple[list[str], list[_Tag]] | None:
    """Return the texts of `html`, references decoded, and the tags between them; None if it is not in order."""
    if len(html) > _LARGEST or "\ufeff" in html:
        return None
    html = repair(html.replace("\r\n", "\n").replace("\r", "\n"))
    parts = _TAGS.split(html)
    texts = parts[0::2]
    if "<" in html and _LESS.search("".join(texts)):
        return None
    if "&" in html:
        if _STRAY.search(html):
            return None
        texts = [unescape(text) if "&" in text else text for text in texts]
    tags = _nested(texts, parts[1::2])
    return None if tags is None else (texts, tags)


def _nested(texts: list[str], raw: list[str]) -> list[_Tag] | None:
    """Return what the tags behind the `texts` mean, None if one is not in order, or not in its place."""
    tags: list[_Tag] = []
    open_ = [""]
    inside = _INSIDE[""]
    for place, one in enumerate(raw, start=1):
        tag = _kept.get(one) or _tag(one)
        if tag is None:
            return None
        element = tag.element
        if tag.closes:
            if open_.pop() != element:
                return None
            inside = _INSIDE[open_[-1]]
        elif element and element not in inside:
            return None
        elif element and element not in VOID:
            if len(open_) > _DEEPEST or (element in _NO_LINK_AROUND and "a" in open_):
                return None
            tag = tag._replace(parent=open_[-1]) if element == "iframe" else tag
            open_.append(element)
            inside = _INSIDE[element]
        tags.append(tag)
        if open_[-1] in _EMPTY and texts[place].strip(_SPACES):
            return None
        if open_[-1] in _CLOSED_AT_ONCE and (element != open_[-1] or texts[place]):
            return None
        if texts[place].startswith(_BREAK) and open_[-1] == "pre" and not tag.closes:
            if element != "pre":
                return None
            texts[place] = texts[place].lstrip(_BREAK)  # parsers drop one or all
    return tags if len(open_) == 1 else None


def _tag(raw: str) -> _Tag | None:
    """Return what a tag means, None if it is not in order; those that are the same everywhere are kept."""
    tag = _read_tag(raw)
    if tag is not None and tag.written is not None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[raw] = tag
    return tag


def _read_tag(raw: str) -> _Tag | None:
    if match := _END.fullmatch(raw):
        name = match[1].lower()
        if name in VOID or name not in _INSIDE:
            return None
        # An anchor without an address is not written, and a frame becomes a paragraph of its own.
        written = {"a": None, "iframe": "", "script": ""}.get(name, f"</{name}>")
        return _Tag(name, closes=True, written=written, words=_BREAK if name in BLOCKS else "")
    match = _START.fullmatch(raw)
    if match is None:
        return _Tag("") if _COMMENT.fullmatch(raw) else None
    name = match[1].lower()
    if (match[3] and name not in VOID) or (name not in _INSIDE and name not in VOID):
        return None
    attributes: dict[str, str] = {}
    if match[2]:
        found = _ATTRIBUTE.findall(match[2])
        attributes = {key.lower(): unescape(double or single or bare) for key, double, single, bare in found}
        if len(attributes) != len(found):
            return None
    tag = _Tag(name, words=_BREAK if name in BLOCKS else _CELL.get(name, ""), written=None, attributes=attributes)
    if name == "a" or attributes.keys() & _ADDRESSES:
        return tag
    return tag._replace(written=_written(tag, None), attributes={})


def _written(tag: _Tag, base: str | None) -> str:
    if tag.element == "iframe":
        return frame(tag.attributes, base, parent=tag.parent)
    kept = attributes_of(tag.element, tag.attributes, base)
    if kept is None:
        return ""
    attributes = "".join(f' {name}="{_quoted(value)}"' for name, value in kept.items())
    return f"<{tag.element}{attributes}>"
