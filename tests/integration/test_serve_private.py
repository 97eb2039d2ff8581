"""Private feeds over HTTP: a reader's address shows one feed to who knows it, and nothing else to anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from feedmill.errors import StateError
from feedmill.model import FeedSpec, Site, Visit
from feedmill.serve.app import application, nothing
from feedmill.serve.catalogue import Catalogue
from feedmill.serve.documents import Documents
from feedmill.serve.private import Private
from feedmill.serve.published import Published
from listening import Answer, ask, listening

SITE = Site(title="T", url="https://example.org/", feeds_url="https://example.org/feeds/", id_authority="example.org")
ANA, BUDI, OTHER = "a" * 32, "b" * 32, "o" * 32
DOCUMENT = (
    b'<rss><link rel="self" href="https://example.org/feeds/members/rss.xml"/>'
    b'<link rel="prev-archive" href="https://example.org/feeds/members/archive/1.xml"/><i>https://example.org/a</i></rss>'
)


def spec(name: str, *, private: bool = True) -> FeedSpec:
    base = f"{SITE.feeds_url}{name}/"
    return FeedSpec(name=name, title=name, id="urn:x", base_url=base, site=SITE, private=private)


@dataclass
class Served:
    """A server of private feeds, and who may read what."""

    root: Path
    address: str = ""
    good: dict[str, str] = field(default_factory=lambda: {ANA: "members", BUDI: "members", OTHER: "other"})
    visits: list[Visit] = field(default_factory=list)
    broken: bool = False

    def feed_of(self, token: str) -> str | None:
        if self.broken:
            raise StateError("the state database cannot be used")
        return self.good.get(token)

    def get(self, path: str, **fields: str) -> Answer:
        return ask(self.address, path, **fields)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    for name in ("members/rss.xml", "members/archive/1.xml", "other/rss.xml", "members/sport/rss.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(DOCUMENT)
    made = Served(tmp_path)
    specs = [spec("members"), spec("other"), spec("all", private=False)]

    def published(documents: Documents, catalogue: Catalogue) -> Published:
        return Published(documents, catalogue, seen=made.visits.append)

    private = Private(str(tmp_path), SITE, specs, "https://read.example.org/", made.feed_of, published)
    with listening(application(nothing, {"private": private}, prefixes=["/feeds/"])) as made.address:
        yield made


def test_who_has_the_address_reads_the_feed(served: Served) -> None:
    got = served.get(f"/private/{ANA}/members/rss.xml")
    assert (got.status, got.fields["content-type"]) == (200, "application/rss+xml; charset=utf-8")
    own = f"https://read.example.org/private/{ANA}/members/".encode()
    assert got.body == DOCUMENT.replace(b"https://example.org/feeds/members/", own)
    assert got.fields["link"] == f'<{own.decode()}rss.xml>; rel="self"'
    assert served.get(f"/private/{ANA}/members/archive/1.xml").status == 200, "what the document leads to"
    assert served.get(f"/private/{ANA}/members/sport/rss.xml").status == 200, "what the feed was split into"


@pytest.mark.parametrize(
    "hostile",
    [
        b'<img src="https://other.example/?u=https://example.org/feeds/members/">',
        b'<img src="https://other.example/?u=%22https://example.org/feeds/members/rss.xml">',
        b"&lt;img src=&quot;https://other.example/?https://example.org/feeds/members/rss.xml&quot;&gt;",
    ],
)
def test_no_address_of_others_gets_the_token(served: Served, hostile: bytes) -> None:
    """A reader's program would tell it when it shows a picture, say."""
    document = b"<link>https://example.org/feeds/members/</link>" + hostile
    (served.root / "members/rss.xml").write_bytes(document)
    own = f"<link>https://read.example.org/private/{ANA}/members/</link>".encode()
    assert served.get(f"/private/{ANA}/members/rss.xml").body == own + hostile


def test_a_proxy_need_not_take_the_path_of_the_feeds_off(served: Served) -> None:
    assert served.get(f"/feeds/private/{ANA}/members/rss.xml").status == 200


def test_no_cache_shares_it_and_no_search_engine_lists_it(served: Served) -> None:
    tag = served.get(f"/private/{ANA}/members/rss.xml").fields["etag"]
    answers = [
        (200, served.get(f"/private/{ANA}/members/rss.xml")),
        (304, served.get(f"/private/{ANA}/members/rss.xml", If_None_Match=tag)),
        (404, served.get(f"/private/{ANA}/members/none.xml")),
        (404, served.get(f"/private/{'x' * 32}/members/rss.xml")),
    ]
    for status, answer in answers:
        assert answer.status == status
        assert answer.fields["x-robots-tag"] == "noindex"
        assert answer.fields["referrer-policy"] == "no-referrer"
        assert answer.fields["cache-control"].split(", ")[0] in ("private", "no-store")


def test_each_reader_has_a_document_and_a_tag_of_their_own(served: Served) -> None:
    of_ana, of_budi = (served.get(f"/private/{token}/members/rss.xml") for token in (ANA, BUDI))
    assert ANA.encode() in of_ana.body
    assert ANA.encode() not in of_budi.body
    assert of_ana.fields["etag"] != of_budi.fields["etag"]
    assert served.get(f"/private/{BUDI}/members/rss.xml", If_None_Match=of_ana.fields["etag"]).status == 200


NOWHERE = [
    "/private",
    "/private/",
    f"/private/{ANA}",
    f"/private/{ANA}/",
    f"/private/{ANA}/members",
    f"/private/{ANA}/other/rss.xml",
    f"/private/{OTHER}/members/rss.xml",
    f"/private/{ANA}/all/rss.xml",
    f"/private/{ANA}/members/../other/rss.xml",
    f"/private/{ANA}/members/%2e%2e/other/rss.xml",
    f"/private/{ANA[:-1]}/members/rss.xml",
    f"/private/{ANA}a/members/rss.xml",
    f"/private/{ANA.upper()}/members/rss.xml",
    f"/private/{ANA}%00/members/rss.xml",
    f"/private//{ANA}/members/rss.xml",
    "/private/members/rss.xml",
    "/members/rss.xml",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_nothing_else_is_shown_to_anybody(served: Served, path: str) -> None:
    got = served.get(path)
    assert got.status == 404
    assert b"rss" not in got.body


def test_a_revoked_token_is_good_for_nothing_at_once(served: Served) -> None:
    tag = served.get(f"/private/{ANA}/members/rss.xml").fields["etag"]
    del served.good[ANA]
    assert served.get(f"/private/{ANA}/members/rss.xml", If_None_Match=tag).status == 404


def test_whom_nobody_can_judge_is_let_wait(served: Served) -> None:
    served.broken = True
    got = served.get(f"/private/{ANA}/members/rss.xml")
    assert (got.status, got.fields["retry-after"]) == (503, "60")


def test_no_log_tells_a_token(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for path in (f"/private/{ANA}/members/rss.xml", f"/feeds/private/{ANA}/members/rss.xml", f"/private/{ANA}"):
        served.get(path)
    assert "/private/…/members/rss.xml" in caplog.text
    assert ANA not in caplog.text


def test_readers_of_private_feeds_are_counted_like_others(served: Served) -> None:
    served.get(f"/private/{ANA}/members/rss.xml", User_Agent="Reader/1")
    assert [(visit.feed, visit.user_agent) for visit in served.visits] == [("members", "Reader/1")]
