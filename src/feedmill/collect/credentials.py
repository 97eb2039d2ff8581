"""What a source's server is told besides the request: a login and further headers, for its own origin alone.

Secrets are read from the environment when they are needed, and are in no message, log or `repr`. This module must not
know how a request is sent.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from feedmill.config import secrets
from feedmill.errors import CollectError
from feedmill.model import Auth, Source

__all__ = ["Credentials", "credentials", "login", "origin"]

_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers that may be sent to one origin: scheme, host and port (RFC 6454 section 4)."""

    origin: Origin
    headers: Mapping[str, str] = field(repr=False)

    def cover(self, url: str) -> bool:
        """Return whether `url`, which can be fetched, is of the origin."""
        return origin(url) == self.origin


def credentials(source: Source, environ: Mapping[str, str]) -> Credentials | None:
    """Return what the server of `source` is told, None if that is nothing. Secrets come from `environ`.

    Raises:
        CollectError: an environment variable is missing, or what it holds cannot be sent.
    """
    if not source.url:
        return None
    in_address = login(source.url)
    if not (source.auth or source.headers):
        return in_address
    try:
        headers = {name: secrets.resolved(value, environ) for name, value in source.headers}
        headers |= in_address.headers if in_address else {}
        if source.auth:
            headers["Authorization"] = _authorization(source.auth, environ)
        return Credentials(origin(source.url), headers)
    except ValueError as error:
        raise CollectError(str(error), where=source.name) from None


def login(url: str) -> Credentials | None:
    """Return the user name and password that stand in `url`, for its origin; None if there are none."""
    try:
        parts = urlsplit(url)
        if parts.username is None:
            return None
        header = _basic(unquote(parts.username), unquote(parts.password or ""))
        return Credentials(origin(url), {"Authorization": header})
    except ValueError:
        return None


def _authorization(auth: Auth, environ: Mapping[str, str]) -> str:
    """Return the Authorization header: basic (RFC 7617 section 2) or bearer (RFC 6750 section 2.1)."""
    if auth.type == "bearer":
        return f"Bearer {secrets.secret(auth.secret_env, environ)}"
    return _basic(auth.username, secrets.password(auth.secret_env, environ))


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode('ascii')}"


def origin(url: str) -> Origin:
    """Return scheme, host and port of an address (RFC 6454 section 4). Raises ValueError if it has no such port."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(scheme, 0)
