"""Whether a feed would come out as it stands: nothing that its documents are made from has changed, no time has come
that changes them, and nobody touched them.

This module must not know how a feed is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from feedmill import __version__
from feedmill.model import Edition, Entry, FeedSpec, FeedState, Made
from feedmill.pipeline.intake import Intake
from feedmill.render import RENDERERS
from feedmill.store import Store

__all__ = ["holds_until", "inputs_of", "stands", "untouched"]


class _Place(Protocol):
    def read(self, path: str) -> bytes | None: ...
    def swap(self, path: str, body: bytes) -> bool: ...


def inputs_of(spec: FeedSpec, intake: Intake, rules: str) -> str | None:
    """Return a digest of all that the feed is made from but the time; None where that cannot be known.

    Templates of a theme are edited by hand, and a format of another package is made by rules of its own. A podcast is
    asked each time what directories would mind. What a part of a feed that is split is given depends on the age of
    entries of other parts.
    """
    if spec.theme or spec.podcast or not RENDERERS.keys() >= set(spec.formats) or (spec.split and spec.max_age):
        return None
    told = (__version__, spec, rules, tuple(intake.generations.items()), intake.upstreams)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def holds_until(
    live: Edition, fit: Sequence[Entry], embargo: datetime | None, tombstones_stand: timedelta
) -> datetime | None:
    """Return when the same inputs may make another live document than `live`, None for never.

    `fit` are the entries that it was made of, also those that it had no room for: as long as they are not too old, they
    tell their stories in place of others. `embargo` is when the next one ends, whatever entry it is on.
    """
    spec = live.spec
    moments = [stone.when + tombstones_stand for stone in live.tombstones]
    if spec.max_age is not None:
        moments += [getattr(entry, spec.order.value) + spec.max_age for entry in fit]
    if embargo is not None:
        moments.append(embargo)
    return min(moments, default=None)


def stands(before: FeedState | None, made: Made | None, inputs: str | None, now: datetime) -> bool:
    """Return whether the feed, remembered as `before`, was `made` from the same `inputs`, and is as they make it."""
    return (
        before is not None
        and before.last_change is not None
        and before.error is None
        and before.held is None
        and made is not None
        and made.inputs == inputs
        and made.at <= now
        and (made.until is None or now < made.until)
    )


def untouched(store: Store, place: _Place, paths: Sequence[str]) -> bool:
    """Return whether the documents at `paths` are as they were published.

    Raises:
        WriteFailed: the folder does not take documents.
    """
    recorded = store.file_digests(paths)
    for path in paths:
        body = place.read(path)
        if body is None or hashlib.sha256(body).hexdigest() != recorded.get(path):
            return False
        # It is there already, which is for the place to say: one that takes no documents is told of at each run.
        if place.swap(path, body):
            return False
    return True
