"""What is configured: the site, its sources, how and when they are asked, and the feeds to publish.

This module must not know how a configuration is written or judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from feedmill.model.entry import Person

__all__ = [
    "Alerts",
    "Auth",
    "Content",
    "FeedSpec",
    "FetchSettings",
    "History",
    "MailSettings",
    "Order",
    "Podcast",
    "Replacement",
    "Schedule",
    "Selectors",
    "ServeSettings",
    "Site",
    "Source",
    "Split",
    "SplitBy",
    "Treatment",
]


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
    `attachments` is the folder that files from messages are written into, which is reachable as `files_url`.
    `fulltext` asks for the articles' own pages where a feed carries only teasers. `listed_by` is the name of the
    subscription list that a source comes from, and `title` what that list calls it; both are empty for one that is
    configured itself.
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
    attachments: Path | None = None
    password_env: str | None = None
    furniture: tuple[str, ...] = ()
    max_file: int = 5 * 1024 * 1024
    select: Selectors | None = None
    fulltext: bool = False
    listed_by: str | None = None
    title: str = ""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How the web server serves. `address` and `admin` are `host:port`; without an `admin` there is no such server.

    `token_env` names the environment variable of the operator's token. `url` is where the world reaches the server,
    with a final slash. One reader may ask for one document `max_polls` times in `polls_window` (0: without limit).
    """

    address: str = "127.0.0.1:8000"
    admin: str | None = "127.0.0.1:8001"
    dashboard: bool = False
    token_env: str | None = None
    url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    max_polls: int = 60
    polls_window: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """Who gets mail, from whom, through which server (`smtp://` or `smtps://`, with its port)."""

    to: tuple[str, ...]
    sender: str
    server: str
    username: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Who is told of problems, and when: after so many failures of a source in a row, and with `silence` if one brings
    nothing for unusually long. `feed` is the file of an Atom feed of problems."""

    email: MailSettings | None = None
    webhook: str | None = None
    feed: Path | None = None
    after_failures: int = 5
    silence: bool = True


class Order(StrEnum):
    """Which date sorts a feed, newest first."""

    PUBLISHED = "published"
    UPDATED = "updated"


class History(StrEnum):
    """What becomes of entries that the live document has no room for (RFC 5005)."""

    ARCHIVE = "archive"  # they go into archive documents that never change
    COMPLETE = "complete"  # there are none: the live document carries every entry
    NONE = "none"  # they are not published any more


class SplitBy(StrEnum):
    """What a feed is split by: it gets a feed of its own for each value."""

    CATEGORY = "category"
    AUTHOR = "author"
    SOURCE = "source"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One of the feeds that a feed is split into: its permanent `slug`, what the feed was split by then, the value that
    it is about as it is compared, and as people write it."""

    slug: str
    by: SplitBy
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast:
    """What a podcast's directory entry says of a feed (Apple's RSS requirements; the podcast namespace).

    `categories` are Apple's, as `Society & Culture > Documentary`; `kind` is `episodic` or `serial`.
    """

    image: str | None = None
    categories: tuple[str, ...] = ()
    explicit: bool = False
    kind: str = "episodic"
    owner: Person | None = None
    locked: bool = False
    funding: tuple[tuple[str, str], ...] = ()
    guid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One feed to publish: what goes in, and how it presents itself.

    `sources` are names or globs; `include` and `exclude` are regular expressions on title and text;
    an empty tuple means "no such rule". `id` is the feed's own permanent IRI, `base_url` the address of
    its folder (with a final slash). `max_size`, in bytes, is the budget of a live document. `hubs` are addresses of
    WebSub hubs. `split` is what a feed that another was split into is about; its name begins with that feed's and a
    slash. `theme` is the folder of templates that replace the built-in ones. A `private` feed is kept apart, and read
    by those alone who have a token. `aliases` are paths that it had elsewhere.
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
    history: History = History.ARCHIVE
    max_size: int = 512 * 1024
    hubs: tuple[str, ...] = ()
    podcast: Podcast | None = None
    split_by: SplitBy | None = None
    split: tuple[SplitBy, str] | None = None
    theme: str | None = None
    private: bool = False
    aliases: tuple[str, ...] = ()
