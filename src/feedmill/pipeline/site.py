"""The stages of one site, put together: what a run, a service and a command work with.

This module must not know how a look is made or a feed published: `looks` and `publishing` do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from feedmill import times
from feedmill.config import Config
from feedmill.model import FeedOutcome, FeedSpec, Outcome, Source, SourceState
from feedmill.pipeline.looks import Looks, Trial
from feedmill.pipeline.publishing import Destination, Publishing
from feedmill.store import Store

__all__ = ["Pipeline"]


class Pipeline:
    """One site. `clock` returns the present, aware UTC.

    A pipeline may refresh many sources at once; it publishes one feed at a time.
    """

    def __init__(
        self, config: Config, store: Store, destination: Destination, clock: Callable[[], datetime] = times.now
    ) -> None:
        self.config = config
        self.store = store
        self.destination = destination
        self.clock = clock
        self._looks = Looks(config, store, clock)
        self._publishing = Publishing(config, store, destination, clock)

    def close(self) -> None:
        """Close connections to upstreams. The store belongs to whoever opened it."""
        self._looks.close()

    def refresh(self, source: Source) -> Outcome:
        """Look at one source and store what it brings, in one transaction.

        Whatever is wrong with the source becomes a failed outcome and is remembered; its entries stay.

        Raises:
            StateError: the state cannot be used.
        """
        return self._looks.refresh(source)

    def attempt(self, source: Source) -> Trial:
        """Look at one source without storing anything.

        Raises:
            FeedmillError: it cannot be collected or read.
        """
        return self._looks.attempt(source)

    def due(self, source: Source, state: SourceState | None, now: datetime) -> datetime | None:
        """Return when `source` is to be looked at again, by today's settings; None for never.

        A source whose settings changed is due at once, whatever its old address said.
        """
        return self._looks.due(source, state, now)

    def left_alone(self, source: Source, state: SourceState | None, now: datetime) -> str | None:
        """Return in words what the server said, if it asked not to be looked at now; None if it did not."""
        return self._looks.left_alone(source, state, now)

    def publish(self, spec: FeedSpec) -> FeedOutcome:
        """Select, render, check and publish one feed; if any of its documents fails its check, none is replaced.

        Raises:
            StateError: the state cannot be used.
        """
        return self._publishing.publish(spec)
