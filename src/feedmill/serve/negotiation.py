"""Which content coding a client gets: RFC 9110 section 12.5.3. Pure functions.

This module must not know how a coding is made.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

__all__ = ["CODINGS", "IDENTITY", "accepted", "choose", "qualities"]

IDENTITY = "identity"
CODINGS = ("br", "zstd", "gzip", IDENTITY)
"""In the order in which they are preferred where a client does not mind."""

_MEMBER = re.compile(r"\s*([!#$%&'*+.^_`|~\w-]+)\s*((?:;[^,]*)?)", re.ASCII)
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=1024)
def accepted(field: str | None) -> tuple[str, ...]:
    """Return the codings that a client takes, by its `Accept-Encoding`, the best one first; without the field, none
    but identity, which everybody reads.
    """
    if field is None:
        return (IDENTITY,)
    weights = qualities(field)
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    # RFC 9110 section 12.5.3, rule 2: identity is acceptable unless it is excluded by name or by "*;q=0".
    if IDENTITY not in weights:
        weights[IDENTITY] = 0.0005 if weights.get("*") != 0.0 else 0.0
    others = weights.get("*", 0.0)
    found = [(weights.get(coding, others), -rank, coding) for rank, coding in enumerate(CODINGS)]
    return tuple(coding for weight, _, coding in sorted(found, reverse=True) if weight > 0)


def choose(field: str | None, available: Collection[str]) -> str | None:
    """Return the best of the `available` codings that the client takes, None if it takes none of them."""
    return next((coding for coding in accepted(field) if coding in available), None)


def qualities(field: str) -> dict[str, float]:
    """Return the members of a list with weights (RFC 9110 section 12.4.2), in small letters; what is malformed is
    passed over, and a weight that is counts as 1.
    """
    found: dict[str, float] = {}
    for part in field.split(","):
        member = _MEMBER.fullmatch(part.rstrip())
        if not member:
            continue
        weight = _WEIGHT.search(member[2])
        found[member[1].lower()] = min(float(weight[1]), 1.0) if weight else 1.0
    return found
