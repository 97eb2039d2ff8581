"""Addresses that feeds had elsewhere, and where they lead now. Pure.

This module must not know how a request is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from feedmill.model import FeedSpec
from feedmill.render import renderer

__all__ = ["Aliases"]


class Aliases:
    """The old addresses of these feeds; those of private ones lead nowhere."""

    def __init__(self, specs: Sequence[FeedSpec]) -> None:
        self._of_paths: dict[str, str] = {}
        self._of_queries: dict[tuple[str, str], str] = {}
        for spec in specs:
            for alias in spec.aliases if not spec.private else ():
                target = spec.base_url + renderer(_format(alias, spec.formats)).file_name
                path, _, query = alias.partition("?")
                if query:
                    self._of_queries[unquote(path), query] = target
                elif not _own(unquote(path), spec, target):
                    self._of_paths[unquote(path)] = target

    def of_query(self, path: str, query: str) -> str | None:
        """Return where an address with a query leads, None if it is no old one.

        Published files know no queries, so that this one is meant whatever is at the path.
        """
        return self._of_queries.get((path, query)) if self._of_queries else None

    def of_path(self, path: str) -> str | None:
        """Return where a path leads at which nothing is published, None if it is no old one."""
        return self._of_paths.get(path)


def _format(alias: str, formats: Sequence[str]) -> str:
    """Return the format that an old address most likely had."""
    lowered = alias.lower()
    for mark, name in (("atom", "atom"), ("json", "json")):
        if mark in lowered and name in formats:
            return name
    return "rss" if "rss" in formats else formats[0]


def _own(path: str, spec: FeedSpec, target: str) -> bool:
    """Whether the path is the document's own, which would lead to itself while it is not published."""
    public = unquote(urlsplit(target).path)
    return path in (public, "/" + public.removeprefix(unquote(urlsplit(spec.site.feeds_url).path)))
