"""A door for programs: they show the operator's token in a header (RFC 6750 section 2.1).

This module must not know what is behind it.
"""

from __future__ import annotations

import hashlib
import hmac

from feedmill.serve.asgi import ASGI, Receive, Scope, Send, say

__all__ = ["Bearer"]

_SCHEME = b"bearer "


class Bearer:
    """The application `app`, for those alone who send `token`."""

    def __init__(self, app: ASGI, token: str) -> None:
        self._app = app
        self._digest = _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) == 1 and given[0].lower().startswith(_SCHEME):
            shown = given[0][len(_SCHEME) :].strip()
            # Of digests, which are equally long, so that comparing them takes equally long.
            if hmac.compare_digest(_digest(shown), self._digest):
                await self._app(scope, receive, send)
                return
        await say(send, 401, "The operator's token is asked for.", (b"www-authenticate", b'Bearer realm="feedmill"'))


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
