"""Reads a rendered document back with a parser of its own, to see that it is what it should be.

It must not know how documents are made: what it finds is compared with the entries alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

from lxml import etree

from feedmill.errors import CheckFailed
from feedmill.model import Entry
from feedmill.render._xml import Element, legal

__all__ = ["Document"]

_HINT = "The last good file stays. If the entry named is not at fault, this is a bug: please report it."


class Document:
    """A document that is being checked. Every method raises CheckFailed, naming the line."""

    def __init__(self, body: bytes, file_name: str) -> None:
        self._file_name = file_name
        # The entries' limits were applied when they were collected: a text of any length is right here.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        try:
            self.root: Element = etree.fromstring(body, parser)
        except etree.XMLSyntaxError as error:
            self._fail(f"it is not well-formed XML: {error.msg}", error.lineno)
        declared = self.root.getroottree().docinfo.internalDTD is not None
        self.insist(not declared, self.root, "it has a document type declaration, which feeds must not have")

    def insist(self, condition: bool, element: Element, what: str) -> None:  # noqa: FBT001
        """Fail with `what` unless `condition` holds; `element` is where."""
        if not condition:
            self._fail(what, element.sourceline)  # type: ignore[arg-type]  # its stub forgets int

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

    def rfc3339(self, parent: Element, tag: str) -> None:
        """See that the child named `tag` is a date with a zone (RFC 3339 section 5.6)."""
        self._date(parent, tag, datetime.fromisoformat)

    def rfc822(self, parent: Element, tag: str) -> None:
        """See that the child named `tag` is a date with a zone, in the notation of e-mail (RFC 5322 section 3.3)."""
        self._date(parent, tag, parsedate_to_datetime)

    def same_entries(self, found: Sequence[tuple[str, Element]], entries: Sequence[Entry]) -> None:
        """See that the ids found are those of `entries`, each once, in the same order."""
        seen: set[str] = set()
        for identity, element in found:
            self.insist(identity not in seen, element, f"the id {identity!r} stands in it twice")
            seen.add(identity)
        for (identity, element), entry in zip(found, entries, strict=False):
            expected = legal(entry.id)
            self.insist(identity == expected, element, f"the id {identity!r} stands where {expected!r} should")
        self.insist(len(found) == len(entries), self.root, f"it carries {len(found)} entries, not {len(entries)}")

    def _date(self, parent: Element, tag: str, parse: Callable[[str], datetime]) -> None:
        text = self.text(parent, tag)
        try:
            zone = parse(text).utcoffset()
        except ValueError:
            zone = None
        self.insist(zone is not None, self.child(parent, tag), f"{_name(tag)} is not a date with a zone: {text!r}")

    def _fail(self, what: str, line: int | None) -> NoReturn:
        raise CheckFailed(what, where=f"{self._file_name}, line {line or 1}", hint=_HINT)


def _name(element: Element | str) -> str:
    return f"<{etree.QName(element).localname}>"
