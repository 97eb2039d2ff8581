"""A folder of articles: what is there, what changed, what is none of our business."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from factories import folder
from feedmill.collect.files import collect
from feedmill.errors import FolderError
from feedmill.model import Fetched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "articles"
    root.mkdir()
    return root


def look(root: Path, last: Fetched | None = None, **settings: Any) -> Fetched:
    return collect(folder(path=root, **settings), last.stamps if last else {})


def names(fetched: Fetched) -> list[str]:
    return [document.name for document in fetched.documents]


def problems(fetched: Fetched) -> str:
    return "\n".join(str(problem) for problem in fetched.problems)


def test_every_article_is_collected_and_nothing_else(root: Path) -> None:
    for name in (
        "a.md",
        "b.html",
        "sub/c.txt",
        "photo.jpg",
        ".hidden.md",
        "_drafts/d.md",
        "~e.md",
        "notes.md~",
        ".git/f.md",
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(name.encode())
    os.utime(root / "a.md", (1_700_000_000, 1_700_000_000))
    fetched = look(root)
    assert names(fetched) == ["a.md", "b.html", "sub/c.txt"]
    assert fetched.present == frozenset({"a.md", "b.html", "sub/c.txt"})
    assert fetched.documents[0].body == b"a.md"
    assert fetched.documents[0].modified == datetime.fromtimestamp(1_700_000_000, UTC)
    assert fetched.problems == ()


def test_an_unchanged_folder_is_not_read_again(root: Path) -> None:
    (root / "a.md").write_text("x")
    first = look(root)
    again = look(root, first)
    assert again.unchanged
    assert again.documents == ()
    assert again.present == frozenset({"a.md"})
    assert again.stamps == first.stamps


def test_only_what_changed_is_read(root: Path) -> None:
    (root / "a.md").write_text("x")
    (root / "b.md").write_text("x")
    first = look(root)
    (root / "b.md").write_text("longer")
    (root / "c.md").write_text("new")
    again = look(root, first)
    assert names(again) == ["b.md", "c.md"]
    assert again.present == frozenset({"a.md", "b.md", "c.md"})
    assert look(root, again).unchanged


def test_a_deleted_file_is_no_longer_present(root: Path) -> None:
    (root / "a.md").write_text("x")
    (root / "b.md").write_text("x")
    first = look(root)
    (root / "a.md").unlink()
    again = look(root, first)
    assert not again.unchanged
    assert again.present == frozenset({"b.md"})
    assert look(root, again).unchanged


def test_plain_texts_of_a_folder_are_read_together(root: Path) -> None:
    for name in ("a.txt", "b.txt", "m.md", "sub/c.txt"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("x")
    first = look(root)
    (root / "b.txt").write_text("longer")
    assert names(look(root, first)) == ["a.txt", "b.txt"]
    (root / "b.txt").unlink()
    assert names(look(root, first)) == ["a.txt"]


def test_a_file_over_the_limit_is_a_problem_and_the_rest_is_collected(root: Path) -> None:
    (root / "a.md").write_text("x" * 11)
    (root / "b.md").write_text("x" * 10)
    fetched = look(root, max_file=10)
    assert names(fetched) == ["b.md"]
    assert "s: a.md: has 11 bytes, more than max_file = 10" in problems(fetched)


def test_an_article_that_grew_over_the_limit_is_not_taken_for_deleted(root: Path) -> None:
    (root / "a.md").write_text("x" * 10)
    (root / "b.md").write_text("x")
    first = look(root, max_file=10)
    (root / "a.md").write_text("x" * 11)
    again = look(root, first, max_file=10)
    assert again.unreadable == frozenset({"a.md"})
    (root / "a.md").unlink()
    gone = look(root, again, max_file=10)
    assert (gone.unchanged, gone.present, gone.unreadable) == (False, frozenset({"b.md"}), frozenset())
    assert look(root, gone, max_file=10).unchanged


def test_links_that_lead_out_of_the_folder_are_not_followed(root: Path) -> None:
    secret = root.parent / "secret.md"
    secret.write_text("secret")
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "x.md").write_text("x")
    (root / "out.md").symlink_to(secret)
    (root / "dir").symlink_to(root.parent / "elsewhere")
    (root / "loop.md").symlink_to(root / "loop.md")
    (root / "gone.md").symlink_to(root / "nothing.md")
    (root / "real.md").write_text("real")
    (root / "in.md").symlink_to(root / "real.md")
    fetched = look(root)
    assert names(fetched) == ["in.md", "real.md"]
    for said in (
        "out.md: is a link that leads out",
        "dir: is a link to a folder",
        "loop.md: cannot be read",
        "gone.md: cannot be read",
    ):
        assert said in problems(fetched)


def test_what_is_no_file_is_a_problem(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    assert "pipe.md: is not a regular file" in problems(look(root))


def test_a_name_that_is_not_utf8_is_a_problem(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.md")).write_text("x")
    fetched = look(root)
    assert names(fetched) == []
    assert "caf\ufffd.md: has a name that is not UTF-8" in problems(fetched)


def test_a_single_file_is_a_source_too(root: Path) -> None:
    (root / "a.md").write_text("x")
    (root / "b.md").write_text("x")
    assert names(look(root / "a.md")) == ["a.md"]


def test_a_missing_folder_is_a_failure_not_an_empty_one(root: Path) -> None:
    with pytest.raises(FolderError, match=r"nowhere: the folder cannot be read .* stays"):
        look(root / "nowhere")


def unreadable_folder(name: str, monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> None:
    """Root, who runs these tests in some places, may read everything; so the system call says no."""
    real = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path).name == name:
            raise error or PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


def test_an_unreadable_subfolder_keeps_its_articles(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "a.md").write_text("x")
    (root / "b.md").write_text("x")
    first = look(root)
    with monkeypatch.context() as patch:
        unreadable_folder("sub", patch)
        again = look(root, first)
        assert again.unreadable == frozenset({"sub"})
        assert "s: sub: the folder cannot be read" in problems(again)
    assert names(look(root, again)) == ["sub/a.md"]
    (root / "sub" / "a.md").unlink()
    assert not look(root, again).unchanged  # so that the article is taken for withdrawn now


def test_an_unreadable_subfolder_is_told_even_after_the_settings_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed settings read everything anew: there are no stamps that could tell what was below it."""
    (root / "sub").mkdir()
    unreadable_folder("sub", monkeypatch)
    assert look(root).unreadable == frozenset({"sub"})


