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
    first = look(root, max_file=10)
    (root / "a.md").write_text("x" * 11)
    again = look(root, first, max_file=10)
    assert again.present == frozenset({"a.md"})


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


def test_an_unreadable_subfolder_keeps_its_articles(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "a.md").write_text("x")
    first = look(root)
    real = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)  # root, who runs these tests in CI, may read everything
    again = look(root, first)
    assert "sub/a.md" in (again.present or ())
    assert "s: sub: the folder cannot be read" in problems(again)
