"""What a request to the dashboard says of itself: who sent it, where it came from, what its form holds.

This module must not know what is asked for.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from feedmill.serve.dashboard.access import COOKIE, Access

__all__ = ["address_of", "fields", "from_elsewhere", "local_path", "session_of"]

_LARGEST_FORM = 16 * 1024  # bytes
_MOST_FIELDS = 20


async def fields(request: Request) -> dict[str, str]:
    """Return the fields of a form (application/x-www-form-urlencoded), the first value of each name.

    Raises:
        HTTPException: 415, 413 or 400: it is no such form, is too large, or cannot be read.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A form is expected here.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM:
            raise HTTPException(413, "The form is too large.")
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None
    return {name: values[0] for name, values in found.items()}


def from_elsewhere(request: Request) -> bool:
    """Return whether a browser says that a page of another site made it send this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()


def session_of(request: Request, access: Access) -> str | None:
    """Return the name of the session that the request is of, None if it is of none."""
    return access.session(request.cookies.get(COOKIE))


def address_of(request: Request) -> str:
    """Return the address of the client."""
    return request.client.host if request.client else ""


def local_path(given: str, base: str) -> str:
    """Return where to go after logging in: `given` if that is a page of the dashboard at `base`, else its first one."""
    plain = given.isprintable() and "\\" not in given
    return given if plain and (given + "/").startswith(f"{base}/") else f"{base}/"
