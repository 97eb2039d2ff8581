"""A WebSub hub for tests: it takes notifications, fetches what has changed, and keeps both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

__all__ = ["Hub", "hub"]


@dataclass
class Hub:
    """What came in. `status` is what it answers."""

    url: str = ""
    status: int = 204
    told: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def topics(self) -> list[list[str]]:
        """The documents named by each notification."""
        return [sorted(form["hub.url"]) for form in self.told]


@contextmanager
def hub() -> Iterator[Hub]:
    """Run a hub on loopback."""
    known = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            known.told.append(parse_qs(body))
            self.send_response_only(known.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()
