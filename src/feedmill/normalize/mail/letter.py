"""The HTML of a newsletter -> HTML without what is hidden, counts readers, or is the subscriber's alone.

What comes out is not sanitized yet. This module must not know the message around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from feedmill.normalize.allowed import VOID
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.mail.private import Private, says_unsubscribe
from feedmill.normalize.markup import BLOCKS, Listener, listen
from feedmill.normalize.plaintext import plain

__all__ = ["Letter", "read_letter", "says_view"]

_VIEW = re.compile(
    r"\b(?:view|read|open|see|show|display)(?: (?:this|the|it|our|your))?(?: (?:full|whole|entire))?"
    r"(?: (?:e-?mail|newsletter|message|issue|mail|version|it))?"
    r" (?:online|on the web|on (?:the|our) web ?site"
    r"|(?:in|with|using) (?:(?:your|a|the|my) )?(?:web |internet )?browser)\b|\b(?:web|online|browser)[ -]version\b"
    r"|trouble (?:viewing|reading|seeing)|not display(?:ing|ed)? (?:correctly|properly)"
    r"|\b(?:lihat|baca|buka|tampilkan)(?: (?:e-?mail|surel|pesan|buletin|nawala))?(?: ini)?"
    r" (?:secara (?:online|daring)|(?:di|melalui|lewat|dalam) (?:browser|peramban|web|situs))"
    r"|\bversi (?:web|daring|online)\b|(?:im|in) browser (?:ansehen|anzeigen|[öo]ffnen)|onlineversion"
    r"|dans (?:votre|le|un) navigateur|version en ligne"
    r"|en (?:su|el|tu) navegador|no (?:seu )?navegador|nel browser|in (?:je|uw) browser"
    r"|в браузере|ブラウザで|在浏览器中|브라우저에서",
    re.IGNORECASE,
)
_LONGEST_VIEW = 120  # characters
_HIDDEN = re.compile(
    r"(?is)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|max-height\s*:\s*0(?:px)?\s*(?:!important\s*)?(?:;|$)(?=.*overflow\s*:\s*hidden)"
    r"|overflow\s*:\s*hidden.*max-height\s*:\s*0(?:px)?\s*(?:!important\s*)?(?:;|$)"
)
_TINY = re.compile(r"(?i)(?:^|;)\s*(?:max-)?(width|height)\s*:\s*[01](?:\.0*)?(?:px)?\s*(?:!important\s*)?(?=;|$)")
_COUNTER = re.compile(
    r"(?i)/(?:wf/open|track/open|e/o/|o\.gif|open\.(?:php|aspx|gif|png)|t\.gif|trackopen|emailopen|beacon|pixel)\b"
    r"|[/._-](?:tracking|track|count(?:er)?|spacer|blank|clear|1x1)[._-]?(?:pixel)?\.(?:gif|png)(?:$|\?)|pixel\.(?:gif|png)"
)
_LONGEST_STYLE = 2000
_LONGEST_SAID = 150  # characters of a link; a longer one is a story
_LONGEST_URL = 8000
_LINES = BLOCKS | {"body", "td", "th"}
_FILLER = re.compile(
    "[\u200b-\u200f\u034f\u00ad\u2007\ufeff\u2060][\u200b-\u200f\u034f\u00ad\u2007\ufeff\u2060\\s]{2,}"
)
"""What stands behind the preview line, so that inboxes show nothing else there."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A newsletter's HTML; the address of its copy on the web and its language, where it names them."""

    html: str
    view: str | None = None
    language: str | None = None
    images: frozenset[str] = frozenset()


def says_view(text: str) -> bool:
    """Return whether `text` offers to show the message in a browser."""
    return len(text) <= _LONGEST_VIEW and _VIEW.search(text) is not None


def read_letter(html: str, private: Private) -> Letter:
    """Return the HTML part of a message without what should not be published.

    A picture that came with the message (`cid:`, RFC 2392) leaves its description: it has no address.
    """
    reader = _Reader(private)
    listen(html, reader)
    return reader.letter()


@dataclass(slots=True)
class _Anchor:
    href: str
    line: int
    at: int  # where it begins among the pieces
    text: list[str] = field(default_factory=list)
    end: int = 0

    @property
    def said(self) -> str:
        """Its words; none where there are so many that it is a story and not a button."""
        words = plain("".join(self.text))
        return words if len(words) <= _LONGEST_SAID else ""


