"""The HTTP client against a real server that misbehaves in every way we know."""

from __future__ import annotations

import gc
import gzip
import hashlib
import socket
import ssl
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from feedmill.collect import feed
from feedmill.collect.guard import Guard
from feedmill.collect.host_gate import HostGate
from feedmill.collect.http import HttpClient, Response
from feedmill.errors import AddressRefused, CollectError, NetworkError, StatusError, TooLarge
from feedmill.model import FetchSettings, Source, Validators
from upstream import Handler, Upstream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
NOTHING = Validators()
BODY = b"<rss version='2.0'><channel/></rss>" * 50

Get = Callable[..., Response]


def client(**settings: Any) -> HttpClient:
    usual: dict[str, Any] = {
        "user_agent": "Feedmill/test (+mailto:ops@example.org)",
        "allow_hosts": ("127.0.0.1", "localhost"),
        "host_delay": timedelta(0),
        "timeout": timedelta(seconds=20),
    }
    return HttpClient(FetchSettings(**(usual | settings)))


@pytest.fixture
def get() -> Get:
    def get(url: str, validators: Validators = NOTHING, **settings: Any) -> Response:
        return client(**settings).get(url, now=NOW, validators=validators)

    return get


def test_a_plain_answer(upstream: Upstream, get: Get) -> None:
    url = upstream.serve(
        "/feed",
        body=BODY,
        Content_Type="application/rss+xml; charset=ISO-8859-1",
        ETag='W/"a b"',
        Last_Modified="yesterday, sort of",
    )
    answer = get(url + "#part")
    assert answer == Response(
        status=200,
        url=url,
        body=BODY,
        media_type="application/rss+xml",
        charset="iso-8859-1",
        validators=Validators(
            etag='W/"a b"', last_modified="yesterday, sort of", digest=hashlib.sha256(BODY).hexdigest()
        ),
        fresh_for=timedelta(),
        received=len(BODY),
    )


def test_what_is_sent(upstream: Upstream, get: Get) -> None:
    get(upstream.serve("/feed", body=BODY, Set_Cookie="id=1"))
    get(upstream.url("/feed"))
    for asked in upstream.asked:
        sent = dict(asked.headers.items())
        assert sent == {
            "Host": f"127.0.0.1:{upstream.port}",
            "User-Agent": "Feedmill/test (+mailto:ops@example.org)",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate, br, zstd",
            "Connection": "close",
        }


