"""An Atom document as its rules look at it.

This module must not know any rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from feedmill.render._xml import ATOM, Element
from feedmill.render.rules.tree import Node

__all__ = ["Atom"]

_PEOPLE = (ATOM + "author", ATOM + "contributor")


@dataclass(frozen=True, slots=True)
class Atom:
    """An Atom document: its root, its entries, the feeds they were taken from, and all people in it."""

    root: Node
    entries: list[Node]
    sources: list[Node] = field(default_factory=list)
    people: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, root: Element) -> Atom:
        """Index a feed document or an entry document."""
        top = Node.of(root)
        entries = [top] if root.tag == ATOM + "entry" else [Node.of(entry) for entry in top.all(ATOM + "entry")]
        sources = [Node.of(source) for entry in entries for source in entry.all(ATOM + "source")]
        holders = [*({id(node): node for node in (top, *entries)}.values()), *sources]
        people = [Node.of(person) for holder in holders for person in holder.all(*_PEOPLE)]
        return cls(top, entries, sources, people)

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed, not a single entry."""
        return self.root.element.tag == ATOM + "feed"

    def holders(self) -> Iterator[Node]:
        """Yield what carries metadata: the feed, its entries, the feeds that they were taken from."""
        if self.is_feed:
            yield self.root
        yield from self.entries
        yield from self.sources
