from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import Alias, AliasKind, Document, Draft, Fetched, Normalized, Selectors, Site, Source, Treatment
from feedmill.normalize import page_tree
from feedmill.normalize.links import MEDIA_SCHEMES
from feedmill.normalize.page import normalize
from feedmill.normalize.page_tree import lines, read_page
from feedmill.normalize.sanitize import sanitize

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SITE = Site(
    title="S", url="https://s.test/", feeds_url="https://s.test/f/", id_authority="s.test", timezone="Asia/Jakarta"
)
URL = "https://kabar.test/terkini"
PAGES = Path(__file__).parent / "pages"


def read(
    *bodies: str | bytes, select: Selectors | None = None, charset: str | None = None, source: Source | None = None
) -> Normalized:
    documents = tuple(
        Document(
            name=f"{URL}?{number}", url=URL, body=body.encode() if isinstance(body, str) else body, charset=charset
        )
        for number, body in enumerate(bodies)
    )
    source = source or Source(name="p", kind="page", url=URL, select=select)
    return normalize(source, SITE, Fetched(source="p", documents=documents), NOW)


def fixture(name: str, select: Selectors | None = None) -> tuple[Draft, ...]:
    came = read((PAGES / name).read_bytes(), select=select)
    assert came.problems == ()
    return came.drafts


def jakarta(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def article(number: int, inside: str = "") -> str:
    return f"<article><h2><a href='/a{number}'>Story number {number}</a></h2>{inside}</article>"


STORIES = "".join(article(number) for number in range(1, 4))
TITLES = ["Story number 1", "Story number 2", "Story number 3"]


def titles(came: Normalized) -> list[str]:
    return [draft.title for draft in came.drafts]


# --- pages as they are ------------------------------------------------------------------------


def test_a_news_portal() -> None:
    drafts = fixture("portal.html")
    assert [(draft.title, draft.url, draft.published_at_first) for draft in drafts] == [
        (
            "Harga beras turun setelah panen raya",
            "https://kabar.test/read/101/harga-beras?utm_source=home",
            jakarta("2026-11-02T14:30"),
        ),
        ("Dewan sahkan anggaran pesisir", "https://kabar.test/read/102/dewan", jakarta("2026-11-02T08:15")),
        ("Nelayan panen cumi", "https://kabar.test/read/103/nelayan", jakarta("2026-11-22T09:00")),
        ("Festival perahu hias digelar Desember", "https://kabar.test/read/104/festival", jakarta("2026-11-21T20:05")),
    ]
    first = drafts[0]
    assert [picture.url for picture in first.thumbnails] == ["https://kabar.test/foto/101.jpg"]
    assert first.summary.startswith("Pedagang di pasar induk")
    assert first.language == "id-ID"
    assert first.origin is not None
    assert (first.origin.title, first.origin.link) == ("Kabar Pesisir", URL)
    assert first.published is None
    assert first.aliases == (Alias(kind=AliasKind.URL, value="//kabar.test/read/101/harga-beras"),)
    assert first.id.startswith("tag:s.test,2026-11-02:p/")


def test_a_wordpress_blog() -> None:
    drafts = fixture("wordpress.html")
    assert [(draft.title, draft.url) for draft in drafts] == [
        ("Varnish, again", "https://blog.test/2026/11/varnish/"),
        ("Fog", "https://blog.test/2026/11/fog/"),
        ("The ferry that nobody takes", "https://blog.test/2026/10/the-ferry/"),
    ]
    assert drafts[0].published_at_first == datetime(2026, 11, 5, 8, 30, tzinfo=UTC)
    assert [picture.url for picture in drafts[0].thumbnails] == ["https://blog.test/up/varnish.jpg"]


def test_an_archive_of_short_titles_under_several_headings() -> None:
    drafts = fixture("archive.html")
    assert [draft.title for draft in drafts] == ["Tides", "A small proof", "Why I left", "Lights", "Ice"]
    assert drafts[4].published_at_first == jakarta("2025-02-01T00:00")


def test_a_table_of_notices_inside_tables_and_a_form() -> None:
    drafts = fixture("notices.html")
    assert [(draft.title, draft.url, draft.published_at_first) for draft in drafts] == [
        ("Seleksi tenaga kontrak penyuluh", "https://kabar.test/detail.aspx?id=318", jakarta("2026-11-16T00:00")),
        ("Jadwal pelayanan “keliling” bulan ini", "https://kabar.test/detail.aspx?id=317", jakarta("2026-11-09T00:00")),
        ("Lelang kendaraan dinas", "https://kabar.test/detail.aspx?id=316", jakarta("2026-11-02T00:00")),
        ("Hasil seleksi administrasi", "https://kabar.test/detail.aspx?id=315", jakarta("2026-10-26T00:00")),
    ]


def test_cards_that_are_links_as_a_whole() -> None:
    drafts = fixture("cards.html")
    assert [draft.title for draft in drafts] == [
        "Turbines arrive",
        "Sixty new apprentices",
        "Results of the third quarter",
        "A bridge, moved",
    ]
    assert drafts[0].url == "https://corp.test/newsroom/2026/turbines"
    assert drafts[0].summary == "The first twelve of forty turbines were landed at the northern quay this week."
    assert [picture.url for picture in drafts[0].thumbnails] == ["https://corp.test/newsroom/img/turbines.jpg"]
    assert drafts[0].published_at_first == jakarta("2026-11-12T00:00")


def test_headings_and_paragraphs_side_by_side() -> None:
    body = "".join(
        f"<h3><a href='/a{n}'>Story number {n}</a></h3><p class=meta>{n} November 2026</p>"
        f"<p>The teaser of story number {n}, long enough to be taken for one.</p>"
        for n in range(1, 4)
    )
    came = read(f"<div>{body}</div>")
    assert titles(came) == TITLES
    assert [draft.published_at_first for draft in came.drafts] == [jakarta(f"2026-11-0{n}T00:00") for n in range(1, 4)]
    assert came.drafts[1].summary == "The teaser of story number 2, long enough to be taken for one."


def test_rows_of_which_every_second_belongs_to_the_one_before() -> None:
    body = "".join(
        f"<tr class=athing><td>{n}.</td><td><a href='https://other{n}.test/'>Something worth reading {n}</a></td></tr>"
        f"<tr><td></td><td><span class=age>{n} hours ago</span> <a href='item?id={n}'>{n} comments</a></td></tr>"
        for n in range(1, 4)
    )
    came = read(f"<table>{body}</table>")
    assert [(d.title, d.url) for d in came.drafts] == [
        (f"Something worth reading {n}", f"https://other{n}.test/") for n in range(1, 4)
    ]
    assert came.drafts[2].published_at_first == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "around", ["nav", "footer", "aside", "div class='main-menu'", "ul role=navigation", "div hidden"]
)
def test_furniture_is_no_news(around: str) -> None:
    links = "".join(f"<li><a href='/m{n}'>A rather long entry of the menu {n}</a></li>" for n in range(20))
    came = read(f"<{around}>{links}</{around.partition(' ')[0]}><main>{STORIES}</main>")
    assert titles(came) == TITLES


