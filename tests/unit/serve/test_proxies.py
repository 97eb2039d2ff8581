"""Whose word on the client counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.serve.proxies import Proxies

PROXY = "10.0.0.1"


TRUSTED = ("10.0.0.0/8", "fd00::/8")


def told(peer: str | None, fields: dict[str, str], trusted: tuple[str, ...] = TRUSTED) -> dict[str, Any]:
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    client = None if peer is None else (peer, 4711)
    scope: dict[str, Any] = {"client": client, "scheme": "http", "headers": [(b"host", b"inner"), *headers]}
    Proxies(trusted).tell(scope)
    return scope


def client(peer: str | None, **fields: str) -> str | None:
    found = told(peer, fields)["client"]
    return None if found is None else str(found[0])


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({}, PROXY),
        ({"x_forwarded_for": "192.0.2.7"}, "192.0.2.7"),
        ({"x_forwarded_for": "203.0.113.9, 192.0.2.7"}, "192.0.2.7"),  # the first, the client made up
        ({"x_forwarded_for": "192.0.2.7, 10.0.0.2"}, "192.0.2.7"),  # two proxies of ours
        ({"x_forwarded_for": "10.0.0.3, 10.0.0.2"}, "10.0.0.3"),  # nobody else: the first of ours
        ({"x_forwarded_for": "192.0.2.7:5123"}, "192.0.2.7"),
        ({"x_forwarded_for": "2001:db8::7"}, "2001:db8::7"),
        ({"x_forwarded_for": "[2001:db8::7]:5123"}, "2001:db8::7"),
        ({"x_forwarded_for": "unknown"}, PROXY),
        ({"x_forwarded_for": "192.0.2.7, nonsense, 10.0.0.2"}, "10.0.0.2"),
        ({"x_forwarded_for": ""}, PROXY),
        ({"forwarded": "for=192.0.2.7"}, "192.0.2.7"),
        ({"forwarded": "For=192.0.2.7; proto=https ;by=10.0.0.1"}, "192.0.2.7"),
        ({"forwarded": 'for=203.0.113.9, for="[2001:db8::7]:4711"'}, "2001:db8::7"),
        ({"forwarded": "for=192.0.2.7, for=10.0.0.2"}, "192.0.2.7"),
        ({"forwarded": "for=_hidden, for=unknown"}, PROXY),
        ({"forwarded": 'for="192.0.2.7'}, PROXY),
        # A proxy that adds to the one may hand on the other as the client wrote it.
        ({"forwarded": "for=203.0.113.9", "x_forwarded_for": "192.0.2.7"}, "192.0.2.7"),
    ],
)
def test_the_client_is_the_last_one_that_is_not_trusted(fields: dict[str, str], address: str) -> None:
    assert client(PROXY, **fields) == address


def test_nobody_else_is_believed() -> None:
    assert client("192.0.2.99", x_forwarded_for="203.0.113.9", forwarded="for=203.0.113.9") == "192.0.2.99"
    assert client(None, x_forwarded_for="203.0.113.9") is None
    assert told(PROXY, {"x_forwarded_for": "203.0.113.9"}, trusted=())["client"] == (PROXY, 4711)


def test_an_address_of_ipv4_is_the_same_in_ipv6() -> None:
    assert client("::ffff:10.0.0.1", x_forwarded_for="192.0.2.7") == "192.0.2.7"


def test_scheme_and_host_are_those_that_the_last_proxy_saw() -> None:
    fields = {"x_forwarded_for": "192.0.2.7", "x_forwarded_proto": "https", "x_forwarded_host": "evil, example.org"}
    scope = told(PROXY, fields)
    assert scope["scheme"] == "https"
    assert [value for name, value in scope["headers"] if name == b"host"] == [b"example.org"]
    scope = told(PROXY, {"forwarded": "for=192.0.2.7;proto=https;host=example.org"})
    assert scope["scheme"] == "https"
    assert [value for name, value in scope["headers"] if name == b"host"] == [b"example.org"]


@pytest.mark.parametrize(("proto", "host"), [("gopher", "a b"), ("https\r\n", "<script>"), ("", "")])
def test_what_is_no_scheme_or_host_is_passed_over(proto: str, host: str) -> None:
    scope = told(PROXY, {"x_forwarded_for": "192.0.2.7", "x_forwarded_proto": proto, "x_forwarded_host": host})
    assert scope["scheme"] in ("http", "https")
    assert (b"host", b"inner") in scope["headers"]


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.text(st.characters(max_codepoint=255), max_size=60))
def test_anything_may_be_told(one: str, other: str) -> None:
    for fields in ({"x_forwarded_for": one, "x_forwarded_proto": other}, {"forwarded": one, "x_forwarded_host": other}):
        scope: dict[str, Any] = {"client": (PROXY, 1), "scheme": "http"}
        scope["headers"] = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in fields.items()]
        Proxies((PROXY,)).tell(scope)
