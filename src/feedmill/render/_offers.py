"""What a feed is published as, as pages and lists offer it to people.

This module must not know how any format is rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedmill.model import FeedSpec

__all__ = ["Offer", "home_of", "offers", "page_of"]

_LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "html": "HTML", "opml": "OPML"}
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A document of a feed: its format's `name`, what people call it, its address, its media `type`, and whether feed
    readers can subscribe to it. `href` is the address as seen from the page that shows it."""

    name: str
    label: str
    url: str
    href: str
    type: str
    subscribable: bool


def offers(spec: FeedSpec, formats: Sequence[str], *, below: str = "") -> list[Offer]:
    """Return the documents that a feed is published as. `below` is the way to its folder from the page."""
    # The registry knows the modules that make offers.
    from feedmill.render import renderer

    forms = [renderer(name) for name in formats]
    return [
        Offer(
            name=form.name,
            label=_LABELS.get(form.name, form.name),
            url=spec.base_url + form.file_name,
            href=below + form.file_name,
            type=form.media_type,
            subscribable=form.media_type in _FEEDS,
        )
        for form in forms
    ]


def home_of(spec: FeedSpec) -> str:
    """Return the way from the site's published folder to that of the feed: relative, with a final slash."""
    inside = spec.base_url.startswith(spec.site.feeds_url)
    return spec.base_url.removeprefix(spec.site.feeds_url) if inside else spec.base_url


def page_of(spec: FeedSpec, made: Sequence[Offer]) -> str:
    """Return the address where people read the feed: its own page, else the site's."""
    return spec.base_url if any(offer.name == "html" for offer in made) else spec.site.url
