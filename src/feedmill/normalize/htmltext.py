"""Markup from outside -> its text, for summaries, searches, and digests of what an entry says.

This module must not know what is allowed in a feed.
"""

from __future__ import annotations

from collections.abc import Mapping

from feedmill.normalize.markup import BLOCKS, Listener, listen
from feedmill.normalize.plaintext import plain
from feedmill.normalize.tidy import words

__all__ = ["html_to_text"]


def html_to_text(html: str) -> str:
    """Return the text of `html`, one line a block, without blank lines. Scripts, styles and forms have none."""
    text = words(html)
    return _parsed(html) if text is None else text


def _parsed(html: str) -> str:
    """Return what `html_to_text` does, whatever the markup."""
    target = _Text()
    listen(html, target)
    lines = (plain(line) for line in "".join(target.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Text(Listener):
    """Collects text; blocks end lines."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def closed(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def text(self, text: str) -> None:
        self.parts.append(text.replace("\n", " "))
