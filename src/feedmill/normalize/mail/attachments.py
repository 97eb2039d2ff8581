"""Files that came with a message -> enclosures, under names that can be served: made of their content and kind.

A name that a sender chose is shown, and never becomes a path. Kinds that a browser would run on the site's own address
(HTML, SVG, scripts) are not served. This module must not know where the files are written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from feedmill.model import Enclosure

__all__ = ["Attachment", "enclosures", "served"]

_SUFFIXES = {
    "application/epub+zip": ".epub", "application/gzip": ".gz", "application/msword": ".doc", "application/pdf": ".pdf",
    "application/rtf": ".rtf", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods", "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/zip": ".zip",
    "audio/aac": ".aac", "audio/flac": ".flac", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/ogg": ".ogg",
    "audio/wav": ".wav", "audio/x-wav": ".wav", "image/avif": ".avif", "image/gif": ".gif", "image/jpeg": ".jpg",
    "image/png": ".png", "image/webp": ".webp", "text/calendar": ".ics", "text/csv": ".csv", "text/plain": ".txt",
    "video/mp4": ".mp4", "video/mpeg": ".mpg", "video/ogg": ".ogv", "video/quicktime": ".mov", "video/webm": ".webm",
}  # fmt: skip
_BY_SUFFIX = {suffix: kind for kind, suffix in _SUFFIXES.items()} | {".jpeg": "image/jpeg", ".wav": "audio/wav"}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}$")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, and the media type that its sender gives it."""

    name: str
    type: str
    body: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.body)

    @property
    def shown_size(self) -> str:
        """Its size for people."""
        if self.size < 1000:
            return f"{self.size} B"
        return f"{self.size / 1000:.0f} kB" if self.size < 1_000_000 else f"{self.size / 1_000_000:.1f} MB"

    @property
    def kind(self) -> str | None:
        """The media type that it is served as; None if it is not."""
        if self.type in _SUFFIXES:
            return self.type
        suffix = _SUFFIX.search(self.name.lower())
        generic = self.type in ("application/octet-stream", "application/x-zip-compressed", "binary/octet-stream")
        return _BY_SUFFIX.get(suffix[0]) if suffix and generic else None

    @property
    def path(self) -> str | None:
        """The name of the file that is served: the same for the same bytes. None if it is not served."""
        if self.kind is None or not self.body:
            return None
        return hashlib.sha256(self.body).hexdigest()[:32] + _SUFFIXES[self.kind]


def served(attachments: list[Attachment]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file that an enclosure leads to."""
    for one in attachments:
        if one.path is not None:
            yield one.path, one.body


def enclosures(attachments: list[Attachment], files_url: str) -> tuple[Enclosure, ...]:
    """Return the files as enclosures, each once, under the address `files_url` (with a final slash)."""
    found: dict[str, Enclosure] = {}
    for one in attachments:
        if one.path is not None:
            enclosure = Enclosure(url=files_url + one.path, type=one.kind, length=one.size, title=one.name or None)
            found.setdefault(one.path, enclosure)
    return tuple(found.values())
