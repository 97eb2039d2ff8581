"""Markup from outside, made safe and valid: the one place where HTML is cleaned.

The allow-list below is all that passes; docs/articles.md shows it to authors. This module must not
know whether the markup came from an article or from an upstream feed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

import nh3

from feedmill.normalize.links import LINK_SCHEMES, MEDIA_SCHEMES, absolute, srcset
from feedmill.normalize.markup import Listener, html_to_text, listen
from feedmill.normalize.plaintext import plain, summarize, xml_safe

__all__ = ["html_to_text", "plain", "sanitize", "summarize", "title_text", "xml_safe"]

_EVERYWHERE = frozenset({"dir", "lang", "title"})
_CELL = frozenset({"abbr", "align", "colspan", "headers", "rowspan", "scope", "valign"})
_SIZED = frozenset({"height", "width"})

ALLOWED: Mapping[str, frozenset[str]] = {
    # sections and blocks
    **dict.fromkeys(("address", "article", "aside", "div", "figcaption", "figure", "footer", "header"), frozenset()),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "section", "summary"), frozenset()),
    "blockquote": frozenset({"cite"}),
    "details": frozenset({"open"}),
    # lists
    **dict.fromkeys(("dd", "dl", "dt", "ul"), frozenset()),
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    # tables
    **dict.fromkeys(("caption", "tbody", "tfoot", "thead", "tr"), frozenset()),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "table": frozenset(),
    "td": _CELL,
    "th": _CELL,
    # words
    **dict.fromkeys(("abbr", "b", "bdi", "bdo", "br", "cite", "code", "dfn", "em", "i", "kbd", "mark"), frozenset()),
    **dict.fromkeys(("rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup"), frozenset()),
    **dict.fromkeys(("tt", "u", "var", "wbr"), frozenset()),
    "a": frozenset({"href", "hreflang", "type"}),
    "data": frozenset({"value"}),
    "del": frozenset({"cite", "datetime"}),
    "ins": frozenset({"cite", "datetime"}),
    "q": frozenset({"cite"}),
    "time": frozenset({"datetime"}),
    # pictures, sound and film
    "audio": frozenset({"controls", "loop", "muted", "preload", "src"}),
    "img": _SIZED | {"alt", "sizes", "src", "srcset"},
    "picture": frozenset(),
    "source": _SIZED | {"media", "sizes", "src", "srcset", "type"},
    "track": frozenset({"default", "kind", "label", "src", "srclang"}),
    "video": _SIZED | {"controls", "loop", "muted", "poster", "preload", "src"},
}
"""Every element that passes, with its own attributes; `dir`, `lang` and `title` pass on all of them.

