"""Which feed a request was for, by its path: where documents are reachable, and were once.

This module must not know who asks.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from feedmill.model import FeedSpec
from feedmill.pipeline.publishing import paths
from feedmill.render import renderer

__all__ = ["Addresses"]

_PRIVATE = "private"


class Addresses:
    """The paths of the documents that programs subscribe to, on a host where `feeds_url` is the published folder.

    Pages for people, lists of feeds and archive documents are none of these. Below `private/` and a token are the
    documents of private feeds.
    """

    def __init__(self, specs: Collection[FeedSpec], feeds_url: str) -> None:
        self._folder = unquote(urlsplit(feeds_url).path)
        self._public: dict[str, str] = {}
        self._private: dict[str, str] = {}
        for spec in specs:
            into = self._private if spec.private else self._public
            for form, path in zip(spec.formats, paths(spec), strict=True):
                if renderer(form).archives:
                    into[path] = spec.name
        self._aliases = {unquote(alias): spec.name for spec in specs for alias in spec.aliases}

    def feed_at(self, path: str) -> str | None:
        """Return the name of the feed that has a document at `path` (decoded, with its query if it has one)."""
        if (alias := self._aliases.get(path)) is not None:
            return alias
        path = path.partition("?")[0]
        if path in self._aliases:
            return self._aliases[path]
        if not path.startswith(self._folder):
            return None
        within = path.removeprefix(self._folder)
        first, _, rest = within.partition("/")
        if first == _PRIVATE:
            return self._private.get(rest.partition("/")[2])
        return self._public.get(within)
