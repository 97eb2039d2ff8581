"""Forms posted to hubs: through the guard, within bounds, and followed only where a POST stays one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import NOW
from feedmill.collect.http import HttpClient
from feedmill.errors import AddressRefused, NetworkError, StatusError
from feedmill.model import FetchSettings
from upstream import Handler, Upstream

FORM = [("hub.mode", "subscribe"), ("hub.topic", "https://up.example/?a=1&b=\u00fc")]


def post(url: str, **settings: object) -> None:
    usual = {
        "user_agent": "Feedmill/test",
        "allow_hosts": ("127.0.0.1",),
        "host_delay": timedelta(0),
        "timeout": timedelta(seconds=20),
    }
    HttpClient(FetchSettings(**usual | settings)).post(url, FORM, now=NOW)  # type: ignore[arg-type]


def test_a_form_is_sent(upstream: Upstream) -> None:
    post(upstream.serve("/hub", 202))
    (asked,) = upstream.asked
    assert asked.body == b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fup.example%2F%3Fa%3D1%26b%3D%C3%BC"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["User-Agent"] == "Feedmill/test"


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_it_a_post_is_followed(upstream: Upstream, status: int) -> None:
    upstream.serve("/there", 204)
    post(upstream.serve("/hub", status, Location="/there"))
    first, second = upstream.asked
    assert (second.method, second.path, second.body) == ("POST", "/there", first.body)


@pytest.mark.parametrize("status", [301, 302, 303, 304, 400, 500])
def test_anything_else_is_an_error(upstream: Upstream, status: int) -> None:
    upstream.serve("/there", 204)
    with pytest.raises(StatusError, match=f"the server answered {status} ") as raised:
        post(upstream.serve("/hub", status, Location="/there"))
    assert raised.value.status == status
    assert raised.value.where == upstream.url("/hub")
    assert len(upstream.asked) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"Invalid hub.callback\nand more", "400 Bad Request: Invalid hub.callback"),
        (b"<html>Error</html>", "400 Bad Request"),
        (b"", "400 Bad Request"),
        (b"\xff\x00\x1b[31mred", "400 Bad Request: \ufffd"),
        (b"x" * 100_000, "400 Bad Request: " + "x" * 200),
    ],
)
def test_what_a_hub_says_is_quoted_as_far_as_it_is_text(upstream: Upstream, said: bytes, told: str) -> None:
    with pytest.raises(StatusError) as raised:
        post(upstream.serve("/hub", 400, said))
    assert raised.value.what == f"the server answered {told}"


def test_a_wait_that_is_asked_for_is_told(upstream: Upstream) -> None:
    with pytest.raises(StatusError) as raised:
        post(upstream.serve("/hub", 429, Retry_After="7200"))
    assert raised.value.wait == timedelta(hours=2)


def test_redirects_have_an_end(upstream: Upstream) -> None:
    with pytest.raises(NetworkError, match="more than 5 redirects"):
        post(upstream.serve("/hub", 307, Location="/hub"))
    assert len(upstream.asked) == 6


def test_the_network_guard_is_asked_and_asked_again_after_a_redirect(upstream: Upstream) -> None:
    with pytest.raises(AddressRefused):
        post(upstream.serve("/hub", 202), allow_hosts=())
    assert not upstream.asked
    with pytest.raises(AddressRefused):
        post(upstream.serve("/away", 307, Location="http://10.0.0.1/there"))
    assert [one.path for one in upstream.asked] == ["/away"]


@pytest.mark.parametrize("behave", [Handler.stall, lambda handler: handler.drip(b"HTTP/1.1 200 OK\r\nX: y")])
def test_a_hub_that_takes_its_time_is_left(upstream: Upstream, behave: object) -> None:
    upstream.routes["/hub"] = behave  # type: ignore[assignment]
    with pytest.raises(NetworkError, match=r"not finished within 0\.5 s"):
        post(upstream.url("/hub"), timeout=timedelta(seconds=0.5))


@pytest.mark.parametrize("url", ["ftp://hub.example/", "https://", "hub", "http://[::1/", "http://h:0/"])
def test_an_address_that_cannot_be_asked_is_an_error(url: str) -> None:
    with pytest.raises(NetworkError, match="cannot be fetched"):
        post(url)