def test_proxies_and_passwords_of_the_environment_are_not_used(
    upstream: Upstream, get: Get, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert get(upstream.serve("/feed", body=BODY)).body == BODY
    assert "Authorization" not in upstream.asked[0].headers


def test_a_password_in_the_address_is_sent_and_never_shown(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=403)
    with pytest.raises(StatusError) as caught:
        get(f"http://me:secret@127.0.0.1:{upstream.port}/feed")
    assert upstream.asked[0].headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in str(caught.value)


# --- validators ------------------------------------------------------------------------------


def test_validators_go_back_exactly_as_they_came(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=304)
    stored = Validators(etag='"caf\xe9"', last_modified="Thu, 1 Jan 70", digest="abc")
    answer = get(upstream.url("/feed"), stored)
    assert upstream.asked[0].headers["If-None-Match"] == '"caf\xe9"'
    assert upstream.asked[0].headers["If-Modified-Since"] == "Thu, 1 Jan 70"
    assert (answer.status, answer.body, answer.validators) == (304, b"", stored)


def test_a_304_may_bring_new_validators(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=304, ETag='"new"')
    answer = get(upstream.url("/feed"), Validators(etag='"old"', last_modified="then", digest="abc"))
    assert answer.validators == Validators(etag='"new"', last_modified="then", digest="abc")


def test_a_304_that_nobody_asked_for_is_an_error(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=304)
    with pytest.raises(StatusError, match="304"):
        get(upstream.url("/feed"), Validators(digest="abc"))


def test_validators_that_could_not_be_sent_back_are_dropped(upstream: Upstream, get: Get) -> None:
    url = upstream.serve("/feed", body=BODY, ETag="x" * 2000, Last_Modified="a\tb")
    assert get(url).validators == Validators(digest=hashlib.sha256(BODY).hexdigest())


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


# --- compression and sizes -------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


CODED = [
    ("gzip", zipped(BODY)),
    ("X-GZip", zipped(BODY[:100]) + zipped(BODY[100:]) + b"\0"),
    ("deflate", zlib.compress(BODY)),
    ("deflate", raw_deflate(BODY)),
    ("br", brotli.compress(BODY)),
    ("zstd", zstd.compress(BODY)),
    ("identity", BODY),
    ("gzip, br", brotli.compress(zipped(BODY))),
]
COMPRESSED = [case for case in CODED if case[0] != "identity"]


@pytest.mark.parametrize(("coding", "coded"), CODED, ids=range(len(CODED)))
def test_codings(upstream: Upstream, get: Get, coding: str, coded: bytes) -> None:
    assert get(upstream.serve("/feed", body=coded, Content_Encoding=coding)).body == BODY


@pytest.mark.parametrize(("coding", "coded"), COMPRESSED, ids=range(len(COMPRESSED)))
def test_a_compressed_body_that_is_cut_off(upstream: Upstream, get: Get, coding: str, coded: bytes) -> None:
    with pytest.raises(NetworkError, match="ends early"):
        get(upstream.serve("/feed", body=coded[: len(coded) // 2], Content_Encoding=coding))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip"])
def test_a_body_that_is_not_coded_as_announced(upstream: Upstream, get: Get, coding: str) -> None:
    with pytest.raises(NetworkError, match=r"announced|not asked for|times over"):
        get(upstream.serve("/feed", body=b"not compressed at all", Content_Encoding=coding))


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", zipped),
        ("br", lambda data: brotli.compress(data, quality=5)),
        ("zstd", zstd.compress),
        ("gzip, gzip", lambda data: zipped(zipped(data))),
    ],
)
def test_a_bomb_is_stopped_at_the_limit(
    upstream: Upstream, get: Get, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    url = upstream.serve("/feed", body=compress(bytes(20_000_000)), Content_Encoding=coding)
    with pytest.raises(TooLarge, match="larger than 1 MiB"):
        get(url, max_body=1024 * 1024)


def test_a_body_of_exactly_the_limit_passes(upstream: Upstream, get: Get) -> None:
    assert len(get(upstream.serve("/feed", body=bytes(5000)), max_body=5000).body) == 5000
    with pytest.raises(TooLarge):
        get(upstream.serve("/feed", body=bytes(5001)), max_body=5000)


def test_an_announced_length_over_the_limit_is_refused_at_once(upstream: Upstream, get: Get) -> None:
    def announce(handler: Handler) -> None:
        handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        handler.stall()

    upstream.routes["/feed"] = announce
    with pytest.raises(TooLarge):
        get(upstream.url("/feed"))


def test_a_body_without_end_is_stopped_at_the_limit(upstream: Upstream, get: Get) -> None:
    def flood(handler: Handler) -> None:
        handler.raw(b"HTTP/1.1 200 OK\r\n\r\n")
        while not handler.server.upstream.over.is_set():
            handler.raw(bytes(65536))

    upstream.routes["/feed"] = flood
    with pytest.raises(TooLarge):
        get(upstream.url("/feed"))


# --- broken answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "cannot be read"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n", "malformed"),
        (b"", "without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200, "cannot be read"),
    ],
)
def test_broken_answers(upstream: Upstream, get: Get, wire: bytes, message: str) -> None:
    upstream.routes["/feed"] = lambda handler: handler.raw(wire)
    with pytest.raises(NetworkError, match=message) as caught:
        get(upstream.url("/feed"))
    assert caught.value.where == upstream.url("/feed")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_lengths_that_differ(upstream: Upstream, get: Get) -> None:
    upstream.routes["/feed"] = lambda handler: handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab")
    with pytest.raises(NetworkError, match="cannot be read"):
        get(upstream.url("/feed"))
    gc.collect()  # urllib3 leaves this socket to the garbage collector


def test_nobody_listens(get: Get) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(NetworkError, match="refused"):
        get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "url",
    [
        "", "feed.xml", "file:///etc/passwd", "ftp://example.org/", "http://", "http:///feed", "http://[::1",
        "javascript:1", "http://example.org:0/",
        "http://example.org:99999/", "http://example.org:x/", "http://exa mple.org/",
        "http://example.org/a\r\nX: y", "http://" + "a" * 64 + ".example.org/", "http://a..b/", "http://\u2028/",
        "https://xn--/", "http://*/", "http://%00/",
    ],
)  # fmt: skip
def test_unfit_addresses(get: Get, url: str) -> None:
    with pytest.raises(NetworkError):
        get(url, connect_timeout=timedelta(seconds=2))


# --- the deadline -------------------------------------------------------------------------------

DRIPS: list[tuple[bytes, bytes]] = [
    (b"", b"H"),
    (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b"x"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", zipped(b"")),
]


@pytest.mark.parametrize(("start", "drop"), DRIPS, ids=range(len(DRIPS)))
def test_a_server_that_drips(upstream: Upstream, get: Get, start: bytes, drop: bytes) -> None:
    def drip(handler: Handler) -> None:
        handler.raw(start)
        handler.drip(drop)

    upstream.routes["/feed"] = drip
    with pytest.raises(NetworkError, match=r"not finished within 0.15 s.*timeout under \[fetch\]"):
        get(upstream.url("/feed"), timeout=timedelta(seconds=0.15))


def test_a_server_that_says_nothing(upstream: Upstream, get: Get) -> None:
    upstream.routes["/feed"] = lambda handler: handler.stall()
    with pytest.raises(NetworkError, match="not finished within"):
        get(upstream.url("/feed"), timeout=timedelta(seconds=0.2))


def test_the_deadline_covers_all_redirects_together(upstream: Upstream, get: Get) -> None:
    def slow_redirect(handler: Handler) -> None:
        handler.server.upstream.over.wait(0.1)
        handler.reply(302, Location=f"{handler.path}x")

    for number in range(6):
        upstream.routes["/feed" + "x" * number] = slow_redirect
    with pytest.raises(NetworkError, match="not finished within"):
        get(upstream.url("/feed"), timeout=timedelta(seconds=0.25))


def test_a_name_server_that_never_answers(upstream: Upstream) -> None:
    def resolve(host: str, port: int) -> list[str]:
        upstream.over.wait()
        return []

    settings = FetchSettings(user_agent="x", connect_timeout=timedelta(seconds=0.1))
    with pytest.raises(NetworkError, match="not resolved in time"):
        HttpClient(settings, guard=Guard(resolve=resolve)).get("http://example.org/", now=NOW)


class SlowGate(HostGate):
    """Lets everybody wait longer than the whole deadline."""

    @contextmanager
    def visit(self, host: str, *, apart: float = 0.0) -> Iterator[float]:
        threading.Event().wait(0.3)
        yield 0.3


def test_waiting_for_a_turn_is_not_the_servers_time(upstream: Upstream) -> None:
    url = upstream.serve("/feed", body=BODY)
    settings = FetchSettings(user_agent="x", allow_hosts=("127.0.0.1",), timeout=timedelta(seconds=0.2))
    assert HttpClient(settings, gate=SlowGate(1, 0)).get(url, now=NOW).body == BODY


# --- redirects -----------------------------------------------------------------------------------


def chain(upstream: Upstream, *statuses: int) -> str:
    for number, status in enumerate(statuses):
        upstream.serve(f"/{number}", status=status, Location=f"/{number + 1}")
    upstream.serve(f"/{len(statuses)}", body=BODY)
    return upstream.url("/0")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((302,), None),
        ((303, 301), None),
        ((301, 302), "/1"),
        ((301, 307, 301), "/1"),
        ((301,) * 5, "/5"),
    ],
)
def test_where_a_feed_has_moved_to(
    upstream: Upstream, get: Get, statuses: tuple[int, ...], moved_to: str | None
) -> None:
    answer = get(chain(upstream, *statuses))
    assert answer.body == BODY
    assert answer.url == upstream.url(f"/{len(statuses)}")
    assert answer.moved_to == (upstream.url(moved_to) if moved_to else None)


