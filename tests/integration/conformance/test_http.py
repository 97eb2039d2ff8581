"""What any server of the published folder owes its readers: RFC 9110, and the fields that feeds need."""

from __future__ import annotations

import gzip
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli  # type: ignore[import-untyped]
import pytest

from listening import Answer, ask, connected, raw
from webservers import Served

FEED = "/all/rss.xml"
PAGES = ("/", "/all/", "/index.html", "/all/index.html")


def get(served: Served, path: str, **fields: str) -> Answer:
    return ask(served.address, path, **fields)


def decoded(answer: Answer) -> bytes:
    coding = answer.fields.get("content-encoding", "identity")
    unpacked: bytes = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}[coding](answer.body)
    return unpacked


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/all/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/all/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/all/feed.json", "application/feed+json"),
        ("/all/archive/rss-0001.xml", "application/rss+xml; charset=utf-8"),
        ("/all/archive/atom-0001.xml", "application/atom+xml; charset=utf-8"),
        ("/all/archive/feed-0001.json", "application/feed+json"),
        ("/all/sources.opml", "text/x-opml; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/all/index.html", "text/html; charset=utf-8"),
        ("/media/harbour.png", "image/png"),
    ],
)
def test_a_document_is_whole_and_says_what_it_is(served: Served, path: str, kind: str) -> None:
    got = get(served, path)
    assert got.status == 200
    assert got.fields["content-type"] == kind
    assert got.body == served.body(path)
    assert got.fields["content-length"] == str(len(got.body))
    assert got.fields["x-content-type-options"] == "nosniff"
    assert got.fields["etag"].startswith('"')
    assert got.fields["etag"].endswith('"')
    assert got.fields["last-modified"] == "Thu, 09 Oct 2025 08:53:20 GMT"
    assert got.fields["accept-ranges"] == "bytes"
    assert "date" in got.fields


@pytest.mark.parametrize("path", ["/all/rss.xml", "/all/atom.xml", "/all/feed.json"])
def test_a_feed_says_where_it_is_and_for_how_long_it_stays(served: Served, path: str) -> None:
    got = get(served, path)
    assert got.fields["link"] == f'<https://example.org/feeds{path}>; rel="self"'
    seconds = int(got.fields["cache-control"].removeprefix("max-age="))
    assert 60 <= seconds <= 3600
    assert got.fields["access-control-allow-origin"] == "*"
    assert "ETag" in got.fields["access-control-expose-headers"]


