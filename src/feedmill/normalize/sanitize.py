"""Markup from outside, made safe and valid: the one place where HTML is cleaned.

What `allowed` lists is all that passes. This module must not know whether the markup came from an article or from an
upstream feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import nh3

from feedmill.normalize.allowed import ALLOWED, DEEPEST, EVERYWHERE, VOID, attributes_of, frame
from feedmill.normalize.htmltext import html_to_text
from feedmill.normalize.links import LINK_SCHEMES
from feedmill.normalize.markup import Listener, listen
from feedmill.normalize.plaintext import plain, summarize, xml_safe
from feedmill.normalize.tidy import tidied

__all__ = ["html_to_text", "plain", "sanitize", "summarize", "title_text", "xml_safe"]

_ONLY_IN_RUBY = frozenset({"rp", "rt"})
_RUBY = frozenset({"</rp>", "</rt>", "</ruby>"})  # an <rt> ends the <rp> before it, written or not
_PASSES = 6
_LONGEST_RUN = 4096  # characters of one text node: the cleaner takes quadratic time over the references in it
_NODE_ENDS = "<x></x>"  # an element that does not pass: the cleaner takes it out

_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes={"*": set(EVERYWHERE), **{tag: set(names) for tag, names in ALLOWED.items() if names}},
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
    clean = tidied(html, base)
    return _parsed(html, base) if clean is None else clean


def _parsed(html: str, base: str | None) -> str:
    """Return what `sanitize` does, whatever the markup."""
    clean = _clean(html, base)
    for _ in range(_PASSES):
        # HTML has trees that do not survive being written and read again; what is published is one that does.
        again = tidied(clean, base)
        if again is None:
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
        around = next(filter(None, reversed(self._endings)), "")  # how the innermost element ends
        if tag == "iframe":
            return frame(attributes, self._base, parent=around[2:-1]), ""
        if tag in _ONLY_IN_RUBY and around not in _RUBY:
            return "", ""
        kept = attributes_of(tag, attributes, self._base)
        if kept is None:
            return "", ""
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        return f"<{tag}{written}>", "" if tag in VOID else f"</{tag}>"