def test_six_redirects_are_too_many(upstream: Upstream, get: Get) -> None:
    with pytest.raises(NetworkError, match="more than 5 redirects"):
        get(chain(upstream, *[302] * 6))


def test_a_circle_of_redirects(upstream: Upstream, get: Get) -> None:
    upstream.serve("/a", status=301, Location="/b")
    upstream.serve("/b", status=301, Location="/a#top")
    with pytest.raises(NetworkError, match="in a circle"):
        get(upstream.url("/a"))
    assert [asked.path for asked in upstream.asked] == ["/a", "/b"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "gopher://x/", "data:,x"])
def test_redirects_to_what_is_not_http(upstream: Upstream, get: Get, target: str) -> None:
    with pytest.raises(NetworkError, match="redirects to"):
        get(upstream.serve("/feed", status=302, Location=target))


def test_a_redirect_to_nowhere(upstream: Upstream, get: Get) -> None:
    with pytest.raises(StatusError, match="without saying where"):
        get(upstream.serve("/feed", status=302))


def test_the_body_of_a_redirect_is_not_read(upstream: Upstream, get: Get) -> None:
    def endless(handler: Handler) -> None:
        handler.raw(b"HTTP/1.1 301 Moved\r\nLocation: /new\r\n\r\n")
        handler.stall()

    upstream.routes["/feed"] = endless
    upstream.serve("/new", body=BODY)
    assert get(upstream.url("/feed")).body == BODY


