from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from feedmill.collect.headers import (
    LONGEST_WAIT,
    content_type,
    fresh_for,
    manipulations,
    merged,
    retry_after,
    single,
)
from feedmill.model import Validators

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
WEEK = LONGEST_WAIT.total_seconds()
IN_TEN_MINUTES = "Mon, 02 Nov 2026 07:10:00 GMT"

latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)


def headers(*lines: tuple[str, str]) -> HTTPHeaderDict:
    made = HTTPHeaderDict()
    for name, value in lines:
        made.add(name, value)
    return made


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        (IN_TEN_MINUTES + " " * 5000 + "x", None),
        (IN_TEN_MINUTES, 600),
        ("Monday, 02-Nov-26 07:10:00 GMT", 600),
        ("Mon Nov  2 07:10:00 2026", 600),
        ("Mon, 02 Nov 2026 06:00:00 GMT", 0),
        ("9999999999999999999999", WEEK),
        ("0" * 30 + "9", 9),
        ("Mon, 02 Nov 2099 07:10:00 GMT", WEEK),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, NOW) == expected


@given(st.text(max_size=60))
def test_retry_after_never_fails(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT


def cached(*values: str, **others: str) -> HTTPHeaderDict:
    return headers(*(("Cache-Control", value) for value in values), *others.items())


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (cached(), None),
        (cached("max-age=600"), 600),
        (cached("public, Max-Age=600 , must-revalidate"), 600),
        (cached('private="Set-Cookie, max-age=5", max-age=600'), 600),
        (cached('max-age="600"'), 600),
        (cached("max-age=600", "public"), 600),
        (cached("max-age=600", Age="200"), 400),
        (cached("max-age=600", Age="200, 500"), 400),
        (cached("max-age=600", Age="600"), None),
        (cached("max-age=600", Age="9" * 30), None),
        (cached("max-age=600", Age="a while"), 600),
        (cached("max-age=600", Expires="0"), 600),
        (cached("max-age=600", Expires="Mon, 02 Nov 2026 09:00:00 GMT"), 600),
        (cached("max-age=" + "9" * 30), WEEK),
        (cached("max-age=999999", Age="900000"), 99999),
        (cached("max-age=0"), None),
        (cached("no-cache, max-age=600"), None),
        (cached('no-cache="Set-Cookie", max-age=600'), None),
        (cached("max-age=600, NO-STORE"), None),
        (cached("s-maxage=600"), None),
        (cached("s-maxage=5, max-age=600"), 600),
        (cached("x-max-age=600"), None),
        # Broken, which RFC 9111 section 4.2.1 takes for stale, whatever Expires says.
        (cached("max-age=600, max-age=300", Expires=IN_TEN_MINUTES), None),
        (cached("max-age=600", "max-age=600"), None),
        (cached("max-age=1.5"), None),
        (cached("max-age=-600"), None),
        (cached("max-age=1e3"), None),
        (cached("max-age=", Expires=IN_TEN_MINUTES), None),
        (cached("max-age"), None),
        (cached('max-age="600'), None),
        (cached('max-age="'), None),
        (cached("max-age=²"), None),
        (cached(",,,=,"), None),
        # Expires
        (cached(Expires=IN_TEN_MINUTES), 600),
        (cached("public", Expires=IN_TEN_MINUTES), 600),
        (cached(Expires="Monday, 02-Nov-26 07:10:00 GMT"), 600),
        (cached(Expires="Mon Nov  2 07:10:00 2026"), 600),
        (cached(Expires=IN_TEN_MINUTES, Date="Mon, 02 Nov 2026 07:08:00 GMT"), 120),
        (cached(Expires=IN_TEN_MINUTES, Date="Mon, 02 Nov 2026 07:00:00 GMT", Age="60"), 540),
        (cached(Expires=IN_TEN_MINUTES, Date="today"), 600),
        (cached(Expires="Mon, 02 Nov 2099 07:10:00 GMT"), WEEK),
        (cached(Expires="Mon, 02 Nov 2026 06:00:00 GMT"), None),
        (cached(Expires="0"), None),
        (cached(Expires="-1"), None),
        (cached(Expires="Thu, 01 Jan 0000 00:00:00 GMT"), None),
        (cached(Expires="Fri, 31 Dec 9999 23:59:59 -1200"), None),
        (cached(Expires="3600"), None),
        (headers(("Expires", IN_TEN_MINUTES), ("Expires", IN_TEN_MINUTES)), 600),
        (headers(("Expires", IN_TEN_MINUTES), ("Expires", "Mon, 02 Nov 2026 09:00:00 GMT")), None),
    ],
)
def test_how_long_an_answer_stays_fresh(given: HTTPHeaderDict, seconds: float | None) -> None:
    assert fresh_for(given, NOW) == (None if seconds is None else timedelta(seconds=seconds))


