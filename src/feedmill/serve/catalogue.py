"""What each published path is: whose document, of which type, where the world finds it, who tells of its changes.

Pure. This module must not know whether there is such a file, nor what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from feedmill.model import FeedSpec, Site
from feedmill.render import FEEDS, FRONT_PAGE, NEWS, is_archive_name, renderer
from feedmill.serve.media import media_type

__all__ = ["FOR_PEOPLE", "SITE", "Catalogue", "Place"]

FOR_PEOPLE = frozenset({"html", "opml"})
"""Formats that are no feeds: nobody subscribes to them."""

SITE = ""
"""Stands, in place of a feed's name, for the site as a whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a path is.

    `feed` is the feed whose live document, for readers, it is; `changes_with` the feed, or `SITE`, in whose rhythm it
    changes. Both are None for what is neither. `url` is its public address, `hubs` who tells of its changes.
    """

    content_type: str
    url: str
    feed: str | None = None
    changes_with: str | None = None
    hubs: tuple[str, ...] = ()


class Catalogue:
    """The paths of a site with these feeds; private ones are none of its business."""

    def __init__(self, site: Site, specs: Sequence[FeedSpec]) -> None:
        self._base = site.feeds_url
        self._feeds: Mapping[str, FeedSpec] = {spec.name: spec for spec in specs if not spec.private}
        self._private = frozenset(spec.name for spec in specs if spec.private)
        self._types: Mapping[str, Mapping[str, str]] = {
            name: {renderer(form).file_name: renderer(form).media_type for form in spec.formats}
            for name, spec in self._feeds.items()
        }
        self._read: Mapping[str, frozenset[str]] = {
            name: frozenset(renderer(form).file_name for form in spec.formats if form not in FOR_PEOPLE)
            for name, spec in self._feeds.items()
        }

    def keeps_back(self, path: str) -> bool:
        """Whether a path is that of a private feed, which may have been public a moment ago."""
        return path.partition("/")[0].lower() in self._private

    def place(self, path: str) -> Place:
        """Return what a path within the published folder is."""
        url = self._base + quote(path)
        folder, _, name = path.rpartition("/")
        feed = folder.removesuffix("/archive")
        configured = feed.partition("/")[0]  # a feed that one was split into is called after both
        if configured not in self._feeds or feed.count("/") > 1:
            of_site = SITE if path in (FRONT_PAGE, FEEDS, NEWS) else None
            return Place(media_type(name), url, changes_with=of_site)
        types, spec = self._types[configured], self._feeds[configured]
        if feed != folder:
            kinds = (kind for file, kind in types.items() if is_archive_name(f"archive/{name}", file))
            return Place(media_type(name, next(kinds, None)), url)
        if name not in types:
            return Place(media_type(name), url)
        read = name in self._read[configured]
        return Place(
            media_type(name, types[name]),
            url,
            feed if read else None,
            changes_with=feed,
            hubs=spec.hubs if read else (),
        )