def test_a_redirect_target_may_hold_spaces_and_utf8(upstream: Upstream, get: Get) -> None:
    upstream.routes["/feed"] = lambda handler: handler.raw(
        b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: /caf\xc3\xa9 au lait\r\n\r\n"
    )
    upstream.serve("/caf%C3%A9%20au%20lait", body=BODY)
    assert get(upstream.url("/feed")).body == BODY


def test_conditions_are_repeated_after_a_redirect_and_passwords_are_not(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=301, Location=upstream.url("/new", host="localhost"))
    upstream.serve("/new", status=304)
    answer = get(f"http://me:secret@127.0.0.1:{upstream.port}/feed", Validators(etag='"1"'))
    assert answer.status == 304
    assert answer.moved_to == upstream.url("/new", host="localhost")
    assert upstream.asked[1].headers["If-None-Match"] == '"1"'
    assert "Authorization" not in upstream.asked[1].headers
    assert "Referer" not in upstream.asked[1].headers


# --- statuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (400, ""), (401, "password"), (403, "User-Agent"), (404, "moved"), (410, "remove"), (429, "too often"),
        (500, "tried again"), (503, "tried again"), (204, ""), (206, ""), (300, ""), (599, "tried again"),
    ],
)  # fmt: skip
def test_statuses(upstream: Upstream, get: Get, status: int, hint: str) -> None:
    with pytest.raises(StatusError, match=f"answered {status}") as caught:
        get(upstream.serve("/feed", status=status))
    assert hint in caught.value.hint
    assert caught.value.gone is (status == 410)
    assert caught.value.status == status
    assert caught.value.wait is None


def test_retry_after_reaches_the_caller(upstream: Upstream, get: Get) -> None:
    with pytest.raises(StatusError) as caught:
        get(upstream.serve("/feed", status=503, Retry_After="Mon, 02 Nov 2026 08:00:00 GMT"))
    assert caught.value.wait == timedelta(hours=1)


# --- the network guard ----------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "0"])
def test_loopback_is_refused_however_it_is_written(upstream: Upstream, get: Get, host: str) -> None:
    upstream.serve("/feed", body=BODY)
    with pytest.raises(AddressRefused, match=rf'{host}.*add "{host}" to allow_hosts under \[fetch\]'):
        get(upstream.url("/feed", host=host), allow_hosts=())
    assert upstream.asked == []


def test_private_networks_may_be_allowed_as_a_whole(upstream: Upstream, get: Get) -> None:
    url = upstream.serve("/feed", body=BODY)
    assert get(url, allow_hosts=(), allow_private_networks=True).body == BODY


def test_a_redirect_into_the_private_network_is_refused(upstream: Upstream, get: Get) -> None:
    upstream.serve("/feed", status=302, Location=upstream.url("/secret", host="localhost"))
    upstream.serve("/secret", body=BODY)
    http = client_named({"inside.test": ["127.0.0.1"], "localhost": ["127.0.0.1"]})
    with pytest.raises(AddressRefused) as caught:
        http.get(upstream.url("/feed", host="inside.test"), now=NOW)
    assert caught.value.where == upstream.url("/secret", host="localhost")
    assert [asked.path for asked in upstream.asked] == ["/feed"]


def client_named(names: dict[str, list[str]]) -> HttpClient:
    settings = FetchSettings(user_agent="x", host_delay=timedelta(0))
    return HttpClient(settings, guard=Guard(allow_hosts=("inside.test",), resolve=lambda host, port: names[host]))


def test_the_address_that_was_judged_is_the_one_connected_to(upstream: Upstream) -> None:
    upstream.serve("/feed", body=BODY)
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    settings = FetchSettings(user_agent="x")
    http = HttpClient(settings, guard=Guard(allow_hosts=("feeds.test",), resolve=resolve))
    assert http.get(upstream.url("/feed", host="feeds.test"), now=NOW).body == BODY
    assert looked_up == ["feeds.test"]
    assert upstream.asked[0].headers["Host"] == f"feeds.test:{upstream.port}"


def test_the_next_address_is_tried_when_one_is_dead(upstream: Upstream) -> None:
    upstream.serve("/feed", body=BODY)
    names = {"inside.test": ["127.0.0.2", "127.0.0.1"]}
    assert client_named(names).get(upstream.url("/feed", host="inside.test"), now=NOW).body == BODY


