"""What one document of a feed says, whatever its format: the feed's entries, and its place in the feed's history.

This module must not know any format, nor where documents are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedmill.model.entry import Entry
from feedmill.model.settings import FeedSpec

__all__ = ["Archive", "Edition", "Tombstone", "Upstream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of an entry that was withdrawn: its id, and since when (RFC 6721 section 3)."""

    id: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive document of a feed (RFC 5005 section 4); `number` counts from 1, the oldest."""

    number: int
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A feed that entries are taken from, as everybody may know it: `url` is where it is read, `link` the site that it
    speaks for, `language` BCP 47."""

    title: str
    url: str
    link: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a renderer writes down: `entries` in their order, dated `updated`.

    Without a `number` it is the live document, that readers subscribe to; with one it is the archive document of that
    number (RFC 5005 section 4). `previous` is the number of the archive document that comes before it in time. The
    live document is `complete` if the feed has no other entries than these (RFC 5005 section 2). `upstreams` are the
    feeds that it takes from.
    """

    spec: FeedSpec
    entries: tuple[Entry, ...]
    updated: datetime
    tombstones: tuple[Tombstone, ...] = ()
    number: int | None = None
    previous: int | None = None
    complete: bool = False
    upstreams: tuple[Upstream, ...] = ()
