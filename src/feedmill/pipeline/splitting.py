"""The feeds that a feed is split into, as specifications of their own and with the entries of each.

This module must not know how a feed is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feedmill.config import Config
from feedmill.config.build import feed_id
from feedmill.config.podcasts import default_guid
from feedmill.model import Entry, FeedSpec, Split
from feedmill.split import divided, new_splits
from feedmill.store import Store

__all__ = ["READ_FOR_SPLITS", "Splitting"]

READ_FOR_SPLITS = 5000
"""How many of the newest entries of a feed are divided; what is older was published before."""


class Splitting:
    """The split feeds of one site. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store

    def specs(self) -> list[FeedSpec]:
        """Return all feeds of the site: each configured one, and after it those that it was split into so far."""
        found: list[FeedSpec] = []
        for spec in self._config.feeds:
            found.append(spec)
            if spec.split_by is not None:
                found += [_derived(spec, split) for split in self._store.splits(spec.name)]
        return found

    def split(self, spec: FeedSpec, entries: Sequence[Entry]) -> list[tuple[FeedSpec, list[Entry]]]:
        """Return the feeds that `spec` is split into now, each with those of the `entries` that belong to it.

        One that nothing belongs to any more is left as it was published.
        """
        if spec.split_by is None:
            return []
        known = self._store.splits(spec.name)
        fresh = new_splits(spec, spec.split_by, entries, known)
        if fresh:
            self._store.add_splits(spec.name, fresh)
        groups = divided(spec, spec.split_by, entries, spec.limit + 1)
        everything = sorted([*known, *fresh], key=lambda split: split.slug)
        return [(_derived(spec, split), groups[split.value]) for split in everything if split.value in groups]


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
