"""Access logs: what servers write, and what clients make them write."""

from __future__ import annotations

import json
import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.audience.accesslog import LONGEST_LINE, read_line
from feedmill.audience.logs import LogCount, lines

FEEDS = {"/feeds/all/rss.xml": "all", "/feeds/news/atom.xml": "news"}


def combined(
    target: str = "/feeds/all/rss.xml",
    status: int = 200,
    size: int | str = 1000,
    agent: str = "newsboat/2.36",
    *,
    address: str = "192.0.2.1",
    moment: str = "22/Nov/2026:12:00:00 +0000",
    method: str = "GET",
) -> bytes:
    return f'{address} - - [{moment}] "{method} {target} HTTP/1.1" {status} {size} "-" "{agent}"\n'.encode()


def caddy(target: str = "/feeds/all/rss.xml", status: int = 200, size: int = 1000, **headers: str) -> bytes:
    request = {
        "remote_ip": "192.0.2.1",
        "client_ip": "198.51.100.7",
        "method": "GET",
        "uri": target,
        "headers": {name.replace("_", "-"): [value] for name, value in headers.items()},
    }
    told = {"level": "info", "ts": 1795348800.5, "logger": "http.log.access.log0", "request": request}
    return json.dumps(told | {"status": status, "size": size}).encode() + b"\n"


def count(*told: bytes) -> tuple[LogCount, dict[str, Any]]:
    """The count of a log, and its only sum as a dictionary."""
    counted = LogCount(FEEDS.get)
    counted.read(lines(BytesIO(b"".join(told))))
    days = counted.days()
    (of_day,) = days.values() or ([],)
    return counted, {name: getattr(of_day[0], name) for name in of_day[0].__slots__} if of_day else {}


def test_the_combined_format() -> None:
    access = read_line(combined(agent="Feedly/1.0 (3 subscribers)", status=304, size="-"))
    assert access is not None
    assert (access.day.isoformat(), access.address, access.method) == ("2026-11-22", "192.0.2.1", "GET")
    assert (access.target, access.status, access.size, access.conditional) == ("/feeds/all/rss.xml", 304, 0, True)
    assert access.user_agent == "Feedly/1.0 (3 subscribers)"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("22/Nov/2026:23:30:00 -0100", "2026-11-23"),
        ("22/Nov/2026:05:00:00 +0530", "2026-11-21"),
        ("01/Jan/2027:00:10:00 +0100", "2026-12-31"),
    ],
)
def test_days_are_those_of_utc(moment: str, day: str) -> None:
    access = read_line(combined(moment=moment))
    assert access is not None
    assert access.day.isoformat() == day


@pytest.mark.parametrize(
    "line",
    [
        b'www.example.org:443 192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"',
        b'192.0.2.1 - some body [22/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"',
        b'192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x" "203.0.113.1" 0.003',
        b'192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 5 "a \\" b" "x"',
    ],
    ids=["vhost_combined", "a user", "fields of one's own", "an escaped quote"],
)
def test_variants_of_it(line: bytes) -> None:
    access = read_line(line)
    assert access is not None
    assert (access.address, access.target, access.user_agent) == ("192.0.2.1", "/a", "x")


def test_the_common_format_tells_no_program() -> None:
    access = read_line(b'192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.0" 200 5\n')
    assert access is not None
    assert access.user_agent == ""


@pytest.mark.parametrize("moment", [1795348800.123, "2026-11-22T12:00:00Z", "2026/11/22 12:00:00.123"])
def test_caddy_writes_its_times_in_several_ways(moment: float | str) -> None:
    line = json.dumps(json.loads(caddy(User_Agent="x")) | {"ts": moment}).encode()
    access = read_line(line)
    assert access is not None
    assert access.day.isoformat() == "2026-11-22"
    assert (access.address, access.user_agent, access.conditional) == ("198.51.100.7", "x", False)


def test_caddy_tells_whether_a_request_was_conditional() -> None:
    counted, only = count(caddy(User_Agent="newsboat/2"), caddy(User_Agent="newsboat/2", If_None_Match='"x"'))
    assert counted.tells_conditions
    assert (only["requests"], only["unconditional"]) == (2, 1)


