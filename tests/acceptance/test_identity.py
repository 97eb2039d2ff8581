"""What upstreams do to their ids, seen by the readers of what is published: no old article is new to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import moves
from sites import Site, document, rss
from upstream import Upstream

WORDS = " ".join(f"word{number}" for number in range(60))


def podcast() -> bytes:
    """Episodes that all link to one page, with short words and dates of whole days."""
    told = "".join(
        f"<item><guid isPermaLink='false'>http://up.example/{n}</guid><title>Episode {n}</title>"
        f"<link>https://up.example/</link><pubDate>{n:02d} Oct 2026 00:00:00 GMT</pubDate>"
        f"<enclosure url='https://up.example/{n}.mp3' type='audio/mpeg' length='1'/></item>"
        for n in range(1, 8)
    )
    return (
        f"<rss version='2.0'><channel><title>P</title><link>https://up.example/</link>{told}</channel></rss>".encode()
    )


def undated() -> bytes:
    """Articles without dates, whose words name their own addresses."""
    told = "".join(
        f"<item><guid>http://up.example/a/{n}</guid><title>Article {n}</title><link>http://up.example/a/{n}</link>"
        f"<description>Read {n} at http://up.example/a/{n} {WORDS}</description></item>"
        for n in range(1, 8)
    )
    return (
        f"<rss version='2.0'><channel><title>U</title><link>https://up.example/</link>{told}</channel></rss>".encode()
    )


def atom() -> bytes:
    """Entries with links to their own site in what they say."""
    told = "".join(
        f"<entry><id>http://up.example/{n}</id><title>Entry {n}</title><link href='http://up.example/{n}.html'/>"
        f"<updated>2026-10-{n:02d}T07:00:00Z</updated><content type='html'>See http://up.example/ for {n}</content>"
        "</entry>"
        for n in range(1, 8)
    )
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><id>http://up.example/feed</id>"
        f"<updated>2026-10-09T07:00:00Z</updated>{told}</feed>"
    ).encode()


@pytest.mark.parametrize("feed", [podcast, undated, atom], ids=lambda feed: feed.__name__)
def test_a_feed_that_moves_in_every_way_keeps_its_ids(
    site: Site, upstream: Upstream, feed: Callable[[], bytes]
) -> None:
    body = feed()
    site.upstream("up", document(upstream, "/feed", body))
    site.feed()
    site.publish()
    ids = site.ids()
    assert len(ids) == 7
    for move in (
        moves.guid_https,
        moves.guid_scheme,
        moves.then(moves.guid_scheme, moves.domain),
        moves.then(moves.guid_tracking, moves.scheme),
    ):
        body = move(body)
        document(upstream, "/feed", body)
        ran = site.publish()
        assert (ran.code, ran.source("up")["new"], ran.source("up")["problems"]) == (0, 0, [])
        assert site.ids() == ids


def stale(count: int) -> bytes:
    """A feed that brings articles of the year before, of which nobody has ever heard."""
    body = rss(*((f"stale-{number}", f"Stale {number}") for number in reversed(range(count))))
    return body.replace(b"Oct 2026", b"Oct 2025")


def test_a_flood_of_old_articles_is_held_and_told_until_somebody_releases_it(site: Site, upstream: Upstream) -> None:
    known = rss(("2", "Two"), ("1", "One"))
    site.upstream("up", document(upstream, "/feed", known))
    site.feed()
    site.publish()
    published = site.digests()

    document(upstream, "/feed", stale(12))
    ran = site.publish()
    assert (ran.code, ran.source("up")["status"], ran.source("up")["new"]) == (0, "unchanged", 0)
    (told,) = ran.source("up")["problems"]
    assert "12 entries are held back" in told
    assert "('Stale 0', 'Stale 1', 'Stale 2', ...)" in told
    assert "feedmill publish --force --source up" in told
    assert told in ran.err
    assert site.digests() == published

    document(upstream, "/feed", stale(12) + b"<!-- the same, once more -->")
    ran = site.publish()
    assert (ran.source("up")["new"], ran.source("up")["status"]) == (0, "unchanged")
    assert [problem[:40] for problem in ran.source("up")["problems"]] == ["up: 12 entries are held back from the fe"]

    document(upstream, "/feed", known)
    assert site.publish().source("up")["problems"] == []
    (status,) = site.run("status", "--json").report["sources"]
    assert (status["entries"], status["held"]) == (2, 12)
    assert "up: 12 entries are held back" in site.run("status").out

    assert site.publish("--force").source("up")["new"] == 0
    assert site.publish("--source", "up").source("up")["new"] == 0
    assert site.publish("--force", "--source", "up", "--dry-run").source("up")["new"] == 12
    assert site.digests() == published

    ran = site.publish("--force", "--source", "up")
    assert (ran.source("up")["status"], ran.source("up")["new"]) == ("updated", 12)
    entries = site.read().entries
    assert [entry.title for entry in entries[:3]] == ["Two", "One", "Stale 11"]
    assert entries[2].published.startswith("2025-10-12")
    (status,) = site.run("status", "--json").report["sources"]
    assert (status["entries"], status["held"]) == (14, 0)


def test_what_the_operator_asks_for_is_not_held_at_all(site: Site, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.feed()
    site.publish()
    document(upstream, "/feed", stale(9))
    ran = site.publish("--force", "--source", "up")
    assert (ran.source("up")["new"], ran.source("up")["problems"]) == (9, [])
    assert len(site.titles()) == 10


def test_what_is_held_is_published_even_if_the_server_fails_now(site: Site, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.feed()
    site.publish()
    document(upstream, "/feed", stale(9))
    site.publish()
    upstream.serve("/feed", 410)
    ran = site.publish("--force", "--source", "up")
    assert ran.source("up")["status"] == "failed"
    assert len(site.titles()) == 10


def test_a_source_whose_settings_changed_may_bring_anything(site: Site, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.feed()
    site.publish()
    site.config = site.config.replace("/feed", "/other")
    upstream.serve("/other", 500)
    site.publish()
    document(upstream, "/other", stale(9))
    ran = site.publish()
    assert (ran.source("up")["new"], ran.source("up")["problems"]) == (9, [])


def test_what_a_person_puts_into_a_folder_is_meant(site: Site) -> None:
    folder = site.articles()
    (folder / "first.md").write_text("---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n")
    site.feed()
    site.publish()
    for number in range(9):
        (folder / f"{number}.md").write_text(f"---\ntitle: Old {number}\ndate: 2001-10-0{number + 1}\n---\nWords.\n")
    ran = site.publish()
    assert (ran.source("news")["new"], ran.source("news")["problems"]) == (9, [])
