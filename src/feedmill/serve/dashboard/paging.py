"""Long lists in pages; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page", "page_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. `number` counts from 1; `first` and `last` are the places of what is `shown`."""

    shown: list[T]
    number: int
    pages: int
    total: int
    first: int
    last: int


def page_of(everything: Sequence[T], asked: str, size: int) -> Page[T]:
    """Return the page of that number as somebody wrote it; the nearest one if there is none of it."""
    pages = max(1, -(-len(everything) // size))
    number = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
    number = min(max(1, number), pages)
    start = (number - 1) * size
    shown = list(everything[start : start + size])
    return Page(shown, number, pages, len(everything), start + 1 if shown else 0, start + len(shown))
