"""Small real media files of every common format, made of nothing but the standard library and mutagen."""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterable
from pathlib import Path

from mutagen.flac import FLAC
from mutagen.id3 import CHAP, ID3, TIT2, Frame
from mutagen.mp4 import MP4
from mutagen.ogg import OggPage
from mutagen.oggtheora import OggTheora
from mutagen.oggvorbis import OggVorbis

__all__ = ["chapter", "flac", "mp3", "mp4", "ogg", "ogv", "wav"]

_MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 1152 samples


def wav(path: Path, seconds: float = 1) -> Path:
    """Silence, 8 kHz, 8 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(seconds * 8000))
    return path


def mp3(path: Path, *tags: Frame, seconds: float = 1) -> Path:
    """Silence with ID3 tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_MP3_FRAME * max(round(seconds * 44100 / 1152), 4))
    if tags:
        written = ID3()
        for tag in tags:
            written.add(tag)
        written.save(path)
    return path


def chapter(start: int, title: str) -> Frame:
    """An ID3 chapter; `start` in milliseconds."""
    return CHAP(
        element_id=f"c{start}", start_time=start, end_time=start + 1, sub_frames=[TIT2(encoding=3, text=[title])]
    )


def mp4(
    path: Path, tags: dict[str, object] | None = None, *, seconds: int = 1, chapters: Iterable[tuple[int, str]] = ()
) -> Path:
    """An MPEG-4 file of one empty sound track; chapters in seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = struct.pack(">IIII", 0, 0, 1000, seconds * 1000)
    listed = b"".join(
        struct.pack(">QB", start * 10_000_000, len(title.encode())) + title.encode() for start, title in chapters
    )
    count = bytes([len(list(chapters))])
    user = _box(b"udta", _box(b"chpl", b"\1\0\0\0\0\0\0\0" + count + listed)) if listed else b""
    sound = _box(b"mdia", _box(b"mdhd", bytes(4) + times + bytes(4)) + _box(b"hdlr", bytes(8) + b"soun" + bytes(13)))
    moov = _box(b"moov", _box(b"mvhd", bytes(4) + times + bytes(80)) + _box(b"trak", sound) + user)
    path.write_bytes(_box(b"ftyp", b"M4A \0\0\0\0mp42isom") + moov + _box(b"mdat", bytes(16)))
    if tags:
        written = MP4(path)
        written.update(tags)
        written.save()
    return path


def flac(path: Path, tags: dict[str, object] | None = None, *, seconds: int = 1) -> Path:
    """A FLAC file of a header alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate_and_samples = (8000 << 44) | (7 << 36) | (seconds * 8000)
    header = struct.pack(">HH", 4096, 4096) + bytes(6) + rate_and_samples.to_bytes(8, "big") + bytes(16)
    path.write_bytes(b"fLaC" + b"\x80" + len(header).to_bytes(3, "big") + header)
    if tags:
        written = FLAC(path)
        written.update(tags)
        written.save()
    return path


def ogg(path: Path, tags: dict[str, object] | None = None, *, seconds: int = 1) -> Path:
    """An Ogg Vorbis file of headers alone."""
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 8000, 0, 64000, 0, 0xB8, 1)
    _pages(path, [head, b"\x03vorbis" + _no_comments() + b"\1", b"\x05vorbis"], seconds * 8000)
    if tags:
        written = OggVorbis(path)
        written.update(tags)
        written.save()
    return path


def ogv(path: Path) -> Path:
    """An Ogg Theora film of headers alone, ten pictures a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = (
        b"\x80theora"
        + bytes([3, 2, 1])
        + bytes(12)
        + struct.pack(">II", 10, 1)
        + bytes(7)
        + struct.pack(">I", 0)
        + bytes(4)
    )
    _pages(path, [head, b"\x81theora" + _no_comments(), b"\x82theora"], 20)
    assert OggTheora(path).info is not None
    return path


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _no_comments() -> bytes:
    return struct.pack("<II", 0, 0)


def _pages(path: Path, packets: list[bytes], samples: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = b""
    for number, packet in enumerate(packets):
        page = OggPage()
        page.packets, page.serial, page.sequence = [packet], 1, number
        page.first, page.last = number == 0, number == len(packets) - 1
        page.position = samples if page.last else 0
        written += page.write()
    path.write_bytes(written)
