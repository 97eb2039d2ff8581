"""Who may see the dashboard, and who may act: the operator's token, sessions, and proofs that a form is our own.

This module must not know what there is to see, nor how a page looks.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from cachetools import TTLCache
from itsdangerous import BadSignature, URLSafeTimedSerializer

__all__ = ["COOKIE", "FAILURES", "PAUSE", "SESSION", "Access", "TooManyFailures"]

COOKIE = "feedmill"

SESSION = timedelta(hours=12)
"""How long a session lasts from logging in."""

FAILURES, PAUSE = 10, timedelta(minutes=10)
"""So many wrong tokens from one address in so long a time, and it is not listened to any more."""

_SALT = "feedmill dashboard session"


class TooManyFailures(Exception):
    """Too many wrong tokens came from this address."""


class Access:
    """The door of the dashboard. Without a `token` everybody may read, and nobody act.

    What is remembered of sessions and failures is lost with the process; sessions outlive it, since they are signed
    with a key that the token gives: with another token all of them end.
    """

    def __init__(self, token: str | None, clock: Callable[[], datetime]) -> None:
        self._token = None if token is None else _digest(token)
        key = hashlib.sha256(f"{_SALT}\0{token}".encode()).digest() if token is not None else secrets.token_bytes()
        self._key = key
        self._signer = URLSafeTimedSerializer(key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
        timer = lambda: clock().timestamp()  # noqa: E731
        self._failures: TTLCache[str, int] = TTLCache(10_000, PAUSE.total_seconds(), timer)
        self._ended: TTLCache[str, bool] = TTLCache(10_000, SESSION.total_seconds(), timer)

    @property
    def guarded(self) -> bool:
        """Whether there is a token to log in with."""
        return self._token is not None

    def sign_in(self, given: str, address: str) -> str | None:
        """Return a cookie for a new session, None if this is not the token; `address` is the client's.

        Raises:
            TooManyFailures: nothing from this address is looked at for a while.
        """
        known_as = _network(address)
        if self._failures.get(known_as, 0) >= FAILURES:
            raise TooManyFailures
        if self._token is None or not hmac.compare_digest(self._token, _digest(given)):
            self._failures[known_as] = self._failures.get(known_as, 0) + 1
            return None
        self._failures.pop(known_as, None)
        return self._signer.dumps(secrets.token_urlsafe(16))

    def session(self, cookie: str | None) -> str | None:
        """Return the name of the session that a cookie is of, None if it is of none that goes on."""
        if self._token is None or not cookie:
            return None
        try:
            name = self._signer.loads(cookie, max_age=int(SESSION.total_seconds()))
        except BadSignature:
            return None
        return name if isinstance(name, str) and name not in self._ended else None

    def sign_out(self, session: str) -> None:
        """End a session."""
        self._ended[session] = True

    def proof(self, session: str) -> str:
        """Return what a form of this session carries, and that no other page can know."""
        return hmac.new(self._key, f"form\0{session}".encode(), hashlib.sha256).hexdigest()

    def proves(self, session: str, given: str) -> bool:
        """Return whether a form that came with this is one of the session's own."""
        return hmac.compare_digest(self.proof(session).encode(), given.encode())


def _digest(text: str) -> bytes:
    """Make texts of any length equally long, so that comparing them takes equally long."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _network(address: str) -> str:
    """Return whom failures are counted for: with IPv6 a /64, which is what one household has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
