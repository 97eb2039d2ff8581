"""Plain text -> HTML paragraphs.

This module must not know where the text came from.
"""

from __future__ import annotations

import re
from html import escape

__all__ = ["paragraphs"]

_BLANK_LINES = re.compile(r"\n\s*\n")


def paragraphs(text: str) -> str:
    """Return plain text as HTML: blank lines end paragraphs, other line ends break lines."""
    blocks = (block.strip() for block in _BLANK_LINES.split(text.replace("\r\n", "\n").replace("\r", "\n")))
    return "".join(f"<p>{escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks if block)
