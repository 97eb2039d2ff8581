"""The published files, over HTTP: an ASGI application without a framework, since nothing is asked for as often.

RFC 9110 in its order: is there such a file, may this be done with it, does the client have it already, in which coding
and which part does it want it. This module must not know where documents come from, nor what is in them.
"""

from __future__ import annotations

import stat
import time
from collections.abc import AsyncIterator, Callable, Mapping
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import quote

from feedmill.model import Visit
from feedmill.serve.asgi import Headers, Receive, Scope, Send, answer, say
from feedmill.serve.catalogue import Catalogue, Place
from feedmill.serve.conditions import Outcome, evaluate, range_holds
from feedmill.serve.documents import Document, Documents, Form, inner_path, pieces
from feedmill.serve.media import compressible
from feedmill.serve.negotiation import IDENTITY, accepted
from feedmill.serve.ranges import UNSATISFIABLE, requested

__all__ = ["Published"]

_ALLOWED = b"GET, HEAD, OPTIONS"
_UNTIL_ANYTHING = 3600
"""Seconds for which a document is fresh that no schedule is about."""

_OPEN: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, IM, Delta-Base, Retry-After"),
]
"""CORS (https://fetch.spec.whatwg.org/#http-cors-protocol): programs of any page may read what all the world may."""

_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"A-IM, Cache-Control, If-Modified-Since, If-None-Match, If-Range, Range"),
    (b"access-control-max-age", b"86400"),
]
_PAGE: Headers = [
    # Each page of ours names in itself what it may load; these are what a page cannot say.
    (b"content-security-policy", b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
_MARKUP: Headers = [
    # Browsers run what such a document contains, and some came from elsewhere, such as a letter's attachment.
    (
        b"content-security-policy",
        b"default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; sandbox",
    ),
    (b"referrer-policy", b"no-referrer"),
]


def _fresh_for_a_minute(_: str) -> int:
    return 60


def _unseen(_: Visit) -> None:
    """Nobody counts."""


class Published:
    """The documents of a folder.

    Args:
        documents: the folder.
        catalogue: what its paths are.
        prefix: a path, with slashes at both ends, below which the folder answers too; a proxy need not take it off.
        fresh: for the name of a feed, or `catalogue.SITE`, for how many seconds its documents will stay as they are.
        seen: is told of each answer to a reader of a feed, at once: it must not take long.
    """

    def __init__(
        self,
        documents: Documents,
        catalogue: Catalogue,
        *,
        prefix: str = "/",
        fresh: Callable[[str], int] = _fresh_for_a_minute,
        seen: Callable[[Visit], None] = _unseen,
    ) -> None:
        self._documents = documents
        self._place = lru_cache(maxsize=4096)(catalogue.place)
        self._prefix = prefix
        self._fresh = fresh
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = self._inner(scope["path"])
        found = self._documents.look(path) if path is not None else None
        if path is None or found is None:
            await say(send, 404, "There is no such document.", *_OPEN)
        elif scope["method"] not in ("GET", "HEAD"):
            await self._other_method(scope, send)
        elif stat.S_ISDIR(found.st_mode):
            await self._folder(scope, path, send)
        else:
            document = self._documents.known(path, found) or await self._documents.load(path)
            if document is None:
                await say(send, 404, "There is no such document.", *_OPEN)
            else:
                await self._document(scope, document, send)

    def _inner(self, path: str) -> str | None:
        """Return the path within the folder: as it stands, or below the prefix where nothing is at the path itself."""
        inner = inner_path(path)
        if self._prefix == "/" or not f"{path}/".startswith(self._prefix):
            return inner
        if inner is not None and self._documents.look(inner) is not None:
            return inner
        return inner_path(f"/{path[len(self._prefix) :]}")

    async def _folder(self, scope: Scope, path: str, send: Send) -> None:
        """Lead to the page of a folder, if it has one; relatively, for a proxy may have other paths."""
        if self._documents.look(f"{path}/index.html") is None:
            await say(send, 404, "There is no such document.", *_OPEN)
            return
        query = scope["query_string"]
        last = quote(scope["path"].rpartition("/")[2])
        location = f"{last}/".encode() + (b"?" + query if query else b"")
        await say(send, 308, "The page is one slash further.", (b"location", location), *_OPEN)

    async def _other_method(self, scope: Scope, send: Send) -> None:
        if scope["method"] != "OPTIONS":
            await say(send, 405, "This can only be read.", (b"allow", _ALLOWED), *_OPEN)
            return
        preflight = any(name == b"access-control-request-method" for name, _ in scope["headers"])
        await answer(send, 204, [(b"allow", _ALLOWED), *_OPEN, *(_PREFLIGHT if preflight else ())])

    async def _document(self, scope: Scope, document: Document, send: Send) -> None:
        place = self._place(document.path)
        headers = _fields(scope["headers"])
        form = await self._form(document, place, headers.get(b"accept-encoding"))
        if form is None:
            text = "This comes in none of the content codings that were asked for."
            await say(send, 406, text, (b"vary", b"Accept-Encoding"), *_OPEN)
            return
        if not form.whole:
            _describe(document, form, place)
        outcome = evaluate(headers, form.etag, document.modified)
        fresh = _UNTIL_ANYTHING if place.changes_with is None else self._fresh(place.changes_with)
        control = (b"cache-control", b"max-age=%d" % fresh)
        if outcome is Outcome.HOLDS:
            status, sent = await self._whole_or_part(scope["method"], headers, document, form, control, send)
        elif outcome is Outcome.NOT_MODIFIED:
            status, sent = 304, 0
            await answer(send, 304, [*form.brief, control])
        else:
            status, sent = 412, 0
            await say(send, 412, "The document is another one by now.", (b"etag", form.etag.encode()), *_OPEN)
        if place.feed is not None and status < 400:
            self._visited(scope, headers, place.feed, status, sent, form.size if status == 304 else 0)

    async def _form(self, document: Document, place: Place, field: bytes | None) -> Form | None:
        """Return the form of a document that a client likes best, None if it takes none of them."""
        codings = accepted(None if field is None else field.decode("latin-1"))
        plain = document.forms[IDENTITY]
        if document.body is None or not compressible(place.content_type):
            return plain if IDENTITY in codings else None
        if not codings:
            return None
        if codings[0] == IDENTITY:
            return plain
        form = document.forms.get(codings[0]) or await self._documents.form(document, codings[0])
        return plain if form.size >= plain.size and IDENTITY in codings else form

    async def _whole_or_part(
        self,
        method: str,
        headers: Mapping[bytes, bytes],
        document: Document,
        form: Form,
        control: tuple[bytes, bytes],
        send: Send,
    ) -> tuple[int, int]:
        """Answer with the document, or the part of it that is asked for; return the status and the size of the body."""
        part: range | None = None
        if b"range" in headers and method == "GET":
            condition = headers.get(b"if-range")
            now = int(time.time())
            if condition is None or range_holds(condition, form.etag, document.modified, now):
                part = requested(headers[b"range"], form.size)
        if part is UNSATISFIABLE:
            size = b"bytes */%d" % form.size
            await say(send, 416, "The document has no such part.", (b"content-range", size), *_OPEN)
            return 416, 0
        fields = [*form.whole, control]
        status = 200
        if part is not None:
            status = 206
            fields = [field for field in fields if field[0] != b"content-length"]
            fields.append((b"content-length", b"%d" % len(part)))
            fields.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, form.size)))
        if method == "HEAD":
            await answer(send, status, fields)
            return status, 0
        if form.body is not None:
            body = form.body if part is None else form.body[part.start : part.stop]
            await answer(send, status, fields, body)
            return status, len(body)
        return status, await _sent(send, status, fields, pieces(self._documents.root, document, part))

    def _visited(
        self, scope: Scope, headers: Mapping[bytes, bytes], feed: str, status: int, sent: int, saved: int
    ) -> None:
        client = scope["client"]
        self._seen(
            Visit(
                feed=feed,
                address=client[0] if client else "",
                user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
                status=status,
                conditional=b"if-none-match" in headers or b"if-modified-since" in headers,
                sent=sent,
                saved=saved,
            )
        )


