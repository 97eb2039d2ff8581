"""What a feed takes from, looked up once for it and all the feeds that it is split into.

This module must not know how a feed is selected or published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedmill.config import Config
from feedmill.model import FeedSpec, SourceState, Upstream
from feedmill.pipeline.blogroll import blogroll
from feedmill.pipeline.roster import roster_of
from feedmill.store import Store

__all__ = ["FOR_PEOPLE", "Intake", "intake_of"]

FOR_PEOPLE = frozenset({"html", "opml"})
"""Formats that feed readers do not poll; they say what a feed takes from."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a feed takes from at one moment.

    `taken` are its sources, in the order of the site; `ranks` the places of all sources in that order; `upstreams` the
    feeds among them, for the formats that say so.
    """

    taken: Mapping[str, SourceState]
    ranks: Mapping[str, int]
    upstreams: tuple[Upstream, ...]

    @property
    def collected(self) -> bool:
        """Whether any of its sources ever was."""
        return any(state.last_success for state in self.taken.values())


def intake_of(spec: FeedSpec, config: Config, store: Store) -> Intake:
    """Return what the feed takes from now.

    Raises:
        StateError: the state cannot be used.
    """
    roster, states = roster_of(config.sources, store), store.source_states()
    taken = {name: states.get(name) or SourceState(name=name) for name in roster.taken_by(spec)}
    said = FOR_PEOPLE.intersection(spec.formats)
    return Intake(
        taken=taken,
        ranks={name: rank for rank, name in enumerate(roster.names)},
        upstreams=blogroll(store, [source for source in roster.sources if source.name in taken]) if said else (),
    )
