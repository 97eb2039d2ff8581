"""Lists of feeds collected from a real server: conditionally, with a login, and with what it asks for passed on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from factories import NOW
from feedmill.collect import opml
from feedmill.collect.http import HttpClient
from feedmill.errors import StatusError
from feedmill.model import Auth, Fetched, FetchSettings, Source, Validators
from sites import document
from upstream import Upstream

LIST = b"<opml><body/></opml>"


@pytest.fixture
def http() -> Iterator[HttpClient]:
    client = HttpClient(FetchSettings(user_agent="F", allow_hosts=("127.0.0.1",), host_delay=timedelta(0)))
    yield client
    client.close()


def fetch(http: HttpClient, url: str, before: Fetched | None = None, **fields: Any) -> Fetched:
    validators = before.validators if before else Validators()
    source = Source(name="planet", kind="opml", url=url, **fields)
    return opml.collect(source, validators, {}, lambda: http, NOW, {"TOKEN": "t"})


def test_a_list_is_asked_for_conditionally_and_transferred_once(upstream: Upstream, http: HttpClient) -> None:
    url = document(upstream, "/list", LIST)
    first = fetch(http, url)
    assert [(one.name, one.body) for one in first.documents] == [(url, LIST)]
    again = fetch(http, url, first)
    assert (again.unchanged, again.documents) == (True, ())
    assert upstream.asked[1].headers["If-None-Match"] == first.validators.etag
    assert "opml" in upstream.asked[0].headers["Accept"]


def test_the_same_bytes_without_validators_are_nothing_new(upstream: Upstream, http: HttpClient) -> None:
    url = upstream.serve("/list", body=LIST)
    assert fetch(http, url, fetch(http, url)).unchanged


def test_a_login_and_headers_are_sent(upstream: Upstream, http: HttpClient) -> None:
    login: dict[str, Any] = {"auth": Auth(type="bearer", secret_env="TOKEN"), "headers": (("X-Key", "${TOKEN}"),)}
    fetch(http, upstream.serve("/list", body=LIST), **login)
    assert (upstream.asked[0].headers["Authorization"], upstream.asked[0].headers["X-Key"]) == ("Bearer t", "t")


def test_what_a_server_asks_for_is_passed_on(upstream: Upstream, http: HttpClient) -> None:
    there = upstream.serve("/new", body=LIST, Retry_After="60")
    came = fetch(http, upstream.serve("/old", 301, Location=there))
    assert came.moved_to == there
    upstream.serve("/list", 503, Retry_After="60")
    with pytest.raises(StatusError) as caught:
        fetch(http, upstream.url("/list"))
    assert caught.value.wait == timedelta(seconds=60)
