"""Pages out of templates, with the headers that keep them to themselves.

Nothing on them is trusted: Jinja2 escapes every value, and the policy lets a browser run and load only our own files.
This module must not know what a page is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feedmill import __version__
from feedmill.model import Site
from feedmill.serve.dashboard.access import Access
from feedmill.serve.dashboard.requests import session_of
from feedmill.serve.dashboard.words import FILTERS

__all__ = ["Pages", "Sealed", "base_of", "link"]

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Without a referrer, browsers would hide the origin of our own forms, too.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Sealed:
    """Gives every answer the headers of this module, where it has none of that name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sealed)


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates for the site that `site` returns."""

    site: Callable[[], Site]
    access: Access
    clock: Callable[[], datetime]
    news: Callable[[], list[Any]]

    def render(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """Return the page that a template makes of `values`, besides what every page has."""
        session = session_of(request, self.access)
        base = base_of(request)
        text = (
            _environment()
            .get_template(template)
            .render(
                **values,
                base=base,
                here=request.url.path,
                site=self.site(),
                now=self.clock(),
                version=__version__,
                guarded=self.access.guarded,
                proof=self.access.proof(session) if session else None,
                news=self.news() if session else [],
                link=lambda path, **query: base + link(path, **query),
            )
        )
        return HTMLResponse(text, status)


def base_of(request: Request) -> str:
    """Return the path below which the dashboard is."""
    return str(request.scope.get("root_path", ""))


def link(path: str, **query: str | int | None) -> str:
    """Return a path with a query; what is None or empty is left out."""
    told = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items() if value not in (None, ""))
    return quote(path, safe="/") + (f"?{told}" if told else "")


def _web(address: str | None) -> str | None:
    """Return an address if a page may lead there."""
    scheme = (address or "").strip().partition(":")[0].lower()
    return address if scheme in ("http", "https") else None


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("feedmill.serve.dashboard", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.filters["web"] = _web
    return environment
