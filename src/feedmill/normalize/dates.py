"""Dates as people and programs write them, made aware UTC, or refused.

The policy is the table in docs/articles.md. This module must not know which document a date stood in, nor
read the clock.
"""

from __future__ import annotations

import re
import warnings
from calendar import timegm
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedmill.normalize.plaintext import plain
from feedmill.times import whole_seconds

__all__ = ["article_date", "feed_date", "name_date", "path_date"]

_FIRST_FEED_YEAR = 1990  # older upstream dates are zeroed clocks: 1970, 1980 (FAT), 1904 (old Macintosh)
_LONGEST = 100  # characters; a date is never longer

# RFC 5322 section 4.3 names the American ones; the others are what feeds and newsrooms really write.
_ZONES: dict[str, float] = {
    "HST": -10,
    "AKST": -9,
    **dict.fromkeys(("PST", "AKDT"), -8),
    **dict.fromkeys(("MST", "PDT"), -7),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("EDT", "AST"), -4),
    "NST": -3.5,
    **dict.fromkeys(("ADT", "BRT", "ART"), -3),
    "NDT": -2.5,
    **dict.fromkeys(("UTC", "GMT", "Z", "UT", "WET"), 0),
    **dict.fromkeys(("WEST", "BST", "CET", "MEZ"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **dict.fromkeys(("WIB", "ICT"), 7),
    **dict.fromkeys(("WITA", "SGT", "MYT", "HKT", "PHT", "AWST"), 8),
    **dict.fromkeys(("WIT", "JST", "KST"), 9),
    "ACST": 9.5,
    "AEST": 10,
    "ACDT": 10.5,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}
_NAMED_ZONE = re.compile(r"\s*[\[(]?\b([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+)[\])]?$")
_CLOCK_WORDS = re.compile(r"\b(?:pukul|pkl\.?|jam|at|tanggal|tgl\.?)\s", re.IGNORECASE)
_DOTTED_CLOCK = re.compile(r"(?<=[\s,])(\d{1,2})\.(\d{2})(?=\s*(?:[A-Z]{1,5}\b|$))")
_YEAR_FIRST = re.compile(r"\d{4}\b")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")

_ENGLISH_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" ([1-9][0-9]{3}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r" (?:GMT|UTC|Z|(\+[01][0-9][0-5][0-9]|-(?!0000)[01][0-9][0-5][0-9]))"
)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][01][0-9]:[0-5][0-9])"
)

_NAME = re.compile(
    r"(?:^|[^0-9])((?:19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})"
    r"(?:[T _-]?([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:]?([0-5]\d))?(Z|[+-]\d{4})?)?(?=[^0-9]|$)"
)


# What is not English already, as whole words.
_MONTHS = {
    **dict.fromkeys(("januari",), "January"),
    **dict.fromkeys(("februari", "pebruari", "peb"), "February"),
    **dict.fromkeys(("maret", "mrt"), "March"),
    **dict.fromkeys(("mei",), "May"),
    **dict.fromkeys(("juni",), "June"),
    **dict.fromkeys(("juli",), "July"),
    **dict.fromkeys(("agustus", "agt", "agu", "ags", "agust"), "August"),
    **dict.fromkeys(("oktober", "okt"), "October"),
    **dict.fromkeys(("nopember", "nop"), "November"),
    **dict.fromkeys(("desember", "des"), "December"),
}
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(?:senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad)\b[\s,]*", re.IGNORECASE)


def article_date(value: object, zone: str) -> datetime | None:
    """Return the moment that an author wrote: a YAML or TOML date, a number of seconds since 1970, or text.

    A time without a zone is in `zone` (an IANA name), a date without a time is that day's first moment there.
    `02/11/2026` is read day first. None: it is not a whole date, or lies before 1900 or after 9000.
    """
    local = _zone(zone) or UTC
    moment: datetime | None = None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time.min)
    elif isinstance(value, int) and not isinstance(value, bool):
        moment = _read(str(value))
    elif isinstance(value, str):
        moment = _read(value)
    return _believable(moment, local, 1900)


