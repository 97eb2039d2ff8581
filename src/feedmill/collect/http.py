"""HTTP to upstreams: conditional requests with a deadline, a size limit, manners and the network guard.

The only place that talks HTTP to upstreams; the guard, the deadline, the gate and the decoders are its parts,
each in a module of its own. This module must not know what is fetched: a body is bytes.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.parse import urlsplit

import requests
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError

from feedmill.collect.addresses import fetchable, shown
from feedmill.collect.body import read_body
from feedmill.collect.credentials import Credentials, login
from feedmill.collect.deadline import Allowance, Deadline, seconds_text
from feedmill.collect.decoding import CodingError
from feedmill.collect.exchange import Response, Wish
from feedmill.collect.guard import Guard
from feedmill.collect.headers import content_type, fresh_for, manipulations, merged, retry_after, single
from feedmill.collect.host_gate import HostGate
from feedmill.collect.refusals import refusal_of_form, status_error
from feedmill.collect.transport import Transport, causes, in_plain_words, tls_context
from feedmill.collect.turn import Turn
from feedmill.collect.weblinks import related
from feedmill.errors import CollectError, NetworkError, StatusError
from feedmill.model import FetchSettings, Validators

__all__ = ["HttpClient", "Response"]

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATED = frozenset({307, 308})
_PERMANENT = frozenset({301, 308})
_WITH_BODY = frozenset({200, 203})
_IM_USED = 226
_LARGE = 512 * 1024  # bytes; of larger bodies only one at a time is in memory
_PATIENCE = 60.0  # seconds; what is done with a large document takes a few
_HEADERS = 256 * 1024  # bytes
_REASON = 1024  # bytes
_MOST_HUBS = 5

_NOTHING = Validators()


class HttpClient:
    """Fetches documents, from many threads at once, without cookies, referrers, proxies or kept connections."""

    def __init__(self, settings: FetchSettings, *, guard: Guard | None = None, gate: HostGate | None = None) -> None:
        self._settings = settings
        self._guard = guard or Guard(settings.allow_private_networks, settings.allow_hosts)
        self._gate = gate or HostGate(settings.per_host, settings.host_delay.total_seconds())
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = threading.Lock()
        self._turn = Turn(_PATIENCE)
        self._closed = False

    @property
    def timeout(self) -> timedelta:
        """What one look may take, from connecting to the last byte."""
        return self._settings.timeout

    @property
    def max_body(self) -> int:
        """The largest document to accept, in bytes, however it was packed."""
        return self._settings.max_body

    def close(self) -> None:
        """Refuse all further requests. No connection outlives its request, so there is nothing else to end."""
        self._closed = True

    def release(self) -> None:
        """Say that the calling thread is done with what it fetched: only one at a time holds a large document."""
        self._turn.give_back()

    def get(
        self,
        url: str,
        *,
        now: datetime,
        validators: Validators = _NOTHING,
        accept: str = "*/*",
        manipulation: str = "",
        permit: Callable[[str], float] | None = None,
        credentials: Credentials | None = None,
        limit: timedelta | None = None,
        deadline: Deadline | None = None,
    ) -> Response:
        """Fetch `url`; with `validators`, only if it has changed (RFC 9110 section 13).

        `now` (aware) turns dates in headers into durations. All redirects together, connecting included, have
        `settings.timeout`, or `limit` if that is less, or what is left of a `deadline` that several requests share;
        waiting for a turn at a host is not counted. `permit` is told every address before it is asked, redirects
        included: it returns the seconds to keep from the last request to that host, or raises CollectError.
        `manipulation` is one that the caller understands: `feed` lets a server that knows it send only the newer
        entries (RFC 3229 section 10.5.3). `credentials`, or else a login in `url`, go to their own origin, and no
        further once a redirect has led away from it.

        Raises:
            NetworkError: the URL is unfit, nobody answered in time, or the answer is broken or cut off.
            AddressRefused: the network guard forbids the address.
            TooLarge: more than `settings.max_body` bytes, after decompression.
            StatusError: the server answered with anything but success; `wait` and `gone` say more.
        """
        wish = Wish(now, validators, accept, manipulation, permit, credentials)
        seconds = min(self._settings.timeout, limit or self._settings.timeout).total_seconds()
        deadline = deadline or Deadline(seconds)
        with SpooledTemporaryFile(max_size=_LARGE) as spool:
            answer = self._get(url, wish, deadline, spool)
            # On disk until here, so that nobody's turn at the host is used up by waiting.
            if spool.tell() > _LARGE:
                with deadline.paused():
                    self._turn.take()
            spool.seek(0)
            return replace(answer, body=spool.read())

    def _get(self, url: str, wish: Wish, deadline: Deadline, spool: IO[bytes]) -> Response:
        """Follow redirects from `url` to an answer, and write its body into `spool`."""
        headers = wish.headers(self._settings.user_agent)
        here, moved_to, chain_is_permanent = fetchable(url), None, True
        seen = [here]
        credentials = wish.credentials or login(url)
        trusted = credentials is not None and credentials.cover(here)
        while True:
            where = shown(here)
            try:
                apart = _permitted(here, wish.permit, deadline)
                sent = {**headers, **credentials.headers} if credentials and trusted else headers
                outcome = self._visit(here, sent, deadline, wish, apart, spool)
            except CollectError as error:
                error.where = error.where or where
                if isinstance(error, StatusError):
                    error.host = urlsplit(here).hostname
                raise
            if isinstance(outcome, Response):
                return replace(outcome, moved_to=moved_to)
            status, location = outcome
            target = fetchable(location, referring=here)
            chain_is_permanent = chain_is_permanent and status in _PERMANENT
            moved_to = target if chain_is_permanent else moved_to
            if target in seen:
                raise NetworkError("it redirects in a circle", where=where, hint="Open the address in a browser")
            if len(seen) > MAX_REDIRECTS:
                raise NetworkError(f"more than {MAX_REDIRECTS} redirects", where=shown(seen[0]))
            if here.startswith("https:") and target.startswith("http:"):
                log.info("%s redirects to an address without TLS: %s", where, shown(target))
            trusted = trusted and credentials is not None and credentials.cover(target)
            seen.append(target)
            here = target

    def post(self, url: str, form: Sequence[tuple[str, str]], *, now: datetime) -> None:
        """Send a form to `url`, within `settings.timeout`; only 307 and 308, which keep it a POST, are followed.

        `now` (aware) turns dates in headers into durations.

        Raises:
            NetworkError: the URL is unfit, nobody answered in time, or the answer is broken.
            AddressRefused: the network guard forbids the address.
            StatusError: the server answered with anything but success; what it says of that is quoted, as plain text.
        """
        deadline, here = Deadline(self._settings.timeout.total_seconds()), fetchable(url)
        sent = {"User-Agent": self._settings.user_agent, "Connection": "close", "Accept-Encoding": "identity"}
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with self._answered(requests.Request("POST", here, sent, data=list(form)), deadline) as answer:
                    status, headers = answer.status_code, cast("HTTPHeaderDict", answer.raw.headers)
                    location = headers.get("location")
                    if 200 <= status < 300:
                        return
                    if status not in _REPEATED or location is None:
                        said = answer.raw.read(_REASON, decode_content=False)
                        raise refusal_of_form(status, headers, said, now)
            except CollectError as error:
                error.where = error.where or shown(here)
                raise
            here = fetchable(location, referring=here)
        raise NetworkError(f"more than {MAX_REDIRECTS} redirects", where=shown(url))

    @contextmanager
    def dialled(self, host: str, port: int, *, tls: bool) -> Iterator[socket.socket]:
        """Hold a connection for another protocol, under the same guard, deadline, manners and certificates.

        Raises:
            NetworkError: nobody answered in time, or the conversation failed.
            AddressRefused: the network guard forbids the address.
        """
        deadline = Deadline(self._settings.timeout.total_seconds())
        with self._gate.visit(host) as waited, ExitStack() as open_:
            deadline.postpone(waited)
            if self._closed:
                raise NetworkError("the program is shutting down")
            limit = self._settings.connect_timeout.total_seconds()
            try:
                sock: socket.socket = open_.enter_context(
                    self._guard.connect(host, port, deadline=deadline, limit=limit)
                )
                if tls:
                    sock.settimeout(deadline.within(limit).left())
                    secured = open_.enter_context(self._tls_context().wrap_socket(sock, server_hostname=host))
                    secured.deadline = deadline  # type: ignore[attr-defined]  # the context makes a DeadlineTLSSocket
                    sock = secured
                yield sock
            except (OSError, ValueError) as error:
                raise self._explained(error, deadline) from error

    def _visit(
        self, url: str, headers: Mapping[str, str], deadline: Deadline, wish: Wish, apart: float, spool: IO[bytes]
    ) -> Response | tuple[int, str]:
        """Ask one address once. Returns the answer, or the status and target of a redirect."""
        request = requests.Request("GET", url, headers=dict(headers))
        with self._answered(request, deadline, apart) as answer:
            return self._read(answer, url, deadline, wish, spool)

    @contextmanager
    def _answered(
        self, request: requests.Request, deadline: Deadline, apart: float = 0.0
    ) -> Iterator[requests.Response]:
        """Send one request when its host has a turn for us, and hold the answer, whose body is still to be read."""
        with self._gate.visit(urlsplit(request.url).hostname or "", apart=apart) as waited:
            deadline.postpone(waited)
            if self._closed:
                raise NetworkError("the program is shutting down")
            try:
                answer = self._ask(request.prepare(), deadline)
                try:
                    yield answer
                finally:
                    answer.close()
            except CodingError as error:
                raise NetworkError(str(error), hint="The server or something before it is at fault") from error
            except (OSError, ValueError, HTTPError, http.client.HTTPException) as error:
                raise self._explained(error, deadline) from error

    def _ask(self, request: requests.PreparedRequest, deadline: Deadline) -> requests.Response:
        limit = self._settings.connect_timeout.total_seconds()

        allowance = Allowance(_HEADERS)

        def dial(host: str, port: int) -> socket.socket:
            sock = self._guard.connect(host, port, deadline=deadline, limit=limit)
            sock.allowance = allowance
            return sock

        adapter = Transport(dial, deadline, allowance, self._tls_context)
        answer = adapter.send(request, stream=True, timeout=(limit, self._settings.timeout.total_seconds()))
        # Chunks, and what is compressed badly, may take more bytes than they hold, though not many times as many.
        allowance.grant(2 * self._settings.max_body + _HEADERS)
        return answer

    def _read(
        self, answer: requests.Response, url: str, deadline: Deadline, wish: Wish, spool: IO[bytes]
    ) -> Response | tuple[int, str]:
        status, headers = answer.status_code, cast("HTTPHeaderDict", answer.raw.headers)
        conditional = wish.validators.etag is not None or wish.validators.last_modified is not None
        location = headers.get("location")
        if status in _REDIRECTS and location is not None:
            return status, location
        wait, fresh = retry_after(single(headers, "retry-after"), wish.now), fresh_for(headers, wish.now)
        if status == 304 and conditional:
            kept = merged(wish.validators, headers)
            repeated = "cache-control" in headers or "expires" in headers
            fresh = (fresh or timedelta()) if repeated else None
            return Response(status=304, url=url, validators=kept, wait=wait, fresh_for=fresh)
        if status == _IM_USED:
            _check_manipulations(wish.manipulation, headers)
        elif status not in _WITH_BODY:
            raise status_error(status, headers, wish.now)
        digest, received = read_body(answer, spool, self._settings.max_body, deadline)
        media_type, charset = content_type(headers.get("content-type"))
        # The digest of a part would not tell whether the whole has changed.
        return Response(
            status=200 if status in _WITH_BODY else status,
            url=url,
            media_type=media_type,
            charset=charset,
            validators=merged(Validators(digest=None if status == _IM_USED else digest), headers),
            wait=wait,
            fresh_for=fresh or timedelta(),
            hubs=tuple(related(headers.getlist("link"), url, "hub")[:_MOST_HUBS]),
            topic=next(iter(related(headers.getlist("link"), url, "self")), None),
            received=received,
        )

    def _explained(self, error: Exception, deadline: Deadline) -> NetworkError:
        if deadline.over():
            limit = seconds_text(deadline.seconds)
            return NetworkError(f"not finished within {limit}", hint="The limit is timeout under [fetch]")
        if any(isinstance(cause, TimeoutError) for cause in causes(error)):
            limit = seconds_text(self._settings.connect_timeout.total_seconds())
            what = f"the secure connection was not set up within {limit}"
            return NetworkError(what, hint="The limit is connect_timeout under [fetch]")
        return in_plain_words(error)

    def _tls_context(self) -> ssl.SSLContext:
        # Loading the certificates takes as long as fetching a feed; the context is read-only from here on.
        with self._tls_lock:
            if self._tls is None:
                self._tls = tls_context()
            return self._tls


def _permitted(url: str, permit: Callable[[str], float] | None, deadline: Deadline) -> float:
    """Return how far apart this request has to be from the last. Asking for permission is not the server's time."""
    if permit is None:
        return 0.0
    with deadline.paused():
        return permit(url)


def _check_manipulations(asked: str, headers: HTTPHeaderDict) -> None:
    """Refuse a body that was made otherwise than was asked for, which nobody could read (RFC 3229 section 10.4.1)."""
    made = manipulations(headers)
    if not asked or made != {asked}:
        how = ", ".join(sorted(made))[:80] if made else "that is not named"
        hint = "The server is at fault, since it was not asked for"
        raise NetworkError(f"the body was made by a manipulation: {how}", hint=hint)
