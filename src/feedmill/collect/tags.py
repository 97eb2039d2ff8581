"""Media files -> what they say about themselves, read by mutagen in a process of its own.

Tags can be written so that they unfold a thousandfold, or take hours to walk through: the process that opens them has
little memory and little time, and its end is one file's misfortune. This module must not know what the tags
mean, nor which folder the files are in.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
import mutagen
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.mp4 import MP4
from mutagen.oggtheora import OggTheora

from feedmill.errors import CollectError
from feedmill.model import Chapter, MediaTags

__all__ = ["read", "read_one"]

_MEMORY = 160 * 1024 * 1024  # bytes of data
_ADDRESSES = 1024 * 1024 * 1024  # bytes, for systems that count data otherwise: mapped locales alone may take 200 MB
_SECONDS = 20  # for one file
_TOGETHER = 100  # files for one process: it takes as long to start as to read fifty
_LONGEST_LINE = 1000  # characters
_LONGEST_TEXT = 20_000  # characters
_MOST_VALUES = 50
_MOST_CHAPTERS = 1000
_LONGEST_PLAY = 10_000_000  # seconds; what is longer is a broken header

# What mutagen has no reader for, or none for all its variants: such a file is taken at its name's word.
_OPAQUE = frozenset({".3gp", ".avi", ".mka", ".mkv", ".mov", ".mpeg", ".mpg", ".webm"})

# The same fact in ID3, MP4, Vorbis comments and ASF; the first that is there counts.
_TITLE = ("TIT2", "\xa9nam", "title", "Title")
_ARTISTS = ("TPE1", "\xa9ART", "artist", "Author", "TPE2", "aART", "albumartist", "WM/AlbumArtist")
_ALBUM = ("TALB", "\xa9alb", "album", "WM/AlbumTitle")
_GENRES = ("TCON", "\xa9gen", "genre", "WM/Genre")
_DATE = ("TDRL", "TDRC", "\xa9day", "date", "WM/Year")
_DESCRIPTION = ("TDES", "ldes", "desc", "description", "Description", "COMM", "\xa9cmt", "comment")
_RIGHTS = ("TCOP", "cprt", "copyright", "Copyright")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    tags: MediaTags | None = None
    error: str = ""


def read(paths: Sequence[Path], *, seconds: int = _SECONDS) -> Iterator[MediaTags | CollectError]:
    """Yield what each file says about itself, in the order of `paths`, or why that cannot be told.

    Files are opened, not read: however large one is, only its tags are. `seconds` is how long one file may take.
    """
    at = 0
    while at < len(paths):
        batch = paths[at : at + _TOGETHER]
        done = subprocess.run(  # noqa: S603 - a module of our own; paths go by standard input
            [sys.executable, "-P", "-m", "feedmill.collect.tags", str(seconds)],
            input=b"\0".join(os.fsencode(path) for path in batch),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        answers = [msgspec.json.decode(line, type=_Answer) for line in done.stdout.split(b"\n")[:-1]]
        yield from (answer.tags or CollectError(answer.error) for answer in answers)
        at += len(answers)
        if len(answers) < len(batch):
            slow = done.returncode == -signal.SIGALRM
            yield CollectError(
                f"its tags took more than {seconds} seconds to read" if slow else "its tags cannot be read"
            )
            at += 1


def read_one(path: Path) -> MediaTags:
    """Return what one file says about itself. Only for files that are trusted, or in a process that may die.

    Raises:
        CollectError: it is not the audio or video that its name says.
    """
    try:
        found: Any = mutagen.File(path)
        if found is not None:
            return _tags(found)
    except MemoryError:
        raise CollectError("its tags take too much memory") from None
    except Exception as error:  # mutagen raises whatever broken bytes lead it into
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise CollectError(f"it is not audio or video that can be read ({reason})") from error
    if path.suffix.lower() in _OPAQUE:
        return MediaTags()
    raise CollectError("it is not audio or video that can be read")


def _tags(found: Any) -> MediaTags:
    tags = found.tags if found.tags is not None else {}
    length = getattr(found.info, "length", None) or 0.0
    return MediaTags(
        duration=float(length) if isfinite(length) and 0 < length < _LONGEST_PLAY else None,
        title=_first(tags, _TITLE),
        artists=_all(tags, _ARTISTS),
        album=_first(tags, _ALBUM),
        genres=_all(tags, _GENRES),
        date=_first(tags, _DATE),
        description=_first(tags, _DESCRIPTION, _LONGEST_TEXT),
        rights=_first(tags, _RIGHTS),
        chapters=tuple(_chapters(found, tags)),
        cover=_has_cover(found, tags),
        film=isinstance(found, OggTheora),
    )


def _all(tags: Any, keys: Iterable[str], longest: int = _LONGEST_LINE) -> tuple[str, ...]:
    """The values of the first of `keys` that says anything."""
    for key in keys:
        values = (_text(value, longest) for value in _values(tags, key)[:_MOST_VALUES])
        if said := tuple(value for value in values if value.strip()):
            return said
    return ()


def _first(tags: Any, keys: Iterable[str], longest: int = _LONGEST_LINE) -> str:
    return next(iter(_all(tags, keys, longest)), "")


def _text(value: object, longest: int = _LONGEST_LINE) -> str:
    """A value as text that UTF-8 can carry."""
    return str(value)[:longest].encode("utf-8", "replace").decode()


def _values(tags: Any, key: str) -> Sequence[Any]:
    if isinstance(tags, ID3):
        frames = tags.getall(key)
        if key == "COMM":  # those with a name of their own are notes of programs to themselves
            frames = [frame for frame in frames if not frame.desc]
        return [text for frame in frames for text in (frame.genres if key == "TCON" else frame.text)]
    try:
        values = tags[key]
    except (KeyError, ValueError):  # ValueError: no key that this kind of tag could have
        return ()
    return values if isinstance(values, list) else [values]


def _chapters(found: Any, tags: Any) -> Iterator[Chapter]:
    if isinstance(tags, ID3):
        marks = [(frame.start_time / 1000, frame.sub_frames.get("TIT2", "")) for frame in tags.getall("CHAP")]
    elif isinstance(found, MP4):
        marks = [(chapter.start, chapter.title) for chapter in found.chapters or ()]
    else:
        numbers = (f"CHAPTER{number:03}" for number in range(_MOST_CHAPTERS))
        marks = [(start, name) for key in numbers for start, name in _vorbis_chapter(tags, key)]
    told = [(start, _text(name)) for start, name in marks if 0 <= start < _LONGEST_PLAY]
    for start, title in sorted(told)[:_MOST_CHAPTERS]:
        if title.strip():
            yield Chapter(start=start, title=title)


def _vorbis_chapter(tags: Any, key: str) -> Iterator[tuple[float, str]]:
    """Ogg chapters: CHAPTER001=00:01:30.000 and CHAPTER001NAME=..., as the Xiph wiki has them."""
    hours, _, rest = _first(tags, [key]).partition(":")
    minutes, _, seconds = rest.partition(":")
    with suppress(ValueError):
        yield int(hours) * 3600 + int(minutes) * 60 + float(seconds), _first(tags, [f"{key}NAME"])


def _has_cover(found: Any, tags: Any) -> bool:
    if isinstance(tags, ID3):
        return bool(tags.getall("APIC"))
    if isinstance(found, FLAC):
        return bool(found.pictures)
    return any(_values(tags, key) for key in ("covr", "metadata_block_picture", "WM/Picture"))


def _answer(path: Path) -> _Answer:
    try:
        return _Answer(tags=read_one(path))
    except CollectError as error:
        return _Answer(error=_text(error.what))


def main(seconds: int) -> None:
    """Answer for each path on standard input (separated by NUL) with one line of JSON on standard output."""
    for limit, most in (
        (resource.RLIMIT_DATA, _MEMORY),
        (resource.RLIMIT_AS, _ADDRESSES),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # systems that know no such limit, or have a lower one
            resource.setrlimit(limit, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the command, which finishes its look
    for path in sys.stdin.buffer.read().split(b"\0"):
        signal.alarm(seconds)  # nobody catches it: it ends the process, wherever that is
        answer = msgspec.json.encode(_answer(Path(os.fsdecode(path))))
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
