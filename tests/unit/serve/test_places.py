"""What each published path is, where old addresses lead, how long a document is fresh, who asks too often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from factories import NOW, SITE, SPEC, folder, upstream
from feedmill.model import Pushed, Schedule, SourceState
from feedmill.pipeline import Agenda, Roster
from feedmill.pipeline.agenda import settings_of
from feedmill.serve.aliases import Aliases
from feedmill.serve.app import shown_path
from feedmill.serve.catalogue import SITE as OF_SITE
from feedmill.serve.catalogue import Catalogue
from feedmill.serve.documents import inner_path
from feedmill.serve.freshness import max_age, next_changes
from feedmill.serve.media import compressible, media_type
from feedmill.serve.polls import Polls

HUB = "https://hub.example/"
FEED = replace(SPEC, formats=("rss", "atom", "json", "html", "opml"), hubs=(HUB,))
SECRET = replace(SPEC, name="secret", private=True, aliases=("/secret.xml",))


@pytest.mark.parametrize(
    ("path", "kind", "feed", "changes_with", "hubs"),
    [
        ("all/rss.xml", "application/rss+xml; charset=utf-8", "all", "all", (HUB,)),
        ("all/atom.xml", "application/atom+xml; charset=utf-8", "all", "all", (HUB,)),
        ("all/feed.json", "application/feed+json", "all", "all", (HUB,)),
        ("all/index.html", "text/html; charset=utf-8", None, "all", ()),
        ("all/sources.opml", "text/x-opml; charset=utf-8", None, "all", ()),
        ("all/sport/rss.xml", "application/rss+xml; charset=utf-8", "all/sport", "all/sport", (HUB,)),
        ("all/archive/rss-0001.xml", "application/rss+xml; charset=utf-8", None, None, ()),
        ("all/sport/archive/feed-0001.json", "application/feed+json", None, None, ()),
        ("all/archive/other.xml", "application/xml; charset=utf-8", None, None, ()),
        ("all/a/b/rss.xml", "application/xml; charset=utf-8", None, None, ()),
        ("index.html", "text/html; charset=utf-8", None, OF_SITE, ()),
        ("feeds.opml", "text/x-opml; charset=utf-8", None, OF_SITE, ()),
        ("news.xml", "application/xml; charset=utf-8", None, OF_SITE, ()),
        ("other/rss.xml", "application/xml; charset=utf-8", None, None, ()),
        ("secret/rss.xml", "application/xml; charset=utf-8", None, None, ()),
        ("media/harbour.png", "image/png", None, None, ()),
    ],
)
def test_what_a_path_is(
    path: str, kind: str, feed: str | None, changes_with: str | None, hubs: tuple[str, ...]
) -> None:
    place = Catalogue(SITE, [FEED, SECRET]).place(path)
    assert (place.content_type, place.feed, place.changes_with, place.hubs) == (kind, feed, changes_with, hubs)
    assert place.url == f"https://example.org/feeds/{path}"


@pytest.mark.parametrize(
    ("name", "kind", "compressed"),
    [
        ("a.mp3", "audio/mpeg", False),
        ("a.m4a", "audio/mp4", False),
        ("a.JPG", "image/jpeg", False),
        ("a.svg", "image/svg+xml; charset=utf-8", True),
        ("a.css", "text/css; charset=utf-8", True),
        ("a.js", "text/javascript; charset=utf-8", True),
        ("a.json", "application/json", True),
        ("a.txt", "text/plain; charset=utf-8", True),
        ("a.pdf", "application/pdf", False),
        ("a.nobody-knows", "application/octet-stream", False),
        ("a", "application/octet-stream", False),
    ],
)
def test_what_a_file_is_by_its_name(name: str, kind: str, *, compressed: bool) -> None:
    assert media_type(name) == kind
    assert compressible(kind) is compressed


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("/", "index.html"),
        ("/all/", "all/index.html"),
        ("/all/rss.xml", "all/rss.xml"),
        ("/kabar/perahu rób.png", "kabar/perahu rób.png"),
        ("", None),
        ("all/rss.xml", None),
        ("//all/rss.xml", None),
        ("/all//rss.xml", None),
        ("/../config.toml", None),
        ("/all/../../config.toml", None),
        ("/./all/rss.xml", None),
        ("/all/.", None),
        ("/.git/config", None),
        ("/all/.feedmill-abc.tmp", None),
        ("/all/rss.xml.gz", None),
        ("/all/rss.xml.br", None),
        ("/all\\rss.xml", None),
        ("/all/rss.xml\0.html", None),
        ("/all/rss.xml\n", None),
        ("/" + "a" * 1024, None),
    ],
)
def test_no_path_leads_out_of_the_folder_or_to_what_is_hidden(path: str, inner: str | None) -> None:
    assert inner_path(path) == inner


@pytest.mark.parametrize(
    ("alias", "file"),
    [
        ("/rss.xml", "rss.xml"),
        ("/feed/", "rss.xml"),
        ("/atom.xml", "atom.xml"),
        ("/blog/feed/atom/", "atom.xml"),
        ("/index.atom", "atom.xml"),
        ("/feed.json", "feed.json"),
        ("/?feed=atom", "atom.xml"),
        ("/caf%C3%A9/feed", "rss.xml"),
    ],
)
def test_an_old_address_leads_to_the_document_that_it_most_likely_was(alias: str, file: str) -> None:
    known = Aliases([replace(FEED, aliases=(alias,))])
    target = f"https://example.org/feeds/all/{file}"
    if "?" in alias:
        assert known.of_query("/", "feed=atom") == target
        assert known.of_path("/") is None
    else:
        assert known.of_path(alias.replace("%C3%A9", "é")) == target


def test_what_a_feed_has_not_is_not_led_to() -> None:
    assert Aliases([replace(SPEC, formats=("atom",), aliases=("/rss.xml",))]).of_path("/rss.xml") == (
        "https://example.org/feeds/all/atom.xml"
    )
    assert Aliases([replace(SPEC, aliases=("/feed.json",))]).of_path("/feed.json") == (
        "https://example.org/feeds/all/rss.xml"
    )


def test_no_address_leads_to_itself_or_to_a_private_feed() -> None:
    known = Aliases([replace(SPEC, aliases=("/feeds/all/rss.xml", "/all/rss.xml", "/all/atom.xml")), SECRET])
    assert known.of_path("/feeds/all/rss.xml") is None
    assert known.of_path("/all/rss.xml") is None
    assert known.of_path("/secret.xml") is None


def test_a_feed_may_change_when_one_of_its_sources_is_looked_at() -> None:
    config = type("Config", (), {})()
    config.schedule, config.site = Schedule(), SITE
    sources = (folder("news", every=timedelta(minutes=5)), upstream("kernel", every=timedelta(hours=1)))
    agenda = Agenda(config, {}, {}, NOW)
    asked = [agenda.state(source) for source in sources]
    assert all(isinstance(state, SourceState) for state in asked)
    roster = Roster(sources, ("news", "kernel"), {})
    feeds = [replace(SPEC, name="all"), replace(SPEC, name="linux", sources=("kernel",))]
    assert next_changes(agenda, roster, feeds) == dict.fromkeys(("all", "linux", OF_SITE), NOW), "never looked at"
    soon = NOW - timedelta(days=1)
    assert next_changes(agenda, roster, feeds, [soon, None])["linux"] == soon
    assert next_changes(agenda, roster, [replace(SPEC, sources=("none",))]) == {"all": None, OF_SITE: None}


def test_what_is_pushed_may_change_at_any_time() -> None:
    """Readers are not told to stay away for the day that the source itself is left alone."""
    config = type("Config", (), {})()
    config.schedule, config.site = Schedule(), SITE
    source = upstream(every=timedelta(hours=1))
    state = SourceState(name="s", last_look=NOW, settings=settings_of(source, config), asked_url=source.url)
    polled = Agenda(config, {"s": state}, {}, NOW)
    pushed = replace(polled, pushes={"s": Pushed(until=NOW + timedelta(days=10))})
    assert pushed.due(source) == NOW + timedelta(days=1)
    roster = Roster((source,), ("s",), {})
    assert next_changes(pushed, roster, [SPEC]) == next_changes(polled, roster, [SPEC])


@pytest.mark.parametrize(
    ("seconds", "age"), [(None, 3600), (-500, 60), (0, 60), (59, 60), (60.2, 61), (600, 600), (90_000, 3600)]
)
def test_for_how_long_a_document_is_fresh(seconds: float | None, age: int) -> None:
    change = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert max_age(change, NOW, timedelta(hours=1)) == age


def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    moment = [0.0]
    polls = Polls(3, timedelta(seconds=60), lambda: moment[0])
    assert [polls.wait("192.0.2.7", b"Reader/1", "all/rss.xml") for _ in range(4)] == [0, 0, 0, 60]
    assert polls.wait("192.0.2.7", b"Reader/2", "all/rss.xml") == 0
    assert polls.wait("192.0.2.8", b"Reader/1", "all/rss.xml") == 0
    assert polls.wait("192.0.2.7", b"Reader/1", "all/atom.xml") == 0
    moment[0] = 45.5
    assert polls.wait("192.0.2.7", b"Reader/1", "all/rss.xml") == 15
    moment[0] = 60.5
    assert polls.wait("192.0.2.7", b"Reader/1", "all/rss.xml") == 0


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/all/rss.xml", "/all/rss.xml"),
        ("/private/s3cret/all/rss.xml", "/private/…/all/rss.xml"),
        ("/private/s3cret", "/private/…"),
        ("/private/s3cret/", "/private/…/"),
        ("/private/", "/private/"),
        ("/private", "/private"),
        ("/websub/s3cret", "/websub/…"),
    ],
)
def test_a_token_is_never_shown(path: str, shown: str) -> None:
    assert shown_path(path) == shown
