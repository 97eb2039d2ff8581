"""What keeps a feed as it is: the change guards, and versions that were brought back.

This module must not know how a feed is selected or rendered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from feedmill import guards
from feedmill.errors import Held
from feedmill.model import Entry, FeedSpec, FeedState, SourceState, Version
from feedmill.select import excluded_by
from feedmill.store import Store

__all__ = ["Holding"]


class _Place(Protocol):
    def swap(self, path: str, body: bytes) -> bool: ...
    def read(self, path: str) -> bytes | None: ...


class Holding:
    """What one feed, remembered as `before`, is held by. `taken` are the sources that it takes from by name,
    `paths` those of its documents.
    """

    def __init__(
        self,
        store: Store,
        destination: _Place,
        spec: FeedSpec,
        before: FeedState | None,
        taken: Mapping[str, SourceState],
        paths: Sequence[str],
    ) -> None:
        self._store = store
        self._destination = destination
        self._spec = spec
        self._before = before
        self._paths = paths
        # The feeds that a list names come and go with it, and nobody here meant that.
        settings = {name.partition("/")[0]: "" for name in taken} | {
            name: state.settings for name, state in taken.items() if "/" not in name
        }
        self.rules = guards.digest(spec, settings)

    def keep_pinned(self) -> None:
        """Keep a version that was brought back: see that it is in place.

        Raises:
            Held: there is such a version.
        """
        if self._before and self._before.pinned is not None:
            put_in_place(self._store, self._destination, self._spec.name, self._before.pinned)
            raise Held(self._before.held or "")

    def guard(self, chosen: Sequence[Entry], published: Collection[tuple[str, str]], now: datetime) -> None:
        """See whether the feed may be changed so that it carries `chosen`; a change of its rules is meant.

        Raises:
            Held: it may not, without somebody's word.
        """
        if self._before is None or self._before.last_change is None:
            self._hold(guards.other_ids(self._readable(), chosen))
            return
        if self._before.rules != self.rules:
            return
        fits: Callable[[Entry], bool] = lambda entry: excluded_by(self._spec, entry, now) is None  # noqa: E731
        carried = self._store.standing(self._spec.name, self._spec.order)
        self._hold(guards.objection(self._spec, carried, chosen, published, fits, now))

    def _readable(self) -> tuple[tuple[str, str, str], ...]:
        """Return what stands in the published documents of a feed of which nothing is remembered."""
        bodies = (self._destination.read(path) for path in self._paths)
        from feedmill.render.rules import entries_in

        return next((found for body in bodies if body and (found := entries_in(body))), ())

    def _hold(self, why: str | None) -> None:
        if why:
            raise Held(
                f"it is held, since it {why}",
                hint=f"What was published last stays; `{_releasing(self._spec)}` publishes it all the same.",
            )


def roll_back(store: Store, destination: _Place, spec: FeedSpec, version: Version, now: datetime) -> list[str]:
    """Bring a version of a feed back, and keep it until somebody releases it. Return the paths of its documents.

    Raises:
        WriteFailed: the folder cannot be written; the next publishing tries again.
        StateError: the state cannot be used.
    """
    why = (
        f"it was rolled back to version {version.number} of {version.published:%Y-%m-%d %H:%M} UTC. "
        f"`{_releasing(spec)}` releases it."
    )
    topics = [spec.site.feeds_url + path for path in version.paths]
    # Pinned first: whatever happens then, no run replaces it by what it is to be saved from.
    store.pin(spec.name, version.number, why, now, to_tell=dict.fromkeys(spec.hubs, topics))
    return put_in_place(store, destination, spec.name, version.number)


def _releasing(spec: FeedSpec) -> str:
    """Return the command; a feed that another was split into goes with it."""
    return f"feedmill publish --force --feed {spec.name.partition('/')[0]}"


def put_in_place(store: Store, destination: _Place, feed: str, number: int) -> list[str]:
    """Publish the documents of a version where they are not; return their paths."""
    bodies = store.version(feed, number)
    if [path for path, body in bodies.items() if destination.swap(path, body)]:
        store.record_files(feed, {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()})
    return list(bodies)
