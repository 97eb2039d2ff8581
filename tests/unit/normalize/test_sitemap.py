from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import Document, Fetched, Normalized, Site, Source
from feedmill.normalize.page import normalize

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SITE = Site(
    title="S", url="https://s.test/", feeds_url="https://s.test/f/", id_authority="s.test", timezone="Asia/Jakarta"
)
URL = "https://kabar.test/sitemap.xml"

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = """<url><loc>https://kabar.test/read/7</loc><lastmod>2026-11-21T09:00:00+07:00</lastmod><news:news>
<news:publication><news:name>Kabar Test</news:name><news:language>id</news:language></news:publication>
<news:publication_date>2026-11-20T08:00:00+07:00</news:publication_date>
<news:title><![CDATA[Harga & pasokan]]></news:title>
<news:keywords>ekonomi, beras,ekonomi</news:keywords></news:news>
<image:image><image:loc>https://kabar.test/7.jpg</image:loc><image:title>Foto</image:title></image:image></url>"""


def urlset(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACES}>{inside}</urlset>'


def read(*bodies: str | bytes) -> Normalized:
    documents = tuple(
        Document(name=f"{URL}?{number}", url=URL, body=body.encode() if isinstance(body, str) else body)
        for number, body in enumerate(bodies)
    )
    return normalize(Source(name="p", kind="page", url=URL), SITE, Fetched(source="p", documents=documents), NOW)


def test_a_news_sitemap() -> None:
    came = read(urlset(NEWS))
    (draft,) = came.drafts
    assert came.problems == ()
    assert (draft.title, draft.url, draft.language) == ("Harga & pasokan", "https://kabar.test/read/7", "id")
    assert draft.published_at_first == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert draft.updated == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert [category.term for category in draft.categories] == ["ekonomi", "beras"]
    assert [picture.url for picture in draft.thumbnails] == ["https://kabar.test/7.jpg"]
    assert draft.origin is not None
    assert draft.origin.title == "Kabar Test"


def test_a_plain_sitemap_is_read_newest_first_with_titles_made_of_addresses() -> None:
    came = read(
        urlset(
            "<url><loc>https://kabar.test/</loc></url>"
            "<url><loc>https://kabar.test/2026/harga-beras-naik.html</loc><lastmod>2026-11-01</lastmod></url>"
            "<url><loc>https://kabar.test/read/123-panen_raya-45/</loc><lastmod>2026-11-03T10:00:00Z</lastmod></url>"
            "<url><loc>https://kabar.test/2026/harga-beras-naik.html?utm_source=x</loc></url>"
        )
    )
    assert [draft.title for draft in came.drafts] == ["Panen raya", "Harga beras naik", "https://kabar.test/"]
    assert came.drafts[1].published_at_first == datetime(2026, 10, 31, 17, tzinfo=UTC)


def test_a_sitemap_with_prefixes_and_in_other_encodings() -> None:
    body = '<x:urlset xmlns:x="http://www.sitemaps.org/schemas/sitemap/0.9"><x:url><x:loc>https://a.test/é</x:loc></x:url></x:urlset>'
    for encoding in ("utf-8", "utf-16"):
        assert [draft.url for draft in read(body.encode(encoding)).drafts] == ["https://a.test/%C3%A9"]


def test_references_to_halves_of_a_character_hide_nothing() -> None:
    news = NEWS.replace("<![CDATA[Harga & pasokan]]>", "Harga &#xD83D;&#56832;&#x1F600;&#55203;&#57344;")
    came = read(urlset(news + "<url><loc>/read/8</loc></url>"))
    assert [draft.title for draft in came.drafts] == ["Harga \U0001f600\ud7a3\ue000", "8"]


def test_an_address_that_is_listed_twice_is_one_article_and_films_give_it_no_title() -> None:
    film = "<video:video xmlns:video='v'><video:title>Film</video:title></video:video>"
    came = read(
        urlset(
            f"<url><loc>https://a.test/the-story</loc><lastmod>2026-11-02</lastmod>{film}</url>"
            "<url><loc>http://www.a.test/the-story/</loc><news:news><news:title>Other</news:title></news:news></url>"
        )
    )
    assert [draft.title for draft in came.drafts] == ["The story"]


def test_dates_in_the_future_are_reported_and_do_not_count() -> None:
    came = read(urlset("<url><loc>https://a.test/soon</loc><lastmod>2036-01-01</lastmod></url>"))
    assert came.drafts[0].published_at_first is None
    assert "future" in came.problems[0].message


def test_only_the_newest_thousand_count() -> None:
    many = "".join(
        f"<url><loc>https://a.test/n{n}</loc><lastmod>2025-01-01T{n // 60 % 24:02d}:{n % 60:02d}:00Z</lastmod></url>"
        for n in range(1400)
    )
    urls = {draft.url for draft in read(urlset(many)).drafts}
    assert len(urls) == 1000
    assert "https://a.test/n1399" in urls
    assert "https://a.test/n0" not in urls


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (urlset(""), "lists no address"),
        (urlset("<url><loc>javascript:alert(1)</loc></url>"), "lists no address"),
        (
            '<sitemapindex xmlns="x"><sitemap><loc>https://a.test/1.xml</loc></sitemap></sitemapindex>',
            "index of sitemaps",
        ),
    ],
)
def test_what_holds_no_news(body: str, message: str) -> None:
    with pytest.raises(NormalizeError, match=message):
        read(body)


def test_one_broken_sitemap_of_several_is_reported() -> None:
    came = read(urlset(""), urlset(NEWS))
    assert len(came.drafts) == 1
    assert "lists no address" in came.problems[0].message
    with pytest.raises(NormalizeError):
        read(urlset(""), urlset(""))


BOMB = (
    '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/hostname">]>'
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB + urlset("<url><loc>https://a.test/x</loc><title>&b;&c;</title></url>").partition("?>")[2],
        urlset("<url>" + "<x>" * 100_000),
        urlset("<url><loc>https://a.test/x</loc></url>" + "<a/>" * 300_000),
        urlset(f"<url><loc>https://a.test/x</loc><title>{'long ' * 200_000}</title></url>"),
        urlset("<url><loc>https://a.test/x</loc></url><url><loc>https://a.test/y & z</url"),
    ],
    ids=["entities", "nested", "many elements", "long", "cut off"],
)
def test_a_hostile_sitemap(body: str) -> None:
    try:
        came = read(body)
    except NormalizeError:
        return
    for draft in came.drafts:
        assert len(draft.title) <= 500
        assert draft.url is not None
        assert draft.url.startswith("https://a.test/")


PIECES = st.sampled_from(
    [
        *(
            "<url>",
            "</url>",
            "<loc>",
            "</loc>",
            "<lastmod>",
            "</lastmod>",
            "https://a.test/a",
            "/b",
            "2026-11-02",
            "<x",
        ),
        *("<news:news>", "</news:news>", "<news:title>", "</news:title>", "&amp;", "&", "&nbsp;", "<![CDATA[", "]]>"),
        *("<image:image>", "<image:loc>", "</image:image>", "<!--", "\ud800", "\x00", NEWS),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_any_sitemap_gives_clean_drafts_or_an_error(inside: str) -> None:
    try:
        came = read(urlset(inside).encode("utf-8", "surrogatepass"))
    except NormalizeError:
        return
    for draft in came.drafts:
        assert draft.title
        assert draft.url is not None
        assert draft.url.startswith(("http://", "https://"))
        assert draft.published_at_first is None or draft.published_at_first <= NOW