# --- TLS -------------------------------------------------------------------------------------------

PEM = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def tls_port() -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        path = secured.recv(65536).split(b" ")[1]
                        secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                        while path == b"/drip":
                            over.wait(0.01)
                            secured.sendall(b"x")
                        secured.sendall(BODY)
                except OSError:
                    pass

        over = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_certificate_nobody_knows(tls_port: int, get: Get) -> None:
    with pytest.raises(NetworkError, match=r"certificate is not to be trusted: self.signed"):
        get(f"https://localhost:{tls_port}/")


def test_certificates_of_the_machine_are_trusted(tls_port: int, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    assert get(f"https://localhost:{tls_port}/").body == BODY


def test_a_certificate_for_another_name(tls_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    with pytest.raises(NetworkError, match="certificate is not to be trusted: Hostname mismatch"):
        client_named({"inside.test": ["127.0.0.1"]}).get(f"https://inside.test:{tls_port}/", now=NOW)


def test_a_body_that_drips_over_tls(tls_port: int, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    with pytest.raises(NetworkError, match="not finished within"):
        get(f"https://localhost:{tls_port}/drip", timeout=timedelta(seconds=0.3))


def test_tls_with_a_server_that_does_not_speak_it(upstream: Upstream, get: Get) -> None:
    with pytest.raises(NetworkError, match="secure connection failed"):
        get(f"https://127.0.0.1:{upstream.port}/feed")


def test_a_handshake_that_stalls(get: Get) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(NetworkError, match=r"secure connection was not set up within 0.2 s.*connect_timeout"):
            get(url, connect_timeout=timedelta(seconds=0.2))


# --- many at once ------------------------------------------------------------------------------------


def test_many_threads_share_one_client_and_one_host_is_asked_once_at_a_time(upstream: Upstream) -> None:
    busy = threading.Lock()
    clashes: list[str] = []

    def watch(handler: Handler) -> None:
        if not busy.acquire(blocking=False):
            clashes.append(handler.path)
            return
        handler.reply(body=BODY[:-1], Content_Length=str(len(BODY)))
        busy.release()  # before the last byte: once that is there, the next request may come
        handler.raw(BODY[-1:])

    paths = [f"/{number}" for number in range(20)]
    upstream.routes = dict.fromkeys(paths, watch)
    http = client(per_host=1)
    with ThreadPoolExecutor(20) as threads:
        bodies = list(threads.map(lambda path: http.get(upstream.url(path), now=NOW).body, paths))
    assert bodies == [BODY] * 20
    assert clashes == []


def test_a_closed_client_asks_nobody(upstream: Upstream) -> None:
    url = upstream.serve("/feed", body=BODY)
    http = client()
    http.close()
    with pytest.raises(NetworkError, match="shutting down"):
        http.get(url, now=NOW)
    assert upstream.asked == []


# --- the collector of feeds ------------------------------------------------------------------------


def look(upstream: Upstream, validators: Validators = NOTHING) -> Any:
    source = Source(name="up", kind="feed", url=upstream.url("/feed"))
    return feed.collect(source, validators, client(), NOW)


def test_a_look_at_a_feed(upstream: Upstream) -> None:
    upstream.serve("/feed", status=301, Location="/new")
    upstream.serve("/new", body=BODY, Content_Type="text/xml; charset=utf-8", ETag='"1"')
    fetched = look(upstream)
    (document,) = fetched.documents
    assert (document.name, document.url) == (upstream.url("/feed"), upstream.url("/new"))
    assert (document.body, document.media_type, document.charset) == (BODY, "text/xml", "utf-8")
    assert fetched.moved_to == upstream.url("/new")
    assert not fetched.unchanged
    assert fetched.present is None
    assert "application/feed+json" in upstream.asked[0].headers["Accept"]


def test_the_same_body_again_is_unchanged_even_without_validators(upstream: Upstream) -> None:
    upstream.serve("/feed", body=BODY)
    first = look(upstream)
    upstream.serve("/feed", body=BODY, ETag='"new"')
    second = look(upstream, first.validators)
    assert (second.unchanged, second.documents) == (True, ())
    assert second.validators == Validators(etag='"new"', digest=first.validators.digest)
    upstream.serve("/feed", status=304)
    assert look(upstream, second.validators).unchanged
    upstream.serve("/feed", body=BODY + b" ")
    assert not look(upstream, second.validators).unchanged


def test_a_failed_look_is_an_error(upstream: Upstream) -> None:
    with pytest.raises(CollectError, match="404"):
        look(upstream)