numbers = st.from_regex(r'"?[0-9]{1,40}"?', fullmatch=True)
cache_control = st.one_of(latin, st.lists(st.one_of(numbers.map("max-age={}".format), latin)).map(",".join))


@given(
    st.lists(cache_control, max_size=3),
    st.dictionaries(st.sampled_from(["Expires", "Date", "Age"]), st.one_of(latin, numbers, st.just(IN_TEN_MINUTES))),
)
def test_freshness_never_fails(values: list[str], others: dict[str, str]) -> None:
    fresh = fresh_for(cached(*values, **others), NOW)
    assert fresh is None or timedelta(0) < fresh <= LONGEST_WAIT


@pytest.mark.parametrize(
    "value", ['"abc"', 'W/"abc"', "abc", '"a b"', "W/abc", '"abc-gzip"', '"caf\xe9"', '"\xc3\x85"', '"a", "b"', "''"]
)
def test_validators_are_kept_as_they_are(value: str) -> None:
    came = merged(Validators(), headers(("ETag", f" {value}\t"), ("Last-Modified", value)))
    assert came == Validators(etag=value, last_modified=value)


@given(latin)
def test_what_is_kept_can_be_sent_back(value: str) -> None:
    tag = merged(Validators(), headers(("ETag", value))).etag
    assert tag is None or tag == value.strip(" \t")
    if tag is not None:
        sent = requests.Request("GET", "http://example.org/", headers={"If-None-Match": tag}).prepare()
        assert sent.headers["If-None-Match"].encode("latin-1").decode("latin-1") == tag


def test_two_values_of_one_validator_are_none() -> None:
    old = Validators(etag='"old"', last_modified="then", digest="abc")
    assert merged(Validators(), headers(("ETag", '"a"'), ("ETag", '"b"'))) == Validators()
    assert merged(Validators(), headers(("ETag", '"a"'), ("ETag", '"a"'))) == Validators(etag='"a"')
    assert merged(old, headers(("ETag", '"new"'))) == Validators(etag='"new"', last_modified="then", digest="abc")


def test_single() -> None:
    assert single(headers(("Age", " 5 "), ("age", "5")), "AGE") == "5"
    assert single(headers(("Age", "5"), ("age", "6")), "AGE") is None
    assert single(headers(), "AGE") is None


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("feed", {"feed"}),
        ("Feed;q=1", {"feed"}),
        ("vcdiff, gzip", {"vcdiff", "gzip"}),
        ("identity", set()),
        ("", set()),
    ],
)
def test_manipulations(value: str, names: set[str]) -> None:
    assert manipulations(headers(("IM", value))) == names


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/xml; charset=UTF-8", ("text/xml", "utf-8")),
        ("TEXT/XML", ("text/xml", None)),
        ("xml", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
        ("text/xml; charset=utf-8" + "; x=" + "y" * 5000, (None, None)),
    ],
)
def test_content_type(value: str | None, expected: tuple[str | None, str | None]) -> None:
    assert content_type(value) == expected


@given(latin)
def test_a_content_type_never_fails(value: str) -> None:
    content_type(value)
