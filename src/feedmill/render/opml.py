"""The upstream feeds of a feed, as OPML 2.0: what a planet is made of, to be imported into a reader.

Only what everybody may know gets here: whoever makes an edition leaves out addresses that hold a secret. This module
must not know how that is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedmill.model import Edition, Entry, FeedSpec
from feedmill.render import _opml
from feedmill.render._check import Document
from feedmill.render._offers import offers, page_of
from feedmill.render._shared import language_of

__all__ = ["FILE_NAME", "MEDIA_TYPE", "check", "render"]

FILE_NAME = "sources.opml"
MEDIA_TYPE = _opml.MEDIA_TYPE


def render(edition: Edition) -> bytes:
    """Return the list of the feeds that this one takes from. It has no date: entries come and go, the list stays.

    A list must not be empty: of a feed that takes from none it is the feed itself.
    """
    lines = [
        _opml.Outline(title=one.title, url=one.url, link=one.link, language=one.language) for one in edition.upstreams
    ]
    return _opml.write(edition.spec.title, None, lines or [_itself(edition.spec)])


def _itself(spec: FeedSpec) -> _opml.Outline:
    made = offers(spec, spec.formats)
    address = next((offer.url for offer in made if offer.subscribable), spec.base_url)
    return _opml.Outline(title=spec.title, url=address, link=page_of(spec, made), language=language_of(spec))


def check(body: bytes, _: Sequence[Entry]) -> None:
    """See that `body` is a list of feeds; what it lists says nothing of the entries.

    Raises:
        CheckFailed: it is not; the message names the line.
    """
    _opml.addresses(Document(body, FILE_NAME))
