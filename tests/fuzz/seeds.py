"""What fuzzing begins with: small whole documents of every kind, and the words that their notations are made of.

Most stand in the folders `seeds` and `words`. Where FEEDMILL_CORPUS names a folder of real feeds, the first entries of
each are seeds too. This module must not know what the targets do with them.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mutagen.id3 import APIC, COMM, TCON, TIT2, TPE1, Frame

import recordings

__all__ = ["seeds", "words"]

_HERE = Path(__file__).parent
_TESTS = _HERE.parent
_SHIPPED = _TESTS.parent / "sources" / "newsroom"
_ELSEWHERE = {
    "markdown": (_SHIPPED, "*.md"),
    "html": (_SHIPPED, "*.html"),
    "text": (_SHIPPED, "*.txt"),
    "feed": (_TESTS / "unit" / "render" / "golden", "*.xml"),
    "page": (_TESTS / "unit" / "normalize" / "pages", "*.html"),
}
_LARGEST = 8_000  # bytes of a seed: larger ones slow the search down
_WORD = re.compile(r'^"(.*)"$', re.MULTILINE)


def seeds(target: str) -> Iterator[bytes]:
    """Yield documents that a target reads well."""
    for path in sorted((_HERE / "seeds" / target).glob("*")):
        yield path.read_bytes()
    if target in _ELSEWHERE:
        folder, pattern = _ELSEWHERE[target]
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes()[:_LARGEST]
    if target == "feed" and "FEEDMILL_CORPUS" in os.environ:
        for path in sorted(Path(os.environ["FEEDMILL_CORPUS"]).iterdir()):
            yield _first_entries(path.read_bytes())
    if target == "fulltext":
        yield from seeds("html")
    if target == "tags":
        yield from _media_files()


def words(*names: str) -> tuple[bytes, ...]:
    """Return the words of some notations. They are written as libFuzzer's dictionaries are."""
    texts = ((_HERE / "words" / f"{name}.dict").read_text(encoding="ascii") for name in names)
    return tuple(
        match[1].encode("ascii").decode("unicode_escape").encode("latin-1")
        for text in texts
        for match in _WORD.finditer(text)
    )


def _media_files() -> Iterator[bytes]:
    """Media files, each after its suffix and a separator."""
    said: dict[str, object] = {
        "title": ["T"],
        "artist": ["A", "B"],
        "CHAPTER001": ["00:01:00"],
        "CHAPTER001NAME": ["C"],
    }
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        told: list[Frame] = [
            TIT2(encoding=3, text=["T"]),
            TPE1(encoding=3, text=["A"]),
            TCON(encoding=3, text=["(17)"]),
        ]
        told += [COMM(encoding=3, lang="eng", desc="", text=["C"]), APIC(data=b"x", mime="image/png")]
        recordings.mp3(at / "a.mp3", *told, recordings.chapter(1000, "One"), seconds=0.1)
        recordings.mp4(at / "a.m4a", {"\xa9nam": ["T"], "desc": ["D"]}, chapters=[(0, "One"), (65, "Two")])
        recordings.flac(at / "a.flac", said)
        recordings.ogg(at / "a.ogg", said)
        recordings.ogv(at / "a.ogv")
        recordings.wav(at / "a.wav", 0.05)
        for path in sorted(at.iterdir()):
            yield path.suffix[1:].encode() + b"\x1f" + path.read_bytes()[:_LARGEST]


def _first_entries(body: bytes) -> bytes:
    """Return a feed up to its second entry, and its end."""
    ends = [match.end() for match in re.finditer(rb"</(?:item|entry)>", body)]
    few = body[: ends[1]] + body[ends[-1] :] if len(ends) > 2 else body
    return few[:_LARGEST]
