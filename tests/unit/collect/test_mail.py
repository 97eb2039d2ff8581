"""Mailboxes on this machine: Maildir, mbox, and .eml files, made by the standard library as mail programs make them."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from feedmill.collect import mail
from feedmill.collect.http import HttpClient
from feedmill.errors import FolderError
from feedmill.model import Fetched, Source


def letter(number: int, text: str = "Hello.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "News <news@example.org>"
    message["Subject"] = f"Letter {number}"
    message["Message-ID"] = f"<{number}@example.org>"
    message.set_content(text)
    return message


def no_network() -> HttpClient:
    raise AssertionError("a folder needs no network")


def look(path: Path, before: Fetched | None = None, *, max_file: int = 5 * 1024 * 1024) -> Fetched:
    source = Source(name="s", kind="mail", path=path, max_file=max_file)
    return mail.collect(source, before.stamps if before else {}, no_network)


def subjects(fetched: Fetched) -> list[str]:
    lines = [line for document in fetched.documents for line in document.body.decode().splitlines()]
    return sorted(line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: "))


def problems(fetched: Fetched) -> str:
    return "\n".join(map(str, fetched.problems))


def maildir(path: Path) -> Callable[[EmailMessage], object]:
    box = mailbox.Maildir(path)
    return box.add


def mbox(path: Path) -> Callable[[EmailMessage], object]:
    def add(message: EmailMessage) -> None:
        box = mailbox.mbox(path)
        box.add(message)
        box.close()

    path.touch()
    return add


def eml(path: Path) -> Callable[[EmailMessage], object]:
    path.mkdir()
    return lambda message: (path / f"{message['Subject']}.eml").write_bytes(bytes(message))


Kind = Callable[[Path], Callable[[EmailMessage], object]]
every_kind = pytest.mark.parametrize("kind", [maildir, mbox, eml])


@every_kind
def test_messages_are_read_once(tmp_path: Path, kind: Kind) -> None:
    add = kind(tmp_path / "box")
    add(letter(1))
    add(letter(2))
    first = look(tmp_path / "box")
    assert subjects(first) == ["Letter 1", "Letter 2"]
    assert len({document.name for document in first.documents}) == 2
    second = look(tmp_path / "box", first)
    assert second.unchanged
    assert second.documents == ()
    add(letter(3))
    assert subjects(look(tmp_path / "box", second)) == ["Letter 3"]


@every_kind
def test_what_vanishes_was_not_withdrawn(tmp_path: Path, kind: Kind) -> None:
    add = kind(tmp_path / "box")
    add(letter(1))
    first = look(tmp_path / "box")
    assert first.present is None
    for path in [p for p in (tmp_path / "box").rglob("*") if p.is_file()] or [tmp_path / "box"]:
        path.write_bytes(b"") if path.name == "box" else path.unlink()
    assert look(tmp_path / "box", first).present is None
    assert subjects(look(tmp_path / "box", first)) == []


@every_kind
def test_a_mailbox_is_never_changed(tmp_path: Path, kind: Kind) -> None:
    add = kind(tmp_path / "box")
    add(letter(1))
    add(letter(2))

    def state() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(tmp_path.rglob("*")) if p.is_file()}

    before = state()
    look(tmp_path / "box")
    assert state() == before


@every_kind
def test_a_message_that_is_too_large_is_reported_once(tmp_path: Path, kind: Kind) -> None:
    add = kind(tmp_path / "box")
    add(letter(1, "x" * 4000))
    add(letter(2))
    first = look(tmp_path / "box", max_file=2000)
    assert subjects(first) == ["Letter 2"]
    assert "more than max_file = 2000; skipped" in problems(first)
    assert look(tmp_path / "box", first, max_file=2000).problems == ()


@every_kind
def test_one_look_reads_so_much_and_the_next_goes_on(
    tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = kind(tmp_path / "box")
    for number in range(5):
        add(letter(number, "x" * 500))
    monkeypatch.setattr(mail, "LOOK_BYTES", 2000)
    got: list[str] = []
    fetched: Fetched | None = None
    said = []
    for _ in range(6):
        fetched = look(tmp_path / "box", fetched)
        got += subjects(fetched)
        said.append(problems(fetched))
        if fetched.unchanged:
            break
    assert sorted(got) == [f"Letter {number}" for number in range(5)]
    assert "more messages are waiting; they are read at the next look" in said[0]
    assert said[-1] == ""
    assert fetched is not None
    assert fetched.unchanged


def test_a_maildir_message_that_moves_and_is_marked_is_the_same(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    key = box.add(letter(1))
    first = look(tmp_path / "box")
    (tmp_path / "box" / "new" / key).rename(tmp_path / "box" / "cur" / f"{key}:2,S")
    assert look(tmp_path / "box", first).unchanged


def test_trash_and_drafts_of_a_maildir_are_passed_over(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for number, flags in enumerate(("S", "ST", "D", "")):
        message = mailbox.MaildirMessage(letter(number))
        message.set_subdir("cur")
        message.set_flags(flags)
        box.add(message)
    assert subjects(look(tmp_path / "box")) == ["Letter 0", "Letter 3"]


def test_links_in_a_maildir_are_not_followed(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box")
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(letter(1)))
    (tmp_path / "box" / "new" / "1").symlink_to(secret)
    os.mkfifo(tmp_path / "box" / "new" / "2")
    fetched = look(tmp_path / "box")
    assert fetched.documents == ()
    assert problems(fetched).count("is not a regular file; skipped") == 2


def test_a_message_that_cannot_be_read_now_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.Maildir(tmp_path / "box").add(letter(1))

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(mail, "_delivered", refuse)
        first = look(tmp_path / "box")
    assert "cannot be read (Permission denied)" in problems(first)
    assert subjects(look(tmp_path / "box", first)) == ["Letter 1"]


def test_an_mbox_with_quoted_lines_and_unquoted_ones(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(
        b"From a@example.org Mon Nov  2 07:00:00 2026\nSubject: one\n\n>From here\n>>From there\nFrom nowhere\n\n"
        b"From the text at 10:30, no date\nFrom b Mon Nov  2 07:00:00 2026\nSubject: x\n\n"
        b"From b@example.org Mon Nov  2 08:00:00 2026\r\nSubject: two\r\n\r\nWords.\r\n"
    )
    bodies = {document.body.split(b"\n")[0].strip(): document.body for document in look(path).documents}
    assert b"From here\n>From there\nFrom nowhere\n" in bodies[b"Subject: one"]
    assert b"Subject: two" in bodies


def test_messages_that_a_mail_program_only_marked_as_deleted(tmp_path: Path) -> None:
    separator = "From - Mon Nov  2 07:00:00 2026\n"
    letters = [
        "X-Mozilla-Status: 0001\nSubject: read\n\nWords.\n\n",
        "X-Mozilla-Status: 0009\nSubject: deleted\n\nWords.\n\n",
        "X-Status: D\nSubject: deleted too\n\nWords.\n\n",
        "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nWords.\n\n",
        "Subject: plain\n\nX-Mozilla-Status: 0009\n\n",
    ]
    (tmp_path / "box").write_text("".join(separator + one for one in letters))
    first = look(tmp_path / "box")
    assert subjects(first) == ["plain", "read"]
    assert look(tmp_path / "box", first).unchanged


def test_a_single_message_file_is_a_mailbox_too(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(bytes(letter(1)))
    (tmp_path / "two.eml").write_bytes(bytes(letter(2)))
    assert subjects(look(tmp_path / "one.eml")) == ["Letter 1"]


def test_what_is_no_mailbox_says_what_one_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("Hello")
    with pytest.raises(
        FolderError, match=r'this is no mailbox: an mbox file begins with "From ".*A mailbox is a Maildir'
    ):
        look(tmp_path / "file")
    with pytest.raises(FolderError, match=r"nowhere: the mailbox cannot be read .* stays"):
        look(tmp_path / "nowhere")
