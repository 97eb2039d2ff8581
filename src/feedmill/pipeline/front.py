"""The documents of the site itself, published after its feeds: front page, list of feeds, news sitemap.

This module must not know how a feed is published.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from feedmill import __version__
from feedmill.config import Config
from feedmill.errors import FeedmillError, StateError
from feedmill.model import Entry, FeedSpec, FeedState, Front, Listing, SiteOutcome
from feedmill.pipeline.publishing import Destination, paths
from feedmill.pipeline.standing import untouched
from feedmill.render import FEEDS, FRONT_PAGE, NEWS
from feedmill.store import Store

__all__ = ["FrontPublishing", "site_paths"]

_log = logging.getLogger("feedmill.pipeline")

# What Google's news sitemap may hold.
_NEWS_AGE = timedelta(days=2)
_MOST_NEWS = 1000

_DEFECT = "This is a defect in Feedmill; please report it with the log."


class FrontPublishing:
    """The publishing of a site's own documents. `Pipeline` explains it."""

    def __init__(self, config: Config, store: Store, destination: Destination) -> None:
        self._config = config
        self._store = store
        self._destination = destination

    def gather(self, specs: Sequence[FeedSpec]) -> Front:
        """Return what the documents of the site say of these feeds, as they were published last.

        Raises:
            StateError: the state cannot be used.
        """
        specs = [spec for spec in specs if not spec.private]
        states = self._store.feed_states()
        published = self._store.file_digests([path for spec in specs for path in paths(spec)]).keys()
        listings = [
            self._listing(spec, states[spec.name], formats)
            for spec in specs
            if spec.name in states and (formats := _published(spec, published))
        ]
        news: tuple[Entry, ...] = ()
        if self._config.news_sitemap:
            with self._store.news([listing.spec.name for listing in listings]) as stream:
                news = newsworthy(stream, self._config.site.url)
        return Front(site=self._config.site, listings=tuple(listings), news=news, theme=self._config.theme)

    def publish(self, specs: Sequence[FeedSpec]) -> SiteOutcome:
        """Render, check and publish the documents of the site; one that fails stays as it was published last.

        Raises:
            StateError: the state cannot be used.
        """
        front = self.gather(specs)
        recorded = self._store.file_digests(site_paths(self._config))
        if not front.listings and not (recorded and any(spec.private for spec in specs)):
            return SiteOutcome()  # there is nothing to say yet; what is private by now is to be named no more
        self._destination.sweep([""])
        inputs = _inputs_of(front)
        if self._stands(inputs):
            return SiteOutcome()
        from feedmill.render.site import SITE_DOCUMENTS  # what pages need waits until they are written

        written: list[str] = []
        errors: list[str] = []
        digests: dict[str, str] = {}
        for path in site_paths(self._config):
            try:
                document = SITE_DOCUMENTS[path]
                body = document.render(front)
                document.check(body, front)
                if self._destination.swap(path, body):
                    written.append(path)
            except StateError:
                raise
            except FeedmillError as error:
                errors.append(str(error))
            except Exception as error:  # noqa: BLE001  # a defect of ours must not hold up the other documents
                _log.exception("site: unexpected failure")
                told = FeedmillError(f"unexpected {type(error).__name__}: {error}", where=path, hint=_DEFECT)
                errors.append(str(told))
            else:
                digests[path] = hashlib.sha256(body).hexdigest()
        made_from = None if errors else inputs
        if made_from or any(recorded.get(path) != digest for path, digest in digests.items()):
            self._store.record_site(digests, made_from)
        for path in written:
            _log.info("site: %s written", path)
        for why in errors:
            _log.error("site: not published: %s", why)
        return SiteOutcome(written=tuple(written), errors=tuple(errors))

    def _stands(self, inputs: str | None) -> bool:
        """Whether the documents would come out as they are: made from the same, and touched by nobody since."""
        wanted = site_paths(self._config)
        if inputs is None or self._store.site_made_from(wanted) != {inputs}:
            return False
        try:
            return untouched(self._store, self._destination, wanted)
        except FeedmillError:  # it is told of each document when it is written
            return False

    def _listing(self, spec: FeedSpec, state: FeedState, formats: tuple[str, ...]) -> Listing:
        return Listing(
            spec=spec,
            formats=formats,
            entries=state.entries,
            updated=state.updated,
            newest=self._store.newest(spec.name, spec.order),
        )


def site_paths(config: Config) -> list[str]:
    """Return the paths of the site's own documents within the publishing folder."""
    return [FRONT_PAGE, FEEDS, NEWS] if config.news_sitemap else [FRONT_PAGE, FEEDS]


def _inputs_of(front: Front) -> str | None:
    """Return a digest of all that the documents are made from; None for a theme, which is edited by hand."""
    return None if front.theme else hashlib.sha256(repr((__version__, front)).encode()).hexdigest()


def newsworthy(stream: Iterable[Entry], site_url: str) -> tuple[Entry, ...]:
    """Return the news among entries that come newest first: what a news sitemap of the site may name.

    They are on the site's own host, no address twice, and not more than two days older than the newest of them, so that
    no clock is needed.
    """
    own = urlsplit(site_url).hostname
    chosen: dict[str, Entry] = {}
    newest: Entry | None = None
    for entry in stream:
        if newest and (entry.published < newest.published - _NEWS_AGE or len(chosen) == _MOST_NEWS):
            break
        if entry.url and _host(entry.url) == own:
            newest = newest or entry
            chosen.setdefault(entry.url, entry)
    return tuple(chosen.values())


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None


def _published(spec: FeedSpec, published: Iterable[str]) -> tuple[str, ...]:
    """Return the formats in which the feed can be read now."""
    there = set(published)
    return tuple(name for name, path in zip(spec.formats, paths(spec), strict=True) if path in there)
