"""A part of a document: the field `Range`, by RFC 9110 section 14. Pure functions.

One part is answered; a request for several gets the whole document, as it may. This module must not know what is
served.
"""

from __future__ import annotations

import re

__all__ = ["UNSATISFIABLE", "requested"]

UNSATISFIABLE = range(0)
"""The document has no such part: 416."""

_ONE = re.compile(rb"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)
_MOST_DIGITS = 18


def requested(field: bytes, length: int) -> range | None:
    """Return the bytes that are asked for of a document of this `length`, None for all of it.

    That is also what a malformed field asks for, another unit than bytes, and more than one part (section 14.2).
    """
    found = _ONE.fullmatch(field.strip())
    if not found:
        return None
    first, last = found[1], found[2]
    if len(first) > _MOST_DIGITS or len(last) > _MOST_DIGITS or not (first or last):
        return None
    if not first:  # the last so many bytes
        many = int(last)
        return range(max(length - many, 0), length) if many and length else UNSATISFIABLE
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= length:
        return UNSATISFIABLE
    return range(start, min(int(last) + 1, length) if last else length)
