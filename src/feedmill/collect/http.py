"""HTTP to upstreams: conditional requests with a deadline, a size limit, manners and the network guard.

The only place that talks HTTP to upstreams; the guard, the deadline, the gate and the decoders are its parts,
each in a module of its own. This module must not know what is fetched: a body is bytes.
"""

from __future__ import annotations

import http.client
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from feedmill.collect.credentials import Credentials
from feedmill.collect.deadline import Deadline, seconds_text
from feedmill.collect.decoding import ACCEPT_ENCODING, CodingError, decoded
from feedmill.collect.guard import Guard
from feedmill.collect.host_gate import HostGate
from feedmill.collect.transport import Transport, causes, in_plain_words, tls_context
from feedmill.errors import CollectError, NetworkError, StatusError, TooLarge
from feedmill.model import FetchSettings, Validators
from feedmill.times import utc

__all__ = ["HttpClient", "Response", "retry_after"]

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
LONGEST_WAIT = timedelta(days=7)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_WITH_BODY = frozenset({200, 203})
_PIECE = 64 * 1024
_LONGEST_VALIDATOR = 1024
_LONGEST_URL = 8192
_UNFIT_IN_URL = re.compile(r"[\x00-\x20\x7f]")

_NOTHING = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server gave. `status` is 200, or 304 where nothing has changed and `body` is empty.

    `url` is the address that answered, after redirects. `moved_to` is the end of the unbroken chain of permanent
    redirects (301, 308) that the asked address starts, if there is one. `wait` is how long the server asks to be
    left alone.
    """

    status: int
    url: str
    body: bytes = b""
    media_type: str | None = None
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)
    wait: timedelta | None = None
    moved_to: str | None = None


class HttpClient:
    """Fetches documents, from many threads at once, without cookies, referrers, proxies or kept connections."""

    def __init__(self, settings: FetchSettings, *, guard: Guard | None = None, gate: HostGate | None = None) -> None:
        self._settings = settings
        self._guard = guard or Guard(settings.allow_private_networks, settings.allow_hosts)
        self._gate = gate or HostGate(settings.per_host, settings.host_delay.total_seconds())
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = threading.Lock()
        self._closed = False

    @property
    def max_body(self) -> int:
        """The largest document to accept, in bytes, however it was packed."""
        return self._settings.max_body

    def close(self) -> None:
        """Refuse all further requests. No connection outlives its request, so there is nothing else to end."""
        self._closed = True

    def get(
        self,
        url: str,
        *,
        now: datetime,
        validators: Validators = _NOTHING,
        accept: str = "*/*",
        permit: Callable[[str], float] | None = None,
        credentials: Credentials | None = None,
    ) -> Response:
        """Fetch `url`; with `validators`, only if it has changed (RFC 9110 section 13).

        `now` (aware) turns a Retry-After date into a wait. All redirects together, connecting included, have
        `settings.timeout`; waiting for a turn at a host is not counted. `permit` is told every address before it is
        asked, redirects included: it returns the seconds to keep from the last request to that host, or raises
        CollectError. `credentials` go to their own origin, and no further once a redirect has led away from it.

        Raises:
            NetworkError: the URL is unfit, nobody answered in time, or the answer is broken or cut off.
            AddressRefused: the network guard forbids the address.
            TooLarge: more than `settings.max_body` bytes, after decompression.
            StatusError: the server answered with anything but success; `wait` and `gone` say more.
        """
        deadline = Deadline(self._settings.timeout.total_seconds())
        headers = self._headers(validators, accept)
        here, moved_to, chain_is_permanent = _parsed(url), None, True
        seen = [here]
        trusted = credentials is not None and credentials.cover(here)
        while True:
            shown = _shown(here)
            try:
                apart = _permitted(here, permit, deadline)
                sent = {**headers, **credentials.headers} if credentials and trusted else headers
                outcome = self._visit(here, sent, deadline, validators, now, apart)
            except CollectError as error:
                error.where = error.where or shown
                raise
            if isinstance(outcome, Response):
                return replace(outcome, moved_to=moved_to)
            status, location = outcome
            target = _parsed(location, referring=here)
            chain_is_permanent = chain_is_permanent and status in _PERMANENT
            moved_to = target if chain_is_permanent else moved_to
            if target in seen:
                raise NetworkError("it redirects in a circle", where=shown, hint="Open the address in a browser")
            if len(seen) > MAX_REDIRECTS:
                raise NetworkError(f"more than {MAX_REDIRECTS} redirects", where=_shown(seen[0]))
            if here.startswith("https:") and target.startswith("http:"):
                log.info("%s redirects to an address without TLS: %s", shown, _shown(target))
            trusted = trusted and credentials is not None and credentials.cover(target)
            seen.append(target)
            here = target

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

    def _headers(self, validators: Validators, accept: str) -> dict[str, str]:
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept": accept,
            "Accept-Encoding": ACCEPT_ENCODING,
            # An upstream is asked once an hour or so: a kept connection would only be a burden to it.
            "Connection": "close",
        }
        if validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        return headers

    def _visit(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline: Deadline,
        validators: Validators,
        now: datetime,
        apart: float,
    ) -> Response | tuple[int, str]:
        """Ask one address once. Returns the answer, or the status and target of a redirect."""
        with self._gate.visit(urlsplit(url).hostname or "", apart=apart) as waited:
            deadline.postpone(waited)
            if self._closed:
                raise NetworkError("the program is shutting down")
            try:
                answer = self._ask(url, headers, deadline)
                try:
                    return self._read(answer, url, deadline, validators, now)
                finally:
                    answer.close()
            except CodingError as error:
                raise NetworkError(str(error), hint="The server or something before it is at fault") from error
            except (OSError, ValueError, HTTPError, http.client.HTTPException) as error:
                raise self._explained(error, deadline) from error

    def _ask(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> requests.Response:
        request = requests.Request("GET", url, headers=dict(headers)).prepare()
        limit = self._settings.connect_timeout.total_seconds()

        def dial(host: str, port: int) -> socket.socket:
            return self._guard.connect(host, port, deadline=deadline, limit=limit)

        adapter = Transport(dial, deadline, self._tls_context)
        return adapter.send(request, stream=True, timeout=(limit, self._settings.timeout.total_seconds()))

    def _read(
        self, answer: requests.Response, url: str, deadline: Deadline, validators: Validators, now: datetime
    ) -> Response | tuple[int, str]:
        status, headers = answer.status_code, answer.headers
        conditional = validators.etag is not None or validators.last_modified is not None
        if status == 304 and conditional:
            return Response(status=304, url=url, validators=_merged(validators, headers))
        if status in _REDIRECTS and "location" in headers:
            return status, headers["location"]
        if status not in _WITH_BODY:
            raise _status_error(status, headers, now)
        body = self._body(answer, deadline)
        media_type, charset = _content_type(headers.get("content-type"))
        fresh = replace(_merged(_NOTHING, headers), digest=sha256(body).hexdigest())
        return Response(status=200, url=url, body=body, media_type=media_type, charset=charset, validators=fresh)

    def _body(self, answer: requests.Response, deadline: Deadline) -> bytes:
        limit = self._settings.max_body
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) > limit:
            raise _too_large(limit)

        def raw() -> Iterator[bytes]:
            for piece in answer.raw.stream(_PIECE, decode_content=False):
                if deadline.over():
                    raise TimeoutError
                yield piece

        body = bytearray()
        for piece in decoded(raw(), answer.headers.get("content-encoding", "")):
            body += piece
            if len(body) > limit:
                raise _too_large(limit)
        return bytes(body)

    def _explained(self, error: Exception, deadline: Deadline) -> NetworkError:
        if deadline.over():
            limit = seconds_text(self._settings.timeout.total_seconds())
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
    left = deadline.left()
    apart = permit(url)
    deadline.postpone(left - deadline.left())
    return apart


# --- addresses ----------------------------------------------------------------------------------


def _parsed(url: str, *, referring: str | None = None) -> str:
    """Return `url` without fragment, absolute if `referring` redirected to it. Raises NetworkError if it is unfit."""
    where = _shown(referring or url)
    said = "it redirects to " if referring else ""
    if referring is not None:
        # http.client reads headers as Latin-1, while servers send UTF-8.
        with suppress(UnicodeError):
            url = url.encode("latin-1").decode("utf-8")
        url = url.strip().replace(" ", "%20")
    try:
        parts = urlsplit(urljoin(referring, url) if referring else url)
        fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, fit = SplitResult("", "", "", "", ""), False
    if not fit or _UNFIT_IN_URL.search(url) or len(url) > _LONGEST_URL:
        what = f"{said}an address that cannot be fetched" if referring else "the address cannot be fetched"
        raise NetworkError(f"{what}: {url[:200]!r}" if referring else what, where=where, hint="Only http and https can")
    return urlunsplit(parts._replace(fragment=""))


def _shown(url: str) -> str:
    """Return `url` as it may be logged: without user name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:200]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


