"""A folder of audio or video -> Fetched: one document for each recording, with what stands beside it.

Files of one folder and one stem belong together: `ep1.mp3`, `ep1.ogg`, `ep1.md`, `ep1.en.vtt`, `ep1.jpg`. A document
is a `Recording` as JSON. Media files are opened only when they changed, and never read whole. This module must not
know what tags or notes mean.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from feedmill.collect import tags
from feedmill.collect.folder import NOT_SEEN, Found, Look, walk
from feedmill.errors import CollectError, FolderError
from feedmill.model import Document, Fetched, MediaFile, MediaTags, Problem, Recording, Source

__all__ = ["SUFFIXES", "collect", "file_digest"]

_log = logging.getLogger(__name__)

# Where a recording comes in several formats, the earliest of these names it and goes first: what most players know.
_BY_PREFERENCE = (
    ".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".aif", ".aiff", ".wma", ".mka",
    ".mp4", ".m4v", ".mov", ".webm", ".ogv", ".3gp", ".mpg", ".mpeg", ".mkv", ".avi", ".wmv",
)  # fmt: skip

SUFFIXES = frozenset(_BY_PREFERENCE)
"""What counts as audio or video."""

_NOTES = (".md", ".txt")
_TRANSCRIPTS = (".vtt", ".srt")
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_COVERS = ("cover", "folder")  # the stems of a picture for all the recordings of its folder
_ALL = SUFFIXES.union(_NOTES, _TRANSCRIPTS, _PICTURES)

_EDGE = 64 * 1024  # bytes
_SAMPLE = 4 * 1024  # bytes
_SAMPLES = 16


@dataclass(slots=True)
class _Group:
    """A recording's files, by path within the source; `media` begins with the one that names it."""

    media: list[str] = field(default_factory=list)
    notes: str | None = None
    transcripts: list[str] = field(default_factory=list)
    cover: str | None = None

    @property
    def name(self) -> str:
        return self.media[0]

    def stamp(self, look: Look) -> str:
        besides = filter(None, (self.notes, self.cover))
        marks = (f"{name}:{look.found[name].stamp}" for name in (*self.media, *self.transcripts, *besides))
        return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:32]


def collect(source: Source, stamps: Mapping[str, str]) -> Fetched:
    """Look at the folder of `source`.

    A file that cannot be read, or is not what its name says, is a problem; its recording stays as it was, and the
    rest is collected.

    Args:
        source: a source with a `path`: a folder.
        stamps: the change mark of each recording at the last look, empty to read everything.

    Raises:
        FolderError: the folder does not exist or cannot be read. Its recordings are not taken for deleted.
    """
    if source.path is not None and source.path.is_file():
        raise FolderError("this is a file", where=str(source.path), hint="Name the folder that it is in.")
    look = walk(source, _ALL)
    groups, unseen = _groups(source, look)
    present = {*groups, *unseen}
    now = {name: group.stamp(look) for name, group in groups.items()}
    changed = [name for name in sorted(groups) if stamps.get(name) != now[name]]
    # Without a stamp nothing is known of the last look, not even that there was nothing.
    if stamps and not changed and stamps.keys() <= present and not look.problems:
        return Fetched(source=source.name, unchanged=True, present=frozenset(present), stamps=dict(stamps))
    documents = tuple(_read(source, look, [groups[name] for name in changed]))
    read = {document.name for document in documents}
    for name in set(changed) - read:  # it may have been named by another of its files
        present.update(groups[name].media)
    kept = {name: stamp for name, stamp in stamps.items() if name in present and name not in changed}
    return Fetched(
        source=source.name,
        documents=documents,
        present=frozenset(present),
        unreadable=frozenset(look.unreadable),
        stamps=kept | {name: now[name] for name in sorted(read)} | dict.fromkeys(sorted(look.unreadable), NOT_SEEN),
        problems=tuple(look.problems),
    )


