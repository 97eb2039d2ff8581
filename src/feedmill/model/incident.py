"""What is wrong with a site, and what its operator is told of it.

This module must not know who is told, or how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Delivery", "Incident", "Notice", "Trouble"]


class Trouble(StrEnum):
    """What can be wrong."""

    FAILING = "failing"  # a source could not be collected, several times in a row
    GONE = "gone"  # its server says that it is no more: it is not asked again
    SILENT = "silent"  # a source brings nothing for unusually long
    HELD = "held"  # a feed is not published without somebody's word
    UNPUBLISHED = "unpublished"  # a feed could not be published


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that is wrong: `subject` is `source NAME` or `feed NAME`, `message` says what it is, and what to do."""

    subject: str
    kind: Trouble
    message: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What there is to tell of an incident: that it began, or that it is `over`. `number` counts all notices of a site,
    from 1 on."""

    number: int
    subject: str
    kind: Trouble
    over: bool
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice that is still to go out by `channel`, after `failures` in a row."""

    channel: str
    notice: Notice
    due: datetime
    failures: int = 0
    error: str | None = None
