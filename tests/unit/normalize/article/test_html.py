"""HTML articles: what a page says of itself, and where its story is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import Person
from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.article.html import read_html
from feedmill.normalize.article.jsonld import jsonld_facts

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Judul &amp; lain",
    "description": "Ringkasan",
    "datePublished": "2026-11-02T07:00:00+07:00",
    "dateModified": "2026-11-03T07:00:00+07:00",
    "author": [{"@type": "Person", "name": "Siti", "url": "https://example.org/siti"}, "Budi"],
    "articleSection": "Politik",
    "keywords": "pasar, harga",
    "image": [{"@type": "ImageObject", "url": "https://example.org/a.png"}],
    "inLanguage": "id",
    "mainEntityOfPage": {"@type": "WebPage", "@id": "https://example.org/judul"},
}


def read(page: str) -> Manuscript:
    return read_html(Facts(), page, "x")


def head(inside: str) -> Facts:
    return read(f"<html><head>{inside}</head><body><p>Isi</p></body></html>").facts


def test_a_page_that_says_everything_in_its_head() -> None:
    facts = read(
        """<!DOCTYPE html><html lang="id-ID"><head><title>Judul | Situs</title>
        <meta property="og:title" content="Judul"><meta name="description" content="Ringkasan &amp; lain">
        <meta name="author" content="Siti &lt;siti@example.org&gt;">
        <meta property="article:published_time" content="2026-11-02">
        <meta property="article:modified_time" content="2026-11-03"><meta property="og:image" content="/a.png">
        <meta name="keywords" content="a, b">
        <meta property="article:tag" content="c">
        <meta property="article:section" content="D">
        <link rel="canonical" href="/judul"><meta name="copyright" content="(c)"></head><body><p>Isi</p></body>"""
    ).facts
    assert facts == Facts(
        title="Judul",
        summary="Ringkasan & lain",
        authors=(Person(name="Siti", email="siti@example.org"),),
        categories=("D", "c", "a", "b"),
        published="2026-11-02",
        updated="2026-11-03",
        url="/judul",
        language="id-ID",
        image="/a.png",
        rights="(c)",
    )


@pytest.mark.parametrize("document", [ARTICLE, [ARTICLE], {"@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE]}])
def test_json_ld(document: object) -> None:
    assert jsonld_facts(["{broken", json.dumps(document)]) == Facts(
        title="Judul & lain",
        summary="Ringkasan",
        authors=(Person(name="Siti", uri="https://example.org/siti"), Person(name="Budi")),
        categories=("Politik", "pasar", "harga"),
        published="2026-11-02T07:00:00+07:00",
        updated="2026-11-03T07:00:00+07:00",
        url="https://example.org/judul",
        language="id",
        image="https://example.org/a.png",
    )


@pytest.mark.parametrize(
    "script",
    [
        "", "null", "[]", "3", '"x"', "[" * 100_000, '{"@type": "Product", "name": "x"}', '{"@type": 3}',
        '{"@type": "WebSite", "headline": "x"}',
    ],
)  # fmt: skip
def test_json_ld_that_is_no_article(script: str) -> None:
    assert jsonld_facts([script]) == Facts()


def test_json_ld_with_wrong_kinds_of_values() -> None:
    document = {
        "@type": ["Thing", "https://schema.org/BlogPosting"],
        "headline": 3,
        "author": [None, 3, {"name": ["x"]}],
    }
    document |= {"image": [], "keywords": {"a": 1}, "datePublished": {}, "mainEntityOfPage": []}
    assert jsonld_facts([json.dumps(document)]) == Facts()


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ('<meta property="og:title" content="Satu"><title>Dua</title><h1>Tiga</h1>', "Satu"),
        (
            '<script type="application/ld+json">{"@type":"Article","headline":"Satu"}</script><h1>Tiga</h1>',
            "Satu",
        ),
        (
            "<title>Dua</title><header><h1>Situs</h1></header><article><h1>Tiga &amp; <i>empat</i></h1></article>",
            "Tiga & empat",
        ),
        ("<title> Dua \n tiga </title><p>x", "Dua tiga"),
        ("<p>x", ""),
    ],
)
def test_titles(page: str, title: str) -> None:
    assert read(page).facts.title == title


@pytest.mark.parametrize(
    ("page", "published"),
    [
        ('<meta name="date" content="2026-11-02">', "2026-11-02"),
        ('<meta name="DC.date.issued" content="2026-11-02">', "2026-11-02"),
        ('<p><time datetime="2026-11-02">kemarin</time>', "2026-11-02"),
        ('<time datetime="2026-01-01">x</time><article><time datetime="2026-11-02">y</time></article>', "2026-11-02"),
        ('<span itemprop="datePublished">2 Nov 2026</span>', "2 Nov 2026"),
        ("<p>x", ""),
    ],
)
def test_dates(page: str, published: str) -> None:
    assert read(page).facts.published == published


@pytest.mark.parametrize(
    ("page", "authors"),
    [
        (
            '<meta name="author" content="Siti"><meta name="author" content="Budi">',
            (Person(name="Siti"), Person(name="Budi")),
        ),
        (
            '<meta property="article:author" content="https://facebook.example/x"><a rel="author" href="/s">Siti</a>',
            (Person(name="Siti"),),
        ),
        ('<span itemprop="author"><b itemprop="name">Siti</b></span>', (Person(name="Siti"),)),
    ],
)
def test_authors(page: str, authors: tuple[Person, ...]) -> None:
    assert read(page).facts.authors == authors


def test_front_matter_goes_before_the_page() -> None:
    facts = read_html(
        Facts(title="Muka"), '<meta property="og:title" content="x"><meta name="description" content="y">', "x"
    ).facts
    assert (facts.title, facts.summary) == ("Muka", "y")


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("<p>Isi</p><p>lain</p>", "<p>Isi</p><p>lain</p>"),
        ("awal <b>x</b> a &lt; b &amp; c", "awal <b>x</b> a &lt; b &amp; c"),
        (
            "<body><nav>n</nav><header>h</header><p>Isi</p><aside>a</aside><form>f</form><footer>k</footer></body>",
            "<p>Isi</p>",
        ),
        (
            "<body><p>luar</p><article><header><p>h</p></header><p>Isi</p><nav>n</nav></article></body>",
            "<header><p>h</p></header><p>Isi</p>",
        ),
        ("<main><p>Isi</p></main><footer>k</footer>", "<p>Isi</p>"),
        ("<article><p>pendek</p></article><article><p>yang lebih panjang</p></article>", "<p>yang lebih panjang</p>"),
        ('<article><p>x</p><div itemprop="articleBody"><p>Isi</p></div></article>', "<p>Isi</p>"),
        ("<title>T</title><h1>T</h1><p>Isi</p>", "<p>Isi</p>"),
        ("<title>Lain</title><meta property='og:title' content='Lain'><h1>T</h1><p>Isi</p>", "<h1>T</h1><p>Isi</p>"),
        ("<p>Isi</p><script>alert(1)</script><style>p{}</style><!-- c -->", "<p>Isi</p>"),
    ],
)
def test_where_the_story_is(page: str, body: str) -> None:
    assert read(page).body == body


def test_xhtml() -> None:
    page = (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="id">'
        "<head><title>Judul</title></head><body><p>Isi<br/>lagi</p></body></html>"
    )
    manuscript = read(page)
    assert (manuscript.facts.title, manuscript.facts.language) == ("Judul", "id")
    assert manuscript.body == "<p>Isi<br>lagi</p>"


def test_a_hostile_depth_is_refused() -> None:
    with pytest.raises(NormalizeError, match="nested more than 1000 deep"):
        read("<div>" * 100_000)


@given(st.text(alphabet=st.characters(), max_size=200), st.text(alphabet="<>/=\"' abhimt!-?&;[]{}", max_size=80))
def test_any_text_is_read(text: str, marks: str) -> None:
    assert isinstance(read(text + marks + text).body, str)
    jsonld_facts([text, marks])


@pytest.mark.parametrize("page", ["", " \n", "<!-- c -->", "<?x ?>", "<!DOCTYPE html>"])
def test_a_page_of_nothing(page: str) -> None:
    assert "Isi" not in read(page).body
    assert read(page).facts == Facts(published="", updated="")
