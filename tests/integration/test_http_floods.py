"""More bytes than an answer needs, and names that change their address, against the HTTP client."""

from __future__ import annotations

import gzip
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from feedmill.collect.guard import Guard
from feedmill.collect.http import HttpClient
from feedmill.errors import AddressRefused, CollectError, NetworkError
from feedmill.model import FetchSettings
from upstream import Handler, Upstream

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
BODY = b"<rss version='2.0'><channel/></rss>"


def settings(**others: int) -> FetchSettings:
    return FetchSettings(user_agent="x", allow_hosts=("127.0.0.1", "::1"), host_delay=timedelta(0), **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: trailer\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_bytes_that_bring_nothing_are_bounded(upstream: Upstream, start: bytes, more: bytes) -> None:
    def flood(handler: Handler) -> None:
        handler.raw(start)
        while not handler.server.upstream.over.is_set():
            handler.raw(more * 1000)

    upstream.routes["/feed"] = flood
    with pytest.raises(CollectError, match=r"far more bytes|larger than"):
        HttpClient(settings(max_body=100_000)).get(upstream.url("/feed"), now=NOW)


def test_large_bodies_wait_for_each_other(upstream: Upstream) -> None:
    url = upstream.serve("/feed", body=bytes(600_000))
    http = HttpClient(settings())
    came: list[int] = []

    def fetch() -> None:
        came.append(len(http.get(url, now=NOW).body))
        http.release()

    http.get(url, now=NOW)
    other = threading.Thread(target=fetch)
    other.start()
    small = http.get(upstream.serve("/small", body=BODY), now=NOW)
    assert (small.body, came) == (BODY, [])
    http.release()
    other.join()
    assert came == [600_000]


def test_each_connection_is_judged_anew(upstream: Upstream) -> None:
    upstream.serve("/feed", body=BODY)
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    http = HttpClient(settings(), guard=Guard(allow_hosts=("127.0.0.1",), resolve=lambda host, port: answers.pop(0)))
    url = upstream.url("/feed", host="feeds.test")
    assert http.get(url, now=NOW).body == BODY
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1, a private network"):
        http.get(url, now=NOW)
    assert answers == []


@pytest.mark.parametrize(("url", "port"), [("http://[::1]/", 80), ("https://[::1]/", 443), ("http://[::1]:81/", 81)])
def test_the_colons_of_an_address_name_no_port(url: str, port: int) -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        raise socket.gaierror("nobody")

    with pytest.raises(NetworkError):
        HttpClient(settings(), guard=Guard(resolve=resolve)).get(url, now=NOW)
    assert asked == [("::1", port)]
