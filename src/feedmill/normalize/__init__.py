"""Fetched -> Draft: what every kind of source means, as pure functions and one registry.

No I/O and no clock here: bytes come in with a look, `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import TypeAlias, cast

from feedmill.model import Fetched, Normalized, Site, Source, Treatment

__all__ = ["Normalizer", "normalizer", "reader", "treated"]

Normalizer: TypeAlias = Callable[[Source, Site, Fetched, datetime], Normalized]

_BY_KIND = {
    "files": "feedmill.normalize.article",
    "feed": "feedmill.normalize.syndication",
    "mail": "feedmill.normalize.mail",
    "media": "feedmill.normalize.media",
    "opml": "feedmill.normalize.opml",
    "page": "feedmill.normalize.page",
}


def reader(kind: str) -> Normalizer:
    """Return the function that reads what a source of this kind brings.

    Kinds that others add bring feed documents or article files; their documents are read as a feed's.
    The module is imported at first use, so that a site of articles never pays for the feed parser.
    """
    module = import_module(_BY_KIND.get(kind, "feedmill.normalize.syndication"))
    return cast("Normalizer", module.normalize)


def treated(source: Source, came: Normalized) -> Normalized:
    """Return what a source brought as its treatment asks for."""
    if source.treatment == Treatment():
        return came
    from feedmill.normalize.treatment import treat

    return treat(source, came)


def normalizer(kind: str) -> Normalizer:
    """Return the function that reads what a source of this kind brings, and treats it as the source asks."""
    read = reader(kind)

    def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
        return treated(source, read(source, site, fetched, now))

    return normalize
