"""The feeds that a feed is split into, as specifications of their own and with the entries of each.

This module must not know how a feed is published.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from feedmill.config import Config
from feedmill.config.build import feed_id
from feedmill.config.podcasts import default_guid
from feedmill.model import Entry, FeedSpec, Split
from feedmill.select import excluded_by
from feedmill.split import belongs, divided, new_splits
from feedmill.store import Store

__all__ = ["READ_FOR_SPLITS", "Splitting"]

READ_FOR_SPLITS = 5000
"""How many of the newest entries of a feed are divided; a part that none of them belongs to keeps what it carries."""


class Splitting:
    """The split feeds of one site. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._store = store
        self._clock = clock

    def specs(self) -> list[FeedSpec]:
        """Return all feeds of the site: each configured one, and after it those that it was split into so far."""
        return [one for spec in self._config.feeds for one in (spec, *self.parts(spec))]

    def parts(self, spec: FeedSpec) -> list[FeedSpec]:
        """Return the feeds that `spec` was split into so far."""
        if spec.split_by is None:
            return []
        return [_derived(spec, split) for split in self._store.splits(spec.name) if split.by is spec.split_by]

    def split(
        self, spec: FeedSpec, entries: Sequence[Entry], taken: Collection[str]
    ) -> Iterator[tuple[FeedSpec, list[Entry]]]:
        """Yield the feeds that `spec` is split into, each with those of the `entries` that belong to it.

        One that none of them belongs to any more has what it carries and is still right: what is withdrawn, or of none
        of the sources `taken`, leaves it.
        """
        if spec.split_by is None:
            return
        known = self._store.splits(spec.name)
        fresh = new_splits(spec, spec.split_by, entries, known)
        if fresh:
            self._store.add_splits(spec.name, fresh)
        groups = divided(spec, spec.split_by, entries, spec.limit + 1)
        for split in sorted([*known, *fresh], key=lambda split: split.slug):
            if split.by is spec.split_by:
                part = _derived(spec, split)
                yield part, groups[split.value] if split.value in groups else self._standing(part, taken)

    def _standing(self, part: FeedSpec, taken: Collection[str]) -> list[Entry]:
        now = self._clock()
        return [
            entry
            for entry, withdrawn in self._store.standing(part.name, part.order)
            if not withdrawn
            and entry.source in taken
            and belongs(part, entry)
            and excluded_by(part, entry, now) is None
        ]


def _derived(spec: FeedSpec, split: Split) -> FeedSpec:
    assert spec.split_by is not None  # noqa: S101  # only such feeds have splits
    name = f"{spec.name}/{split.slug}"
    base_url = f"{spec.site.feeds_url}{name}/"
    # A show of its own to directories, which know shows by their ids.
    podcast = replace(spec.podcast, guid=default_guid(f"{base_url}rss.xml")) if spec.podcast else None
    return replace(
        spec,
        name=name,
        title=f"{spec.title}: {split.label}",
        id=feed_id(spec.site, name),
        base_url=base_url,
        podcast=podcast,
        split_by=None,
        split=(spec.split_by, split.value),
    )
