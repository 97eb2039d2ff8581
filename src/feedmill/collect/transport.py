"""The wire below the HTTP client: requests and urllib3 made to dial through the guard, and their failures explained.

This module must not know what is asked for, or why.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import InvalidChunkLength

from feedmill.collect.deadline import Allowance, Deadline, DeadlineTLSSocket, Flooded
from feedmill.errors import NetworkError

__all__ = ["Dial", "Transport", "causes", "in_plain_words", "tls_context"]

Dial = Callable[[str, int], socket.socket]


def tls_context() -> ssl.SSLContext:
    """Return a context that verifies servers by the system's certificates and those that requests ships."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = DeadlineTLSSocket
    return context


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, dial: Dial, deadline: Deadline, allowance: Allowance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        return self._dial(self._dns_host, self.port)


class _TLSConnection(HTTPSConnection):
    def __init__(self, *args: Any, dial: Dial, deadline: Deadline, allowance: Allowance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial
        self._deadline = deadline
        self._allowance = allowance

    def _new_conn(self) -> socket.socket:
        sock = self._dial(self._dns_host, self.port)
        # This is what bounds the handshake, all its reads together.
        sock.settimeout(self._deadline.within(float(self.timeout or 0)).left())
        return sock

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, DeadlineTLSSocket):
            self.sock.deadline = self._deadline
            self.sock.allowance = self._allowance


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class Transport(HTTPAdapter):
    """A requests transport for one request: its connection is dialled by us, and there are no proxies."""

    def __init__(self, dial: Dial, deadline: Deadline, allowance: Allowance, tls: Callable[[], ssl.SSLContext]) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._dial = dial
        self._deadline = deadline
        self._allowance = allowance
        self._tls = tls

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool alone: the TLS context already holds the certificates and requires them."""

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """Return a pool for one connection to the host of the request."""
        parts = urlsplit(request.url or "")
        ours: dict[str, Any] = {"dial": self._dial, "deadline": self._deadline, "allowance": self._allowance}
        # The port is always named: http.client would find one in the colons of an IPv6 address.
        if parts.scheme == "https":
            return _TLSPool(parts.hostname or "", parts.port or 443, ssl_context=self._tls(), **ours)
        return _PlainPool(parts.hostname or "", parts.port or 80, **ours)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and everything wrapped in it: requests and urllib3 wrap in several ways."""
    waiting, met = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in met:
            continue
        met.add(id(current))
        yield current
        inner = [getattr(current, "reason", None), *current.args, current.__cause__, current.__context__]
        waiting += [one for one in inner if isinstance(one, BaseException)]


def in_plain_words(error: Exception) -> NetworkError:
    """Return what `error`, or what it wraps, means to somebody who does not know HTTP."""
    for cause in causes(error):
        match cause:
            case Flooded():
                return NetworkError("it sends far more bytes than any answer needs", hint="The server is at fault")
            case ssl.SSLCertVerificationError():
                what = f"the server's certificate is not to be trusted: {cause.verify_message}"
                return NetworkError(what, hint="Its operator must renew or correct it")
            case ssl.SSLError():
                reason = (cause.reason or "unknown reason").lower().replace("_", " ")
                return NetworkError(f"the secure connection failed: {reason}")
            case InvalidChunkLength():
                return NetworkError("the chunks of the body are malformed")
            case http.client.IncompleteRead():
                return NetworkError("the connection broke off before the end of the body")
            case http.client.RemoteDisconnected():
                return NetworkError("the server closed the connection without an answer")
            case http.client.BadStatusLine() | http.client.LineTooLong():
                return NetworkError("the answer is not HTTP")
            case ConnectionResetError() | BrokenPipeError():
                return NetworkError("the server broke the connection")
            case UnicodeError() | requests.exceptions.InvalidURL():
                return NetworkError("the address is not valid", hint="Check its host name")
    return NetworkError(f"the answer cannot be read: {error}")
