"""An XML document as the rules look at it: parsed without touching the network, and indexed by tag.

This module must not know any format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.render._xml import Element

__all__ = ["Node", "label", "parse"]


def parse(body: bytes) -> Element:
    """Return the root of a document.

    Raises:
        NormalizeError: it is not well-formed; `where` is the number of the line.
    """
    # A text of any length is right: whoever brought the bytes has limited them.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NormalizeError(f"it is not well-formed XML: {error.msg}", where=str(error.lineno or 1)) from error


@dataclass(frozen=True, slots=True)
class Node:
    """An element with its children by tag, in Clark notation; comments and the like are left out."""

    element: Element
    children: dict[str, list[Element]] = field(default_factory=dict)

    @classmethod
    def of(cls, element: Element) -> Node:
        """Index an element."""
        node = cls(element)
        for child in element:
            if isinstance(child.tag, str):
                node.children.setdefault(child.tag, []).append(child)
        return node

    @property
    def line(self) -> int:
        """Where it begins."""
        return line(self.element)

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the children that have one of these tags."""
        for tag in tags:
            yield from self.children.get(tag, ())

    def text(self, tag: str) -> str | None:
        """Return the stripped text of the first child with that tag; None if there is none."""
        return text(self.children[tag][0]) if tag in self.children else None


def line(element: Element) -> int:
    """Return the line in which an element begins."""
    found: int | None = element.sourceline  # type: ignore[assignment]  # its stub forgets int
    return found or 1


def text(element: Element) -> str:
    """Return the stripped text of an element and all that is in it."""
    return "".join(map(str, element.itertext())).strip() if len(element) else (element.text or "").strip()


def label(element: Element | str) -> str:
    """Return a tag as people write it, without its namespace."""
    return f"<{etree.QName(element).localname}>"
