"""Logging in and out."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from feedmill.serve.dashboard.access import COOKIE, PAUSE, SESSION, TooManyFailures
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.pages import base_of
from feedmill.serve.dashboard.requests import address_of, fields, from_elsewhere, local_path, session_of

__all__ = ["Signing"]


class Signing:
    """Answers requests for these pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """The form that asks for the token."""
        if not self._desk.access.guarded:
            raise HTTPException(404, "There is nothing to log in to: this dashboard is for reading alone.")
        after = local_path(request.query_params.get("next", ""), base_of(request))
        if session_of(request, self._desk.access):
            return RedirectResponse(after, 303)
        return self._desk.pages.render(request, "login.html", after=after, wrong="")

    async def sign_in(self, request: Request) -> Response:
        """Begin a session, if the token is right."""
        if not self._desk.access.guarded:
            raise HTTPException(404, "There is nothing to log in to: this dashboard is for reading alone.")
        if from_elsewhere(request):
            raise HTTPException(403, "This form was sent by another site.")
        form = await fields(request)
        after = local_path(form.get("next", ""), base_of(request))
        try:
            cookie = self._desk.access.sign_in(form.get("token", ""), address_of(request))
        except TooManyFailures:
            wrong = "That was wrong too often. Wait ten minutes."
            answer = self._desk.pages.render(request, "login.html", 429, after=after, wrong=wrong)
            answer.headers["Retry-After"] = str(int(PAUSE.total_seconds()))
            return answer
        if cookie is None:
            return self._desk.pages.render(request, "login.html", 401, after=after, wrong="That is not the token.")
        answer = RedirectResponse(after, 303)
        answer.set_cookie(
            COOKIE,
            cookie,
            max_age=int(SESSION.total_seconds()),
            path=base_of(request) or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        session = session_of(request, self._desk.access)
        form = await fields(request)
        if session is None or from_elsewhere(request) or not self._desk.access.proves(session, form.get("proof", "")):
            raise HTTPException(403, "This form is not one of yours any more. Load the page again.")
        self._desk.access.sign_out(session)
        answer = RedirectResponse(f"{base_of(request)}/login", 303)
        answer.delete_cookie(COOKIE, path=base_of(request) or "/", httponly=True, samesite="strict")
        return answer
