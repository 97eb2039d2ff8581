"""`/metrics`: how the site is doing, for Prometheus (text format 0.0.4, or OpenMetrics to those that ask for it).

Everything about sources and feeds is read from a survey when it is asked for: nothing here remembers or counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import anyio
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from feedmill import __version__
from feedmill.errors import FeedmillError
from feedmill.model import Condition, FeedState, SourceState, Tally
from feedmill.serve.survey import Survey

__all__ = ["metrics_app"]

_Rows = Iterable[tuple[str, float]]

_TALLIES: tuple[tuple[str, str, Callable[[Tally], int]], ...] = (
    ("looks", "Looks at a source.", lambda tally: tally.looks),
    ("not_modified", "Looks at a source that were answered by a 304.", lambda tally: tally.not_modified),
    ("failed_looks", "Looks at a source that failed.", lambda tally: tally.failed),
    ("received_bytes", "Bytes of bodies that came from a source, packed as they were.", lambda tally: tally.received),
    ("new_entries", "Entries of a source that were new.", lambda tally: tally.new),
)


class _Site(Collector):
    """The metrics of a site, one survey a scrape."""

    def __init__(self, survey: Callable[[], Survey], answered: Callable[[], Mapping[int, int]] | None) -> None:
        self._survey = survey
        self._answered = answered

    def describe(self) -> Iterable[Metric]:
        """Nothing: so that registering reads no state."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read the site, and yield its metrics."""
        yield InfoMetricFamily("feedmill", "The version of Feedmill.", value={"version": __version__})
        survey = self._survey()
        yield from _sources(survey)
        yield from _feeds(survey)
        yield from _runs(survey)
        hubs = GaugeMetricFamily(
            "feedmill_hub_pings_waiting", "Documents that a hub is still to be told of.", labels=["hub"]
        )
        for hub in sorted({ping.hub for ping in survey.pings}):
            hubs.add_metric([hub], sum(ping.hub == hub for ping in survey.pings))
        yield hubs
        if self._answered is not None:
            requests = CounterMetricFamily(
                "feedmill_http_requests", "Requests for feeds that the server answered.", labels=["code"]
            )
            for code, number in sorted(self._answered().items()):
                requests.add_metric([str(code)], number)
            yield requests


def _sources(survey: Survey) -> Iterator[Metric]:
    counts = GaugeMetricFamily("feedmill_sources", "Sources by condition.", labels=["condition"])
    for each, number in survey.conditions.items():
        counts.add_metric([each.value], number)
    yield counts
    states = [(source.name, survey.state(source.name)) for source in survey.sources]

    def moments(of: Callable[[SourceState], datetime | None]) -> _Rows:
        return ((name, moment.timestamp()) for name, state in states if (moment := of(state)))

    yield _gauge(
        "source_last_success_timestamp_seconds",
        "When a source was last looked at and all was well.",
        "source",
        moments(lambda state: state.last_success),
    )
    yield _gauge(
        "source_next_look_timestamp_seconds",
        "When a source is due.",
        "source",
        moments(lambda state: None if state.gone else state.next_look),
    )
    yield _gauge(
        "source_failures",
        "Looks at a source in a row that failed.",
        "source",
        ((name, state.failures) for name, state in states),
    )
    yield _gauge(
        "source_up",
        "Whether the last look at a source went well (1) or not (0).",
        "source",
        ((name, state.condition is Condition.WELL) for name, state in states if state.last_look),
    )
    yield _gauge(
        "source_entries",
        "Entries of a source that feeds may have.",
        "source",
        ((name, survey.entries.get(name, 0)) for name, _ in states),
    )
    yield _gauge(
        "source_held_entries",
        "Entries of a source that are kept back from the feeds.",
        "source",
        ((name, held) for name, held in survey.held.items() if held),
    )
    for name, told, of in _TALLIES:
        family = CounterMetricFamily(f"feedmill_source_{name}", told, labels=["source"])
        for source, tally in survey.tallies.items():
            if source in survey.source_of:
                family.add_metric([source], of(tally))
        yield family


def _feeds(survey: Survey) -> Iterator[Metric]:
    feeds = [(spec.name, state) for spec in survey.specs if (state := survey.feeds.get(spec.name))]

    def each(of: Callable[[FeedState], float | None]) -> _Rows:
        return ((name, value) for name, state in feeds if (value := of(state)) is not None)

    yield _gauge("feed_entries", "Entries that a feed carries.", "feed", each(lambda state: state.entries))
    yield _gauge(
        "feed_last_change_timestamp_seconds",
        "When the documents of a feed last changed.",
        "feed",
        each(lambda state: state.last_change.timestamp() if state.last_change else None),
    )
    yield _gauge(
        "feed_held", "Whether a feed is held back (1) or not (0).", "feed", each(lambda state: state.held is not None)
    )
    yield _gauge(
        "feed_failed",
        "Whether a feed could not be published the last time (1) or could (0).",
        "feed",
        each(lambda state: state.error is not None),
    )
    yield _gauge(
        "feed_subscribers",
        "Subscribers of a feed yesterday (UTC).",
        "feed",
        ((name, survey.subscribers[name]) for name, _ in feeds if name in survey.subscribers),
    )


def _runs(survey: Survey) -> Iterator[Metric]:
    last = survey.last_run
    yield CounterMetricFamily("feedmill_runs", "Runs that had something to do.", value=last.number if last else 0)
    if last is not None:
        yield GaugeMetricFamily(
            "feedmill_last_run_timestamp_seconds", "When the last such run began.", value=last.began.timestamp()
        )
        yield GaugeMetricFamily("feedmill_last_run_duration_seconds", "How long it took.", value=last.seconds)


def _gauge(name: str, told: str, label: str, rows: _Rows) -> Metric:
    family = GaugeMetricFamily(f"feedmill_{name}", told, labels=[label])
    for key, value in rows:
        family.add_metric([key], value)
    return family


def metrics_app(survey: Callable[[], Survey], answered: Callable[[], Mapping[int, int]] | None = None) -> Starlette:
    """Return the application at `/metrics`.

    `survey` reads how the site is doing; `answered` gives how many requests the server has answered, by status. Where
    the state cannot be used the answer is a 503, which Prometheus takes for a scrape that failed.
    """
    registry = CollectorRegistry(auto_describe=False)
    for collector in (ProcessCollector(registry=None), PlatformCollector(registry=None), _Site(survey, answered)):
        registry.register(collector)

    async def metrics(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        try:
            body = await anyio.to_thread.run_sync(encode, registry)
        except FeedmillError as error:
            return PlainTextResponse(f"{error}\n", 503, headers={"Cache-Control": "no-store"})
        return Response(body, media_type=media_type, headers={"Cache-Control": "no-store"})

    return Starlette(routes=[Route("/metrics", metrics, methods=["GET"])])
