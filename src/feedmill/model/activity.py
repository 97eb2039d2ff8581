"""What was done and what it came to, in numbers: looks at sources, and runs.

This module must not know how any of it is stored or shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Run", "Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Looks at a source, or at several, in numbers.

    Of the `looks` that were made `not_modified` were answered by a 304 (RFC 9110 section 15.4.5), and `failed` failed.
    `received` is how many bytes of bodies came over the network, packed as they were; `new` how many entries they
    brought that nobody knew.
    """

    looks: int = 0
    not_modified: int = 0
    failed: int = 0
    received: int = 0
    new: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.looks + other.looks,
            self.not_modified + other.not_modified,
            self.failed + other.failed,
            self.received + other.received,
            self.new + other.new,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that ended. `number` counts them, from 1 on; it is 0 before it is recorded. `seconds` is how long it took.

    `sources` and `feeds` say how many of them ended how, by the name of the status, `held` how many of the feeds that
    failed are held. `new`, `changed` and `withdrawn` are entries. `errors` are the first messages, by the name of
    the source or feed.
    """

    began: datetime
    seconds: float
    number: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    feeds: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    errors: tuple[tuple[str, str], ...] = ()
