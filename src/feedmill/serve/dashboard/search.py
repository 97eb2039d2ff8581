"""The search for an entry, and everything that is known about one: why it is in a feed, or is not."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feedmill.serve.dashboard.desk import Desk

__all__ = ["Search"]

_LONGEST = 2000  # characters


class Search:
    """Answers requests for these pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def entries(self, request: Request) -> Response:
        """The entries that words, an id or an address mean."""
        words = request.query_params.get("q", "").strip()[:_LONGEST]
        found = self._desk.pipeline().look_up(words) if words else []
        return self._desk.pages.render(request, "search.html", words=words, found=found)

    def entry(self, request: Request) -> Response:
        """One entry, by its id and source."""
        wanted, source = (request.query_params.get(name, "")[:_LONGEST] for name in ("id", "source"))
        known = self._desk.pipeline().explain(wanted) if wanted else []
        one = next((one for one in known if one.entry.id == wanted and one.entry.source == source), None)
        if one is None:
            raise HTTPException(404, "There is no such entry.")
        return self._desk.pages.render(request, "entry.html", one=one)
