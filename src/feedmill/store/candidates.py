"""What a feed can be selected from, as `Store.candidates` opens it.

This module must not know how a feed is selected, nor any query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from feedmill.model import Entry
from feedmill.store.carried import Carried
from feedmill.store.choice import Key, Page

__all__ = ["Candidates"]


class Candidates:
    """What a feed can be selected from.

    `pages` yields entries in the feed's order, read as they are asked for, with those that tell the same; `published`
    names source and id of all that the feed ever carried.
    """

    def __init__(self, pages: Iterator[Page], published: Carried, beside: Callable[[Entry], Page]) -> None:
        self._pages = pages
        self._beside = beside
        self._published = published

    @property
    def published(self) -> AbstractSet[Key]:
        """Source and id of all that the feed ever carried."""
        return self._published

    @property
    def pages(self) -> Iterator[tuple[list[Entry], list[list[Entry]]]]:
        """Some entries at a time, each time with the groups of those that have a story, or an id, in common with
        another source."""
        for page in self._pages:
            self._published.learn(page.read, page.carried)
            yield page.entries, page.rivals

    def rivals_of(self, entry: Entry) -> list[list[Entry]]:
        """Return the groups that an entry is in."""
        page = self._beside(entry)
        self._published.learn(page.read, page.carried)
        return page.rivals

    @property
    def stream(self) -> Iterator[Entry]:
        """The entries alone."""
        return (entry for entries, _ in self.pages for entry in entries)

    @property
    def rivals(self) -> list[list[Entry]]:
        """The groups alone, of all pages."""
        return [group for _, rivals in self.pages for group in rivals]
