"""The stages of one site, put together: what a run, a service and a command work with.

This module must not know how a look is made or a feed published: `looks`, `publishing` and `front` do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from threading import Event

from feedmill import times
from feedmill.config import Config
from feedmill.model import Entry, FeedOutcome, FeedSpec, Front, Outcome, SiteOutcome, Source, Version
from feedmill.pipeline.agenda import Agenda
from feedmill.pipeline.alerting import Alerting, Channel
from feedmill.pipeline.explaining import Explaining, Explanation
from feedmill.pipeline.front import FrontPublishing
from feedmill.pipeline.holding import roll_back
from feedmill.pipeline.intake import Supply, intake_of, supply_of
from feedmill.pipeline.looks import Looks, Trial
from feedmill.pipeline.notifying import Notifying, Tell
from feedmill.pipeline.publishing import Destination, Publishing
from feedmill.pipeline.roster import Roster, roster_of
from feedmill.pipeline.splitting import READ_FOR_SPLITS, Splitting
from feedmill.pipeline.subscribing import Subscribing
from feedmill.publish import Folder, Rehearsal
from feedmill.split import belongs
from feedmill.store import Found, Store

__all__ = ["Pipeline"]


class Pipeline:
    """One site. `clock` returns the present, aware UTC; `tell` tells hubs of changes; without it no hub is
    told or asked anything. `channels` tell the operator what is wrong; without them nothing is even found out.

    A pipeline may refresh many sources at once; it publishes one feed at a time.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        destination: Destination,
        clock: Callable[[], datetime] = times.now,
        *,
        tell: Tell | None = None,
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.destination = destination
        self.clock = clock
        self._looks = Looks(config, store, clock, Rehearsal if destination.rehearsal else Folder)
        self._explaining = Explaining(config, store, clock)
        self._notifying = Notifying(config, store, clock, tell)
        self._subscribing = Subscribing(config, store, clock, self._looks.client if tell is not None else None)
        self._alerting = Alerting(config, store, clock, channels)
        self._splitting = Splitting(config, store, clock)
        self._publishing = Publishing(store, destination, clock)
        self._front = FrontPublishing(config, store, destination)

    def close(self) -> None:
        """Close connections to upstreams. The store belongs to whoever opened it."""
        self._looks.close()

    def roster(self) -> Roster:
        """Return which sources the site has now: the configured ones, and the feeds that its subscription lists name.

        Raises:
            StateError: the state cannot be used.
        """
        return roster_of(self.config.sources, self.store)

    def refresh(
        self, source: Source, *, force: bool = False, trust: bool = False, planned: Agenda | None = None
    ) -> Outcome:
        """Look at one source and store what it brings, in one transaction; with `force`, whatever its server asked for.

        A run gives the agenda that it goes by.
        With `trust` it may bring old entries in any number, and those that it brought before are held no longer.
        Whatever is wrong with the source becomes a failed outcome and is remembered; its entries stay.

        Raises:
            StateError: the state cannot be used.
        """
        return self._looks.refresh(source, force=force, trust=trust, planned=planned)

    def attempt(self, source: Source) -> Trial:
        """Look at one source without storing anything.

        Raises:
            FeedmillError: it cannot be collected or read.
        """
        return self._looks.attempt(source)

    def agenda(self) -> Agenda:
        """Return when each source is due, and which are to be left alone, as of now."""
        states, hosts = self.store.source_states(), self.store.host_states()
        return Agenda(self.config, states, hosts, self.clock(), self.store.hubs.states())

    def explain(self, words: str) -> list[Explanation]:
        """Return what is known about the entries that `words` mean: an id, an address, or a part of a title.

        Raises:
            StateError: the state cannot be used.
        """
        return self._explaining.explain(words, self.specs())

    def look_up(self, words: str) -> list[Found]:
        """Return the entries that `words` mean, as they are stored, the newest first; `explain` tells more of each.

        Raises:
            StateError: the state cannot be used.
        """
        return self._explaining.look_up(words)

    def carried(self) -> dict[str, list[Entry]]:
        """Return the entries that each feed carries as it was published last, by name."""
        return {spec.name: self.store.carried(spec.name, spec.order) for spec in self.specs()}

    def notify(self) -> None:
        """Tell hubs of documents that changed; one that cannot be told is told again later, and holds up nothing.

        Raises:
            StateError: the state cannot be used.
        """
        self._notifying.notify()

    def subscribe(self, stop: Event) -> None:
        """Ask hubs of upstreams to push, or to stop it, as far as the time has come; one that cannot be asked is asked
        again later. Once `stop` is set no further hub is asked.

        Raises:
            StateError: the state cannot be used.
        """
        if not self._subscribing.idle:
            self._subscribing.subscribe(self.roster(), self.agenda(), stop)

    def next_subscribing(self, roster: Roster, agenda: Agenda) -> datetime | None:
        """Return when a hub of an upstream is to be asked for something next."""
        return self._subscribing.next_step(roster, agenda)

    def alert(self, looked_at: Collection[str]) -> None:
        """Tell the operator what began to be wrong and what is well again; a channel that cannot tell it does so later,
        and holds up nothing. `looked_at` are the sources that were just looked at, and answered.

        Raises:
            StateError: the state cannot be used.
        """
        if self._alerting.wanted:
            self._alerting.alert(self.roster(), self.specs(), looked_at)

    def next_alert(self) -> datetime | None:
        """Return when the operator is to be told something next that could not be told yet."""
        return self.store.incidents.next_delivery() if self._alerting.wanted else None

    def specs(self) -> list[FeedSpec]:
        """Return all feeds of the site: each configured one, and after it those that it was split into so far."""
        return self._splitting.specs()

    def supply(self) -> Supply:
        """Return what the feeds take from now.

        Raises:
            StateError: the state cannot be used.
        """
        return supply_of(self.config, self.store)

    def publish(self, spec: FeedSpec, *, force: bool = False, supply: Supply | None = None) -> Iterator[FeedOutcome]:
        """Select, render, check and publish one feed, then each that it is split into; yield the outcomes.

        If any document of a feed fails its check, none of this feed is replaced. Who publishes many feeds, and collects
        nothing meanwhile, looks up the `supply` once for all of them.

        One that would change in a way that may be a mistake is held, unless with `force`.

        Raises:
            StateError: the state cannot be used.
        """
        intake = intake_of(spec, supply or self.supply(), self.store)
        if spec.split_by is None:
            yield self._publishing.publish(spec, intake, force=force)
            return
        standing = [] if force else self._publishing.standing([spec, *self._splitting.parts(spec)], intake)
        if standing:
            yield from standing
            return
        whole = self._publishing.publish(spec, intake, force=force)
        yield whole
        well = whole.error is None
        newest = self._publishing.newest(spec, intake, READ_FOR_SPLITS)
        for split, entries in self._splitting.split(spec, newest, intake.taken):
            part = self._publishing.publish(split, intake, entries, force=force)
            yield part
            well = well and part.error is None
        if well:
            self._publishing.settle(spec)

    def prospect(self, spec: FeedSpec) -> list[Entry]:
        """Return the entries that a feed would carry if it were published now, whatever holds it: those that fit, up to
        its `limit`.

        Raises:
            StateError: the state cannot be used.
        """
        head = next(one for one in self.config.feeds if one.name == spec.name.partition("/")[0])
        intake = intake_of(head, self.supply(), self.store)
        if spec.split is None:
            return self._publishing.newest(spec, intake, spec.limit)
        newest = self._publishing.newest(head, intake, READ_FOR_SPLITS)
        return [entry for entry in newest if belongs(spec, entry)][: spec.limit]

    def roll_back(self, spec: FeedSpec, version: Version) -> list[str]:
        """Bring a version of a feed back, and keep it until `publish` is forced. Return the paths of its documents.

        Raises:
            WriteFailed: the folder cannot be written; the next publishing tries again.
            StateError: the state cannot be used.
        """
        return roll_back(self.store, self.destination, spec, version, self.clock())

    def front(self) -> Front:
        """Return what the site's own documents say of its feeds, as they were published last.

        Raises:
            StateError: the state cannot be used.
        """
        return self._front.gather(self.specs())

    def publish_front(self) -> SiteOutcome:
        """Render, check and publish the site's own documents; one that fails stays as it was published last.

        Raises:
            StateError: the state cannot be used.
        """
        return self._front.publish(self.specs())
