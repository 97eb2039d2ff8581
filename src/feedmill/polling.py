"""When to look at a source again: pure functions of its settings, its state and how the last look ended.

The rule, in order:

1. A server that said 410 Gone is not asked again.
2. A look that worked is followed by the next one after the source's own `every`, or at the next time of its `cron`.
   Without either, a source that is asked over the network is looked at by its rhythm, and any other after the
   schedule's `every`. An interval is lengthened by up to a tenth, by an amount that is fixed for the source and the
   time, so that sources which started together drift apart.
3. A look at a server that failed is followed by the next one after twice the interval, then four times, up to the
   schedule's `max` (or the source's own interval, if that is longer). A `cron` is kept as it is, and a folder, which
   no look can burden, is looked at as ever.
4. What server and feed say (`Hints`) can only lengthen the wait: an answer that is fresh is not asked for again, `ttl`
   and the syndication module's period are waited for, skipped hours and days are passed over. None of this makes a
   wait longer than the schedule's `max`, or than the interval, if that is longer.
5. What the server asks for (Retry-After) can only lengthen the wait, whatever `max` is.
6. While a hub pushes what is new, a source is looked at once a day at most, whatever its settings say, in case a push
   was lost; when the hub's lease ends, the other rules are back. What could not be read of a push is looked for as soon
   as `min` allows.

The rhythm, in `rhythm`:

1. The entries' dates are taken together where they are less than ten minutes apart: that is one update. The gap is the
   median between two updates, or half of the time since the last one, if that is longer: a source that falls asleep
   is asked less and less.
2. The wait is half of the time from now to when the next update is expected, one gap after the last, or was; a
   sixteenth of the gap at least, and half of it at most. So looks are dense around the time of a source that keeps one.
3. With fewer than three updates the wait is the schedule's `every`, or a quarter of the time since the last update.
4. It is halved while each of the last four looks found something, and doubled while none of the last sixteen did.
5. It is kept between the schedule's `min` and `max`.

A source falls silent when nothing new came for more than three times the longest gap between two of its last updates,
and for more than two days. Of one with fewer than six updates nobody knows what is usual.

This module must not know how a look is made, nor read the clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from feedmill.model import Hints, HostState, Schedule, Source
from feedmill.times import utc

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

__all__ = ["LOOKS_REMEMBERED", "asked_for_rest", "cron_trigger", "fell_silent", "next_look", "next_ping", "rhythm"]

LOOKS_REMEMBERED = 16
"""How many looks `rhythm` wants to know the outcome of."""

_NO_HINTS = Hints()
_JITTER = 0.1
_FALL_BACK = timedelta(days=1)
_MOST_PINGS = 12
_ONE_UPDATE = timedelta(minutes=10)
_FEWEST_UPDATES = 3
_SILENT_AFTER_GAPS = 3
_SILENT_AFTER = timedelta(days=2)
_FEWEST_UPDATES_TO_MISS = 6
_ALL_FOUND = "1" * 4
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
    hints: Hints = _NO_HINTS,
    rhythm: timedelta | None = None,
    pushed_until: datetime | None = None,
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
        hints: what the server and the feed said about when to ask again.
        rhythm: the wait that suits the source, as `rhythm` gave it; None where it is not known.
        pushed_until: when the lease of the hub that pushes ends; None where none does.
    """
    if gone:
        return None
    rest = now if pushed_until is None else min(now + _FALL_BACK, pushed_until)
    interval = source.every or (rhythm if rhythm and source.url else schedule.every)
    if failures and source.url is not None:
        # The exponent is bounded, since a timedelta is.
        interval = min(interval * 2 ** min(failures, 16), max(schedule.max, interval))
    due = max(now + interval * (1 + _JITTER * _share(source.name, now)), rest)
    if source.cron is not None:
        interval = timedelta()
        fires = _fires(source.cron, zone, max(now + timedelta(seconds=1), rest))
        if fires is None:  # a date that never comes, such as 30 February
            return wait_until
        due = fires
    latest = max(now + max(schedule.max, interval), due)
    awaited = _awaited(due, hints, now, latest)
    if source.cron is None:
        hinted = min(_passed_over(awaited, hints, latest), latest)
    else:
        hinted = _unskipped_fire(source.cron, zone, min(awaited, latest), hints, latest)
    return max(_full_second(hinted), wait_until or now)


