"""A folder of recordings: what belongs together, what changed, what cannot be read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import recordings
from feedmill.collect import media
from feedmill.collect.media import collect, file_digest
from feedmill.errors import FolderError
from feedmill.model import Fetched, Recording, Source


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    root.mkdir()
    return root


def look(root: Path, last: Fetched | None = None, max_file: int = 1000) -> Fetched:
    source = Source(name="s", kind="media", path=root, max_file=max_file)
    return collect(source, last.stamps if last else {})


def told(fetched: Fetched) -> dict[str, Recording]:
    return {document.name: msgspec.json.decode(document.body, type=Recording) for document in fetched.documents}


def problems(fetched: Fetched) -> str:
    return "\n".join(str(problem) for problem in fetched.problems)


def test_media_files_are_collected_and_nothing_else(root: Path) -> None:
    path = recordings.wav(root / "sub" / "a b.WAV", seconds=2)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    for name in ("readme.md", "photo.jpg", "x.pdf", ".hidden.mp3", "_raw/b.mp3"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("x")
    fetched = look(root)
    ((name, recording),) = told(fetched).items()
    assert name == "sub/a b.WAV"
    (file,) = recording.files
    assert (file.path, file.size, file.tags.duration) == (name, path.stat().st_size, 2)
    assert (recording.notes, recording.transcripts, recording.cover) == (None, (), None)
    assert fetched.documents[0].modified == datetime.fromtimestamp(1_700_000_000, UTC)
    assert fetched.present == frozenset({name})
    assert fetched.problems == ()


def test_files_of_one_stem_belong_together(root: Path) -> None:
    recordings.ogg(root / "ep.ogg")
    recordings.mp3(root / "ep.mp3")
    recordings.mp3(root / "other.mp3")
    for name in ("ep.md", "ep.txt", "ep.vtt", "ep.en.vtt", "ep.mp3.srt", "lost.vtt", "ep.jpg", "Cover.PNG"):
        (root / name).write_text(name)
    found = told(look(root))
    assert list(found) == ["ep.mp3", "other.mp3"]
    ep, other = found.values()
    assert [file.path for file in ep.files] == ["ep.mp3", "ep.ogg"]
    assert (ep.notes, ep.text) == ("ep.md", b"ep.md")
    assert ep.transcripts == ("ep.en.vtt", "ep.mp3.srt", "ep.vtt")
    assert (ep.cover, other.cover) == ("ep.jpg", "Cover.PNG")
    assert (other.notes, other.transcripts) == (None, ())


def test_a_cover_is_for_its_own_folder(root: Path) -> None:
    recordings.wav(root / "sub" / "a.wav")
    (root / "cover.jpg").write_text("x")
    assert told(look(root))["sub/a.wav"].cover is None
    (root / "sub" / "folder.jpg").write_text("x")
    assert told(look(root))["sub/a.wav"].cover == "sub/folder.jpg"


def test_only_what_changed_is_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        recordings.wav(root / f"{name}.wav")
    first = look(root)
    opened: list[str] = []
    real = media.file_digest

    def noted(path: Path, size: int) -> str:
        opened.append(path.name)
        return real(path, size)

    monkeypatch.setattr(media, "file_digest", noted)
    again = look(root, first)
    assert (again.unchanged, again.documents, again.present) == (True, (), first.present)
    recordings.wav(root / "a.wav", seconds=3)
    (root / "b.txt").write_text("Notes.")
    changed = look(root, first)
    assert opened == ["a.wav", "b.wav"]
    assert list(told(changed)) == ["a.wav", "b.wav"]
    assert changed.present == frozenset({"a.wav", "b.wav", "c.wav"})
    assert look(root, changed).unchanged
    (root / "b.txt").unlink()
    assert list(told(look(root, changed))) == ["b.wav"]


def test_a_deleted_recording_is_no_longer_present(root: Path) -> None:
    recordings.wav(root / "a.wav")
    recordings.wav(root / "b.wav")
    first = look(root)
    (root / "a.wav").unlink()
    again = look(root, first)
    assert (again.unchanged, again.present) == (False, frozenset({"b.wav"}))


def test_a_recording_that_cannot_be_read_stays_as_it_was(root: Path) -> None:
    """An upload that is half done, for one."""
    recordings.ogg(root / "a.ogg")
    recordings.wav(root / "b.wav")
    (root / "empty.webm").write_bytes(b"")
    first = look(root)
    assert problems(first) == "s: empty.webm: it is empty; skipped"
    (root / "a.mp3").write_text("not yet")
    again = look(root, first)
    assert list(told(again)) == []
    assert {"a.ogg", "b.wav"} <= (again.present or set())
    assert "s: a.mp3: it is not audio or video that can be read" in problems(again)
    recordings.mp3(root / "a.mp3")
    done = look(root, again)
    assert list(told(done)) == ["a.mp3"]
    assert "a.ogg" not in (done.present or ())


def test_notes_that_cannot_be_used_leave_the_recording_as_it_was(root: Path) -> None:
    for name in ("a", "b", "c"):
        recordings.wav(root / f"{name}.wav")
    first = look(root)
    (root / "a.md").write_text("x" * 1001)
    (root / "b.md").symlink_to(root / "nothing.md")
    again = look(root, first)
    assert told(again) == {}
    assert again.present == frozenset({"a.wav", "b.wav", "c.wav"})
    assert again.unreadable == frozenset({"b.md"})
    assert "s: a.md: has 1001 bytes, more than max_file = 1000; skipped" in problems(again)
    assert "s: b.md: cannot be read" in problems(again)


def test_what_cannot_be_seen_now_is_not_taken_for_gone(root: Path) -> None:
    recordings.wav(root / "a.wav")
    (root / "a.md").write_text("Notes.")
    recordings.mp3(root / "b.mp3")
    recordings.ogg(root / "b.ogg")
    first = look(root)
    for name in ("a.md", "b.mp3"):
        (root / name).unlink()
        (root / name).symlink_to(root / "away")
    again = look(root, first)
    assert told(again) == {}
    assert {"a.wav", "b.mp3"} <= (again.present or set()) | again.unreadable
    assert again.stamps.keys() >= first.stamps.keys()


def test_links_out_of_the_folder_are_not_followed(root: Path) -> None:
    secret = recordings.wav(root.parent / "secret.wav")
    (root / "out.wav").symlink_to(secret)
    recordings.wav(root / "a.wav")
    (root.parent / "secret.txt").write_text("secret")
    (root / "a.txt").symlink_to(root.parent / "secret.txt")
    fetched = look(root)
    assert told(fetched)["a.wav"].notes is None
    assert "out.wav: is a link that leads out" in problems(fetched)
    assert "a.txt: is a link that leads out" in problems(fetched)


def test_a_missing_folder_is_a_failure_not_an_empty_one(root: Path) -> None:
    with pytest.raises(FolderError, match="stays"):
        look(root / "nowhere")
    with pytest.raises(FolderError, match=r"this is a file\. Name the folder"):
        look(recordings.wav(root / "a.wav"))


def test_gigabytes_are_sampled_not_read(root: Path) -> None:
    path = root / "a.mp3"
    with path.open("wb") as stream:
        stream.truncate(8 * 1024**3)  # sparse: it takes no room
    whole = file_digest(path, 8 * 1024**3)
    for place in (0, 60_000, 8 * 1024**3 - 1):
        with path.open("r+b") as stream:
            stream.seek(place)
            stream.write(b"x")
        changed = file_digest(path, 8 * 1024**3)
        assert changed != whole
        whole = changed


def test_silences_of_different_length_are_told_apart(root: Path) -> None:
    path = root / "a.mp3"
    seen = set()
    for size in (10**9, 2 * 10**9):
        with path.open("wb") as stream:
            stream.truncate(size)
        seen.add(file_digest(path, size))
    assert len(seen) == 2


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 128 * 1024, 132 * 1024, 300_000])
def test_a_digest_tells_files_apart_by_size_and_bytes(root: Path, size: int) -> None:
    path = root / "a.mp3"
    seen = set()
    for body in (bytes(size), b"x" + bytes(size), bytes(size) + b"x"):
        path.write_bytes(body)
        seen.add(file_digest(path, len(body)))
        assert file_digest(path, len(body)) in seen
    assert len(seen) == (3 if size else 2)
