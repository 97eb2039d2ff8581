"""Which attached files are served, and under which names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import Enclosure
from feedmill.normalize.mail.attachments import Attachment, enclosures, served

URL = "https://example.org/attached/"


@pytest.mark.parametrize(
    ("name", "kind", "suffix"),
    [
        ("report.pdf", "application/pdf", ".pdf"),
        ("report", "application/pdf", ".pdf"),
        ("report.exe", "application/pdf", ".pdf"),
        ("REPORT.PDF", "application/octet-stream", ".pdf"),
        ("photo.jpeg", "application/octet-stream", ".jpg"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("talk.mp3", "audio/mpeg", ".mp3"),
    ],
)
def test_what_is_served(name: str, kind: str, suffix: str) -> None:
    one = Attachment(name, kind, b"x")
    assert one.path is not None
    assert one.path.endswith(suffix)
    assert one.path.removesuffix(suffix).isalnum()
    assert [path for path, _ in served([one])] == [one.path]
    (enclosure,) = enclosures([one], URL)
    assert enclosure == Enclosure(url=URL + one.path, type=one.kind, length=1, title=name)


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [
        ("page.html", "text/html", b"x"),
        ("page.html", "application/octet-stream", b"x"),
        ("drawing.svg", "image/svg+xml", b"x"),
        ("page.pdf", "text/html", b"x"),
        ("run.js", "application/javascript", b"x"),
        ("a.exe", "application/x-msdownload", b"x"),
        ("a", "application/octet-stream", b"x"),
        ("empty.pdf", "application/pdf", b""),
    ],
)
def test_what_is_only_named(name: str, kind: str, body: bytes) -> None:
    one = Attachment(name, kind, body)
    assert one.path is None
    assert list(served([one])) == []
    assert enclosures([one], URL) == ()


def test_the_same_bytes_are_one_file_and_others_another() -> None:
    one, same, other = (
        Attachment(name, "application/pdf", body) for name, body in (("a", b"1"), ("b", b"1"), ("a", b"2"))
    )
    assert one.path == same.path != other.path
    assert [enclosure.title for enclosure in enclosures([one, same, other], URL)] == ["a", "a"]


@given(st.text(), st.text(), st.binary(min_size=1))
def test_whatever_a_sender_writes_no_path_leads_out_of_the_folder(name: str, kind: str, body: bytes) -> None:
    path = Attachment(name, kind, body).path
    assert path is None or path.replace(".", "", 1).isalnum()
