"""What goes to a server and what comes back: a wish for a document, and the response.

This module must not know how either gets over the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedmill.collect.credentials import Credentials
from feedmill.collect.decoding import ACCEPT_ENCODING
from feedmill.model import Validators

__all__ = ["Response", "Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server gave. `status` is 200, or 304 where nothing has changed and `body` is empty, or 226 where `body`
    holds only what is newer than the validators that were sent.

    `url` is the address that answered, after redirects; no address here holds a login. `moved_to` is the end of the
    unbroken chain of permanent redirects (301, 308) that the asked address starts, if there is one. `validators` are
    those of the whole, also where a part came; their `digest` is None then. `wait` is how long the server asks to be
    left alone. `fresh_for` is how long the answer stays fresh, nothing if it does not; None where a 304 leaves that as
    it was (RFC 9111 section 4.3.4). `hubs` and `topic` are the targets of its Link headers of the types `hub` and
    `self` (WebSub, section 4). `received` is how many bytes came as the body, packed as it was.
    """

    status: int
    url: str
    body: bytes = b""
    media_type: str | None = None
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)
    wait: timedelta | None = None
    fresh_for: timedelta | None = None
    moved_to: str | None = None
    hubs: tuple[str, ...] = ()
    topic: str | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of each address on the way to a document."""

    now: datetime
    validators: Validators
    accept: str
    manipulation: str
    permit: Callable[[str], float] | None
    credentials: Credentials | None

    def headers(self, user_agent: str) -> dict[str, str]:
        """Return the headers of the request, without credentials."""
        headers = {
            "User-Agent": user_agent,
            "Accept": self.accept,
            "Accept-Encoding": ACCEPT_ENCODING,
            # An upstream is asked once an hour or so: a kept connection would only be a burden to it.
            "Connection": "close",
        }
        if self.manipulation:
            headers["A-IM"] = self.manipulation
        if self.validators.etag:
            headers["If-None-Match"] = self.validators.etag
        if self.validators.last_modified:
            headers["If-Modified-Since"] = self.validators.last_modified
        return headers
