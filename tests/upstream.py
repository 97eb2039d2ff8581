"""A real HTTP server on loopback that answers as each test tells it to, well or badly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Asked", "Handler", "Upstream", "serving"]

Answer = Callable[["Handler"], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in."""

    path: str
    headers: Message
    method: str = "GET"
    body: bytes = b""


class Handler(BaseHTTPRequestHandler):
    """Answers by the routes of its upstream; what a route writes goes out as it is."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer(Asked(self.path, self.headers))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(Asked(self.path, self.headers, "POST", body))

    def _answer(self, asked: Asked) -> None:
        upstream = self.server.upstream
        upstream.asked.append(asked)
        answer = upstream.routes.get(self.path)
        self.close_connection = True
        if answer is None:
            self.send_error(404)
            return
        with suppress(OSError):  # the client may hang up: that is what some tests are about
            answer(self)

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; underscores in header names stand for hyphens."""
        self.send_response_only(status)
        headers = {"Content_Length": str(len(body)), **headers}
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.wfile.write(data)
        self.wfile.flush()

    def drip(self, data: bytes) -> None:
        """Send `data` over and over, slowly, until the client hangs up or the test ends."""
        while not self.server.upstream.over.wait(0.01):
            self.raw(data)

    def stall(self) -> None:
        """Say nothing until the test ends."""
        self.server.upstream.over.wait()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    upstream: Upstream


@dataclass
class Upstream:
    """The server: `routes` by path, and what was `asked`. `over` is set when the test ends."""

    port: int = 0
    routes: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self, path: str, status: int = 200, body: bytes = b"", **headers: str) -> str:
        """Answer `path` always in the same way. Returns its address."""
        self.routes[path] = lambda handler: handler.reply(status, body, **headers)
        return self.url(path)


@contextmanager
def serving() -> Iterator[Upstream]:
    """Run a server on loopback, without any routes yet."""
    with _Server(("127.0.0.1", 0), Handler) as server:
        server.upstream = Upstream(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.upstream
        finally:
            server.upstream.over.set()
            server.shutdown()
            thread.join()
