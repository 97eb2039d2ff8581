"""Tokens, sessions and proofs, by table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from factories import NOW
from feedmill.serve.dashboard.access import FAILURES, PAUSE, SESSION, Access, TooManyFailures
from feedmill.serve.dashboard.requests import from_elsewhere, local_path

TOKEN = "the operator's own token ü"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: made.now.timestamp())  # noqa: PLW0108
    return made


def cookie(access: Access) -> str:
    made = access.sign_in(TOKEN, "192.0.2.1")
    assert made is not None
    return made


@pytest.mark.parametrize("given", ["", "x", TOKEN[:-1], TOKEN + " ", TOKEN.upper(), "\udcff", "\0"])
def test_only_the_token_lets_in(clock: Clock, given: str) -> None:
    access = Access(TOKEN, clock)
    assert access.sign_in(given, "192.0.2.1") is None
    assert access.session(cookie(access)) is not None


def test_without_a_token_nobody_is_let_in(clock: Clock) -> None:
    access = Access(None, clock)
    assert not access.guarded
    assert access.sign_in("", "192.0.2.1") is None
    assert access.session(cookie(Access(TOKEN, clock))) is None


@pytest.mark.parametrize("given", [None, "", "x", "a.b.c", "."])
def test_no_other_cookie_is_a_session(clock: Clock, given: str | None) -> None:
    access = Access(TOKEN, clock)
    assert access.session(given) is None
    assert access.session(cookie(access) + "x") is None
    assert access.session("x" + cookie(access)) is None


def test_a_session_ends_with_its_time_its_end_and_the_token(clock: Clock) -> None:
    access = Access(TOKEN, clock)
    first, second = cookie(access), cookie(access)
    assert access.session(first) != access.session(second)
    assert Access(TOKEN, clock).session(first) == access.session(first)  # it outlives the process
    assert Access("another token", clock).session(first) is None
    access.sign_out(access.session(first) or "")
    assert access.session(first) is None
    clock.now += SESSION - timedelta(seconds=1)
    assert access.session(second) is not None
    clock.now += timedelta(seconds=2)
    assert access.session(second) is None


def test_a_proof_is_of_one_session_alone(clock: Clock) -> None:
    access = Access(TOKEN, clock)
    first, second = (access.session(cookie(access)) or "" for _ in range(2))
    assert access.proves(first, access.proof(first))
    assert not access.proves(first, access.proof(second))
    assert not access.proves(first, "")
    assert not access.proves(first, "ü\udcff".encode("utf-8", "ignore").decode())
    assert not access.proves(first, Access("another token", clock).proof(first))


@pytest.mark.parametrize(
    ("wrong", "right", "let_in"),
    [
        ("192.0.2.1", "192.0.2.1", False),
        ("192.0.2.1", "192.0.2.2", True),
        ("2001:db8::1", "2001:db8::2:3", False),
        ("2001:db8::1", "2001:db8:0:1::1", True),
        ("", "", False),
    ],
)
def test_who_guesses_is_not_listened_to_for_a_while(clock: Clock, wrong: str, right: str, *, let_in: bool) -> None:
    access = Access(TOKEN, clock)
    for _ in range(FAILURES):
        assert access.sign_in("guess", wrong) is None
    if let_in:
        assert access.sign_in(TOKEN, right)
    else:
        with pytest.raises(TooManyFailures):
            access.sign_in(TOKEN, right)
        clock.now += PAUSE + timedelta(seconds=1)
        assert access.sign_in(TOKEN, right)


def test_a_success_makes_up_for_failures(clock: Clock) -> None:
    access = Access(TOKEN, clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert access.sign_in("guess", "192.0.2.1") is None
        assert access.sign_in(TOKEN, "192.0.2.1")


def request(**headers: str) -> Request:
    told: Any = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": told})


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({"host": "a.example"}, False),
        ({"host": "a.example", "origin": "https://a.example"}, False),
        ({"host": "a.example:8001", "origin": "http://a.example:8001"}, False),
        ({"host": "a.example", "origin": "https://b.example"}, True),
        ({"host": "a.example:8001", "origin": "http://a.example:8002"}, True),
        ({"host": "a.example", "origin": "null"}, True),
        ({"host": "a.example", "sec_fetch_site": "same-origin"}, False),
        ({"host": "a.example", "sec_fetch_site": "same-site"}, True),
        ({"host": "a.example", "sec_fetch_site": "cross-site", "origin": "https://a.example"}, True),
        ({"host": "a.example", "sec_fetch_site": "none"}, True),
    ],
)
def test_what_another_site_made_a_browser_send_is_known(headers: dict[str, str], *, elsewhere: bool) -> None:
    assert from_elsewhere(request(**headers)) is elsewhere


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ("/status/", "/status/"),
        ("/status", "/status"),
        ("/status/sources?q=a%20b&only=gone", "/status/sources?q=a%20b&only=gone"),
        ("", "/status/"),
        ("https://evil.example/status/", "/status/"),
        ("//evil.example/status/", "/status/"),
        ("/\\evil.example", "/status/"),
        ("/status/\\..\\x", "/status/"),
        ("/statusx", "/status/"),
        ("/status/\r\nSet-Cookie: x", "/status/"),
        ("javascript:alert(1)", "/status/"),
    ],
)
def test_after_logging_in_nobody_is_led_away(given: str, after: str) -> None:
    assert local_path(given, "/status") == after
