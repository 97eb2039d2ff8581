"""Runs: which sources to collect now, which feeds to publish then, and when there is something to do again.

This module must not know how a source is refreshed or a feed published: the pipeline does.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic

from feedmill.errors import WriteFailed
from feedmill.jobs.inline import Job, run_all
from feedmill.model import FeedOutcome, FeedSpec, Outcome, Report, Run, Source, Status
from feedmill.pipeline import Agenda, Pipeline, host_of, is_archive, paths, site_paths

__all__ = ["chosen", "next_due", "prune", "pushed", "run"]

_log = logging.getLogger(__name__)

_ERRORS_KEPT = 20
"""Messages of a run that are put on record with it."""


_ANSWERED = (Status.UPDATED, Status.UNCHANGED)


def chosen(
    pipeline: Pipeline, sources: Collection[str] | None = None, feeds: Collection[str] | None = None
) -> tuple[list[Source], list[FeedSpec]]:
    """Return the sources and the feeds that `run` is about when it is given these names.

    A list of subscriptions stands for itself and for the feeds that it names. More of these may show once it is read.
    """
    roster, specs = pipeline.roster(), pipeline.config.feeds
    if feeds is not None:
        specs = tuple(spec for spec in specs if spec.name in feeds)
    if sources is not None:
        asked = roster.named(sources)
    else:
        asked = list(roster.sources) if feeds is None else roster.needed_by(specs)
    if sources is not None and feeds is None:
        names = {*sources, *(source.name for source in asked)}  # also those that left their list
        specs = tuple(spec for spec in specs if names & set(roster.taken_by(spec)))
    return asked, list(specs)


def run(
    pipeline: Pipeline,
    *,
    sources: Collection[str] | None = None,
    feeds: Collection[str] | None = None,
    due: bool = False,
    force: bool = False,
    stop: Event | None = None,
    watch: Callable[[Outcome | FeedOutcome], None] = lambda _: None,
) -> Report:
    """Collect sources, then publish the feeds that they may have changed, and the site's own documents.

    Args:
        pipeline: the site.
        sources: names; None for all, or for those of `feeds` if these are given.
        feeds: names; None for all that take from the sources.
        due: collect only the sources whose time has come.
        force: collect even what a server asked to leave alone, and publish feeds that are held; of sources that are
            named, publish what was held, too.
        stop: once set, no further source is begun; what was collected is still published.
        watch: called with each outcome as it comes.

    Raises:
        StateError: the state cannot be used; nothing further was done.
    """
    began, at = monotonic(), pipeline.clock()
    stop = stop or Event()
    _keep_apart(pipeline)
    outcomes: list[Outcome] = []
    trust = force and sources is not None
    if trust:
        _release_unlisted(pipeline, sources or ())
    for lists in (True, False):  # first the lists, so that the feeds that are new in them have their turn now
        asked, specs = chosen(pipeline, sources, feeds)
        wanted = [source for source in asked if (source.kind == "opml") == lists]
        for outcome in _collect(pipeline, wanted, due=due, force=force, trust=trust, stop=stop):
            outcomes.append(outcome)
            watch(outcome)
    pipeline.store.expire(pipeline.clock())
    published: list[FeedOutcome] = []
    supply = pipeline.supply()
    for spec in specs:
        for published_now in pipeline.publish(spec, force=force, supply=supply):
            published.append(published_now)
            watch(published_now)
    site = pipeline.publish_front()
    pipeline.notify()
    pipeline.subscribe(stop)
    if not stop.is_set():  # else the next run tells it
        pipeline.alert([outcome.source for outcome in outcomes if outcome.status in _ANSWERED])
    order = {source.name: place for place, source in enumerate(pipeline.roster().sources)}
    outcomes.sort(key=lambda outcome: order[outcome.source])
    report = Report(sources=tuple(outcomes), feeds=tuple(published), site=site, seconds=monotonic() - began)
    _remember(pipeline, at, report)
    return report


def next_due(pipeline: Pipeline) -> datetime | None:
    """Return when there is something to do next: a source to look at, an embargo or an entry's time that ends, a hub
    to tell, or one to ask, an operator to tell."""
    agenda, roster = pipeline.agenda(), pipeline.roster()
    moments = [agenda.due(source) for source in roster.sources]
    moments += [pipeline.store.next_embargo(agenda.now), pipeline.store.next_expiry(agenda.now)]
    moments += [pipeline.store.next_ping(), pipeline.next_subscribing(roster, agenda), pipeline.next_alert()]
    return min((moment for moment in moments if moment is not None), default=None)


def pushed(pipeline: Pipeline) -> list[str]:
    """Return the names of the sources for which a push waits to be read."""
    waiting = {name for name, state in pipeline.store.hubs.states().items() if state.waiting}
    return [source.name for source in pipeline.roster().sources if source.name in waiting] if waiting else []


def prune(pipeline: Pipeline) -> tuple[list[str], list[WriteFailed]]:
    """Remove published files of feeds, formats and documents of the site that are no longer configured.

    Returns:
        The paths that were removed, and why others could not be; those are tried again the next time.

    Raises:
        StateError: the state cannot be used.
    """
    specs = pipeline.specs()
    wanted = {path for spec in specs for path in paths(spec)} | set(site_paths(pipeline.config))
    gone: list[str] = []
    removed: list[str] = []
    failures: list[WriteFailed] = []
    for path in sorted(pipeline.store.file_digests().keys() - wanted):
        if any(is_archive(path, spec) for spec in specs):
            continue
        try:
            was_there = pipeline.destination.remove(path)
        except WriteFailed as error:
            failures.append(error)
        else:
            gone.append(path)
            if was_there:
                removed.append(path)
    pipeline.store.forget_files(gone)
    return removed, failures


def _remember(pipeline: Pipeline, began: datetime, report: Report) -> None:
    """Put a run on record, unless it had nothing to do: the line of cron comes every minute."""
    looked = [outcome for outcome in report.sources if outcome.status is not Status.SKIPPED]
    if not looked and all(feed.status is not Status.WRITTEN for feed in report.feeds):
        return
    told = [(outcome.source, outcome.error) for outcome in looked] + [(feed.name, feed.error) for feed in report.feeds]
    run = Run(
        began=began,
        seconds=report.seconds,
        sources=Counter(outcome.status.value for outcome in report.sources),
        feeds=Counter(feed.status.value for feed in report.feeds),
        held=sum(feed.held for feed in report.feeds),
        new=sum(outcome.new for outcome in looked),
        changed=sum(outcome.changed for outcome in looked),
        withdrawn=sum(outcome.withdrawn for outcome in looked),
        errors=tuple((name, error) for name, error in told if error)[:_ERRORS_KEPT],
    )
    pipeline.store.activity.record_run(run)


def _keep_apart(pipeline: Pipeline) -> None:
    """First of all: nobody is to read what is private by now, however long the run takes."""
    try:
        moved = pipeline.destination.keep_apart()
    except WriteFailed as error:
        _log.error("what is private by now is still in the public folder: %s", error)
    else:
        for path in moved:
            _log.info("%s is private now", path)


def _release_unlisted(pipeline: Pipeline, names: Collection[str]) -> None:
    """Publish what is held of feeds that left their list, or that another source asks for: no look will do it."""
    roster = pipeline.roster()
    looked_at = {source.name for source in roster.sources}
    for name in roster.names:
        if name in names and name not in looked_at:
            pipeline.store.release(name)


def _collect(
    pipeline: Pipeline, wanted: Sequence[Source], *, due: bool, force: bool, trust: bool, stop: Event
) -> Iterator[Outcome]:
    agenda = pipeline.agenda()
    asked: list[Source] = []
    for source in wanted:
        left_alone = None if force or agenda.pushed(source).waiting else agenda.left_alone(source)
        following = agenda.due(source)
        if left_alone or (due and (following is None or following > agenda.now)):
            yield Outcome(source=source.name, status=Status.SKIPPED, error=left_alone, next=following)
        else:
            asked.append(source)
    unfinished = {source.name for source in asked}
    fetch = pipeline.config.fetch
    refresh = partial(pipeline.refresh, force=force, trust=trust, planned=agenda)
    jobs = [Job(call=partial(refresh, source), group=_host(source, agenda)) for source in asked]
    for outcome in run_all(jobs, fetch.workers, stop, per_group=fetch.per_host):
        unfinished.remove(outcome.source)
        yield outcome
    for name in sorted(unfinished):
        yield Outcome(source=name, status=Status.SKIPPED, error="not begun, since the run was stopped")


def _host(source: Source, agenda: Agenda) -> str | None:
    """The host that a look at the source burdens: those of one host wait for each other, and hold up nobody else."""
    return host_of(source, agenda.states.get(source.name))
