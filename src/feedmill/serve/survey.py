"""How a site is doing: one reading of its state, that health, metrics and dashboard share.

It must not know how any of it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from threading import Lock

from feedmill.model import Condition, FeedSpec, FeedState, Ping, Run, Source, SourceState, Tally
from feedmill.pipeline import Pipeline

__all__ = ["Survey", "Surveyor"]

_NOTHING = Tally()


@dataclass(frozen=True)
class Survey:
    """A site at one moment.

    `sources` are those that are looked at, and `states` what is remembered of each; `entries` and `held` count, by
    source, those that feeds may have and those that are kept back from them; `tallies` are all looks ever made. `specs`
    are all feeds, also those that others were split into, and `feeds` what is remembered of those that were ever
    published; `subscribers` are theirs of yesterday (UTC), which is the last whole day.
    """

    sources: tuple[Source, ...]
    states: Mapping[str, SourceState]
    entries: Mapping[str, int]
    held: Mapping[str, int]
    tallies: Mapping[str, Tally]
    specs: tuple[FeedSpec, ...]
    feeds: Mapping[str, FeedState]
    pings: tuple[Ping, ...]
    last_run: Run | None
    subscribers: Mapping[str, int] = field(default_factory=dict)

    def state(self, name: str) -> SourceState:
        """Return what is remembered of a source."""
        return self.states.get(name) or SourceState(name=name)

    def tally(self, name: str) -> Tally:
        """Return all looks ever made at a source."""
        return self.tallies.get(name, _NOTHING)

    @cached_property
    def conditions(self) -> Mapping[Condition, int]:
        """How many sources are in each condition."""
        counts = dict.fromkeys(Condition, 0)
        for source in self.sources:
            counts[self.state(source.name).condition] += 1
        return counts

    @cached_property
    def source_of(self) -> Mapping[str, Source]:
        """The sources by name."""
        return {source.name: source for source in self.sources}

    @cached_property
    def spec_of(self) -> Mapping[str, FeedSpec]:
        """The feeds by name."""
        return {spec.name: spec for spec in self.specs}


class Surveyor:
    """Reads how the site of `pipeline` is doing, and again only when something was written to its state since.

    It is used by many threads.
    """

    def __init__(self, pipeline: Callable[[], Pipeline]) -> None:
        self._pipeline = pipeline
        self._lock = Lock()
        self._watching = ExitStack()
        self._read: tuple[Pipeline, Survey] | None = None
        self._changed: Callable[[], bool] = lambda: True

    def survey(self) -> Survey:
        """Return how the site is doing now.

        Raises:
            StateError: the state cannot be used.
        """
        with self._lock:
            site = self._pipeline()
            if self._read is not None and self._read[0] is site and not self._changed():
                return self._read[1]
            if self._read is None or self._read[0] is not site:
                self._forget()
                self._changed = self._watching.enter_context(site.store.activity.watch())
            found = _survey(site)
            self._read = (site, found)
            return found

    def close(self) -> None:
        """Give the database back."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._read = None
        self._watching.close()


def _survey(site: Pipeline) -> Survey:
    store, agenda = site.store, site.agenda()
    sources = site.roster().sources
    return Survey(
        sources=sources,
        states={source.name: agenda.state(source) for source in sources},
        entries=store.entry_counts(),
        held=store.held_counts(),
        tallies=store.activity.totals(),
        specs=tuple(site.specs()),
        feeds=store.feed_states(),
        pings=tuple(store.pings()),
        last_run=next(iter(store.activity.runs(1)), None),
        subscribers=_subscribers(site),
    )


def _subscribers(site: Pipeline) -> dict[str, int]:
    """Return the subscribers of each feed yesterday: today is not over."""
    yesterday = (site.clock() - timedelta(days=1)).date().isoformat()
    found: dict[str, int] = {}
    for _, one in site.store.audience.days(yesterday, yesterday):
        found[one.feed] = found.get(one.feed, 0) + one.subscribers
    return found
