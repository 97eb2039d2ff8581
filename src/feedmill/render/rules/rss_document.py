"""An RSS document as its rules look at it.

This module must not know any rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from feedmill.render._xml import Element
from feedmill.render.rules.tree import Node

__all__ = ["ITEM", "Rss"]

ITEM = frozenset({
    "title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source",
})  # fmt: skip
"""The elements that an item may have."""


@dataclass(frozen=True, slots=True)
class Rss:
    """An RSS document: its root, its channel, its items, and the parts that have parts themselves."""

    root: Node
    channel: Node
    items: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, root: Element) -> Rss:
        """Index a document; one without a channel gets an empty one."""
        found = root.find("channel")
        channel = Node.of(root if found is None else found)
        # Version 0.90 and lost ends of tags leave items beside the channel.
        items = [Node.of(item) for item in (*channel.all("item"), *(root.findall("item") if found is not None else ()))]
        parts = [Node.of(part) for part in channel.all("image", "textInput", "skipHours", "skipDays")]
        return cls(Node.of(root), channel, items, parts)

    def everything(self) -> Iterator[Node]:
        """Yield all that has parts, the root first."""
        yield self.root
        if self.channel.element is not self.root.element:
            yield self.channel
        yield from self.parts
        yield from self.items
