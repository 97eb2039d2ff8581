"""What a value in a feed must look like: dates, addresses, languages, media types.

Pure functions that never raise. This module must not know where in a document a value stands.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

__all__ = [
    "absolute",
    "date_822",
    "date_3339",
    "fault_822",
    "fault_3339",
    "is_count",
    "is_email",
    "is_language",
    "is_media_type",
    "is_reference",
    "is_web",
]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# RFC 822 section 5.1, with the four-digit years that RSS 2.0 prefers and the spaces that RFC 5322 allows.
_DATE_822 = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s*)?(\d{1,2})\s+"
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{4}|\d{2})\s+"
    r"(\d{2}):(\d{2})(?::(\d{2}))?\s+(?:[+-]\d{4}|UT|GMT|[ECMP][SD]T|[A-IK-Z])"
)
# RFC 3339 section 5.6, and RFC 4287 section 3.3: T and Z are capitals.
_DATE_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)")
# RFC 3987 section 2.2, as far as a reader can stumble over it: no spaces, controls or delimiters.
_UNFIT = r"\s<>\"{}|\\^`\x00-\x20\x7f"
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:[^{_UNFIT}]+")
_REFERENCE = re.compile(rf"[^{_UNFIT}]*")
# RFC 5646 section 2.1: language, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z0-9]{2,8}",
    re.IGNORECASE,
)
_TOKEN = r"[^\s()<>@,;:\\\"/\[\]?=\x00-\x1f\x7f]+"  # noqa: S105  # RFC 2045 section 5.1
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(?:\s*;\s*{_TOKEN}=(?:{_TOKEN}|\"[^\"]*\"))*\s*")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def fault_822(text: str) -> str | None:
    """Return what is wrong with a date in the notation of e-mail, None if nothing is (RFC 822 section 5)."""
    matched = _DATE_822.fullmatch(text.strip())
    if not matched:
        return f"{_short(text)} is not a date like `Tue, 03 Nov 2026 08:30:00 GMT`"
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return f"{_short(text)} names a day or time that does not exist"
    day = matched[1]
    if day and _DAYS[moment.weekday()] != day:
        return f"{_short(text)} was a {_DAYS[moment.weekday()]}, not a {day}"
    return None


def fault_3339(text: str) -> str | None:
    """Return what is wrong with a date of Atom or JSON Feed, None if nothing is (RFC 3339 section 5.6)."""
    matched = _DATE_3339.fullmatch(text)
    if not matched:
        return f"{_short(text)} is not a date like `2026-11-03T08:30:00Z`"
    try:
        # A leap second is a time, if none that Python knows.
        datetime.fromisoformat(text[:17] + ("59" if matched[3] == "60" else matched[3]))
    except ValueError:
        return f"{_short(text)} names a day or time that does not exist"
    return None


def date_822(text: str) -> datetime | None:
    """Return the moment that an e-mail date names, None if it names none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None


def date_3339(text: str) -> datetime | None:
    """Return the moment that a date of Atom names, None if it names none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def absolute(text: str) -> bool:
    """Return whether `text` is an absolute IRI (RFC 3987 section 2.2)."""
    if not _ABSOLUTE.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme not in {"http", "https"} or bool(parts.hostname)


def is_web(text: str) -> bool:
    """Return whether `text` is an absolute address of the web."""
    return absolute(text) and text.lower().startswith(("http:", "https:"))


def is_reference(text: str) -> bool:
    """Return whether `text` is an IRI or a relative reference (RFC 3987 section 2.2)."""
    return bool(_REFERENCE.fullmatch(text)) and (absolute(text) or ":" not in text.partition("/")[0])


def is_language(text: str) -> bool:
    """Return whether `text` is a well-formed language tag (RFC 5646 section 2.1)."""
    return bool(_LANGUAGE.fullmatch(text))


def is_media_type(text: str) -> bool:
    """Return whether `text` is a media type (RFC 2045 section 5.1)."""
    return bool(_MEDIA_TYPE.fullmatch(text))


def is_count(text: str) -> bool:
    """Return whether `text` is a whole number that is not negative."""
    return text.isascii() and text.isdigit() and len(text) < 16


def is_email(text: str) -> bool:
    """Return whether `text` can be an e-mail address (RFC 4287 section 3.2.3 asks no more)."""
    return bool(_EMAIL.fullmatch(text))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return f"`{words[:60]}…`" if len(words) > 60 else f"`{words}`"
