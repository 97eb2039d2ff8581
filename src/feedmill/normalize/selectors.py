"""CSS selectors on markup from outside, in linear time: what they select is removed.

cssselect reads a selector. It is not made XPath, which takes cubic time on markup that is made for that: here each
element is judged once, when it opens, and remembers what its ancestors and the elements before it have matched. This
module must not know why something is removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, TypeAlias

from cssselect import parse
from cssselect.parser import (
    Attrib,
    Class,
    CombinedSelector,
    Element,
    Function,
    Hash,
    Matching,
    Negation,
    SpecificityAdjustment,
    parse_series,
)

from feedmill.normalize.markup import Listener, listen

__all__ = ["without"]

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_AROUND = frozenset(("html", "body"))  # the parser adds them to a fragment
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:.-]*")


def without(html: str, selectors: Sequence[str]) -> str:
    """Return `html`, not yet sanitized, without the elements that one of the CSS `selectors` selects.

    Where none does it comes back as it is. Selectors are those that `feedmill.config.selectors.removable` accepts.
    """
    if not selectors or not html:
        return html
    remover = _Remover(_rules(tuple(selectors)))
    listen(html, remover)
    return "".join(remover.parts) if remover.removed else html


@dataclass(slots=True)
class _Here:
    """An open element: what it is, and which left sides of combinators fit it and its surroundings."""

    tag: str
    attributes: Mapping[str, str]
    place: int = 1  # among its parent's elements
    fits: tuple[bool, ...] = ()
    above: tuple[bool, ...] = ()  # fits any ancestor
    parent: tuple[bool, ...] = ()  # fits the parent
    before: tuple[bool, ...] = ()  # fits any earlier sibling
    previous: tuple[bool, ...] = ()  # fits the sibling just before
    last: _Here | None = None  # the newest element in it
    children: int = 0


_Test: TypeAlias = Callable[[_Here], bool]


@dataclass(frozen=True, slots=True)
class _Rules:
    """Compiled selectors; `lefts` are the left sides of their combinators, inner ones first."""

    lefts: tuple[_Test, ...]
    selected: tuple[_Test, ...]


@lru_cache(maxsize=256)
def _rules(selectors: tuple[str, ...]) -> _Rules:
    lefts: list[_Test] = []
    selected = [_test(one.parsed_tree, lefts) for selector in selectors for one in parse(selector)]
    return _Rules(tuple(lefts), tuple(selected))


def _test(tree: Any, lefts: list[_Test]) -> _Test:
    """Compile one part of a selector; what is on the left of a combinator is added to `lefts`."""
    if isinstance(tree, Element):
        name = (tree.element or "").lower()
        return lambda here: not name or here.tag == name
    inner = _test(tree.selector, lefts)
    if isinstance(tree, CombinedSelector):
        right, number = _test(tree.subselector, lefts), len(lefts)
        lefts.append(inner)
        where = {" ": "above", ">": "parent", "~": "before", "+": "previous"}[tree.combinator]
        return lambda here: right(here) and getattr(here, where)[number]
    if isinstance(tree, Negation):
        unwanted = _test(tree.subselector, lefts)
        return lambda here: inner(here) and not unwanted(here)
    if isinstance(tree, Matching | SpecificityAdjustment):
        choices = [_test(one, lefts) for one in tree.selector_list]
        return lambda here: inner(here) and any(choice(here) for choice in choices)
    own = _own(tree)
    return lambda here: inner(here) and own(here)


def _own(tree: Any) -> _Test:
    """Compile a condition on an element by itself."""
    if isinstance(tree, Class):
        return lambda here: tree.class_name in here.attributes.get("class", "").split()
    if isinstance(tree, Hash):
        return lambda here: here.attributes.get("id") == tree.id
    if isinstance(tree, Attrib):
        return _attribute(tree)
    if isinstance(tree, Function):
        step, start = parse_series(tree.arguments)
        return lambda here: _in_series(here.place, step, start)
    return lambda here: here.place == 1  # :first-child


def _in_series(place: int, step: int, start: int) -> bool:
    if step == 0:
        return place == start
    return (place - start) % step == 0 and (place - start) // step >= 0


def _attribute(tree: Attrib) -> _Test:
    name, operator = tree.attrib.lower(), tree.operator
    if operator == "exists":
        return lambda here: name in here.attributes
    fold = str.lower if tree.flag == "i" else str
    wanted = fold(str(tree.value.value)) if tree.value is not None else ""
    compare = _OPERATORS[operator]

    def test(here: _Here) -> bool:
        if name not in here.attributes:
            return operator == "!="
        return compare(fold(here.attributes[name]), wanted)

    return test


# https://www.w3.org/TR/selectors-4/#attribute-representation: an empty string is no part of anything
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda has, wanted: has == wanted,
    "!=": lambda has, wanted: has != wanted,
    "~=": lambda has, wanted: wanted in has.split(),
    "|=": lambda has, wanted: has == wanted or has.startswith(f"{wanted}-"),
    "^=": lambda has, wanted: bool(wanted) and has.startswith(wanted),
    "$=": lambda has, wanted: bool(wanted) and has.endswith(wanted),
    "*=": lambda has, wanted: bool(wanted) and wanted in has,
}


def _either(one: tuple[bool, ...], other: tuple[bool, ...]) -> tuple[bool, ...]:
    return tuple(a or b for a, b in zip(one, other, strict=True))


class _Remover(Listener):
    """Writes down what it hears, but for what is selected."""

    def __init__(self, rules: _Rules) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.removed = False
        self._rules = rules
        self._nothing = (False,) * len(rules.lefts)
        outside = _Here("", {}, fits=self._nothing, above=self._nothing)
        self._open = [outside]
        self._inside_removed = 0

    def opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        here = self._place(tag, {name: value or "" for name, value in attributes.items()})
        self._open.append(here)
        if tag in _AROUND:
            return
        if self._inside_removed or any(selected(here) for selected in self._rules.selected):
            self.removed = True
            self._inside_removed += 1
        elif _NAME.fullmatch(tag):
            said = (f' {name}="{escape(value)}"' for name, value in here.attributes.items() if _NAME.fullmatch(name))
            self.parts.append(f"<{tag}{''.join(said)}>")

    def closed(self, tag: str) -> None:
        self._open.pop()
        if tag in _AROUND:
            return
        if self._inside_removed:
            self._inside_removed -= 1
        elif tag not in _VOID and _NAME.fullmatch(tag):
            self.parts.append(f"</{tag}>")

    def text(self, text: str) -> None:
        if not self._inside_removed:
            self.parts.append(escape(text, quote=False))

    def _place(self, tag: str, attributes: Mapping[str, str]) -> _Here:
        parent = self._open[-1]
        parent.children += 1
        if not self._rules.lefts:
            return _Here(tag, attributes, place=parent.children)
        here = _Here(tag, attributes, place=parent.children)
        here.parent, here.above = parent.fits, _either(parent.above, parent.fits)
        here.previous = here.before = self._nothing
        if parent.last is not None:
            here.previous = parent.last.fits
            here.before = _either(parent.last.before, parent.last.fits)
        parent.last = here
        for left in self._rules.lefts:
            # A left side may itself ask for those on its left, which come before it.
            here.fits += (left(here),)
        here.last = None
        return here
