"""An article's own page -> its text: what is taken, what is refused, and that no page does harm."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import Document, Draft
from feedmill.normalize.allowed import ALLOWED
from feedmill.normalize.fulltext import MORE, article, completed, needs, teaser_digest
from feedmill.normalize.markup import DROPPED
from feedmill.normalize.sanitize import html_to_text, sanitize

PAGES = Path(__file__).parent / "articles"
URL = "https://wire.example/a/9"
FERRY = Draft(
    name="https://wire.example/feed",
    id="urn:x:9",
    title="Night ferry returns to the strait",
    url=URL,
    content="<p>After two years of repairs the night ferry crosses the strait again.</p>",
    summary="After two years of repairs the night ferry crosses the strait again.",
)
RICE = replace(
    FERRY,
    title="Harga beras turun setelah panen raya",
    content="",
    summary="Harga beras di pasar induk turun sejak awal pekan setelah panen raya dimulai",
)
WORDS = "The night ferry crosses the strait after two years of repairs, harbour officers said on Sunday. "


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    needs()


def page(body: str | bytes, **fields: Any) -> Document:
    told = {"name": URL, "url": URL, "media_type": "text/html"} | fields
    return Document(body=body.encode() if isinstance(body, str) else body, **told)


def saved(name: str) -> Document:
    return page((PAGES / name).read_bytes())


def of_words(words: str) -> Document:
    menu = "<ul><li><a href='/1'>One</a></li><li><a href='/2'>Two</a></li></ul>"
    return page(f"<html><body><nav>{menu}</nav><article><h1>Ferry</h1><p>{words}</p></article></body></html>")


def test_the_article_is_found_among_the_rest() -> None:
    html = article(saved("ferry.html"), FERRY)
    text = html_to_text(html)
    assert text.startswith("After two years of repairs")
    assert text.endswith("at both piers and read on the radio.")
    for words in ("cookies", "Weather", "Mangrove", "All rights", "dataLayer", FERRY.title):
        assert words not in text
    assert '<a href="https://wire.example/places/north-harbour">northern harbour</a>' in html
    assert 'src="https://wire.example/photos/ferry.jpg"' in html
    assert "<h2>What it costs</h2>" in html
    assert "<strong>Bicycles</strong>" in html
    assert html == sanitize(html, base=None)


def test_what_is_stripped_is_removed_before() -> None:
    assert "newsletter" in article(saved("ferry.html"), FERRY)
    assert "newsletter" not in article(saved("ferry.html"), FERRY, (".promo",))
    assert "Gula pasir" not in article(saved("pasar.html"), RICE, (".baca-juga",))


def test_another_language() -> None:
    assert html_to_text(article(saved("pasar.html"), RICE)).endswith("mulai naik kembali.")


@pytest.mark.parametrize(
    ("name", "message"),
    [("login.html", "its page asks for something first: 'log in or create"), ("consent.html", "little to do with")],
)
def test_walls_are_no_articles(name: str, message: str) -> None:
    with pytest.raises(NormalizeError, match=message) as caught:
        article(saved(name), FERRY)
    assert caught.value.where == URL


def test_another_article_is_not_taken() -> None:
    with pytest.raises(NormalizeError, match="little to do with its title and teaser"):
        article(saved("ferry.html"), RICE)


def test_a_page_that_leads_to_the_front_page() -> None:
    with pytest.raises(NormalizeError, match="front page"):
        article(replace(saved("ferry.html"), url="https://wire.example/"), FERRY)
    assert article(replace(saved("ferry.html"), url="https://wire.example/a/night-ferry"), FERRY)


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"%PDF-1.7\n\x00\x01", b"just words, and more of them", b'{"a": "night ferry"}']
)
def test_what_is_no_page_says_no_more(body: bytes) -> None:
    assert article(page(body, media_type=None), FERRY) == ""


def test_another_media_type_says_no_more() -> None:
    assert article(replace(saved("ferry.html"), media_type="application/pdf"), FERRY) == ""
    assert article(replace(saved("ferry.html"), media_type="application/xhtml+xml"), FERRY)


@pytest.mark.parametrize("body", ["<html><body></body></html>", "<p></p><script>x</script>", "<html><frameset>"])
def test_a_page_without_text(body: str) -> None:
    with pytest.raises(NormalizeError, match="no article on its page"):
        article(page(body), FERRY)


def test_the_text_must_be_longer_than_that_of_the_feed() -> None:
    full = article(of_words(WORDS * 6), FERRY)
    length = len(html_to_text(full))
    just = replace(FERRY, content=f"<p>{(WORDS * 6)[: length - MORE]}</p>")
    assert article(of_words(WORDS * 6), just) == full
    assert article(of_words(WORDS * 6), replace(just, content=f"<p>{(WORDS * 6)[: length - MORE + 1]}</p>")) == ""


@pytest.mark.parametrize(
    "words",
    ["Please sign in to read this story.", "Jetzt abonnieren!", "Please enable JavaScript.", "Khusus pelanggan"],
)
def test_a_wall_is_short(words: str) -> None:
    with pytest.raises(NormalizeError, match="asks for something first"):
        article(of_words(WORDS * 5 + words), FERRY)
    assert article(of_words(WORDS * 20 + words), FERRY)


def test_where_title_and_teaser_say_nothing_the_length_decides() -> None:
    silent = replace(FERRY, title="#12", content="", summary="")
    assert article(of_words(WORDS * 6), silent)
    with pytest.raises(NormalizeError, match="little to do"):
        article(of_words(WORDS * 4), silent)


def test_scripts_without_spaces_are_compared_too() -> None:
    text = "夜間フェリーが二年間の修理を終えて海峡に戻ってきた。日曜日の夕方、北の港から最初の便が出発した。" * 6
    story = replace(FERRY, title="夜間フェリーが海峡に戻る", content="", summary="二年間の修理を終えた")
    assert article(of_words(text), story)
    with pytest.raises(NormalizeError, match="little to do"):
        article(
            of_words(text), replace(story, title="米の値段が下がった", summary="市場の商人によると今週から安くなった")
        )


def test_a_heading_stays_if_it_is_not_the_title() -> None:
    document = page(f"<article><h2>A new ship</h2><p>{WORDS * 6}</p><p>{WORDS}</p></article>")
    assert "<h2>A new ship</h2>" in article(document, FERRY)
    assert "A new ship" not in article(document, replace(FERRY, title="A New Ship"))


def test_encodings() -> None:
    text = WORDS.replace("officers", "officières") * 6
    body = f"<html><head><meta charset=iso-8859-1></head><body><article><p>{text}</p></article></body></html>"
    assert "officières" in article(page(body.encode("latin-1")), FERRY)
    assert "officières" in article(page(body.replace("iso-8859-1", "utf-8"), charset="utf-8"), FERRY)
    assert "officières" in article(page(body.encode("utf-16")), FERRY)


def test_a_base_is_what_links_are_relative_to() -> None:
    body = f"<html><head><base href='/deep/'></head><body><article><p>{WORDS * 5}<a href='x'>{WORDS}</a></p>"
    html = article(page(f"{body}<p>{WORDS}</p><img src='y.jpg'><img src='//cdn.example/z.png'></article>"), FERRY)
    assert 'href="https://wire.example/deep/x"' in html
    assert 'src="https://wire.example/deep/y.jpg"' in html
    assert 'src="https://cdn.example/z.png"' in html


def test_the_result_is_clean() -> None:
    evil = "<script>alert(1)</script><a href='javascript:alert(1)' onclick='x()'>here</a><img src=x onerror=y()>"
    html = article(of_words(WORDS * 6 + evil), FERRY)
    assert "alert" not in html
    assert "onerror" not in html
    assert "onclick" not in html


def test_completed_keeps_what_the_feed_says() -> None:
    full = completed(FERRY, "<p>All of it.</p>")
    assert (full.content, full.summary, full.teaser) == ("<p>All of it.</p>", FERRY.summary, FERRY.content)
    assert completed(FERRY, None) == completed(FERRY, "") == replace(FERRY, teaser=FERRY.content)
    assert completed(RICE, None).teaser == RICE.summary
    untold = completed(replace(FERRY, content="", summary=""), "<p>All of it.</p>")
    assert (untold.summary, untold.teaser) == ("All of it.", "")


def test_the_digest_of_a_teaser_is_of_its_words() -> None:
    same = replace(FERRY, content=FERRY.content.replace("<p>", "<div>\n ").replace("</p>", "</div>"), id="urn:x:y")
    assert teaser_digest(same, ()) == teaser_digest(FERRY, ())
    others = [replace(FERRY, title="x"), replace(FERRY, content="<p>x</p>")]
    digests = {teaser_digest(one, ()) for one in (FERRY, *others)} | {teaser_digest(FERRY, (".x",))}
    assert len(digests) == 4


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for body in ("<html><body></body></html>", "<p>x", "<html lang=xx><article><p>word"):
            with pytest.raises(NormalizeError):
                article(page(body), FERRY)
    assert caplog.records == []


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(NormalizeError, match=r"trafilatura.*pip install \"feedmill\[fulltext\]\""):
        needs()


def test_a_defect_of_the_library_is_a_page_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("trafilatura.extract", fail)
    with pytest.raises(NormalizeError, match="too strange"):
        article(saved("ferry.html"), FERRY)


PARAGRAPH = f"<p>{WORDS}<a href='/x'>said</a> <b>today</b>.</p>"
HOSTILE = {
    "deep": "<div>" * 200_000 + PARAGRAPH,
    "deep lists": "<article>" + ("<ul><li>night ferry" * 90 + "</ul>" * 90) * 300,
    "deep tables": "<article>" + ("<table><tr><td>night ferry" * 30 + "</table>" * 30) * 300,
    "many paragraphs": "<article>" + PARAGRAPH * 6_000,
    "many inline elements": "<p>" + "<i>x</i>" * 120_000,
    "many breaks": "<article><p>" + "night ferry<br>" * 70_000,
    "many links": "<article>" + "<a href=/x>night ferry</a> " * 40_000,
    "many attributes": "<article>" + f"<p {' '.join(f'a{n}=x' for n in range(200))}>{WORDS}</p>" * 400,
    "long classes": f"<div class='{'article post entry ' * 5_000}'>{WORDS}</div>" * 10,
    "one word": "<article><p>" + "x" * 1_000_000,
    "spaces": "<article><p>night" + " \n" * 500_000 + "ferry</p>",
    "unclosed": "<a href=" * 100_000,
    "entities": "<article><p>" + "&amp;&#x1F4A9;&nbsp;&bogus;" * 40_000,
    "json": '<script type="application/ld+json">' + "[" * 1_000_000 + "</script>" + PARAGRAPH * 5,
    "comments": "<!--" * 200_000 + PARAGRAPH,
    "controls": "<article><p>" + "\x00\x0b\ufffe\x85night ferry " * 40_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_of_a_megabyte_ends_well(body: str) -> None:
    try:
        html = article(page(body.encode("utf-8", "surrogatepass")), FERRY)
    except NormalizeError:
        return
    assert html == sanitize(html, base=None)


TAGS = st.sampled_from(
    sorted(ALLOWED.keys() | DROPPED | {"html", "body", "head", "base", "main", "form", "iframe", "meta"})
)
ATTRIBUTES = st.sampled_from(
    [
        "",
        " class=article",
        " id=content",
        " href=/x",
        " href='javascript:x'",
        " src=//y",
        " style=a",
        " lang=en",
        " a=\x00",
    ]
)
PIECES = st.one_of(
    st.builds(lambda tag, attribute: f"<{tag}{attribute}>", TAGS, ATTRIBUTES),
    st.builds(lambda tag: f"</{tag}>", TAGS),
    st.text(max_size=30),
    st.just(WORDS),
)


@given(
    st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["utf-8", "utf-16", "latin-1", "cp1252", "shift_jis"])
)
def test_whatever_the_page_is(html: str, encoding: str) -> None:
    document = page(html.encode(encoding, "replace"))
    try:
        found = article(document, FERRY, ("p.x", "div > a"))
    except NormalizeError:
        return
    assert found == sanitize(found, base=None)
    assert found == article(document, FERRY, ("p.x", "div > a"))


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-7", "idna", "x-none", "big5"]))
def test_whatever_the_bytes_are(body: bytes, charset: str | None) -> None:
    document = page(body + PARAGRAPH.encode() * 4 + body, charset=charset, media_type=None)
    try:
        found = article(document, FERRY)
    except NormalizeError:
        return
    assert found == sanitize(found, base=None)
