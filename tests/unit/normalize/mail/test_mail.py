"""Messages become entries: what is shown, who wrote it, what it is known by, and what is never published."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from factories import NOW, SITE
from feedmill.model import AliasKind, Category, Document, Draft, Fetched, Normalized, Person, Source
from feedmill.normalize.mail import normalize
from feedmill.normalize.mail.letter import says_view
from feedmill.normalize.mail.private import says_unsubscribe

DELIVERED = datetime(2026, 11, 3, 7, tzinfo=UTC)
SOURCE = Source(name="s", kind="mail")


def read_all(*bodies: bytes, source: Source = SOURCE) -> Normalized:
    documents = tuple(
        Document(name=f"m{number}", body=body, modified=DELIVERED) for number, body in enumerate(bodies, start=1)
    )
    return normalize(source, SITE, Fetched(source="s", documents=documents), NOW)


def read(message: bytes | str | EmailMessage, source: Source = SOURCE) -> Draft:
    body = message.encode() if isinstance(message, str) else bytes(message)
    came = read_all(body, source=source)
    assert len(came.drafts) == 1, came.problems
    return came.drafts[0]


def letter(**fields: str) -> EmailMessage:
    message = EmailMessage()
    usual = {
        "From": "Kabar Mingguan <kabar@example.org>",
        "To": "subscriber@reader.example",
        "Subject": "Edition 12",
        "Date": "Sun, 01 Nov 2026 07:00:00 +0700",
        "Message-ID": "<12@example.org>",
    }
    for name, value in (usual | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        if value:
            message[name] = value
    return message


def plain(text: str, **options: Any) -> EmailMessage:
    message = letter()
    message.set_content(text, **options)
    return message


def html(markup: str, **fields: str) -> EmailMessage:
    message = letter(**fields)
    message.set_content(markup, subtype="html")
    return message


# --- header fields --------------------------------------------------------------------------------


def test_what_the_header_says() -> None:
    message = letter(
        Subject="Harga beras naik: apa sebabnya?",
        List_Id='"Kabar Mingguan" <kabar.lists.example.org>',
        List_Archive="<https://lists.example.org/kabar/>",
        Archived_At="<https://lists.example.org/kabar/12.html>",
        Keywords="beras, pangan",
    )
    message.set_content("Halo.")
    message["Content-Language"] = "id-ID"
    draft = read(message)
    assert draft.title == "Harga beras naik: apa sebabnya?"
    assert draft.url == "https://lists.example.org/kabar/12.html"
    assert draft.authors == (Person(name="Kabar Mingguan"),)
    assert draft.categories == tuple(Category(term=term) for term in ("Kabar Mingguan", "beras", "pangan"))
    assert draft.origin is not None
    assert (draft.origin.title, draft.origin.link) == ("Kabar Mingguan", "https://lists.example.org/kabar/")
    assert draft.language == "id-ID"
    assert draft.published is None
    assert draft.published_at_first == datetime(2026, 11, 1, 0, tzinfo=UTC)
    assert draft.name == "m1"
    assert draft.enclosures == ()


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (b"=?utf-8?B?SGFyZ2EgYmVyYXMg4oCTIG5haWs=?=", "Harga beras – naik"),
        (b"=?iso-8859-1?q?Caf=E9?= =?utf-8?q?_am_See?=", "Café am See"),
        ("Café".encode(), "Café"),
        ("Café".encode("latin-1"), "Café"),
        (b"=?nonsense?q?abc?=", "abc"),
        (b"=?utf-8?q?folded=20over?=\n =?utf-8?q?_lines?=", "folded over lines"),
        (b"<b>no markup</b> & text", "<b>no markup</b> & text"),
        (b"control\x01 \x00characters", "control characters"),
        (b"", "Words of the letter."),
    ],
)
def test_subjects(subject: bytes, title: str) -> None:
    draft = read_all(b"From: a@b.example\nSubject: " + subject + b"\n\nWords of the letter.\n").drafts[0]
    assert draft.title == title


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>", ["Jürgen"]),
        ('From: "Doe, Jane" <jane@example.org>, Bo <bo@example.org>', ["Doe, Jane", "Bo"]),
        ("From: jane@news.example.org", ["news.example.org"]),
        ("From: jane@news.example.org <jane@news.example.org>", ["news.example.org"]),
        ("From: (((((( <<>> ,,, @@", []),
        ("X: y", []),
    ],
)
def test_authors_are_named_without_their_addresses(header: str, names: list[str]) -> None:
    draft = read(f"{header}\nSubject: s\n\nWords.\n")
    assert [author.name for author in draft.authors] == names
    assert all(author.email is None for author in draft.authors)


@pytest.mark.parametrize(
    ("message_id", "guid", "identity"),
    [
        ("<12@example.org>", "mid:12@example.org", "mid:12@example.org"),
        ("<a/b%c@[10.0.0.1]>", "mid:a%2Fb%25c@%5B10.0.0.1%5D", "mid:a%2Fb%25c@%5B10.0.0.1%5D"),
        ("12@example.org", "mid:12@example.org", "mid:12@example.org"),
        ("<no-at-sign>", "<no-at-sign>", None),
        ("javascript:alert(1)", "<javascript:alert(1)>", None),
        ("http://example.org/12", "<http://example.org/12>", None),
    ],
)
def test_a_message_is_known_by_its_message_id(message_id: str, guid: str, identity: str | None) -> None:
    draft = read(letter_with("Message-ID", message_id))
    assert {alias.value for alias in draft.aliases if alias.kind is AliasKind.GUID} == {guid}
    assert draft.id == identity if identity else draft.id.startswith("tag:example.org,2026-11-01:s/")


def letter_with(name: str, value: str) -> str:
    fields = {"Message-ID": "<12@example.org>", "Date": "Sun, 01 Nov 2026 07:00:00 +0700", name: value}
    return "".join(f"{field}: {said}\n" for field, said in fields.items() if said) + "Subject: s\n\nWords.\n"


def test_a_message_without_message_id_is_known_by_its_subject_and_date() -> None:
    text = letter_with("Message-ID", "")
    assert read(text).id == read(text).id
    assert read(text).id != read(text.replace("Subject: s", "Subject: another")).id


def test_a_message_that_came_twice_is_one_entry() -> None:
    body = bytes(plain("Hello."))
    assert [draft.name for draft in read_all(body, body.replace(b"Hello", b"Forwarded: Hello")).drafts] == ["m1"]


@pytest.mark.parametrize(
    ("date", "moment", "problem"),
    [
        ("Sun, 01 Nov 2026 07:00:00 +0700", datetime(2026, 11, 1, 0, tzinfo=UTC), False),
        ("1 Nov 2026 07:00:00 -0000 (a comment)", datetime(2026, 11, 1, 7, tzinfo=UTC), False),
        ("", DELIVERED, False),
        ("yesterday", DELIVERED, True),
        ("Sun, 01 Nov 2065 07:00:00 +0700", DELIVERED, True),
        ("Thu, 01 Jan 1970 00:00:00 +0000", DELIVERED, True),
    ],
)
def test_dates(date: str, moment: datetime, problem: bool) -> None:
    came = read_all(letter_with("Date", date).encode())
    assert came.drafts[0].published_at_first == moment
    assert [str(one) for one in came.problems] == (
        [f"s: m1: the date {date!r} cannot be believed: the time of delivery counts"] if problem else []
    )


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("List-Id", "Berita <berita.example.org>", "Berita"),
        ("List-Id", "<berita.example.org>", "berita"),
        ("List-Id", "berita.example.org", "berita"),
        ("List-Id", "<12345678.mail.example>", ""),
        ("List-Id", "0a1b2c3dmc list <0a1b2c3d.998.list-id.mcsv.net>", ""),
        ("List-Post", "<mailto:warga@lists.example.org>", "warga"),
        ("List-Post", "NO", ""),
    ],
)
def test_the_list_is_the_category(field: str, value: str, name: str) -> None:
    assert [category.term for category in read(letter_with(field, value)).categories] == ([name] if name else [])


# --- parts ----------------------------------------------------------------------------------------


def test_html_is_taken_before_text_and_made_safe() -> None:
    message = plain("The text alternative.")
    message.add_alternative("<p onclick='x()'>The <b>HTML</b> one.<script>x()</script></p>", subtype="html")
    assert read(message).content == "<div><p>The <b>HTML</b> one.</p>\n</div>"


def test_empty_html_gives_way_to_text() -> None:
    message = plain("The text alternative.")
    message.add_alternative("<html><body> &nbsp; <style>p {}</style></body></html>", subtype="html")
    assert read(message).content == "<p>The text alternative.</p>"


def test_attachments_are_named_with_their_sizes() -> None:
    message = plain("Selamat pagi, ini laporan mingguan kami untuk semua pembaca setia di seluruh Indonesia.")
    message.add_attachment(b"x" * 1_234_567, maintype="application", subtype="pdf", filename="../<b>laporan</b>.pdf")
    message.add_attachment(b"x" * 999, maintype="image", subtype="png")
    draft = read(message)
    assert draft.content.endswith("<p>Lampiran:</p><ul><li>b&gt;.pdf (1.2 MB)</li><li>image/png (999 B)</li></ul>")
    assert "Lampiran" not in draft.summary


def test_pictures_that_came_with_the_message_leave_their_description() -> None:
    message = html('<p>Look: <img src="cid:one" alt="A chart"> <img src="https://example.org/a.jpg" alt="A"></p>')
    message.add_related(b"x", maintype="image", subtype="png", cid="<one>")
    message.add_related(b"xy", maintype="image", subtype="png", cid="<two>", filename="two.png")
    content = read(message).content
    assert 'Look: A chart <img src="https://example.org/a.jpg" alt="A">' in content
    assert content.endswith("<p>Attachments:</p><ul><li>two.png (2 B)</li></ul>")


def test_a_digest_shows_its_messages() -> None:
    inner = "".join(f"--b\n\nSubject: Topic {n}\nFrom: a@b.example\n\nWords {n}.\n\n" for n in (1, 2))
    draft = read(f'Subject: Digest\nContent-Type: multipart/digest; boundary="b"\n\n{inner}--b--\n')
    assert draft.content == "<h2>Topic 1</h2><p>Words 1.</p><h2>Topic 2</h2><p>Words 2.</p>"


def test_a_signed_message_and_what_a_list_adds() -> None:
    signed = (
        "Subject: s\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/signed; boundary=i\n\n"
        "--i\n\nSigned words.\n--i\nContent-Type: application/pgp-signature\n\nxx\n--i--\n\n--o\n\nThe footer.\n--o--\n"
    )
    assert read(signed).content == "<p>Signed words.</p><p>The footer.</p>"


def test_an_encrypted_message_is_a_problem_and_the_rest_goes_on() -> None:
    body = b'Subject: s\nContent-Type: multipart/encrypted; boundary="b"\n\n--b\n\nx\n--b--\n'
    came = read_all(body, bytes(plain("Hello.")))
    assert [str(problem) for problem in came.problems] == ["s: m1: it is encrypted; skipped"]
    assert [draft.name for draft in came.drafts] == ["m2"]


def test_a_message_with_nothing_in_it_is_a_problem() -> None:
    came = read_all(b"", b"\n\n", b"X-A: b\n\n")
    assert came.drafts == ()
    assert {problem.message for problem in came.problems} == {"there is no subject and no text in it; skipped"}


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("utf-8", "Harga – naik €".encode()),
        ("us-ascii", "Harga – naik €".encode()),
        ("iso-8859-1", "Harga – naik €".encode()),
        ("iso-8859-1", "Harga – naik €".encode("cp1252")),
        ("no-such-charset", "Harga – naik €".encode()),
        ("utf-8", "Harga – naik €, dan seterusnya: café, déjà vu".encode("cp1252")),
        ("utf-16", "Harga – naik €".encode("utf-16")),
        ("", "Harga – naik €".encode()),
        ("utf-7", "Harga – naik €".encode()),
    ],
)
def test_charsets_wrong_and_right(charset: str, body: bytes) -> None:
    coded = base64.encodebytes(body)
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    head = f"Subject: s\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode()
    assert "Harga – naik €" in read_all(head + coded).drafts[0].content


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Content-Transfer-Encoding: base64\n\nSGVsbG8gd29y!!bGQ", "Hello world"),
        ("Content-Transfer-Encoding: quoted-printable\n\nHello=20wor=\nld=3D =ZZ", "Hello world= =ZZ"),
        ("Content-Transfer-Encoding: nonsense\n\nHello", "Hello"),
        ("Content-Type: multipart/mixed; boundary=x\n\nno delimiter in it", "no delimiter in it"),
        ("Content-Type: multipart/mixed\n\n--x\nno boundary", "no boundary"),
        ("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nnever closed", "never closed"),
        ("Content-Type: text/plain; charset*=x'y'%%%; a=\n\nodd parameters", "odd parameters"),
        ("this line is no field\nand neither is this\n\nbut it is shown", "and neither is this"),
        ("Content-Type: /;;;=\n\nno type", "no type"),
        ("Content-Type: text/enriched\n\nanother text", "another text"),
    ],
)
def test_broken_mime_is_salvaged(body: str, words: str) -> None:
    assert words in read(f"Subject: s\n{body}\n").content


def test_line_ends_of_every_kind() -> None:
    text = "From x@y Mon Nov  2 07:00:00 2026\nSubject: s\n\nOne.\n\nTwo.\n"
    for end in ("\n", "\r\n", "\r"):
        assert read(text.replace("\n", end)).content == "<p>One.</p><p>Two.</p>"


# --- plain text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text", "content"),
    [
        ("", "One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p><p>Three.</p>"),
        ("", f"{'word ' * 12}\nand so on.", f"<p>{('word ' * 12).strip()} and so on.</p>"),
        ("", "See https://example.org/a?b=1&c=2.", '<p>See <a href="https://example.org/a?b=1&amp;c=2">'),
        (
            "",
            "> quoted\n>> deeper\nmine",
            "<blockquote><p>quoted</p><blockquote><p>deeper</p></blockquote></blockquote>",
        ),
        ("", "a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("", "Words\n-----\nMore", "<p>Words</p><hr><p>More</p>"),
        ("; format=flowed", "One \ntwo \nthree.\nFour.", "<p>One two three.<br>Four.</p>"),
        ("; format=flowed; delsp=yes", "日本 \n語。", "<p>日本語。</p>"),
        ("; format=flowed", " From here \n >there", "<p>From here &gt;there</p>"),
        ("; format=flowed", "> One \n> two.\nMine.", "<blockquote><p>One two.</p></blockquote><p>Mine.</p>"),
        ("; format=flowed", "Words.\n-- \nName", "<p>Words.</p><p>Name</p>"),
    ],
)
def test_plain_text(options: str, text: str, content: str) -> None:
    draft = read(f"Subject: s\nContent-Type: text/plain; charset=utf-8{options}\n\n{text}\n")
    assert draft.content.startswith(content)


# --- what is private --------------------------------------------------------------------------------


def test_ways_to_unsubscribe_are_not_published() -> None:
    message = html(
        """
        <p>News: <a href="https://example.org/story">the story</a>,
        <a href="https://example.org/unsub-tax">a tax</a>.</p>
        <p>You may <a href="https://t.example/c/1">unsubscribe</a> or <a href="https://t.example/c/2">here</a>.</p>
        <td>Tidak mau lagi? <a href="https://t.example/c/3">Berhenti berlangganan</a></td>
        <p><a href="https://example.org/list/unsubscribe?u=4">Click</a></p>
        <p><a href="https://example.org/leave/6">six</a></p>
        <p>To manage your e-mail preferences:<br><a href="https://t.example/c/7">click here</a></p>
        <p><a href="https://example.org/?to=subscriber%40reader.example&n=8">eight</a>
        <a href="https://example.org/d/c3Vic2NyaWJlckByZWFkZXIuZXhhbXBsZQ==/9">nine</a>
        <img src="https://example.org/p.gif?m=subscriber@reader.example"></p>
        <p>Sent to Subscriber@reader.example by kabar@example.org; write to leave-77@example.org.</p>
        """,
        List_Unsubscribe="<https://example.org/leave/6>, <mailto:leave-77@example.org?subject=x>",
    )
    content = read(message).content
    assert '<a href="https://example.org/story">the story</a>' in content
    for secret in ("t.example", "unsub", "leave", "reader.example", "c3Vic", "/d/", "to=", "p.gif"):
        assert secret not in content.lower(), content
    assert "kabar@example.org" in content
    assert "eight" in content


def test_ways_to_unsubscribe_in_plain_text() -> None:
    message = plain(
        "The story: https://example.org/story\n\nUnsubscribe: https://t.example/1 or leave@t.example\n\n"
        "Berhenti berlangganan:\nhttps://t.example/2\n\nRead <https://example.org/optout/3> (https://example.org/b)\n\n"
        "For subscriber@reader.example: https://example.org/c?mc_eid=4&x=5\n"
    )
    content = read(message).content
    for secret in ("t.example", "optout", "mc_eid", "reader.example"):
        assert secret not in content
    for kept in ("https://example.org/story", "https://example.org/b", "https://example.org/c?x=5"):
        assert f'<a href="{kept}">' in content


def test_parameters_that_name_the_subscriber_are_left_out() -> None:
    draft = read(
        html(
            '<a href="https://example.org/a?mc_cid=1&mc_eid=2&id=3#top">a</a>'
            '<a href="https://mailchi.mp/x?e=4">b</a><a href="https://example.org/?e=5">c</a>'
        )
    )
    for url in ("https://example.org/a?mc_cid=1&amp;id=3#top", "https://mailchi.mp/x", "https://example.org/?e=5"):
        assert f'href="{url}"' in draft.content


def test_the_subject_may_hold_the_address_too() -> None:
    message = letter(Subject="News for subscriber@reader.example")
    message.set_content("Hello.")
    assert read(message).title == "News for …"


def test_hidden_text_and_counting_pictures_are_left_out() -> None:
    draft = read(
        html(
            """<html><head><title>No</title><style>p{}</style></head><body>
            <div style="display: none; max-height:0">Preview \u200c\u00a0\u200c\u00a0</div>
            <div style="max-height:0px;overflow:hidden">Preview</div><span hidden>Preview</span>
            <table style="font-size:0px"><tr><td><p>Words.</p></td></tr></table>\u200c \u200c \u200c \u200c
            <img src="https://t.example/1.gif" width="1" height="1">
            <img src="https://t.example/2" style="width:1px;height:1px">
            <img src="https://t.example/wf/open?x=3"><img src="https://t.example/pixel.gif?4">
            <img src="https://example.org/photo.jpg" width="600" alt="Photo"></body></html>"""
        )
    )
    assert draft.summary == "Words."
    assert "t.example" not in draft.content
    assert 'src="https://example.org/photo.jpg"' in draft.content


# --- the copy on the web ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://example.org/v/12">View this email in your browser</a>',
        '<a href="https://example.org/v/12"><img alt="Read online" src="https://example.org/b.png"></a>',
        '<p>Having trouble viewing this email? <a href="https://example.org/v/12">Click here</a></p>',
        '<a href="https://example.org/v/12">Lihat di peramban</a> | <a href="https://t.example/">Unsubscribe</a>',
        '<base href="https://example.org/x/"><a href="../v/12">Web version</a>',
    ],
)
def test_the_copy_on_the_web_is_the_address(markup: str) -> None:
    draft = read(html(f"<div>{markup}</div><p>See <a href='https://example.org/s'>our story online</a>.</p>"))
    assert draft.url == "https://example.org/v/12"
    assert "/v/12" not in draft.content
    assert 'href="https://example.org/s"' in draft.content
    assert {alias.kind for alias in draft.aliases} >= {AliasKind.URL, AliasKind.GUID}


def test_the_copy_on_the_web_in_plain_text() -> None:
    assert (
        read(plain("View this email in your browser:\nhttps://example.org/v/12\n\nHi")).url
        == "https://example.org/v/12"
    )
    assert read(plain("Hello: https://example.org/v/12")).url is None


def test_a_copy_for_the_subscriber_alone_is_no_address() -> None:
    link = '<a href="https://example.org/v?m=subscriber@reader.example">View in browser</a>'
    assert read(html(f"<p>{link} Words.</p>")).url is None


@pytest.mark.parametrize(
    "text",
    [
        "Unsubscribe", "unsubscribe from this list", "Opt-out", "Berhenti berlangganan", "berhenti langganan",
        "Manage your preferences", "update subscription preferences", "Email preferences", "Se désabonner", "Abmelden",
        "Darse de baja", "Cancelar inscrição", "Отписаться", "配信停止", "退订", "Kelola langganan",
        "If you no longer wish to receive these",
    ],
)  # fmt: skip
def test_words_that_say_unsubscribe(text: str) -> None:
    assert says_unsubscribe(text)


@pytest.mark.parametrize("text", ["Subscribe", "Berlangganan", "Preferences in art", "Manage a team", "Read more"])
def test_words_that_do_not(text: str) -> None:
    assert not says_unsubscribe(text)


@pytest.mark.parametrize(
    "text", ["Read the full story", "Shop online", "Our website", "Browser news", "Read more online"]
)
def test_links_that_are_not_the_copy_on_the_web(text: str) -> None:
    assert not says_view(text)
