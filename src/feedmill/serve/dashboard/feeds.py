"""The pages of the feeds: all of them, one with its versions, and those that are held with what would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feedmill.difference import Difference, difference
from feedmill.model import FeedSpec, FeedState, Readership
from feedmill.pipeline import Pipeline, paths
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.paging import page_of
from feedmill.serve.dashboard.readership import by_feed, of_last_day, subscribers
from feedmill.serve.survey import Survey

__all__ = ["Feeds"]

_PER_PAGE = 50
_QUARTER = 90
_HELD_PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A feed as the page of all of them shows it. `size` is that of its largest document in bytes, `subscribers` the
    newest number of them, None where it is not known."""

    spec: FeedSpec
    state: FeedState | None
    size: int | None
    subscribers: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A feed that is held, and what readers would see if it were not."""

    spec: FeedSpec
    state: FeedState
    found: Difference


class Feeds:
    """Answers requests for these pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all_of_them(self, request: Request) -> Response:
        """The feeds whose names and titles have the words that are asked for, a page of them."""
        survey, site = self._desk.survey(), self._desk.pipeline()
        words = request.query_params.get("q", "").strip()[:200]
        wanted = [spec for spec in survey.specs if _fits(spec, words)]
        page = page_of(wanted, request.query_params.get("page", ""), _PER_PAGE)
        readership = self._readership()
        rows = [_row(spec, survey, site, subscribers(readership.get(spec.name, {}))) for spec in page.shown]
        return self._desk.pages.render(
            request,
            "feeds.html",
            rows=rows,
            page=page,
            words=words,
            counted=any(row.subscribers is not None for row in rows),
        )

    def one(self, request: Request) -> Response:
        """Everything about one feed."""
        survey, site = self._desk.survey(), self._desk.pipeline()
        spec = _spec(survey, request.path_params["name"])
        state = survey.feeds.get(spec.name)
        versions = site.store.versions(spec.name)
        pinned = state.pinned if state else None
        days = self._readership().get(spec.name, {})
        return self._desk.pages.render(
            request,
            "feed.html",
            spec=spec,
            state=state,
            documents=[(path, spec.site.feeds_url + path, site.destination.size(path)) for path in paths(spec)],
            versions=versions,
            current=pinned if pinned is not None else versions[0].number if versions else None,
            taken=site.roster().taken_by(spec),
            entries=[] if state is None else site.store.carried(spec.name, spec.order)[:10],
            subscribers=sorted(subscribers(days).items(), reverse=True),
            programs=of_last_day(days),
        )

    def held(self, request: Request) -> Response:
        """The feeds that are held, each with what would change."""
        survey, site = self._desk.survey(), self._desk.pipeline()
        states = [(spec, survey.feeds[spec.name]) for spec in survey.specs if spec.name in survey.feeds]
        waiting = [(spec, state) for spec, state in states if state.held]
        page = page_of(waiting, request.query_params.get("page", ""), _HELD_PER_PAGE)
        found = [Held(spec, state, _prospect(site, spec)) for spec, state in page.shown]
        return self._desk.pages.render(request, "held.html", held=found, page=page)

    def _readership(self) -> dict[str, dict[date, list[Readership]]]:
        since = self._desk.clock().date() - timedelta(days=_QUARTER - 1)
        return by_feed(self._desk.pipeline().store.audience.days(since.isoformat()))


def _row(spec: FeedSpec, survey: Survey, site: Pipeline, counts: Mapping[date, int]) -> Row:
    sizes = [size for path in paths(spec) if (size := site.destination.size(path)) is not None]
    newest = counts[max(counts)] if counts else None
    return Row(spec, survey.feeds.get(spec.name), max(sizes, default=None), newest)


def _prospect(site: Pipeline, spec: FeedSpec) -> Difference:
    return difference(site.store.carried(spec.name, spec.order), site.prospect(spec))


def _fits(spec: FeedSpec, words: str) -> bool:
    told = f"{spec.name} {spec.title}".casefold()
    return all(word in told for word in words.casefold().split())


def _spec(survey: Survey, name: str) -> FeedSpec:
    spec = survey.spec_of.get(name)
    if spec is None:
        raise HTTPException(404, "There is no such feed.")
    return spec
