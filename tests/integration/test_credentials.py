"""Logins and headers of a source against a real server: where they are sent, and where never."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedmill.collect import feed, opml, webpage
from feedmill.collect.credentials import Credentials, credentials
from feedmill.collect.http import HttpClient
from feedmill.errors import CollectError
from feedmill.model import Auth, Fetched, FetchSettings, Source, Validators
from upstream import Upstream, serving

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
BEARER = Auth(type="bearer", secret_env="TOKEN")
ENVIRONMENT = {"TOKEN": "t0ken", "PASSWORD": "pä:ss wörd", "BROKEN": "s3cret\r\nX: y"}


@pytest.fixture
def http() -> Iterator[HttpClient]:
    settings = FetchSettings(
        user_agent="Feedmill/test", allow_hosts=("127.0.0.1", "localhost"), host_delay=timedelta(0)
    )
    client = HttpClient(settings)
    yield client
    client.close()


@pytest.fixture
def other() -> Iterator[Upstream]:
    with serving() as server:
        server.serve("/feed", body=b"<rss/>")
        yield server


def look(http: HttpClient, url: str, **login: Any) -> Fetched:
    source = Source(name="wire", kind="feed", url=url, **login)
    return feed.collect(source, Validators(), http, NOW, ENVIRONMENT)


def test_bearer_and_headers(upstream: Upstream, http: HttpClient) -> None:
    headers = (("X-Key", "k-${TOKEN}!"), ("Accept", "text/x-feed"))
    look(http, upstream.serve("/feed", body=b"<rss/>"), auth=BEARER, headers=headers)
    sent = upstream.asked[0].headers
    assert sent["Authorization"] == "Bearer t0ken"
    assert sent["X-Key"] == "k-t0ken!"
    assert sent.get_all("Accept") == ["text/x-feed"]
    assert sent["User-Agent"] == "Feedmill/test"


def test_basic(upstream: Upstream, http: HttpClient) -> None:
    look(http, upstream.serve("/feed", body=b"<rss/>"), auth=Auth(type="basic", username="me", secret_env="PASSWORD"))
    kind, _, encoded = upstream.asked[0].headers["Authorization"].partition(" ")
    assert (kind, b64decode(encoded).decode()) == ("Basic", "me:pä:ss wörd")


def test_a_redirect_within_the_origin_keeps_them(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/new", body=b"<rss/>")
    look(http, upstream.serve("/feed", status=302, Location="/new"), auth=BEARER)
    assert [asked.headers["Authorization"] for asked in upstream.asked] == ["Bearer t0ken"] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_port_never_sees_them(upstream: Upstream, other: Upstream, http: HttpClient, status: int) -> None:
    url = upstream.serve("/feed", status=status, Location=other.url("/feed"))
    look(http, url, auth=BEARER, headers=(("X-Key", "${TOKEN}"),))
    assert "t0ken" in str(upstream.asked[0].headers)
    assert "t0ken" not in str(other.asked[0].headers)


def test_another_host_name_never_sees_them(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/new", body=b"<rss/>")
    look(http, upstream.serve("/feed", status=302, Location=upstream.url("/new", host="localhost")), auth=BEARER)
    assert [asked.headers["Authorization"] for asked in upstream.asked] == ["Bearer t0ken", None]


def test_they_do_not_come_back_on_the_way_back(upstream: Upstream, other: Upstream, http: HttpClient) -> None:
    """A stranger must not choose what is asked for in our name."""
    upstream.serve("/private", body=b"<rss/>")
    other.serve("/away", status=302, Location=upstream.url("/private"))
    look(http, upstream.serve("/feed", status=302, Location=other.url("/away")), auth=BEARER)
    assert [asked.headers["Authorization"] for asked in upstream.asked] == ["Bearer t0ken", None]


def test_pages_have_them_too(upstream: Upstream, http: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t0ken")
    source = Source(name="wire", kind="page", url=upstream.serve("/page", body=b"<html/>"), auth=BEARER)
    webpage.collect(source, Validators(), {}, http, NOW)
    assert [(asked.path, asked.headers["Authorization"]) for asked in upstream.asked] == [
        ("/robots.txt", None),
        ("/page", "Bearer t0ken"),
    ]


@pytest.mark.parametrize("status", [401, 403, 500, 302])
def test_errors_and_logs_do_not_hold_them(
    upstream: Upstream, http: HttpClient, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    url = upstream.serve("/feed", status=status)
    with pytest.raises(CollectError) as caught:
        look(http, url, auth=BEARER, headers=(("X-Key", "${TOKEN}"),))
    assert upstream.asked[0].headers["X-Key"] == "t0ken"
    assert "t0ken" not in f"{caught.value!r} {caught.value} {caplog.text}"


@pytest.mark.parametrize("name", ["MISSING", "BROKEN"])
def test_what_cannot_be_sent_is_an_error_that_names_the_variable(name: str) -> None:
    for login in ({"auth": Auth(type="bearer", secret_env=name)}, {"headers": (("X", f"${{{name}}}"),)}):
        source = Source(name="wire", kind="feed", url="https://wire.example/", **login)
        with pytest.raises(CollectError, match=f"wire: .*{name}") as caught:
            credentials(source, ENVIRONMENT)
        assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


def test_nothing_to_tell() -> None:
    assert credentials(Source(name="wire", kind="feed", url="https://wire.example/"), {}) is None


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://wire.example/other?x", True),
        ("https://WIRE.example:443/", True),
        ("https://wire.example./", True),
        ("http://wire.example/", False),
        ("http://wire.example:443/", False),
        ("https://wire.example:8443/", False),
        ("https://sub.wire.example/", False),
        ("https://wire.example.evil.example/", False),
        ("https://wire.example@evil.example/", False),
    ],
)
def test_origins(url: str, covered: bool) -> None:
    made = credentials(Source(name="w", kind="feed", url="https://wire.example/feed", auth=BEARER), ENVIRONMENT)
    assert made is not None
    assert made.cover(url) is covered
    assert "t0ken" not in repr(made)
    assert isinstance(made, Credentials)


def test_a_source_that_moved_for_good_takes_no_secret_to_another_origin(
    upstream: Upstream, other: Upstream, http: HttpClient
) -> None:
    source = Source(name="wire", kind="feed", url=upstream.url("/feed"), auth=BEARER)
    feed.collect(source, Validators(), http, NOW, ENVIRONMENT, address=other.url("/feed"))
    assert "Authorization" not in other.asked[0].headers
    upstream.serve("/moved", body=b"<rss/>")
    feed.collect(source, Validators(), http, NOW, ENVIRONMENT, address=upstream.url("/moved"))
    assert upstream.asked[0].headers["Authorization"] == "Bearer t0ken"


def test_a_feed_that_moved_keeps_the_name_of_its_document(upstream: Upstream, http: HttpClient) -> None:
    """Else every stored entry would count as changed."""
    source = Source(name="wire", kind="feed", url=upstream.url("/old"))
    came = feed.collect(source, Validators(), http, NOW, address=upstream.serve("/new", body=b"<rss/>"))
    assert [document.name for document in came.documents] == [upstream.url("/old")]


@pytest.mark.parametrize("kind", ["feed", "page", "opml"])
def test_a_login_in_the_address_is_sent_and_stays_out_of_what_is_stored_and_published(
    upstream: Upstream, http: HttpClient, kind: str
) -> None:
    upstream.serve("/feed", status=301, Location="/new")
    upstream.serve("/new", body=b"<rss/>")
    url = upstream.url("/feed", host="me:s%C3%A9cret@127.0.0.1")
    source = Source(name="wire", kind=kind, url=url, headers=(("X-Key", "k"),))
    match kind:
        case "feed":
            came = feed.collect(source, Validators(), http, NOW)
        case "page":
            came = webpage.collect(source, Validators(), {}, http, NOW)
        case _:
            came = opml.collect(source, Validators(), {}, lambda: http, NOW)
    sent = [asked.headers for asked in upstream.asked if asked.path != "/robots.txt"]
    assert [headers["Authorization"] for headers in sent] == ["Basic bWU6c8OpY3JldA=="] * 2
    assert [headers["X-Key"] for headers in sent] == ["k"] * 2
    (document,) = came.documents
    assert (document.name, document.url, came.moved_to) == (
        upstream.url("/feed"),
        upstream.url("/new"),
        upstream.url("/new"),
    )


def test_a_login_in_the_address_is_sent_to_where_the_source_moved_within_its_origin(
    upstream: Upstream, other: Upstream, http: HttpClient
) -> None:
    source = Source(name="wire", kind="feed", url=upstream.url("/feed", host="me:secret@127.0.0.1"))
    feed.collect(source, Validators(), http, NOW, address=upstream.serve("/new", body=b"<rss/>"))
    feed.collect(source, Validators(), http, NOW, address=other.url("/feed"))
    assert upstream.asked[0].headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "Authorization" not in other.asked[0].headers


def test_errors_of_a_page_do_not_show_the_login_in_its_address(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/sitemap.xml", body=b"<sitemapindex/>")
    source = Source(name="wire", kind="page", url=upstream.url("/sitemap.xml", host="me:secret@127.0.0.1"))
    with pytest.raises(CollectError) as caught:
        webpage.collect(source, Validators(), {}, http, NOW)
    assert "secret" not in str(caught.value)
