from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import (
    AliasKind,
    Category,
    Document,
    Draft,
    Enclosure,
    Fetched,
    Link,
    Normalized,
    Origin,
    Person,
    Site,
    Source,
    Thumbnail,
)
from feedmill.normalize.syndication import normalize

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SITE = Site(title="S", url="https://s.test/", feeds_url="https://s.test/feeds/", id_authority="s.test")
SOURCE = Source(name="up", kind="feed", url="https://up.test/feed.json")
VERSION = "https://jsonfeed.org/version/1.1"


def read_text(text: str | bytes, media_type: str | None = "application/feed+json") -> Normalized:
    url = SOURCE.url or ""
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    document = Document(name=url, url=url, body=body, media_type=media_type)
    return normalize(SOURCE, SITE, Fetched(source="up", documents=(document,)), NOW)


def read(*items: Any, **feed: Any) -> Normalized:
    return read_text(json.dumps({"version": VERSION, "title": "Up", "items": items, **feed}))


def item(members: dict[str, Any], **feed: Any) -> Draft:
    (draft,) = read(members, **feed).drafts
    return draft


def complaints(members: Any) -> list[str]:
    return [str(problem) for problem in read(members).problems]


def test_everything_an_item_can_carry() -> None:
    draft = item(
        {
            "id": "https://up.test/1",
            "url": "/1",
            "external_url": "https://other.test/",
            "title": "One <b>",
            "content_html": "<p>Long <a href='more'>words</a><script>x</script></p>",
            "summary": "Short",
            "image": "/i.png",
            "banner_image": "https://up.test/b.png",
            "date_published": "2026-11-02T07:00:00Z",
            "date_modified": "2026-11-03T14:00:00+07:00",
            "authors": [{"name": "Ann", "url": "mailto:ann@up.test"}, {"name": "Bob", "url": "/bob"}],
            "tags": ["news", "world", "news"],
            "language": "id",
            "attachments": [
                {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12, "title": "Sound"},
                {"url": "/b.pdf", "mime_type": "?"},
            ],
            "_ours": {"x": 1},
        },
        home_page_url="https://up.test/",
        feed_url="https://up.test/self.json",
    )
    assert draft.id == "https://up.test/1"
    assert draft.url == "https://up.test/1"
    assert draft.title == "One <b>"
    assert draft.content == '<p>Long <a href="https://up.test/more">words</a></p>'
    assert draft.summary == "Short"
    assert draft.thumbnails == (Thumbnail(url="https://up.test/i.png"), Thumbnail(url="https://up.test/b.png"))
    assert draft.published_at_first == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert draft.updated == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert draft.authors == (Person(name="Ann", email="ann@up.test"), Person(name="Bob", uri="https://up.test/bob"))
    assert draft.categories == (Category(term="news"), Category(term="world"))
    assert draft.language == "id"
    assert draft.enclosures == (
        Enclosure(url="https://up.test/a.mp3", type="audio/mpeg", length=12, title="Sound"),
        Enclosure(url="https://up.test/b.pdf", type="application/pdf"),
    )
    assert draft.links == (Link(href="https://other.test/", rel="related"),)
    assert draft.origin == Origin(title="Up", url="https://up.test/self.json", link="https://up.test/")
    assert [alias.kind for alias in draft.aliases] == [
        AliasKind.GUID_AND_URL, AliasKind.GUID, AliasKind.URL, AliasKind.ENCLOSURE
    ]  # fmt: skip


def test_what_the_feed_gives_its_items() -> None:
    assert item({"id": "1"}, author={"name": "Ann"}).authors == (Person(name="Ann"),)  # version 1.0
    assert item({"id": "1"}, authors=[{"name": "Bob"}], author={"name": "Ann"}).authors == (Person(name="Bob"),)
    assert item({"id": "1"}, language="en_US").language == "en-US"
    assert item({"id": "1", "external_url": "https://x.test/"}).url == "https://x.test/"


def test_plain_text() -> None:
    draft = item({"id": "1", "content_text": "One < two\n\nThree\nfour"})
    assert draft.content == "<p>One &lt; two</p><p>Three<br>four</p>"
    assert draft.title == "One < two Three four"
    assert draft.summary == "One < two Three four"


@pytest.mark.parametrize(
    ("identity", "guid"), [(7, "7"), (1.5, "1.5"), (10**25, str(10**25)), (int("9" * 50), "9" * 50), ("x", "x")]
)
def test_ids_that_are_numbers(identity: object, guid: str) -> None:
    assert item({"id": identity}).aliases[1].value == guid


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"id": "1", "title": 5}, "`title` is not a string"),
        ({"id": True}, "`id` is not a string"),
        ({"id": "1", "tags": "news"}, "`tags` is not a list"),
        ({"id": "1", "tags": [1]}, "`tags` is not a list of strings"),
        ({"id": "1", "authors": {"name": "x"}}, "`authors` is not a list"),
        ({"id": "1", "authors": ["Ann"]}, "`authors` is not a list of objects"),
        ({"id": "1", "author": "Ann"}, "`author` is not an object"),
        ({"id": "1", "attachments": [{"url": "https://a.test/", "size_in_bytes": "big"}]}, "`size_in_bytes` is not"),
        ({"id": "1", "date_published": "soon"}, "the date 'soon'"),
        ("words", "an item is not an object"),
    ],
)
def test_values_of_the_wrong_type_are_reported(members: object, message: str) -> None:
    (complaint,) = complaints(members)
    assert message in complaint


def test_null_is_the_same_as_nothing() -> None:
    names = ["title", "url", "tags", "authors", "author", "attachments", "summary", "content_html", "date_published"]
    came = read({"id": "1"} | dict.fromkeys(names))
    assert came.problems == ()
    assert came.drafts[0].title == "Untitled"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "begins like JSON, but is not"),
        ('{"version": "x"}', "not a JSON Feed"),
        ("[]", "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1"}', "`items` is not a list"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', "`items` is not a list"),
        ('{"items": [NaN]}', "not JSON"),
        ('{"items": [-Infinity]}', "not JSON"),
        ("[" * 200_000, "too deeply"),
        ('{"a":' * 200_000, "too deeply"),
        ("null", "not a JSON Feed"),
    ],
)
def test_what_is_no_json_feed(text: str, message: str) -> None:
    with pytest.raises(NormalizeError, match=message) as caught:
        read_text(text)
    assert caught.value.where == SOURCE.url


def test_json_is_known_by_its_looks_whatever_the_server_says() -> None:
    text = json.dumps({"version": VERSION, "items": [{"id": "1", "title": "One"}]})
    for body in (text, "\ufeff" + text, "\n " + text):
        assert read_text(body, "text/html").drafts[0].title == "One"


def test_duplicate_keys_lone_surrogates_and_huge_numbers() -> None:
    came = read_text(
        '{"items": [{"id": 1, "id": 2, "title": "a\\ud800b", "url": "https://up.test/\\ud800", "x": 1e999, '
        '"date_published": "\\udfff", "tags": ["\\udc00"], "n": ' + "9" * 10_000 + "}]}"
    )
    (draft,) = came.drafts
    assert draft.title == "ab"
    assert draft.aliases[1].value == "2"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    *("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image"),
    *("date_published", "date_modified", "authors", "author", "tags", "language", "attachments"),
]


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=6) | values, max_size=4))
def test_any_values_make_drafts_or_problems(items: list[Any]) -> None:
    came = read(*items)
    assert all(draft.title and draft.id for draft in came.drafts)
    assert len({draft.id for draft in came.drafts}) == len(came.drafts)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_text("{" + text)
    except NormalizeError:
        return