def feed_date(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that an upstream wrote: RFC 822, W3CDTF, or what feedparser understands.

    A time without a zone is UTC. None: there is none, it cannot be read, it lies before 1990 (a clock that was
    never set) or later than `now`; the entry then gets the time it was first seen.
    """
    if not text:
        return None
    moment = _believable(_read(text) or _feedparser_date(text), UTC, _FIRST_FEED_YEAR)
    return moment if moment is not None and moment <= now else None


def name_date(name: str, zone: str) -> datetime | None:
    """Return the date in a file name: `2026-11-02-title`, `20261102`, `2026-11-02T0700`; None without one."""
    for match in _NAME.finditer(name):
        year, _, month, day, hour, minute, second, offset = match.groups()
        clock = f"T{hour}:{minute}:{second or '00'}{offset or ''}" if hour else ""
        moment = article_date(f"{year}-{month}-{day}{clock}", zone)
        if moment is not None:
            return moment
    return None


def path_date(path: str, zone: str) -> datetime | None:
    """Return the date in a file's name, else in those of its folders: `2026/11/02/title.md`; None without one."""
    place = PurePosixPath(path)
    return name_date(place.stem, zone) or name_date(place.parent.as_posix().replace("/", "-"), zone)


def _believable(moment: datetime | None, local: tzinfo, first_year: int) -> datetime | None:
    if moment is None:
        return None
    try:
        moment = whole_seconds(moment if moment.tzinfo is not None else moment.replace(tzinfo=local))
    except (ValueError, OverflowError):
        return None
    return moment if first_year <= moment.year <= 9000 else None


def _read(text: str) -> datetime | None:
    """Read a date; naive where the text names no zone."""
    if moment := _usual(text):
        return moment
    text = plain(text[: _LONGEST * 2])
    if not text or len(text) > _LONGEST:
        return None
    text = (
        _MONTH.sub(lambda month: _MONTHS[month[0].lower()], _WEEKDAY.sub("", text))
        .replace("(", " ")
        .replace(")", " ")
        .strip()
    )
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), UTC)
    named = _NAMED_ZONE.search(text)
    if named and (zone := _zone(named[1])) is not None:
        moment = _read_clock(text[: named.start()])
        return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment
    return _read_clock(text)


def _usual(text: str) -> datetime | None:
    """Read the two notations that nearly all feeds use: RFC 822 with the year in full, and RFC 3339."""
    if len(text) > _LONGEST:
        return None
    try:
        if match := _RFC_822.fullmatch(text):
            day, month, year, hour, minute, second, offset = match.groups()
            zone = timezone(timedelta(hours=int(offset[:3]), minutes=int(offset[0] + offset[3:]))) if offset else UTC
            place = _ENGLISH_MONTHS.index(month) // 3 + 1
            return datetime(int(year), place, int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return datetime.fromisoformat(text) if _RFC_3339.fullmatch(text) else None
    except ValueError:  # no such day
        return None


def _read_clock(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    words = text.rsplit(" ", 1)
    if len(words) == 2 and (hours := _ZONES.get(words[1].upper())) is not None:
        moment = _read_words(words[0])
        if moment is not None and moment.tzinfo is None:
            return moment.replace(tzinfo=timezone(timedelta(hours=hours)))
        return moment
    return _read_words(text)


def _read_words(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _read_freely(text)


def _read_freely(text: str) -> datetime | None:
    """Read what dateutil understands, if year, month and day are all there."""
    from dateutil import parser as dateutil_parser

    text = _DOTTED_CLOCK.sub(r"\1:\2", _CLOCK_WORDS.sub(" ", text))
    found = []
    for default in (datetime(2000, 1, 1), datetime(2003, 2, 2)):  # noqa: DTZ001 - what is missing shows as a difference
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.append(
                    dateutil_parser.parse(
                        text,
                        default=default,
                        dayfirst=_YEAR_FIRST.match(text) is None,
                        tzinfos=_zone_of_name,
                    )
                )
        except Exception:  # noqa: BLE001 - dateutil raises whatever its guesses run into
            return None
    return found[0] if found[0] == found[1] else None


def _zone_of_name(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset)) if abs(offset) < 86400 else None
    hours = _ZONES.get((name or "").upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _feedparser_date(text: str) -> datetime | None:
    """Read the notations that only feedparser knows: Korean, Greek and Hungarian names, week dates."""
    from feedparser.datetimes import _parse_date

    try:
        parsed = _parse_date(text[:_LONGEST])
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
