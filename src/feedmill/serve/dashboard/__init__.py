"""The dashboard, below `/status`: how every source and feed is doing, what is wrong, and what to do about it.

Pages are made on the server and work without JavaScript; a small script shows them as they are now. This module puts
the parts together.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from feedmill import times
from feedmill.errors import FeedmillError
from feedmill.pipeline import Pipeline
from feedmill.serve.dashboard.access import COOKIE, Access
from feedmill.serve.dashboard.acting import Acting
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.errands import Errands, Perform
from feedmill.serve.dashboard.feeds import Feeds
from feedmill.serve.dashboard.home import Home
from feedmill.serve.dashboard.live import Live
from feedmill.serve.dashboard.pages import Pages, Sealed
from feedmill.serve.dashboard.pictures import Pictures
from feedmill.serve.dashboard.search import Search
from feedmill.serve.dashboard.signing import Signing
from feedmill.serve.dashboard.sources import Sources
from feedmill.serve.survey import Survey

__all__ = ["Dashboard", "Perform"]

_BASE = "/status"
_OPEN = ("/login", "/static/")
"""What can be seen without logging in."""

_FOR_PAGES = ("/chart/", "/events")
"""What pages ask for: a form to log in would be no answer to that."""


class Dashboard:
    """The dashboard of a site, an ASGI application.

    Args:
        pipeline: returns the site as it is configured now; it is read from many threads.
        survey: returns how the site is doing.
        perform: does something with the site while nobody else changes it.
        token: the operator's; without one everybody may read, and nobody act.
        running: returns whether the service lives that keeps the site current; None if there is none beside.
        clock: returns the present, aware UTC.
    """

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        survey: Callable[[], Survey],
        perform: Perform,
        *,
        token: str | None = None,
        running: Callable[[], bool] | None = None,
        clock: Callable[[], Any] = times.now,
    ) -> None:
        self._access = Access(token, clock)
        self._errands = Errands(perform, clock)
        self._live = Live(pipeline)
        self._pages = Pages(lambda: pipeline().config.site, self._access, clock, self._errands.last)
        desk = Desk(pipeline, survey, clock, running, self._access, self._errands, self._pages)
        refused = {HTTPException: self._refused, FeedmillError: self._broken, Exception: self._failed}
        pages = Starlette(routes=_routes(desk, self._live), exception_handlers=refused)
        self._app: ASGIApp = Sealed(_Door(pages, self._access))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = scope.get("root_path", "") + _BASE
        if scope["path"] == base:
            await RedirectResponse(f"{base}/", 308)(scope, receive, send)
        else:
            await self._app({**scope, "root_path": base}, receive, send)

    def close(self) -> None:
        """End all streams of events, and begin nothing more; any thread may ask for it, before the server stops."""
        self._live.close()
        self._errands.close()

    def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # for the type checker
        answer = self._pages.render(request, "message.html", error.status_code, what=error.detail, then="")
        answer.headers.update(error.headers or {})
        return answer

    def _failed(self, request: Request, error: Exception) -> Response:
        # The error goes on to whoever logs it.
        told = "Something went wrong here."
        return self._pages.render(request, "message.html", 500, what=told, then="The server's log says more.")

    def _broken(self, request: Request, error: Exception) -> Response:
        what = "The state of the site cannot be read."
        return self._pages.render(request, "message.html", 503, what=what, then=str(error))


class _Door:
    """Leads whoever is not logged in to the form, where there is a token to log in with."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._access.guarded:
            request = Request(scope)
            base = scope.get("root_path", "")
            path = scope["path"].removeprefix(base)
            if not path.startswith(_OPEN) and self._access.session(request.cookies.get(COOKIE)) is None:
                ask = request.method in ("GET", "HEAD") and not path.startswith(_FOR_PAGES)
                answer = _to_the_form(request, base) if ask else _REFUSED
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


_REFUSED = PlainTextResponse("Log in first.\n", 401)


def _to_the_form(request: Request, base: str) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{base}/login?next={quote(here, safe='/')}", 303)


def _routes(desk: Desk, live: Live) -> list[Route | Mount]:
    home, sources, feeds, search = Home(desk), Sources(desk), Feeds(desk), Search(desk)
    pictures, signing, acting = Pictures(desk), Signing(desk), Acting(desk)
    return [
        Route("/", home.overview, methods=["GET"]),
        Route("/runs", home.runs, methods=["GET"]),
        Route("/sources", sources.all_of_them, methods=["GET"]),
        Route("/source/{name:path}", sources.one, methods=["GET"]),
        Route("/feeds", feeds.all_of_them, methods=["GET"]),
        Route("/feed/{name:path}", feeds.one, methods=["GET"]),
        Route("/held", feeds.held, methods=["GET"]),
        Route("/search", search.entries, methods=["GET"]),
        Route("/entry", search.entry, methods=["GET"]),
        Route("/chart/{name}.svg", pictures.picture, methods=["GET"]),
        Route("/events", live.events, methods=["GET"]),
        Route("/login", signing.form, methods=["GET"]),
        Route("/login", signing.sign_in, methods=["POST"]),
        Route("/logout", signing.sign_out, methods=["POST"]),
        Route("/do/{act}", acting.confirm, methods=["GET"]),
        Route("/do/{act}", acting.do, methods=["POST"]),
        Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
    ]
