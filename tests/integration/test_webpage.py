"""Web pages and sitemaps collected from a real server, with its robots.txt."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedmill.collect import webpage
from feedmill.collect.host_gate import HostGate
from feedmill.collect.http import HttpClient
from feedmill.errors import CollectError, NetworkError, StatusError, TooLarge
from feedmill.model import Fetched, FetchSettings, Source, Validators
from upstream import Handler, Upstream

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
PAGE = b"<html><body>news</body></html>"


class Waits(HostGate):
    """A gate that lets everybody through and notes how far apart they wanted to be."""

    def __init__(self) -> None:
        super().__init__(8, 0)
        self.apart: list[float] = []

    def visit(self, host: str, *, apart: float = 0.0) -> Any:
        self.apart.append(apart)
        return super().visit(host)


def client(gate: HostGate | None = None, **settings: Any) -> HttpClient:
    usual: dict[str, Any] = {"allow_hosts": ("127.0.0.1", "localhost"), "host_delay": timedelta(0)}
    return HttpClient(FetchSettings(user_agent="Feedmill/test", **(usual | settings)), gate=gate)


def look(
    url: str, http: HttpClient, before: Fetched | None = None, *, stamps: Mapping[str, str] | None = None
) -> Fetched:
    source = Source(name="p", kind="page", url=url)
    old = before or Fetched(source="p")
    return webpage.collect(source, old.validators, old.stamps if stamps is None else stamps, http, NOW)


def paths(upstream: Upstream) -> list[str]:
    asked = [asked.path for asked in upstream.asked]
    upstream.asked.clear()
    return asked


def tagged(upstream: Upstream, path: str, body: bytes) -> str:
    """Serve a document with an ETag of its length, and 304 to who has it."""
    tag = f'"{len(body)}"'

    def answer(handler: Handler) -> None:
        same = handler.headers.get("If-None-Match") == tag
        handler.reply(304 if same else 200, b"" if same else body, ETag=tag)

    upstream.routes[path] = answer
    return upstream.url(path)


def test_a_page_is_asked_for_after_robots_txt_and_then_conditionally(upstream: Upstream) -> None:
    http, url = client(), tagged(upstream, "/news", PAGE)
    upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /admin")
    came = look(url, http)
    assert [document.body for document in came.documents] == [PAGE]
    again = look(url, http, came)
    assert (again.unchanged, again.documents, again.validators) == (True, (), came.validators)
    assert [asked.headers.get("If-None-Match") for asked in upstream.asked] == [None, None, '"30"']
    assert paths(upstream) == ["/robots.txt", "/news", "/news"]


def test_the_same_bytes_are_no_change(upstream: Upstream) -> None:
    http, url = client(), upstream.serve("/news", body=PAGE)
    assert look(url, http, look(url, http)).unchanged


def test_robots_txt_forbids(upstream: Upstream) -> None:
    url = upstream.serve("/news", body=PAGE)
    upstream.serve("/robots.txt", body=b"User-agent: Feedmill\nDisallow: /news")
    with pytest.raises(CollectError, match="txt forbids"):
        look(url, client())
    assert paths(upstream) == ["/robots.txt"]


def test_robots_txt_is_asked_for_where_a_redirect_leads(upstream: Upstream) -> None:
    upstream.serve("/moved", 302, Location=upstream.url("/private", host="localhost"))
    upstream.serve("/private", body=PAGE)
    upstream.serve("/robots.txt", body=b"User-agent: *\nDisallow: /private")
    with pytest.raises(CollectError, match="txt forbids") as caught:
        look(upstream.url("/moved"), client())
    assert "localhost" in caught.value.where
    assert paths(upstream) == ["/robots.txt", "/moved", "/robots.txt"]


def test_a_robots_txt_that_cannot_be_had_is_not_now(upstream: Upstream) -> None:
    url = upstream.serve("/news", body=PAGE)
    upstream.serve("/robots.txt", 503, Retry_After="120")
    http = client()
    for _ in range(2):
        with pytest.raises(CollectError, match="cannot be had") as caught:
            look(url, http)
        assert caught.value.wait == timedelta(seconds=120)
    assert paths(upstream) == ["/robots.txt"]


class Slow(HostGate):
    """Lets everybody wait longer than the whole deadline."""

    @contextmanager
    def visit(self, host: str, *, apart: float = 0.0) -> Iterator[float]:
        threading.Event().wait(0.3)
        yield 0.3


def test_asking_for_robots_txt_does_not_use_up_the_time_of_the_page(upstream: Upstream) -> None:
    url = upstream.serve("/news", body=PAGE)
    assert look(url, client(Slow(1, 0), timeout=timedelta(seconds=0.2))).documents


def test_a_crawl_delay_keeps_requests_and_looks_apart(upstream: Upstream) -> None:
    gate = Waits()
    upstream.serve("/robots.txt", body=b"User-agent: *\nCrawl-delay: 12")
    came = look(upstream.serve("/news", body=PAGE), client(gate))
    assert gate.apart == [0, 12]
    assert came.wait == timedelta(seconds=12)


def test_a_very_long_crawl_delay_holds_nobody_up_and_lengthens_the_time_between_looks(upstream: Upstream) -> None:
    gate = Waits()
    upstream.serve("/robots.txt", body=b"User-agent: *\nCrawl-delay: 1e300")
    came = look(upstream.serve("/news", body=PAGE), client(gate))
    assert gate.apart == [0, 30]
    assert came.wait == timedelta(days=7)
    upstream.serve("/index.xml", body=index(upstream, "a"))
    with pytest.raises(CollectError, match="address of one of its sitemaps"):
        look(upstream.url("/index.xml"), client(Waits()))


# --- sitemaps ------------------------------------------------------------------------------------


def index(upstream: Upstream, *names: str, **lastmod: str) -> bytes:
    told = "".join(
        f"<sitemap><loc>{upstream.url(f'/{name}.xml')}</loc><lastmod>{lastmod.get(name, '')}</lastmod></sitemap>"
        for name in names
    )
    return f"<sitemapindex>{told}</sitemapindex>".encode()


def names(came: Fetched) -> list[str]:
    return [document.name.rpartition("/")[2] for document in came.documents]


def test_the_sitemaps_of_an_index_are_read_and_only_those_that_changed_again(upstream: Upstream) -> None:
    http = client()
    for name in "abc":
        tagged(upstream, f"/{name}.xml", b"<urlset/>")
    url = tagged(upstream, "/index.xml", index(upstream, "a", "b", "c", a="2026-11-01", b="2026-11-02"))
    first = look(url, http)
    assert names(first) == ["b.xml", "a.xml", "c.xml"]
    paths(upstream)

    same = look(url, http, first)
    assert same.unchanged
    assert paths(upstream) == ["/index.xml", "/c.xml"], "the index dates the others"
    assert same.stamps == first.stamps

    tagged(upstream, "/a.xml", b"<urlset> </urlset>")
    tagged(upstream, "/index.xml", index(upstream, "a", "b", "c", a="2026-11-03T00:00Z", b="2026-11-02"))
    changed = look(url, http, same)
    assert names(changed) == ["a.xml"]
    assert paths(upstream) == ["/index.xml", "/a.xml", "/c.xml"]


def test_large_sitemaps_are_read_at_several_looks(upstream: Upstream) -> None:
    http = client(max_body=10_000)
    for name in "abc":
        tagged(upstream, f"/{name}.xml", b"<urlset/>" + name.encode() * 6000)
    url = tagged(upstream, "/index.xml", index(upstream, "a", "b", "c", a="2026-11-03", b="2026-11-02"))
    first = look(url, http)
    assert names(first) == ["a.xml", "b.xml"]
    assert "the sitemaps before it are large" in str(first.problems[0])
    second = look(url, http, first)
    assert (names(second), second.problems) == (["c.xml"], ())
    assert look(url, http, second).unchanged


def test_the_sitemaps_of_an_index_have_the_timeout_together(upstream: Upstream) -> None:
    tagged(upstream, "/a.xml", b"<urlset/>")
    for name in "bcde":
        upstream.routes[f"/{name}.xml"] = Handler.stall
    url = tagged(upstream, "/index.xml", index(upstream, *"abcde", a="2026-11-01"))
    came = look(url, client(timeout=timedelta(seconds=1)))
    assert names(came) == ["a.xml"]
    assert paths(upstream) == ["/robots.txt", "/index.xml", "/a.xml", "/b.xml"]
    assert ["the sitemaps before it took 1 s" in problem.message for problem in came.problems] == [False, *[True] * 3]


def test_a_sitemap_that_fails_is_reported_and_tried_again(upstream: Upstream) -> None:
    http = client()
    tagged(upstream, "/a.xml", b"<urlset/>")
    url = tagged(upstream, "/index.xml", index(upstream, "a", "b", a="2026-11-01", b="2026-11-01"))
    came = look(url, http)
    assert names(came) == ["a.xml"]
    assert "404" in came.problems[0].message
    tagged(upstream, "/b.xml", b"<urlset/>")
    assert names(look(url, http, came)) == ["b.xml"]


def test_if_all_sitemaps_fail_the_source_fails(upstream: Upstream) -> None:
    url = upstream.serve("/index.xml", body=index(upstream, "a", "b"))
    with pytest.raises(StatusError):
        look(url, client())
    with pytest.raises(CollectError, match="lists no sitemap of its own host"):
        look(upstream.serve("/empty.xml", body=b"<sitemapindex/>"), client())


def test_an_index_that_becomes_a_page_is_one(upstream: Upstream) -> None:
    http = client()
    tagged(upstream, "/a.xml", b"<urlset/>")
    url = tagged(upstream, "/index.xml", index(upstream, "a"))
    before = look(url, http)
    tagged(upstream, "/index.xml", PAGE)
    came = look(url, http, before)
    assert ([document.body for document in came.documents], came.stamps) == ([PAGE], {})


def test_gzipped_files_are_unpacked(upstream: Upstream) -> None:
    came = look(upstream.serve("/s.xml.gz", body=gzip.compress(b"<urlset/>")), client())
    assert came.documents[0].body == b"<urlset/>"
    with pytest.raises(TooLarge, match="max_body"):
        look(upstream.serve("/bomb.gz", body=gzip.compress(bytes(3_000_000))), client(max_body=1_000_000))
    with pytest.raises(NetworkError, match="gzip"):
        look(upstream.serve("/cut.gz", body=gzip.compress(PAGE * 99)[:-9]), client())


@pytest.mark.parametrize("stamp", ["", "x", "[]", "[1]", "{}", '["a", null, null, null]', "null", "[[]"])
def test_stamps_that_are_none_are_no_reason_to_fail(upstream: Upstream, stamp: str) -> None:
    url = upstream.serve("/index.xml", body=index(upstream, "a"))
    tagged(upstream, "/a.xml", b"<urlset/>")
    came = look(url, client(), Fetched(source="p", validators=Validators()), stamps={upstream.url("/a.xml"): stamp})
    assert names(came) == ["a.xml"]
