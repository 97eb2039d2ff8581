from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedmill.model import (
    Alias,
    AliasKind,
    Category,
    Content,
    Document,
    Draft,
    Enclosure,
    Fetched,
    Normalized,
    Problem,
    Replacement,
    Site,
    Source,
    Treatment,
)
from feedmill.normalize import normalizer, patterns
from feedmill.normalize.treatment import treat

DAY = datetime(2026, 11, 2, tzinfo=UTC)
DRAFT = Draft(
    name="https://up.example/feed",
    id="tag:1",
    aliases=(Alias(kind=AliasKind.GUID, value="1"),),
    title="Harga beras",
    url="https://up.example/1",
    summary="Harga beras naik.",
    content='<p title="beras">Harga <b>beras</b> naik &amp; turun.</p>',
    categories=(Category(term="Ekonomi"),),
    enclosures=(Enclosure(url="https://up.example/1.mp3"),),
)


def treated(*drafts: Draft, **wish: Any) -> Normalized:
    source = Source(name="up", kind="feed", treatment=Treatment(**wish))
    return treat(source, Normalized(drafts=drafts or (DRAFT,), problems=(Problem(where="w", message="m"),)))


def one(draft: Draft = DRAFT, **wish: Any) -> Draft:
    (made,) = treated(draft, **wish).drafts
    return made


def replacing(pattern: str, template: str) -> tuple[Replacement, ...]:
    return (Replacement(pattern=pattern, template=template),)


def test_nothing_asked_nothing_done() -> None:
    assert one() == DRAFT
    assert treated().problems == (Problem(where="w", message="m"),)


@pytest.mark.parametrize(
    ("include", "exclude", "taken"),
    [
        (("BERAS",), (), True),
        (("jagung",), (), False),
        (("jagung", "naik"), (), True),
        ((), ("naik",), False),
        ((), ("jagung",), True),
        (("beras",), ("naik",), False),
        (("naik & turun",), (), True),  # the text, not the markup
        (("<b>",), (), False),
        ((), ("title=",), True),
    ],
)
def test_filters(include: tuple[str, ...], exclude: tuple[str, ...], taken: bool) -> None:
    came = treated(include=include, exclude=exclude)
    assert bool(came.drafts) is taken
    assert came.unpublished == (frozenset() if taken else {DRAFT.name})


def test_a_document_of_which_something_is_taken_is_not_withdrawn() -> None:
    other = replace(DRAFT, id="tag:2", title="Jagung", summary="", content="")
    came = treated(DRAFT, other, include=("jagung",))
    assert came.drafts == (other,)
    assert came.unpublished == frozenset()


def test_replacing_touches_texts_and_never_markup() -> None:
    made = one(replace=replacing("beras", "<i>&jagung"))
    assert made.title == "Harga <i>&jagung"
    assert made.summary == "Harga <i>&jagung naik."
    assert made.content == '<p title="beras">Harga <b>&lt;i&gt;&amp;jagung</b> naik &amp; turun.</p>'
    assert one(replace=replacing("&", "dan")).content.endswith("naik dan turun.</p>")
    assert one(replace=replacing(r"title|lt|amp|<|b>", "X")).content == DRAFT.content


def test_a_teaser_is_replaced_in_like_the_text() -> None:
    completed = replace(DRAFT, content="<p>Full text of beras.</p>", teaser=DRAFT.content)
    made = one(completed, replace=replacing("beras", "jagung") + replacing("jagung", "padi"))
    assert made.content == "<p>Full text of padi.</p>"
    assert made.teaser == DRAFT.content.replace("beras", "padi")
    assert one(replace=replacing("beras", "padi")).teaser is None


def test_a_summary_that_is_the_beginning_of_the_text_stays_so() -> None:
    long = replace(DRAFT, content=f"<p>xy {'word ' * 100}</p>", summary="")
    long = replace(long, summary=one(long, content=Content.SUMMARY).summary)
    made = one(long, replace=replacing("word", "w"))
    assert made.summary.startswith("xy w w w")
    assert len(made.summary) > 200


def test_replacements_come_one_after_the_other_and_before_filters_and_prefix() -> None:
    both = replacing("beras", "jagung") + replacing("jagung", "padi")
    made = one(replace=both, include=("padi",), title_prefix="[Up]")
    assert made.title == "[Up] Harga padi"
    assert treated(title_prefix="[Up]", include=(r"\[up\]",)).drafts == ()


def test_a_title_never_becomes_empty() -> None:
    assert one(replace=replacing(".*", "")).title == DRAFT.title
    assert one(replace=replacing("Harga", " \n ")).title == "beras"


def test_what_is_put_in_is_cleaned_like_everything_else() -> None:
    made = one(replace=replacing("beras", r"\x01\x00kopi"))
    assert (made.title, made.summary) == ("Harga kopi", "Harga kopi naik.")
    assert "<b>kopi</b>" in made.content


