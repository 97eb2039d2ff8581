"""What a feed takes from, looked up once for it and all the feeds that it is split into.

This module must not know how a feed is selected or published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedmill.config import Config
from feedmill.model import FeedSpec, SourceState, Upstream
from feedmill.pipeline.blogroll import blogroll
from feedmill.pipeline.roster import Roster, roster_of
from feedmill.store import Store

__all__ = ["FOR_PEOPLE", "Intake", "Supply", "intake_of", "supply_of"]

FOR_PEOPLE = frozenset({"html", "opml"})
"""Formats that feed readers do not poll; they say what a feed takes from."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a feed takes from at one moment.

    `taken` are its sources, in the order of the site, `generations` the marks of their entries; `ranks` the places of
    all sources in that order; `upstreams` the feeds among them, for the formats that say so.
    """

    taken: Mapping[str, SourceState]
    generations: Mapping[str, int]
    ranks: Mapping[str, int]
    upstreams: tuple[Upstream, ...]

    @property
    def collected(self) -> bool:
        """Whether any of its sources ever was."""
        return any(state.last_success for state in self.taken.values())


@dataclass(frozen=True, slots=True)
class Supply:
    """What all feeds of a site take from at one moment: its sources, what is remembered of them, and the mark of each
    one's entries."""

    roster: Roster
    states: Mapping[str, SourceState]
    generations: Mapping[str, int]


def supply_of(config: Config, store: Store) -> Supply:
    """Return what the feeds of the site take from now.

    Raises:
        StateError: the state cannot be used.
    """
    # The marks come first: what changes after they were read is seen the next time.
    generations = store.generations()
    return Supply(roster_of(config.sources, store), store.source_states(), generations)


def intake_of(spec: FeedSpec, supply: Supply, store: Store) -> Intake:
    """Return what the feed takes from.

    Raises:
        StateError: the state cannot be used.
    """
    roster = supply.roster
    names = roster.taken_by(spec)
    taken = {name: supply.states.get(name) or SourceState(name=name) for name in names}
    said = FOR_PEOPLE.intersection(spec.formats)
    return Intake(
        taken=taken,
        generations={name: supply.generations.get(name, 0) for name in names},
        ranks={name: rank for rank, name in enumerate(roster.names)},
        upstreams=blogroll(store, [source for source in roster.sources if source.name in taken]) if said else (),
    )
