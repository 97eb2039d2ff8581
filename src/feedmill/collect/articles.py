"""The articles' own pages, where a feed carries only teasers: a few at each look, as robots.txt allows.

What a look may take for them is bounded, since other sources wait for it. This module must not know what is on a page.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from feedmill.collect.credentials import credentials
from feedmill.collect.deadline import Deadline
from feedmill.collect.http import HttpClient
from feedmill.collect.robots import LONGEST_PAUSE, robots_of
from feedmill.collect.webpage import ACCEPT
from feedmill.errors import CollectError
from feedmill.model import Document, Source

__all__ = ["MOST", "ArticlePages"]

MOST = 10
"""Pages that a look asks for."""

_SECONDS = 20.0
"""After so long a look asks for no further page."""

_LONGEST = timedelta(seconds=10)
"""What one page may take."""

_LONGEST_REST = 7 * 24 * 3600.0
"""Seconds of a Crawl-delay that are kept from one look to another."""


class _NoTime(CollectError):
    """The pause that robots.txt asks for is longer than what is left of the look."""


class ArticlePages:
    """The pages that one look at a source asks for: 10 at most, none later than 20 seconds after the first.

    The first one waits for whatever pause robots.txt wants, up to `robots.LONGEST_PAUSE`; the others only while there
    is time. `environ` holds the secrets of the source, which go to its own origin alone.
    """

    def __init__(
        self,
        source: Source,
        http: HttpClient,
        now: datetime,
        *,
        most: int = MOST,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._now = now
        self._left = most
        self._credentials = credentials(source, environ)
        self._deadline = Deadline(_SECONDS, clock)
        self._first = True
        self._pause = 0.0

    @property
    def rest(self) -> timedelta | None:
        """How long the host that was asked last wants to be left alone, where that is too long to wait for it."""
        return timedelta(seconds=min(self._pause, _LONGEST_REST)) if self._pause > LONGEST_PAUSE else None

    def get(self, url: str) -> Document | None:
        """Return the page at `url`; None if it has to wait for another look.

        Raises:
            CollectError: it could not be had, or robots.txt forbids it; the subclass, `wait` and `gone` say why.
        """
        if self._left <= 0 or (self._deadline.over() and not self._first):
            return None
        self._pause = 0.0
        self._http.release()  # what came before has been read
        try:
            answer = self._http.get(
                url, now=self._now, accept=ACCEPT, permit=self._permit, credentials=self._credentials, limit=_LONGEST
            )
        except _NoTime:
            return None
        finally:
            self._left -= 1
            self._first = False
        return Document(
            name=url, body=answer.body, url=answer.url, media_type=answer.media_type, charset=answer.charset
        )

    def _permit(self, url: str) -> float:
        self._pause = robots_of(self._http).permit(url, self._http, self._now)
        pause = min(self._pause, LONGEST_PAUSE)
        if pause > self._deadline.left() and not self._first:
            raise _NoTime("there is no time left for the pause that its robots.txt asks for")
        return pause
