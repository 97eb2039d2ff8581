"""The published files as our own server gives them: what no other server does."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from factories import ENTRY, NOW, SITE, SPEC, edition, entry
from feedmill.errors import StateError
from feedmill.model import Entry, Tombstone, Visit
from feedmill.publish import Folder
from feedmill.render import RENDERERS
from feedmill.serve import documents, published
from feedmill.serve.aliases import Aliases
from feedmill.serve.app import application
from feedmill.serve.asgi import Receive, Scope, Send
from feedmill.serve.catalogue import Catalogue
from feedmill.serve.deltas import Deltas
from feedmill.serve.documents import Documents
from feedmill.serve.polls import Polls
from feedmill.serve.proxies import Proxies
from feedmill.serve.published import Published
from listening import Answer, ask, connected, listening
from merging import merged, read

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
    "": bytes,
}
PACK: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "gzip": (lambda data: gzip.compress(data, 1), ".gz"),
    "br": (lambda data: brotli.compress(data, quality=1), ".br"),
}
SPEC_OF_ALL = replace(
    SPEC,
    formats=("rss", "atom", "json", "html"),
    aliases=("/rss.xml", "/feed/atom/", "/?feed=rss2"),
    hubs=("https://hub.example/",),
)


@dataclass
class Site:
    """A folder that is published into and served."""

    folder: Path
    address: str = ""
    visits: list[Visit] = field(default_factory=list)
    documents: Documents | None = None

    def write(self, path: str, body: bytes) -> bytes:
        Folder(str(self.folder)).swap(path, body)
        return body

    def publish(self, entries: list[Entry], *gone: str) -> None:
        stones = tuple(Tombstone(id=id_, when=NOW) for id_ in gone)
        for form in RENDERERS.values():
            body = form.render(edition(SPEC, entries, entries[0].updated, tombstones=stones))
            self.write(f"all/{form.file_name}", body)

    def get(self, path: str, **fields: str) -> Answer:
        return ask(self.address, path, **fields)


@contextmanager
def serving(folder: Path, **parts: object) -> Iterator[Site]:
    site = Site(folder)
    site.documents = Documents(folder, int(str(parts.pop("memory", 1 << 26))))
    catalogue = Catalogue(SITE, [SPEC_OF_ALL])
    app = Published(site.documents, catalogue, seen=site.visits.append, aliases=Aliases([SPEC_OF_ALL]), **parts)  # type: ignore[arg-type]
    with listening(application(app, {})) as site.address:
        yield site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as made:
        yield made


def made(number: int, title: str = "") -> Entry:
    return entry(id=f"{ENTRY.id}{number}", title=title or f"Number {number}", published=NOW + timedelta(hours=number))


ENTRIES = [made(number) for number in range(6, 0, -1)]
ORDER = [made(number).id for number in range(20, 0, -1)]


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("file", ["rss.xml", "atom.xml", "feed.json"])
def test_who_names_a_version_gets_what_is_new_since(site: Site, file: str, coding: str) -> None:
    site.publish(ENTRIES)
    fields = {"A_IM": "feed", "Accept_Encoding": coding}
    first = site.get(f"/all/{file}", **fields)
    assert first.status == 200
    assert site.get(f"/all/{file}", **fields, If_None_Match=first.fields["etag"]).status == 304
    after = [made(7), ENTRIES[0], made(5, "Changed"), *ENTRIES[2:5]]
    site.publish(after)
    new = site.get(f"/all/{file}", **fields, If_None_Match=f'"other", {first.fields["etag"]}')
    whole = site.get(f"/all/{file}", Accept_Encoding=coding)
    assert new.status == 226
    assert new.fields["im"] == "feed"
    assert new.fields["delta-base"] == first.fields["etag"]
    assert new.fields["etag"] == whole.fields["etag"]
    assert new.fields["content-type"] == whole.fields["content-type"]
    assert new.fields.get("content-encoding", "") == coding
    assert new.fields["cache-control"] == "no-store, im"
    assert {"a-im", "if-none-match", "accept-encoding"} <= set(new.fields["vary"].lower().split(", "))
    assert len(new.body) < len(whole.body)
    unpack = UNPACK[coding]
    news, all_of_it = read(unpack(new.body)), read(unpack(whole.body))
    assert list(news.entries) == [after[0].id, after[2].id]
    found = merged(read(unpack(first.body)), news, ORDER)
    assert list(found.items())[:6] == list(all_of_it.entries.items())
    assert news.head == all_of_it.head
    assert site.get(f"/all/{file}", **fields, If_None_Match=new.fields["etag"]).status == 304


def test_who_does_not_ask_for_a_delta_gets_none(site: Site) -> None:
    site.publish(ENTRIES)
    tag = site.get("/all/rss.xml").fields["etag"]
    site.publish([made(7), *ENTRIES])
    for fields in ({}, {"A_IM": "vcdiff"}, {"A_IM": "feed;q=0"}, {"A_IM": ""}, {"A_IM": "feed", "Range": "bytes=0-9"}):
        assert site.get("/all/rss.xml", If_None_Match=tag, **fields).status in (200, 206)
    assert ask(site.address, "/all/rss.xml", "HEAD", If_None_Match=tag, A_IM="feed").status == 200
    assert site.get("/all/rss.xml", A_IM="feed").status == 200
    assert site.get("/all/rss.xml", A_IM="feed", If_None_Match='"0123"').status == 200
    assert site.get("/all/index.html", A_IM="feed", If_None_Match=f'"{"0" * 32}"').status == 200


def test_what_was_withdrawn_is_told_in_atom_and_makes_others_whole(site: Site) -> None:
    site.publish(ENTRIES)
    tags = {file: site.get(f"/all/{file}").fields["etag"] for file in ("rss.xml", "atom.xml", "feed.json")}
    site.publish([ENTRIES[0], *ENTRIES[2:]], ENTRIES[1].id)
    got = {file: site.get(f"/all/{file}", A_IM="feed", If_None_Match=tag) for file, tag in tags.items()}
    assert {file: answer.status for file, answer in got.items()} == {"rss.xml": 200, "atom.xml": 226, "feed.json": 200}
    assert read(got["atom.xml"].body).gone == {ENTRIES[1].id}


def test_versions_of_before_a_restart_are_known(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        site.publish(ENTRIES)
        before = site.get("/all/rss.xml")
    asked: list[tuple[str, str]] = []

    def kept(feed: str, path: str) -> list[bytes]:
        asked.append((feed, path))
        return [b"<rss/>", before.body]

    site.publish([made(7), *ENTRIES])
    with serving(tmp_path, deltas=Deltas(kept)) as again:
        fields = {"A_IM": "feed", "If_None_Match": before.fields["etag"]}
        new = again.get("/all/rss.xml", **fields)
        assert new.status == 226
        assert list(read(new.body).entries) == [made(7).id]
        for number in range(5):
            never = f'"{number:032x}"'
            assert again.get("/all/rss.xml", A_IM="feed", If_None_Match=never).status == 200
        assert asked == [("all", "all/rss.xml")], "whoever names what never was costs nothing"


def test_a_state_that_cannot_be_read_costs_no_reader_the_feed(tmp_path: Path) -> None:
    def kept(feed: str, path: str) -> list[bytes]:
        raise StateError("the state database cannot be used")

    with serving(tmp_path, deltas=Deltas(kept)) as site:
        site.publish(ENTRIES)
        got = site.get("/all/rss.xml", A_IM="feed", If_None_Match=f'"{"0" * 32}"')
        assert (got.status, got.body) == (200, (tmp_path / "all/rss.xml").read_bytes())


def test_readers_are_told_of(site: Site) -> None:
    site.publish(ENTRIES)
    site.write("index.html", b"<p>")
    agent = {"User_Agent": "Reader/1 (3 subscribers)"}
    whole = site.get("/all/rss.xml", **agent)
    tag = whole.fields["etag"]
    site.get("/all/rss.xml", If_None_Match=tag, **agent)
    ask(site.address, "/all/rss.xml", "HEAD", **agent)
    site.publish([made(7), *ENTRIES])
    new = site.get("/all/rss.xml", If_None_Match=tag, A_IM="feed", **agent)
    size = len(site.get("/all/rss.xml").body)
    for path in ("/", "/all/", "/none", "/all/index.html", "/rss.xml"):
        site.get(path, **agent)
    site.get("/all/rss.xml", If_Match='"other"', **agent)
    common = {"feed": "all", "address": "127.0.0.1", "user_agent": "Reader/1 (3 subscribers)", "path": "/all/rss.xml"}
    assert [visit for visit in site.visits if visit.user_agent] == [
        Visit(**common, status=200, conditional=False, sent=len(whole.body), saved=0),
        Visit(**common, status=304, conditional=True, sent=0, saved=len(whole.body)),
        Visit(**common, status=200, conditional=False, sent=0, saved=0),
        Visit(**common, status=226, conditional=True, sent=len(new.body), saved=size - len(new.body)),
    ]


def test_the_client_is_who_a_trusted_proxy_says(tmp_path: Path) -> None:
    visits: list[Visit] = []
    app = Published(Documents(tmp_path), Catalogue(SITE, [SPEC_OF_ALL]), seen=visits.append)
    with listening(application(app, {}, Proxies(["127.0.0.1"]))) as address:
        Site(tmp_path).publish(ENTRIES)
        ask(address, "/all/rss.xml", X_Forwarded_For="203.0.113.9, 192.0.2.7")
    with listening(application(app, {}, Proxies(["192.0.2.1"]))) as address:
        ask(address, "/all/rss.xml", X_Forwarded_For="203.0.113.9, 192.0.2.7")
    assert [visit.address for visit in visits] == ["192.0.2.7", "127.0.0.1"]


def test_a_feed_names_itself_and_its_hubs(site: Site) -> None:
    site.publish(ENTRIES)
    assert site.get("/all/atom.xml").fields["link"] == (
        '<https://example.org/feeds/all/atom.xml>; rel="self", <https://hub.example/>; rel="hub"'
    )


def test_old_addresses_lead_to_where_the_feed_is_now(site: Site) -> None:
    site.publish(ENTRIES)
    site.write("index.html", b"<p>")
    for path, file in (("/rss.xml", "rss.xml"), ("/feed/atom/", "atom.xml"), ("/?feed=rss2", "rss.xml")):
        got = site.get(path)
        assert got.status == 301
        assert got.fields["location"] == f"https://example.org/feeds/all/{file}"
    assert site.get("/?feed=other").body == b"<p>"
    site.write("rss.xml", b"<rss/>")
    assert site.get("/rss.xml").body == b"<rss/>", "what is published wins"


def test_who_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    with serving(tmp_path, polls=Polls(3, timedelta(minutes=10))) as site:
        site.publish(ENTRIES)
        tag = site.get("/all/rss.xml").fields["etag"]
        answers = [site.get("/all/rss.xml", If_None_Match=tag) for _ in range(4)]
        assert [got.status for got in answers] == [304, 304, 429, 429]
        assert 0 < int(answers[-1].fields["retry-after"]) <= 600
        assert site.get("/all/rss.xml", User_Agent="Another").status == 200
        assert site.get("/all/atom.xml").status == 200
        assert [site.get("/all/index.html").status for _ in range(5)] == [200] * 5, "people are not counted"


def test_readers_behind_a_proxy_that_nobody_trusts_are_not_taken_for_one(tmp_path: Path) -> None:
    with serving(tmp_path, polls=Polls(2, timedelta(minutes=10))) as site:
        site.publish(ENTRIES)
        readers = [site.get("/all/rss.xml", X_Forwarded_For=f"192.0.2.{number}").status for number in range(4)]
        assert readers == [200] * 4
        assert [site.get("/all/rss.xml").status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("refused", ["identity;q=0, deflate", "*;q=0"])
def test_who_takes_no_coding_that_there_is_is_told_so(site: Site, refused: str) -> None:
    site.publish(ENTRIES)
    got = site.get("/all/rss.xml", Accept_Encoding=refused)
    assert got.status == 406
    assert got.fields["vary"] == "Accept-Encoding"
    assert site.get("/all/rss.xml", Accept_Encoding="identity;q=0, gzip").status == 200


def test_what_grows_by_compression_is_sent_as_it_is(site: Site) -> None:
    site.write("small.xml", b"<a/>")
    assert "content-encoding" not in site.get("/small.xml", Accept_Encoding="gzip").fields
    only = site.get("/small.xml", Accept_Encoding="gzip, identity;q=0")
    assert gzip.decompress(only.body) == b"<a/>"


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_form_that_lies_beside_a_file_is_sent_if_it_is_that(site: Site, coding: str) -> None:
    body = b"<a>" + b"words " * 500 + b"</a>"
    pack, ending = PACK[coding]
    site.write("a.xml", body)
    site.write(f"a.xml{ending}", pack(body))
    assert site.get("/a.xml", Accept_Encoding=coding).body == pack(body)
    for number, wrong in enumerate((pack(body + b"!"), pack(body)[:-3], b"", b"nonsense", pack(body) + b"x")):
        changed = site.write("a.xml", body + b"<!-- %d -->" % number)
        site.write(f"a.xml{ending}", wrong)
        got = site.get("/a.xml", Accept_Encoding=coding)
        assert UNPACK[coding](got.body) == changed


def test_links_lead_nowhere_outside_and_to_nothing_hidden(site: Site) -> None:
    outside = site.folder.parent / ("o" * len(site.folder.name))  # a path of the same length
    outside.mkdir()
    (outside / "secret.xml").write_bytes(b"<secret/>")
    site.write("all/rss.xml", b"<rss/>")
    site.write(".secret.xml", b"<secret/>")
    (site.folder / "out.xml").symlink_to(outside / "secret.xml")
    (site.folder / "out").symlink_to(outside)
    (site.folder / "hidden.xml").symlink_to(site.folder / ".secret.xml")
    (site.folder / "loop.xml").symlink_to(site.folder / "loop.xml")
    (site.folder / "latest").symlink_to("all")
    for path in ("/out.xml", "/out/secret.xml", "/hidden.xml", "/loop.xml"):
        assert site.get(path).status == 404, path
    assert site.get("/latest/rss.xml").body == b"<rss/>"


def test_what_is_no_file_is_not_opened(site: Site) -> None:
    os.mkfifo(site.folder / "pipe.xml")
    assert site.get("/pipe.xml").status == 404


def test_a_large_file_is_sent_from_the_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 1000)
    monkeypatch.setattr(documents, "_PIECE", 777)
    body = site.write("media/song.mp3", bytes(range(256)) * 40)
    got = site.get("/media/song.mp3", Accept_Encoding="gzip")
    assert (got.status, got.body) == (200, body)
    assert got.fields["etag"] == f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    assert site.get("/media/song.mp3", If_None_Match=got.fields["etag"]).status == 304
    part = site.get("/media/song.mp3", Range="bytes=100-5000")
    assert (part.status, part.body) == (206, body[100:5001])
    assert ask(site.address, "/media/song.mp3", "HEAD").fields["content-length"] == str(len(body))
    assert site.documents is not None
    assert site.documents.held == 0


def test_a_large_file_that_is_replaced_while_it_is_asked_for_is_told_of(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LARGEST", 10)
    site.write("song.mp3", b"one" * 100)
    opened = documents._opened

    def replaced(root: str, path: str) -> int:
        site.write("song.mp3", b"another" * 100)
        return opened(root, path)

    assert site.get("/song.mp3").status == 200
    monkeypatch.setattr(documents, "_opened", replaced)
    got = site.get("/song.mp3")
    assert (got.status, got.fields["retry-after"]) == (503, "1")
    monkeypatch.undo()
    assert site.get("/song.mp3").body == b"another" * 100


def test_of_a_large_file_no_more_is_read_than_somebody_takes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 10)
    monkeypatch.setattr(documents, "_PIECE", 1 << 16)
    size = 1 << 25
    site.write("film.mp4", bytes(size))
    ended = threading.Event()
    taken: list[int] = []

    async def counted(*arguments: Any) -> AsyncGenerator[bytes]:
        try:
            async for piece in documents.pieces(*arguments):
                taken.append(len(piece))
                yield piece
        finally:
            ended.set()

    monkeypatch.setattr(published, "pieces", counted)
    with connected(site.address) as leaving:
        leaving.sendall(b"GET /film.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert leaving.recv(1000)
    assert ended.wait(30)
    assert sum(taken) < size


def test_the_folder_below_its_prefix_has_a_slash_at_its_end(tmp_path: Path) -> None:
    """Else the links of its page, which are relative, lead elsewhere."""
    with serving(tmp_path, prefix="/a/feeds/") as site:
        site.write("index.html", b"<p>page</p>")
        got = site.get("/a/feeds?x=y")
        assert (got.status, got.fields["location"]) == (308, "feeds/?x=y")
        assert site.get("/a/feeds/").body == b"<p>page</p>"
        assert site.get("/feeds").status == 404


@pytest.mark.parametrize(("name", "ours"), [("index.html", True), ("letter-index.html", False), ("index.htm", False)])
def test_only_our_own_pages_run_what_they_contain(site: Site, name: str, ours: bool) -> None:
    site.write(f"attached/{name}", b"<script>alert(1)</script>")
    assert ("sandbox" not in site.get(f"/attached/{name}").fields["content-security-policy"]) == ours


def test_memory_is_bounded_and_what_was_asked_for_last_stays(tmp_path: Path) -> None:
    with serving(tmp_path, memory=10_000) as site:
        bodies = {f"{number}.bin": site.write(f"{number}.bin", bytes([number]) * 3000) for number in range(10)}
        for _ in range(2):
            for name, body in bodies.items():
                assert site.get(f"/{name}").body == body
                assert site.documents is not None
                assert site.documents.held <= 10_000
        assert site.documents is not None
        assert site.documents.held == 9000


def test_who_comes_after_a_swap_never_gets_what_was_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even if another reader's request had begun to read the old file by then."""
    go, began = threading.Event(), threading.Event()
    folder = Folder(str(tmp_path))
    folder.swap("a.xml", b"<old/>")
    reading = documents._read

    def slowly(*arguments: Any) -> Any:
        document = reading(*arguments)
        began.set()
        assert go.wait(30)
        return document

    monkeypatch.setattr(documents, "_read", slowly)

    async def both() -> tuple[bytes | None, ...]:
        found = Documents(tmp_path)
        first = asyncio.ensure_future(found.load("a.xml"))
        await asyncio.to_thread(began.wait, 30)
        folder.swap("a.xml", b"<new/>")
        second = asyncio.ensure_future(found.load("a.xml"))
        await asyncio.sleep(0)  # it joins the first
        go.set()
        return tuple(document.body if document else None for document in await asyncio.gather(first, second))

    with ThreadPoolExecutor(1) as pool:  # in this thread a browser's event loop may be running
        assert pool.submit(lambda: asyncio.run(both())).result()[1] == b"<new/>"


