"""What the parts of the server speak with each other: ASGI 3.0 (https://asgi.readthedocs.io/en/latest/specs/www.html).

Types, and one way to answer. This module must not know what is answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["ASGI", "Headers", "Message", "Receive", "Scope", "Send", "answer", "say"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Answer with the whole `body` at once."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def say(send: Send, status: int, text: str, *more: tuple[bytes, bytes], fresh: int = 0) -> None:
    """Answer with a line for people: what is wrong, or where to go. Caches may keep it for `fresh` seconds."""
    body = f"{text}\n".encode()
    await answer(
        send,
        status,
        [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"max-age=%d" % fresh if fresh else b"no-store"),
            *more,
        ],
        body,
    )
