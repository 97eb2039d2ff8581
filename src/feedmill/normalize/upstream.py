"""What all upstream formats share: titles for the untitled, the policy for dates, and the ids of one batch.

Upstream dates count only when an entry is first seen. This module must not know RSS, Atom or JSON Feed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from feedmill.model import Alias, AliasKind, Document, Draft, Item, Problem, Site, Source
from feedmill.normalize.dates import feed_date
from feedmill.normalize.identity import canonical_url, digest, feed_aliases, mint_id, own_id
from feedmill.normalize.plaintext import plain, summarize, xml_safe
from feedmill.times import iso

__all__ = ["Batch", "Times"]

SUMMARY_LIMIT = 1000  # characters; an upstream's own summary is longer only when it is the whole text
_TITLE_LIMIT = 80
_LONGEST_TITLE = 2000  # some put the whole text of a short message there
_LONGEST_GUID = 2000
_TELLING_WORDS = 20
"""Entries with fewer characters than this are alike too easily for their words to say who they are."""
_MOST_PROBLEMS = 20
_FAR_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)

_ITEM_FIELDS = tuple(field.name for field in fields(Item))


@dataclass(frozen=True, slots=True)
class Times:
    """When an upstream says that an entry was published and updated; None where it says nothing believable."""

    published: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Incoming:
    item: Item
    guid: str | None
    times: Times
    text: str
    name: str


class Batch:
    """Collects the items of one document, in its order, and makes them drafts."""

    def __init__(self, source: Source, site: Site, document: Document, now: datetime) -> None:
        self._source = source
        self._site = site
        self._name = document.name
        self._now = now
        self._items: list[_Incoming] = []
        self._problems: list[Problem] = []
        self._names: Counter[tuple[str | None, str | None]] = Counter()

    def problem(self, message: str, *, where: str | None = None) -> None:
        """Report something that was wrong, `where` in the document; the rest is used."""
        place = plain(where or self._name)[:200]
        self._problems.append(Problem(where=f"{self._source.name}: {place}", message=message))

    def problems(self) -> tuple[Problem, ...]:
        """Return what was reported: the first ones, and how many more there are."""
        shown = self._problems[:_MOST_PROBLEMS]
        if len(self._problems) > _MOST_PROBLEMS:
            shown.append(Problem(where=self._name, message=f"and {len(self._problems) - _MOST_PROBLEMS} more problems"))
        return tuple(shown)

    def times(self, published: object, updated: object, *, where: str) -> Times:
        """Read the dates of an entry; without a first date, the date of its update is the first."""
        changed = self._moment(updated, where)
        return Times(published=self._moment(published, where) or changed, updated=changed)

    def _moment(self, value: object, where: str) -> datetime | None:
        text = plain(value) if isinstance(value, str) else ""
        if not text:
            return None
        moment = feed_date(text, self._now)
        if moment is None:
            future = feed_date(text, _FAR_FUTURE) is not None
            what = "is in the future" if future else "is none that can be believed"
            self.problem(f"the date {text[:60]!r} {what}: the time of the first look counts", where=where)
        return moment

    def add(self, item: Item, *, guid: str | None, times: Times, text: str, name: str | None = None) -> None:
        """Add an entry. `text` is all of it as plain text; `item.title` may be empty, and is then made from it.

        `name` is the document that it came from, where the batch is of several.
        """
        identity = xml_safe(guid).strip() if guid else ""
        if len(identity) > _LONGEST_GUID:
            identity = _digest_guid(identity)
        if not item.title:
            item = replace(item, title=_title(item, text))
        elif len(item.title) > _LONGEST_TITLE:
            self.problem(f"its title has {len(item.title):,} characters, and was cut", where=item.title)
            item = replace(item, title=summarize(item.title, _LONGEST_TITLE))
        self._items.append(_Incoming(item, identity or None, times, text, name or self._name))

    def drafts(self) -> tuple[Draft, ...]:
        """Return the entries, each with the id it gets if it is new and the aliases it is matched by.

        Of several entries with one guid the first has it for its id; a true copy is dropped, and all are told apart by
        their addresses or their words.
        """
        kept: list[tuple[_Incoming, str]] = []
        sharing: dict[str, list[_Incoming]] = {}
        seen: set[tuple[str, str, str | None]] = set()
        for incoming in self._items:
            key = _key(incoming)
            face = (key, incoming.item.title, _url_key(incoming))
            if face not in seen:
                seen.add(face)
                sharing.setdefault(key, []).append(incoming)
                kept.append((incoming, key))
        self._names = Counter((incoming.guid, _url_key(incoming)) for incoming in self._items)
        addresses = Counter(_url_key(incoming) for incoming, _ in kept)
        drafts = []
        for incoming, key in kept:
            # An entry without guid is known by its address, but not if one that has a guid is there too.
            addressed = addresses[_url_key(incoming)] if incoming.guid is None and incoming.item.url else 1
            alone = len(sharing[key]) == addressed == 1
            drafts.append(self._draft(incoming, key, first=sharing[key][0] is incoming, alone=alone))
        return tuple(drafts)

    def _draft(self, incoming: _Incoming, key: str, *, first: bool, alone: bool) -> Draft:
        item, times = incoming.item, incoming.times
        when = times.published or self._now
        aliases = feed_aliases(incoming.guid, item.url)
        if incoming.guid is None and not aliases:
            aliases = (Alias(kind=AliasKind.GUID, value=key),)
        if not alone:
            # A guid that several entries share leads to none of them.
            aliases = tuple(alias for alias in aliases if alias.kind is not AliasKind.GUID)
            words = f"{key}\n{canonical_url(item.url) if item.url else ''}\n{_words(incoming)}"
            if incoming.guid is None or self._names[incoming.guid, _url_key(incoming)] > 1:
                # Neither guid nor address tells it from another: only its words do.
                aliases = (Alias(kind=AliasKind.GUID, value=_digest_guid(words)),)
            key = key if first else words
        if len(incoming.text) >= _TELLING_WORDS:
            aliases += (Alias(kind=AliasKind.WORDS, value=digest(_fingerprint(incoming).encode())),)
        if item.enclosures:
            aliases += (Alias(kind=AliasKind.ENCLOSURE, value=canonical_url(item.enclosures[0].url)),)
        own = own_id(incoming.guid) if first else None
        return Draft(
            **{name: getattr(item, name) for name in _ITEM_FIELDS},
            name=incoming.name,
            id=own or mint_id(self._site, self._source.name, when, key),
            aliases=aliases,
            published_at_first=times.published,
            updated=times.updated,
        )


def _key(incoming: _Incoming) -> str:
    if incoming.guid:
        return incoming.guid
    if incoming.item.url:
        return canonical_url(incoming.item.url)
    # Of an entry without guid and address the words may be corrected, so that title and date say more than they.
    dated = incoming.times.published
    return _digest_guid(f"{incoming.item.title}\n{iso(dated)}" if dated else _words(incoming))


def _fingerprint(incoming: _Incoming) -> str:
    dated = incoming.times.published
    return f"{incoming.item.title}\n{iso(dated) if dated else ''}\n{' '.join(incoming.text.split())}"


def _words(incoming: _Incoming) -> str:
    return f"{incoming.item.title}\n{incoming.text}"


def _digest_guid(text: str) -> str:
    return f"feedmill:digest:{digest(text.encode())}"


def _url_key(incoming: _Incoming) -> str | None:
    return canonical_url(incoming.item.url) if incoming.item.url else None


def _title(item: Item, text: str) -> str:
    """Make a title for an entry without one: its first words, else its file, else its address."""
    if text:
        return summarize(text, _TITLE_LIMIT)
    if item.summary:
        return summarize(item.summary, _TITLE_LIMIT)
    for enclosure in item.enclosures:
        name = plain(unquote(urlsplit(enclosure.url).path).rpartition("/")[2])
        if name:
            return name
    return item.url or "Untitled"
