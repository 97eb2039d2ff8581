"""A server of ours on loopback, in a thread of this process, and a client that sees every byte."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from feedmill.serve.asgi import ASGI
from feedmill.serve.server import Limits, Listener, Server

__all__ = ["Answer", "ask", "connected", "listening", "raw"]

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: names of fields in small letters, those of several lines joined."""

    status: int
    fields: Mapping[str, str]
    body: bytes


@contextlib.contextmanager
def listening(app: ASGI, limits: Limits | None = None) -> Iterator[str]:
    """Serve `app`; yield `host:port`."""
    server = Server([Listener("127.0.0.1:0", app)], limits or Limits())
    server.start()
    try:
        yield server.addresses[0]
    finally:
        server.stop()


def ask(address: str, path: str, method: str = "GET", /, **fields: str) -> Answer:
    """Send one request; underscores in the names of `fields` stand for hyphens."""
    return raw(address, method, path, {name.replace("_", "-"): value for name, value in fields.items()})


def raw(
    address: str, method: str, path: str, fields: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Send one request with these fields and no others but `Host`, and the path exactly as it is."""
    connection = http.client.HTTPConnection(address, timeout=_PATIENCE)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (fields or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        found: dict[str, str] = {}
        for written, value in response.getheaders():
            name = written.lower()
            found[name] = f"{found[name]}, {value}" if name in found else value
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


@contextlib.contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Yield a bare connection."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_PATIENCE) as connection:
        yield connection
