"""Runs: which sources to collect now, which feeds to publish then, and when there is something to do again.

This module must not know how a source is refreshed or a feed published: the pipeline does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic

from feedmill.errors import WriteFailed
from feedmill.jobs.inline import Job, run_all
from feedmill.model import FeedOutcome, FeedSpec, Outcome, Report, Source, Status
from feedmill.pipeline import Agenda, Pipeline, host_of, is_archive, paths
from feedmill.select import matching_sources

__all__ = ["chosen", "next_due", "prune", "run"]


def chosen(
    pipeline: Pipeline, sources: Collection[str] | None = None, feeds: Collection[str] | None = None
) -> tuple[list[Source], list[FeedSpec]]:
    """Return the sources and the feeds that `run` is about when it is given these names."""
    return _sources(pipeline, sources, feeds), _feeds(pipeline, sources, feeds)


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
    """Collect sources, then publish the feeds that they may have changed.

    Args:
        pipeline: the site.
        sources: names; None for all, or for those of `feeds` if these are given.
        feeds: names; None for all that take from the sources.
        due: collect only the sources whose time has come.
        force: collect even what a server asked to leave alone.
        stop: once set, no further source is begun; what was collected is still published.
        watch: called with each outcome as it comes.

    Raises:
        StateError: the state cannot be used; nothing further was done.
    """
    began = monotonic()
    asked, specs = chosen(pipeline, sources, feeds)
    outcomes: list[Outcome] = []
    for outcome in _collect(pipeline, asked, due=due, force=force, stop=stop or Event()):
        outcomes.append(outcome)
        watch(outcome)
    pipeline.store.expire(pipeline.clock())
    published: list[FeedOutcome] = []
    for spec in specs:
        for published_now in pipeline.publish(spec):
            published.append(published_now)
            watch(published_now)
    pipeline.notify()
    order = {source.name: place for place, source in enumerate(pipeline.config.sources)}
    outcomes.sort(key=lambda outcome: order[outcome.source])
    return Report(sources=tuple(outcomes), feeds=tuple(published), seconds=monotonic() - began)


def next_due(pipeline: Pipeline) -> datetime | None:
    """Return when there is something to do next: a source to look at, an embargo or an entry's time that ends, a hub
    to tell."""
    agenda = pipeline.agenda()
    moments = [agenda.due(source) for source in pipeline.config.sources]
    moments += [pipeline.store.next_embargo(agenda.now), pipeline.store.next_expiry(agenda.now)]
    moments.append(pipeline.store.next_ping())
    return min((moment for moment in moments if moment is not None), default=None)


def prune(pipeline: Pipeline) -> tuple[list[str], list[WriteFailed]]:
    """Remove published files of feeds and formats that are no longer configured.

    Returns:
        The paths that were removed, and why others could not be; those are tried again the next time.

    Raises:
        StateError: the state cannot be used.
    """
    specs = pipeline.specs()
    wanted = {path for spec in specs for path in paths(spec)}
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


def _sources(pipeline: Pipeline, sources: Collection[str] | None, feeds: Collection[str] | None) -> list[Source]:
    configured = pipeline.config.sources
    if sources is not None:
        return [source for source in configured if source.name in sources]
    if feeds is None:
        return list(configured)
    names = [source.name for source in configured]
    wanted = {name for spec in pipeline.config.feeds if spec.name in feeds for name in matching_sources(spec, names)}
    return [source for source in configured if source.name in wanted]


def _feeds(pipeline: Pipeline, sources: Collection[str] | None, feeds: Collection[str] | None) -> list[FeedSpec]:
    configured = pipeline.config.feeds
    if feeds is not None:
        return [spec for spec in configured if spec.name in feeds]
    if sources is None:
        return list(configured)
    return [spec for spec in configured if matching_sources(spec, sources)]


def _collect(pipeline: Pipeline, wanted: Sequence[Source], *, due: bool, force: bool, stop: Event) -> Iterator[Outcome]:
    agenda = pipeline.agenda()
    asked: list[Source] = []
    for source in wanted:
        left_alone = None if force else agenda.left_alone(source)
        following = agenda.due(source)
        if left_alone or (due and (following is None or following > agenda.now)):
            yield Outcome(source=source.name, status=Status.SKIPPED, error=left_alone, next=following)
        else:
            asked.append(source)
    unfinished = {source.name for source in asked}
    fetch = pipeline.config.fetch
    jobs = [Job(call=partial(pipeline.refresh, source, force=force), group=_host(source, agenda)) for source in asked]
    for outcome in run_all(jobs, fetch.workers, stop, per_group=fetch.per_host):
        unfinished.remove(outcome.source)
        yield outcome
    for name in sorted(unfinished):
        yield Outcome(source=name, status=Status.SKIPPED, error="not begun, since the run was stopped")


def _host(source: Source, agenda: Agenda) -> str | None:
    """The host that a look at the source burdens: those of one host wait for each other, and hold up nobody else."""
    return host_of(source, agenda.states.get(source.name))