def test_pages_are_strict(served: Served) -> None:
    for path in PAGES:
        got = get(served, path)
        assert got.status == 200
        assert "frame-ancestors 'none'" in got.fields["content-security-policy"]
        assert got.fields["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "link" not in got.fields
    letter = get(served, "/media/letter.html").fields["content-security-policy"]
    assert "sandbox" in letter
    assert "default-src 'none'" in letter


def test_folders_have_pages_and_no_listing(served: Served) -> None:
    assert get(served, "/").body == served.body("index.html")
    assert get(served, "/all/").body == served.body("all/index.html")
    moved = get(served, "/all?x=1")
    assert moved.status in (301, 308)
    assert urlsplit(urljoin(f"http://{served.address}/all?x=1", moved.fields["location"])).path == "/all/"
    for path in ("/media/", "/media", "/all/archive/", "/all/archive"):
        got = get(served, path)
        if got.status in (301, 308):  # some see a folder before they see that it has no page
            got = get(served, path + "/")
        assert got.status in (403, 404)
        assert b"harbour" not in got.body


def test_what_is_not_published_is_not_there(served: Served) -> None:
    for path in (
        "/all/none.xml",
        "/none/",
        "/all/rss.xml/",
        "/all/rss.xml/more",
        "/all/rss.xml.gz",
        "/all/rss.xml.br",
        "/all/.feedmill-half.tmp",
        "/.hidden/secret.xml",
        "/%2ehidden/secret.xml",
        "/all/rss.xml%00",
        "/all/rss.xml%00.html",
        "/all%5crss.xml",
        "/" + "a" * 3000,
    ):
        got = get(served, path)
        assert got.status in (301, 308, 400, 404, 414), path
        assert b"<rss" not in got.body
        assert b"half" not in got.body
        assert b"<secret" not in got.body


def test_nothing_leads_out_of_the_folder(served: Served) -> None:
    (served.folder.parent / "outside.xml").write_text("<outside/>")
    name = served.folder.name
    for path in (
        "/../outside.xml",
        "/all/../../outside.xml",
        "/%2e%2e/outside.xml",
        "/..%2foutside.xml",
        "/all/%2e%2e/%2e%2e/outside.xml",
        f"/..%2f{name}%2f..%2foutside.xml",
        "/....//outside.xml",
        "/feeds/../../outside.xml",
        "/feeds../outside.xml",
        "//../outside.xml",
        "/..\\outside.xml",
    ):
        got = raw(served.address, "GET", path)
        assert got.status in (301, 308, 400, 404), path
        assert b"outside/>" not in got.body


def test_the_path_of_feeds_url_leads_there_too(served: Served) -> None:
    assert get(served, "/feeds/all/rss.xml").body == served.body(FEED)
    assert get(served, "/feeds/").body == served.body("index.html")


def test_head_is_get_without_the_body(served: Served) -> None:
    for path in (FEED, "/", "/media/harbour.png", "/none"):
        for fields in ({}, {"Accept_Encoding": "gzip"}):
            got, head = get(served, path, **fields), ask(served.address, path, "HEAD", **fields)
            assert head.body == b""
            assert head.status == got.status
            for name in ("content-type", "content-length", "etag", "last-modified", "content-encoding", "link"):
                assert head.fields.get(name) == got.fields.get(name), name


CONDITIONS = [
    ({"If_None_Match": "{tag}"}, 304),
    ({"If_None_Match": "W/{tag}"}, 304),
    ({"If_None_Match": '"other", {tag}'}, 304),
    ({"If_None_Match": '"other" , W/{tag} , "more"'}, 304),
    ({"If_None_Match": "*"}, 304),
    ({"If_None_Match": '"other"'}, 200),
    ({"If_None_Match": '"other"', "If_Modified_Since": "{later}"}, 200),
    ({"If_None_Match": "{tag}", "If_Modified_Since": "{earlier}"}, 304),
    ({"If_Modified_Since": "{date}"}, 304),
    ({"If_Modified_Since": "{later}"}, 304),
    ({"If_Modified_Since": "{earlier}"}, 200),
    ({"If_Modified_Since": "nonsense"}, 200),
    ({"If_Match": "{tag}"}, 200),
    ({"If_Match": "*"}, 200),
    ({"If_Match": '"other"'}, 412),
    ({"If_Match": 'W/{tag}, "other"'}, 412),
    ({"If_Unmodified_Since": "{date}"}, 200),
    ({"If_Unmodified_Since": "{earlier}"}, 412),
    ({"If_Match": "{tag}", "If_Unmodified_Since": "{earlier}"}, 200),
    ({"If_Match": '"other"', "If_None_Match": "{tag}"}, 412),
]

UNLIKE = {
    # It holds the date against the document even beside a tag, where RFC 9110 section 13.2.2 looks at the tag alone.
    ("nginx", "{'If_None_Match': '{tag}', 'If_Modified_Since': '{earlier}'}"): 200,
    ("nginx", "{'If_Match': '{tag}', 'If_Unmodified_Since': '{earlier}'}"): 412,
}
"""What other servers answer instead; none of it shows a reader anything wrong."""


@pytest.mark.parametrize(("fields", "status"), CONDITIONS, ids=[str(fields) for fields, _ in CONDITIONS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests(served: Served, method: str, fields: dict[str, str], status: int) -> None:
    status = UNLIKE.get((served.name, str(fields)), status)
    whole = get(served, FEED)
    moment = parsedate_to_datetime(whole.fields["last-modified"]).timestamp()
    known = {
        "tag": whole.fields["etag"],
        "date": whole.fields["last-modified"],
        "earlier": formatdate(moment - 1, usegmt=True),
        "later": formatdate(moment + 1, usegmt=True),
    }
    got = ask(served.address, FEED, method, **{name: value.format(**known) for name, value in fields.items()})
    assert got.status == status
    if status == 304:
        assert got.body == b""
        assert got.fields["etag"] == whole.fields["etag"]
        assert got.fields["cache-control"].startswith("max-age=")
        assert got.fields["access-control-allow-origin"] == "*"
        assert "content-encoding" not in got.fields
    elif status == 200:
        assert got.body == (b"" if method == "HEAD" else whole.body)


@pytest.mark.parametrize(
    ("accepts", "codings"),
    [
        (None, {None}),
        ("", {None}),
        ("gzip", {"gzip"}),
        ("gzip, deflate", {"gzip"}),
        ("gzip;q=1.0, *;q=0.1", {"gzip", "br"}),
        ("br, gzip", {"br", "gzip"}),
        ("br;q=0, gzip", {"gzip"}),
        ("identity", {None}),
        ("gzip;q=0", {None}),
        ("deflate", {None}),
    ],
)
def test_a_client_gets_a_coding_that_it_takes(served: Served, accepts: str | None, codings: set[str | None]) -> None:
    got = get(served, FEED, **({} if accepts is None else {"Accept_Encoding": accepts}))
    assert got.status == 200
    assert got.fields.get("content-encoding") in codings
    assert decoded(got) == served.body(FEED)
    assert "accept-encoding" in got.fields["vary"].lower()


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_each_coding_has_a_tag_of_its_own(served: Served, coding: str) -> None:
    plain, packed = get(served, FEED), get(served, FEED, Accept_Encoding=coding)
    if "content-encoding" not in packed.fields:
        assert (served.name, coding) == ("nginx", "br"), "which needs a module for it"
        return
    assert packed.fields["etag"] != plain.fields["etag"]
    assert packed.fields["content-type"] == plain.fields["content-type"]
    assert len(packed.body) < len(plain.body)
    known = get(served, FEED, Accept_Encoding=coding, If_None_Match=packed.fields["etag"])
    assert known.status == 304
    assert known.fields["etag"] == packed.fields["etag"]
    assert get(served, FEED, If_None_Match=packed.fields["etag"]).status == 200


def test_what_is_compressed_already_is_sent_as_it_is(served: Served) -> None:
    got = get(served, "/media/harbour.png", Accept_Encoding="gzip, br")
    assert "content-encoding" not in got.fields
    assert got.body == served.body("media/harbour.png")


@pytest.mark.parametrize(
    ("part", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-5", 5, 6),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=0-99999999", 0, None),
    ],
)
def test_a_part_of_a_document(served: Served, part: str, start: int, stop: int | None) -> None:
    whole = served.body(FEED)
    got = get(served, FEED, Range=part)
    assert got.status == 206
    assert got.body == whole[start:stop]
    first = start % len(whole)
    assert got.fields["content-range"] == f"bytes {first}-{first + len(got.body) - 1}/{len(whole)}"
    assert got.fields["etag"] == get(served, FEED).fields["etag"]


def test_a_part_that_is_not_there(served: Served) -> None:
    got = get(served, FEED, Range="bytes=99999999-")
    assert got.status == 416
    assert got.fields["content-range"] == f"bytes */{len(served.body(FEED))}"


@pytest.mark.parametrize("part", ["lines=1-2", "bytes", "bytes=b-a"])
def test_what_is_no_part_is_all_of_it_or_refused(served: Served, part: str) -> None:
    got = get(served, FEED, Range=part)
    assert got.status in (200, 416)
    assert got.status == 416 or got.body == served.body(FEED)


def test_a_part_is_answered_only_of_the_same_document(served: Served) -> None:
    whole = get(served, FEED)
    tag, date = whole.fields["etag"], whole.fields["last-modified"]
    assert get(served, FEED, Range="bytes=0-9", If_Range=tag).status == 206
    assert get(served, FEED, Range="bytes=0-9", If_Range=date).status == 206
    assert get(served, FEED, Range="bytes=0-9", If_Range='"other"').status == 200
    assert get(served, FEED, Range="bytes=0-9", If_Range=formatdate(0, usegmt=True)).status == 200
    assert get(served, FEED, Range="bytes=0-9", If_None_Match=tag).status == 304


def test_programs_of_any_page_may_read(served: Served) -> None:
    got = ask(
        served.address,
        FEED,
        "OPTIONS",
        Origin="https://reader.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )
    assert got.status in (200, 204)
    assert got.fields["access-control-allow-origin"] == "*"
    assert "GET" in got.fields["access-control-allow-methods"]
    assert "if-none-match" in got.fields["access-control-allow-headers"].lower()
    assert "content-length" not in got.fields or got.fields["content-length"] == "0"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/all/x%0d%0aInjected:%20yes/rss.xml", "/all/rss.xml%0aInjected:%20yes", "/all/rss.xml%0a"]
)
def test_no_path_becomes_a_field(served: Served, method: str, path: str) -> None:
    got = ask(served.address, path, method)
    assert got.status in (204, 404)
    assert "injected" not in got.fields
    assert got.fields.get("access-control-allow-origin") == "*", "what stands after the fields that paths are in"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(served: Served, method: str) -> None:
    got = raw(served.address, method, FEED, body=b"x")
    assert got.status == 405
    assert "GET" in got.fields["allow"]
    assert "HEAD" in got.fields["allow"]
    assert get(served, FEED).body == served.body(FEED)


def test_what_is_not_there_may_be_told_to_any_page(served: Served) -> None:
    got = get(served, "/none.xml")
    assert got.status == 404
    assert got.fields["access-control-allow-origin"] == "*"
    assert got.fields["x-content-type-options"] == "nosniff"


def test_a_connection_is_kept_and_requests_may_follow_each_other(served: Served) -> None:
    request = f"GET {FEED} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    last = f"GET {FEED} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with connected(served.address) as connection:
        connection.sendall(request + request + last)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert received.count(served.body(FEED)) == 3


def test_old_clients_are_answered_and_let_go(served: Served) -> None:
    with connected(served.address) as connection:
        connection.sendall(f"GET {FEED} HTTP/1.0\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.partition(b"\r\n\r\n")[2] == served.body(FEED)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
        b"\x16\x03\x01\x02\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(served: Served, said: bytes) -> None:
    with connected(served.address) as connection:
        connection.sendall(said)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert not received or b" 400 " in received.partition(b"\r\n")[0] or received.startswith(b"<html>")
    assert get(served, FEED).status == 200


def test_a_swapped_document_is_another_one_at_once(served: Served, tmp_path: Path) -> None:
    path = served.folder / "all/swapped.xml"
    path.write_bytes(b"<a>first</a>")
    first = get(served, "/all/swapped.xml")
    assert first.body == b"<a>first</a>"
    aside = path.with_name(".feedmill-new.tmp")
    aside.write_bytes(b"<a>the second</a>")
    aside.replace(path)
    second = get(served, "/all/swapped.xml", If_None_Match=first.fields["etag"])
    assert (second.status, second.body) == (200, b"<a>the second</a>")
    path.unlink()
    assert get(served, "/all/swapped.xml").status == 404
