"""Routes of the server as an OpenAPI 3.1 document, for a tool that asks all of them for whatever comes to its mind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ADMIN", "Route", "openapi", "public"]

_PAGE = "text/html"


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its path (OpenAPI's templates), the names in its query and of its fields, those of its form, and what it
    may answer: statuses, and the media types of those with a body."""

    path: str
    statuses: Collection[int] = (200,)
    types: Collection[str] = (_PAGE,)
    query: Collection[str] = ()
    fields: Collection[str] = ()
    form: Collection[str] = ()
    methods: Collection[str] = ("get",)
    samples: dict[str, list[str]] = field(default_factory=dict)
    """Values for names in path, query and fields that lead somewhere, besides whatever else is tried."""


ADMIN = (
    Route("/healthz", (200, 503), ("application/json",)),
    Route("/healthz/live", (200, 503), ("application/json",)),
    Route("/healthz/ready", (200, 503), ("application/json",)),
    Route("/metrics", types=("text/plain", "application/openmetrics-text")),
    Route("/status/"),
    Route("/status/runs"),
    Route("/status/sources", query=("q", "only", "sort", "page"), samples={"only": ["failing", "held"]}),
    Route("/status/source/{name}", (200, 404), samples={"name": ["ferry", "newsroom"]}),
    Route("/status/feeds", query=("q", "page")),
    Route("/status/feed/{name}", (200, 404), samples={"name": ["all", "notices"]}),
    Route("/status/held", query=("page",)),
    Route("/status/search", query=("q",), samples={"q": ["Notice", "https://up.example/x"]}),
    Route("/status/entry", (200, 404), query=("id", "source")),
    Route(
        "/status/chart/{name}.svg",
        (200, 404),
        ("image/svg+xml", _PAGE),
        query=("source", "feed"),
        samples={"name": ["entries", "looks", "rhythm", "bytes", "subscribers"], "source": ["ferry"], "feed": ["all"]},
    ),
    Route("/status/do/{act}", (200, 403, 404), query=("name", "version"), samples={"act": ["refresh", "rollback"]}),
    Route("/status/do/{act}", (403, 404, 415), form=("name", "version", "proof"), methods=("post",)),
    Route("/status/login", (200, 303, 404), query=("next",)),
    Route("/status/login", (303, 400, 401, 403, 404, 413, 415, 429), form=("token", "next"), methods=("post",)),
    Route("/status/logout", (303, 400, 403, 413, 415), form=("proof",), methods=("post",)),
    Route("/status/static/{file}", (200, 404), ("text/css", "text/javascript", "image/svg+xml", _PAGE)),
)
"""What an operator is shown; `/status/events` never ends, and has tests of its own."""


_DOCUMENT = (200, 206, 226, 304, 308, 404, 406, 412, 416)
_DOCUMENTS = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "text/x-opml",
    "text/plain",
    _PAGE,
)
_FIELDS = {
    "If-None-Match": ["*", '"x"', 'W/"x", "y"'],
    "If-Modified-Since": ["Wed, 25 Nov 2026 12:00:00 GMT"],
    "If-Match": ["*", '"x"'],
    "If-Unmodified-Since": ["Wed, 25 Nov 2020 12:00:00 GMT"],
    "Range": ["bytes=0-9", "bytes=-5", "bytes=9999999-", "bytes=0-1,3-4"],
    "If-Range": ['"x"', "Wed, 25 Nov 2026 12:00:00 GMT"],
    "Accept-Encoding": ["gzip", "br;q=0.5, zstd", "identity;q=0", "*;q=0"],
    "A-IM": ["feed", "feed, gzip", "vcdiff"],
    "X-Forwarded-For": ["192.0.2.1, 198.51.100.7"],
    "Forwarded": ['for="[2001:db8::1]:47";proto=https'],
}


def public(token: str, callback: str) -> tuple[Route, ...]:
    """Return what everybody may ask for; `token` is one of a reader, `callback` the id of one for hubs."""
    names = {"feed": ["all", "members"], "document": ["rss.xml", "atom.xml", "feed.json", "index.html"]}
    hub = {
        "id": [callback],
        "hub.mode": ["subscribe", "unsubscribe", "denied"],
        "hub.topic": ["https://up.example/feed.xml"],
        "hub.lease_seconds": ["864000"],
    }
    return (
        Route("/", _DOCUMENT, _DOCUMENTS, fields=_FIELDS, samples=_FIELDS),
        Route("/{document}", _DOCUMENT, _DOCUMENTS, samples={"document": ["feeds.opml", "all"]}),
        Route("/{feed}/{document}", _DOCUMENT, _DOCUMENTS, fields=_FIELDS, samples=names | _FIELDS),
        Route(
            "/private/{token}/{feed}/{document}",
            _DOCUMENT,
            _DOCUMENTS,
            fields=_FIELDS,
            samples={"token": [token]} | names | _FIELDS,
        ),
        Route("/websub/{id}", (200, 404), ("text/plain",), query=[*hub, "hub.challenge"][1:], samples=hub),
        Route(
            "/websub/{id}",
            (202, 404, 410, 415),
            ("text/plain",),
            fields=("X-Hub-Signature",),
            form=("anything",),
            methods=("post",),
            samples=hub | {"X-Hub-Signature": ["sha256=00", "sha1=", "md5=00"]},
        ),
    )


def openapi(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the document that describes these routes; each may also say 405 to other methods."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in route.methods:
            paths.setdefault(route.path, {})[method] = _operation(route)
    return {"openapi": "3.1.0", "info": {"title": "Feedmill", "version": "1"}, "paths": paths}


def _operation(route: Route) -> dict[str, Any]:
    in_path = [part.partition("}")[0] for part in route.path.split("{")[1:]]
    places = [(name, "path") for name in in_path] + [(name, "query") for name in route.query]
    places += [(name, "header") for name in route.fields]
    told_as: dict[str, Any] = {name: {} for name in route.types}
    operation: dict[str, Any] = {
        "parameters": [_parameter(name, place, route.samples.get(name, [])) for name, place in places],
        "responses": {
            # A 304 has no body (RFC 9110 section 15.4.5).
            str(status): {"description": ""} if status == 304 else {"description": "", "content": told_as}
            for status in route.statuses
        },
    }
    if route.form:
        fields = {name: {"type": "string"} for name in route.form}
        told = {"schema": {"type": "object", "properties": fields}}
        operation["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": told}}
    return operation


def _parameter(name: str, place: str, samples: list[str]) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string", "minLength": 1} if place == "path" else {"type": "string"}
    schema = {"anyOf": [{"enum": samples}, text]} if samples else text
    return {"name": name, "in": place, "required": place == "path", "schema": schema}
