"""One application of many: the first segment of the path says which part answers; all others are published files.

A part that fails is a 500 for the client, and a line in the log that names the request. This module must not know what
any part does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from feedmill.serve.asgi import ASGI, Message, Receive, Scope, Send, say
from feedmill.serve.proxies import Proxies

__all__ = ["application", "nothing", "shown_path"]

_log = logging.getLogger(__name__)

_SECRET = frozenset({"private"})
"""First segments that are followed by what nobody else may know."""


def application(published: ASGI, others: Mapping[str, ASGI], proxies: Proxies | None = None) -> ASGI:
    """Return the application in which `others` answer below their names (`status`: `/status`, `/status/...`).

    Everything else is for `published`. What `proxies` tell of the client is believed before anybody is asked.
    """

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # neither web sockets nor a life cycle: there is nothing to begin or end
        if proxies is not None:
            proxies.tell(scope)
        path: str = scope["path"]
        part = others.get(path[1:].partition("/")[0], published)
        told = _Told(send)
        try:
            await part(scope, receive, told)
        except Exception:  # noqa: BLE001  # a defect of one part must not reach a client, nor end the server
            _log.exception("%s %s: unexpected failure", scope["method"], shown_path(path))
            if told.status == 0:
                await say(told, 500, "Something went wrong here. The server's log says more.")
        if _log.isEnabledFor(logging.DEBUG):
            client = (scope["client"] or ("-",))[0]
            _log.debug("%s %s %s: %d, %d bytes", client, scope["method"], shown_path(path), told.status, told.size)

    return dispatch


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there is nothing here: what stands in the place of published files where none are served."""
    await say(send, 404, "There is nothing here.")


def shown_path(path: str) -> str:
    """Return a path as a log may show it: without a token that it contains, and never with what was asked after `?`."""
    first, _, rest = path[1:].partition("/")
    if first in _SECRET and rest:
        _, slash, document = rest.partition("/")
        return f"/{first}/\N{HORIZONTAL ELLIPSIS}{slash}{document}"
    return path


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
