"""The publishing folder: whole files or none, and no touch without a difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feedmill.errors import WriteFailed
from feedmill.publish import Folder, Rehearsal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "feeds"


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_document_is_put_in_place(root: Path) -> None:
    assert Folder(str(root)).swap("all/rss.xml", b"one")
    assert (root / "all" / "rss.xml").read_bytes() == b"one"
    assert names(root) == ["all/rss.xml"]


def test_the_same_bytes_are_not_written_again(root: Path) -> None:
    folder = Folder(str(root))
    folder.swap("all/rss.xml", b"one")
    os.utime(root / "all" / "rss.xml", (1, 1))
    before = (root / "all" / "rss.xml").stat()
    assert not folder.swap("all/rss.xml", b"one")
    after = (root / "all" / "rss.xml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_reader_of_the_old_file_reads_it_to_its_end(root: Path) -> None:
    folder = Folder(str(root))
    folder.swap("rss.xml", b"old")
    with (root / "rss.xml").open("rb") as reader:
        folder.swap("rss.xml", b"new")
        assert reader.read() == b"old"
    assert (root / "rss.xml").read_bytes() == b"new"


def test_a_web_server_may_read_what_is_published(root: Path) -> None:
    old = os.umask(0o027)
    try:
        folder = Folder(str(root))
    finally:
        os.umask(old)
    folder.swap("rss.xml", b"x")
    assert (root / "rss.xml").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file_and_no_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(str(root))
    folder.swap("rss.xml", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteFailed, match=r"rss\.xml: cannot be written \(No space left on device\)"):
        folder.swap("rss.xml", b"new")
    assert (root / "rss.xml").read_bytes() == b"old"
    assert names(root) == ["rss.xml"]


def test_a_place_that_cannot_be_a_folder_is_a_clear_error(root: Path) -> None:
    root.write_text("a file")
    with pytest.raises(WriteFailed, match="cannot be written"):
        Folder(str(root)).swap("all/rss.xml", b"x")
    with pytest.raises(WriteFailed, match="cannot be written"):
        Folder(str(root)).try_out()


def test_what_a_crash_left_is_swept_away_and_nothing_else(root: Path) -> None:
    (root / "all").mkdir(parents=True)
    for name in (".feedmill-abc.tmp", "rss.xml", ".feedmill-notes", "other.tmp"):
        (root / "all" / name).write_text("x")
    assert Folder(str(root)).sweep(["all", "missing"]) == 1
    assert names(root) == ["all/.feedmill-notes", "all/other.tmp", "all/rss.xml"]


def test_removing_takes_the_empty_folder_too(root: Path) -> None:
    folder = Folder(str(root))
    folder.swap("all/rss.xml", b"x")
    folder.swap("all/atom.xml", b"x")
    assert folder.remove("all/rss.xml")
    assert names(root) == ["all/atom.xml"]
    assert folder.remove("all/atom.xml")
    assert not folder.remove("all/atom.xml")
    assert not (root / "all").exists()


def test_trying_out_leaves_nothing(root: Path) -> None:
    Folder(str(root / "deep")).try_out()
    assert not root.exists()
    root.mkdir()
    Folder(str(root)).try_out()
    assert list(root.iterdir()) == []


def test_a_link_to_nowhere_is_no_folder(root: Path) -> None:
    root.symlink_to("nowhere")
    with pytest.raises(WriteFailed, match="cannot be written"):
        Folder(str(root)).try_out()


def test_a_rehearsal_touches_nothing(root: Path) -> None:
    Folder(str(root)).swap("rss.xml", b"old")
    rehearsal = Rehearsal(str(root))
    assert rehearsal.swap("rss.xml", b"new")
    assert not rehearsal.swap("rss.xml", b"old")
    assert rehearsal.sweep([""]) == 0
    assert rehearsal.remove("rss.xml")
    assert not rehearsal.remove("atom.xml")
    assert (root / "rss.xml").read_bytes() == b"old"
