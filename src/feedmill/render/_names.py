"""What the documents of a feed are called, within its folder, and those of the site.

This module must not know what is in them, so that asking for names loads nothing else.
"""

from __future__ import annotations

__all__ = ["FEEDS", "FRONT_PAGE", "NEWS", "document_name", "is_archive_name"]

FRONT_PAGE = "index.html"
FEEDS = "feeds.opml"
NEWS = "news.xml"


def document_name(file_name: str, number: int | None) -> str:
    """Return the path, within the folder of a feed, of the live document or of the archive document `number`."""
    if number is None:
        return file_name
    stem, _, suffix = file_name.rpartition(".")
    return f"archive/{stem}-{number:04d}.{suffix}"


def is_archive_name(name: str, file_name: str) -> bool:
    """Return whether `name`, a path within the folder of a feed, is that of an archive document."""
    return name.startswith(f"archive/{file_name.rpartition('.')[0]}-")
