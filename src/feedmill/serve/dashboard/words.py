"""How numbers, sizes and times are written on the pages.

This module must not know what they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from feedmill.times import iso

__all__ = ["FILTERS", "ago", "date_and_time", "many", "size", "span"]

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_SIZES = ("kB", "MB", "GB", "TB")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def many(number: int, one: str, several: str | None = None) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = abs(int(length.total_seconds()))
    for unit, name in _UNITS:
        if seconds >= unit:
            return many(seconds // unit, name)
    return "less than a minute"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, or how far ahead it is."""
    if abs(now - moment) < timedelta(seconds=30):
        return "just now"
    return f"{span(now - moment)} ago" if moment < now else f"in {span(moment - now)}"


def date_and_time(moment: datetime, timezone: str) -> str:
    """Return a moment as the clocks of a time zone show it."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def size(number: float) -> str:
    """Return a number of bytes in a unit of SI that suits it."""
    if number < 1000:
        return f"{number:.0f} B"
    for unit in _SIZES:
        number /= 1000
        if number < 999.5 or unit == _SIZES[-1]:
            return f"{number:.1f} {unit}" if number < 9.95 else f"{number:,.0f} {unit}"
    raise AssertionError


@pass_context
def _when(context: Context, moment: datetime | None) -> str | Markup:
    """How long ago, with the moment itself for whoever points at it."""
    if moment is None:
        return "never"
    exact = date_and_time(moment, context["site"].timezone)
    told = ago(moment, context["now"])
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(moment), exact, told)


@pass_context
def _exactly(context: Context, moment: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(iso(moment), date_and_time(moment, context["site"].timezone))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _seconds(number: float) -> str:
    return f"{1000 * number:.0f} ms" if number < 0.995 else f"{number:,.1f} s"


def _told(text: str | None) -> Markup:
    """What is between two backticks is a command: it is set as one."""
    pieces = (text or "").split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>").format(one) if at % 2 else escape(one) for at, one in enumerate(pieces)
    )


FILTERS: Mapping[str, Callable[..., Any]] = {
    "when": _when,
    "exactly": _exactly,
    "size": size,
    "many": many,
    "percent": _percent,
    "span": span,
    "seconds": _seconds,
    "told": _told,
}
"""For templates; `when` and `exactly` need `now` and `site` in the context."""