def test_the_larger_group_wins_and_the_order_is_that_of_the_page() -> None:
    few = "".join(f"<li><a href='/x{n}'>A link somewhere else on the page {n}</a></li>" for n in range(3))
    many = "".join(article(number) for number in (3, 1, 2, 5))
    assert titles(read(f"<ul>{few}</ul><div>{many}</div>")) == [f"Story number {n}" for n in (3, 1, 2, 5)]


def test_links_to_the_page_itself_and_to_the_start_page_are_no_news() -> None:
    own = "".join(
        f"<article><h2><a href='{url}'>Of this page itself</a></h2></article>" for url in ("/", "/terkini#top")
    )
    assert titles(read(own + STORIES)) == TITLES


def test_a_list_of_short_words_is_no_news_whatever_else_is_in_it() -> None:
    links = [f"Words that would make a title {n}" if n < 3 else f"Word {n}" for n in range(10)]
    with pytest.raises(NormalizeError, match="no articles"):
        read("<ul>" + "".join(f"<li><a href='/{n}'>{text}</a></li>" for n, text in enumerate(links)) + "</ul>")


def test_a_date_in_the_future_is_what_an_article_is_about() -> None:
    came = read(
        article(1, "<p>Pemilihan digelar 9 Desember 2026.</p>")
        + article(2, "<p>Pendaftaran sampai 1 Januari 2027.</p><p>Ditulis 3 November 2026</p>")
        + article(3)
    )
    assert [draft.published_at_first for draft in came.drafts] == [None, jakarta("2026-11-03T00:00"), None]


