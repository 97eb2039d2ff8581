"""The values that flow from stage to stage: Source -> Fetched -> Draft -> Entry -> feed.

Frozen, slotted dataclasses over the standard library alone. This module must not know
how any of them is collected, stored, rendered or configured.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

__all__ = [
    "Alias",
    "AliasKind",
    "Auth",
    "Category",
    "Changes",
    "Chapter",
    "Content",
    "Document",
    "Draft",
    "Enclosure",
    "Entry",
    "FeedOutcome",
    "FeedSpec",
    "FeedState",
    "FetchSettings",
    "Fetched",
    "Item",
    "Known",
    "Ledger",
    "Link",
    "Media",
    "MediaFile",
    "MediaTags",
    "Normalized",
    "Order",
    "Origin",
    "Outcome",
    "Person",
    "Point",
    "Problem",
    "Recording",
    "Replacement",
    "Report",
    "Schedule",
    "Selectors",
    "Site",
    "Source",
    "SourceState",
    "Status",
    "Thumbnail",
    "Treatment",
    "Validators",
]


# --- what an entry is made of ---------------------------------------------------------------


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
    """What an entry says, whoever says it: already clean.

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


class AliasKind(StrEnum):
    """What an entry can be known by, besides its id. The ledger keeps every one for ever."""

    GUID = "guid"  # the upstream's own id, verbatim
    GUID_AND_URL = "guid+url"  # for upstreams that use one guid for several entries
    URL = "url"  # the canonical URL
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
    UTC, or None where the source names no believable date.
    """

    name: str
    id: str
    aliases: tuple[Alias, ...] = ()
    published: datetime | None = None
    published_at_first: datetime | None = None
    updated: datetime | None = None


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


# --- what is configured -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The publication that all feeds speak for. `timezone` is an IANA name, `language` BCP 47."""

    title: str
    url: str
    feeds_url: str
    id_authority: str
    language: str = "en"
    timezone: str = "UTC"
    author: Person | None = None
    description: str | None = None
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Where the parts of a web page are: CSS selectors, all but `item` looked for inside an item.

    All but `item` and `body` may end in `@name` for an attribute. None: what an item usually looks like decides.
    """

    item: str
    title: str | None = None
    link: str | None = None
    date: str | None = None
    body: str | None = None
    image: str | None = None


class Content(StrEnum):
    """How much of an entry is kept, or carried by a feed."""

    FULL = "full"
    SUMMARY = "summary"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A regular expression, and what stands in the place of each match (`\\1`, `\\g<name>` as in Python)."""

    pattern: str
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How to log in to a server: `type` is `basic` or `bearer`. The secret is in an environment variable; only its name
    is here, so that it never gets into a log, a message or the state."""

    type: str
    secret_env: str
    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What is done to a source's entries once they are read.

    `include` and `exclude` are regular expressions on title and text, `strip` CSS selectors of what is removed from the
    content. `max_entries` are taken from one look.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    categories_add: tuple[str, ...] = ()
    title_prefix: str | None = None
    strip: tuple[str, ...] = ()
    replace: tuple[Replacement, ...] = ()
    max_entries: int | None = None
    content: Content = Content.FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing to collect from. Which fields matter depends on `kind`.

    `headers` are sent with each request to the origin of `url`; `${NAME}` in them stands for an environment variable.
    """

    name: str
    kind: str
    url: str | None = None
    path: Path | None = None
    every: timedelta | None = None
    cron: str | None = None
    language: str | None = None
    timezone: str | None = None
    link: str | None = None
    files_url: str | None = None
    password_env: str | None = None
    furniture: tuple[str, ...] = ()
    max_file: int = 5 * 1024 * 1024
    select: Selectors | None = None
    auth: Auth | None = None
    headers: tuple[tuple[str, str], ...] = ()
    treatment: Treatment = Treatment()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How upstreams are asked. Sizes in bytes; `max_body` counts after decompression.

    `timeout` runs from connect to the last byte. `allow_hosts` are host names or addresses that the
    network guard lets through.
    """

    user_agent: str
    timeout: timedelta = timedelta(seconds=30)
    connect_timeout: timedelta = timedelta(seconds=5)
    max_body: int = 10 * 1024 * 1024
    workers: int = 8
    per_host: int = 1
    host_delay: timedelta = timedelta(seconds=1)
    allow_private_networks: bool = False
    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When sources are looked at: the start value, and the bounds that hints and failures move it within."""

    every: timedelta = timedelta(minutes=60)
    min: timedelta = timedelta(minutes=15)
    max: timedelta = timedelta(hours=24)


