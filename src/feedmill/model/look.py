"""What passes between the stages of one look at a source: documents, drafts, what is known, what to write.

This module must not know how a look is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedmill.model.entry import Alias, Draft, Entry

__all__ = [
    "Changes",
    "Document",
    "Fetched",
    "FullText",
    "Hints",
    "Known",
    "Ledger",
    "Normalized",
    "Problem",
    "Subscription",
    "Trace",
    "Validators",
    "Verdict",
]


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
class Hints:
    """What a server and its feed say about when to ask again; all of it can only lengthen a wait.

    `fresh_for` is how long the answer stays fresh (RFC 9111 section 4.2), `ttl` RSS's time to live, `period` the time
    between two updates by RSS's syndication module, which are counted from `base`. `skip_hours` (0 to 23, UTC) and
    `skip_days` (0 is Monday, UTC) are when nobody needs to ask. `hubs` are the WebSub hubs that tell what is new, so
    that nobody needs to ask at all, and `topic` is what the feed is called there.
    """

    fresh_for: timedelta | None = None
    ttl: timedelta | None = None
    period: timedelta | None = None
    base: datetime | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hubs: tuple[str, ...] = ()
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed that a subscription list names: an `outline` of OPML 2.0.

    `name` is the permanent name of the source that it is, which begins with the list's name and a slash. `present`
    says that it is in the list as it is now: one that left is asked no more.
    """

    name: str
    url: str
    title: str = ""
    categories: tuple[str, ...] = ()
    present: bool = True


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
class Fetched:
    """What one look at a source brought.

    `unchanged` means that nothing differs from the last look, and `documents` is empty. `present` names every
    document that exists now where the source shows all it has (a folder), and is None where it shows only its
    newest (a feed): what is missing there was not withdrawn. `unreadable` names places, files or folders, that could
    not be seen at this look; what is at or below one is not taken for withdrawn. `stamps` holds a cheap change mark
    for each document of a folder. `wait` is how long the server asks to be left alone.
    `moved_to` is the address that a permanent redirect named. `fresh_for` is how long the answer stays fresh; None, at
    an unchanged source, leaves what was said before. `host` is the name of the one that answered in the end. `hubs` and
    `topic` are what its headers say of WebSub, which comes before what the document says. `received` is how many bytes
    of bodies came, packed as they were, and `not_modified` says that a 304 (RFC 9110 section 15.4.5) told that nothing
    differs.
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
    fresh_for: timedelta | None = None
    host: str | None = None
    hubs: tuple[str, ...] = ()
    topic: str | None = None
    received: int = 0
    not_modified: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """The items that a look brought. `unpublished` names documents that say themselves that they are drafts;
    `failed` names documents that could not be read, whose last good entry stays. `hints` are what a feed says about
    when to ask again. `subscriptions` are all that a subscription list names, None if the source is none; a list that
    was read only in part is among `failed`."""

    drafts: tuple[Draft, ...] = ()
    unpublished: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    hints: Hints = Hints()
    subscriptions: tuple[Subscription, ...] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FullText:
    """What is known of an article's own page.

    `url` is its canonical address. `teaser` digests what the source said of the article when its page was asked for.
    `content` is the article as sanitized HTML, empty where the page says no more than the source, None where it was not
    had. `due` is when the page is to be asked for, None if it is not; `draft` is the entry as its source has it
    meanwhile. `failures` counts tries in a row that failed.
    """

    url: str
    teaser: str
    content: str | None = None
    due: datetime | None = None
    draft: Draft | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored entry, as far as decisions need it. `revision` digests what a reader sees of it; `held` says that it is
    kept, but not published."""

    entry: Entry
    revision: str
    withdrawn: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What is stored about the drafts of one look.

    `aliases` leads from every alias of the drafts that is on record to an entry id; `known` holds those entries, and
    for a source that shows all it has also every live one whose document was read at this look or is gone. `taken` are
    ids in use among those that the drafts propose, with the numbered ones made from them. `shared` are addresses that
    several stored entries were first known by, among those of drafts whose guid is not on record.
    """

    aliases: Mapping[Alias, str] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    taken: Collection[str] = frozenset()
    shared: Collection[Alias] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a stored entry is recognized by when no alias leads to it. `story` is the canonical URL that it was first
    known by, `revision` as in `Known`."""

    id: str
    title: str
    published: datetime
    first_seen: datetime
    story: str | None = None
    revision: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What strangers are, drafts that no alias leads anywhere, by their places in the look: `same` leads to the id of
    the stored entry that one is, `held` are those to keep back from the feeds."""

    same: Mapping[int, str] = field(default_factory=dict)
    held: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What to write, in one transaction: entries to insert or replace, ids to withdraw, aliases to add for ever.

    `revisions` and `stories` hold the revision, and the canonical URL if there is one, of each of these
    entries, by id. `held` are new too, but are kept back from the feeds; `still_held` counts the known entries of this
    look that are.
    """

    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    withdrawn: tuple[str, ...] = ()
    aliases: tuple[tuple[Alias, str], ...] = ()
    revisions: Mapping[str, str] = field(default_factory=dict)
    stories: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Entry, ...] = ()
    still_held: int = 0
