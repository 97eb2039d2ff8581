"""Servers and documents that do harm, by mistake or on purpose, and what Feedmill does in each case.

One table: the server of the acceptance test answers by it, and docs/hostile.md shows it.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import brotli  # type: ignore[import-untyped]

from upstream import Answer, Handler

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["CASES", "SECRET", "Case", "table"]

MB = 1024 * 1024
SECRET = "/only-for-the-machine-inside"
"""What external entities point to."""

UPDATED, FAILED = "updated", "failed"


@dataclass(frozen=True, slots=True)
class Case:
    """What a server does, and what becomes of the source. `says` is a piece of the error, or of what is reported."""

    name: str
    group: str
    server: str
    feedmill: str
    status: str
    answer: Answer
    says: str = ""
    new: int = 0
    kind: str = "feed"


def feed(items: str, *, prolog: str = "") -> bytes:
    start = "<rss version='2.0'><channel><title>Up</title><link>https://up.example/</link><description>d</description>"
    return f"<?xml version='1.0' encoding='utf-8'?>{prolog}{start}{items}</channel></rss>".encode()


def item(name: str, *, title: str = "", inside: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>urn:x:{name}</guid><title>{title or name}</title>"
        f"<link>https://up.example/{name}</link>{inside}</item>"
    )


def body(make: Callable[[], bytes], coding: str = "", **headers: Any) -> Answer:
    """Answer with a body that is made when it is asked for."""
    return lambda handler: handler.reply(body=make(), Content_Encoding=coding, **headers)


def wire(data: bytes) -> Answer:
    """Answer with bytes as they are."""
    return lambda handler: handler.raw(data)


def flood(start: bytes, more: bytes) -> Answer:
    """Send without end, as fast as it goes."""

    def answer(handler: Handler) -> None:
        handler.raw(start)
        piece = more * (65536 // len(more) + 1)
        while not handler.server.upstream.over.is_set():
            handler.raw(piece)

    return answer


def drip(start: bytes, more: bytes) -> Answer:
    """Send without end, a little at a time."""

    def answer(handler: Handler) -> None:
        handler.raw(start)
        handler.drip(more)

    return answer


def redirect(location: str) -> Answer:
    return lambda handler: handler.reply(302, Location=location)


def onward(handler: Handler) -> None:
    """Redirect to an address that nobody has seen yet."""
    handler.reply(302, Location=f"{handler.path}x")


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def wide_zstd() -> bytes:
    options: dict[int, int] = {
        zstd.CompressionParameter.window_log: 24,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    engine = zstd.ZstdCompressor(options=options)
    return engine.compress(feed(item("a"))) + engine.flush()


def described(text: str) -> str:
    return f"<description><![CDATA[{text}]]></description>"


def entities(*declarations: str) -> str:
    return f"<!DOCTYPE rss [{''.join(declarations)}]>"


def laughs() -> bytes:
    tower = [f"<!ENTITY l{n + 1} '{f'&l{n};' * 10}'>" for n in range(9)]
    return feed(item("a", title="ha &l9;"), prolog=entities("<!ENTITY l0 'lol'>", *tower))


def json(items: str) -> bytes:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Up", "items": [{items}]}}'.encode()


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = 32 * MB
LIMIT = "larger than 10 MiB"
LATE = "not finished within"
GOOD = feed(item("a") + item("b"))
IN_PART = "only the beginning was read"

CASES: tuple[Case, ...] = (
    # --- the connection ---------------------------------------------------------------------------
    Case("stall", "The connection", "says nothing", "gives up after `timeout`", FAILED, lambda h: h.stall(), LATE),
    Case("hang-up", "The connection", "hangs up without an answer", "says so", FAILED, wire(b""), "without an answer"),
    Case("not-http", "The connection", "speaks another protocol", "says so", FAILED, wire(b"SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP"),
    Case("drip-headers", "The connection", "drips headers", "gives up after `timeout`, however often a byte comes", FAILED, drip(OK, b"x"), LATE),
    Case("drip-body", "The connection", "drips a body", "the same", FAILED, drip(OK + b"\r\n", b"x"), LATE),
    Case("drip-chunks", "The connection", "drips chunks", "the same", FAILED, drip(CHUNKED, b"1\r\nx\r\n"), LATE),
    Case("drip-gzip", "The connection", "drips compressed nothing", "the same", FAILED, drip(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"")), LATE),
    Case("drip-continue", "The connection", "answers 100 Continue, over and over", "the same", FAILED, drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
    Case("flood-continue", "The connection", "floods with 100 Continue", "reads at most 256 KiB before the headers end", FAILED, flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "far more bytes"),
    Case("flood-headers", "The connection", "sends headers without end", "reads at most 100", FAILED, flood(OK, b"X: y\r\n"), "cannot be read"),
    Case("long-header", "The connection", "sends one header without end", "reads at most 64 KiB of a line", FAILED, flood(OK, b"x"), "not HTTP"),
    Case("large-headers", "The connection", "sends 90 headers of 60 KB", "reads at most 256 KiB of headers", FAILED, wire(OK + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 60_000) for n in range(90)) + b"\r\n"), "far more bytes"),
    Case("cookies", "The connection", "sets 60 cookies", "reads the feed, and sends none of them back", UPDATED, wire(OK + b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"v" * 3000) for n in range(60)) + b"\r\n" + GOOD), new=2),
    # --- the body -----------------------------------------------------------------------------------
    Case("endless", "The body", "sends a body without end", "stops at `max_body`", FAILED, flood(OK + b"\r\n", b"<item/>"), LIMIT),
    Case("announced", "The body", "announces 99,999,999,999 bytes", "hangs up at once", FAILED, wire(OK + b"Content-Length: 99999999999\r\n\r\n"), LIMIT),
    Case("too-short", "The body", "sends less than it announces", "takes half a feed for none", FAILED, wire(OK + b"Content-Length: 100000\r\n\r\n" + GOOD), "broke off"),
    Case("too-long", "The body", "sends more than it announces", "reads what was announced; what is whole in it is used", UPDATED, wire(OK + b"Content-Length: %d\r\n\r\n" % (len(GOOD) - 40) + GOOD), "not well-formed", new=2),
    Case("two-lengths", "The body", "announces two lengths", "refuses the answer", FAILED, wire(OK + b"Content-Length: 5, 6\r\n\r\n" + GOOD), "cannot be read"),
    Case("chunk-lies", "The body", "sends chunks of no size", "says so", FAILED, wire(CHUNKED + b"many\r\n" + GOOD), "malformed"),
    Case("chunk-line", "The body", "sends the size of a chunk without end", "refuses the answer", FAILED, flood(CHUNKED, b"0"), "cannot be read"),
    Case("chunk-cut", "The body", "hangs up within a chunk", "takes half a feed for none", FAILED, wire(CHUNKED + b"fff\r\n" + GOOD), "broke off"),
    Case("gzip-bomb", "The body", "sends 32 MiB of nothing as gzip", "stops at `max_body`, counted after decompression", FAILED, body(lambda: gzip.compress(bytes(BOMB), 1), "gzip"), LIMIT),
    Case("deflate-bomb", "The body", "sends the same as deflate without a header", "the same", FAILED, body(lambda: raw_deflate(bytes(BOMB)), "deflate"), LIMIT),
    Case("brotli-bomb", "The body", "sends the same as brotli", "the same", FAILED, body(lambda: brotli.compress(bytes(BOMB), quality=1), "br"), LIMIT),
    Case("zstd-bomb", "The body", "sends the same as zstd", "the same", FAILED, body(lambda: zstd.compress(bytes(BOMB)), "zstd"), LIMIT),
    Case("double-bomb", "The body", "sends the same as gzip within gzip", "the same", FAILED, body(lambda: gzip.compress(gzip.compress(bytes(BOMB), 1)), "gzip, gzip"), LIMIT),
    Case("onion", "The body", "compresses nine times", "undoes two codings, no more", FAILED, body(lambda: GOOD, ", ".join(["gzip"] * 9)), "9 times over"),
    Case("wide-window", "The body", "sends zstd that needs 16 MiB to be undone", "refuses a window of more than 8 MiB", FAILED, body(wide_zstd, "zstd"), "8 MiB"),
    Case("cut-gzip", "The body", "sends half a gzip stream, and says that it is whole", "takes half a feed for none", FAILED, body(lambda: gzip.compress(GOOD)[:-30], "gzip"), "ends early"),
    Case("no-gzip", "The body", "says gzip, and sends text", "says so", FAILED, body(lambda: GOOD, "gzip"), "announced"),
    Case("empty", "The body", "sends nothing with 200", "says so, and keeps what it has", FAILED, body(lambda: b""), "an empty body"),
    Case("nul", "The body", "sends a megabyte of NUL", "the same", FAILED, body(lambda: bytes(MB)), "an empty body"),
    Case("picture", "The body", "sends a picture", "says that it is no feed", FAILED, body(lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500), "not well-formed XML"),
    Case("login", "The body", "sends its login page with 200", "says that it is an HTML page", FAILED, body(lambda: b"<!DOCTYPE html>\n<html><body><form>Log in</form></body></html>", Content_Type="application/rss+xml"), "this is an HTML page"),
    Case("not-modified", "The body", "answers 304 to who has nothing", "does not believe it", FAILED, lambda h: h.reply(304), "304"),
    Case("part", "The body", "sends a part (206) that nobody asked for", "does not take it for the whole", FAILED, lambda h: h.reply(206, GOOD), "206"),
    Case("delta", "The body", "sends a difference (226) that nobody asked for", "does not take it for the whole", FAILED, lambda h: h.reply(226, GOOD, IM="vcdiff"), "manipulation: vcdiff"),
    # --- redirects ------------------------------------------------------------------------------------
    Case("circle", "Redirects", "redirects to itself", "says so", FAILED, redirect("/circle"), "in a circle"),
    Case("onward", "Redirects", "redirects on and on", "follows five", FAILED, onward, "more than 5 redirects"),
    Case("to-file", "Redirects", "redirects to `file:///etc/passwd`", "follows http and https only", FAILED, redirect("file:///etc/passwd"), "cannot be fetched"),
    Case("to-script", "Redirects", "redirects to `javascript:` or `data:`", "the same", FAILED, redirect("data:application/rss+xml,<rss/>"), "cannot be fetched"),
    Case("to-private", "Redirects", "redirects to 10.0.0.1", "connects to public addresses only", FAILED, redirect("http://10.0.0.1/feed"), "a private network"),
    Case("to-mapped", "Redirects", "redirects to `[::ffff:10.0.0.1]`", "sees what is meant", FAILED, redirect("http://[::ffff:10.0.0.1]/feed"), "a private network"),
    Case("to-number", "Redirects", "redirects to 167772161, which is 10.0.0.1", "the same", FAILED, redirect("http://167772161/feed"), "a private network"),
    Case("to-metadata", "Redirects", "redirects to 169.254.169.254", "the same", FAILED, redirect("http://169.254.169.254/latest/meta-data/"), "a link-local address"),
    Case("to-long", "Redirects", "redirects to an address of 60,000 characters", "refuses it", FAILED, redirect("/" + "x" * 60_000), "cannot be fetched"),
    # --- XML --------------------------------------------------------------------------------------------
    Case("laughs", "XML", "declares a billion laughs", "does not read document types: the reference stays text", UPDATED, body(laughs), new=1),
    Case("blow-up", "XML", "repeats an entity of 200 characters 100,000 times", "lets entities add a million characters", UPDATED, body(lambda: feed(item("a", inside=f"<description>{'&a;' * 100_000}</description>"), prolog=entities(f"<!ENTITY a '{'A' * 199}'>"))), new=1),
    Case("file-entity", "XML", "declares the file `/etc/passwd` as an entity", "reads no external entity", UPDATED, body(lambda: feed(item("a", title="x &x;"), prolog=entities("<!ENTITY x SYSTEM 'file:///etc/passwd'>"))), new=1),
    Case("http-entity", "XML", "declares an address inside as an entity, and as its DTD", "asks for nothing", UPDATED, lambda h: h.reply(body=feed(item("a", title="x &x;"), prolog=f"<!DOCTYPE rss SYSTEM '{h.server.upstream.url(SECRET)}' [<!ENTITY % p SYSTEM '{h.server.upstream.url(SECRET)}'> %p; <!ENTITY x SYSTEM '{h.server.upstream.url(SECRET)}'>]>")), new=1),
    Case("include", "XML", "includes `/etc/passwd` by XInclude", "reads no such thing", UPDATED, body(lambda: feed(item("a", inside="<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>"))), new=1),
    Case("deep", "XML", "nests 200,000 elements, behind an entry", "reads 256 levels, and what came before", UPDATED, body(lambda: feed(item("a") + "<a>" * 200_000 + "</a>" * 200_000)), IN_PART, new=1),
    Case("deep-before", "XML", "nests 200,000 elements, before the first entry", "says that nothing could be read", FAILED, body(lambda: feed("<a>" * 200_000 + "</a>" * 200_000 + item("a"))), "no entry could be read"),
    Case("attributes", "XML", "gives one element a megabyte of attributes", "drops more than 100, and reads on", UPDATED, body(lambda: feed("<item " + " ".join(f"a{n}='{n}'" for n in range(75_000)) + f">{item('a')[6:]}" + item("b"))), new=2),
    Case("namespaces", "XML", "declares 50,000 namespaces", "reads the feed", UPDATED, body(lambda: feed("<item " + " ".join(f"xmlns:a{n}='u:{n}'" for n in range(50_000)) + f">{item('a')[6:]}")), new=1),
    Case("elements", "XML", "sends a million empty elements", "reads the beginning", UPDATED, body(lambda: feed(item("a") + "<a/>" * 1_000_000)), IN_PART, new=1),
    Case("unclosed", "XML", "opens comments and CDATA that never end", "reads what came before", UPDATED, body(lambda: feed(item("a") + "<!-- <![CDATA[" * 50_000)), "not well-formed", new=1),
    Case("ampersands", "XML", "sends a million bare ampersands", "repairs them, and cuts the text", UPDATED, body(lambda: feed(item("a", inside=f"<description>{'& ' * 1_000_000}</description>"))), "were cut", new=1),
    Case("controls", "XML", "mixes control characters in", "removes them", UPDATED, body(lambda: feed(item("a", title="a\x00\x01\x08\x1b[31mb"))), "control characters", new=1),
    Case("utf-16", "XML", "sends UTF-16 without a byte order mark", "sees it", UPDATED, body(lambda: GOOD.decode().replace("utf-8", "utf-16").encode("utf-16-le")), new=2),
    Case("says-utf-8", "XML", "says UTF-8, and sends Latin-1", "reads windows-1252", UPDATED, body(lambda: feed(item("a", title="caf")).replace(b"caf", b"caf\xe9"), Content_Type="text/xml; charset=utf-8"), "read as WINDOWS-1252", new=1),
    Case("says-utf-16", "XML", "says UTF-16, and sends UTF-8", "reads UTF-8", UPDATED, body(lambda: feed(item("a", title="café")), Content_Type="text/xml; charset=utf-16"), new=1),
    Case("says-nonsense", "XML", "names a charset that is a codec of Python, but none of the web", "does not use it", UPDATED, body(lambda: GOOD, Content_Type="text/xml; charset=unicode_escape"), new=2),
    # --- entries ------------------------------------------------------------------------------------------
    Case("ten-thousand", "Entries", "sends ten thousand entries", "stores them all, and publishes the newest", UPDATED, body(lambda: feed("".join(item(str(n)) for n in range(10_000)))), new=10_000),
    Case("title", "Entries", "sends a title of a megabyte", "cuts it at 2,000 characters", UPDATED, body(lambda: feed(item("a", title="word " * 200_000))), "was cut", new=1),
    Case("long-names", "Entries", "sends a guid and a link of a megabyte", "knows the entry by a digest, and drops the link", UPDATED, body(lambda: feed(f"<item><guid>{'g' * MB}</guid><title>a</title><link>https://up.example/{'x' * MB}</link></item>")), new=1),
    Case("links", "Entries", "sends a megabyte of links in one entry", "keeps what is useful of the first 500", UPDATED, body(lambda: feed(item("a", inside="<enclosure url='https://up.example/a.mp3' type='audio/mpeg' length='1'/>" * 14_000))), "too many elements", new=1),
    Case("words", "Entries", "sends a megabyte of categories, and of authors", "the same", UPDATED, body(lambda: feed(item("a", inside="".join(f"<category>c{n}</category><author>a{n}</author>" for n in range(20_000))))), "too many elements", new=1),
    Case("same-guid", "Entries", "gives 2,000 entries the same guid", "tells them apart", UPDATED, body(lambda: feed("".join(f"<item><guid>same</guid><title>t{n}</title></item>" for n in range(2_000)))), new=2_000),
    Case("dates", "Entries", "sends dates that no calendar has", "takes the time of the first look", UPDATED, body(lambda: feed("".join(item(f"d{n}", inside=f"<pubDate>{date}</pubDate>") for n, date in enumerate(["99999-99-99", "Mon, 00 Jan 0000 00:00:00 +9999", "9" * 10_000, "31 Dec 9999 23:59:59 GMT"])))), "the time of the first look counts", new=4),
    Case("deep-html", "Entries", "nests 200,000 elements of HTML in a text", "keeps the text", UPDATED, body(lambda: feed(item("a", inside=described("<div>" * 200_000 + "deep")))), "were cut", new=1),
    Case("deep-xhtml", "Entries", "nests 200,000 elements of XHTML in a text", "reads what it can", UPDATED, body(lambda: feed(item("a") + f"<item><title>b</title><content xmlns='http://www.w3.org/2005/Atom' type='xhtml'>{'<div>' * 200_000}")), "Excessive depth", new=2),
    Case("tags", "Entries", "sends a text of two million tags", "cuts it at 50,000", UPDATED, body(lambda: feed(item("a", inside=described("<br>" * 2_000_000)))), "were cut", new=1),
    Case("long-text", "Entries", "sends a text of nine megabytes", "cuts it at a million characters", UPDATED, body(lambda: feed(item("a", inside=described("<p>word " * 20 + "word " * 1_800_000)))), "were cut", new=1),
    Case("script", "Entries", "sends scripts, and addresses that are scripts", "lets none of it through", UPDATED, body(lambda: feed(item("a", inside=described("<p onclick='alert(1)'>x<script>alert(1)</script><a href='java\tscript:alert(1)'>y</a><iframe src='data:text/html,z'></iframe></p>")))), new=1),
    # --- JSON ------------------------------------------------------------------------------------------
    Case("json-deep", "JSON", "nests a million lists", "says so", FAILED, body(lambda: json("[" * 400_000)), "nested too deeply"),
    Case("json-values", "JSON", "sends three million empty objects", "refuses more than 500,000 values", FAILED, body(lambda: json("{}," * 3_000_000 + "{}")), "more than 500,000 values"),
    Case("json-number", "JSON", "sends a number of a million digits", "takes it for a text", UPDATED, body(lambda: json(f'{{"id": {"9" * MB}, "title": "a"}}')), new=1),
    Case("json-infinite", "JSON", "sends Infinity", "says that it is no JSON", FAILED, body(lambda: json('{"id": Infinity}')), "is not JSON"),
    Case("json-twice", "JSON", "says each thing 10,000 times", "believes the last", UPDATED, body(lambda: json('{"id": "a"' + ', "title": "b"' * 10_000 + "}")), new=1),
    Case("json-types", "JSON", "sends everything as something else", "leaves it out", UPDATED, body(lambda: json('{"id": "a", "title": {}, "tags": "x", "authors": [[]], "attachments": 5}')), "was left out", new=1),
    Case("json-other", "JSON", "sends other JSON", "says so", FAILED, body(lambda: b'{"error": "please log in"}'), "not a JSON Feed"),
    # --- web pages (`kind = "page"`) -----------------------------------------------------------------------
    Case("page-deep", "Web pages", "nests 200,000 elements", "reads 100 levels; what is deeper moves up", FAILED, body(lambda: b"<html><body>" + b"<div>" * 200_000), "no articles were found", kind="page"),
    Case("page-attributes", "Web pages", "gives one element 400,000 attributes", "drops a tag of more than 100,000 characters", FAILED, body(lambda: b"<html><body><p " + b" ".join(b"a%d=1" % n for n in range(400_000)) + b">"), "no articles were found", kind="page"),
    Case("sitemap-bomb", "Web pages", "sends a packed sitemap (.xml.gz) of 32 MiB", "stops at `max_body`", FAILED, body(lambda: gzip.compress(b"<urlset>" + bytes(BOMB), 1)), "when it is unpacked", kind="page"),
    Case("sitemap-circle", "Web pages", "lists its own sitemap index, over and over", "reads no index within an index", FAILED, lambda h: h.reply(body=f"<sitemapindex><sitemap><loc>{h.server.upstream.url(h.path)}</loc></sitemap></sitemapindex>".encode()), "", kind="page"),
)  # fmt: skip


ELSEWHERE: tuple[tuple[str, str, str], ...] = (
    ("The connection", "changes the address of its name between check and connection", "connects to the very address that was checked, and checks each connection anew"),
    ("The connection", "answers a name look-up never", "gives up after `connect_timeout`"),
    ("The connection", "stalls in the TLS handshake", "the same"),
    ("The connection", "has a certificate for another name, or from nobody known", "says so"),
)  # fmt: skip
"""What a server on loopback cannot do in one run with others: tests/integration/test_http_client.py has it."""


def table() -> str:
    """The table of docs/hostile.md."""
    lines = []
    groups = dict.fromkeys(case.group for case in CASES)
    for group in groups:
        rows = [(case.server, case.feedmill, _outcome(case)) for case in CASES if case.group == group]
        rows += [(server, feedmill, "an error") for where, server, feedmill in ELSEWHERE if where == group]
        lines += [f"## {group}", "", "| the server | Feedmill | outcome |", "|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines += [""]
    return "\n".join(lines)


def _outcome(case: Case) -> str:
    if case.status == FAILED:
        return f"an error: {case.says}"
    entries = f"{case.new:,} {'entry' if case.new == 1 else 'entries'}"
    return f"{entries}, and a report: {case.says}" if case.says else entries


if __name__ == "__main__":
    print(table())