def file_digest(path: Path, size: int) -> str:
    """Return a digest (SHA-256, hexadecimal) of a file's size, its first and last 64 KiB, and 16 samples between.

    To hash gigabytes whole would take minutes; that two recordings agree in all of this is as good as impossible.

    Raises:
        OSError: the file cannot be read.
    """
    told = hashlib.sha256(f"{size}\n".encode())
    between = range(_EDGE, max(size - _EDGE, _EDGE), max((size - 2 * _EDGE) // _SAMPLES, _SAMPLE))
    with path.open("rb") as stream:
        for start, length in [(0, _EDGE), *((start, _SAMPLE) for start in between), (max(size - _EDGE, 0), _EDGE)]:
            stream.seek(start)
            told.update(stream.read(length))
    return told.hexdigest()


def _groups(source: Source, look: Look) -> tuple[dict[str, _Group], set[str]]:
    """The recordings that can be read, by name; and the names of those of which something cannot be seen now."""
    by_stem: dict[str, _Group] = {}
    for name in sorted(filter(_is_media, look.found), key=_preference):
        by_stem.setdefault(_stem(name), _Group()).media.append(name)
    pictures = {name.casefold(): name for name in look.found if _suffix(name) in _PICTURES}
    for stem, group in by_stem.items():
        group.notes = next((f"{stem}{end}" for end in _NOTES if f"{stem}{end}" in look.found), None)
        group.cover = _cover(stem, pictures)
    for name in sorted(look.found):
        if _suffix(name) in _TRANSCRIPTS:
            owner = by_stem.get(_stem(name)) or by_stem.get(_stem(_stem(name)))
            if owner is not None:
                owner.transcripts.append(name)
    hidden = {_stem(name) for name in look.unreadable if _suffix(name) in SUFFIXES.union(_NOTES)}
    for stem, group in by_stem.items():
        if group.notes is not None and look.found[group.notes].size > source.max_file:
            message = f"has {look.found[group.notes].size} bytes, more than max_file = {source.max_file}; skipped"
            look.problems.append(Problem(where=f"{source.name}: {group.notes}", message=message))
            hidden.add(stem)
    unseen = {name for stem in hidden & by_stem.keys() for name in by_stem[stem].media}
    return {group.name: group for stem, group in by_stem.items() if stem not in hidden}, unseen


def _cover(stem: str, pictures: Mapping[str, str]) -> str | None:
    """The picture of one recording, else that of its folder."""
    folder = PurePosixPath(stem).parent
    for place in (stem, *(str(folder / name) for name in _COVERS)):
        for end in _PICTURES:
            if found := pictures.get(f"{place}{end}".casefold()):
                return found
    return None


def _read(source: Source, look: Look, groups: Sequence[_Group]) -> Iterator[Document]:
    names = [name for group in groups for name in group.media]
    told = dict(zip(names, tags.read([look.found[name].path for name in names]), strict=True))
    for group in groups:
        try:
            recording = _recording(group, look, told)
        except CollectError as error:
            place = error.where or group.name
            look.problems.append(Problem(where=f"{source.name}: {place}", message=f"{error.what}; skipped"))
            continue
        if recording.cover is None and any(file.tags.cover for file in recording.files):
            _log.info(
                "%s: %s: feeds cannot show the cover inside; put it beside the file",
                source.name,
                group.name,
                extra={"source": source.name},
            )
        modified = datetime.fromtimestamp(max(look.found[group.name].modified_ns, 0) // 1_000_000_000, UTC)
        yield Document(name=group.name, body=msgspec.json.encode(recording), modified=modified)


def _recording(group: _Group, look: Look, told: Mapping[str, MediaTags | CollectError]) -> Recording:
    return Recording(
        files=tuple(_files(group.media, look.found, told)),
        notes=group.notes,
        text=_bytes(group.notes, look.found[group.notes]) if group.notes else b"",
        transcripts=tuple(group.transcripts),
        cover=group.cover,
    )


def _files(
    names: Iterable[str], found: Mapping[str, Found], told: Mapping[str, MediaTags | CollectError]
) -> Iterator[MediaFile]:
    for name in names:
        try:
            digest = file_digest(found[name].path, found[name].size)
        except OSError as error:
            raise CollectError(f"cannot be read ({error.strerror or error})", where=name) from error
        said = told[name] if found[name].size else CollectError("it is empty")
        if isinstance(said, CollectError):
            raise CollectError(said.what, where=name)
        yield MediaFile(path=name, size=found[name].size, digest=digest, tags=said)


def _bytes(name: str, file: Found) -> bytes:
    try:
        with file.path.open("rb") as stream:
            return stream.read(file.size)
    except OSError as error:
        raise CollectError(f"cannot be read ({error.strerror or error})", where=name) from error


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _stem(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()


def _is_media(name: str) -> bool:
    return _suffix(name) in SUFFIXES


def _preference(name: str) -> tuple[int, str]:
    return _BY_PREFERENCE.index(_suffix(name)), name
