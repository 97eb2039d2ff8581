"""What every format says alike: who answers for a feed, what people and files are called, which links an entry has.

This module must not know any format.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from feedmill.errors import RenderError
from feedmill.model import Entry, FeedSpec, Link, Person

__all__ = [
    "author_of",
    "description_of",
    "display_name",
    "durations",
    "further_links",
    "guess_type",
    "language_of",
    "logo_of",
    "media_type",
    "writing",
]

_MEDIA_TYPE = re.compile(r"""[^\s()<>,;:\\"/\[\]?=]+/[^\s()<>,;:\\"/\[\]?=]+(\s*;\s*[\w.+-]+=("[^"\\]*"|[\w.+-]+))*""")

# What podcasts and picture feeds use, and some Python releases do not know. The system's own tables are left
# out: the same entries must give the same bytes on every machine.
_MORE_TYPES = {
    ".aac": "audio/aac",
    ".avif": "image/avif",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".m4v": "video/mp4",
    ".mkv": "video/matroska",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".torrent": "application/x-bittorrent",
    ".wav": "audio/wav",
    ".webp": "image/webp",
}


@contextmanager
def writing(spec: FeedSpec, file_name: str) -> Iterator[None]:
    """Turn what cannot be written into an error that names the feed.

    Raises:
        RenderError: an entry lacks what the format requires, such as a time zone.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        raise RenderError(
            f"the entries cannot be written: {error}",
            where=f"feed {spec.name!r}, {file_name}",
            hint="The last good file stays; correct the source of the entry that it names.",
        ) from error


def language_of(spec: FeedSpec) -> str:
    """Return the language of the feed, BCP 47."""
    return spec.language or spec.site.language


def description_of(spec: FeedSpec) -> str | None:
    """Return what the feed or its site says about itself, None where neither does."""
    return spec.description or spec.site.description or None


def author_of(spec: FeedSpec) -> Person:
    """Return who answers for the feed: the site's author, else the site itself."""
    author = spec.site.author
    return author if author and display_name(author) else Person(name=spec.site.title)


def logo_of(spec: FeedSpec) -> str | None:
    """Return the large picture of the feed: a podcast's artwork, else the logo of the site."""
    return (spec.podcast.image if spec.podcast else None) or spec.site.logo or None


def durations(entry: Entry) -> dict[str, int]:
    """Return how long, in seconds, the enclosures of an entry play, by address; an episode is its first enclosure."""
    known = {one.url: one.duration for one in reversed(entry.media) if one.duration and one.duration > 0}
    lasts = entry.episode.duration if entry.episode else None
    if lasts and entry.enclosures:
        known.setdefault(entry.enclosures[0].url, lasts)
    return known


def display_name(person: Person) -> str:
    """Return what to call somebody who may have no name."""
    return person.name.strip() or person.email or person.uri or ""


def media_type(text: str | None) -> str | None:
    """Return `text` if it is a media type (RFC 2045 section 5.1), else None: servers and feeds say many things."""
    return text if text and _MEDIA_TYPE.fullmatch(text) else None


@cache
def _types() -> mimetypes.MimeTypes:
    known = mimetypes.MimeTypes()  # made late: it reads the system's tables, which nobody uses here
    for suffix, kind in _MORE_TYPES.items():
        known.add_type(kind, suffix)
    return known


def guess_type(url: str) -> str | None:
    """Return the media type that the ending of a URL's path stands for, None where it says nothing."""
    kind, encoding = _types().guess_type(url.partition("#")[0].partition("?")[0])
    return None if encoding else kind


def further_links(entry: Entry) -> list[Link]:
    """Return the links of an entry besides its own address and its enclosures.

    Readers take the last `alternate` link that they find for the entry's own address, so it has only one.
    """
    return [link for link in entry.links if link.rel not in ("", "alternate", "enclosure")]
