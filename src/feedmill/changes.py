"""What was stored + what came -> what to write: the pure decider between normalize and store.

It matches drafts with the identity ledger, keeps ids and first dates as they are, and tells real changes from
noise. This module must not know how entries are stored, where drafts came from, or what time it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from feedmill.model import Alias, AliasKind, Changes, Draft, Entry, Item, Known, Ledger, Normalized, Verdict
from feedmill.times import whole_seconds

__all__ = ["decide", "known_by_alias", "revision"]

_TAG = re.compile(r"<[^>]*>")
_ITEM_FIELDS = tuple(f.name for f in fields(Item))
_NO_VERDICT = Verdict()
_TELLING_ALONE = frozenset({AliasKind.URL, AliasKind.WORDS, AliasKind.ENCLOSURE})
"""Aliases that lead to an entry only where no other draft of the look has them."""


def revision(item: Item) -> str:
    """Return a digest of what a reader of the entry sees: title, words and enclosures.

    Only a change of this moves `updated`: upstreams shuffle markup, tracking parameters and
    categories all day, and RFC 4287 section 4.2.15 asks for a change that matters. Of a draft with a teaser, the teaser
    counts in place of the words: a full text that comes later is no change of the article.
    """
    teaser = item.teaser if isinstance(item, Draft) else None
    words = " ".join(_TAG.sub(" ", item.content if teaser is None else teaser).split())
    if teaser is None:
        words = words or item.summary
    seen = [" ".join(item.title.split()), words, *(enclosure.url for enclosure in item.enclosures)]
    return hashlib.sha256("\0".join(seen).encode("utf-8", "surrogatepass")).hexdigest()


def known_by_alias(came: Normalized, ledger: Ledger) -> list[str | None]:
    """Return the id of the stored entry that each draft of an upstream is; None for strangers, which no alias knows."""
    matches = _Look(came, ledger, [""] * len(came.drafts), None, ()).matches()
    return [None if known is None else known.entry.id for known in matches]


def decide(
    source: str,
    came: Normalized,
    ledger: Ledger,
    now: datetime,
    *,
    present: Collection[str] | None = None,
    unreadable: Collection[str] = (),
    modified: Mapping[str, datetime] | None = None,
    verdict: Verdict = _NO_VERDICT,
    revisions: Sequence[str] | None = None,
) -> Changes:
    """Decide what one look at `source` changes.

    Args:
        source: the source's name.
        came: its drafts, newest first, and the documents that withdrew themselves.
        ledger: what is stored.
        now: the time of the look; becomes a date only where nobody else gave one.
        present: every document that exists now, None when the source shows only its newest.
        unreadable: places that could not be seen; what is at or below one is taken for present.
        modified: modification times of documents, the date of an edit that names none.
        verdict: what drafts are that no alias leads anywhere; the entries that it names are among the known.
        revisions: the `revision` of each draft, where somebody has them already.
    """
    now = whole_seconds(now)
    modified = modified or {}
    given = [revision(draft) for draft in came.drafts] if revisions is None else revisions
    look = _Look(came, ledger, given, present, unreadable)
    matches = look.matches()
    for position, entry_id in verdict.same.items():
        matches[position] = matches[position] or ledger.known[entry_id]
    new: list[Entry] = []
    held: list[Entry] = []
    changed: list[Entry] = []
    seen_of: dict[str, str] = {}
    stories: dict[str, str] = {}
    aliases: dict[Alias, str] = {}
    used = set(ledger.taken) | set(ledger.known)
    for position, (draft, seen, known) in enumerate(zip(came.drafts, look.revisions, matches, strict=True)):
        if known is None:
            entry = _new_entry(draft, source, _free_id(draft, used), now, position)
            used.add(entry.id)
            (held if position in verdict.held else new).append(entry)
        else:
            entry = _revised(draft, seen, known, now, modified.get(draft.name))
            if entry != known.entry or known.withdrawn:
                changed.append(entry)
        seen_of[entry.id] = seen
        for alias in draft.aliases:
            if alias.kind is AliasKind.URL:
                stories[entry.id] = alias.value
            if alias not in ledger.aliases:
                aliases.setdefault(alias, entry.id)
    return Changes(
        new=tuple(new),
        changed=tuple(changed),
        withdrawn=look.withdrawn(matches),
        aliases=tuple(aliases.items()),
        revisions={entry.id: seen_of[entry.id] for entry in (*new, *held, *changed)},
        stories={entry.id: stories[entry.id] for entry in (*new, *held, *changed) if entry.id in stories},
        held=tuple(held),
        still_held=sum(known is not None and known.held for known in matches),
    )


class _Look:
    """The drafts of one look beside what is stored: which entry is which draft, one kind of evidence a method."""

    def __init__(
        self,
        came: Normalized,
        ledger: Ledger,
        revisions: Sequence[str],
        present: Collection[str] | None,
        unreadable: Collection[str],
    ) -> None:
        self.revisions = revisions
        self._came = came
        self._ledger = ledger
        self._present = present
        self._unreadable = frozenset(unreadable)
        self._read = {draft.name for draft in came.drafts} | came.unpublished
        self._shared = _shared(came.drafts)
        live = () if present is None else [known for known in ledger.known.values() if not known.withdrawn]
        self._by_name = {known.entry.name: known for known in live}
        self._homeless: dict[str, list[Known]] = {}
        for known in sorted(live, key=lambda known: known.entry.name):
            if not self._is_present(known.entry.name):
                self._homeless.setdefault(known.revision, []).append(known)

    def matches(self) -> list[Known | None]:
        """Give each draft the stored entry that it is, surest evidence first, no entry to two drafts.

        Whole passes over all drafts, so that a weak claim of one never takes what another owns by a strong claim.
        """
        found: list[Known | None] = [None] * len(self._came.drafts)
        if not self._ledger.known:
            return found
        claimed: set[str] = set()
        passes = (
            self._exact, self._guid, self._file, self._moved, self._content, self._path, self._url, self._words,
            self._enclosure,
        )  # fmt: skip
        for candidates in passes:
            for index, (draft, seen) in enumerate(zip(self._came.drafts, self.revisions, strict=True)):
                if found[index] is None:
                    free = (known for known in candidates(draft, seen) if known.entry.id not in claimed)
                    found[index] = known = next(free, None)
                    if known is not None:
                        claimed.add(known.entry.id)
        return found

    def withdrawn(self, matches: Sequence[Known | None]) -> tuple[str, ...]:
        """Return the ids of live entries whose document is gone, is a draft now, or became another entry's."""
        if self._present is None:
            return ()
        claimed = {known.entry.id for known in matches if known is not None}
        return tuple(
            sorted(
                known.entry.id
                for name, known in self._by_name.items()
                if known.entry.id not in claimed and (name in self._read or not self._is_present(name))
            )
        )

    def _exact(self, draft: Draft, _: str) -> Iterator[Known]:
        return self._by_alias(draft, AliasKind.GUID_AND_URL)

    def _guid(self, draft: Draft, _: str) -> Iterator[Known]:
        """A known guid, unless nothing else agrees: some upstreams use one guid again and again.

        An article that names its own id is believed without more.
        """
        for known in self._by_alias(draft, AliasKind.GUID):
            if self._present is not None or draft.url == known.entry.url or _title_or_date_agree(draft, known):
                yield known

    def _file(self, draft: Draft, seen: str) -> Iterator[Known]:
        known = self._by_name.get(draft.name)
        if known is not None and known.revision == seen:
            yield known

    def _content(self, draft: Draft, _: str) -> Iterator[Known]:
        return self._by_alias(draft, AliasKind.DIGEST)

    def _moved(self, _: Draft, seen: str) -> Iterator[Known]:
        """An article whose file is gone, and whose words are these: of several with the same words, each in turn."""
        yield from self._homeless.get(seen, ())

    def _path(self, draft: Draft, _: str) -> Iterator[Known]:
        known = self._by_name.get(draft.name)
        if known is not None:
            yield known
        else:
            yield from self._by_alias(draft, AliasKind.PATH)

    def _url(self, draft: Draft, _: str) -> Iterator[Known]:
        """A known address under an unknown guid: the same entry only if its title or its date agrees too, and no other
        entry had that address, since many feeds point all their entries at one page."""
        has_guid = any(alias.kind is AliasKind.GUID for alias in draft.aliases)
        if has_guid and any(alias in self._ledger.shared for alias in draft.aliases):
            return
        for known in self._by_alias(draft, AliasKind.URL):
            if not has_guid or _title_or_date_agree(draft, known):
                yield known

    def _words(self, draft: Draft, _: str) -> Iterator[Known]:
        """The same title, date and words under another guid and address: an upstream that moved."""
        return self._by_alias(draft, AliasKind.WORDS)

    def _enclosure(self, draft: Draft, _: str) -> Iterator[Known]:
        """The same recording, if its title or its date agrees too: a picture may belong to many entries."""
        return (known for known in self._by_alias(draft, AliasKind.ENCLOSURE) if _title_or_date_agree(draft, known))

    def _by_alias(self, draft: Draft, kind: AliasKind) -> Iterator[Known]:
        for alias in draft.aliases:
            if alias.kind is kind and alias not in self._shared and alias in self._ledger.aliases:
                known = self._ledger.known.get(self._ledger.aliases[alias])
                if known is not None and self._may_be(known, draft):
                    yield known

    def _may_be(self, known: Known, draft: Draft) -> bool:
        """An entry whose own document is still there, and was not read in this look, stays with that document: a copy
        of an article is another article."""
        name = known.entry.name
        return (
            self._present is None
            or known.withdrawn
            or name == draft.name
            or name in self._read
            or not self._is_present(name)
        )

    def _is_present(self, name: str) -> bool:
        if self._present is None or name in self._present:
            return True
        return bool(self._unreadable) and any(
            name == place or name.startswith(f"{place}/") for place in self._unreadable
        )


def _title_or_date_agree(draft: Draft, known: Known) -> bool:
    stated = draft.published or draft.published_at_first
    return draft.title == known.entry.title or (stated is not None and whole_seconds(stated) == known.entry.published)


def _shared(drafts: Sequence[Draft]) -> set[Alias]:
    """The addresses, words and enclosures that several drafts have in common, and that so tell nothing."""
    seen: set[Alias] = set()
    shared: set[Alias] = set()
    for draft in drafts:
        for alias in draft.aliases:
            if alias.kind in _TELLING_ALONE:
                (shared if alias in seen else seen).add(alias)
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


def _revised(draft: Draft, seen: str, known: Known, now: datetime, modified: datetime | None) -> Entry:
    old = known.entry
    published = whole_seconds(draft.published) if draft.published else old.published
    updated = old.updated
    if seen != known.revision:
        stated = whole_seconds(draft.updated or modified or now)
        updated = stated if old.updated < stated <= now else max(old.updated, now)
    return replace(
        old,
        **_item(draft),  # type: ignore[arg-type]  # the fields of Item, by name
        name=draft.name,
        published=published,
        updated=max(published, updated),
    )
