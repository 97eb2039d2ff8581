"""Whatever comes as a message ends soon, raises nothing, and gives entries that are fit to be published."""

from __future__ import annotations

import base64
import os
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factories import NOW, SITE
from feedmill.model import Document, Draft, Fetched, Normalized, Source
from feedmill.normalize.allowed import ALLOWED
from feedmill.normalize.identity import own_id
from feedmill.normalize.mail import normalize
from feedmill.normalize.mail.body import Body, read_body
from feedmill.normalize.mail.parts import Part
from feedmill.normalize.mail.private import Private
from feedmill.normalize.plaintext import xml_safe
from feedmill.normalize.sanitize import sanitize

_MIB = 1024 * 1024


def read(*bodies: bytes) -> Normalized:
    documents = tuple(Document(name=f"m{number}", body=body) for number, body in enumerate(bodies))
    return normalize(Source(name="s", kind="mail"), SITE, Fetched(source="s", documents=documents), NOW)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def check(draft: Draft) -> None:
    """What an entry promises to the stages behind."""
    assert draft.title
    for text in (draft.title, draft.summary, draft.content, draft.id, *(author.name for author in draft.authors)):
        assert xml_safe(text) == text
    assert own_id(draft.id) == draft.id
    assert draft.aliases
    tags = _Tags()
    tags.feed(draft.content)
    assert tags.seen <= ALLOWED.keys()
    assert all(address.partition(":")[0] not in ("javascript", "cid", "data", "file") for address in tags.addresses)
    assert sanitize(draft.content, base=None) == draft.content


def check_all(came: Normalized, count: int = 1) -> None:
    assert len(came.drafts) + len(came.problems) >= min(count, 1)
    assert not any("defect" in problem.message for problem in came.problems), came.problems
    for draft in came.drafts:
        check(draft)


# --- anything at all --------------------------------------------------------------------------------

_NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "List-Id",
        "List-Post",
        "List-Archive",
        "Archived-At",
        "List-Unsubscribe",
        "Keywords",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "Content-ID",
        "Content-Language",
        "MIME-Version",
        "Delivered-To",
        "Sender",
    ]
)
_ODD = st.sampled_from(
    [
        "=?utf-8?q?=C3=A9?=", "=?x?b?!!!?=", "<a@b.example>", '"', "\\", "(", ")", "<", ">", ";", "=", "@", ",", "%00",
        "multipart/mixed", "multipart/alternative", "multipart/related", "multipart/digest", "message/rfc822",
        "text/html", "text/plain", "; boundary=b", "; charset=utf-16", "; charset=punycode", "; format=flowed",
        "; filename*=utf-8''%ff", "base64", "quoted-printable", "attachment", "inline", "\udcff", "é", "\x00", "\t",
        "https://e.example/x?y", "mailto:", "Sun, 01 Nov 2026 07:00:00 +0700", "cid:",
    ]
)  # fmt: skip
_VALUES = st.lists(st.one_of(_ODD, st.text(max_size=8)), max_size=6).map(" ".join)
_FIELDS = st.lists(st.tuples(_NAMES, _VALUES), max_size=8).map(
    lambda fields: "".join(f"{name}: {value}\n" for name, value in fields)
)
_MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>", "</p>", "<a href='https://e.example/u'>", "<a href=x>", "</a>", "unsubscribe", "view in browser",
            "<td>",
            "<div style='display:none'>", "</div>", "<img src=cid:x alt=y>", "<img src=https://e.example/i.png>",
            "<br>",
            "<base href='//b.example/'>", "<svg>", "<script>", "&nbsp;", "\u200c\u00a0", "<!--", "-->", "<![CDATA[",
            "\x00",
            "<table>", "<iframe src=https://e.example/>", "r@e.example", "words ", "<",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip
_LINES = st.lists(
    st.one_of(
        st.sampled_from(["--b", "--b--", "", "> ", ">>", "-- ", "https://e.example/", "-----"]), _MARKUP, _FIELDS
    ),
    max_size=12,
).map("\n".join)


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    check_all(read(body))


@given(_FIELDS, _LINES)
@example("Content-Type: multipart/mixed; boundary=b\n", "--b\nContent-Type: message/rfc822\n\n--b--")
def test_anything_like_a_message(head: str, body: str) -> None:
    check_all(read(f"{head}\n{body}".encode("utf-8", "surrogateescape")))


@given(_MARKUP)
def test_anything_like_a_newsletter(markup: str) -> None:
    head = "Subject: s\nTo: r@e.example\nContent-Type: text/html; charset=utf-8\n\n"
    came = read((head + markup).encode())
    check_all(came)
    for draft in came.drafts:
        assert "r@e.example" not in draft.content


@given(st.lists(st.text(max_size=60), max_size=8), st.booleans(), st.booleans())
def test_any_plain_text(lines: list[str], flowed: bool, delsp: bool) -> None:
    kind = f"text/plain; charset=utf-8{'; format=flowed' if flowed else ''}{'; delsp=yes' if delsp else ''}"
    check_all(read(f"Subject: s\nContent-Type: {kind}\n\n{chr(10).join(lines)}".encode("utf-8", "replace")))


