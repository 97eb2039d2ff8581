"""Aware UTC in, aware UTC out: the one place that decides what a time is.

Naive times are refused. This module must not know where a time comes from.
"""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["iso", "now", "utc", "whole_seconds"]


def utc(moment: datetime) -> datetime:
    """Return `moment` in UTC.

    Raises:
        ValueError: `moment` is naive; a time without a zone is a guess.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"a time without a zone was given: {moment!r}")
    return moment.astimezone(UTC)


def whole_seconds(moment: datetime) -> datetime:
    """Return `moment` in UTC without its fraction: the precision that RSS can carry (RFC 5322 section 3.3)."""
    return utc(moment).replace(microsecond=0)


def now() -> datetime:
    """Return the present, aware UTC. Only the rim calls it; everything else takes `now` as an argument."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return `moment` as RFC 3339 in UTC with whole seconds: `2026-11-02T07:00:00Z`."""
    return whole_seconds(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
