"""Regular expressions on text from outside, with a time limit: neither a pattern nor a text can hang a run.

This module must not know what is matched, or what for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TypeVar

import regex

__all__ = ["Patterns"]

LONGEST_MATCH = 0.5  # seconds for one pattern on one text
LONGEST_LOOK = 2.0  # seconds beyond the usual that one pattern gets in a look, before it rests until the next one
_USUAL = 0.001  # seconds
_MOST_ADDED = 1024 * 1024  # characters by which replacing may lengthen a text

T = TypeVar("T")


class _TooLong(Exception):
    """The text would grow beyond reason."""


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: int) -> regex.Pattern[str]:
    return regex.compile(pattern, flags)


def _within(search: Callable[..., object], text: str, limit: float) -> object:
    return search(text, timeout=limit)


class Patterns:
    """Matches and replaces during one look. `report` is told once of each pattern that took too long."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._spent: dict[str, float] = {}
        self._reported: set[str] = set()

    def found(self, pattern: str, *texts: str) -> bool:
        """Return whether `pattern` matches anywhere in one of the texts, in capital or small letters.

        One that takes too long counts as no match.
        """
        search = _compiled(pattern, regex.IGNORECASE).search
        return any(self._timed(pattern, partial(_within, search, text)) for text in texts)

    def replaced(self, pattern: str, template: str, texts: Sequence[str]) -> list[str]:
        """Return `texts` with `template` in the place of every match; as they were, where that takes too long."""
        room = sum(map(len, texts)) + _MOST_ADDED

        def put(match: regex.Match[str]) -> str:
            nonlocal room
            groups = max((len(group) for group in match.groups() if group), default=0)
            if "\\" in template and len(template) * max(len(match[0]), groups) > 16 * _MOST_ADDED:
                raise _TooLong
            new: str = match.expand(template) if "\\" in template else template
            room -= len(new)
            if room < 0:
                raise _TooLong
            return new

        sub = _compiled(pattern, 0).sub

        def work(limit: float) -> list[str]:
            end, changed = time.monotonic() + limit, []
            for text in texts:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                changed.append(sub(put, text, timeout=left))
            return changed

        changed = self._timed(pattern, work)
        return list(texts) if changed is None else changed

    def _timed(self, pattern: str, work: Callable[[float], T | None]) -> T | None:
        """Do it within the time that the pattern has left; None where that is too little."""
        left = min(LONGEST_MATCH, LONGEST_LOOK - self._spent.get(pattern, 0.0))
        if left <= 0:
            return None
        started = time.monotonic()
        try:
            return work(left)
        except TimeoutError:
            self._once(pattern, "takes too long on some text, which stays as it is; make it simpler")
        except MemoryError:
            self._once(pattern, "needs too much memory on some text, which stays as it is; make it simpler")
        except _TooLong:
            self._once(pattern, "would make some text far longer, which stays as it is; check its replacement")
        finally:
            extra = time.monotonic() - started - _USUAL
            if extra > 0:
                self._spent[pattern] = self._spent.get(pattern, 0.0) + extra
        return None

    def _once(self, pattern: str, what: str) -> None:
        if pattern not in self._reported:
            self._reported.add(pattern)
            self._report(f"the pattern {pattern[:80]!r} {what}")
