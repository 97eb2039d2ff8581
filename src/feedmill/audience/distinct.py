"""How many different digests there were, in memory that does not grow with them.

The smallest digests are kept (k minimum values: Bar-Yossef and others, "Counting distinct elements in a data stream",
2002): up to 4096 the number is exact, beyond that an estimate that is off by about 1.6 percent. Two of these can be put
together. This module must not know what a digest is of.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest

__all__ = ["KEPT", "Distinct"]

KEPT = 4096
"""How many digests are kept, at eight bytes each."""

_SPACE = 2**64


class Distinct:
    """The distinct ones of many digests (whole numbers below 2**64, evenly spread)."""

    def __init__(self, digests: Iterable[int] = ()) -> None:
        self._smallest = set(digests)
        self._trim()

    @classmethod
    def unpack(cls, packed: bytes) -> Distinct:
        """Return what `pack` packed."""
        return cls(int.from_bytes(packed[at : at + 8]) for at in range(0, len(packed) - 7, 8))

    def pack(self) -> bytes:
        """Return it as bytes: eight for each digest that is kept, always the same for the same digests."""
        self._trim()
        return b"".join(digest.to_bytes(8) for digest in sorted(self._smallest))

    def add(self, digest: int) -> None:
        """Count a digest."""
        self._smallest.add(digest)
        if len(self._smallest) >= 2 * KEPT:
            self._trim()

    def join(self, other: Distinct) -> None:
        """Count all digests that another has counted."""
        self._smallest |= other._smallest  # of its own class
        self._trim()

    def __len__(self) -> int:
        """How many different digests there were."""
        self._trim()
        if len(self._smallest) < KEPT:
            return len(self._smallest)
        return round((KEPT - 1) * _SPACE / (max(self._smallest) + 1))

    def _trim(self) -> None:
        if len(self._smallest) > KEPT:
            self._smallest = set(nsmallest(KEPT, self._smallest))