# --- headers --------------------------------------------------------------------------------------


def _merged(validators: Validators, headers: Mapping[str, str]) -> Validators:
    """Return `validators` with what the headers bring, each exactly as received (RFC 9110 section 8.8)."""
    return replace(
        validators,
        etag=_validator(headers.get("etag")) or validators.etag,
        last_modified=_validator(headers.get("last-modified")) or validators.last_modified,
    )


def _validator(value: str | None) -> str | None:
    # What could not be sent back is no validator.
    if value and len(value) <= _LONGEST_VALIDATOR and value.strip() == value and value.isprintable():
        return value
    return None


def _content_type(value: str | None) -> tuple[str | None, str | None]:
    if not value or "/" not in value:
        return None, None
    message = Message()
    message["content-type"] = value
    return message.get_content_type(), message.get_content_charset()


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for (RFC 9110 section 10.2.3), at most seven days."""
    text = (value or "").strip()
    if text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        wait = utc(until) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


# --- errors -----------------------------------------------------------------------------------------


def _too_large(limit: int) -> TooLarge:
    size = f"{limit / 1024 / 1024:g} MiB" if limit >= 1024 * 1024 else f"{limit} bytes"
    return TooLarge(f"the body is larger than {size}", hint="The limit is max_body under [fetch]")


_ADVICE = {
    401: "It wants a user name and a password, or a token: set auth for this source, or correct it",
    402: "It wants payment",
    403: "It refuses this program: ask its operator to let the User-Agent in, and set contact under [fetch]",
    404: "Check the address; the feed may have moved",
    410: "The feed is gone for good: remove this source",
    429: "It is asked too often: raise every for this source",
}


def _status_error(status: int, headers: Mapping[str, str], now: datetime) -> StatusError:
    name = http.client.responses.get(status, "")
    what = f"the server answered {status} {name}".rstrip()
    if status in _REDIRECTS:
        what += " without saying where to"
    hint = _ADVICE.get(status, "This is the server's trouble; it is tried again later" if status >= 500 else "")
    return StatusError(what, status=status, hint=hint, wait=retry_after(headers.get("retry-after"), now))
