"""The server: uvicorn in one event loop, with as many listeners as there are, each with an application of its own.

It runs in the foreground, until a signal or `stop`, or in a thread beside a service. This module must not know what is
served.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, cast

import uvicorn

from feedmill.config.listening import host_and_port
from feedmill.errors import ServeError
from feedmill.serve.asgi import ASGI
from feedmill.serve.connections import Connections, Limits

__all__ = ["Limits", "Listener", "Server"]

_log = logging.getLogger(__name__)

_BACKLOG = 2048
_LIMITS = Limits()


def _pass() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An address, `host:port` (a port of 0 is any that is free), the application that answers there, and its name in
    the log."""

    address: str
    app: ASGI
    name: str = "serve"


class Server:
    """A server for `listeners`, not listening yet.

    `addresses` are where it does once `bind` was called, in the order of the listeners.
    """

    def __init__(self, listeners: Sequence[Listener], limits: Limits = _LIMITS) -> None:
        self._listeners = tuple(listeners)
        self._limits = limits
        self._sockets: list[socket.socket] = []
        self._servers: list[_Uvicorn] = []
        self._ready = Event()
        self._failure: BaseException | None = None
        self._thread: Thread | None = None
        self.addresses: tuple[str, ...] = ()

    def bind(self) -> None:
        """Take the addresses.

        Raises:
            ServeError: one of them cannot be had.
        """
        try:
            for listener in self._listeners:
                self._sockets.append(_bound(listener.address))
        except ServeError:
            self._close_sockets()
            raise
        self.addresses = tuple(_name(one) for one in self._sockets)

    def run(self, on_ready: Callable[[], None] = _pass, on_hangup: Callable[[], None] = _pass) -> None:
        """Serve in this thread, the main one, until SIGTERM, SIGINT or `stop`.

        `on_ready` is called once both requests and signals are heeded, `on_hangup` at each SIGHUP, in another thread.

        Raises:
            ServeError: an address cannot be had.
        """
        if not self.addresses:
            self.bind()
        with self._runner() as runner:
            runner.run(self._serve(on_ready, on_hangup))

    def start(self) -> None:
        """Serve in a thread of its own; return once requests are answered.

        Raises:
            ServeError: an address cannot be had.
        """
        if not self.addresses:
            self.bind()
        self._thread = Thread(target=self._run_in_thread, name="feedmill-serve", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise ServeError(f"the web server could not begin: {self._failure}") from self._failure

    def stop(self) -> None:
        """Take no further connection, finish what is being answered, and end; return when that is done."""
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join()

    def _run_in_thread(self) -> None:
        try:
            with self._runner() as runner:
                runner.run(self._serve(self._ready.set, None))
        except Exception as error:  # noqa: BLE001  # the thread has nobody else to tell
            _log.exception("serve: the web server ended by itself")
            self._failure = error
        finally:
            self._ready.set()

    def _runner(self) -> asyncio.Runner:
        import uvloop

        return asyncio.Runner(loop_factory=uvloop.new_event_loop)

    async def _serve(self, on_ready: Callable[[], None], on_hangup: Callable[[], None] | None) -> None:
        asyncio.get_running_loop().set_exception_handler(_unexpected)
        connections = Connections(self._limits)
        self._servers = [_Uvicorn(_config(listener.app, connections)) for listener in self._listeners]
        watching = asyncio.create_task(connections.watch())
        serving = [
            asyncio.create_task(server.serve(sockets=[one]))
            for server, one in zip(self._servers, self._sockets, strict=True)
        ]
        if on_hangup is not None:
            self._heed_signals(on_hangup)
        for listener, address in zip(self._listeners, self.addresses, strict=True):
            _log.info("%s: listening on http://%s/", listener.name, address)
        on_ready()
        try:
            await asyncio.gather(*serving)
        finally:
            watching.cancel()
            self._close_sockets()
            self.addresses = ()
        _log.info("serve: stopped")

    def _heed_signals(self, on_hangup: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def hang_up() -> None:
            loop.run_in_executor(None, on_hangup)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end_on_signal)
        loop.add_signal_handler(signal.SIGHUP, hang_up)

    def _end_on_signal(self) -> None:
        """A second signal ends it at once."""
        for server in self._servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    def _close_sockets(self) -> None:
        for one in self._sockets:
            one.close()
        self._sockets.clear()


class _Uvicorn(uvicorn.Server):
    """One of several servers in an event loop, none of which heeds signals by itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Aside(logging.Handler):
    """Lets uvicorn speak in our log, for those who want to hear everything: what matters is said by ourselves."""

    def emit(self, record: logging.LogRecord) -> None:
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("uvicorn: %s", record.getMessage(), exc_info=record.exc_info)


def _unexpected(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what goes wrong where nobody waits for it."""
    _log.error("serve: %s", context.get("message"), exc_info=context.get("exception"))


def _config(app: ASGI, connections: Connections) -> uvicorn.Config:
    limits = connections.limits
    voice = logging.getLogger("uvicorn.error")
    voice.propagate = False
    voice.handlers[:] = [_Aside()]
    return uvicorn.Config(
        cast("Any", app),
        http=cast("Any", connections.protocol),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=cast("int", limits.idle),
        timeout_graceful_shutdown=limits.grace,
    )


def _bound(address: str) -> socket.socket:
    host, port = host_and_port(address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = found[0]
        everywhere = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(where[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=everywhere)
    except OSError as error:
        raise ServeError(_why(error), where=address, hint=_hint(error)) from error


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program listens there already"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "the system does not let this user listen there"
    # The socket's own words tell the address once more. A name that is not found has a number below zero.
    number = error.errno or 0
    return f"cannot listen there ({os.strerror(number) if number > 0 else error.strerror or error})"


def _hint(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "Take a port above 1023, and let a proxy have the one below."
    return "Name another address: of the command, or address and admin under [serve]."


def _name(one: socket.socket) -> str:
    host, port = one.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
