"""Lists of feeds in files: read when they changed, within limits, and with errors that say what to do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factories import NOW
from feedmill.collect import opml
from feedmill.collect.http import HttpClient
from feedmill.errors import CollectError, FolderError, TooLarge
from feedmill.model import Fetched, Source, Validators

LIST = b"<opml><body/></opml>"


def read(path: Path, before: Fetched | None = None, **fields: Any) -> Fetched:
    def no_network() -> HttpClient:
        pytest.fail("a file needs no network")

    stamps = before.stamps if before else {}
    return opml.collect(Source(name="planet", kind="opml", path=path, **fields), Validators(), stamps, no_network, NOW)


def test_a_file_is_read_when_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(LIST)
    first = read(file)
    assert [(one.name, one.body) for one in first.documents] == [("feeds.opml", LIST)]
    assert first.present is None
    again = read(file, first)
    assert (again.unchanged, again.documents, again.stamps) == (True, (), first.stamps)
    file.write_bytes(LIST + b" ")
    assert read(file, first).documents[0].body == LIST + b" "


def test_a_file_of_the_same_size_and_time_is_another_if_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(LIST)
    first, status = read(file), file.stat()
    other = tmp_path / "other"
    other.write_bytes(LIST.replace(b"body", b"bodi"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(file)
    assert not read(file, first).unchanged


def test_a_file_that_is_being_written_is_left_for_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(LIST)
    first = replace(read(file), stamps={"feeds.opml": "old"})
    opened = Path.open

    def interrupted(path: Path, mode: str) -> Any:
        stream = opened(path, mode)
        with opened(path, "ab") as writer:
            writer.write(b"more")
        return stream

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", interrupted)
        came = read(file, first)
    assert (came.unchanged, came.documents, came.stamps) == (True, (), first.stamps)
    assert read(file, came).documents[0].body == LIST + b"more"


def test_a_file_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(b"x" * 1025)
    with pytest.raises(TooLarge, match=r"feeds\.opml: the file has more than max_file = 1024 bytes.*the feeds .* stay"):
        read(file, max_file=1024)
    assert read(file, max_file=1025).documents


@pytest.mark.parametrize(("name", "said"), [("none.opml", "No such file"), ("folder", "this is no file")])
def test_what_is_no_file_is_an_error(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FolderError, match=said) as caught:
        read(tmp_path / name)
    assert caught.value.hint


def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CollectError, match="this is no file"):
        read(tmp_path / "pipe")
