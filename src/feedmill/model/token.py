"""The right of one reader to read one private feed.

This module must not know the token that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of `reader` for `feed`; once `revoked` it is good no more."""

    feed: str
    reader: str
    created: datetime
    revoked: datetime | None = None
