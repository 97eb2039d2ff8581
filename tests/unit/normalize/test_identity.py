"""Ids and aliases: what may be published verbatim, what is minted, what counts as the same page."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import AliasKind, Site
from feedmill.normalize.identity import article_aliases, canonical_url, digest, feed_aliases, mint_id, own_id

SITE = Site(title="S", url="https://example.org/", feeds_url="https://example.org/feeds/", id_authority="example.org")
WHEN = datetime(2026, 11, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "guid",
    [
        "https://example.org/?p=1",
        "http://example.org",
        "HTTP://Example.org/A%20b",
        "tag:blogger.com,1999:blog-1.post-2",
        "tag:me@example.org,2020-01-02:a/b#c",
        "urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6",
        "urn:isbn:0451450523",
        "yt:video:abc",
        "at://did:plc:x/app.bsky.feed.post/y",
    ],
)
def test_an_absolute_iri_is_kept_verbatim(guid: str) -> None:
    assert own_id(guid) == guid


@pytest.mark.parametrize(
    "guid",
    [
        None, "", "12345", "/2026/11/a", "example.org/a", "http://", "http:///a", "http:a", "http://[::1", "a b",
        "https://example.org/a b", "https://example.org/<x>", "https://example.org/é", "https://example.org/%zz",
        "https://example.org/\n", "tag:Example.org,2020:x", "tag:example.org:x", "tag:example.org,2020:a[1]",
        "urn:uuid:1", "urn:x", "javascript:alert(1)", "DATA:text/html,x", "https://example.org/" + "a" * 1000,
    ],
)  # fmt: skip
def test_anything_else_is_not(guid: str | None) -> None:
    assert own_id(guid) is None


def test_a_minted_id_is_a_tag_uri_under_the_authority() -> None:
    assert mint_id(SITE, "newsroom", WHEN, "2026/a b-é", readable=True) == (
        "tag:example.org,2026-11-02:newsroom/2026/a%20b-%C3%A9"
    )


@given(key=st.text(), readable=st.booleans())
def test_every_minted_id_may_be_published_and_comes_out_the_same_again(key: str, readable: bool) -> None:
    minted = mint_id(SITE, "s", WHEN, key, readable=readable)
    assert minted == mint_id(SITE, "s", WHEN, key, readable=readable)
    assert len(minted) > 1000 or own_id(minted) == minted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://www.example.org/a/"),
        ("https://example.org/a?utm_source=x&id=3#top", "https://EXAMPLE.org/a?id=3"),
        ("https://example.org:443/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/%7ea", "https://example.org/~a"),
    ],
)
def test_two_addresses_of_one_page_have_one_key(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a?x=1&x=2", "https://example.org/a?x=1"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://a.example.org/", "https://b.example.org/"),
    ],
)
def test_two_pages_have_two_keys(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@given(st.text())
def test_no_text_breaks_the_key(url: str) -> None:
    assert isinstance(canonical_url(url), str)


def test_aliases_of_a_feed_entry() -> None:
    kinds = [alias.kind for alias in feed_aliases("1", "https://example.org/a")]
    assert kinds == [AliasKind.GUID_AND_URL, AliasKind.GUID, AliasKind.URL]
    assert [alias.kind for alias in feed_aliases(None, "https://example.org/a")] == [AliasKind.URL]
    assert feed_aliases(None, None) == ()


def test_aliases_of_an_article() -> None:
    aliases = article_aliases("a.md", b"x", "https://example.org/a")
    assert [(alias.kind, alias.value) for alias in aliases] == [
        (AliasKind.DIGEST, digest(b"x")),
        (AliasKind.PATH, "a.md"),
        (AliasKind.URL, "//example.org/a"),
    ]
