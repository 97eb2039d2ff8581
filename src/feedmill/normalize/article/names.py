"""The names of article files, taken apart as pathlib does it, without a Path: there are many of them.

This module must not know what a suffix means.
"""

from __future__ import annotations

__all__ = ["stem_and_suffix"]


def stem_and_suffix(name: str) -> tuple[str, str]:
    """Return a path (with forward slashes) without the suffix of its last part, and that suffix with its dot."""
    dot = name.rfind(".")
    first = name.rfind("/") + 1
    # A dot at the beginning or the end begins no suffix.
    return (name[:dot], name[dot:]) if first < dot < len(name) - 1 else (name, "")