def test_categories() -> None:
    made = one(categories_add=("ekonomi", "Pasar"))
    assert [category.term for category in made.categories] == ["Ekonomi", "Pasar"]


def test_the_newest_in_the_order_of_the_source() -> None:
    dates: list[dict[str, Any]] = [
        {"published": DAY},
        {"published_at_first": DAY + timedelta(days=2)},
        {"published_at_first": DAY - timedelta(days=1)},
        {"published": DAY + timedelta(days=1)},
        {},
    ]
    drafts = [replace(DRAFT, id=f"tag:{number}", **date) for number, date in enumerate(dates)]
    assert [draft.id for draft in treated(*drafts, max_entries=3).drafts] == ["tag:1", "tag:3", "tag:4"]
    assert treated(*drafts, max_entries=3).unpublished == frozenset()
    assert len(treated(*drafts, max_entries=9).drafts) == 5


def test_what_is_kept() -> None:
    summary = one(content=Content.SUMMARY)
    assert (summary.content, summary.summary) == ("", DRAFT.summary)
    assert one(replace(DRAFT, summary=""), content=Content.SUMMARY).summary == "Harga beras naik & turun."
    link = one(content=Content.LINK)
    assert (link.content, link.summary, link.url, link.enclosures) == ("", "", DRAFT.url, DRAFT.enclosures)


def test_identity_is_not_touched() -> None:
    made = one(replace=replacing(".", "x"), title_prefix="p", content=Content.LINK, categories_add=("c",))
    assert (made.id, made.aliases, made.url) == (DRAFT.id, DRAFT.aliases, DRAFT.url)


def test_a_pattern_that_takes_long_is_a_problem_and_the_text_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "LONGEST_MATCH", 0.02)
    slow = replace(DRAFT, title="a" * 100 + "b")
    came = treated(slow, DRAFT, replace=replacing("(a|aa)+$", ""), exclude=("(a|aa)+c",))
    assert [draft.title for draft in came.drafts] == [slow.title, DRAFT.title]
    assert [problem.where for problem in came.problems] == ["w", "up", "up"]


RSS = b"""<rss version="2.0"><channel><title>Up</title><item><title>One</title><guid>tag:up.example,2026:1</guid>
<description>&lt;p class="ad">Buy.&lt;/p>&lt;p>Words.&lt;/p></description></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Up</title><entry><title>One</title><id>tag:up.example,2026:1</id>
<content type="html">&lt;p class="ad">Buy.&lt;/p>&lt;p>Words.&lt;/p></content></entry></feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Up", "items": [
{"id": "tag:up.example,2026:1", "title": "One", "content_html": "<p class='ad'>Buy.</p><p>Words.</p>"}]}"""
MARKDOWN = b"# One\n\n<p class='ad'>Buy.</p>\n\nWords.\n"
HTML = b"<title>One</title><article><h1>One</h1><p class='ad'>Buy.</p><p>Words.</p></article>"


@pytest.mark.parametrize(
    ("kind", "name", "body"),
    [
        ("feed", "https://up.example/f", RSS), ("feed", "https://up.example/f", ATOM),
        ("feed", "https://up.example/f", JSON), ("files", "one.md", MARKDOWN), ("files", "one.html", HTML),
    ],
)  # fmt: skip
def test_classes_can_be_named_whatever_the_document(kind: str, name: str, body: bytes) -> None:
    site = Site(title="T", url="https://e.org/", feeds_url="https://e.org/f/", id_authority="e.org")
    fetched = Fetched(source="up", documents=(Document(name=name, body=body),))

    def drafts(*strip: str) -> tuple[Draft, ...]:
        source = Source(name="up", kind=kind, treatment=Treatment(strip=strip))
        return normalizer(kind)(source, site, fetched, DAY).drafts

    (whole,), (made,) = drafts(), drafts(".ad")
    assert "Buy." in whole.content
    assert "Buy." in whole.summary
    assert made.content == "<p>Words.</p>"
    assert made.summary == "Words."
    assert (made.id, made.aliases) == (whole.id, whole.aliases)


def test_newsletters_too() -> None:
    site = Site(title="T", url="https://e.org/", feeds_url="https://e.org/f/", id_authority="e.org")
    body = b"From: a@b.example\nSubject: S\nContent-Type: text/html\n\n<p class=ad>Buy.</p><p>Words.</p>"
    source = Source(name="up", kind="mail", treatment=Treatment(strip=(".ad",)))
    fetched = Fetched(source="up", documents=(Document(name="1.eml", body=body),))
    (draft,) = normalizer("mail")(source, site, fetched, DAY).drafts
    assert "Buy" not in draft.content + draft.summary
    assert "Words." in draft.content