def test_the_last_articles_may_go_while_the_settings_change(root: Path) -> None:
    assert not look(root).unchanged


def test_an_unreadable_file_keeps_its_article(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.md").write_text("x")
    (root / "b.md").write_text("x")
    real = Path.open

    def deny(path: Path, *args: Any) -> Any:
        if path.name == "a.md":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", deny)
        fetched = look(root)
    assert names(fetched) == ["b.md"]
    assert fetched.unreadable == frozenset({"a.md"})
    assert "s: a.md: cannot be read (Permission denied)" in problems(fetched)
    assert names(look(root, fetched)) == ["a.md"]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_folder_that_fails_while_it_is_walked_is_a_failure(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    (root / "sub").mkdir()
    unreadable_folder("sub", monkeypatch, error)  # without a name: it may have been any folder
    with pytest.raises(FolderError, match="the folder cannot be read"):
        look(root)


def test_a_folder_whose_name_is_not_utf8_can_be_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.fsdecode(b"caf\xe9")
    (root / name).mkdir()
    (root / f"{name}2").symlink_to(root)
    unreadable_folder(name, monkeypatch)
    fetched = look(root)
    assert "s: caf\ufffd: the folder cannot be read" in problems(fetched)
    assert "s: caf\ufffd2: is a link to a folder" in problems(fetched)
    assert fetched.unreadable == frozenset()


def test_a_file_that_is_being_written_is_left_for_the_next_look(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.md").write_text("old")
    (root / "b.md").write_text("x")
    first = look(root)
    (root / "a.md").write_text("the first ha")
    real = Path.open

    def open_and_go_on_writing(path: Path, *args: Any) -> Any:
        stream = real(path, *args)
        with real(path, "a") as writer:
            writer.write("lf")
        return stream

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_and_go_on_writing)
        torn = look(root, first)
    assert names(torn) == []
    assert (torn.unreadable, torn.problems) == (frozenset({"a.md"}), ())
    again = look(root, torn)
    assert [document.body for document in again.documents] == [b"the first half"]
    assert look(root, again).unchanged


@pytest.mark.parametrize("replaced", [False, True])
def test_an_edit_that_keeps_size_and_time_is_seen(root: Path, replaced: bool) -> None:
    path, other = root / "a.md", root.parent / "other"
    path.write_text("one")
    before = path.stat()
    first = look(root)
    edited = other if replaced else path
    edited.write_text("two")
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    while edited.stat().st_ctime_ns == before.st_ctime_ns:  # the system's clock for files ticks every few milliseconds
        os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    if replaced:
        edited.replace(path)
    assert names(look(root, first)) == ["a.md"]
