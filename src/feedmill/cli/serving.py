"""The web server of a site, put together: which application answers at which of its two addresses.

The public one serves what is published. The operator's, on this machine alone unless it is configured otherwise, shows
how the site is doing; `[serve] dashboard = true` lets the public one show it too.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import cast
from urllib.parse import unquote, urlsplit

from feedmill.audience.recorder import Recorder
from feedmill.cli.site import assemble
from feedmill.config import Config, secrets
from feedmill.errors import ConfigError, FeedmillError
from feedmill.model import Visit
from feedmill.pipeline import Pipeline

try:
    from feedmill.serve.admin import Admin, in_turn
    from feedmill.serve.aliases import Aliases
    from feedmill.serve.app import application, nothing
    from feedmill.serve.asgi import ASGI, Receive, Scope, Send, say
    from feedmill.serve.catalogue import Catalogue
    from feedmill.serve.dashboard import Perform
    from feedmill.serve.deltas import Deltas
    from feedmill.serve.documents import Documents
    from feedmill.serve.freshness import Freshness, next_changes
    from feedmill.serve.polls import Polls
    from feedmill.serve.private import Private
    from feedmill.serve.proxies import Proxies
    from feedmill.serve.published import Published
    from feedmill.serve.server import Limits, Listener, Server
    from feedmill.serve.websub import callbacks
except ModuleNotFoundError as error:
    raise FeedmillError(
        f"the web server needs the package {error.name!r}, which is not installed",
        hint="Install Feedmill with what serving needs: pip install 'feedmill[serve]'",
    ) from error

__all__ = ["Serving"]


class Serving:
    """The web server of the site that `config` describes, at `address` instead of the configured one, if given.

    It has the state open for itself, so that it needs nothing of a service that runs beside it; one that does is told
    with `attend`, and what an operator asks for is left to it then. `on_push` is called, in any thread, when a hub has
    pushed something.

    Raises:
        ConfigError: the operator's token is not where the configuration says.
        StateError: the state cannot be used.
    """

    def __init__(self, config: Config, address: str | None = None) -> None:
        operator_token(config)
        self.on_push: Callable[[], None] = lambda: None
        self._perform: Perform = in_turn(lambda: self._site)
        self._running: Callable[[], bool] = lambda: True
        self._answered: Counter[int] = Counter()
        self._site = assemble(config)
        self._recorder = Recorder(self._site.store.audience, self._site.clock)
        self._admin = self._administration(self._site)
        self._public = _Current(public(self._site, self._admin, self._pushed, self._seen(self._recorder)))
        self._operator = _Current(operator(self._site, self._admin.apps))
        listeners = [Listener(address or config.serve.address, self._public)]
        if config.serve.admin is not None:
            listeners.append(Listener(config.serve.admin, self._operator, "dashboard"))
        self.server = Server(listeners, Limits(body_size=max(Limits().body_size, config.fetch.max_body)))

    def attend(self, perform: Perform, running: Callable[[], bool]) -> None:
        """Let the service beside do what operators ask for, by `perform`, and say with it whether the site is well."""
        self._perform, self._running = perform, running

    def reconfigure(self, config: Config) -> None:
        """Go on with another configuration; where the server listens stays as it is.

        Raises:
            ConfigError: the operator's token is not where it says; the old configuration stays.
            StateError: its state cannot be used; the old configuration stays.
        """
        operator_token(config)
        site, before, shown, counted = assemble(config), self._site, self._admin, self._recorder
        self._site, self._admin = site, self._administration(site)
        self._recorder = Recorder(site.store.audience, site.clock)
        self._public.app = public(site, self._admin, self._pushed, self._seen(self._recorder))
        self._operator.app = operator(site, self._admin.apps)
        shown.close()
        counted.stop()
        before.close()
        before.store.close()

    def close(self) -> None:
        """Bring in what readers were counted, and give the state back."""
        self._admin.close()
        self._recorder.stop()
        self._site.close()
        self._site.store.close()

    def _pushed(self) -> None:
        self.on_push()

    def _seen(self, recorder: Recorder) -> Callable[[Visit], None]:
        answered, record = self._answered, recorder.seen

        def seen(visit: Visit) -> None:
            answered[visit.status] += 1
            record(visit)

        return seen

    def _administration(self, site: Pipeline) -> Admin:
        return Admin(
            lambda: site,
            lambda errand: self._perform(errand),  # noqa: PLW0108  # that of the moment
            token=operator_token(site.config),
            running=lambda: self._running(),  # noqa: PLW0108
            answered=lambda: self._answered.copy(),  # noqa: PLW0108
        )


class _Current:
    """The application of the configuration that is in force."""

    def __init__(self, app: ASGI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def public(site: Pipeline, admin: Admin, on_push: Callable[[], None], seen: Callable[[Visit], None]) -> ASGI:
    """Return what answers the world; `seen` is told who read what."""
    serve, feeds_url = site.config.serve, site.config.site.feeds_url
    others: dict[str, ASGI] = dict(admin.exposed if serve.dashboard else admin.public)
    others["websub"] = cast("ASGI", callbacks(site.store.hubs, site.clock, site.config.fetch.max_body, on_push))
    if any(spec.private for spec in site.config.feeds):
        others["private"] = private(site, seen)
    prefixes = {unquote(urlsplit(address).path) for address in (feeds_url, serve.url or feeds_url)}
    return application(published(site, seen), others, Proxies(serve.trusted_proxies), prefixes)


def operator_token(config: Config) -> str | None:
    """Return the operator's token, None if there is none.

    Raises:
        ConfigError: the environment does not hold what the configuration says.
    """
    name = config.serve.token_env
    try:
        return None if name is None else secrets.operator_token(name, os.environ)
    except ValueError as error:
        finding = f'{config.file}: [serve]: "token_env" is no use: {error}'
        raise ConfigError([finding], where=str(config.file)) from None


def operator(site: Pipeline, admin: Mapping[str, ASGI]) -> ASGI:
    """Return what answers the operator."""
    return application(_to_the_dashboard, admin, Proxies(site.config.serve.trusted_proxies))


async def _to_the_dashboard(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/":
        await say(send, 307, "The dashboard is at /status/.", (b"location", b"/status/"))
    else:
        await nothing(scope, receive, send)


def published(site: Pipeline, seen: Callable[[Visit], None]) -> ASGI:
    """Return what serves the published files."""
    config = site.config

    def kept(feed: str, path: str) -> Iterator[bytes]:
        for version in site.store.versions(feed):
            # A version may be forgotten at any moment: another process publishes.
            if path in version.paths and (body := site.store.version(feed, version.number).get(path)):
                yield body

    return Published(
        Documents(config.directory),
        Catalogue(config.site, config.feeds),
        prefix=unquote(urlsplit(config.site.feeds_url).path),
        fresh=fresh(site),
        aliases=Aliases(config.feeds),
        deltas=Deltas(kept),
        polls=polls(config),
        seen=seen,
    )


def private(site: Pipeline, seen: Callable[[Visit], None]) -> ASGI:
    """Return what serves private feeds."""
    config, until = site.config, fresh(site)

    def documents_of(documents: Documents, catalogue: Catalogue) -> ASGI:
        return Published(documents, catalogue, fresh=until, polls=polls(config), seen=seen)

    base = config.serve.url or config.site.feeds_url
    return Private(config.private, config.site, config.feeds, base, site.store.tokens.feed_of, documents_of)


def polls(config: Config) -> Polls | None:
    """Return what counts how often a reader asks, None if nobody is to."""
    return Polls(config.serve.max_polls, config.serve.polls_window) if config.serve.max_polls else None


def fresh(site: Pipeline) -> Freshness:
    """Return what tells for how long a feed stays as it is."""
    config = site.config

    def changes() -> Mapping[str, datetime | None]:
        agenda = site.agenda()
        moments = (site.store.next_embargo(agenda.now), site.store.next_expiry(agenda.now))
        return next_changes(agenda, site.roster(), config.feeds, moments)

    return Freshness(changes, config.schedule.max, site.clock)
