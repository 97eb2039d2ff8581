"""Markup from outside, read in linear time whatever it is: the one place that calls an HTML parser on it.

This module must not know what is allowed in a feed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from feedmill.normalize.plaintext import repair

__all__ = ["BLOCKS", "Listener", "listen"]

DROPPED = frozenset(
    {
        "annotation",
        "annotation-xml",
        "applet",
        "button",
        "canvas",
        "datalist",
        "frameset",
        "map",
        "math",
        "noembed",
        "noframes",
        "object",
        "option",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "xmp",
    }
)
"""Elements that go with all they contain: code, forms, drawings, and fallbacks for what is not shown."""

BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "video",
    }
)
_HOPELESS = 2000  # open elements, after which the rest is not read
_CHUNK = 16 * 1024  # characters
_LONGEST_TAG = 100_000  # characters
_LONG_TAG = re.compile(rf"<[A-Za-z][^<>]{{{_LONGEST_TAG},}}>?")
_MOST_PIECES = 4096  # of text


class Listener:
    """Hears what a document holds, but for what is in `DROPPED`. What it hears is balanced."""

    def __init__(self) -> None:
        self.depth = 0
        self.satisfied = False
        """Set it, and the rest of the document is not read."""
        self._hidden = 0
        self._untold: list[str] = []  # the parser tells some text character by character

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hear a start tag from the parser."""
        self._tell()
        self.depth += 1
        if self._hidden or tag in DROPPED:
            self._hidden += 1
        else:
            self.opened(tag, attributes)

    def end(self, tag: str) -> None:
        """Hear an end tag, written or implied, from the parser."""
        self._tell()
        self.depth -= 1
        if self._hidden:
            self._hidden -= 1
        else:
            self.closed(tag)

    def data(self, text: str) -> None:
        """Hear a piece of text from the parser."""
        if not self._hidden:
            self._untold.append(text)
            if len(self._untold) >= _MOST_PIECES:
                self._tell()

    def close(self) -> None:
        """Hear the end of the document from the parser."""
        self._tell()

    def _tell(self) -> None:
        if self._untold:
            text = "".join(self._untold)
            self._untold.clear()
            self.text(text)

    def opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def closed(self, tag: str) -> None:
        """The innermost open element ends."""

    def text(self, text: str) -> None:
        """A piece of text, references decoded."""


def listen(html: str, listener: Listener) -> None:
    """Read `html`, a fragment or a document, and tell `listener` what it holds.

    Markup that opens more than 2000 elements without closing them is not read any further.
    """
    # libxml2 reads in linear time however deep the markup, which the tree builders of HTML 5 do not, as long
    # as end tags that fit nothing find few open elements to be compared with.
    parser = etree.HTMLParser(target=listener, huge_tree=True)  # type: ignore[arg-type] # the stubs ask for bytes too
    text = "<body>" + repair(html.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > _LONGEST_TAG:
        text = _LONG_TAG.sub("", text)  # a parser keeps a start tag in memory, many times over
    for at in range(0, len(text), _CHUNK):
        parser.feed(text[at : at + _CHUNK])
        if listener.satisfied or listener.depth > _HOPELESS:
            break
    parser.close()
