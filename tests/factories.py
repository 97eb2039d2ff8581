"""Plain values for tests, each with only what the test is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from feedmill.model import Alias, AliasKind, Draft, Edition, Entry, FeedSpec, Site, Source
from feedmill.render import RENDERERS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

SITE = Site(
    title="Site", url="https://example.org/", feeds_url="https://example.org/feeds/", id_authority="example.org"
)

ENTRY = Entry(
    id="tag:example.org,2026-11-01:s/a",
    source="s",
    name="a.md",
    title="A title",
    content="<p>Words.</p>",
    summary="Words.",
    published=datetime(2026, 11, 1, 7, tzinfo=UTC),
    updated=datetime(2026, 11, 1, 7, tzinfo=UTC),
    first_seen=datetime(2026, 11, 1, 8, tzinfo=UTC),
)

SPEC = FeedSpec(
    name="all",
    title="All",
    id="urn:uuid:00000000-0000-5000-8000-000000000000",
    base_url="https://example.org/feeds/all/",
    site=SITE,
)


def entry(**fields: Any) -> Entry:
    """An entry like ENTRY but for `fields`; `updated` follows `published` unless given."""
    if "published" in fields:
        fields.setdefault("updated", fields["published"])
    return replace(ENTRY, **fields)


CARRIERS = [name for name, form in RENDERERS.items() if form.archives]
"""The formats that carry entries for programs; pages and lists of feeds are for people, and for importing."""


def edition(spec: FeedSpec, entries: Sequence[Entry], updated: datetime, **fields: Any) -> Edition:
    """The live document of a feed, but for `fields`."""
    return Edition(spec=spec, entries=tuple(entries), updated=updated, **fields)


def article(path: str, content: str = "x", **fields: Any) -> Draft:
    """A draft as an article file gives it; its digest is of `content`."""
    aliases = (Alias(kind=AliasKind.DIGEST, value=f"digest of {content}"), Alias(kind=AliasKind.PATH, value=path))
    told = {"title": path, "content": f"<p>{content}</p>", "id": f"tag:example.org,2026-11-01:s/{path}"} | fields
    return Draft(name=path, aliases=aliases, **told)


def item(guid: str | None, url: str | None = None, **fields: Any) -> Draft:
    """A draft as an upstream feed gives it."""
    aliases = []
    if guid:
        aliases += [Alias(kind=AliasKind.GUID_AND_URL, value=f"{guid} {url}"), Alias(kind=AliasKind.GUID, value=guid)]
    if url:
        aliases.append(Alias(kind=AliasKind.URL, value=url))
    told = {"title": f"Title of {guid or url}", "id": f"urn:x:{guid or url}"} | fields
    return Draft(name="https://up.example/feed", url=url, aliases=tuple(aliases), **told)


def folder(name: str = "s", **fields: Any) -> Source:
    """A source of article files."""
    return Source(name=name, kind="files", **fields)


def upstream(name: str = "s", url: str = "https://up.example/feed", **fields: Any) -> Source:
    """An upstream feed."""
    return Source(name=name, kind="feed", url=url, **fields)
