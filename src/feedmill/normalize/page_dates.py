"""Dates as web pages show them, among other words: `Senin, 2 November 2026 | 14.30 WIB`, `3 jam lalu`, `yesterday`.

What is found is read by `dates`. This module must not know where in a page a text stood.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedmill.normalize.dates import article_date
from feedmill.normalize.plaintext import plain
from feedmill.times import whole_seconds

__all__ = ["shown_date"]

_LONGEST = 2000  # characters of a text that are looked at
_ENGLISH = "january february march april may june july august september october november december"
_SHORT = "jan feb mar apr jun jul aug sep sept oct nov dec"
_INDONESIAN = "januari februari pebruari peb maret mrt mei juni juli agustus agt agu ags agust oktober okt nopember nop"
_MONTH = "|".join(sorted(f"{_ENGLISH} {_SHORT} {_INDONESIAN} desember des".split(), key=len, reverse=True))

_CLOCK = re.compile(
    r"(?i)[\s,|•·/–—-]{0,5}(?:(?:pukul|pkl\.?|jam|at|@)\s?)?(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(?!\d)"
    r"\s?(?-i:([AaPp])\.?[Mm]\b\.?)?"
    r"\s?(?-i:(WIB|WITA|WIT|UTC|GMT|Z|[A-Z]{1,3}[SD]?T|[+-]\d{2}:?\d{2})\b)?"
)
_DAYS = (
    re.compile(r"(?<![\d/.-])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)T?"),
    re.compile(
        rf"(?i)(?<![\w/-])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]{{1,2}}(?:of\s)?(?P<n>{_MONTH})\b\.?,?[\s-]{{1,2}}(?P<y>\d{{4}})(?!\d)"
    ),
    re.compile(rf"(?i)(?<!\w)(?P<n>{_MONTH})\b\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>\d{{4}})(?!\d)"),
    re.compile(r"(?<![\w/.-])(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?<![\d/.-])(?P<y>\d{4})(?P<s>[/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>\d{4})\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日"),
)

_UNITS = {
    **dict.fromkeys(("detik", "second", "sec"), timedelta(seconds=1)),
    **dict.fromkeys(("menit", "mnt", "minute", "min"), timedelta(minutes=1)),
    **dict.fromkeys(("jam", "hour", "hr"), timedelta(hours=1)),
    **dict.fromkeys(("hari", "day"), timedelta(days=1)),
    **dict.fromkeys(("minggu", "pekan", "week"), timedelta(weeks=1)),
    **dict.fromkeys(("bulan", "month"), timedelta(days=30)),
    **dict.fromkeys(("tahun", "year"), timedelta(days=365)),
}
_AGO = re.compile(rf"(?i)\b(?:(\d{{1,3}}|an?|one|satu)\s?|se)({'|'.join(_UNITS)})s?\s(?:yang\s|yg\s)?(?:lalu|ago)\b")
_NOW = re.compile(r"(?i)\b(?:baru saja|just now)\b")
_DAY_WORDS = re.compile(r"(?i)\b(hari ini|today|kemarin|yesterday)\b")


def shown_date(text: str, zone: str, now: datetime) -> datetime | None:
    """Return the first date in `text`, aware UTC; None without one.

    A date without a zone is in `zone` (an IANA name), `02/11/2026` is read day first. "3 hours ago", "kemarin 14.30"
    and their like count from `now`.
    """
    line = plain(text[: _LONGEST * 2])[:_LONGEST]
    return _written(line, zone) or _relative(line, zone, now)


def _written(line: str, zone: str) -> datetime | None:
    found = sorted(((match.start(), match) for day in _DAYS if (match := day.search(line))), key=lambda pair: pair[0])
    for _, match in found:
        day = _day(match.groupdict())
        clock = _CLOCK.match(line, match.end()) if day else None
        if clock and (moment := article_date(f"{day} {_time(clock)}", zone)):
            return moment
        if day and (moment := article_date(day, zone)):
            return moment
    return None


def _day(parts: dict[str, str]) -> str | None:
    """Write a day so that it can be read in one way only; None if there is no such day."""
    if "n" in parts:
        return f"{parts['d']} {parts['n']} {parts['y']}"
    month, day = int(parts["m"]), int(parts["d"])
    if month > 12:  # American order gives itself away
        month, day = day, month
    return f"{parts['y']}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _time(clock: re.Match[str]) -> str:
    hour, minute, second, half, offset = clock.groups()
    number = int(hour)
    if half:
        number = number % 12 + (12 if half in "Pp" else 0)
    return f"{number:02d}:{minute}:{second or '00'} {offset or ''}".strip()


def _relative(line: str, zone: str, now: datetime) -> datetime | None:
    if ago := _AGO.search(line):
        number = int(ago[1]) if ago[1] and ago[1].isdecimal() else 1
        return whole_seconds(now - number * _UNITS[ago[2].lower()])
    if _NOW.search(line):
        return whole_seconds(now)
    word = _DAY_WORDS.search(line)
    if word is None:
        return None
    day = now - timedelta(days=1 if word[1].lower() in ("kemarin", "yesterday") else 0)
    clock = _CLOCK.match(line, word.end())
    if clock is None:
        return whole_seconds(day)
    local = datetime.combine(day.astimezone(ZoneInfo(zone)).date(), time.min)
    return article_date(f"{local:%Y-%m-%d} {_time(clock)}", zone)
