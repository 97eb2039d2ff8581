"""What was stored + what came -> what to write: the pure decider between normalize and store.

It matches drafts with the identity ledger, keeps ids and first dates as they are, and tells real changes from
noise. This module must not know how entries are stored, where drafts came from, or what time it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from feedmill.model import Alias, AliasKind, Changes, Draft, Entry, Item, Known, Ledger, Normalized
from feedmill.times import whole_seconds

__all__ = ["decide", "revision"]

_TAG = re.compile(r"<[^>]*>")
_ITEM_FIELDS = tuple(f.name for f in fields(Item))


def revision(item: Item) -> str:
    """Return a digest of what a reader of the entry sees: title, words and enclosures.

    Only a change of this moves `updated`: upstreams shuffle markup, tracking parameters and
    categories all day, and RFC 4287 section 4.2.15 asks for a change that matters.
    """
    words = " ".join(_TAG.sub(" ", item.content).split())
    seen = [" ".join(item.title.split()), words or item.summary, *(enclosure.url for enclosure in item.enclosures)]
    return hashlib.sha256("\0".join(seen).encode("utf-8", "surrogatepass")).hexdigest()


def decide(
    source: str,
    came: Normalized,
    ledger: Ledger,
    now: datetime,
    *,
    present: Collection[str] | None = None,
    modified: Mapping[str, datetime] | None = None,
) -> Changes:
    """Decide what one look at `source` changes.

    Args:
        source: the source's name.
        came: its drafts, newest first, and the documents that withdrew themselves.
        ledger: what is stored.
        now: the time of the look; becomes a date only where nobody else gave one.
        present: every document that exists now, None when the source shows only its newest.
        modified: modification times of documents, the date of an edit that names none.
    """
    now = whole_seconds(now)
    modified = modified or {}
    matches = _match(came, ledger, present)
    new: list[Entry] = []
    changed: list[Entry] = []
    aliases: list[tuple[Alias, str]] = []
    used = set(ledger.taken) | set(ledger.known)
    for position, (draft, known) in enumerate(zip(came.drafts, matches, strict=True)):
        if known is None:
            entry = _new_entry(draft, source, _free_id(draft, used), now, position)
            used.add(entry.id)
            new.append(entry)
        else:
            entry = _revised(draft, known, now, modified.get(draft.name))
            if entry != known.entry or known.withdrawn:
                changed.append(entry)
        aliases += [(alias, entry.id) for alias in draft.aliases if alias not in ledger.aliases]
    claimed = {known.entry.id for known in matches if known is not None}
    return Changes(
        new=tuple(new),
        changed=tuple(changed),
        withdrawn=_withdrawn(came, ledger, claimed, present),
        aliases=tuple(_first_claims(aliases)),
        revisions={entry.id: revision(entry) for entry in (*new, *changed)},
    )


class _Evidence:
    """Finds the stored entry that a draft may be, one kind of evidence a method."""

    def __init__(self, came: Normalized, ledger: Ledger, present: Collection[str] | None) -> None:
        self._ledger = ledger
        self._present = present
        self._read = {draft.name for draft in came.drafts} | came.unpublished
        self._shared_urls = _shared(came.drafts)
        self._by_name = (
            {}
            if present is None
            else {known.entry.name: known for known in ledger.known.values() if not known.withdrawn}
        )

    def exact(self, draft: Draft) -> Known | None:
        return self._by_alias(draft, AliasKind.GUID_AND_URL)

    def guid(self, draft: Draft) -> Known | None:
        return self._by_alias(draft, AliasKind.GUID)

    def same_file(self, draft: Draft) -> Known | None:
        known = self._by_name.get(draft.name)
        return known if known is not None and known.revision == revision(draft) else None

    def content(self, draft: Draft) -> Known | None:
        return self._by_alias(draft, AliasKind.DIGEST)

    def path(self, draft: Draft) -> Known | None:
        return self._by_name.get(draft.name) or self._by_alias(draft, AliasKind.PATH)

    def url(self, draft: Draft) -> Known | None:
        """A known address under an unknown guid: the same entry only if its title or its date agrees too, since
        many feeds point all their entries at one page."""
        known = self._by_alias(draft, AliasKind.URL)
        if known is None or any(a.kind is AliasKind.URL and a.value in self._shared_urls for a in draft.aliases):
            return None
        has_guid = any(alias.kind is AliasKind.GUID for alias in draft.aliases)
        stated = draft.published or draft.published_at_first
        same = draft.title == known.entry.title or (stated is not None and stated == known.entry.published)
        return known if same or not has_guid else None

    def _by_alias(self, draft: Draft, kind: AliasKind) -> Known | None:
        for alias in draft.aliases:
            if alias.kind is kind and alias in self._ledger.aliases:
                known = self._ledger.known.get(self._ledger.aliases[alias])
                if known is not None and self._may_be(known, draft):
                    return known
        return None

    def _may_be(self, known: Known, draft: Draft) -> bool:
        """An entry whose own document is still there, and was not read in this look, stays with that document: a copy
        of an article is another article."""
        name = known.entry.name
        return (
            self._present is None
            or known.withdrawn
            or name == draft.name
            or name not in self._present
            or name in self._read
        )


def _match(came: Normalized, ledger: Ledger, present: Collection[str] | None) -> list[Known | None]:
    """Give each draft the stored entry that it is, surest evidence first, no entry to two drafts.

    Whole passes over all drafts, so that a weak claim of one never takes what another owns by a strong claim.
    """
    found: list[Known | None] = [None] * len(came.drafts)
    claimed: set[str] = set()
    evidence = _Evidence(came, ledger, present)
    for look in (evidence.exact, evidence.guid, evidence.same_file, evidence.content, evidence.path, evidence.url):
        for index, draft in enumerate(came.drafts):
            known = look(draft) if found[index] is None else None
            if known is not None and known.entry.id not in claimed:
                found[index] = known
                claimed.add(known.entry.id)
    return found


def _shared(drafts: Sequence[Draft]) -> set[str]:
    seen: set[str] = set()
    shared: set[str] = set()
    for draft in drafts:
        for alias in draft.aliases:
            if alias.kind is AliasKind.URL:
                (shared if alias.value in seen else seen).add(alias.value)
    return shared


def _free_id(draft: Draft, used: Collection[str]) -> str:
    """The draft's id, or where another entry already owns it, the same with the first free number."""
    free, number = draft.id, 2
    while free in used:
        free = f"{draft.id}~{number}"
        number += 1
    return free


