"""What the documents of a site say, beside those of its feeds: which feeds there are, and what is new.

This module must not know any format, nor where documents are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedmill.model.entry import Entry
from feedmill.model.settings import FeedSpec, Site

__all__ = ["Front", "Listing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A feed as it was published last: in which `formats`, with how many `entries`, dated `updated`; `newest` is the
    first of its entries."""

    spec: FeedSpec
    formats: tuple[str, ...]
    entries: int
    updated: datetime
    newest: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A site: its published feeds in their order, and the `news` for search engines, the newest first.

    `theme` is the folder of templates that replace the built-in ones.
    """

    site: Site
    listings: tuple[Listing, ...]
    news: tuple[Entry, ...] = ()
    theme: str | None = None
