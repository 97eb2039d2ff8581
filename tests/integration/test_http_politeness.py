"""What a server says about when to ask again and what has changed, heard over real HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedmill.collect import feed, webpage
from feedmill.collect.http import HttpClient
from feedmill.collect.robots import robots_of
from feedmill.errors import NetworkError, StatusError
from feedmill.model import Fetched, FetchSettings, Source, Validators
from upstream import Handler, Upstream

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
BODY = b"<rss version='2.0'><channel/></rss>"
DIGEST = hashlib.sha256(BODY).hexdigest()
HOUR = timedelta(hours=1)


@pytest.fixture
def http() -> Iterator[HttpClient]:
    settings = FetchSettings(user_agent="Feedmill/test", allow_hosts=("127.0.0.1",), host_delay=timedelta(0))
    client = HttpClient(settings)
    yield client
    client.close()


def look(upstream: Upstream, http: HttpClient, before: Validators | None = None) -> Fetched:
    source = Source(name="up", kind="feed", url=upstream.url("/feed"))
    return feed.collect(source, before or Validators(), http, NOW)


def page(upstream: Upstream, http: HttpClient) -> Fetched:
    return webpage.collect(Source(name="page", kind="page", url=upstream.url("/feed")), Validators(), {}, http, NOW)


# --- when to ask again -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "public, max-age=4000", "Age": "400"},
        {"Expires": "Mon, 02 Nov 2026 08:00:00 GMT"},
        {"Expires": "Mon, 02 Nov 2026 10:00:00 GMT", "Date": "Mon, 02 Nov 2026 09:00:00 GMT"},
    ],
)
def test_how_long_an_answer_stays_fresh_is_told(upstream: Upstream, http: HttpClient, headers: Any) -> None:
    upstream.serve("/feed", body=BODY, ETag='"1"', **headers)
    assert look(upstream, http).fresh_for == HOUR
    assert page(upstream, http).fresh_for == HOUR
    upstream.serve("/feed", status=304, **headers)
    assert look(upstream, http, Validators(etag='"1"')).fresh_for == HOUR
    upstream.serve("/feed", status=226, IM="feed", body=BODY, **headers)
    assert look(upstream, http, Validators(etag='"1"')).fresh_for == HOUR


def test_headers_on_several_lines_are_one(upstream: Upstream, http: HttpClient) -> None:
    upstream.routes["/feed"] = lambda handler: handler.raw(
        b"HTTP/1.1 200 OK\r\nCache-Control: public\r\nContent-Length: 0\r\nCache-Control: max-age=3600\r\n\r\n"
    )
    assert look(upstream, http).fresh_for == HOUR


@pytest.mark.parametrize("headers", [{}, {"Cache_Control": "no-cache"}, {"Expires": "0"}, {"Cache_Control": "max-age"}])
def test_an_answer_that_is_not_fresh(upstream: Upstream, http: HttpClient, headers: Any) -> None:
    upstream.serve("/feed", body=BODY, **headers)
    assert look(upstream, http).fresh_for == timedelta()
    upstream.serve("/feed", status=304, **headers)
    repeated = timedelta() if headers else None
    assert look(upstream, http, Validators(etag='"1"')).fresh_for == repeated


def test_the_host_that_answers_in_the_end_is_named(upstream: Upstream) -> None:
    client = HttpClient(FetchSettings(user_agent="x", allow_hosts=("127.0.0.1", "localhost"), host_delay=timedelta(0)))
    upstream.serve("/feed", status=302, Location=upstream.url("/there", host="localhost"))
    upstream.serve("/there", status=429, Retry_After="3600")
    with pytest.raises(StatusError) as caught:
        look(upstream, client)
    assert caught.value.host == "localhost"
    upstream.serve("/there", body=BODY)
    assert look(upstream, client).host == "localhost"
    client.close()


def test_retry_after_is_heard_with_a_success_too(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", body=BODY, Retry_After="3600")
    assert look(upstream, http).wait == HOUR
    upstream.serve("/feed", status=304, Retry_After="Mon, 02 Nov 2026 08:00:00 GMT")
    assert look(upstream, http, Validators(etag='"1"')).wait == HOUR
    upstream.serve("/feed", status=226, IM="feed", body=BODY, Retry_After="3600")
    assert look(upstream, http, Validators(etag='"1"')).wait == HOUR
    upstream.serve("/feed", body=BODY)
    assert look(upstream, http).wait is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", ["3600", "Mon, 02 Nov 2026 08:00:00 GMT", "Mon Nov  2 08:00:00 2026"])
def test_retry_after_is_heard_with_a_refusal(upstream: Upstream, http: HttpClient, status: int, value: str) -> None:
    upstream.serve("/feed", status=status, Retry_After=value)
    with pytest.raises(StatusError) as caught:
        look(upstream, http)
    assert (caught.value.status, caught.value.wait) == (status, HOUR)


# --- what has changed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('"abc"', "Mon, 02 Nov 2026 06:00:00 GMT"),
        ('W/"weak"', None),
        ("unquoted", "Monday, 02-Nov-26 06:00:00 GMT"),
        ('"abc-gzip"', "2026-11-02T06:00:00+01:00"),
        (None, "Mon, 2 Nov 2026 06:00:00 +0100"),
    ],
)
def test_what_came_goes_back_verbatim(
    upstream: Upstream, http: HttpClient, etag: str | None, modified: str | None
) -> None:
    upstream.serve("/feed", body=BODY, ETag=etag or "", Last_Modified=modified or "")
    first = look(upstream, http)
    look(upstream, http, first.validators)
    sent = upstream.asked[-1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (etag, modified)


def test_none_is_invented(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", body=BODY, Date="Mon, 02 Nov 2026 06:00:00 GMT", Content_MD5="abc")
    first = look(upstream, http)
    assert first.validators == Validators(digest=DIGEST)
    look(upstream, http, first.validators)
    assert not {"If-None-Match", "If-Modified-Since"} & set(upstream.asked[-1].headers)


def test_an_answer_without_validators_clears_old_ones(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", body=BODY)
    assert look(upstream, http, Validators(etag='"old"', last_modified="then")).validators == Validators(digest=DIGEST)


def test_one_that_did_not_change_keeps_them(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", status=304)
    old = Validators(etag='W/"old"', last_modified="then", digest=DIGEST)
    assert look(upstream, http, old).validators == old


# --- only what is newer (RFC 3229) -------------------------------------------------------------------


def test_feeds_ask_for_what_is_newer_and_nothing_else_does(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", body=BODY)
    look(upstream, http)
    assert upstream.asked[-1].headers["A-IM"] == "feed"
    upstream.asked.clear()
    page(upstream, http)
    robots_of(http).permit(upstream.url("/other"), http, NOW)
    assert {asked.path for asked in upstream.asked} == {"/feed", "/robots.txt"}
    assert not any("A-IM" in asked.headers for asked in upstream.asked)


def test_a_part_is_a_look_like_any_other(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", status=226, body=BODY, IM="feed", ETag='"2"', Content_Type="text/xml")
    came = look(upstream, http, Validators(etag='"1"', last_modified="then", digest="whole"))
    (document,) = came.documents
    assert (document.body, document.media_type) == (BODY, "text/xml")
    assert (came.unchanged, came.present) == (False, None)
    assert came.validators == Validators(etag='"2"')


def test_two_parts_one_after_the_other_are_both_read(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", status=226, body=BODY, IM="feed", ETag='"2"')
    first = look(upstream, http, Validators(etag='"1"', digest=DIGEST))
    second = look(upstream, http, first.validators)
    assert [came.unchanged for came in (first, second)] == [False, False]
    upstream.serve("/feed", status=304)
    assert look(upstream, http, second.validators).unchanged


def test_a_whole_after_a_part_is_read(upstream: Upstream, http: HttpClient) -> None:
    upstream.serve("/feed", status=226, body=BODY, IM="Feed", ETag='"2"')
    part = look(upstream, http, Validators(etag='"1"', digest=DIGEST))
    upstream.serve("/feed", body=BODY, ETag='"3"')
    whole = look(upstream, http, part.validators)
    assert not whole.unchanged
    assert whole.validators == Validators(etag='"3"', digest=DIGEST)


@pytest.mark.parametrize("im", ["vcdiff", "feed, gzip", "gzip", "identity", ""])
def test_a_part_that_was_made_otherwise_is_an_error(upstream: Upstream, http: HttpClient, im: str) -> None:
    upstream.serve("/feed", status=226, body=BODY, IM=im)
    with pytest.raises(NetworkError, match="made by a manipulation"):
        look(upstream, http, Validators(etag='"1"'))


def test_a_part_that_nobody_asked_for_is_an_error(upstream: Upstream, http: HttpClient) -> None:
    def answer(handler: Handler) -> None:
        handler.reply(226, BODY, IM="feed")

    upstream.routes["/page"] = answer
    with pytest.raises(NetworkError, match="made by a manipulation: feed"):
        http.get(upstream.url("/page"), now=NOW, validators=Validators(etag='"1"'))
