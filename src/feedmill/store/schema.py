"""The tables, and the guarantees that they carry.

- One entry for one id of a source (primary key of `entries`): an id is never published with two contents.
- One entry for one alias of a source, for ever (primary key of `aliases`): no reader sees an old article as new.
- An alias, and a place in a feed, always lead to an entry that exists (foreign keys); entries are never deleted.

This module must not know any query. Changing it takes a migration in `migrations/versions/`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.types import TypeDecorator

from feedmill.times import utc

__all__ = [
    "REVISION", "aliases", "archive_entries", "archives", "audience", "audience_salts", "deliveries", "documents",
    "entries", "feed_entries", "feeds", "files", "fulltexts", "hosts", "hub_subscriptions", "incidents", "look_days",
    "look_totals", "metadata", "notices", "pings", "pushes", "runs", "site_files", "sources", "splits",
    "subscriptions", "tokens", "version_documents", "versions",
]  # fmt: skip

REVISION = "0008"
"""The migration that these tables correspond to."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC time. SQLite, which has no zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return what makes a time into what the database stores."""
        return _text if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return what makes a time of what the database has."""
        return _moment if dialect.name == "sqlite" else _aware


_ZONELESS = len("2026-11-02 07:00:00.000000")


def _text(value: datetime | None) -> str | None:
    # There are many of them in every look, and most are in UTC already.
    if value is None:
        return None
    return (value if value.tzinfo is UTC else utc(value)).isoformat(" ", "microseconds")[:_ZONELESS]


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _aware(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

sources = Table(
    "sources",
    metadata,
    Column("name", String, primary_key=True),
    Column("settings", String, nullable=False, default=""),  # digest of what shaped its entries
    Column("asked_url", String),  # its own address then
    Column("etag", String),
    Column("last_modified", String),
    Column("digest", String),
    Column("address", String),  # where it is asked since it moved for good
    Column("moved_to", String),
    Column("moved_looks", Integer, nullable=False, server_default="0"),  # in a row that ended at moved_to
    Column("hints", String, nullable=False, server_default=""),  # JSON
    Column("rhythm", Integer),  # seconds
    Column("looks", String, nullable=False, server_default=""),
    Column("last_look", Moment),
    Column("last_success", Moment),
    Column("next_look", Moment),
    Column("wait_until", Moment),  # the server's own word, which --force alone overrides
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("error", String),
    Column("gone", Boolean(create_constraint=False), nullable=False, default=False),
    Column("generation", Integer, nullable=False, server_default="0"),  # of its entries: how often they changed
    CheckConstraint("failures >= 0", name="failures"),
)

documents = Table(
    "documents",
    metadata,
    Column("source", String, ForeignKey("sources.name"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("stamp", String, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source", String, ForeignKey("sources.name"), primary_key=True),  # the list
    Column("name", String, primary_key=True),
    Column("place", Integer, nullable=False),  # in the list
    Column("url", String, nullable=False),
    Column("title", String, nullable=False),
    Column("categories", String, nullable=False),  # JSON
    Column("present", Boolean(create_constraint=False), nullable=False),  # in the list as it is now
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", String, primary_key=True),
    Column("strikes", Integer, nullable=False),  # times in a row that it asked to be left alone
    Column("wait_until", Moment),
)

fulltexts = Table(
    "fulltexts",
    metadata,
    Column("source", String, primary_key=True),
    Column("url", String, primary_key=True),
    Column("teaser", String, nullable=False),  # digest of what the source said when the page was asked for
    Column("content", String),  # sanitized HTML; empty where there is no more, nothing where the page was not had
    Column("due", Moment),  # when the page is to be asked for
    Column("failures", Integer, nullable=False),  # in a row
    Column("published", Moment),
    Column("draft", LargeBinary),  # the entry as its source has it, as JSON, while the page is wanted
    Index(None, "source", "due"),
)

entries = Table(
    "entries",
    metadata,
    Column("source", String, ForeignKey("sources.name"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("title", String, nullable=False),
    Column("published", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("withdrawn", Moment),
    Column("held", Moment),  # since when it is kept back from the feeds
    Column("expires", Moment),  # when it withdraws by itself
    Column("story", String),  # the canonical URL: equal where two sources carry the same story
    Column("revision", String, nullable=False),
    Column("data", LargeBinary, nullable=False),  # the whole entry as JSON
    CheckConstraint("id <> ''", name="id"),
    CheckConstraint("updated >= published", name="dates"),
    # Whether an entry is shown, and how many are, is read from the index: rows are long.
    Index(None, "source", "published", "withdrawn", "held"),
    Index(None, "source", "updated", "withdrawn", "held"),
    Index(None, "published"),
    Index(None, "expires", sqlite_where=text("withdrawn IS NULL AND expires IS NOT NULL")),
    Index(None, "withdrawn", sqlite_where=text("withdrawn IS NOT NULL")),
    Index(None, "source", "held", sqlite_where=text("held IS NOT NULL")),
    Index(None, "story", "source"),
    Index(None, "id", "source"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("source", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("entry", String, nullable=False),
    ForeignKeyConstraint(["source", "entry"], ["entries.source", "entries.id"]),
    Index(None, "source", "entry"),
)

feeds = Table(
    "feeds",
    metadata,
    Column("name", String, primary_key=True),
    Column("updated", Moment, nullable=False),  # the newest date it ever carried: it never goes back
    Column("last_change", Moment),
    Column("entries", Integer, nullable=False, default=0),
    Column("error", String),
    Column("held", String),  # why what would be published now is held back
    Column("pinned", Integer),  # the version that it was rolled back to
    Column("rules", String, nullable=False, server_default=""),  # digest of the rules by which it was made
    Column("archive_mark", String),  # of the folder of archive documents when all of them were seen there
    Column("made_from", String),  # digest of all that its documents were made from the last time
    Column("made_at", Moment),
    Column("made_until", Moment),  # when the same would make other documents
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed", String, ForeignKey("feeds.name"), primary_key=True),
    Column("source", String, primary_key=True),
    Column("entry", String, primary_key=True),
    Column("first_published", Moment, nullable=False),
    Column("present", Boolean(create_constraint=False), nullable=False),  # in the feed as it is now
    # In no archive document of the feed as it reads now.
    Column("unarchived", Boolean(create_constraint=False), nullable=False, server_default="1"),
    ForeignKeyConstraint(["source", "entry"], ["entries.source", "entries.id"]),
    Index(None, "source", "entry"),
    Index(None, "feed", "present", sqlite_where=text("present = 1")),
    Index(None, "feed", "unarchived", sqlite_where=text("unarchived = 1")),
)

files = Table(
    "files",
    metadata,
    Column("path", String, primary_key=True),  # within the publishing directory
    Column("feed", String, ForeignKey("feeds.name"), nullable=False),
    Column("digest", String, nullable=False),
)

site_files = Table(
    "site_files",
    metadata,
    Column("path", String, primary_key=True),  # within the publishing directory, of a document of no feed
    Column("digest", String, nullable=False),
    Column("made_from", String),  # digest of all that it was made from
)

archives = Table(
    "archives",
    metadata,
    Column("feed", String, ForeignKey("feeds.name"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1 on, the oldest first
    Column("updated", Moment, nullable=False),  # the date of its documents
    # One of its entries was withdrawn since its documents were written.
    Column("retracted", Boolean(create_constraint=False), nullable=False, server_default="0"),
    Index(None, "feed", "retracted", sqlite_where=text("retracted = 1")),
)

archive_entries = Table(
    "archive_entries",
    metadata,
    Column("feed", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source", String, primary_key=True),
    Column("entry", String, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("revision", String, nullable=False),  # what it said then
    ForeignKeyConstraint(["feed", "number"], ["archives.feed", "archives.number"]),
    ForeignKeyConstraint(["source", "entry"], ["entries.source", "entries.id"]),
    Index(None, "source", "entry", "feed"),
)

versions = Table(
    "versions",
    metadata,
    Column("feed", String, ForeignKey("feeds.name"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("published", Moment, nullable=False),
    Column("entries", LargeBinary, nullable=False),  # source and id of each, as JSON
)

version_documents = Table(
    "version_documents",
    metadata,
    Column("feed", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("path", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # compressed
    ForeignKeyConstraint(["feed", "number"], ["versions.feed", "versions.number"]),
)

splits = Table(
    "splits",
    metadata,
    Column("feed", String, primary_key=True),  # the one that is split
    Column("slug", String, primary_key=True),
    Column("by", String, nullable=False),  # what it was split by
    Column("value", String, nullable=False),
    Column("label", String, nullable=False),  # the value as people write it
    Index(None, "feed", "by", "value", unique=True),
)

pings = Table(
    "pings",
    metadata,
    Column("hub", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("due", Moment, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error", String),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String, primary_key=True),  # SHA-256 of the token, which is kept nowhere
    Column("feed", String, nullable=False),  # as it is configured: there may be nothing published of it yet
    Column("reader", String, nullable=False),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
    Index(None, "feed", "reader"),
)

hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("id", String, primary_key=True),  # last segment of the callback's address
    Column("source", String, nullable=False),
    Column("hub", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("callback", String, nullable=False),
    Column("secret", String, nullable=False),  # key of the signatures
    Column("intent", String, nullable=False),  # what the hub was asked last
    Column("asked", Moment),  # when it took a request that it has not verified yet
    Column("verified", Moment),
    Column("lease_until", Moment),
    Column("due", Moment, nullable=False),  # when the next step is to be taken
    Column("failures", Integer, nullable=False),  # in a row
    Column("error", String),
    Column("refused", Integer, nullable=False),  # pushes whose signature was wrong
)

pushes = Table(
    "pushes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("received", Moment, nullable=False),
    Column("content_type", String),  # the header
    Column("digest", String, nullable=False),  # by which one that comes again is recognized
    Column("body", LargeBinary),  # nothing once it was read
    Column("unreadable", Moment),  # when it was found to be
    Index(None, "source", "digest", unique=True),
)

audience = Table(
    "audience",
    metadata,
    Column("day", String, primary_key=True),  # 2026-11-22, UTC
    Column("feed", String, primary_key=True),
    Column("reader", String, primary_key=True),  # the program
    Column("kind", String, nullable=False),
    Column("subscribers", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("unconditional", BigInteger, nullable=False),
    Column("not_modified", BigInteger, nullable=False),
    Column("deltas", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),  # bytes
    Column("saved", BigInteger, nullable=False),
    Column("said", String),  # JSON; what follows is there for as long as the day goes on
    Column("seen", LargeBinary),
    Index(None, "day", sqlite_where=text("seen IS NOT NULL")),
)

audience_salts = Table(
    "audience_salts",
    metadata,
    Column("day", String, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("subject", String, primary_key=True),  # source NAME or feed NAME
    Column("kind", String, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("message", String, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order in which it all happened
    Column("subject", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("over", Boolean(create_constraint=False), nullable=False),
    Column("at", Moment, nullable=False),
    Column("message", String, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("channel", String, primary_key=True),
    Column("number", Integer, ForeignKey("notices.number"), primary_key=True),
    Column("due", Moment, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error", String),
)

look_days = Table(
    "look_days",
    metadata,
    # The day (UTC) as an ordinal of the calendar, 1 is 0001-01-01. It goes first: what a day brings is written in one
    # place, read at once, and removed at once.
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("source", String, primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("not_modified", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("received", BigInteger, nullable=False),  # bytes
    Column("new", Integer, nullable=False),  # entries
    sqlite_with_rowid=False,
)

look_totals = Table(
    "look_totals",
    metadata,
    Column("source", String, primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("not_modified", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("new", Integer, nullable=False),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("report", LargeBinary, nullable=False),  # JSON
)
