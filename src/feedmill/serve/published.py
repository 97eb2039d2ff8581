"""The published files, over HTTP: an ASGI application without a framework, since nothing is asked for as often.

RFC 9110 in its order: is there such a file, may this be done with it, does the client have it already, in which coding
and which part does it want it. This module must not know where documents come from, nor what is in them.
"""

from __future__ import annotations

import asyncio
import contextlib
import stat
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote

from feedmill.model import Visit
from feedmill.serve.aliases import Aliases
from feedmill.serve.asgi import Headers, Receive, Scope, Send, answer, say
from feedmill.serve.catalogue import Catalogue, Place
from feedmill.serve.conditions import Outcome, evaluate, named, range_holds
from feedmill.serve.deltas import Deltas
from feedmill.serve.documents import Document, Documents, Form, inner_path, pieces
from feedmill.serve.fields import OPEN, PREFLIGHT, describe, of_delta, of_part
from feedmill.serve.media import compressible
from feedmill.serve.negotiation import IDENTITY, accepted, qualities
from feedmill.serve.polls import Polls
from feedmill.serve.ranges import UNSATISFIABLE, requested

__all__ = ["Published"]

_ALLOWED = b"GET, HEAD, OPTIONS"
_UNTIL_ANYTHING = 3600
"""Seconds for which a document is fresh that no schedule is about."""


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
        aliases: addresses that feeds had elsewhere.
        deltas: what is new in a document, for those who ask for that.
        polls: whom to tell that they ask too often; None for nobody.
    """

    def __init__(
        self,
        documents: Documents,
        catalogue: Catalogue,
        *,
        prefix: str = "/",
        fresh: Callable[[str], int] = _fresh_for_a_minute,
        seen: Callable[[Visit], None] = _unseen,
        aliases: Aliases | None = None,
        deltas: Deltas | None = None,
        polls: Polls | None = None,
    ) -> None:
        self._documents = documents
        documents.came = self._came
        self._place = lru_cache(maxsize=4096)(catalogue.place)
        self._keeps_back = catalogue.keeps_back
        self._aliases = aliases or Aliases(())
        self._deltas = deltas or Deltas()
        self._polls = polls
        self._prefix = prefix
        self._fresh = fresh
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        query = scope["query_string"]
        if query and (address := self._aliases.of_query(scope["path"], query.decode("latin-1"))):
            await _moved(send, address)
            return
        path = self._inner(scope["path"])
        if path is not None and self._keeps_back(path):
            path = None
        found = self._documents.look(path) if path is not None else None
        if path is None or found is None:
            if address := self._aliases.of_path(scope["path"]):
                await _moved(send, address)
            else:
                await say(send, 404, "There is no such document.", *OPEN)
        elif scope["method"] not in ("GET", "HEAD"):
            await self._other_method(scope, send)
        elif stat.S_ISDIR(found.st_mode):
            await self._folder(scope, path, send)
        else:
            document = self._documents.known(path, found) or await self._documents.load(path)
            if document is None:
                await say(send, 404, "There is no such document.", *OPEN)
            else:
                await self._document(scope, document, receive, send)

    def _inner(self, path: str) -> str | None:
        """Return the path within the folder: as it stands, or below the prefix where nothing is at the path itself."""
        inner = inner_path(path)
        if self._prefix == "/" or not f"{path}/".startswith(self._prefix):
            return inner
        if inner is not None and self._documents.look(inner) is not None:
            return inner
        if len(path) < len(self._prefix):
            return ""  # the folder itself, but for the slash
        return inner_path(f"/{path[len(self._prefix) :]}")

    async def _folder(self, scope: Scope, path: str, send: Send) -> None:
        """Lead to the page of a folder, if it has one; relatively, for a proxy may have other paths."""
        if self._documents.look(f"{path}/index.html") is None:
            await say(send, 404, "There is no such document.", *OPEN)
            return
        query = scope["query_string"]
        last = quote(scope["path"].rpartition("/")[2])
        location = f"{last}/".encode() + (b"?" + query if query else b"")
        await say(send, 308, "The page is one slash further.", (b"location", location), *OPEN)

    async def _other_method(self, scope: Scope, send: Send) -> None:
        if scope["method"] != "OPTIONS":
            await say(send, 405, "This can only be read.", (b"allow", _ALLOWED), *OPEN)
            return
        preflight = any(name == b"access-control-request-method" for name, _ in scope["headers"])
        await answer(send, 204, [(b"allow", _ALLOWED), *OPEN, *(PREFLIGHT if preflight else ())])

    async def _document(self, scope: Scope, document: Document, receive: Receive, send: Send) -> None:
        place = self._place(document.path)
        headers = _fields(scope["headers"])
        if self._polls is not None and place.feed is not None and not _of_many(scope["client"], headers):
            client, agent = scope["client"], headers.get(b"user-agent", b"")
            wait = self._polls.wait(client[0] if client else "", agent, document.path)
            if wait:
                text = "You ask for this far more often than it changes. Please wait, and ask with If-None-Match."
                await say(send, 429, text, (b"retry-after", b"%d" % wait), *OPEN)
                return
        form = await self._form(document, place, headers.get(b"accept-encoding"))
        if form is None:
            text = "This comes in none of the content codings that were asked for."
            await say(send, 406, text, (b"vary", b"Accept-Encoding"), *OPEN)
            return
        if not form.whole:
            describe(document, form, place)
        outcome = evaluate(headers, form.etag, document.modified)
        fresh = _UNTIL_ANYTHING if place.changes_with is None else self._fresh(place.changes_with)
        control = (b"cache-control", b"max-age=%d" % fresh)
        saved = 0
        if outcome is Outcome.NOT_MODIFIED:
            status, sent, saved = 304, 0, form.size
            await answer(send, 304, [*form.brief, control])
        elif outcome is Outcome.FAILED:
            status, sent = 412, 0
            await say(send, 412, "The document is another one by now.", (b"etag", form.etag.encode()), *OPEN)
        elif scope["method"] == "GET" and (new := await self._news(headers, document, form, place)):
            tag, body = new
            status, sent, saved = 226, len(body), form.size - len(body)
            await answer(send, 226, of_delta(form, tag, len(body)), body)
        else:
            fields, part = _whole_or_part(scope["method"], headers, document, form)
            if part is UNSATISFIABLE:
                await say(send, 416, "The document has no such part.", *fields, *OPEN)
                return
            status, fields = 200 if part is None else 206, [*fields, control]
            if scope["method"] == "HEAD":
                sent = 0
                await answer(send, status, fields)
            elif form.body is not None:
                body = form.body if part is None else form.body[part.start : part.stop]
                sent = len(body)
                await answer(send, status, fields, body)
            else:
                from_disk = pieces(self._documents.root, document, part)
                status, sent = await _sent(receive, send, status, fields, from_disk)
        if place.feed is not None and status < 400:
            self._visited(scope, headers, place.feed, status, sent, saved)

    async def _news(
        self, headers: Mapping[bytes, bytes], document: Document, form: Form, place: Place
    ) -> tuple[str, bytes] | None:
        """Return what is new since a version that the client names, and that version's tag, if it asks for that.

        RFC 3229 section 10.5.3; the manipulation `feed` is what feed readers made of it.
        """
        field = headers.get(b"a-im")
        if field is None or place.feed is None or b"if-none-match" not in headers or b"range" in headers:
            return None
        if not qualities(field.decode("latin-1")).get("feed"):
            return None
        kind = place.content_type.partition(";")[0]
        return await self._deltas.since(named(headers[b"if-none-match"]), document, form, place.feed, kind)

    def _came(self, path: str, body: bytes, name: str) -> None:
        place = self._place(path)
        if place.feed is not None:
            self._deltas.learn(path, body, name, place.content_type.partition(";")[0])

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
                path=scope["path"],
            )
        )


def _whole_or_part(
    method: str, headers: Mapping[bytes, bytes], document: Document, form: Form
) -> tuple[Headers, range | None]:
    """Return which part of a document is asked for, None for all of it, and the fields of the answer."""
    part: range | None = None
    if b"range" in headers and method == "GET":
        condition = headers.get(b"if-range")
        if condition is None or range_holds(condition, form.etag, document.modified, int(time.time())):
            part = requested(headers[b"range"], form.size)
    if part is None:
        return form.whole, None
    if part is UNSATISFIABLE:
        return [(b"content-range", b"bytes */%d" % form.size)], part
    return of_part(form, part), part


async def _sent(
    receive: Receive, send: Send, status: int, fields: Headers, body: AsyncGenerator[bytes]
) -> tuple[int, int]:
    """Answer piece by piece, as long as the client is there; return the status and the size of what was sent."""
    try:
        piece = await anext(body, b"")
    except OSError:
        text = "The document was replaced at this moment; ask again."
        await say(send, 503, text, (b"retry-after", b"1"), *OPEN)
        return 503, 0
    await send({"type": "http.response.start", "status": status, "headers": fields})
    while (await receive()).get("more_body"):
        pass
    gone = asyncio.ensure_future(receive())  # after the request's own end only that of the connection can come
    sent = 0
    while piece and not gone.done():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        sent += len(piece)
        piece = await anext(body, b"")
    gone.cancel()
    await body.aclose()
    if not piece:
        await send({"type": "http.response.body", "body": b""})
    return status, sent


async def _moved(send: Send, address: str) -> None:
    location = (b"location", address.encode("ascii", "ignore"))
    await say(send, 301, f"The feed is at {address} now.", location, *OPEN, fresh=_UNTIL_ANYTHING)


def _of_many(client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request came through a proxy nearby that is not among the trusted ones (these leave a port of 0): all
    its readers have one address, and would be told to wait for each other."""
    if client is None or client[1] == 0 or not (b"x-forwarded-for" in headers or b"forwarded" in headers):
        return False
    with contextlib.suppress(ValueError):
        return ip_address(client[0]).is_private
    return False


def _fields(headers: Headers) -> dict[bytes, bytes]:
    """Return the fields of a request by name; those that came in several lines are one list (RFC 9110 section 5.3)."""
    found = dict(headers)
    if len(found) != len(headers):
        found = {}
        for name, value in headers:
            found[name] = found[name] + b", " + value if name in found else value
    return found