def test_the_same_page_gives_the_same_drafts() -> None:
    body = (PAGES / "portal.html").read_bytes()
    assert read(body) == read(body)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Please log in</p><form><input><a href='/forgot'>I have forgotten the password of my account</a></form>",
        "<div id=app></div><script src=/app.js></script>",
        article(1) + article(2),
        "<ul><li><a href='/1'>One</a><li><a href='/2'>Two</a><li><a href='/3'>Three</a><li><a href='/4'>Four</a></ul>",
        "<nav>" + STORIES + "</nav>",
        "".join(f"<article><h2><a href='/a{n}'>Read more</a></h2></article>" for n in range(9)),
    ],
)
def test_a_page_without_articles_is_an_error_that_says_what_to_do(body: str) -> None:
    with pytest.raises(NormalizeError, match=r"no articles were found.*select"):
        read(body)


# --- selectors ---------------------------------------------------------------------------------

PORTAL = Selectors(
    item="article.list-item",
    title=".list-title a",
    link=".list-title a@href",
    date=".list-date",
    body=".list-text p",
    image="img@data-src",
)


def test_all_selectors() -> None:
    drafts = fixture("portal.html", PORTAL)
    assert [draft.title for draft in drafts][2:] == ["Nelayan panen cumi", "Festival perahu hias digelar Desember"]
    assert drafts[1].url == "https://kabar.test/read/102/dewan"
    assert drafts[1].published_at_first == jakarta("2026-11-02T08:15")
    assert drafts[1].content.startswith("<p>Rapat paripurna menyetujui")
    assert drafts[1].summary.startswith("Rapat paripurna")
    assert [picture.url for picture in drafts[1].thumbnails] == ["https://kabar.test/foto/102.jpg"]


def test_the_item_alone_is_enough() -> None:
    drafts = fixture("portal.html", Selectors(item="article.list-item"))
    assert [draft.title for draft in drafts] == [draft.title for draft in fixture("portal.html")]
    assert drafts == fixture("portal.html")


def test_selectors_that_a_browser_would_show() -> None:
    rows = "table#gv > tbody > tr:not(.head)"
    drafts = fixture("notices.html", Selectors(item=rows, title="td:nth-child(3)", date="td:nth-child(2)"))
    assert drafts[0].title == "Seleksi tenaga kontrak penyuluh"
    assert len(drafts) == 4


def test_the_item_may_be_the_link_or_inside_of_it() -> None:
    links = "".join(f"<a class=c href='/a{n}' title='Called {n}'><b>Story number {n}</b></a>" for n in range(1, 4))
    for select in (Selectors(item="a.c"), Selectors(item="a.c b"), Selectors(item="a.c", link="@href")):
        came = read(links, select=select)
        assert (came.drafts[0].title, came.drafts[0].url) == ("Story number 1", "https://kabar.test/a1")
    assert titles(read(links, select=Selectors(item="a.c", title="@title"))) == ["Called 1", "Called 2", "Called 3"]


def test_an_attribute_that_holds_the_date() -> None:
    body = "<div class=i><a href=/1>One</a><time datetime='2026-11-03T10:00:00Z'>last week</time></div>"
    for selector in ("time@datetime", "time"):
        (draft,) = read(body, select=Selectors(item=".i", date=selector)).drafts
        assert draft.published_at_first == datetime(2026, 11, 3, 10, tzinfo=UTC)


def test_what_matches_inside_of_an_item_is_part_of_it() -> None:
    body = "<div class=i><a href=/1>One</a><div class=i><p>inner</p></div></div>"
    assert titles(read(body, select=Selectors(item=".i"))) == ["One"]


def test_a_body_is_sanitized_and_its_addresses_are_absolute() -> None:
    body = (
        "<div class=i><a href=/1>One</a><div class=b><p onclick=x()>Words <a href='more'>more</a>"
        "<script>alert(1)</script><img src='p.png'></p></div></div>"
    )
    (draft,) = read(body, select=Selectors(item=".i", body=".b")).drafts
    assert draft.content == (
        '<div><p>Words <a href="https://kabar.test/more">more</a><img src="https://kabar.test/p.png"></p></div>'
    )


def test_a_source_may_strip_parts_of_the_body() -> None:
    body = "<div class=i><a href=/1>One</a><div class=b><p>Words</p><p class=ad>Buy</p></div></div>"
    select = Selectors(item=".i", body=".b")
    source = Source(name="p", kind="page", url=URL, select=select, treatment=Treatment(strip=(".ad",)))
    (draft,) = read(body, source=source).drafts
    assert "Buy" not in draft.content + draft.summary


