"""What a look changes: what came, held against all that is stored of it.

The rules are in `changes` and `strangers`; here is what they are told. This module must not know how anything was
collected, nor how the changes are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from feedmill.changes import decide, known_by_alias
from feedmill.model import Changes, Fetched, Normalized, Source, Verdict
from feedmill.store import Store
from feedmill.strangers import identify

__all__ = ["decided"]

_PUT_THERE = frozenset({"files", "mail", "media"})
"""Kinds whose documents somebody put where they are: none of them is there by mistake."""


def decided(
    store: Store,
    source: Source,
    fetched: Fetched,
    came: Normalized,
    now: datetime,
    revisions: Sequence[str] | None,
    *,
    guarded: bool,
) -> Changes:
    """Return what `came` changes of the entries of a source; if `guarded`, a flood of old ones is kept back.

    `revisions` are those of the drafts, if they are known already.

    Raises:
        StateError: the state cannot be used.
    """
    unread = (fetched.present or frozenset()).difference(document.name for document in fetched.documents)
    ledger = store.ledger(source.name, came.drafts, whole=fetched.present is not None, unread=unread)
    modified = {d.name: d.modified for d in fetched.documents if d.modified is not None}
    verdict = Verdict()
    if source.kind not in _PUT_THERE:
        found = known_by_alias(came, ledger)
        if None in found:
            verdict = identify(came.drafts, found, store.traces(source.name), guarded=guarded)
            recognized = store.known(source.name, set(verdict.same.values()))
            ledger = replace(ledger, known={**ledger.known, **recognized})
    return decide(
        source.name,
        came,
        ledger,
        now,
        present=fetched.present,
        unreadable=fetched.unreadable,
        modified=modified,
        verdict=verdict,
        revisions=revisions,
    )
