"""Hubs are told of the documents that changed, after these are published, and again later if they could not be.

This module must not know how a document is published.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeAlias

from feedmill.config import Config
from feedmill.errors import NotifyError
from feedmill.polling import next_ping
from feedmill.store import Store

__all__ = ["Notifying", "Tell"]

_log = logging.getLogger("feedmill.pipeline")

Tell: TypeAlias = Callable[[str, Sequence[str], str], None]
"""Tells a hub of documents, under a User-Agent: `feedmill.notify.tell_hub` explains it."""


class Notifying:
    """What one site's hubs are told. `Pipeline` explains each method."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime], tell: Tell | None) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._tell = tell

    def notify(self) -> None:
        """Tell every hub whose time has come, once, of all the documents that it is to be told of."""
        if self._tell is None:
            return
        now = self._clock()
        wanted = {hub for spec in self._config.feeds for hub in spec.hubs}
        for hub, group in groupby(self._store.pings(), key=lambda ping: ping.hub):
            pings = list(group)
            topics = [ping.topic for ping in pings]
            if hub not in wanted:
                self._store.forget_pings(hub, topics)
                continue
            # A hub that failed is asked when its time has come, whatever changed meanwhile.
            failures = max(ping.failures for ping in pings)
            if max(ping.due for ping in pings if ping.failures == failures) > now:
                continue
            try:
                self._tell(hub, topics, self._config.fetch.user_agent)
            except NotifyError as error:
                self._later(hub, topics, failures + 1, error)
            else:
                _log.info("hub %s: told of %d documents", hub, len(topics))
                self._store.forget_pings(hub, topics)

    def _later(self, hub: str, topics: Sequence[str], failures: int, error: NotifyError) -> None:
        due = next_ping(failures, self._clock())
        if due is None:
            _log.error("hub %s: given up after %d times: %s", hub, failures, error)
            self._store.forget_pings(hub, topics)
        else:
            _log.warning("hub %s: %s", hub, error)
            self._store.postpone_pings(hub, topics, due, failures, str(error))
