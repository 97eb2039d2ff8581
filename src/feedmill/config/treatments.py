"""How the treatment of a source's entries is written: patterns that are matched with a time limit, and replacements.

This module must not know what is treated.
"""

# ruff: noqa: TRY004 - ValueError, and no other, is what pydantic collects

from __future__ import annotations

import re

from feedmill.config.values import expression, shown, text, type_name

__all__ = ["pattern", "template", "unfit"]

_LONGEST = 1000  # characters


def pattern(value: object) -> str:
    """A regular expression in Python's notation that the library with the time limit understands too."""
    written = expression(value)
    if len(written) > _LONGEST:
        raise ValueError(f"must not be longer than {_LONGEST} characters")
    import regex  # a configuration without patterns does without

    try:
        regex.compile(written)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(f"must be a regular expression: {error} in {shown(written)}") from None
    return written


def template(value: object) -> str:
    """What stands in the place of a match; it may be empty."""
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes, not {type_name(value)}")
    if value.strip():
        text(value)
    if len(value) > _LONGEST:
        raise ValueError(f"must not be longer than {_LONGEST} characters")
    return value


def unfit(written: str, replacement: str) -> str | None:
    """Return what is wrong with a replacement for a pattern, None if it fits: it may name groups that do not exist."""
    import regex

    try:
        re.compile(written).sub(replacement, "")
        match = regex.search(f"(?:{written})?", "")
        if match is not None:
            match.expand(replacement)
    except (re.error, regex.error, IndexError) as error:
        return str(error)
    return None