def rhythm(dates: Sequence[datetime], looks: str, schedule: Schedule, now: datetime) -> timedelta:
    """Return the wait that suits how often a source has news: between the schedule's `min` and `max`.

    Args:
        dates: when its newest entries were published, in any order.
        looks: which of its last looks found something ("1") and which nothing ("0"), the newest last.
        schedule: the site's start value and bounds.
        now: when the last look ended.
    """
    updates = _updates([date for date in dates if date <= now])
    silence = now - updates[-1] if updates else timedelta()
    if len(updates) < _FEWEST_UPDATES:
        wait = max(schedule.every, silence / 4)
    else:
        gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(updates)]
        gap = max(timedelta(seconds=median(gaps)), silence / 2)
        wait = min(max(abs(gap - silence) / 2, gap / 16), gap / 2)
    if looks.endswith(_ALL_FOUND):
        wait /= 2
    elif len(looks) >= LOOKS_REMEMBERED and "1" not in looks[-LOOKS_REMEMBERED:]:
        wait *= 2
    return min(max(wait, schedule.min), schedule.max)


def fell_silent(dates: Sequence[datetime], now: datetime) -> timedelta | None:
    """Return for how long a source has been silent whose newest entries were published at `dates` (in any order), if
    that is unusually long for it; else None."""
    updates = _updates([date for date in dates if date <= now])
    if len(updates) < _FEWEST_UPDATES_TO_MISS:
        return None
    silence = now - updates[-1]
    longest = max(later - earlier for earlier, later in pairwise(updates))
    return silence if silence > max(longest * _SILENT_AFTER_GAPS, _SILENT_AFTER) else None


def asked_for_rest(known: HostState, wait: timedelta, now: datetime) -> HostState:
    """Return what is remembered of a host that answered 429 or 503 with a Retry-After of `wait`.

    The first time that is a matter of the one source. When it does so again, before it answered any source well, all
    sources of the host are left alone for as long.
    """
    strikes = known.strikes + 1
    until = known.wait_until
    if strikes > 1:
        until = max(now + wait, until or now)
    return HostState(host=known.host, strikes=strikes, wait_until=until)


def next_ping(failures: int, now: datetime) -> datetime | None:
    """Return when to tell a hub again that failed so many times in a row, None for never.

    After one minute, two, four, up to six hours; the twelfth failure is the last. By then a day has passed, and its
    subscribers have looked for themselves.
    """
    if failures >= _MOST_PINGS:
        return None
    return now + min(timedelta(minutes=2 ** (failures - 1)), timedelta(hours=6))


def _updates(dates: Sequence[datetime]) -> list[datetime]:
    """Return the dates of updates, oldest first: entries that came together are one."""
    updates: list[datetime] = []
    for date in sorted(dates):
        if updates and date - updates[-1] < _ONE_UPDATE:
            updates[-1] = date
        else:
            updates.append(date)
    return updates


def _awaited(due: datetime, hints: Hints, now: datetime, latest: datetime) -> datetime:
    """Return the first time from `due` on at which all that is to be waited for has come."""
    for wait in (hints.fresh_for, hints.ttl):
        if wait is not None:
            due = max(due, now + min(wait, latest - now))
    if hints.period:
        due = max(due, _next_period(hints.period, hints.base, now, latest))
    return due


def _passed_over(due: datetime, hints: Hints, latest: datetime) -> datetime:
    """Return the first time from `due` on that is not to be skipped, if there is one up to `latest`."""
    while _skipped(due, hints) and due < latest:
        due = _next_hour(due)
    return due


def _unskipped_fire(expression: str, zone: str, since: datetime, hints: Hints, latest: datetime) -> datetime:
    """Return the first of a cron's times from `since` on that is not to be skipped; if all up to `latest`
    are, one of the last of these."""
    fire = _fires(expression, zone, since) or since
    while _skipped(fire, hints):
        later = _fires(expression, zone, _full_hour_after(fire))
        if later is None or later > latest:
            break
        fire = later
    return fire


def _next_period(period: timedelta, base: datetime | None, now: datetime, latest: datetime) -> datetime:
    """Return when a feed is next updated that says it is so every `period` from `base` on."""
    if period > latest - now:
        return latest
    if base is None:
        return now + period
    return now + period - (now - base) % period


def _skipped(moment: datetime, hints: Hints) -> bool:
    moment = utc(moment)
    return moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days


def _next_hour(moment: datetime) -> datetime:
    # The minutes stay, so that not every reader of the feed comes at the full hour.
    return moment + timedelta(hours=1)


def _full_hour_after(moment: datetime) -> datetime:
    return utc(moment).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _full_second(moment: datetime) -> datetime:
    """Return the first full second that is not before `moment`: no look is early, not even by a fraction."""
    return utc(moment).replace(microsecond=0) + timedelta(seconds=ceil(moment.microsecond / 1_000_000))


def _fires(expression: str, zone: str, since: datetime) -> datetime | None:
    return cast("datetime | None", cron_trigger(expression, zone).get_next_fire_time(None, since))


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
