"""The outside world -> Fetched: one module a kind of source, and one registry.

Nothing here knows what the bytes mean or where they are kept. Third parties add a kind by an entry point of the
group `feedmill.collectors` that names a `Collector`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TypeAlias, cast

from feedmill.errors import CollectError
from feedmill.model import Fetched, Source, Validators

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient

__all__ = ["Collector", "Tools", "collector"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a collector works with: what the last look left, the time, and the way to the network.

    `http` is called for the client, so that a site of folders alone never sets one up. `address` is where the source is
    asked, if not at its own.
    """

    now: datetime
    http: Callable[[], HttpClient]
    address: str | None = None
    validators: Validators = field(default_factory=Validators)
    stamps: Mapping[str, str] = field(default_factory=dict)


Collector: TypeAlias = Callable[[Source, Tools], Fetched]
"""Looks at a source once. Raises CollectError if it could not be had at all."""


def collector(kind: str) -> Collector:
    """Return the collector of a kind: one that comes with Feedmill, else one that an installed package adds.

    Raises:
        CollectError: there is none.
    """
    if kind in _BUILT_IN:
        return _BUILT_IN[kind]
    for point in entry_points(group="feedmill.collectors", name=kind):
        return cast("Collector", point.load())
    raise CollectError(
        f"nothing here collects sources of kind {kind!r}",
        hint="Install the package that adds it, or correct `kind`.",
    )


def _files(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import files

    return files.collect(source, tools.stamps)


def _feed(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import feed

    return feed.collect(source, tools.validators, tools.http(), tools.now, address=tools.address)


def _page(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import webpage

    return webpage.collect(source, tools.validators, tools.stamps, tools.http(), tools.now, address=tools.address)


def _media(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import media

    return media.collect(source, tools.stamps)


def _mail(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import mail

    return mail.collect(source, tools.stamps, tools.http)


def _opml(source: Source, tools: Tools) -> Fetched:
    from feedmill.collect import opml

    return opml.collect(source, tools.validators, tools.stamps, tools.http, tools.now, address=tools.address)


_BUILT_IN: dict[str, Collector] = {
    "files": _files,
    "feed": _feed,
    "opml": _opml,
    "page": _page,
    "media": _media,
    "mail": _mail,
}
