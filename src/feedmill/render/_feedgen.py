"""What RSS and Atom have in common: one head, one way to extend feedgen, the parts that both write alike.

feedgen builds the skeleton of a document; what it lacks is appended to the elements it has built, through its
own extension mechanism. This module must not know where entries come from or where documents go.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

from feedgen.feed import FeedGenerator

from feedmill.model import Edition, Enclosure, Entry, FeedSpec, Link, Media, Point
from feedmill.render._names import document_name
from feedmill.render._podcast import append_chapters
from feedmill.render._shared import durations, guess_type, language_of, media_type, writing
from feedmill.render._xml import GEORSS, MEDIA, Element, append
from feedmill.times import whole_seconds

__all__ = [
    "NAMESPACES",
    "append_link",
    "append_shared",
    "extend",
    "rendering",
    "start",
]

_GENERATOR = "Feedmill"  # without its version: an upgrade must not change every published byte

NAMESPACES: Mapping[str, str] = {
    "georss": "http://www.georss.org/georss",
    "media": "http://search.yahoo.com/mrss/",
}

_MEDIUMS = frozenset({"image", "audio", "video", "document", "executable"})  # Media RSS 1.5.1, media:content

# feedgen switches the locale of the whole process while it writes an RSS date.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def rendering(spec: FeedSpec, file_name: str) -> Iterator[None]:
    """Hold the lock that feedgen needs, and turn what it refuses into an error that names the feed.

    Raises:
        RenderError: an entry lacks what the format requires, such as a time zone.
    """
    with _ONE_AT_A_TIME, writing(spec, file_name):
        yield


class _Extension:
    """A feedgen extension that hands the element which feedgen has built to one function."""

    def __init__(self, namespaces: Mapping[str, str], complete: Callable[[Element], None]) -> None:
        self._namespaces = namespaces
        self._complete = complete

    def extend_ns(self) -> Mapping[str, str]:
        return self._namespaces

    def extend_atom(self, element: Element) -> Element:
        self._complete(element)
        return element

    extend_rss = extend_atom


def extend(target: Any, complete: Callable[[Element], None], namespaces: Mapping[str, str] | None = None) -> None:
    """Let `complete` append to the element that feedgen builds for `target`, a FeedGenerator or a FeedEntry.

    Only a feed declares `namespaces` (prefix to URI): its entries inherit them.
    """
    target.register_extension("feedmill", partial(_Extension, namespaces or {}, complete))


def start(edition: Edition, file_name: str, kind: str) -> Any:
    """Return a FeedGenerator with the head that both formats carry. `kind` is the document's media type."""
    spec = edition.spec
    feed = FeedGenerator()
    feed.id(spec.id)
    feed.title(spec.title)
    feed.generator(_GENERATOR)
    feed.updated(whole_seconds(edition.updated))  # lastBuildDate too
    feed.language(language_of(spec))
    feed.link(href=spec.base_url + document_name(file_name, edition.number), rel="self", type=kind)
    feed.link(href=spec.site.url, rel="alternate", type="text/html")  # the last link becomes RSS's <link>
    feed.rights(spec.site.rights or None)
    return feed


def append_link(parent: Element, tag: str, link: Link | Enclosure) -> None:
    """Append an Atom link element (RFC 4287 section 4.2.7) named `tag`."""
    if isinstance(link, Link):
        kind = media_type(link.type)
        append(parent, tag, href=link.href, rel=link.rel, type=kind, hreflang=link.hreflang, title=link.title)
        return
    kind = media_type(link.type) or guess_type(link.url)
    length = None if link.length is None or link.length < 0 else str(link.length)
    append(parent, tag, href=link.url, rel="enclosure", type=kind, length=length, title=link.title)


def append_shared(parent: Element, entry: Entry) -> None:
    """Append what RSS and Atom entries carry in the same foreign elements: Media RSS, GeoRSS and chapters."""
    for media in (*entry.media, *_played(entry)):
        append(
            parent,
            MEDIA + "content",
            url=media.url,
            fileSize=_positive(media.length),
            type=media_type(media.type),
            medium=media.medium if media.medium in _MEDIUMS else None,
            duration=_positive(media.duration),
            height=_positive(media.height),
            width=_positive(media.width),
        )
    for thumbnail in entry.thumbnails:
        append(
            parent,
            MEDIA + "thumbnail",
            url=thumbnail.url,
            height=_positive(thumbnail.height),
            width=_positive(thumbnail.width),
        )
    if entry.point and math.isfinite(entry.point.latitude) and math.isfinite(entry.point.longitude):
        append(parent, GEORSS + "point", _coordinates(entry.point))
    if entry.episode:
        append_chapters(parent, entry.episode)


def _played(entry: Entry) -> Iterator[Media]:
    """The enclosures of an episode whose duration is known, where no media say it."""
    described = {one.url for one in entry.media}
    for one in entry.enclosures:
        lasts = durations(entry).get(one.url)
        if lasts and one.url not in described:
            kind = media_type(one.type) or guess_type(one.url)
            medium = kind.partition("/")[0] if kind else None
            yield Media(url=one.url, type=kind, medium=medium, length=one.length, duration=lasts)


def _positive(number: int | None) -> str | None:
    return str(number) if number and number > 0 else None


def _coordinates(point: Point) -> str:
    """GeoRSS Simple: latitude, space, longitude, and no exponents."""
    return " ".join(f"{Decimal(repr(float(degrees))):f}" for degrees in (point.latitude, point.longitude))
