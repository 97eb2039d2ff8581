"""Slow, silent and greedy clients: each is let go, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from feedmill.serve.asgi import ASGI, Receive, Scope, Send, answer
from feedmill.serve.server import Limits, Listener, Server
from listening import ask, connected, listening, raw

QUICK = Limits(head=0.4, idle=0.8, stall=0.6, look=0.05, head_size=2048, fields=10, body_size=4096)
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
LARGE = b"x" * (16 * 1024 * 1024)


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Read what comes, and say hello."""
    while (await receive()).get("more_body"):
        pass
    await answer(send, 200, [(b"content-length", b"5")], b"hello")


@contextlib.contextmanager
def quick(app: ASGI = hello) -> Iterator[str]:
    with listening(app, QUICK) as address:
        yield address


def rest(connection: socket.socket) -> bytes:
    """Read until the server closes; a connection that it broke off is as good."""
    received: list[bytes] = []
    with contextlib.suppress(ConnectionError):
        received.extend(iter(lambda: connection.recv(1 << 16), b""))
    return b"".join(received)


def status(received: bytes) -> int:
    return int(received.split(b" ", 2)[1])


def test_a_head_that_does_not_come_to_its_end_is_given_up() -> None:
    with quick() as address, connected(address) as slow:
        slow.sendall(HEAD)
        assert status(rest(slow)) == 408
        assert ask(address, "/").body == b"hello"


def test_who_never_says_anything_is_let_go_without_a_word() -> None:
    with quick() as address, connected(address) as silent:
        assert rest(silent) == b""


def test_a_head_that_comes_drop_by_drop_is_given_up() -> None:
    with quick() as address, connected(address) as slow:
        closed = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not closed.wait(0.05):
                    slow.sendall(b"X-A: b\r\n"[:1])

        slow.sendall(HEAD)
        dripping = threading.Thread(target=drip)
        dripping.start()
        received = rest(slow)
        closed.set()
        dripping.join()
        assert received == b"" or status(received) in (408, 431)


def test_a_connection_is_kept_for_a_while_and_no_longer() -> None:
    with quick() as address, connected(address) as kept:
        for _ in range(3):
            kept.sendall(HEAD + b"\r\n")
            assert b"hello" in kept.recv(1 << 16)
        assert rest(kept) == b""


def test_line_ends_alone_do_not_keep_a_connection() -> None:
    with quick() as address, connected(address) as kept:
        kept.sendall(HEAD + b"\r\n")
        assert b"hello" in kept.recv(1 << 16)
        kept.sendall(b"\r\n")
        assert rest(kept) == b""


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(20)) + b"\r\n", 431),
        (HEAD + b"X-Long: " + b"y" * 4096 + b"\r\n\r\n", 431),
        (HEAD + b"X-Endless: " + b"y" * 4096, 431),
        (b"GET /" + b"a" * 4096 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"a" * 4096, 414),
        (b"GET", 408),
        (b"\0\1\2\3\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", 408),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
)
def test_what_is_beyond_a_limit_is_refused(said: bytes, code: int) -> None:
    with quick() as address, connected(address) as greedy:
        greedy.sendall(said)
        received = rest(greedy)
        assert received.count(b"HTTP/1.1 ") == 1
        assert status(received) == code
        assert b"connection: close" in received
        assert ask(address, "/").body == b"hello"


def test_a_body_without_an_announced_end_is_bounded_too() -> None:
    with quick() as address, connected(address) as greedy:
        greedy.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        received = b""
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                greedy.sendall(b"400\r\n" + b"x" * 0x400 + b"\r\n")
        received = rest(greedy)
        assert received == b"" or status(received) == 413
        assert ask(address, "/").body == b"hello"


