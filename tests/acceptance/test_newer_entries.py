"""A server that sends only what is newer (RFC 3229), from real HTTP to the published feed."""

from __future__ import annotations

from sites import Site, rss
from upstream import Handler, Upstream

OLD = rss(("1", "First"), ("2", "Second"))
NEWER = rss(("3", "Third"), day=3)


def test_only_what_is_newer_adds_to_what_is_there(site: Site, upstream: Upstream) -> None:
    def answer(handler: Handler) -> None:
        had = handler.headers.get("If-None-Match")
        if had == '"3"':
            handler.reply(304)
        elif had == '"2"' and handler.headers["A-IM"] == "feed":
            handler.reply(226, NEWER, ETag='"3"', IM="feed")
        else:
            handler.reply(200, OLD, ETag='"2"')

    upstream.routes["/feed"] = answer
    site.upstream("up", upstream.url("/feed"))
    site.feed()
    assert site.publish().source("up")["new"] == 2
    second = site.publish().source("up")
    assert (second["status"], second["new"], second["withdrawn"]) == ("updated", 1, 0)
    assert site.publish().source("up")["status"] == "unchanged"
    assert site.titles() == ["Third", "First", "Second"]
