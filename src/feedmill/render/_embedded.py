"""The content of an entry, fitted into a page: its headings below the page's own, its media at rest, all of it usable.

It takes sanitized, balanced HTML and changes tags alone: text passes as it is. This module must not know what is safe:
that was decided when the entry was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

__all__ = ["embedded"]

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FIRST, _LAST = 3, 6
_PLAIN = {"article": "div", "aside": "div"}
"""Elements that would be landmarks of the page."""

_NAMED = frozenset({"a", "th", *_HEADINGS})
"""Elements that must show something."""

# A code of three letters is as likely to be a programming language; these are languages that people write in.
_LANGUAGE = re.compile(
    r"([a-z]{2}|arz|ast|ceb|ckb|fil|fur|gsw|haw|hsb|kab|nds|pnb|szl|war)(-[a-z0-9]{1,8})*", re.IGNORECASE
)
_CODE = frozenset({"code", "pre", "samp", "kbd"})

Attributes = dict[str, str | None]


def embedded(content: str) -> Markup:
    """Return `content` as it stands in a page.

    Headings begin at the third level and skip none; pictures are loaded when they are seen, and tell nobody who looks;
    sound and film wait for a click; what is wider than the page can be scrolled with keys; a link or a heading that
    shows nothing gets a name, or is none (WCAG 2.2, 1.1.1, 1.3.1, 2.1.1, 2.4.4).
    """
    writer = _Writer()
    writer.feed(content)
    writer.close()
    return Markup("".join(writer.parts))  # noqa: S704  # sanitized when the entry was made


@dataclass(slots=True)
class _Open:
    """An element that waits for its end: where it began, what it is written as, and whether it shows anything."""

    tag: str
    start: int
    written: str
    attributes: Attributes = field(default_factory=dict)
    shows: bool = False


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._levels: list[int] = []
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = _attributes(tag, dict(attrs))
        if tag == "table":
            self.parts.append('<div class="wide" tabindex="0">')
        written = self._level(tag) if tag in _HEADINGS else _PLAIN.get(tag, tag)
        if tag in _NAMED:
            self._open.append(_Open(tag, len(self.parts), written, attributes))
        elif (tag == "img" and attributes.get("alt")) or tag in ("audio", "video"):
            self._shown()
        self.parts.append(_start(written, attributes))

    def handle_endtag(self, tag: str) -> None:
        written = _PLAIN.get(tag, tag)
        if self._open and self._open[-1].tag == tag:
            closed = self._open.pop()
            written = self._named(closed)
        self.parts.append(f"</{written}>")
        if tag == "table":
            self.parts.append("</div>")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._shown()
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self._shown()
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._shown()
        self.parts.append(f"&#{name};")

    def _shown(self) -> None:
        for element in self._open:
            element.shows = True

    def _level(self, tag: str) -> str:
        """The level of a heading in the page, which is one deeper than that of the heading that it is under."""
        level = int(tag[1])
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        return f"h{min(_FIRST - 1 + len(self._levels), _LAST)}"

    def _named(self, closed: _Open) -> str:
        """Write an element that shows nothing with a name, or as one that needs none; return what it is called."""
        if closed.shows:
            return closed.written
        if closed.tag == "a":
            name = closed.attributes.get("title") or closed.attributes.get("href") or ""
            closed.attributes["aria-label"] = name
        elif closed.tag == "th":
            closed.written = "td"
            closed.attributes.pop("scope", None)
        else:
            closed.written = "div"
        self.parts[closed.start] = _start(closed.written, closed.attributes)
        return closed.written


def _attributes(tag: str, attributes: Attributes) -> Attributes:
    if tag in _CODE or not _LANGUAGE.fullmatch(attributes.get("lang") or "en"):
        attributes.pop("lang", None)
    if tag == "img":
        attributes.setdefault("alt", "")
        attributes |= {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"}
    elif tag in ("audio", "video"):
        attributes |= {"controls": "", "preload": "none"}
    elif tag == "pre":
        attributes["tabindex"] = "0"
    return attributes


def _start(tag: str, attributes: Mapping[str, str | None]) -> str:
    written = "".join(f' {name}="{escape(value or "")}"' for name, value in attributes.items())
    return f"<{tag}{written}>"
