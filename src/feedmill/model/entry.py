"""What an entry is made of: the item that somebody wrote, as a draft from a source and as the entry that is kept.

This module must not know where entries come from or how they are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Alias",
    "AliasKind",
    "Category",
    "Chapter",
    "Draft",
    "Enclosure",
    "Entry",
    "Episode",
    "Item",
    "Link",
    "Media",
    "Origin",
    "Person",
    "Point",
    "Thumbnail",
    "Transcript",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or contributor: an Atom person construct (RFC 4287 section 3.2)."""

    name: str = ""
    email: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category (RFC 4287 section 4.2.2); `scheme` is RSS's `domain`."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to the entry; `length` in bytes, None where nobody said."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A Media RSS `media:content`; `length` in bytes, `duration` in seconds."""

    url: str
    type: str | None = None
    medium: str | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A Media RSS `media:thumbnail`; width and height in pixels."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A further link of an entry (`related`, `via`, `replies`): RFC 4287 section 4.2.7."""

    href: str
    rel: str
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A GeoRSS point: WGS 84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of a recording; `start` in seconds."""

    start: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The words of a recording, as a file: `type` is its media type, `language` BCP 47."""

    url: str
    type: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What a podcast says of an entry besides its enclosures; `duration` in seconds.

    `kind` is `full`, `trailer` or `bonus`. `chapters_url` is where chapters are kept as a document of their own (JSON
    Chapters of the podcast namespace).
    """

    duration: int | None = None
    image: str | None = None
    explicit: bool | None = None
    season: int | None = None
    number: int | None = None
    kind: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed that an entry was taken from: `atom:source` (RFC 4287 section 4.2.11).

    `url` is where that feed is read, `link` is the site that it speaks for.
    """

    title: str
    id: str | None = None
    url: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an entry says, whoever says it: already clean. From `expires` on (aware UTC) it says nothing any more.

    `title`, `summary` and `rights` are plain text, `content` is sanitized HTML, every URL is
    absolute, and no string holds a character that XML 1.0 forbids. `title` is never empty.
    """

    title: str
    url: str | None = None
    summary: str = ""
    content: str = ""
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    media: tuple[Media, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    links: tuple[Link, ...] = ()
    language: str | None = None
    rights: str | None = None
    comments: str | None = None
    origin: Origin | None = None
    point: Point | None = None
    episode: Episode | None = None
    expires: datetime | None = None


class AliasKind(StrEnum):
    """What an entry can be known by, besides its id. The ledger keeps every one for ever."""

    GUID = "guid"  # the upstream's own id, verbatim
    GUID_AND_URL = "guid+url"  # for upstreams that use one guid for several entries
    URL = "url"  # the canonical URL
    ENCLOSURE = "enclosure"  # the canonical URL of its first enclosure
    WORDS = "words"  # digest of title, stated date and words: what is left when an upstream changes both of these
    PATH = "path"  # an article file's path within its source
    DIGEST = "digest"  # SHA-256 of an article file's bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One name of an entry within its source."""

    kind: AliasKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Item):
    """One item as a source has it now, before it is matched with what is stored.

    `id` is the id it gets if it proves to be new; `aliases` are what it is matched by. `name` is the
    document that it came from: an article's path within its source, a feed's address.
    `published` is the author's own word, and a changed value moves the entry; `published_at_first` is
    used only when the entry is seen for the first time, and ignored ever after. All times are aware
    UTC, or None where the source names no believable date. `teaser` is what the source itself says where `content` may
    be from elsewhere (the article's own page): then `updated` moves when this changes, whatever `content` does.
    """

    name: str
    id: str
    aliases: tuple[Alias, ...] = ()
    published: datetime | None = None
    published_at_first: datetime | None = None
    updated: datetime | None = None
    teaser: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Item):
    """An entry as it is stored and published.

    `id` is permanent and an absolute IRI (RFC 4287 section 4.2.6). All times are aware UTC in whole
    seconds. `published` in the future is an embargo. `updated` moves only for a real change.
    """

    id: str
    source: str
    published: datetime
    updated: datetime
    first_seen: datetime
    name: str = ""
