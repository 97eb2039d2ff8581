"""One application of many: the first segment of the path says which part answers; all others are published files.

A part that fails is a 500 for the client, and a line in the log that names the request. This module must not know what
any part does.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from feedmill.serve.asgi import ASGI, Message, Receive, Scope, Send, say
from feedmill.serve.proxies import Proxies

__all__ = ["application", "inner_path", "nothing", "shown_path"]

_log = logging.getLogger(__name__)

_SECRET = frozenset({"private", "websub"})
"""Segments that are followed by what nobody else may know."""


def application(
    published: ASGI, others: Mapping[str, ASGI], proxies: Proxies | None = None, prefixes: Collection[str] = ()
) -> ASGI:
    """Return the application in which `others` answer below their names (`status`: `/status`, `/status/...`).

    Everything else is for `published`. What `proxies` tell of the client is believed before anybody is asked. Below
    `prefixes`, paths with slashes at both ends, they answer too, so that a proxy need not take these off; `root_path`
    tells them which it was.
    """
    below = [prefix for prefix in prefixes if prefix != "/"]

    def part_of(scope: Scope, path: str) -> ASGI:
        part = others.get(path[1:].partition("/")[0])
        if part is not None:
            return part
        for prefix in below:
            if path.startswith(prefix) and (part := others.get(path[len(prefix) :].partition("/")[0])) is not None:
                scope["root_path"] = prefix[:-1]
                return part
        return published

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # neither web sockets nor a life cycle: there is nothing to begin or end
        if proxies is not None:
            proxies.tell(scope)
        part = part_of(scope, scope["path"])
        if _log.isEnabledFor(logging.DEBUG):
            told = _Told(send)
            await _answered(part, scope, receive, told)
            client = (scope["client"] or ("-",))[0]
            _log.debug("%s %s: %d, %d bytes", client, _shown(scope), told.status, told.size)
        else:
            await _answered(part, scope, receive, send)

    return dispatch


async def _answered(part: ASGI, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await part(scope, receive, send)
    except Exception:  # noqa: BLE001  # a defect of one part must not reach a client, nor end the server
        _log.exception("%s: unexpected failure", _shown(scope))
        try:
            await say(send, 500, "Something went wrong here. The server's log says more.")
        except RuntimeError:  # an answer has begun, and only the end of the connection says that it is not whole
            _log.debug("%s: the answer was cut off", _shown(scope))


def _shown(scope: Scope) -> str:
    return f"{scope['method']} {shown_path(scope['path'])}"


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there is nothing here: what stands in the place of published files where none are served."""
    await say(send, 404, "There is nothing here.")


def inner_path(scope: Scope) -> str:
    """Return the path of a request without the prefix that it came below."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def shown_path(path: str) -> str:
    """Return a path as a log may show it: without a token that it contains, and never with what was asked after `?`."""
    segments = path.split("/")
    for place, segment in enumerate(segments[:-1]):
        if segment in _SECRET and segments[place + 1]:
            segments[place + 1] = "\N{HORIZONTAL ELLIPSIS}"
            break
    return "/".join(segments)


class _Told:
    """A `send` that notes what was answered: the status, 0 for nothing yet, and how many bytes of a body."""

    __slots__ = ("_send", "size", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.size = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)