def test_an_item_selector_that_matches_nothing_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(NormalizeError, match=r"'\.gone' matches nothing.*correct select"):
        read(STORIES, select=Selectors(item=".gone"))


@pytest.mark.parametrize("part", ["title", "link", "date", "body", "image"])
def test_any_other_selector_that_matches_nowhere_is_reported(part: str) -> None:
    came = read(STORIES, select=Selectors(item="article", **{part: ".gone"}))
    assert titles(came) == TITLES
    (problem,) = came.problems
    assert f"selector {part} finds nothing in any of 3" in problem.message


def test_items_with_neither_title_nor_link_are_reported() -> None:
    came = read(STORIES + "<article><img src=x></article>", select=Selectors(item="article"))
    assert titles(came) == TITLES
    assert "1 of 4" in came.problems[0].message
    with pytest.raises(NormalizeError, match="title or a link"):
        read("<article><img src=x></article>", select=Selectors(item="article"))


def test_dates_that_cannot_be_are_reported_where_a_selector_names_them() -> None:
    body = "".join(
        f"<div class=i><a href=/{n}>Number {n}</a><i>{when}</i></div>"
        for n, when in enumerate(["2 Nov 2026", "2 Nov 2036", "soon"])
    )
    came = read(body, select=Selectors(item=".i", date="i"))
    assert [draft.published_at_first for draft in came.drafts] == [jakarta("2026-11-02T00:00"), None, None]
    assert ["in the future" in came.problems[0].message, "cannot be read" in came.problems[1].message] == [True, True]


# --- identity ------------------------------------------------------------------------------------


def test_the_link_is_the_identity_whatever_the_title_becomes() -> None:
    before = read(STORIES).drafts
    after = read(STORIES.replace("Story", "Corrected story").replace("/a1", "http://www.kabar.test/a1/?utm_source=x"))
    assert [draft.aliases for draft in before] == [draft.aliases for draft in after.drafts]
    assert [draft.id for draft in before] == [draft.id for draft in after.drafts]


def test_without_a_link_the_title_is_the_identity() -> None:
    body = "<li>Kantor tutup besok <i>satu</i></li><li>Antrean daring dibuka</li>"
    select = Selectors(item="li", title="@data-t", body="i")
    one, two = read(
        body.replace("<li", "<li data-t='Sama'", 1).replace("<li>", "<li data-t=Lain>"), select=select
    ).drafts
    again = read(body.replace("satu", "dua").replace("<li", "<li data-t='Sama'", 1), select=select).drafts[0]
    assert (one.url, one.aliases, one.id) == (None, again.aliases, again.id)
    assert one.aliases != two.aliases


def test_articles_that_share_an_address_are_told_apart_by_their_titles() -> None:
    body = "".join(f"<li><a href='{URL}#n{n}'>Notice number {n}</a></li>" for n in range(3))
    drafts = read(body, select=Selectors(item="li", link="a@href")).drafts
    assert len({draft.id for draft in drafts}) == 3
    assert len({alias for draft in drafts for alias in draft.aliases if alias.kind is AliasKind.GUID}) == 3


def test_a_link_into_the_page_itself_is_not_the_only_identity() -> None:
    (draft,) = read(f"<li><a href='{URL}#n1'>A notice</a></li>", select=Selectors(item="li")).drafts
    assert AliasKind.GUID in {alias.kind for alias in draft.aliases}


def test_the_language_of_the_source_wins() -> None:
    source = Source(name="p", kind="page", url=URL, language="su")
    assert {draft.language for draft in read("<html lang='id'>" + STORIES, source=source).drafts} == {"su"}


# --- what comes instead of a page, and hostile pages ------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "empty body"),
        ("just words", "neither an HTML page nor a sitemap"),
        ('{"a": 1}', "neither an HTML page nor a sitemap"),
        ("<?xml version='1.0'?><rss version='2.0'><channel/></rss>", 'kind = "feed"'),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", 'kind = "feed"'),
    ],
)
def test_what_is_no_page(body: str, message: str) -> None:
    with pytest.raises(NormalizeError, match=message):
        read(body)


