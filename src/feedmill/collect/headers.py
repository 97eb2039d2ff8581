"""What the headers of an answer mean: validators, media type, how long it stays fresh, how long to stay away.

Pure functions that never raise: a header that breaks its grammar counts as if it were not there. This module must not
know what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.request import parse_http_list

from urllib3 import HTTPHeaderDict

from feedmill.model import Validators
from feedmill.times import utc

__all__ = ["LONGEST_WAIT", "content_type", "fresh_for", "manipulations", "merged", "retry_after", "single"]

LONGEST_WAIT = timedelta(days=7)
"""No answer is taken to be fresh, and no server left alone, for longer than this."""

_LONGEST_VALIDATOR = 1024
_LONGEST_PARSED = 512  # characters; the parsers of the standard library take quadratic time
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST_SECONDS = 2**31  # RFC 9111 section 1.2.2


def single(headers: HTTPHeaderDict, name: str) -> str | None:
    """Return the value of a header that can have but one; None if there is none, or several that differ."""
    values = {value.strip(" \t") for value in headers.getlist(name)}
    return values.pop() if len(values) == 1 else None


def merged(validators: Validators, headers: HTTPHeaderDict) -> Validators:
    """Return `validators` with what the headers bring, each exactly as received (RFC 9110 section 8.8)."""
    return Validators(
        etag=_validator(single(headers, "etag")) or validators.etag,
        last_modified=_validator(single(headers, "last-modified")) or validators.last_modified,
        digest=validators.digest,
    )


def _validator(value: str | None) -> str | None:
    # What could not be sent back is no validator.
    if value and len(value) <= _LONGEST_VALIDATOR and value.strip() == value and not _CONTROL.search(value):
        return value
    return None


def content_type(value: str | None) -> tuple[str | None, str | None]:
    """Return the media type and the charset that a Content-Type header names (RFC 9110 section 8.3)."""
    if not value or "/" not in value or len(value) > _LONGEST_PARSED:
        return None, None
    message = Message()
    message["content-type"] = value
    return message.get_content_type(), message.get_content_charset()


def manipulations(headers: HTTPHeaderDict) -> frozenset[str]:
    """Return the instance manipulations that an IM header names, without their parameters (RFC 3229 section 10.5.2)."""
    names = (part.partition(";")[0].strip().lower() for part in headers.get("im", "").split(","))
    return frozenset(name for name in names if name not in ("", "identity"))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for (RFC 9110 section 10.2.3), at most seven days."""
    text = (value or "").strip()
    wait = _seconds(text)
    if wait is None:
        until = _moment(text)
        if until is None:
            return None
        wait = until - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def fresh_for(headers: HTTPHeaderDict, now: datetime) -> timedelta | None:
    """Return how long an answer that came at `now` stays fresh (RFC 9111 section 4.2), at most seven days.

    None: it does not say, it is stale already, or it may not be kept. `s-maxage` is for shared caches, and
    nothing is guessed from Last-Modified.
    """
    directives = _directives(headers)
    if "no-store" in directives or "no-cache" in directives:
        return None
    if "max-age" in directives:
        values = directives["max-age"]
        lifetime = _seconds(values[0]) if len(values) == 1 else None
    else:
        expires = _moment(single(headers, "expires"))
        lifetime = expires - (_moment(single(headers, "date")) or now) if expires else None
    if lifetime is None:
        return None
    age = _seconds((headers.get("age") or "").partition(",")[0].strip()) or timedelta()
    left = min(lifetime - age, LONGEST_WAIT)
    return left if left > timedelta() else None


def _directives(headers: HTTPHeaderDict) -> Mapping[str, list[str]]:
    """Return the arguments of each Cache-Control directive, which may be quoted (RFC 9111 section 5.2)."""
    found: dict[str, list[str]] = {}
    for part in parse_http_list(headers.get("cache-control") or ""):
        name, _, argument = part.partition("=")
        if len(argument) > 1 and argument[0] == argument[-1] == '"':
            argument = argument[1:-1]
        found.setdefault(name.strip().lower(), []).append(argument)
    return found


def _seconds(text: str) -> timedelta | None:
    """Return a whole number of seconds (RFC 9111 section 1.2.2), None if the text is none."""
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    return timedelta(seconds=min(int(digits), _MOST_SECONDS) if len(digits) < 20 else _MOST_SECONDS)


def _moment(text: str | None) -> datetime | None:
    """Return an HTTP date, which is UTC where it names no zone (RFC 9110 section 5.6.7), None if the text is none."""
    if not text or len(text) > _LONGEST_PARSED:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
