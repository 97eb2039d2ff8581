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
from typing import Any, NamedTuple

from feedmill.normalize.allowed import FLOWING, VOID, attributes_of, frame
from feedmill.normalize.links import is_usual
from feedmill.normalize.markup import BLOCKS
from feedmill.normalize.plaintext import repair

__all__ = ["tidied", "words"]

_LARGEST = 150_000  # characters
_WORDS = frozenset([
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "i", "iframe", "img", "ins",
    "kbd", "mark", "picture", "q", "s", "samp", "script", "small", "span", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
])  # fmt: skip
_FLOW = _WORDS.union([
    "article", "aside", "blockquote", "details", "div", "dl", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "ol", "p", "pre", "section", "table", "ul",
])  # fmt: skip
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

_PARTICULAR = _EMPTY | _CLOSED_AT_ONCE | {"pre"}
_SPACES = " \t\n"
_NO_LINK_AROUND = frozenset(("a", "iframe"))

_ANY_COMMENT = r"<!--(?!-?>)[^-]*+(?:-[^-]++)*+-->"
_TAGS = re.compile(rf"""({_ANY_COMMENT}|<[/A-Za-z][^<>"']*+(?:(?:"[^"]*"|'[^']*')[^<>"']*+)*>)""")
_BARE = r"[\w.:#%/?=-]*\w"
_VALUE = rf"""(?:"[^"]*"|'[^']*'|{_BARE}(?=[\s>]))"""
_ATTRIBUTE = re.compile(rf"""\s+([A-Za-z][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|({_BARE})))?""", re.ASCII)
_START = re.compile(rf"<([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:.-]*(?:\s*=\s*{_VALUE})?)*)\s*(/?)>", re.ASCII)
_LESS = re.compile(r"<(?![\s=\d])")
_END = re.compile(r"</([A-Za-z][A-Za-z0-9]*)\s*>")
_COMMENT = re.compile(_ANY_COMMENT)
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
_SPECIAL = re.compile("[&<>\xa0]")
_ADDRESSES = frozenset(("cite", "data-src", "href", "poster", "src", "srcset"))
_MOST_KEPT = 4096  # tags
_LONGEST_KEPT = 200  # characters
_DEEPEST = 100  # open elements
_BREAK = "\0"  # which is no character of a text


class _Disorder(Exception):
    """Something is not in order."""


class _Tag(NamedTuple):
    """A tag that may stand in order. `element` is empty for a comment; `written` is what becomes of it, None where that
    depends on the base: then `attributes` are those of a start tag, and `parent` is the element around a frame."""

    element: str
    opens: bool = False
    closes: bool = False
    written: str | None = ""
    words: str = ""
    attributes: Mapping[str, str] = {}
    parent: str = ""


class _Markup(NamedTuple):
    """Markup in order: its texts, the same as they are written, the tags between them, and the places of the tags that
    depend on the base."""

    texts: list[str]
    written: list[str]
    tags: list[_Tag]
    open: list[int]


_kept: dict[str, _Tag] = {}
"""Short tags that are the same wherever they stand. Most documents are written with few."""


def tidied(html: str, base: str | None) -> str | None:
    """Return `html` as `sanitize` does, None if it is not in order."""
    markup = _in_order(html)
    if markup is None:
        return None
    tags: list[str | None] = [tag.written for tag in markup.tags]
    link = ""
    for place in markup.open:
        tag = markup.tags[place]
        tags[place] = link if tag.closes else _written(tag, base)
        if tag.element == "a":
            link = "</a>" if tags[place] else ""
    return "".join(_alternating(markup.written, tags)).strip()


def words(html: str) -> str | None:
    """Return the text of `html` as `html_to_text` does, None if it is not in order."""
    markup = _in_order(html)
    if markup is None:
        return None
    text = "".join(_alternating(markup.texts, [tag.words for tag in markup.tags]))
    lines = [" ".join(line.split()) for line in text.split(_BREAK)]
    return "\n".join(filter(None, lines))


def _alternating(texts: list[str], tags: list[Any]) -> list[str]:
    both = [""] * (len(texts) + len(tags))
    both[0::2] = texts
    both[1::2] = tags
    return both


def _escaped(text: str) -> str:
    """Write text as the cleaner does (WHATWG HTML section 13.3)."""
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', "&quot;")


@lru_cache(maxsize=4)
def _in_order(html: str) -> _Markup | None:
    """Return what `html` is made of, None if it is not in order."""
    if len(html) > _LARGEST or "\ufeff" in html:
        return None
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    html = repair(html)
    parts = _TAGS.split(html)
    texts = parts[0::2]
    if len(parts) > 1 or "<" in html:
        plain = "".join(texts)
        if "<" in plain and _LESS.search(plain):
            return None
    if "&" in html and _STRAY.search(html):
        return None
    try:
        tags, open_ = _nested(texts, [_kept.get(one) or _tag(one) for one in parts[1::2]])
    except _Disorder:
        return None
    return _Markup(*_decoded(texts, html), tags, open_)