class Order(StrEnum):
    """Which date sorts a feed, newest first."""

    PUBLISHED = "published"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One feed to publish: what goes in, and how it presents itself.

    `sources` are names or globs; `include` and `exclude` are regular expressions on title and text;
    an empty tuple means "no such rule". `id` is the feed's own permanent IRI, `base_url` the address of
    its folder (with a final slash).
    """

    name: str
    title: str
    id: str
    base_url: str
    site: Site
    description: str | None = None
    language: str | None = None
    sources: tuple[str, ...] = ("*",)
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_age: timedelta | None = None
    limit: int = 50
    order: Order = Order.PUBLISHED
    content: Content = Content.FULL
    formats: tuple[str, ...] = ("rss", "atom")


# --- what passes between the stages -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was wrong with a part of a source, while the rest was used."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request sends back, exactly as it came (RFC 9110 section 8.8).

    `digest` is the SHA-256 of the last body, for servers that send no validator.
    """

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes from outside: one feed document or one article file.

    `name` is unique in its source (a relative path with forward slashes, or the address asked
    for); `url` is where it was read in the end, after redirects; `modified` is a file's modification time;
    `media_type` and `charset` are what the server said.
    """

    name: str
    body: bytes
    url: str | None = None
    media_type: str | None = None
    charset: str | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of a recording; `start` in seconds."""

    start: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTags:
    """What a media file says about itself, as it is written there; `duration` in seconds.

    `film` says that it shows pictures, where its suffix leaves that open; `cover` that a picture is embedded.
    """

    duration: float | None = None
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    genres: tuple[str, ...] = ()
    date: str = ""
    description: str = ""
    rights: str = ""
    chapters: tuple[Chapter, ...] = ()
    cover: bool = False
    film: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A media file: its path within the source, its size in bytes, a digest of its size and of samples of it."""

    path: str
    size: int
    digest: str
    tags: MediaTags = MediaTags()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The body, as JSON, of a document that stands for media files of one stem: a recording in one or more formats.

    `files` begins with the one that the recording is named by. The others stand beside them: `notes` is the name of a
    text about it and `text` that file's bytes, `transcripts` and `cover` are paths within the source.
    """

    files: tuple[MediaFile, ...]
    notes: str | None = None
    text: bytes = b""
    transcripts: tuple[str, ...] = ()
    cover: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one look at a source brought.

    `unchanged` means that nothing differs from the last look, and `documents` is empty. `present` names every
    document that exists now where the source shows all it has (a folder), and is None where it shows only its
    newest (a feed): what is missing there was not withdrawn. `unreadable` names places, files or folders, that could
    not be seen at this look; what is at or below one is not taken for withdrawn. `stamps` holds a cheap change mark
    for each document of a folder. `wait` is how long the server asks to be left alone.
    `moved_to` is the address that a permanent redirect named.
    """

    source: str
    documents: tuple[Document, ...] = ()
    unchanged: bool = False
    present: frozenset[str] | None = None
    unreadable: frozenset[str] = frozenset()
    stamps: Mapping[str, str] = field(default_factory=dict)
    validators: Validators = Validators()
    wait: timedelta | None = None
    moved_to: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """The items that a look brought. `unpublished` names documents that say themselves that they are drafts;
    `failed` names documents that could not be read, whose last good entry stays."""

    drafts: tuple[Draft, ...] = ()
    unpublished: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored entry, as far as decisions need it. `revision` digests what a reader sees of it."""

    entry: Entry
    revision: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What is stored about the drafts of one look.

    `aliases` leads from every alias of the drafts that is on record to an entry id; `known` holds those entries, and
    for a source that shows all it has also every live one. `taken` are ids in use among those that the drafts propose,
    with the numbered ones made from them.
    """

    aliases: Mapping[Alias, str] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    taken: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What to write, in one transaction: entries to insert or replace, ids to withdraw, aliases to add for ever.

    `revisions` and `stories` hold the revision, and the canonical URL if there is one, of each entry in `new` and
    `changed`, by id.
    """

    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    withdrawn: tuple[str, ...] = ()
    aliases: tuple[tuple[Alias, str], ...] = ()
    revisions: Mapping[str, str] = field(default_factory=dict)
    stories: Mapping[str, str] = field(default_factory=dict)


class Status(StrEnum):
    """How a look at a source, or the publishing of a feed, ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one look at a source ended, for the report, the log and the next look.

    `problems` are parts that were wrong while the rest was used; `next` is when it is looked at again.
    """

    source: str
    status: Status
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    error: str | None = None
    problems: tuple[Problem, ...] = ()
    next: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """How the publishing of one feed ended. `files` are its documents, as paths within the publishing folder."""

    name: str
    status: Status
    entries: int = 0
    files: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a run ended: one outcome for each source and each feed that it was about."""

    sources: tuple[Outcome, ...] = ()
    feeds: tuple[FeedOutcome, ...] = ()
    seconds: float = 0.0


# --- what is remembered of sources and feeds ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between two looks.

    `settings` is a digest of the configuration that shaped its stored entries; when it differs, everything is read
    again.
    `failures` counts looks in a row that failed, `error` is the last failure's message. `wait_until` is the server's
    own word. `next_look` None means never looked at, or, with `gone`, never again.
    """

    name: str
    settings: str = ""
    validators: Validators = Validators()
    moved_to: str | None = None
    last_look: datetime | None = None
    last_success: datetime | None = None
    next_look: datetime | None = None
    wait_until: datetime | None = None
    failures: int = 0
    error: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed: the newest date it ever carried, when its bytes last changed, its size."""

    name: str
    updated: datetime
    last_change: datetime | None = None
    entries: int = 0
    error: str | None = None