@given(
    st.recursive(
        st.sampled_from(["text/plain", "text/html", "image/png", "application/pdf"]),
        lambda inner: st.lists(inner, min_size=1, max_size=3),
        max_leaves=12,
    )
)
def test_any_tree_of_parts(tree: object) -> None:
    def build(node: object) -> EmailMessage:
        message = EmailMessage()
        if isinstance(node, list):
            message.make_mixed()
            for child in node:
                message.attach(build(child))
        else:
            main, _, sub = str(node).partition("/")
            message.set_content(b"<p>words</p>", maintype=main, subtype=sub)
        return message

    message = build(tree)
    message["Subject"] = "s"
    check_all(read(bytes(message)))


# --- attacks ----------------------------------------------------------------------------------------

_HTML = b"Subject: s\nContent-Type: text/html\n\n"

HOSTILE = {
    "nested multiparts": b"Subject: s\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "one boundary in itself": b"Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000,
    "nested messages": b"Subject: s\n" + b"Content-Type: message/rfc822\n\n" * 50_000,
    "many parts": b"Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300_000,
    "many header fields": b"".join(b"X-%d: y\n" % n for n in range(300_000)) + b"\nwords",
    "one long header field": b"Subject: " + b"word " * 800_000 + b"\n\nwords",
    "folded for ever": b"Subject: a\n" + b" b\n" * 1_000_000 + b"\nwords",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nwords",
    "quotes in From": b"From: " + b'"' * _MIB + b"\n\nwords",
    "comments in From": b"From: " + b"(" * _MIB + b"\n\nwords",
    "addresses in To": b"To: " + b"a@b.example, " * 200_000 + b"\n\n" + b"a@b.example " * 100_000,
    "ways out": b"List-Unsubscribe: " + b"<mailto:a@b.example>, " * 100_000 + b"\n\n" + b"a@b.example " * 100_000,
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 500_000 + b"\n\nwords",
    "continued parameters": b"Content-Type: text/plain"
    + b"".join(b"; a*%d=x" % n for n in range(100_000))
    + b"\n\nwords",
    "nested elements": _HTML + b"<div>" * 200_000 + b"words",
    "closed elements": _HTML + b"<p>" * 100_000 + b"</i>" * 100_000 + b"words",
    "links": _HTML + b"<a href='https://e.example/?mc_eid=1&e=2'>x</a> " * 40_000,
    "links in links": _HTML + b"<a href=x>" * 100_000,
    "a link of a megabyte": _HTML + b"<a href='https://e.example/" + b"subscri" * 300_000 + b"'>words</a>",
    "a style of a megabyte": _HTML + b"<p style='" + b"max-height:0;" * 200_000 + b"'>words</p>",
    "a sentence of megabytes": _HTML + b"manage your " * 400_000,
    "invisible signs": _HTML + "\u200c\u00a0".encode() * 500_000 + b"words",
    "quotations": b"Subject: s\n\n" + b">" * _MIB + b" words",
    "quoted lines": b"Subject: s\n\n" + b"> > > > > words\n> words\n" * 50_000,
    "blank lines": b"Subject: s\n\n" + b"\n \n" * 500_000 + b"words",
    "at signs": b"Subject: s\n\n" + b"a@" * _MIB,
    "addresses in text": b"Subject: s\n\nunsubscribe " + b"https://e.example/" * 100_000,
    "brackets": b"Subject: s\n\nhttps://e.example/unsubscribe " + b"(" * _MIB,
    "base64 of nothing": b"Subject: s\nContent-Transfer-Encoding: base64\n\n" + b"=" * 3 * _MIB,
    "base64": b"Subject: s\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(b"word " * 600_000),
    "punycode": b"Subject: s\nContent-Type: text/plain; charset=punycode\n\n" + b"a-" + b"9" * 2 * _MIB,
    "idna": b"Subject: s\nContent-Type: text/plain; charset=idna\n\n" + b"a" * 2 * _MIB,
    "binary": b"Subject: s\n\n" + bytes(range(256)) * 10_000,
    "carriage returns": b"Subject: s\r\r" + b"\r" * 2 * _MIB + b"words",
    "attachments": b"Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: a/b\nContent-Disposition: attachment; filename=x\n\nx\n" * 10_000,
}


LONGEST = 5 * _MIB if "FEEDMILL_EXPLORE" in os.environ else _MIB // 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_end_soon_and_end_well(name: str) -> None:
    """What takes more than linear time would not end here."""
    check_all(read(HOSTILE[name][:LONGEST]))


def test_a_defect_in_one_message_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(top: Part, private: Private) -> Body:
        if top.field("subject") == "one":
            raise ZeroDivisionError
        return read_body(top, private)

    monkeypatch.setattr("feedmill.normalize.mail.read_body", fail)
    came = read(b"Subject: one\n\nx", b"Subject: two\n\nx")
    assert [draft.title for draft in came.drafts] == ["two"]
    assert "a defect in Feedmill" in came.problems[0].message
