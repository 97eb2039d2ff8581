"""Who reads the feeds, by feed and day: what was counted, as the pages show it; pure.

This module must not know how readers were counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from feedmill.model import Readership

__all__ = ["by_feed", "of_last_day", "subscribers"]


def by_feed(days: Iterable[tuple[str, Readership]]) -> dict[str, dict[date, list[Readership]]]:
    """Return what was counted, by feed and day, the programs with most subscribers first."""
    found: dict[str, dict[date, list[Readership]]] = {}
    for day, one in days:
        found.setdefault(one.feed, {}).setdefault(date.fromisoformat(day), []).append(one)
    for of_feed in found.values():
        for programs in of_feed.values():
            programs.sort(key=lambda one: (-one.subscribers, -one.requests, one.reader))
    return found


def subscribers(days: Mapping[date, Iterable[Readership]]) -> dict[date, int]:
    """Return how many subscribers there were on each day."""
    return {day: sum(one.subscribers for one in programs) for day, programs in days.items()}


def of_last_day(days: Mapping[date, list[Readership]]) -> tuple[date, list[Readership]] | None:
    """Return the last day that was counted, with its programs."""
    return max(days.items(), key=lambda item: item[0]) if days else None
