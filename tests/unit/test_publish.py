"""The publishing folder: whole files or none, and no touch without a difference."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from feedmill.errors import WriteFailed
from feedmill.publish import Apart, Folder, Rehearsal


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


FORMS = ["all/rss.xml", "all/rss.xml.br", "all/rss.xml.gz"]


def uncompressed(root: Path) -> list[bytes]:
    body, br, gz = ((root / name).read_bytes() for name in FORMS)
    return [body, brotli.decompress(br), gzip.decompress(gz)]


def test_compressed_forms_stand_beside_a_document(root: Path) -> None:
    folder = Folder(str(root), precompress=True)
    for body in (b"one" * 100, b"two" * 100):
        assert folder.swap("all/rss.xml", body)
        assert names(root) == FORMS
        assert uncompressed(root) == [body] * 3
        assert not folder.swap("all/rss.xml", body)


def test_the_same_bytes_have_the_same_compressed_forms(root: Path) -> None:
    Folder(str(root / "a"), precompress=True).swap("all/rss.xml", b"one")
    Folder(str(root / "b"), precompress=True).swap("all/rss.xml", b"one")
    assert [(root / "a" / name).read_bytes() for name in FORMS] == [(root / "b" / name).read_bytes() for name in FORMS]


def test_compressed_forms_that_are_missing_are_made(root: Path) -> None:
    Folder(str(root), precompress=False).swap("all/rss.xml", b"one")
    folder = Folder(str(root), precompress=True)
    assert folder.differs("all/rss.xml", b"one")
    os.utime(root / "all" / "rss.xml", (1, 1))
    assert folder.swap("all/rss.xml", b"one")
    assert uncompressed(root) == [b"one"] * 3
    assert (root / "all" / "rss.xml").stat().st_mtime == 1, "the document itself is not touched"


def test_no_compressed_form_outlives_its_document(root: Path) -> None:
    Folder(str(root), precompress=True).swap("all/rss.xml", b"one")
    without = Folder(str(root), precompress=False)
    assert without.differs("all/rss.xml", b"one")
    assert without.swap("all/rss.xml", b"one")
    assert names(root) == ["all/rss.xml"]
    folder = Folder(str(root), precompress=True)
    folder.swap("all/rss.xml", b"one")
    assert folder.remove("all/rss.xml")
    assert not (root / "all").exists()


def test_a_crash_between_the_forms_and_the_document_is_made_good(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(str(root), precompress=True)
    folder.swap("all/rss.xml", b"old")

    replace = Path.replace

    def crash(self: Path, target: Path) -> Path:
        if target.name == "rss.xml":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            folder.swap("all/rss.xml", b"new")
    assert uncompressed(root) == [b"old", b"new", b"new"]
    assert folder.swap("all/rss.xml", b"new")
    assert uncompressed(root) == [b"new"] * 3


def test_a_folder_of_other_files_has_no_compressed_forms(root: Path) -> None:
    folder = Folder(str(root))
    folder.swap("notes.txt.gz", b"somebody's own")
    folder.swap("notes.txt", b"one")
    folder.remove("notes.txt")
    assert names(root) == ["notes.txt.gz"]


@pytest.fixture
def apart(root: Path) -> Apart:
    return Apart(Folder(str(root / "public")), Folder(str(root / "private")), {"members"})


def test_private_documents_are_kept_apart(root: Path, apart: Apart) -> None:
    for path in ("index.html", "all/rss.xml", "members/rss.xml", "members/tag/rss.xml"):
        assert apart.differs(path, b"x")
        assert apart.swap(path, b"x")
        assert not apart.swap(path, b"x")
        assert apart.read(path) == b"x"
    assert names(root) == [
        "private/members/rss.xml",
        "private/members/tag/rss.xml",
        "public/all/rss.xml",
        "public/index.html",
    ]
    assert apart.names("members") == {"rss.xml"}
    assert apart.location("members/rss.xml") == str(root / "private/members/rss.xml")
    assert apart.location("all/rss.xml") == str(root / "public/all/rss.xml")
    assert apart.remove("members/rss.xml")
    assert not apart.remove("members/rss.xml")


def test_a_feed_whose_access_changed_is_in_one_folder_alone(root: Path, apart: Apart) -> None:
    Folder(str(root / "public")).swap("members/rss.xml", b"x")
    Folder(str(root / "private")).swap("all/rss.xml", b"x")
    assert apart.swap("members/rss.xml", b"x")
    assert apart.swap("all/rss.xml", b"x")
    assert names(root) == ["private/members/rss.xml", "public/all/rss.xml"]
    Folder(str(root / "public")).swap("members/rss.xml", b"x")
    assert apart.swap("members/rss.xml", b"x"), "somebody was told, as long as it was there"
    Folder(str(root / "public")).swap("members/rss.xml", b"x")
    assert apart.remove("members/rss.xml")
    assert names(root) == ["public/all/rss.xml"]


def test_what_a_crash_left_is_swept_away_from_both_folders(root: Path, apart: Apart) -> None:
    for place in ("public/all", "private/members"):
        (root / place).mkdir(parents=True)
        (root / place / ".feedmill-abc.tmp").write_text("x")
    assert apart.sweep(["all", "members"]) == 2


def test_both_folders_are_tried_out(root: Path, apart: Apart) -> None:
    apart.try_out()
    root.mkdir()
    (root / "private").symlink_to("nowhere")
    with pytest.raises(WriteFailed, match="private"):
        apart.try_out()
