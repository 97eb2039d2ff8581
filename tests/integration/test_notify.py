"""Telling a hub over real HTTP: however it behaves, it is told within bounds."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from feedmill import notify
from feedmill.errors import NotifyError
from hub import hub

TOPICS = ["https://example.org/feeds/all/atom.xml"]


@contextmanager
def answering(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A hub of its own kind: `behave` is given the connection, and an event that is set when the test ends."""
    over = threading.Event()

    def accept() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            behave(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            over.set()
            thread.join(30)


def test_a_hub_that_lets_its_answer_drip_is_left_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "_SECONDS", 0.3)

    def drip(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 204 No Content\r\nX: ")
        while not over.wait(0.02):
            connection.sendall(b"x")

    with answering(drip) as url, pytest.raises(NotifyError, match=r"did not answer within 0\.3 s"):
        notify.tell_hub(url, TOPICS, "x")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "cannot be reached"),
        (b"nonsense\r\n\r\n", "cannot be reached"),
        (b"HTTP/1.1 302 Found\r\nLocation: /else\r\n\r\n", "answered 302 Found"),
        (b"HTTP/1.1 500 Oh\r\n\r\n", "answered 500 Oh"),
    ],
)
def test_what_is_no_success_is_an_error(answer: bytes, message: str) -> None:
    with answering(lambda connection, _: connection.sendall(answer)) as url, pytest.raises(NotifyError, match=message):
        notify.tell_hub(url, TOPICS, "x")


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(NotifyError, match="cannot be reached"):
        notify.tell_hub("http://[::1", TOPICS, "x")


def test_a_hub_is_told() -> None:
    with hub() as known:
        notify.tell_hub(known.url, TOPICS, "x")
        assert known.topics == [TOPICS]