class _Reader(Listener):
    """Writes what it hears, and remembers where links stand, since what is said around them comes later."""

    def __init__(self, private: Private) -> None:
        super().__init__()
        self._private = private
        self._pieces: list[str] = []
        self._open: list[str] = []  # the end tag of each open element
        self._lines: list[list[str]] = [[]]
        self._anchors: list[_Anchor] = []
        self._within: list[_Anchor] = []
        self._unseen = 0
        self._base: str | None = None
        self._language: str | None = None
        self._images: set[str] = set()

    def opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "base" and self._base is None:
            self._base = absolute(attributes.get("href") or "", None, schemes=MEDIA_SCHEMES)
        if tag in ("html", "body") and self._language is None:
            self._language = attributes.get("lang") or None
        if self._unseen or _is_hidden(attributes):
            self._unseen += 1
            return
        self._open.append("" if tag in VOID else f"</{tag}>")
        if tag in _LINES:
            self._lines.append([])
        if tag == "a":
            self._begin(attributes)
        elif tag == "img":
            self._image(attributes)
        else:
            self._pieces.append(_written(tag, attributes))

    def closed(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        if tag in _LINES and tag != "br":
            self._lines.append([])
        self._pieces.append(self._open.pop())
        if tag == "a":
            self._within.pop().end = len(self._pieces)

    def text(self, text: str) -> None:
        if self._unseen:
            return
        text = _FILLER.sub(" ", self._private.masked(text))
        self._lines[-1].append(text)
        for anchor in self._within[-1:]:
            anchor.text.append(text)
        self._pieces.append(escape(text, quote=False))

    def letter(self) -> Letter:
        """Return what was heard."""
        lines = [plain("".join(parts)) for parts in self._lines]
        linked = [False] * len(lines)
        viewing = {anchor.line for anchor in self._anchors if says_view(anchor.said)}
        for anchor in self._anchors:
            linked[anchor.line] = True
        leaving = self._private.lines(lines, linked)
        view: str | None = None
        for anchor in self._anchors:
            said = anchor.said
            private = anchor.line in leaving or says_unsubscribe(said) or self._private.is_private(anchor.href)
            if says_view(said) or (anchor.line not in viewing and not private and says_view(lines[anchor.line])):
                if view is None and not self._private.is_private(anchor.href):
                    view = absolute(anchor.href, self._base, schemes=MEDIA_SCHEMES)
                self._drop(anchor)
            elif private and says_unsubscribe(said):
                self._drop(anchor)
            elif private:
                self._pieces[anchor.at] = "<a>"
        return Letter("".join(self._pieces), view, self._language, frozenset(self._images))

    def _drop(self, anchor: _Anchor) -> None:
        end = anchor.end or len(self._pieces)
        self._pieces[anchor.at : end] = [""] * (end - anchor.at)

    def _begin(self, attributes: Mapping[str, str]) -> None:
        href = (attributes.get("href") or "").strip()
        href = self._private.without_subscriber(href) if len(href) <= _LONGEST_URL else ""
        if self._base and href:
            href = absolute(href, self._base) or href
        anchor = _Anchor(href, len(self._lines) - 1, len(self._pieces))
        self._anchors.append(anchor)
        self._within.append(anchor)
        kept = {name: attributes[name] for name in ("lang", "dir") if attributes.get(name)}
        self._pieces.append(_written("a", kept | ({"href": href} if href else {})))

    def _image(self, attributes: Mapping[str, str]) -> None:
        source = (attributes.get("src") or "").strip()[: _LONGEST_URL + 1]
        if source.lower().startswith("cid:"):
            self._images.add(source[4:].strip("<>"))
        if len(_TINY.findall((attributes.get("style") or "")[:_LONGEST_STYLE])) > 1 or _COUNTER.search(source[:2000]):
            return
        described = plain(self._private.masked(attributes.get("alt") or ""))
        for anchor in self._within[-1:]:
            anchor.text.append(described)
        url = absolute(source, self._base, schemes=MEDIA_SCHEMES)
        if url is None and not attributes.get("srcset"):
            self._pieces.append(escape(described, quote=False))
        elif url is None or not self._private.is_private(url):
            self._pieces.append(_written("img", dict(attributes) | ({"src": url} if url else {}) | {"alt": described}))


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or _HIDDEN.search((attributes.get("style") or "")[:_LONGEST_STYLE]) is not None


def _written(tag: str, attributes: Mapping[str, str]) -> str:
    return "<" + tag + "".join(f' {name}="{escape(value or "")}"' for name, value in attributes.items()) + ">"
