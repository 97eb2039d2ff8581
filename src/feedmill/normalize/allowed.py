"""What of HTML passes into a feed: elements, their attributes, and what becomes of the values of these.

docs/articles.md shows the list to authors. This module must not know how markup is read or written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from feedmill.normalize.links import MEDIA_SCHEMES, absolute, srcset
from feedmill.normalize.plaintext import plain

__all__ = ["ALLOWED", "DEEPEST", "EVERYWHERE", "FLOWING", "VOID", "attributes_of", "frame"]

EVERYWHERE = frozenset({"dir", "lang", "title"})
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

FLOWING = frozenset(
    [
        "",
        "article",
        "aside",
        "blockquote",
        "dd",
        "details",
        "div",
        "figcaption",
        "figure",
        "footer",
        "header",
        "li",
        "section",
    ]
).union(["td", "th"])
"""Elements that hold paragraphs; "" is the fragment itself."""

_LINKS = frozenset({"cite", "href"})
_FETCHED = frozenset({"poster", "src"})
_NEEDS = {"a": "href", "img": "src", "track": "src"}
_SIZE_UNIT = re.compile(r"\s*(px)?\s*$")


def attributes_of(tag: str, attributes: Mapping[str, str], base: str | None) -> dict[str, str] | None:
    """Return the attributes that an element may keep, their addresses absolute.

    None: the element is not allowed, or is nothing without an attribute that it lacks, or counts readers.
    """
    allowed = ALLOWED.get(tag)
    if allowed is None or (tag == "img" and _is_pixel(attributes)):
        return None
    kept: dict[str, str] = {}
    for name, raw in attributes.items():
        if name not in allowed and name not in EVERYWHERE:
            continue
        value = _URLS[name](raw or "", base) if name in _URLS else plain(raw or "")
        if value is not None:
            kept[name] = value
    if tag == "img" and "src" not in kept:
        # Pages that load pictures late keep the real address aside.
        late = absolute(attributes.get("data-src") or "", base, schemes=MEDIA_SCHEMES)
        if late:
            kept["src"] = late
    if tag in _NEEDS and _NEEDS[tag] not in kept:
        return None
    if tag == "source" and not kept.keys() & {"src", "srcset"}:
        return None
    return kept


def frame(attributes: Mapping[str, str], base: str | None, *, parent: str) -> str:
    """Return what is written for an `iframe` in an element `parent` ("" is none): a link to what it shows, if that has
    an address."""
    url = absolute(attributes.get("src") or "", base, schemes=MEDIA_SCHEMES)
    if url is None:
        return ""
    link = f'<a href="{escape(url)}">{escape(plain(attributes.get("title") or "") or url, quote=False)}</a>'
    return f"<p>{link}</p>" if parent in FLOWING else link


def _fetched(url: str, base: str | None) -> str | None:
    return absolute(url, base, schemes=MEDIA_SCHEMES)


_URLS: dict[str, Callable[[str, str | None], str | None]] = {
    **dict.fromkeys(_LINKS, absolute),
    **dict.fromkeys(_FETCHED, _fetched),
    "srcset": srcset,
}


def _is_pixel(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is there to count readers: one pixel, or none, each way."""
    sizes = [_SIZE_UNIT.sub("", attributes.get(side) or "") for side in ("width", "height")]
    return all(size in {"0", "1"} for size in sizes)