def test_the_combined_format_does_not() -> None:
    counted, only = count(combined())
    assert not counted.tells_conditions
    assert only["unconditional"] == 0


def test_other_lines_of_caddy_are_no_requests() -> None:
    counted, only = count(b'{"level":"info","ts":1.5,"logger":"tls","msg":"cleaning storage unit"}\n')
    assert (counted.malformed, only) == (0, {})


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b'{"ts": 1\n',
        b'{"ts": 1e300, "request": {"method": "GET", "uri": "/"}}\n',
        b'{"ts": "soon", "request": {"method": "GET", "uri": "/"}}\n',
        combined(moment="99/Nov/2026:12:00:00 +0000"),
        combined(moment="22/Foo/2026:12:00:00 +0000"),
        combined(moment="01/Jan/0001:00:00:00 +0900"),
        combined(agent="a" * LONGEST_LINE),
        b"\xff\xfe\x00\n",
    ],
)
def test_a_malformed_line_is_counted_and_passed_over(line: bytes) -> None:
    counted, only = count(combined(), line, combined())
    assert (counted.lines, counted.malformed, only["requests"]) == (3, 1, 2)


def test_only_requests_for_feeds_count() -> None:
    counted, only = count(
        combined("/"),
        combined("/feeds/all/index.html"),
        combined(method="HEAD"),
        combined(method="POST"),
        combined(status=301),
        combined("/feeds/%61ll/rss.xml"),
        combined("http://example.org/feeds/all/rss.xml"),
    )
    assert (counted.malformed, only["requests"]) == (0, 2)


def test_what_304_and_226_spared_is_estimated_where_the_whole_was_sent_before() -> None:
    _, only = count(
        combined(status=304, size=0),  # nobody knows of how much
        combined(size=1000),
        combined(status=304, size=0),
        combined(status=226, size=300),
        combined(status=304, size=0, agent="Liferea/1", address="192.0.2.9")[:0],
    )
    assert (only["requests"], only["not_modified"], only["deltas"], only["saved"]) == (4, 2, 1, 1000 + 700)


def test_days_in_any_order_are_each_counted_once() -> None:
    counted = LogCount(FEEDS.get)
    days = [f"{day:02d}/Nov/2026:12:00:00 +0000" for day in range(1, 21)]
    for moment in [*reversed(days), *days]:
        counted.read(lines(BytesIO(combined(moment=moment))))
    sums = counted.days()
    assert list(sums) == sorted(sums)
    assert len(sums) == 20
    assert {only.requests for (only,) in sums.values()} == {2}


@given(st.lists(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b"") + b"\n")))
def test_any_bytes_are_read_to_the_end(told: list[bytes]) -> None:
    counted = LogCount(FEEDS.get)
    counted.read(lines(BytesIO(b"".join(told) + combined())))
    assert sum(only.requests for sums in counted.days().values() for only in sums) == 1


hostile = st.text(alphabet=st.sampled_from('"\\[] ()/;-é\t{}:0GETnewsboat,='), max_size=60)


@given(hostile, hostile)
def test_a_client_cannot_make_a_line_count_twice_or_for_another(target: str, agent: str) -> None:
    """nginx and Apache escape quotes and backslashes in what they write."""
    told = [text.replace("\\", "\\x5C").replace('"', '\\"') for text in (target, agent)]
    counted = LogCount(FEEDS.get)
    counted.read(lines(BytesIO(combined("/other" + told[0], agent=told[1]))))
    assert (counted.malformed, counted.days()) == (0, {})


def test_memory_does_not_grow_with_a_log() -> None:
    """Every line is of another client and another program."""
    counted = LogCount(FEEDS.get)

    def batch(start: int) -> int:
        told = range(start, start + 5_000)
        counted.read(
            combined(agent=f"thing{at:x}q/1 {'x' * 300}", address=f"10.{at % 200}.{at // 200}.1") for at in told
        )
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        batch(0)
        before, after = batch(5_000), batch(10_000)
    finally:
        tracemalloc.stop()
    assert counted.lines == 15_000
    assert after < 1.1 * before