@pytest.mark.parametrize("host", [b"x", b"x:80", b"[::1]", b"[::1]:8000", b"", b"127.0.0.1", b"a_b.example"])
def test_a_host_is_named_as_it_may_be(host: bytes) -> None:
    with quick() as address, connected(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        assert status(client.recv(1 << 16)) == 200


def test_the_oldest_clients_need_name_none() -> None:
    with quick() as address, connected(address) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert status(rest(client)) == 200


def test_a_field_after_the_body_is_no_field_of_the_request() -> None:
    """Whoever is trusted in between may hand it on unseen: it would say who the client is."""
    told: list[tuple[bytes, bytes]] = []

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        await hello(scope, receive, send)
        told.extend(scope["headers"])

    with quick(telling) as address, connected(address) as client:
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
        client.sendall(chunked + b"X-Forwarded-For: 192.0.2.1\r\n\r\n" + HEAD + b"Connection: close\r\n\r\n")
        assert rest(client).count(b"HTTP/1.1 200 ") == 2
        assert b"x-forwarded-for" not in dict(told)


def test_fields_after_the_body_are_bounded_too() -> None:
    with quick() as address, connected(address) as greedy:
        greedy.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        greedy.sendall(b"X-A: " + b"y" * 1000 + b"\r\n" + b"X-B: " + b"y" * 2000 + b"\r\n\r\n")
        assert status(rest(greedy)) == 431


@pytest.mark.parametrize("endless", [b"0\r\nX: ", b"1;", b"0\r\nX"])
def test_what_stands_between_and_after_the_pieces_of_a_body_is_bounded(endless: bytes) -> None:
    with quick() as address, connected(address) as greedy:
        greedy.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + endless)
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                greedy.sendall(b"y" * 400)
        received = rest(greedy)
        assert received == b"" or status(received) == 413


def test_a_body_within_the_limit_is_taken() -> None:
    with quick() as address:
        assert raw(address, "POST", "/", body=b"x" * 4000).body == b"hello"


@pytest.fixture
def ended() -> threading.Event:
    """Set once `large` has come to its end, whether anybody read all of it or not."""
    return threading.Event()


@pytest.fixture
def large(ended: threading.Event) -> ASGI:
    """An application that sends more than any buffer holds, piece by piece."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(LARGE))]})
        for start in range(0, len(LARGE), 1 << 16):
            await send({"type": "http.response.body", "body": LARGE[start : start + (1 << 16)], "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        ended.set()

    return app


def test_who_does_not_read_is_let_go(large: ASGI, ended: threading.Event) -> None:
    with quick(large) as address, connected(address) as deaf:
        deaf.sendall(HEAD + b"\r\n")
        assert ended.wait(30)
        assert len(rest(deaf)) < len(LARGE)


def test_who_does_not_read_the_end_is_let_go() -> None:
    """It is in the server's own buffer, so that the application is long done."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, [(b"content-length", b"%d" % len(LARGE))], LARGE)

    with quick(app) as address, connected(address) as deaf:
        deaf.sendall(HEAD + b"\r\n")
        assert _error(deaf) == errno.ECONNRESET, "what was sent and not read is lost, too"


def _error(connection: socket.socket) -> int:
    """Wait for a connection to be broken off, without reading; return the reason."""
    poll = select.poll()
    poll.register(connection, 0)  # errors alone
    assert poll.poll(30_000)
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def test_who_reads_slowly_gets_everything(large: ASGI) -> None:
    with quick(large) as address, connected(address) as slow:
        slow.sendall(HEAD + b"Connection: close\r\n\r\n")
        assert len(rest(slow).partition(b"\r\n\r\n")[2]) == len(LARGE)


def test_of_too_many_connections_the_longest_idle_one_goes() -> None:
    limits = Limits(connections=5)
    with listening(hello, limits) as address, ExitStack() as stack:
        kept = [stack.enter_context(connected(address)) for _ in range(5)]
        for one in kept:
            one.sendall(HEAD + b"\r\n")
            assert b"hello" in one.recv(1 << 16)
        kept[0].sendall(HEAD + b"\r\n")  # it is not the longest idle one any more
        assert b"hello" in kept[0].recv(1 << 16)
        assert ask(address, "/").body == b"hello"
        assert rest(kept[1]) == b""
        kept[0].sendall(HEAD + b"\r\n")
        assert b"hello" in kept[0].recv(1 << 16)