def test_encodings() -> None:
    page = f"<meta charset='iso-8859-1'>{STORIES.replace('Story', 'Café')}"
    assert titles(read(page.encode("latin-1")))[0] == "Café number 1"
    assert titles(read(STORIES.replace("Story", "Café").encode("utf-16")))[0] == "Café number 1"
    assert titles(read(page.encode(), charset="utf-8"))[0] == "Café number 1"


HOSTILE = {
    "nested": STORIES + "<div>" * 200_000,
    "nested and closed": "<div>" * 900 + "x" + "</div>" * 900 + STORIES,
    "an attribute of a megabyte": f"<p title='{'x' * 2**20}'>" + STORIES,
    "many attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + STORIES,
    "a title of a megabyte": f"<h2><a href=/big>{'word ' * 200_000}</a></h2>" + STORIES,
    "strange names": "<a:b @click=x :y='z' 9=1><foo_bar-><%>" + STORIES,
    "control characters": STORIES + "\x00\x01\x1b&#0;&#x1;\ufffe",
    "a comment that never ends": STORIES + "<!-- " * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_nothing_but_itself(name: str) -> None:
    assert titles(read(HOSTILE[name]))[-3:] == TITLES
    assert titles(read(HOSTILE[name], select=Selectors(item="article", body="*")))[-3:] == TITLES


def test_deep_markup_is_made_flat() -> None:
    page = read_page("<div>" * 500 + "<p>deep</p>" + "</div>" * 500, URL)
    depths = [sum(1 for _ in element.iterancestors()) for element in page.root.iter()]
    assert max(depths) == 100
    assert lines(page.root) == ["deep"]


def test_a_page_of_very_many_elements_is_read_in_part_and_said_so() -> None:
    body = "".join(f"<p><a href='/x{n}'>Words in the link number {n}</a></p>" for n in range(40_000))
    came = read(body)
    assert len(came.drafts) == 500
    assert "too large" in came.problems[0].message


TAGS = st.sampled_from(
    ["div", "article", "li", "ul", "h2", "p", "a", "table", "tr", "td", "time", "img", "span", "base", "x:y"]
)
ATTRIBUTES = st.sampled_from(
    [
        "href='/a'",
        "href='//b.test/x y'",
        "href='javascript:x'",
        "href='http://[::1'",
        "datetime='2026-11-02'",
        "class='date odd k1'",
        "src='p.png'",
        "data-src='http://x'",
        "style='background:url(x)'",
        "srcset='a 1x, b 2x'",
        "lang=id",
        "itemprop=datePublished",
        "content='9999'",
    ]
)
PIECES = st.one_of(
    st.builds("<{} {}>".format, TAGS, st.lists(ATTRIBUTES, max_size=3).map(" ".join)),
    st.builds("</{}>".format, TAGS),
    st.text(max_size=8),
    st.sampled_from(
        ["Story number one of today", "2 Nov 2026", "&amp;", "&#1;", "<!--", "]]>", article(7), article(8)]
    ),
)
SELECTORS = st.sampled_from(
    [
        None,
        PORTAL,
        Selectors(item="*"),
        Selectors(item="div, li, article", title="@class", link="*@href", date="*@datetime", body="*", image="*@src"),
        Selectors(item="a", title="*", link="*", date="*", image="*"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), SELECTORS)
def test_any_page_gives_clean_drafts_or_an_error(body: str, select: Selectors | None) -> None:
    try:
        came = read(body, select=select)
    except NormalizeError as error:
        assert str(error).startswith(f"{URL}: ")  # noqa: PT017 - it may be raised, and may not
        return
    assert came.drafts
    for draft in came.drafts:
        assert draft.title.strip() == draft.title != ""
        assert draft.url is None or draft.url.split(":")[0] in MEDIA_SCHEMES
        assert all(picture.url.startswith("http") for picture in draft.thumbnails)
        assert sanitize(draft.content, base=None) == draft.content
        assert draft.published_at_first is None or draft.published_at_first <= NOW
        assert draft.aliases
    assert came == read(body, select=select)


def test_a_page_of_any_length_is_read_as_far_as_it_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    html = "<p>one</p><p>two</p>"
    monkeypatch.setattr(page_tree, "_LONGEST_PAGE", len(html))
    whole, longer = (read_page(text, "https://p.example/") for text in (html, html + "<p>three</p>"))
    assert (whole.cut, longer.cut) == (False, True)
    assert lines(longer.root) == lines(whole.root) == ["one", "two"]
