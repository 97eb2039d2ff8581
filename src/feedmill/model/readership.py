"""What the visits of feed readers add up to.

This module must not know how readers are told apart, nor where the sums are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Readership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readership:
    """How one program read one feed on one day.

    `kind` says what the program is (`feedmill.audience.readers.Kind`). `unconditional` requests did not name what the
    client has, `not_modified` were answered by 304, `deltas` by 226. `said` are the numbers of subscribers that it
    declared, by what each is about, and `seen` stands for the distinct clients: both are kept for the length of the day
    alone, and are None once it is over. No address is in any of it.
    """

    feed: str
    reader: str
    kind: str
    subscribers: int = 0
    requests: int = 0
    unconditional: int = 0
    not_modified: int = 0
    deltas: int = 0
    sent: int = 0
    saved: int = 0
    said: Mapping[str, int] | None = None
    seen: bytes | None = None