def test_who_comes_while_all_connections_are_at_work_is_told_to_come_again() -> None:
    go = threading.Event()

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        started.release()
        await asyncio.to_thread(go.wait)
        await answer(send, 200, [(b"content-length", b"5")], b"hello")

    started = threading.Semaphore(0)
    with listening(busy, Limits(connections=2)) as address, ExitStack() as stack:
        stack.callback(go.set)
        atwork = [stack.enter_context(connected(address)) for _ in range(2)]
        for one in atwork:
            one.sendall(HEAD + b"\r\n")
            started.acquire()
        with connected(address) as late:
            assert status(rest(late)) == 503
        go.set()
        assert all(b"hello" in one.recv(1 << 16) for one in atwork)


def test_what_is_wrong_with_a_request_is_no_answer_to_the_one_before() -> None:
    go, began = threading.Event(), threading.Event()

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await asyncio.to_thread(go.wait)
        await answer(send, 200, [(b"content-length", b"5")], b"hello")

    with listening(busy) as address, connected(address) as asking:
        asking.sendall(HEAD + b"\r\n")
        assert began.wait(30)
        asking.sendall(b"NONSENSE\r\n\r\n")
        assert rest(asking) == b""
        go.set()


def test_a_connection_with_a_request_that_follows_another_is_not_idle() -> None:
    go, began = threading.Event(), threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            began.set()
            await asyncio.to_thread(go.wait)
        await answer(send, 200, [(b"content-length", b"5")], b"hello")

    with listening(app, Limits(connections=1)) as address, connected(address) as asking:
        asking.sendall(HEAD + b"\r\n" + b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert began.wait(30)
        with connected(address) as late:
            assert status(rest(late)) == 503
        go.set()
        assert rest(asking).count(b"hello") == 2


def test_at_the_end_what_is_under_way_is_finished_and_streams_are_closed() -> None:
    go, began, streaming = threading.Event(), threading.Event(), threading.Event()

    async def parts(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/stream":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
            )
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            streaming.set()
            await receive()
            await receive()
            return
        began.set()
        await asyncio.to_thread(go.wait)
        await answer(send, 200, [(b"content-length", b"5")], b"hello")

    server = Server([Listener("127.0.0.1:0", parts)])
    server.start()
    address = server.addresses[0]
    with connected(address) as stream, connected(address) as asking, connected(address) as idle:
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert streaming.wait(30)
        asking.sendall(HEAD + b"\r\n")
        assert began.wait(30)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert b"data: 1" in rest(stream)
        assert rest(idle) == b""
        go.set()
        assert rest(asking).endswith(b"hello")
        stopping.join(30)
        assert not stopping.is_alive()
    with pytest.raises(OSError, match="refused"), connected(address):
        pass


def test_one_server_has_several_listeners_with_an_application_each() -> None:
    def named(name: bytes) -> ASGI:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(send, 200, [(b"content-length", b"%d" % len(name))], name)

        return app

    server = Server([Listener("127.0.0.1:0", named(b"one")), Listener("[::1]:0", named(b"other"))])
    server.start()
    one, other = server.addresses
    assert ask(one, "/").body == b"one"
    assert other.startswith("[::1]:")
    assert ask(other, "/").body == b"other"
    server.stop()


def test_a_thousand_silent_connections_do_not_stop_it() -> None:
    check: Callable[[str], bytes] = lambda address: ask(address, "/").body  # noqa: E731
    with listening(hello) as address, ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(connected(address))
        assert [check(address) for _ in range(20)] == [b"hello"] * 20
