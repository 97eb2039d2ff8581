"""What media files say about themselves, in every common format; files that are made to do harm."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import APIC, COMM, TALB, TCON, TCOP, TDRC, TDRL, TIT2, TPE1

import recordings
from feedmill.collect.tags import read, read_one
from feedmill.errors import CollectError
from feedmill.model import Chapter, MediaTags


def text(*values: str) -> dict[str, object]:
    return {"encoding": 3, "text": list(values)}


def test_id3(tmp_path: Path) -> None:
    told = read_one(
        recordings.mp3(
            tmp_path / "a.mp3",
            TIT2(**text("Pasar apung")),
            TPE1(**text("Sari", "Budi")),
            TALB(**text("Kabar")),
            TCON(**text("(17)")),
            TDRC(**text("2026-11-02 07:30")),
            COMM(**text("gain"), lang="eng", desc="iTunNORM"),
            COMM(**text("About markets."), lang="eng", desc=""),
            TCOP(**text("2026 Kabar")),
            APIC(data=b"picture", mime="image/png"),
            recordings.chapter(61_000, "Second"),
            recordings.chapter(0, "First"),
            seconds=3,
        )
    )
    assert told.duration == pytest.approx(3, abs=0.1)
    assert (told.title, told.artists, told.album) == ("Pasar apung", ("Sari", "Budi"), "Kabar")
    assert (told.genres, told.date, told.rights) == (("Rock",), "2026-11-02 07:30", "2026 Kabar")
    assert told.description == "About markets."
    assert told.chapters == (Chapter(start=0, title="First"), Chapter(start=61, title="Second"))
    assert told.cover


def test_the_time_of_release_goes_before_that_of_recording(tmp_path: Path) -> None:
    path = recordings.mp3(tmp_path / "a.mp3", TDRC(**text("2026-01-01")), TDRL(**text("2026-11-02")))
    assert read_one(path).date == "2026-11-02"


def test_mpeg4(tmp_path: Path) -> None:
    tags: dict[str, object] = {"\xa9nam": ["T"], "\xa9ART": ["A"], "\xa9alb": ["L"], "\xa9gen": ["G"], "desc": ["D"]}
    path = recordings.mp4(tmp_path / "a.m4a", tags, seconds=7, chapters=[(65, "Zwölf"), (0, "One")])
    assert read_one(path) == MediaTags(
        duration=7,
        title="T",
        artists=("A",),
        album="L",
        genres=("G",),
        description="D",
        chapters=(Chapter(start=0, title="One"), Chapter(start=65, title="Zwölf")),
    )


@pytest.mark.parametrize("make", [recordings.ogg, recordings.flac])
def test_vorbis_comments(tmp_path: Path, make: Callable[..., Path]) -> None:
    tags = {"title": "T", "artist": ["A", "B"], "date": "2026", "comment": "C", "CHAPTER001": "01:02:03.5"}
    told = read_one(make(tmp_path / "a.ogg", tags | {"CHAPTER001NAME": "One", "CHAPTER002": "x"}, seconds=3))
    assert told == MediaTags(
        duration=3,
        title="T",
        artists=("A", "B"),
        date="2026",
        description="C",
        chapters=(Chapter(start=3723.5, title="One"),),
    )


def test_film_in_an_ogg_file(tmp_path: Path) -> None:
    assert read_one(recordings.ogv(tmp_path / "a.ogg")) == MediaTags(duration=2, film=True)


def test_sound_without_tags(tmp_path: Path) -> None:
    assert read_one(recordings.wav(tmp_path / "a.wav", seconds=2)) == MediaTags(duration=2)


def test_what_mutagen_cannot_open_is_taken_at_its_name_s_word(tmp_path: Path) -> None:
    (tmp_path / "a.webm").write_bytes(b"\x1a\x45\xdf\xa3 something")
    assert read_one(tmp_path / "a.webm") == MediaTags()


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.flac", "a.wav", "a.wma", "a.aac", "a.mp4"])
@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html><title>Log in</title>" * 40, bytes(5000)])
def test_a_page_in_the_place_of_sound_is_refused(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(CollectError, match="not audio or video"):
        read_one(tmp_path / name)


@given(data=st.data())
def test_broken_files_are_read_or_refused(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    name, make = data.draw(st.sampled_from(sorted(GOOD.items())))
    body = bytearray(make(folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    path = folder / f"broken-{name}"
    path.write_bytes(body[: data.draw(st.integers(0, len(body)))])
    try:
        told = read_one(path)
    except CollectError:
        return
    assert told.duration is None or 0 < told.duration < 10_000_000


GOOD: dict[str, Callable[[Path], Path]] = {
    "a.mp3": lambda path: recordings.mp3(path, TIT2(**text("T")), recordings.chapter(0, "C"), seconds=0),
    "a.m4a": lambda path: recordings.mp4(path, {"\xa9nam": ["T"]}, chapters=[(0, "C")]),
    "a.ogg": lambda path: recordings.ogg(path, {"title": "T", "CHAPTER001": "0:0:0", "CHAPTER001NAME": "C"}),
    "a.flac": lambda path: recordings.flac(path, {"title": "T"}),
    "a.wav": lambda path: recordings.wav(path, 0.01),
}


def test_many_files_are_read_in_another_process_and_answered_in_order(tmp_path: Path) -> None:
    paths = [recordings.wav(tmp_path / f"{number}\n.wav", 1 + number) for number in range(3)]
    (tmp_path / "bad.mp3").write_text("no")
    *good, bad = read([*paths, tmp_path / "bad.mp3"])
    assert good == [MediaTags(duration=1), MediaTags(duration=2), MediaTags(duration=3)]
    assert isinstance(bad, CollectError)
    assert "not audio or video" in bad.what


def test_tags_that_unfold_a_thousandfold_cost_one_file(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    head = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
    mebibyte = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    frame = bytes(4) + head + mebibyte * 1000
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    whole = bytes(len(frame) + 10 >> shift & 127 for shift in (21, 14, 7, 0))
    bomb = tmp_path / "bomb.mp3"
    sound = recordings.mp3(tmp_path / "good.mp3")
    bomb.write_bytes(b"ID3\4\0\0" + whole + b"TIT2" + size + b"\x00\x09" + frame + sound.read_bytes())
    refused, told = read([bomb, sound])
    assert isinstance(refused, CollectError)
    assert "memory" in refused.what
    assert isinstance(told, MediaTags)


def test_a_file_that_takes_for_ever_costs_one_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.mp3")
    refused, told = read([tmp_path / "endless.mp3", recordings.wav(tmp_path / "a.wav")], seconds=1)
    assert isinstance(refused, CollectError)
    assert "more than 1 seconds" in refused.what
    assert told == MediaTags(duration=1)
