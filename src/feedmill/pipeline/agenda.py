"""When each source is due, and which are to be left alone: what the state says, by today's configuration.

An agenda is a view of one moment. This module must not know how a look is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feedmill import times
from feedmill.collect.addresses import shown
from feedmill.config import Config
from feedmill.model import HostState, Pushed, Source, SourceState
from feedmill.polling import next_look

__all__ = ["Agenda", "address_of", "asked_at", "following_look", "host_of", "remembered", "settings_of"]

_NORMALIZATION = 2
"""Raised when normalization changes so much that what is stored should be read again."""

_NOT_PUSHED = Pushed()

_LONGEST_WAIT = timedelta(days=7)
"""No Retry-After is longer than this (`collect.http`)."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The sources of `config` at the time `now`, with what is remembered of them, of hosts, and of pushes from hubs.

    A run that goes by it notes in `hosts` what they ask for meanwhile.
    """

    config: Config
    states: Mapping[str, SourceState]
    hosts: dict[str, HostState]
    now: datetime
    pushes: Mapping[str, Pushed] = field(default_factory=dict)

    def pushed(self, source: Source) -> Pushed:
        """Return what is known of what hubs push for `source`."""
        return self.pushes.get(source.name, _NOT_PUSHED)

    def host(self, source: Source) -> HostState:
        """Return what is remembered of the host that a look at `source` burdens."""
        name = host_of(source, self.states.get(source.name)) or ""
        return self.hosts.get(name) or HostState(host=name)

    def state(self, source: Source) -> SourceState:
        """Return what is remembered of `source`, as far as it still holds."""
        return remembered(source, self.states.get(source.name))

    def due(self, source: Source) -> datetime | None:
        """Return when `source` is to be looked at again, by today's settings; None for never.

        A source whose settings changed is due at once, or as soon as its server lets it; with another `url`, whatever
        the old address said. One for which a push waits is due: that burdens nobody.
        """
        state, now, pushed = self.state(source), self.now, self.pushed(source)
        if pushed.waiting:
            return now
        host_wait = self._host_wait(source, state)
        wait_until = _believable(state.wait_until, now)
        # A clock that was set back must not silence a source until the old time comes round again.
        if state.last_look is None or state.last_look > now or state.settings != settings_of(source, self.config):
            return None if state.gone else max(now, wait_until or now, host_wait or now)
        looked, until = state.last_look, pushed.until
        if pushed.unreadable is not None and pushed.unreadable > looked:
            source, until = _soon(source, self.config), None
        due = following_look(source, self.config, replace(state, wait_until=wait_until), looked, until)
        return max(due, host_wait) if due and host_wait else due

    def left_alone(self, source: Source) -> str | None:
        """Return in words what the server said, if it asked not to be looked at now; None if it did not."""
        state = self.state(source)
        host_wait = self._host_wait(source, state)
        if host_wait is not None:
            host = host_of(source, state)
            return f"{host} asked to be left alone until {times.iso(host_wait)}; publish --force asks all the same"
        if state.gone:
            said = "the server said that the feed is gone for good (410)"
            return f"{said}; remove the source, or ask once more with publish --force"
        wait_until = _believable(state.wait_until, self.now)
        if wait_until is None or wait_until <= self.now:
            return None
        return f"the server asked to be left alone until {times.iso(wait_until)}; publish --force asks all the same"

    def _host_wait(self, source: Source, state: SourceState) -> datetime | None:
        """Return until when the source's host is left alone, None if it is not."""
        if not self.hosts:  # as nearly always
            return None
        known = self.hosts.get(host_of(source, state) or "")
        wait_until = _believable(known.wait_until, self.now) if known else None
        return wait_until if wait_until is not None and wait_until > self.now else None


def following_look(
    source: Source, config: Config, state: SourceState, looked: datetime, pushed_until: datetime | None
) -> datetime | None:
    """Return when the look after the last one is due, which ended at `looked` and left `state`; None for never.
    `pushed_until` is when the lease of the hub that pushes ends."""
    return next_look(
        source,
        config.schedule,
        source.timezone or config.site.timezone,
        looked,
        failures=state.failures,
        wait_until=state.wait_until,
        gone=state.gone,
        hints=state.hints,
        rhythm=state.rhythm,
        pushed_until=pushed_until,
    )


def _soon(source: Source, config: Config) -> Source:
    """Return `source` as it is looked at when something of it was missed."""
    return replace(source, every=min(source.every or config.schedule.min, config.schedule.min), cron=None)


def remembered(source: Source, state: SourceState | None) -> SourceState:
    """Return what still holds of `state` for the `url` that the source has today.

    Of another `url` it is only how well the source did: neither validators nor what its old server said.
    """
    if state is None:
        return SourceState(name=source.name)
    if state.asked_url == address_of(source):
        return state
    kept = SourceState(name=state.name, looks=state.looks, last_look=state.last_look, last_success=state.last_success)
    return replace(kept, failures=state.failures, error=state.error)


def address_of(source: Source) -> str | None:
    """Return the address that the configuration gives the source, without login; None for what has none."""
    return shown(source.url) if source.url else None


def asked_at(source: Source, state: SourceState | None) -> str | None:
    """Return the address that the source is asked at: where it moved for good, else its own."""
    return remembered(source, state).address or source.url


def host_of(source: Source, state: SourceState | None = None) -> str | None:
    """Return the host that a look at the source burdens; None for what is on this machine."""
    address = asked_at(source, state)
    return urlsplit(address).hostname if address else None


def settings_of(source: Source, config: Config) -> str:
    """Digest what shapes a source's entries besides its documents; when they sleep does not."""
    shaping = replace(source, every=None, cron=None, title="")
    site = config.site
    parts = (_NORMALIZATION, shaping, site.url, site.language, site.timezone, site.id_authority)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _believable(wait_until: datetime | None, now: datetime) -> datetime | None:
    """Return `wait_until`, unless it was asked for by a clock that was wrong."""
    return None if wait_until is not None and wait_until - now > _LONGEST_WAIT else wait_until
