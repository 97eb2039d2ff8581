"""How much of a feed is read, and what is said about the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import Document, Fetched, Normalized, Site, Source
from feedmill.normalize import feedbounds, tidyfeed
from feedmill.normalize.feedbounds import affordable, beginning, marks, shortened
from feedmill.normalize.syndication import normalize

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
SITE = Site(
    title="Site",
    url="https://example.org/",
    feeds_url="https://example.org/feeds/",
    id_authority="example.org",
)
SOURCE = Source(name="up", kind="feed", url="https://up.example/feed")


@pytest.fixture(autouse=True)
def nothing_is_in_order() -> Iterator[None]:
    """A feed in order is small, and read another way: what is bounded here is not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tidyfeed, "read", lambda *_: None)
        yield


def read(body: str | bytes) -> Normalized:
    data = body.encode() if isinstance(body, str) else body
    documents = (Document(name="https://up.example/feed", body=data),)
    return normalize(SOURCE, SITE, Fetched(source="up", documents=documents), NOW)


def rss(items: str) -> str:
    return f"<rss version='2.0'><channel><title>Up</title><link>https://up.example/</link>{items}</channel></rss>"


def items(number: int, inside: str = "") -> Iterator[str]:
    return (f"<item><guid>urn:x:{n}</guid><title>{n}</title>{inside}</item>" for n in range(number))


def told(came: Normalized) -> str:
    return " ".join(problem.message for problem in came.problems)


def test_a_document_of_too_many_nodes_is_read_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_NODES", 100)
    came = read(rss("".join(items(100))))
    assert [draft.title for draft in came.drafts][:15] == [str(n) for n in range(15)]
    assert len(came.drafts) < 20
    assert "only the beginning was read" in told(came)


def test_what_is_in_cdata_is_no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_NODES", 100)
    html = "<p class='a'>b</p>" * 200
    (draft,) = read(rss(f"<item><title>a</title><description><![CDATA[{html}]]></description></item>")).drafts
    assert draft.content.count("<p>") == 200


def test_entries_over_the_limit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "MOST_ENTRIES", 5)
    came = read(rss("".join(items(7))))
    assert [draft.title for draft in came.drafts] == ["0", "1", "2", "3", "4"]
    assert "of its 7 entries only the first 5 were read" in told(came)


def test_so_are_those_behind_too_many_elements_or_too_much_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_ELEMENTS", 16)
    assert len(read(rss("".join(items(9, "<category>a</category>")))).drafts) == 4
    monkeypatch.undo()
    monkeypatch.setattr(feedbounds, "MOST_MARKS", 100)
    came = read(rss("".join(items(9, f"<description>{'&lt;br&gt;' * 30}</description>"))))
    assert len(came.drafts) == 3
    assert "of its 9 entries only the first 3" in told(came)


def test_the_first_entry_is_read_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_ELEMENTS", 2)
    assert len(read(rss("".join(items(3, "<category>a</category>")))).drafts) == 1


def test_one_name_does_not_fill_an_entry() -> None:
    inside = "".join(f"<category>{n}</category>" for n in range(600))
    came = read(rss("".join(items(1, inside))))
    assert len(came.drafts[0].categories) == 500
    assert "1 entries hold too many elements" in told(came)


def test_a_crowd_of_names_leaves_what_every_entry_needs() -> None:
    inside = "".join(f"<x{n}/>" for n in range(3000)) + "<link>https://up.example/a</link>"
    (draft,) = read(rss("".join(items(1, inside)))).drafts
    assert draft.url == "https://up.example/a"


def test_a_crowd_outside_of_the_entries_hides_none() -> None:
    came = read(rss("<x/>" * 3000 + "".join(items(2)) + "<y><z/></y>" * 3000))
    assert [draft.title for draft in came.drafts] == ["0", "1"]


def test_entries_in_a_crowd_of_others_are_still_found() -> None:
    came = read(rss("<x/>" * 3000 + f"<group>{''.join(items(2))}</group>"))
    assert [draft.title for draft in came.drafts] == ["0", "1"]


def test_a_long_text_is_cut_before_a_tag() -> None:
    assert shortened("short <b>text</b>") == "short <b>text</b>"
    text = "word " * 199_999 + "<p title='a'>more</p>"
    assert shortened(text) == "word " * 199_999
    tags = "<br>" * 60_000
    assert shortened(tags) == "<br>" * 50_000


def test_pictures_inside_of_addresses_do_not_count() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 2_000_000}">'
    assert shortened(f"{picture}<p>words</p>") == '<img src=""><p>words</p>'


@given(st.text(alphabet="<>&;a ", max_size=200))
def test_what_is_short_is_left_alone(text: str) -> None:
    assert shortened(text) == text
    assert beginning(text) == text
    assert affordable(text) == text
    assert marks(text) == text.count("<") + text.count("&")


def test_a_giant_is_cut_and_its_text_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_WIDE", 1000)
    assert affordable("a" * 3000) == "a" * 3000
    assert affordable("\U0001f600" * 3000) == "\U0001f600" * 1000
    assert affordable("<![CDATA[" + "\U0001f600" * 3000).endswith("\U0001f600]]>")


def test_references_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedbounds, "_MOST_REFERENCES", 50)
    came = read(rss("".join(items(1, f"<description>{'&amp; ' * 80}</description>"))))
    assert len(came.drafts) == 1
    assert "only the beginning was read" in told(came)


def test_more_attributes_than_any_element_has_are_dropped() -> None:
    attributes = " ".join(f"a{n}='{n}'" for n in range(200))
    came = read(rss(f"<item {attributes}><title>a</title></item>"))
    assert [draft.title for draft in came.drafts] == ["a"]


def test_a_title_is_cut() -> None:
    came = read(rss(f"<item><guid>urn:x:1</guid><title>{'word ' * 1000}</title></item>"))
    assert len(came.drafts[0].title) <= 2000
    assert "its title has 4,999 characters, and was cut" in told(came)


def test_declared_texts_do_not_blow_a_document_up() -> None:
    head = f"<!DOCTYPE rss [<!ENTITY a '{'A' * 190}'>]>"
    came = read(
        head + rss(f"<item><guid>urn:x:1</guid><title>a</title><description>{'&a;' * 50_000}</description></item>")
    )
    assert 900_000 < len(came.drafts[0].content) < 1_300_000


# --- JSON Feed -----------------------------------------------------------------------------------------


def json_feed(entries: list[dict[str, Any]]) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Up", "items": entries})


def test_json_of_too_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NormalizeError, match="more than 500,000 values"):
        read(json_feed([])[:-2] + "{}," * 500_000 + "{}]}")


def test_entries_of_json_over_the_limit_are_left_out() -> None:
    came = read(json_feed([{"id": str(n), "content_html": "<br>" * 40_000} for n in range(10)]))
    assert len(came.drafts) == 7
    assert "of its 10 entries only the first 7 were read" in told(came)


def test_long_texts_of_json_are_cut() -> None:
    came = read(json_feed([{"id": "1", "content_html": "<br>" * 60_000, "tags": [str(n) for n in range(900)]}]))
    assert "`content_html` is longer than any reader shows" in told(came)
    assert len(came.drafts[0].categories) == 500