def _decoded(texts: list[str], html: str) -> tuple[list[str], list[str]]:
    """Return the texts with their references decoded, and the same as they are to be written."""
    written = texts
    if "&" in html:
        coded = [place for place, text in enumerate(texts) if "&" in text]
        written = texts.copy()
        for place in coded:
            texts[place] = unescape(texts[place])
            written[place] = _escaped(texts[place])
    if "\xa0" in html or ">" in (plain := "".join(texts)) or "<" in plain:
        written = [_escaped(text) if _SPECIAL.search(text) else text for text in texts]
    return texts, written


def _nested(texts: list[str], tags: list[_Tag]) -> tuple[list[_Tag], list[int]]:  # noqa: C901 - one loop over all tags
    """Return the tags behind the `texts`, and the places of those that depend on the base.

    Raises:
        _Disorder: one is not in its place, or a text is not.
    """
    places: list[int] = []
    open_ = [""]
    inside = _INSIDE[""]
    particular = link_depends = False
    for place, tag in enumerate(tags):
        element = tag.element
        if tag.closes:
            if open_.pop() != element:
                raise _Disorder
            inside = _INSIDE[open_[-1]]
            particular = open_[-1] in _PARTICULAR
            if link_depends and element == "a":
                places.append(place)
                link_depends = False
        elif element:
            if element not in inside:
                raise _Disorder
            if tag.written is None:
                places.append(place)
                link_depends = link_depends or element == "a"
            if tag.opens:
                if element in _NO_LINK_AROUND:
                    if "a" in open_:
                        raise _Disorder
                    tags[place] = tag._replace(parent=open_[-1]) if element == "iframe" else tag
                open_.append(element)
                if len(open_) > _DEEPEST:
                    raise _Disorder
                inside = _INSIDE[element]
                particular = element in _PARTICULAR
        if particular:
            texts[place + 1] = _fitting(open_[-1], texts[place + 1], tag)
    if len(open_) != 1:
        raise _Disorder
    return tags, places


def _fitting(parent: str, text: str, before: _Tag) -> str:
    """Return a text behind a tag as it stays in `parent`. Raises _Disorder if it may not stay."""
    if parent in _EMPTY:
        fits = not text.strip(_SPACES)
    elif parent in _CLOSED_AT_ONCE:
        fits = not text and before.element == parent
    else:
        fits = before.closes or before.element == "pre" or not text.startswith("\n")
        text = text.lstrip("\n") if before.opens and before.element == "pre" else text  # parsers drop one or all
    if not fits:
        raise _Disorder
    return text


def _tag(raw: str) -> _Tag:
    """Return what a tag means; those that are the same everywhere are kept. Raises _Disorder."""
    tag = _read_tag(raw)
    if tag.written is not None and len(raw) <= _LONGEST_KEPT:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[raw] = tag
    return tag


def _read_tag(raw: str) -> _Tag:
    if match := _END.fullmatch(raw):
        name = match[1].lower()
        if name in VOID or name not in _INSIDE:
            raise _Disorder
        # A frame becomes a link, which ends where it begins.
        written = "" if name in _CLOSED_AT_ONCE else f"</{name}>"
        return _Tag(name, closes=True, written=written, words=_BREAK if name in BLOCKS else "")
    match = _START.fullmatch(raw)
    if match is None:
        if _COMMENT.fullmatch(raw):
            return _Tag("")
        raise _Disorder
    name = match[1].lower()
    void = name in VOID
    if not void and (match[3] or name not in _INSIDE):
        raise _Disorder
    attributes: dict[str, str] = {}
    if match[2]:
        found = _ATTRIBUTE.findall(match[2])
        attributes = {key.lower(): double or single or bare for key, double, single, bare in found}
        if len(attributes) != len(found):
            raise _Disorder
        if "&" in raw:
            attributes = {key: unescape(value) for key, value in attributes.items()}
    break_ = _BREAK if name in BLOCKS else " " if name in ("td", "th") else ""
    tag = _Tag(name, opens=not void, written=None, words=break_, attributes=attributes)
    depends = name == "a" and not is_usual(attributes.get("href", ""))
    if depends or (name != "a" and not attributes.keys().isdisjoint(_ADDRESSES)):
        return tag
    return tag._replace(written=_written(tag, None), attributes={})


def _written(tag: _Tag, base: str | None) -> str:
    if tag.element == "iframe":
        return frame(tag.attributes, base, parent=tag.parent)
    kept = attributes_of(tag.element, tag.attributes, base)
    if kept is None:
        return ""
    if not kept:
        return f"<{tag.element}>"
    attributes = "".join([f' {name}="{_quoted(value)}"' for name, value in kept.items()])
    return f"<{tag.element}{attributes}>"