async def _sent(send: Send, status: int, fields: Headers, body: AsyncIterator[bytes]) -> int:
    await send({"type": "http.response.start", "status": status, "headers": fields})
    sent = 0
    async for piece in body:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        sent += len(piece)
    await send({"type": "http.response.body", "body": b""})
    return sent


def _fields(headers: Headers) -> dict[bytes, bytes]:
    """Return the fields of a request by name; those that came in several lines are one list (RFC 9110 section 5.3)."""
    found = dict(headers)
    if len(found) != len(headers):
        found = {}
        for name, value in headers:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def _describe(document: Document, form: Form, place: Place) -> None:
    """Make the fields that answers with a form of a document have, whoever asks."""
    kind = place.content_type.partition(";")[0]
    about: Headers = [
        (b"etag", form.etag.encode()),
        (b"last-modified", formatdate(document.modified, usegmt=True).encode()),
        *_OPEN,
    ]
    if compressible(place.content_type):
        about.append((b"vary", b"Accept-Encoding"))
    if place.feed is not None:
        links = [f'<{place.url}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in place.hubs)]
        about.append((b"link", ", ".join(links).encode("ascii", "ignore")))
    form.brief = about
    form.whole = [
        (b"content-type", place.content_type.encode()),
        (b"content-length", b"%d" % form.size),
        *about,
        (b"accept-ranges", b"bytes"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if form.coding != IDENTITY:
        form.whole.append((b"content-encoding", form.coding.encode()))
    if document.path.endswith("index.html"):
        form.whole += _PAGE
    elif kind in ("text/html", "application/xhtml+xml", "image/svg+xml") or kind.endswith("xml"):
        form.whole += _MARKUP