def _item(draft: Draft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in _ITEM_FIELDS}


def _new_entry(draft: Draft, source: str, entry_id: str, now: datetime, position: int) -> Entry:
    # Undated entries of one look keep the order in which the source lists them.
    first = draft.published or draft.published_at_first or now - timedelta(seconds=position)
    published = whole_seconds(first)
    return Entry(
        **_item(draft),  # type: ignore[arg-type]  # the fields of Item, by name
        id=entry_id,
        source=source,
        name=draft.name,
        published=published,
        updated=max(published, whole_seconds(draft.updated or published)),
        first_seen=now,
    )


def _revised(draft: Draft, known: Known, now: datetime, modified: datetime | None) -> Entry:
    old = known.entry
    published = whole_seconds(draft.published) if draft.published else old.published
    updated = old.updated
    if revision(draft) != known.revision:
        stated = whole_seconds(draft.updated or modified or now)
        updated = stated if old.updated < stated <= now else now
    return replace(
        old,
        **_item(draft),  # type: ignore[arg-type]  # the fields of Item, by name
        name=draft.name,
        published=published,
        updated=max(published, updated),
    )


def _withdrawn(
    came: Normalized, ledger: Ledger, claimed: Collection[str], present: Collection[str] | None
) -> tuple[str, ...]:
    if present is None:
        return ()
    drafts = {draft.name for draft in came.drafts}
    return tuple(
        sorted(
            entry_id
            for entry_id, known in ledger.known.items()
            if not known.withdrawn
            and entry_id not in claimed
            and (known.entry.name not in present or known.entry.name in came.unpublished or known.entry.name in drafts)
        )
    )


def _first_claims(aliases: Sequence[tuple[Alias, str]]) -> list[tuple[Alias, str]]:
    """Drop later claims on an alias that two new entries of one look share."""
    claims: dict[Alias, str] = {}
    for alias, entry_id in aliases:
        claims.setdefault(alias, entry_id)
    return list(claims.items())
