"""The first page (is all well, and if not, what is wrong), and the page of the last runs."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from feedmill.model import SourceState, Tally
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.troubles import troubles
from feedmill.serve.health import FAILURES_IN_A_ROW, judge

__all__ = ["Home"]

_SHOWN = 12
"""Troubles on the first page; there are pages for all of them."""

_DAYS = 30
_RUNS = 6


class Home:
    """Answers requests for these pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def overview(self, request: Request) -> Response:
        """What is wrong, and the site in numbers."""
        desk, survey, now = self._desk, self._desk.survey(), self._desk.clock()
        running = desk.running() if desk.running is not None else None
        found = troubles(survey, now, running=running)
        store = desk.pipeline().store
        month = store.activity.days(now.date() - timedelta(days=_DAYS - 1))
        return desk.pages.render(
            request,
            "overview.html",
            troubles=found[:_SHOWN],
            more=max(0, len(found) - _SHOWN),
            health=judge(survey, now, running=running).health.value,
            survey=survey,
            passing=sum(_may_pass(survey.state(source.name)) for source in survey.sources),
            entries=sum(survey.entries.get(source.name, 0) for source in survey.sources),
            held_feeds=[spec.name for spec in survey.specs if (state := survey.feeds.get(spec.name)) and state.held],
            today=month.get(now.date(), Tally()),
            month=sum(month.values(), Tally()),
            published=sum(store.activity.published(now.date() - timedelta(days=_DAYS - 1)).get("", {}).values()),
            runs=store.activity.runs(_RUNS),
            days=_DAYS,
        )

    def runs(self, request: Request) -> Response:
        """The last hundred runs."""
        desk = self._desk
        return desk.pages.render(request, "runs.html", runs=desk.pipeline().store.activity.runs())


def _may_pass(state: SourceState) -> bool:
    return 0 < state.failures < FAILURES_IN_A_ROW and not state.gone