def test_a_failure_is_told_to_the_log_and_not_to_the_client(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("late"):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        raise ZeroDivisionError("the secret of the trade")

    monkeypatch.setattr(logging.getLogger("feedmill"), "propagate", True)
    with caplog.at_level(logging.INFO, "feedmill"), listening(application(broken, {"private": broken})) as address:
        got = ask(address, "/private/s3cret/all")
        assert got.status == 500
        assert b"secret" not in got.body
        with pytest.raises(Exception, match=r"9 more expected|closed"):
            ask(address, "/late")
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert said == ["GET /private/…/all: unexpected failure", "GET /late: unexpected failure"]


def test_readers_of_a_document_that_is_swapped_all_the_time_get_whole_ones(site: Site) -> None:
    """Each body is one that was published, and its tag is that of these bytes."""
    versions = 120
    bodies = [b"<v>%d</v>" % number * (200 + number * 7 % 50) for number in range(versions)]
    tags: dict[str, bytes] = {}
    known = {hashlib.sha256(body).hexdigest()[:32]: body for body in bodies}
    site.write("all/rss.xml", bodies[0])
    done = threading.Event()

    def publish() -> None:
        for body in bodies:
            site.write("all/rss.xml", body)
        done.set()

    def poll(number: int) -> int:
        asked, tag, coding = 0, "", ("", "gzip", "br", "zstd")[number % 4]
        while not done.is_set() or asked < 5:
            got = site.get("/all/rss.xml", Accept_Encoding=coding, If_None_Match=tag or '"none"')
            asked += 1
            if got.status == 304:
                assert got.fields["etag"] == tag
                continue
            assert got.status == 200
            body = UNPACK[got.fields.get("content-encoding", "")](got.body)
            tag = got.fields["etag"]
            assert known[tag.strip('"')[:32]] == body
            assert tags.setdefault(tag, got.body) == got.body
        return asked

    with ThreadPoolExecutor(5) as pool:
        writing = pool.submit(publish)
        assert all(asked >= 5 for asked in pool.map(poll, range(4)))
        writing.result()
    assert site.get("/all/rss.xml").body == bodies[-1]


def test_two_versions_of_one_size_within_one_tick_of_the_clock_are_told_apart_in_the_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the system says of the two need differ; what was read that early is read once more."""
    site.write("a.xml", b"<one/>")
    monkeypatch.setattr(documents, "_key", lambda _: (1, 2, 3, 4, 5))
    monkeypatch.setattr(documents, "_SAME_TIME", 1e9)
    assert site.get("/a.xml").body == b"<one/>"
    site.write("a.xml", b"<two/>")
    assert site.get("/a.xml").body == b"<one/>"
    monkeypatch.setattr(documents, "_SAME_TIME", 0.0)
    assert site.get("/a.xml").body == b"<two/>"
