"""A server answers to its own names alone (DNS rebinding)."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from asgi import ask
from feedmill.serve.hosts import HostGuard

APP = HostGuard(PlainTextResponse("in"), {"News.example.org"})


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8001", "[::1]:8001", "[::1]", "localhost", "localhost:8001", "news.example.org",
     "NEWS.example.org:443", "192.0.2.7:80", "feedmill:8001"],
)  # fmt: skip
def test_its_own_names_are_let_in(host: str) -> None:
    assert ask(APP, "/", host=host).text == "in"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8001", "news.example.org.evil.example", "example.org", "127.0.0.1.evil.example",
     "localhost@evil.example",
     "evil.example#localhost", "localhost.evil.example", "1.2.3", "[::1", "", "[evil.example]"],
)  # fmt: skip
def test_other_names_are_not(host: str) -> None:
    assert ask(APP, "/", host=host).status == 421
