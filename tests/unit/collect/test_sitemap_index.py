from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.collect.sitemap_index import MOST_CHILDREN, Child, children, is_index

URL = "https://www.kabar.test/sitemap.xml"


def index(*listed: tuple[str, str] | str) -> bytes:
    told = "".join(
        f"<sitemap><loc>{one[0]}</loc><lastmod>{one[1]}</lastmod></sitemap>"
        if isinstance(one, tuple)
        else f"<sitemap><loc>{one}</loc></sitemap>"
        for one in listed
    )
    head = (
        '<?xml version="1.0"?><!-- made by hand --><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    return f"{head}{told}</sitemapindex>".encode()


def urls(body: bytes) -> list[str]:
    return [child.url.rpartition("/")[2] for child in children(body, URL)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (index("https://kabar.test/a.xml"), True),
        (b"<x:sitemapindex xmlns:x='y'/>", True),
        (b"<urlset/>", False),
        (b"<html><body><sitemapindex></body>", False),
        (b"", False),
        ("<sitemapindex/>".encode("utf-16"), False),
    ],
)
def test_what_is_an_index(body: bytes, expected: bool) -> None:
    assert is_index(body) is expected


def test_the_newest_come_first_and_the_undated_last() -> None:
    body = index(
        "https://kabar.test/undated.xml",
        ("https://kabar.test/old.xml", "2025-01-01"),
        ("https://kabar.test/new.xml", "2026-11-02T10:00:00+07:00"),
        ("https://kabar.test/later.xml", "2026-11-02T05:00:00Z"),
        ("https://kabar.test/odd.xml", "yesterday"),
    )
    assert urls(body) == ["later.xml", "new.xml", "old.xml", "undated.xml", "odd.xml"]
    assert children(body, URL)[1] == Child("https://kabar.test/new.xml", "2026-11-02T10:00:00+07:00")


def test_without_dates_news_come_first() -> None:
    assert urls(index("/post-1.xml", "/news-2.xml", "/post-2.xml")) == ["news-2.xml", "post-1.xml", "post-2.xml"]


def test_sitemaps_of_lists_are_left_out_unless_there_are_no_others() -> None:
    lists = ["/category-sitemap.xml", "/post_tag-sitemap.xml", "/wp-sitemap-users-1.xml", "/page-sitemap1.xml"]
    assert urls(index(*lists, "/post-sitemap.xml", "/stage-sitemap.xml")) == ["post-sitemap.xml", "stage-sitemap.xml"]
    assert len(urls(index(*lists))) == 4


def test_only_its_own_host_and_only_so_many() -> None:
    assert urls(index("https://evil.test/a.xml", "http://kabar.test/b.xml", "htps://kabar.test/c.xml", "/b.xml")) == [
        "b.xml",
        "b.xml",
    ]
    assert len(urls(index(*(f"/{number}.xml" for number in range(100))))) == MOST_CHILDREN


@pytest.mark.parametrize(
    "body",
    [
        index(*(f"/{number}.xml" for number in range(60_000))),
        b"<sitemapindex>" + b"<a>" * 300_000,
        b"<sitemapindex>" + b"<a/>" * 600_000,
        b"<sitemapindex><sitemap><loc>/" + b"x" * 5_000_000 + b"</loc></sitemap></sitemapindex>",
        b"<sitemapindex><sitemap><loc>/a&#xD800;",
        b'<!DOCTYPE x [<!ENTITY a "b">]><sitemapindex><sitemap><loc>/&a;&a;</loc></sitemap>',
    ],
)
def test_a_hostile_index_ends(body: bytes) -> None:
    assert len(children(body, URL)) <= MOST_CHILDREN


PIECES = st.sampled_from(
    ["<sitemap>", "</sitemap>", "<loc>", "</loc>", "/a.xml", "http://[", "<lastmod>", "2026", "&x;"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join))
def test_any_index_gives_addresses_of_its_host(inside: str) -> None:
    for child in children(f"<sitemapindex>{inside}</sitemapindex>".encode("utf-8", "replace"), URL):
        assert "kabar.test" in child.url
