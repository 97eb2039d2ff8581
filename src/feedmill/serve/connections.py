"""The connections of a server, and the limits that keep slow, silent and greedy clients from stopping it.

One look at all connections, each second, holds every time limit; sizes are held where bytes come in. This module must
not know what is asked or answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import socket
import struct
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

__all__ = ["Connection", "Connections", "Limits", "raise_open_files"]

_SPARE = 256
"""Descriptors that are no connections: the state, published files, logs."""

# RFC 3986 section 3.2.2 and 3.2.3; a host may be empty (RFC 9110 section 7.2).
_HOST = re.compile(rb"(?:\[[A-Za-z0-9.:_~%-]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may take: times in seconds, sizes in bytes. `connections` None: what open files allow for.

    `head` is for the whole head of a request, `idle` for a connection between two requests, `stall` for a body, in
    either direction, of which nothing moves. At a stop, answers have `grace` to come to their end.
    """

    head: float = 10.0
    head_size: int = 16 * 1024
    fields: int = 100
    body_size: int = 16 * 1024 * 1024
    idle: float = 75.0
    stall: float = 30.0
    connections: int | None = None
    look: float = 1.0
    grace: int = 3


def raise_open_files() -> int:
    """Let this process open as many files as the system lets it; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if soft == resource.RLIM_INFINITY else soft


class Connections:
    """All connections of a server, whichever listener they came through."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        files = raise_open_files()
        self.most = limits.connections or max(files - _SPARE, files // 2)
        self.open: set[Connection] = set()
        self.idle: dict[Connection, None] = {}
        """Those that wait for a request, the longest waiting one first."""

    def protocol(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> Connection:
        """Return the protocol of a new connection, as uvicorn asks for it."""
        return Connection(self, config, server_state, app_state, _loop)

    def make_room(self) -> bool:
        """Return whether one more connection is within the limit, once the longest idle one was closed for it."""
        if len(self.open) < self.most:
            return True
        oldest = next(iter(self.idle), None)
        if oldest is None:
            return False
        oldest.drop()
        return True

    async def watch(self) -> None:
        """Look at all connections now and then, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.limits.look)
            now = loop.time()
            for connection in tuple(self.open):
                connection.look(now)


class Connection(HttpToolsProtocol):
    """One connection: uvicorn's, with limits."""

    def __init__(
        self,
        all_of: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False  # it would tell what is secret in an address; `app` tells the rest
        self._all = all_of
        self._limits = all_of.limits
        self._refusal = 0
        self._asked = False
        """Whether a request came, so that there is a `cycle`: the last request and its answer."""
        self._in_head = False
        self._heads = 0
        self._head_size = 0
        self._head_came = 0
        self._trailer_size = 0
        self._framing_came = 0
        self._body_size = 0
        self._bodies_size = 0
        self._since = self.loop.time()
        """When what is waited for began: a first request, the end of a head, the next piece of a body."""
        self._unsent = 0
        self._unsent_since = 0.0

    # --- from the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        room = self._all.make_room()
        super().connection_made(transport)
        if not room:
            self._refuse(503)
            return
        self._all.open.add(self)
        self._all.idle[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._all.open.discard(self)
        self._all.idle.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as far as heads stay within their size."""
        if self.transport.is_closing():
            return
        heads, bodies = self._heads, self._bodies_size
        super().data_received(data)
        # What the parser has not told yet, as a field without an end, is counted by what came in.
        if self._in_head and self._heads == heads:
            self._head_came += len(data) - (self._bodies_size - bodies)
            if self._head_came > self._limits.head_size:
                self._refuse(431)
        elif self._awaits_body():  # lengths of chunks and what follows them, or a field after them without an end
            self._framing_came += len(data) - (self._bodies_size - bodies)
            if self._framing_came > self._limits.body_size:
                self._refuse(413)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or one beyond a limit."""
        self._refuse(self._refusal or 400)

    def shutdown(self) -> None:
        """Begin to end: what is being answered is finished, but for a stream, which has no end of its own."""
        super().shutdown()
        if self._answers() and self.cycle.chunked_encoding:
            self.transport.close()

    # --- from the parser

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._all.idle.pop(self, None)
        self._in_head = True
        self._head_size = self._head_came = 0
        self._body_size = self._trailer_size = self._framing_came = 0
        self._since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > self._limits.head_size:
            self._stop_parsing(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head. One after the body is no part of it (RFC 9110 section 6.5.1): whoever is between us
        and the client may have looked at the head alone."""
        if not self._in_head:
            self._trailer_size += len(name) + len(value) + 4
            if self._trailer_size > self._limits.head_size:
                self._stop_parsing(431)
            return
        self._head_size += len(name) + len(value) + 4
        if self._head_size > self._limits.head_size or len(self.headers) >= self._limits.fields:
            self._stop_parsing(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer, unless a body is announced that would be too large, or it is not told whom it is for."""
        self._in_head = False
        self._heads += 1
        self._since = self.loop.time()
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1 if _HOST.fullmatch(value) else 2
            elif name == b"content-length" and value.isdigit() and int(value) > self._limits.body_size:
                self._stop_parsing(413)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._stop_parsing(400)  # RFC 9112 section 3.2
        super().on_headers_complete()
        self._asked = True

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._since = self.loop.time()
        self._body_size += len(body)
        self._bodies_size += len(body)
        if self._body_size > self._limits.body_size:
            self._stop_parsing(413)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._since = self.loop.time()
        if self in self._all.open and not self._in_head and not self._answers():  # requests may follow each other
            self._all.idle[self] = None

    # --- now and then

    def look(self, now: float) -> None:
        """Hold the connection against its time limits."""
        if self._stalls(now):
            self._break_off()
            return
        waited = now - self._since
        if self.transport.is_closing():
            return
        if self._in_head and waited > self._limits.head:
            self._refuse(408)
        elif self in self._all.idle:
            # A new connection that never says anything is a head that does not come.
            if waited > (self._limits.idle if self._asked else self._limits.head):
                self.transport.close()
        elif self._awaits_body() and waited > self._limits.stall:
            self._refuse(408)

    def drop(self) -> None:
        """Make room for another one."""
        self._all.open.discard(self)
        self._all.idle.pop(self, None)
        self.transport.close()

    def _break_off(self) -> None:
        """End the connection at once, and what the system still has for it, too."""
        bare = self.transport.get_extra_info("socket")
        if bare is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _stalls(self, now: float) -> bool:
        """Whether the client takes nothing of what is there for it."""
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
            return False
        return now - self._unsent_since > self._limits.stall

    def _answers(self) -> bool:
        return self._asked and not self.cycle.response_complete

    def _awaits_body(self) -> bool:
        return self._asked and self.cycle.more_body and not self.flow.read_paused

    def _stop_parsing(self, status: int) -> None:
        self._refusal = status
        raise ValueError(f"beyond a limit of the server: {status}")  # the parser hands it on as a malformed request

    def _refuse(self, status: int) -> None:
        """Answer in one line and close; where an answer is under way, or one is not expected, only close."""
        if self.transport.is_closing():
            return
        # What is wrong with a request must not be taken for the answer to the one before it.
        others = self._answers() and (self._in_head or bool(self.pipeline) or self.cycle.response_started)
        self._in_head = False
        if not others:
            line = STATUS_LINE[status]
            text = line[9:-2] + b"\n"
            fields = [b"content-type: text/plain; charset=utf-8", b"content-length: %d" % len(text)]
            fields += [b"%s: %s" % pair for pair in self.server_state.default_headers]
            self.transport.write(b"%s%s\r\nconnection: close\r\n\r\n%s" % (line, b"\r\n".join(fields), text))
        self.transport.close()
