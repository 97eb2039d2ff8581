"""The operator is told what is wrong with the site, once, and again when it is well; and later if it could not be told.

This module must not know what counts as wrong (`alerts`), or how a mail is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TypeAlias
from uuid import UUID, uuid5

from feedmill import alerts
from feedmill.config import Config
from feedmill.errors import NotifyError, PublishError, RenderError
from feedmill.model import Alerts, Edition, Entry, FeedSpec, Notice, Site
from feedmill.pipeline.roster import Roster
from feedmill.polling import fell_silent, next_ping
from feedmill.publish import Folder
from feedmill.render import renderer
from feedmill.store import Store

__all__ = ["Alerting", "Channel", "document"]

_log = logging.getLogger("feedmill.pipeline")

Channel: TypeAlias = Callable[[Sequence[Notice]], int]
"""Tells notices, the oldest first, and returns how many of them: the others have their turn the next time. Raises
NotifyError if it could tell none."""

_FEED = "feed"
_FEED_HOLDS = 50
_IDS = UUID("9f0a3ad1-7a5c-5d0c-8f7b-3c7c2c0f4f0e")


class Alerting:
    """What one site's operator is told, by `channels`; None tells nobody anything. `Pipeline` explains `alert`."""

    def __init__(
        self, config: Config, store: Store, clock: Callable[[], datetime], channels: Mapping[str, Channel] | None
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._rules = config.alerts
        self._channels = None if channels is None else dict(channels)
        if self._channels is not None and self._rules is not None and self._rules.feed is not None:
            self._channels[_FEED] = partial(self._publish, self._rules.feed)

    @property
    def wanted(self) -> bool:
        """Whether there is anybody to tell."""
        return self._channels is not None and self._rules is not None

    def alert(self, roster: Roster, specs: Sequence[FeedSpec], looked_at: Collection[str]) -> None:
        """Find out what began and what is over, and tell what is to be told by now."""
        if self._channels is not None and self._rules is not None:
            self._find(self._rules, self._channels, roster, specs, looked_at)
            self._tell(self._channels)

    def _find(
        self,
        rules: Alerts,
        channels: Collection[str],
        roster: Roster,
        specs: Sequence[FeedSpec],
        looked_at: Collection[str],
    ) -> None:
        now, known = self._clock(), self._store.incidents.known()
        names = [source.name for source in roster.sources]
        states, feeds = self._store.source_states(), self._store.feed_states()
        sources = {name: states[name] for name in names if name in states}
        published = {spec.name: feeds[spec.name] for spec in specs if spec.name in feeds}
        silences = {name: fell_silent(self._store.recent_dates(name), now) for name in looked_at if name in sources}
        present = list(alerts.incidents(rules, sources, published, silences, known, now))
        subjects = {f"source {name}" for name in names} | {f"feed {spec.name}" for spec in specs}
        begun, over = alerts.news(known, present, subjects, now)
        if begun or over:
            self._store.incidents.record(begun, over, channels, now)

    def _tell(self, channels: Mapping[str, Channel]) -> None:
        now = self._clock()
        for name, group in groupby(self._store.incidents.deliveries(), key=lambda delivery: delivery.channel):
            waiting = list(group)
            numbers = [delivery.notice.number for delivery in waiting]
            if name not in channels:
                self._store.incidents.told(name, numbers)
                continue
            failures = max(delivery.failures for delivery in waiting)
            # What is new does not make us ask a channel that failed any earlier.
            if max(delivery.due for delivery in waiting if delivery.failures == failures) > now:
                continue
            try:
                told = channels[name]([delivery.notice for delivery in waiting])
            except NotifyError as error:
                self._later(name, numbers, failures + 1, error)
            else:
                _log.info("alerts: %d notices told by %s", told, name)
                self._store.incidents.told(name, numbers[:told])

    def _later(self, channel: str, numbers: Sequence[int], failures: int, error: NotifyError) -> None:
        due = next_ping(failures, self._clock())
        if due is None:
            _log.error("alerts: %s: given up after %d times: %s", channel, failures, error)
            self._store.incidents.told(channel, numbers)
        else:
            _log.warning("alerts: %s: %s", channel, error)
            self._store.incidents.postpone(channel, due, failures, str(error))

    def _publish(self, file: Path, notices: Sequence[Notice]) -> int:
        """Write the feed of problems; it holds what was told before, too."""
        try:
            body = document(self._config.site, file, self._store.incidents.notices(_FEED_HOLDS))
            Folder(str(file.parent)).swap(file.name, body)
        except (PublishError, RenderError) as error:
            raise NotifyError(error.what, where=str(file), hint=error.hint) from error
        return len(notices)


def document(site: Site, file: Path, notices: Sequence[Notice]) -> bytes:
    """Return the Atom feed of a site's problems, to be read from `file`: the same bytes for the same notices, each with
    an id for ever.

    Raises:
        RenderError: it cannot be made.
        CheckFailed: it breaks a rule of Atom.
    """
    entries = tuple(_entry(site.id_authority, notice) for notice in notices)
    spec = FeedSpec(
        name="problems",
        title=f"{site.title}: problems",
        id=uuid5(_IDS, site.id_authority).urn,
        base_url=f"{file.parent.as_uri()}/",
        site=site,
        language="en",
        description="What is wrong with the feeds of this site, and what is well again.",
    )
    form = renderer("atom")
    body = form.render(Edition(spec=spec, entries=entries, updated=max(entry.updated for entry in entries)))
    # The file is called as the operator likes, and not as documents of feeds are.
    body = body.replace(f"{spec.base_url}{form.file_name}".encode(), file.as_uri().encode())
    form.check(body, entries)
    return body


def _entry(authority: str, notice: Notice) -> Entry:
    told = alerts.line(notice)
    return Entry(
        id=uuid5(_IDS, f"{authority} {notice.at.isoformat()} {notice.subject} {notice.kind} {notice.over}").urn,
        source="problems",
        name=str(notice.number),
        title=f"{notice.subject}: {'well again' if notice.over else notice.kind.value}",
        content=f"<p>{escape(told)}</p>",
        summary=told,
        published=notice.at,
        updated=notice.at,
        first_seen=notice.at,
    )
