"""The pages of the sources: all of them, by what is wrong with them, and one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feedmill.model import Condition, Source, SourceState, Tally
from feedmill.pipeline import Agenda, address_of
from feedmill.redirects import LOOKS_TO_BELIEVE
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.paging import page_of
from feedmill.serve.dashboard.troubles import consequence
from feedmill.serve.health import overdue
from feedmill.serve.survey import Survey

__all__ = ["Sources"]

_MONTH, _QUARTER = 30, 90
_PER_PAGE = 50

_WORST_FIRST = {Condition.GONE: 0, Condition.FAILING: 1, Condition.NEW: 2, Condition.WELL: 3}


@dataclass(frozen=True, slots=True)
class Row:
    """A source as the page of all of them shows it. `month` are its looks of the last 30 days, `rhythm` how many
    entries bear a date of these days."""

    source: Source
    state: SourceState
    condition: Condition
    next: datetime | None
    entries: int
    held: int
    month: Tally
    rhythm: int


class Sources:
    """Answers requests for these pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all_of_them(self, request: Request) -> Response:
        """The sources that fit what is asked for, a page of them."""
        desk, survey, now = self._desk, self._desk.survey(), self._desk.clock()
        words = request.query_params.get("q", "").strip()[:200]
        only = request.query_params.get("only", "")
        order = request.query_params.get("sort", "")
        order = order if order in _ORDERS else "trouble"
        choices = _choices(survey, now)
        only = only if only in choices else "all"
        wanted = [source for source in survey.sources if source.name in choices[only] and _fits(source, words)]
        wanted.sort(key=lambda source: _ORDERS[order](survey, source))
        page = page_of(wanted, request.query_params.get("page", ""), _PER_PAGE)
        return desk.pages.render(
            request,
            "sources.html",
            rows=self._rows(page.shown, survey),
            page=page,
            counts={name: len(names) for name, names in choices.items()},
            words=words,
            only=only,
            order=order,
            orders=_ORDER_NAMES,
            days=_MONTH,
        )

    def one(self, request: Request) -> Response:
        """Everything about one source."""
        desk, survey, now = self._desk, self._desk.survey(), self._desk.clock()
        name = request.path_params["name"]
        source = survey.source_of.get(name)
        if source is None:
            raise HTTPException(404, "There is no such source.")
        site, state = desk.pipeline(), survey.state(name)
        agenda = self._agenda(survey)
        since = now.date() - timedelta(days=_QUARTER - 1)
        days = site.store.activity.days_of([name], since, now.date())[name]
        published = site.store.activity.published(since, [name]).get(name, {})
        return desk.pages.render(
            request,
            "source.html",
            source=source,
            shown_address=address_of(source),
            state=state,
            condition=state.condition,
            next=agenda.due(source) if state.last_look else None,
            left_alone=agenda.left_alone(source),
            consequence=consequence(state, now) if state.failures else "",
            entries=survey.entries.get(name, 0),
            held=survey.held.get(name, 0),
            tally=survey.tally(name),
            quarter=sum(days.values(), Tally()),
            days=sorted(days.items(), reverse=True),
            published=published,
            feeds=[spec for spec in survey.specs if spec.split is None and name in site.roster().taken_by(spec)],
            believed=LOOKS_TO_BELIEVE,
        )

    def _rows(self, shown: list[Source], survey: Survey) -> list[Row]:
        agenda, activity = self._agenda(survey), self._desk.pipeline().store.activity
        names = [source.name for source in shown]
        since = agenda.now.date() - timedelta(days=_MONTH - 1)
        months = activity.days_of(names, since, agenda.now.date())
        published = activity.published(since, names)
        return [
            Row(
                source=source,
                state=survey.state(source.name),
                condition=survey.state(source.name).condition,
                next=agenda.due(source) if survey.state(source.name).last_look else None,
                entries=survey.entries.get(source.name, 0),
                held=survey.held.get(source.name, 0),
                month=sum(months[source.name].values(), Tally()),
                rhythm=sum(published.get(source.name, {}).values()),
            )
            for source in shown
        ]

    def _agenda(self, survey: Survey) -> Agenda:
        """When sources are due by today's configuration, without reading all their states once more."""
        site = self._desk.pipeline()
        return Agenda(site.config, survey.states, site.store.host_states(), self._desk.clock())


def _choices(survey: Survey, now: datetime) -> dict[str, set[str]]:
    """Return the names of the sources that each choice shows."""
    found: dict[str, set[str]] = {"all": {source.name for source in survey.sources}}
    for each in (Condition.FAILING, Condition.GONE, Condition.NEW, Condition.WELL):
        found[each.value] = set()
    for source in survey.sources:
        found[survey.state(source.name).condition.value].add(source.name)
    found["late"] = set(overdue(survey, now))
    found["held"] = {name for name, number in survey.held.items() if number}
    return found


def _fits(source: Source, words: str) -> bool:
    told = f"{source.name} {source.title} {address_of(source) or ''} {source.path or ''}".casefold()
    return all(word in told for word in words.casefold().split())


def _moment(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def _by_trouble(survey: Survey, source: Source) -> tuple[int, int, str]:
    state = survey.state(source.name)
    return _WORST_FIRST[state.condition], -state.failures, source.name


_ORDER_NAMES = {
    "trouble": "what is wrong first",
    "name": "name",
    "success": "longest without success first",
    "next": "next look",
    "entries": "most entries first",
}
_ORDERS: dict[str, Callable[[Survey, Source], Any]] = {
    "trouble": _by_trouble,
    "name": lambda _, source: source.name,
    "success": lambda survey, source: (_moment(survey.state(source.name).last_success), source.name),
    "next": lambda survey, source: (_moment(survey.state(source.name).next_look), source.name),
    "entries": lambda survey, source: (-survey.entries.get(source.name, 0), source.name),
}