Any other element loses its tags and keeps its text, except those in `markup.DROPPED`.
"""

VOID = frozenset({"br", "col", "hr", "img", "source", "track", "wbr"})
DEEPEST = 200  # open elements; browsers stop at 512, and parsers take quadratic time beyond

_LINKS = frozenset({"cite", "href"})
_FETCHED = frozenset({"poster", "src"})
_NEEDS = {"a": "href", "img": "src", "track": "src"}
_ONLY_IN_RUBY = frozenset({"rp", "rt"})
_RUBY = frozenset({"</rp>", "</rt>", "</ruby>"})  # an <rt> ends the <rp> before it, written or not
_PASSES = 6
_LONGEST_RUN = 4096  # characters of one text node: the cleaner takes quadratic time over the references in it
_NODE_ENDS = "<x></x>"  # an element that does not pass: the cleaner takes it out

_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes={"*": set(_EVERYWHERE), **{tag: set(names) for tag, names in ALLOWED.items() if names}},
    clean_content_tags={"script", "style"},
    url_schemes=set(LINK_SCHEMES),
    link_rel=None,
    strip_comments=True,
)


def sanitize(html: str, *, base: str | None) -> str:
    """Return `html` as a safe, balanced, XML-legal HTML fragment that holds nothing outside `ALLOWED`.

    Every URL in it is absolute: relative ones are resolved against `base`, or removed where that is None.
    A frame becomes a link to what it shows, and counting pixels go. Markup nested more than 200 deep keeps its
    text alone. Clean markup comes back as it is.
    """
    clean = _clean(html, base)
    for _ in range(_PASSES):
        # HTML has trees that do not survive being written and read again; what is published is one that does.
        again = _clean(clean, base)
        if again == clean:
            return clean
        clean = again
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in html_to_text(html).split("\n") if line)


def title_text(markup_or_text: str, *, html: bool) -> str:
    """Return a title as one line of plain text; with `html`, tags are dropped and references decoded."""
    return plain(html_to_text(markup_or_text) if html else markup_or_text)


def _clean(html: str, base: str | None) -> str:
    target = _Rewriter(base)
    listen(html, target)
    return _CLEANER.clean("".join(target.parts)).strip()


class _Rewriter(Listener):
    """Writes the allowed part of what it hears as balanced markup."""

    def __init__(self, base: str | None) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._base = base
        self._endings: list[str] = []  # how to close each open element; "" where it was not written
        self._written = 0
        self._run = 0  # characters since the last text node was ended
        self._fresh_pre = False

    def opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        written, ending = self._element(tag, attributes)
        if ending:
            if self._written >= DEEPEST:
                written = ending = ""
            else:
                self._written += 1
        self.parts.append(written)
        self._endings.append(ending)
        self._fresh_pre = tag == "pre"

    def closed(self, tag: str) -> None:
        self._fresh_pre = False
        ending = self._endings.pop()
        if ending:
            self._written -= 1
            self.parts.append(ending)

    def text(self, text: str) -> None:
        if self._fresh_pre:
            text = text.lstrip("\n")  # a parser eats the first line break of <pre>, each time
            self._fresh_pre = not text
        for at in range(0, len(text), _LONGEST_RUN):
            piece = text[at : at + _LONGEST_RUN]
            self.parts.append(escape(piece, quote=False))
            self._run += len(piece)
            if self._run >= _LONGEST_RUN:
                self.parts.append(_NODE_ENDS)
                self._run = 0

    def _element(self, tag: str, attributes: Mapping[str, str]) -> tuple[str, str]:
        """What to write for the start and the end of an element."""
        if tag == "iframe":
            url = absolute(attributes.get("src") or "", self._base, schemes=MEDIA_SCHEMES)
            label = escape(plain(attributes.get("title") or "") or url or "", quote=False)
            return (f'<p><a href="{escape(url)}">{label}</a></p>', "") if url else ("", "")
        allowed = ALLOWED.get(tag)
        if tag in _ONLY_IN_RUBY and next(filter(None, reversed(self._endings)), "") not in _RUBY:
            return "", ""
        if allowed is None or (tag == "img" and _is_pixel(attributes)):
            return "", ""
        kept = self._attributes(tag, attributes, allowed)
        if tag in _NEEDS and _NEEDS[tag] not in kept:
            return "", ""
        if tag == "source" and not kept.keys() & {"src", "srcset"}:
            return "", ""
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        return f"<{tag}{written}>", "" if tag in VOID else f"</{tag}>"

    def _attributes(self, tag: str, attributes: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, raw in attributes.items():
            if name not in allowed and name not in _EVERYWHERE:
                continue
            value = _URLS[name](raw or "", self._base) if name in _URLS else plain(raw or "")
            if value is not None:
                kept[name] = value
        if tag == "img" and "src" not in kept:
            # Pages that load pictures late keep the real address aside.
            late = absolute(attributes.get("data-src") or "", self._base, schemes=MEDIA_SCHEMES)
            if late:
                kept["src"] = late
        return kept


def _fetched(url: str, base: str | None) -> str | None:
    return absolute(url, base, schemes=MEDIA_SCHEMES)


_URLS: dict[str, Callable[[str, str | None], str | None]] = {
    **dict.fromkeys(_LINKS, absolute),
    **dict.fromkeys(_FETCHED, _fetched),
    "srcset": srcset,
}


def _is_pixel(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is there to count readers: one pixel, or none, each way."""
    sizes = [re.sub(r"\s*(px)?\s*$", "", attributes.get(side) or "") for side in ("width", "height")]
    return all(size in {"0", "1"} for size in sizes)
