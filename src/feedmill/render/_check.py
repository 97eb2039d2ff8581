"""Reads a rendered document back with a parser of its own, to see that it is what it should be.

It must not know how documents are made: what it finds is held against the rules of the format, and compared with the
entries alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, TypeVar

from lxml import etree

from feedmill.errors import CheckFailed, NormalizeError
from feedmill.model import Entry
from feedmill.render._xml import Element, legal
from feedmill.render.rules import tree
from feedmill.render.rules.table import Table

__all__ = ["Document", "failed", "odd_one"]

_HINT = "The last good file stays. If the entry named is not at fault, this is a bug: please report it."

D = TypeVar("D")
P = TypeVar("P")


class Document:
    """A document that is being checked. Every method raises CheckFailed, naming the line."""

    def __init__(self, body: bytes, file_name: str) -> None:
        self._file_name = file_name
        try:
            self.root: Element = tree.parse(body)
        except NormalizeError as error:
            self._fail(error.what, int(error.where))
        declared = self.root.getroottree().docinfo.internalDTD is not None
        self.insist(not declared, self.root, "it has a document type declaration, which feeds must not have")

    def obey(self, rules: Table[D], view: D) -> None:
        """See that the document, as `view` shows it, breaks none of the rules that no document may break."""
        for finding in rules.errors(view):
            self._fail(finding.what, finding.line)

    def insist(self, condition: bool, element: Element, what: str) -> None:  # noqa: FBT001
        """Fail with `what` unless `condition` holds; `element` is where."""
        if not condition:
            self._fail(what, tree.line(element))

    def child(self, parent: Element, tag: str) -> Element:
        """Return the one child named `tag`."""
        children = parent.findall(tag)
        self.insist(len(children) == 1, parent, f"{_name(parent)} has {len(children)} {_name(tag)}, not one")
        return children[0]

    def text(self, parent: Element, tag: str) -> str:
        """Return the text of the one child named `tag`, which must not be blank."""
        child = self.child(parent, tag)
        text = child.text or ""
        self.insist(bool(text.strip()), child, f"{_name(child)} is blank")
        return text

    def same_entries(self, found: Sequence[tuple[str, Element]], entries: Sequence[Entry]) -> None:
        """See that the ids found are those of `entries`, each once, in the same order."""
        if odd := odd_one(found, entries):
            what, element = odd
            self._fail(what, tree.line(self.root if element is None else element))

    def _fail(self, what: str, line: int) -> NoReturn:
        raise failed(what, self._file_name, line)


def odd_one(found: Sequence[tuple[str, P]], entries: Sequence[Entry]) -> tuple[str, P | None] | None:
    """Return what is wrong with ids that stand in a document, and where, None for the whole of it; None if they are
    those of `entries`, each once, in the same order."""
    seen: set[str] = set()
    for identity, place in found:
        if identity in seen:
            return f"the id {identity!r} stands in it twice", place
        seen.add(identity)
    for (identity, place), entry in zip(found, entries, strict=False):
        expected = legal(entry.id)
        if identity != expected:
            return f"the id {identity!r} stands where {expected!r} should", place
    if len(found) != len(entries):
        return f"it carries {len(found)} entries, not {len(entries)}", None
    return None


def failed(what: str, file_name: str, line: int) -> CheckFailed:
    """Return the error that a document of ours breaks a rule in that line."""
    return CheckFailed(what, where=f"{file_name}, line {line}", hint=_HINT)


def _name(element: Element | str) -> str:
    return f"<{etree.QName(element).localname}>"
