"""What is attached to an upstream's entry: enclosures, Media RSS, thumbnails, further links, a place.

Reads the dictionaries that feedparser makes. This module must not know texts, dates or ids.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from feedmill.model import Enclosure, Link, Media, Point, Thumbnail
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import plain

__all__ = ["enclosures", "fetched", "further_links", "media", "media_type", "number", "point", "thumbnails"]

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
# Not those of the machine or of this Python: the same feed gives the same bytes everywhere.
_BY_SUFFIX = {
    "aac": "audio/aac",
    **dict.fromkeys(("aif", "aiff"), "audio/aiff"),
    "flac": "audio/flac",
    **dict.fromkeys(("m4a", "m4b"), "audio/mp4"),
    "mka": "audio/matroska",
    "mp3": "audio/mpeg",
    **dict.fromkeys(("oga", "ogg", "opus"), "audio/ogg"),
    "wav": "audio/wav",
    "wma": "audio/x-ms-wma",
    "avif": "image/avif",
    "gif": "image/gif",
    **dict.fromkeys(("jpe", "jpeg", "jpg"), "image/jpeg"),
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "3gp": "video/3gpp",
    "avi": "video/x-msvideo",
    **dict.fromkeys(("m4v", "mp4"), "video/mp4"),
    "mkv": "video/matroska",
    **dict.fromkeys(("mpeg", "mpg"), "video/mpeg"),
    "ogv": "video/ogg",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "wmv": "video/x-ms-wmv",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "epub": "application/epub+zip",
    "pdf": "application/pdf",
    "torrent": "application/x-bittorrent",
    "zip": "application/zip",
}
_FURTHER = ("related", "via", "replies")
_MEDIUMS = frozenset({"image", "audio", "video", "document", "executable"})
_MOST = 100  # attachments of a kind
_LARGEST = 2**63 - 1
Raw = Mapping[str, Any]


def fetched(url: object, base: str | None) -> str | None:
    """Return the absolute http address of something that readers fetch."""
    return absolute(url, base, schemes=MEDIA_SCHEMES) if isinstance(url, str) else None


def media_type(value: object, url: str) -> str | None:
    """Return a media type (RFC 6838 section 4.2), guessed from the address where `value` is none."""
    name = str(value or "").partition(";")[0].strip().lower()
    return name if _TYPE.fullmatch(name) else _BY_SUFFIX.get(urlsplit(url).path.rpartition(".")[2].lower())


def number(value: object) -> int | None:
    """Return a size or length: a whole number, not negative; None for anything else."""
    text = str(value).strip().removesuffix("px") if value is not None else ""
    if not re.fullmatch(r"\d{1,19}(?:\.\d{1,9})?", text, re.ASCII):
        return None
    whole = int(text.partition(".")[0])
    return whole if whole <= _LARGEST else None


def enclosures(entry: Raw, base: str | None) -> tuple[Enclosure, ...]:
    """Return the files of an entry: RSS `enclosure`, Atom `link rel="enclosure"` (RFC 4287 section 4.2.7.2)."""
    found: dict[str, Enclosure] = {}
    for link in _dicts(entry, "links"):
        url = fetched(link.get("href"), base) if link.get("rel") == "enclosure" else None
        if url is None:
            continue
        # feedparser says text/html where Atom says nothing.
        kind = media_type(None if link.get("type") == "text/html" else link.get("type"), url)
        length = number(link.get("length")) or None  # 0 means "unknown" wherever it is written
        found.setdefault(
            url, Enclosure(url=url, type=kind, length=length, title=plain(str(link.get("title") or "")) or None)
        )
    return tuple(found.values())[:_MOST]


def media(entry: Raw, base: str | None) -> tuple[Media, ...]:
    """Return the `media:content` of an entry, those in groups too (Media RSS 1.5.1)."""
    found: dict[str, Media] = {}
    for raw in _dicts(entry, "media_content"):
        url = fetched(raw.get("url"), base)
        if url is None:
            continue
        medium = str(raw.get("medium") or "").strip().lower()
        found.setdefault(
            url,
            Media(
                url=url,
                type=media_type(raw.get("type"), url),
                medium=medium if medium in _MEDIUMS else None,
                width=number(raw.get("width")) or None,
                height=number(raw.get("height")) or None,
                length=number(raw.get("filesize")) or None,
                duration=number(raw.get("duration")),
            ),
        )
    return tuple(found.values())[:_MOST]


def thumbnails(entry: Raw, base: str | None) -> tuple[Thumbnail, ...]:
    """Return the pictures that stand for an entry: `media:thumbnail`, and the `itunes:image` of an episode."""
    found: dict[str, Thumbnail] = {}
    for raw in _dicts(entry, "media_thumbnail"):
        if url := fetched(raw.get("url"), base):
            picture = Thumbnail(
                url=url, width=number(raw.get("width")) or None, height=number(raw.get("height")) or None
            )
            found.setdefault(url, picture)
    image = dict.get(entry, "image") if isinstance(entry, dict) else None
    if isinstance(image, Mapping) and (url := fetched(image.get("href"), base)):
        found.setdefault(url, Thumbnail(url=url))
    return tuple(found.values())[:_MOST]


def further_links(entry: Raw, base: str | None) -> tuple[Link, ...]:
    """Return the links that are neither the entry's page nor its files: related, via, replies."""
    found: dict[tuple[str, str], Link] = {}
    for raw in _dicts(entry, "links"):
        rel = str(raw.get("rel") or "")
        href = absolute(str(raw.get("href") or ""), base) if rel in _FURTHER else None
        if href is None:
            continue
        kind = str(raw.get("type") or "").strip()
        found.setdefault(
            (rel, href),
            Link(
                href=href,
                rel=rel,
                # feedparser says text/html where nothing is said, and it is what a link leads to anyway.
                type=kind if _TYPE.fullmatch(kind) and kind != "text/html" else None,
                hreflang=language_tag(str(raw.get("hreflang") or "")),
                title=plain(str(raw.get("title") or "")) or None,
            ),
        )
    if replies := fetched(entry.get("wfw_commentrss"), base):
        found.setdefault(("replies", replies), Link(href=replies, rel="replies", type="application/rss+xml"))
    return tuple(found.values())[:_MOST]


def point(entry: Raw) -> Point | None:
    """Return the place of an entry: a GeoRSS point, or `geo:lat` and `geo:long`."""
    where = entry.get("where")
    if isinstance(where, Mapping) and where.get("type") == "Point":
        coordinates = list(_floats(where.get("coordinates") or ()))
        if len(coordinates) >= 2:
            return _place(coordinates[1], coordinates[0])
    coordinates = list(_floats((entry.get("geo_lat"), entry.get("geo_long") or entry.get("geo_lon"))))
    return _place(*coordinates) if len(coordinates) == 2 else None


def _place(latitude: float, longitude: float) -> Point | None:
    fits = math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return Point(latitude=latitude, longitude=longitude) if fits else None


def _floats(values: Iterable[object]) -> Iterator[float]:
    for value in values:
        try:
            yield float(str(value))
        except ValueError:
            return


def _dicts(entry: Raw, key: str) -> Iterator[Raw]:
    values = entry.get(key)
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, Mapping))
