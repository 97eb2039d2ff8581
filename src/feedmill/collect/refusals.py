"""Answers that bring nothing, as errors that say what to do about them.

This module must not know how an answer was had.
"""

from __future__ import annotations

import http.client
from datetime import datetime

from urllib3 import HTTPHeaderDict

from feedmill.collect.headers import retry_after, single
from feedmill.errors import StatusError, TooLarge

__all__ = ["refusal_of_form", "status_error", "too_large"]

_LONGEST_REASON = 200  # characters
_ADVICE = {
    401: "It wants a user name and a password, or a token: set auth for this source, or correct it",
    402: "It wants payment",
    403: "It refuses this program: ask its operator to let the User-Agent in, and set contact under [fetch]",
    404: "Check the address; the feed may have moved",
    410: "The feed is gone for good: remove this source",
    429: "It is asked too often: raise every for this source",
}


def too_large(limit: int) -> TooLarge:
    """Return the error for a body of more than `limit` bytes."""
    size = f"{limit / 1024 / 1024:g} MiB" if limit >= 1024 * 1024 else f"{limit} bytes"
    return TooLarge(f"the body is larger than {size}", hint="The limit is max_body under [fetch]")


def status_error(status: int, headers: HTTPHeaderDict, now: datetime) -> StatusError:
    """Return the error for a status that is no success, with what a Retry-After header asks for."""
    name = http.client.responses.get(status, "")
    what = f"the server answered {status} {name}".rstrip()
    if status in (301, 302, 303, 307, 308):
        what += " without saying where to"
    hint = _ADVICE.get(status, "This is the server's trouble; it is tried again later" if status >= 500 else "")
    return StatusError(what, status=status, hint=hint, wait=retry_after(single(headers, "retry-after"), now))


def refusal_of_form(status: int, headers: HTTPHeaderDict, said: bytes, now: datetime) -> StatusError:
    """Return the error for a form that was not taken, with the first line of what the server says of it, and with what
    a Retry-After header asks for."""
    name = http.client.responses.get(status, "")
    lines = "".join(c if c.isprintable() else "\n" for c in said.decode("utf-8", "replace")).strip().splitlines()
    reason = lines[0].strip()[:_LONGEST_REASON] if lines and not lines[0].lstrip().startswith("<") else ""
    what = f"the server answered {status} {name}".rstrip() + (f": {reason}" if reason else "")
    return StatusError(what, status=status, wait=retry_after(single(headers, "retry-after"), now))
