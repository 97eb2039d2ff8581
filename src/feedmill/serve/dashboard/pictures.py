"""The addresses of the charts: which numbers each one shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feedmill.model import Tally
from feedmill.serve.dashboard import charts
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.readership import by_feed, subscribers

__all__ = ["Pictures"]

_MONTH, _QUARTER = 30, 90
_NOTHING = Tally()


class Pictures:
    """Answers requests for charts; `?source=` and `?feed=` say of what."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawn: dict[str, Callable[[Request], bytes]] = {
            "rhythm": self._rhythm,
            "entries": self._entries,
            "looks": self._looks,
            "bytes": self._bytes,
            "subscribers": self._subscribers,
        }

    def picture(self, request: Request) -> Response:
        """The chart of that name."""
        draw = self._drawn.get(request.path_params["name"])
        if draw is None:
            raise HTTPException(404, "There is no such chart.")
        headers = {"Content-Security-Policy": charts.POLICY, "Cache-Control": "private, max-age=60"}
        return Response(draw(request), media_type="image/svg+xml", headers=headers)

    def _rhythm(self, request: Request) -> bytes:
        source, days = self._source(request), self._days(_MONTH)
        counts = self._desk.pipeline().store.activity.published(days[0], [source]).get(source, {})
        return charts.spark("Entries a day", tuple(counts.get(day, 0) for day in days))

    def _entries(self, request: Request) -> bytes:
        source = self._source(request) if "source" in request.query_params else None
        days = self._days(_QUARTER if source else _MONTH)
        activity = self._desk.pipeline().store.activity
        counts = activity.published(days[0], [source] if source else None).get(source or "", {})
        return charts.days_chart("Entries a day", days, (("entries", tuple(counts.get(day, 0) for day in days)),))

    def _looks(self, request: Request) -> bytes:
        days, tallies = self._tallies(request)
        series = (
            ("not modified (304)", tuple(tally.not_modified for tally in tallies)),
            ("other answers", tuple(tally.looks - tally.not_modified - tally.failed for tally in tallies)),
            ("failed", tuple(tally.failed for tally in tallies)),
        )
        return charts.days_chart("Looks a day", days, series)

    def _bytes(self, request: Request) -> bytes:
        days, tallies = self._tallies(request)
        return charts.days_chart("Bytes a day", days, (("bytes", tuple(tally.received for tally in tallies)),))

    def _subscribers(self, request: Request) -> bytes:
        feed = request.query_params.get("feed", "")
        if feed not in self._desk.survey().spec_of:
            raise HTTPException(404, "There is no such feed.")
        days = self._days(_QUARTER)
        readership = by_feed(self._desk.pipeline().store.audience.days(days[0].isoformat()))
        counts = subscribers(readership.get(feed, {}))
        series = (("subscribers", tuple(counts.get(day) for day in days)),)
        return charts.days_chart("Subscribers", days, series, line=True)

    def _tallies(self, request: Request) -> tuple[tuple[date, ...], list[Tally]]:
        activity = self._desk.pipeline().store.activity
        if "source" not in request.query_params:
            days = self._days(_MONTH)
            of_site = activity.days(days[0])
            return days, [of_site.get(day, _NOTHING) for day in days]
        source, days = self._source(request), self._days(_QUARTER)
        found = activity.days_of([source], days[0], days[-1])[source]
        return days, [found.get(day, _NOTHING) for day in days]

    def _source(self, request: Request) -> str:
        name = request.query_params.get("source", "")
        if name not in self._desk.survey().source_of:
            raise HTTPException(404, "There is no such source.")
        return name

    def _days(self, number: int) -> tuple[date, ...]:
        today = self._desk.clock().date()
        return charts.all_days(today - timedelta(days=number - 1), today)
