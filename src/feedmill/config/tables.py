"""How rules between keys read what TOML gave, before it is known to be right: what is wrong in itself is passed over.

This module must not know any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

__all__ = ["Table", "good", "names", "table", "tables"]

Table: TypeAlias = Mapping[str, Any]
T = TypeVar("T")


def table(data: Table, name: str) -> Table:
    """Return the table called `name`, an empty one if there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def tables(data: Table, name: str) -> Iterator[tuple[int, Table]]:
    """Yield each table of the array called `name`, with its place in it."""
    array = data.get(name)
    for index, found in enumerate(array if isinstance(array, list) else ()):
        if isinstance(found, dict):
            yield index, found


def names(data: Table, array: str) -> Iterator[tuple[int, str]]:
    """Yield the `name` of each table of an array that has one, with the table's place."""
    for index, found in tables(data, array):
        if isinstance(name := found.get("name"), str):
            yield index, name


def good(rule: Callable[[object], T], value: object) -> T | None:
    """Return what a rule makes of a value, None where the value is wrong in itself."""
    try:
        return rule(value)
    except ValueError:
        return None
