"""Addresses as they are asked for and as they are shown: absolute, without fragment, and never with a password.

This module must not know who asks, or what is there.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from feedmill.errors import NetworkError

__all__ = ["fetchable", "shown"]

_LONGEST = 8192
_UNFIT = re.compile(r"[\x00-\x20\x7f]")


def fetchable(url: str, *, referring: str | None = None) -> str:
    """Return `url` without fragment and login, absolute if `referring` redirected to it.

    Raises:
        NetworkError: it is no address that HTTP could ask for.
    """
    where = shown(referring or url)
    said = "it redirects to " if referring else ""
    if referring is not None:
        # http.client reads headers as Latin-1, while servers send UTF-8.
        with suppress(UnicodeError):
            url = url.encode("latin-1").decode("utf-8")
        url = url.strip().replace(" ", "%20")
    try:
        parts = urlsplit(urljoin(referring, url) if referring else url)
        fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, fit = SplitResult("", "", "", "", ""), False
    if not fit or _UNFIT.search(url) or len(url) > _LONGEST:
        what = f"{said}an address that cannot be fetched" if referring else "the address cannot be fetched"
        raise NetworkError(
            f"{what}: {shown(url)[:200]!r}" if referring else what, where=where, hint="Only http and https can"
        )
    return shown(urlunsplit(parts._replace(fragment="")))


def shown(url: str) -> str:
    """Return `url` as it may be logged: without user name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:200]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
