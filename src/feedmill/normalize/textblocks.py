"""Plain text -> HTML paragraphs.

This module must not know where the text came from.
"""

from __future__ import annotations

import re
from html import escape

__all__ = ["URL", "linked", "paragraphs"]

URL = re.compile(r"https?://[^\s<>\"'“”‘’«»]+")
"""An address in plain text, with the punctuation that may follow it."""

_BLANK_LINES = re.compile(r"\n\s*\n")
_CLOSING = ".,;:!?…)]}"


def paragraphs(text: str) -> str:
    """Return plain text as HTML: blank lines end paragraphs, other line ends break lines."""
    blocks = (block.strip() for block in _BLANK_LINES.split(text.replace("\r\n", "\n").replace("\r", "\n")))
    return "".join(f"<p>{escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks if block)


def linked(line: str) -> str:
    """Return a line of plain text as HTML, with the addresses in it made links."""
    parts, done = [], 0
    for match in URL.finditer(line):
        url = match[0].rstrip(_CLOSING)
        if url.count("(") > url.count(")"):
            url = match[0][: len(url) + 1] if match[0][len(url) : len(url) + 1] == ")" else url
        parts.append(escape(line[done : match.start()], quote=False))
        parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
        done = match.start() + len(url)
    return "".join(parts) + escape(line[done:], quote=False)
