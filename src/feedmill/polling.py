"""When to look at a source again: a pure function of its settings, its state and how the last look ended.

The rule, in order:

1. A server that said 410 Gone is not asked again.
2. A look that worked is followed by the next one after the source's `every` (else the schedule's), or at the next
   time of its `cron`. An interval is lengthened by up to a tenth, by an amount that is fixed for the source and
   the time, so that sources which started together drift apart.
3. A look at a server that failed is followed by the next one after twice the interval, then four times, up to the
   schedule's `max` (or the source's own interval, if that is longer). A `cron` is kept as it is, and a folder, which
   no look can burden, is looked at as ever.
4. What the server asks for (Retry-After) can only lengthen the wait.

This module must not know how a look is made, nor read the clock.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from feedmill.model import Schedule, Source
from feedmill.times import whole_seconds

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

__all__ = ["cron_trigger", "next_look"]

_JITTER = 0.1
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def next_look(
    source: Source,
    schedule: Schedule,
    zone: str,
    now: datetime,
    *,
    failures: int = 0,
    wait_until: datetime | None = None,
    gone: bool = False,
) -> datetime | None:
    """Return when to look at `source` again, None for never.

    Args:
        source: its `every` or `cron` win over the schedule.
        schedule: the site's start value and bounds.
        zone: the IANA time zone in which `cron` is meant.
        now: when the last look ended.
        failures: how many looks in a row failed, the last one included.
        wait_until: the time until which the server asks to be left alone.
        gone: the server said 410.
    """
    if gone:
        return None
    if source.cron is not None:
        due = cron_trigger(source.cron, zone).get_next_fire_time(None, now + timedelta(seconds=1))
        if due is None:  # a date that never comes, such as 30 February
            return wait_until
    else:
        interval = source.every or schedule.every
        if failures and source.url is not None:
            # The exponent is bounded, since a timedelta is.
            interval = min(interval * 2 ** min(failures, 16), max(schedule.max, interval))
        due = now + interval * (1 + _JITTER * _share(source.name, now))
    return max(whole_seconds(due), wait_until or now)


@lru_cache(maxsize=1024)
def cron_trigger(expression: str, zone: str) -> BaseTrigger:
    """Return the trigger for a crontab line's five fields, with cron's own meaning.

    APScheduler counts weekdays from Monday and wants every field to match; cron counts from Sunday, and where both
    day fields are restricted either may match (POSIX.1-2017, crontab).

    Raises:
        ValueError: the expression is not a crontab schedule.
    """
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    parts = expression.split()
    if len(parts) != 5:
        raise ValueError(f"a cron expression has 5 fields, {expression!r} has {len(parts)}")
    minute, hour, day, month, weekday = parts
    weekday = _weekdays(weekday)
    timezone = ZoneInfo(zone)

    def trigger(days: str, weekdays: str) -> CronTrigger:
        return CronTrigger(
            minute=minute, hour=hour, day=days, month=month, day_of_week=weekdays, timezone=timezone, second=0
        )

    if day.startswith("*") or weekday.startswith("*"):
        return cast("BaseTrigger", trigger(day, weekday))
    return cast("BaseTrigger", OrTrigger([trigger(day, "*"), trigger("*", weekday)]))


def _weekdays(field: str) -> str:
    """Write cron's weekday field with names, which both sides read alike."""
    if field == "*":
        return field
    names: list[str] = []
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = "0", "6"
        start, end = _weekday(first), _weekday(last or first)
        if step and not last:
            end = 6
        if end < start:  # fri-mon, or 5-0: over the week's end
            end += 7
        numbers = range(start, end + 1, int(step or 1))
        names += [_WEEKDAYS[number % 7] for number in numbers]
    return ",".join(dict.fromkeys(names))


def _weekday(name: str) -> int:
    if name in _WEEKDAYS:
        return _WEEKDAYS.index(name)
    if name.isdecimal() and 0 <= int(name) <= 7:
        return int(name)
    raise ValueError(f"{name!r} is not a day of the week; use 0 to 7 (Sunday is 0 and 7) or sun to sat")


def _share(name: str, now: datetime) -> float:
    """A number from 0 to 1 that is always the same for the same source and time."""
    seed = hashlib.blake2b(f"{name} {now.isoformat()}".encode(), digest_size=4).digest()
    return int.from_bytes(seed) / 0xFFFFFFFF
