"""What a published file is, by its name: its media type, and whether it is worth compressing.

This module must not know what is in a file.
"""

from __future__ import annotations

import mimetypes
from functools import cache

__all__ = ["compressible", "media_type"]

_UTF8 = "; charset=utf-8"
_OURS = {
    ".atom": "application/atom+xml",
    ".avif": "image/avif",
    ".flac": "audio/flac",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".ogg": "audio/ogg",
    ".opml": "text/x-opml",
    ".opus": "audio/ogg",
    ".rss": "application/rss+xml",
    ".vtt": "text/vtt",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".xsl": "application/xslt+xml",
}
"""What the tables of some Python releases lack, or call otherwise than the web does today."""

_UNKNOWN = "application/octet-stream"
_TEXTUAL = ("application/json", "application/xml", "text/javascript", "image/svg+xml")


@cache
def _types() -> mimetypes.MimeTypes:
    return mimetypes.MimeTypes()  # not the system's tables: the same name is the same type on every machine


def media_type(name: str, known: str | None = None) -> str:
    """Return the `Content-Type` of the file called `name`, which is `known` to be of a type, or is judged by its
    ending. Text says that it is UTF-8; JSON is nothing else, and has no parameter for it (RFC 8259 section 11).
    """
    dot, suffix = name.rpartition(".")[1:]
    kind = known or _OURS.get(dot + suffix.lower()) or _types().guess_type(name)[0] or _UNKNOWN
    return kind + _UTF8 if kind.startswith("text/") or kind.endswith(("/xml", "+xml")) else kind


def compressible(content_type: str) -> bool:
    """Return whether compression makes such a file smaller: text does, pictures and sound are compressed already."""
    kind = content_type.partition(";")[0]
    return kind.startswith("text/") or kind in _TEXTUAL or kind.endswith(("+xml", "+json"))
