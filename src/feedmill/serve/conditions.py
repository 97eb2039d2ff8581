"""Conditional requests by RFC 9110 section 13: what a client says that it has, held against what there is.

Pure functions. This module must not know what is served.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_tz
from enum import Enum

__all__ = ["Outcome", "evaluate", "http_date", "named", "range_holds"]

_TAG = re.compile(r'\s*(?P<weak>W/)?(?P<opaque>"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)|\s*(?:,|$)')
_DATE = re.compile(
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"  # IMF-fixdate
    r"|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"  # RFC 850
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}",  # asctime
    re.ASCII,
)


class Outcome(Enum):
    """What becomes of a request: it is answered, answered with "not modified", or its precondition failed."""

    HOLDS = 200
    NOT_MODIFIED = 304
    FAILED = 412


def evaluate(headers: Mapping[bytes, bytes], etag: str, modified: int, *, reads: bool = True) -> Outcome:
    """Return what the preconditions of a request come to, in the order of RFC 9110 section 13.2.2.

    Args:
        headers: the fields of the request, names in small letters.
        etag: the strong entity tag of what would be answered, with its quotes.
        modified: when that was last modified, in whole seconds since 1970.
        reads: whether the method is GET or HEAD.
    """
    if (field := headers.get(b"if-match")) is not None:
        if not _matches(field, etag, strong=True):
            return Outcome.FAILED
    elif (field := headers.get(b"if-unmodified-since")) is not None:
        since = http_date(field)
        if since is not None and modified > since:
            return Outcome.FAILED
    if (field := headers.get(b"if-none-match")) is not None:
        if _matches(field, etag, strong=False):
            return Outcome.NOT_MODIFIED if reads else Outcome.FAILED
    elif reads and (field := headers.get(b"if-modified-since")) is not None:
        since = http_date(field)
        if since is not None and modified <= since:
            return Outcome.NOT_MODIFIED
    return Outcome.HOLDS


def range_holds(field: bytes, etag: str, modified: int, now: int) -> bool:
    """Return whether `If-Range` lets a part be answered (RFC 9110 section 13.1.5): strong tags, or a date that is one.

    A date is strong if nothing could have changed within its second: `now` is later.
    """
    if field.lstrip().startswith((b'"', b"W/")):
        return field.strip() == etag.encode("latin-1")
    return http_date(field) == modified and modified < now


def named(field: bytes) -> list[str]:
    """Return the entity tags that `If-None-Match` names, without marks of weakness; none for `*`."""
    return [opaque for _, opaque in _tags(field)]


def http_date(field: bytes) -> int | None:
    """Return a date in one of the three notations of RFC 9110 section 5.6.7, None for what is none of them."""
    text = field.decode("latin-1").strip()
    parts = parsedate_tz(text) if _DATE.fullmatch(text) else None
    if parts is None:
        return None
    try:
        return int(datetime(*parts[:6], tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _matches(field: bytes, etag: str, *, strong: bool) -> bool:
    # What a client has been told it sends back as it is, nearly always.
    if field == etag.encode("latin-1") or field.strip() == b"*":
        return True
    return any(opaque == etag and not (strong and weak) for weak, opaque in _tags(field))


def _tags(field: bytes) -> list[tuple[bool, str]]:
    """Return the tags of a list, and whether each is weak; of a malformed one, those before the fault."""
    text = field.decode("latin-1")
    found: list[tuple[bool, str]] = []
    position = 0
    while position < len(text):
        tag = _TAG.match(text, position)
        if not tag or tag.end() == position:
            break
        if tag["opaque"]:
            found.append((tag["weak"] is not None, tag["opaque"]))
        position = tag.end()
    return found
