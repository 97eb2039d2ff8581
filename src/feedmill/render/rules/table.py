"""Rules and what they find: a rule is a function in a table, its docstring says what it asks and where that is written.

This module must not know any format.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

__all__ = ["Finding", "Rule", "Severity", "Table"]

D = TypeVar("D")

Check = Callable[[D], Iterable[tuple[int, str]]]
"""Looks at a document and yields what is wrong with it: the line, from 1 on, and what it is."""


class Severity(StrEnum):
    """How bad it is to break a rule."""

    ERROR = "error"  # the format forbids it
    WARNING = "warning"  # readers stumble over it, or the format advises against it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a document breaks, in which line, and what to do about it."""

    rule: str
    severity: Severity
    line: int
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Rule(Generic[D]):
    """One rule; `explained` is its docstring in one line."""

    name: str
    severity: Severity
    hint: str
    explained: str
    check: Check[D]


class Table(Generic[D]):
    """The rules of one format, in the order in which they are looked at; those of `parts` to begin with."""

    def __init__(self, *parts: Table[D]) -> None:
        self.rules: list[Rule[D]] = [rule for part in parts for rule in part.rules]

    def error(self, hint: str) -> Callable[[Check[D]], Check[D]]:
        """Add the function below as a rule that nobody may break; `hint` says what to do."""
        return self._adding(Severity.ERROR, hint)

    def warning(self, hint: str) -> Callable[[Check[D]], Check[D]]:
        """Add the function below as a rule that is better not broken; `hint` says what to do."""
        return self._adding(Severity.WARNING, hint)

    def errors(self, document: D) -> Iterator[Finding]:
        """Yield the errors alone."""
        return self._found(document, [rule for rule in self.rules if rule.severity is Severity.ERROR])

    def findings(self, document: D) -> Iterator[Finding]:
        """Yield everything, rule by rule."""
        return self._found(document, self.rules)

    def _adding(self, severity: Severity, hint: str) -> Callable[[Check[D]], Check[D]]:
        def add(check: Check[D]) -> Check[D]:
            name = check.__name__.strip("_").replace("_", "-")
            explained = " ".join((inspect.getdoc(check) or "").split())
            self.rules.append(Rule(name, severity, hint, explained, check))
            return check

        return add

    def _found(self, document: D, rules: Iterable[Rule[D]]) -> Iterator[Finding]:
        for rule in rules:
            for line, what in rule.check(document):
                yield Finding(rule=rule.name, severity=rule.severity, line=line, what=what, hint=rule.hint)
