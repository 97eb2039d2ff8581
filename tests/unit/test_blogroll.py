"""Which upstream feeds are shown to everybody, and under which name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from factories import NOW, entry, folder, upstream
from feedmill.model import Auth, Changes, Entry, Origin, Source, SourceState, Upstream
from feedmill.pipeline.blogroll import blogroll
from feedmill.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 's.sqlite3'}")
    yield made
    made.close()


def put(store: Store, name: str, *entries: Entry, withdrawn: tuple[str, ...] = (), **state: Any) -> None:
    changes = Changes(new=entries, withdrawn=withdrawn, revisions={one.id: "r" for one in entries})
    store.record_look(SourceState(name=name, **state), NOW, changes=changes)


def test_a_feed_is_called_by_its_own_name_as_it_said_it_last(store: Store) -> None:
    old = entry(id="urn:1", origin=Origin(title="Old name", link="https://old.example/"))
    new = entry(id="urn:2", origin=Origin(title="New name", link="https://new.example/"), published=NOW)
    gone = entry(id="urn:3", origin=Origin(title="Mistake"), published=NOW + timedelta(days=1))
    put(store, "s", old, new, gone)
    put(store, "s", withdrawn=("urn:3",))
    source = upstream("s", language="en")
    told = Upstream(title="New name", url="https://up.example/feed", link="https://new.example/", language="en")
    assert blogroll(store, [source]) == (told,)
    assert blogroll(store, [replace(source, title="As a list calls it")])[0].title == "As a list calls it"


def test_a_feed_that_was_never_collected_has_the_name_of_its_source(store: Store) -> None:
    assert blogroll(store, [upstream("kernel")]) == (Upstream(title="kernel", url="https://up.example/feed"),)


def test_a_feed_that_moved_is_named_where_it_is_now(store: Store) -> None:
    put(store, "s", asked_url="https://up.example/feed", address="https://moved.example/feed")
    assert [one.url for one in blogroll(store, [upstream("s")])] == ["https://moved.example/feed"]


def test_what_nobody_can_subscribe_to_is_left_out_and_the_rest_comes_once_and_in_order(store: Store) -> None:
    sources = [
        upstream("b", url="https://b.example/feed"),
        folder("files"),
        Source(name="page", kind="page", url="https://page.example/"),
        upstream("a", url="https://a.example/feed"),
        upstream("again", url="https://b.example/feed"),
    ]
    assert [one.url for one in blogroll(store, sources)] == ["https://b.example/feed", "https://a.example/feed"]
    assert blogroll(store, [folder("files")]) == ()


@pytest.mark.parametrize(
    "secret",
    [
        {"url": "https://user:password@up.example/feed"},
        {"url": "https://user@up.example/feed"},
        {"url": "https://up.example/feed?token=abc"},
        {"url": "https://up.example/feed?a=1&access_token=abc"},
        {"url": "https://up.example/feed?apiKey=abc"},
        {"url": "https://up.example/feed?API-Key=abc"},
        {"url": "https://up.example/feed?key"},
        {"url": "https://up.example/feed?auth=abc"},
        {"url": "https://up.example/feed?X-Amz-Signature=abc"},
        {"url": "https://up.example/rss/0123456789abcdef0123456789abcdef/feed"},
        {"url": "https://up.example/private-0123456789abcdef0123456789abcdef/feed"},
        {"auth": Auth(type="basic", username="u", secret_env="X")},
        {"headers": (("X-Api-Key", "${X}"),)},
    ],
)
def test_a_secret_is_never_shown(secret: dict[str, Any], store: Store) -> None:
    assert blogroll(store, [upstream("s", **secret)]) == ()
    if "url" in secret:
        put(store, "moved", asked_url="https://up.example/feed", address=secret["url"])
        assert blogroll(store, [upstream("moved")]) == ()
        put(store, "said", entry(id="urn:1", source="said", origin=Origin(title="T", link=secret["url"])))
        assert [one.link for one in blogroll(store, [upstream("said")])] == [None]


@pytest.mark.parametrize(
    "url",
    [
        "https://up.example/feed?keyword=x&tag=author&monkey=1",
        "https://up.example/feed?channel_id=UC0123456789abcdefghijkl&playlist_id=PL0123456789abcdefghijklmnopqrstu",
        "https://up.example/shows/0f2c4d5e-1111-4222-8333-444455556666/feed.xml",
        "https://up.example/a-very-long-name-of-a-blog-with-42-words-in-it/feed",
    ],
)
def test_what_is_no_secret_is_shown(url: str, store: Store) -> None:
    assert [one.url for one in blogroll(store, [upstream("s", url=url)])] == [url]
