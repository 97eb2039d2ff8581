"""A folder of article files -> Fetched: which files exist, and the bytes of those that changed.

It must not know what an article means; only that plain text is read a folder at a time, since what
is furniture there shows only in company.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from feedmill.errors import FolderError
from feedmill.model import Document, Fetched, Problem, Source

__all__ = ["SUFFIXES", "collect"]

SUFFIXES = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml", ".txt", ".text"})
"""What counts as an article; every other file of the folder is somebody else's business."""

_READ_TOGETHER = frozenset({".txt", ".text"})


_NOT_SEEN = ""
"""The stamp of a place that could not be seen: no file has it, so that the next look takes notice of the place,
whether it can be read then or is gone."""


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    status: os.stat_result

    @property
    def stamp(self) -> str:
        # Editors and copying programs can set size and modification time back; nobody sets the time of that.
        status = self.status
        return f"{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_size}:{status.st_ino}"


@dataclass(slots=True)
class _Look:
    found: dict[str, _Found] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


def collect(source: Source, stamps: Mapping[str, str]) -> Fetched:
    """Look at the folder of `source`.

    Hidden files and folders, editors' leftovers and files that are no articles are passed over. A file that is too
    large, or a link that leads out of the folder, is a problem; the rest is collected. A file that is being written
    is left for the next look, without a word.

    Args:
        source: a source with a `path`: a folder, or a single file.
        stamps: the change mark of each file at the last look, empty to read everything.

    Raises:
        FolderError: the folder does not exist or cannot be read. Its articles are not taken for deleted.
    """
    look = _look(source)
    present = frozenset(look.found)
    changed = {name for name, found in look.found.items() if stamps.get(name) != found.stamp}
    missing = [name for name in stamps if name not in present]
    names = changed | _companions(look.found, [*changed, *missing])
    # Without a stamp nothing is known of the last look, not even that there was nothing.
    if stamps and not names and not missing and not look.problems:
        return Fetched(source=source.name, unchanged=True, present=present, stamps=dict(stamps))
    documents = tuple(_read(source, look, sorted(names)))
    kept = {name: stamp for name, stamp in stamps.items() if name in present and name not in names}
    read = {document.name: look.found[document.name].stamp for document in documents}
    return Fetched(
        source=source.name,
        documents=documents,
        present=present,
        unreadable=frozenset(look.unreadable),
        stamps=kept | read | dict.fromkeys(sorted(look.unreadable), _NOT_SEEN),
        problems=tuple(look.problems),
    )


def _look(source: Source) -> _Look:
    root = source.path
    if root is None:
        raise FolderError("the source has no path", where=source.name, hint="Set `path` in its [[sources]] table.")
    look = _Look()
    try:
        base = root.resolve(strict=True)
        if base.is_file():
            _note(source, look, base.name, base)
            return look
        with os.scandir(base):
            pass
    except OSError as error:
        raise _unreadable_source(source, error) from error
    for folder, folders, files in os.walk(base, onerror=lambda error: _unreadable(source, look, base, error)):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in folders:
            if Path(folder, name).is_symlink():
                inside = Path(folder, name).relative_to(base).as_posix()
                message = "is a link to a folder, which is not followed; give that folder a source of its own"
                look.problems.append(Problem(where=f"{source.name}: {_shown(inside)}", message=message))
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith((".", "#", "~")) and path.suffix.lower() in SUFFIXES:
                _note(source, look, path.relative_to(base).as_posix(), path, base)
    return look


def _note(source: Source, look: _Look, name: str, path: Path, base: Path | None = None) -> None:
    where = f"{source.name}: {_shown(name)}"
    if not _is_utf8(name):
        look.problems.append(Problem(where=where, message="has a name that is not UTF-8; rename it to publish it"))
        return
    try:
        if base is not None and path.is_symlink() and not path.resolve(strict=True).is_relative_to(base):
            look.problems.append(Problem(where=where, message="is a link that leads out of the folder; skipped"))
            return
        status = path.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        look.problems.append(Problem(where=where, message=f"cannot be read ({error}); skipped"))
        look.unreadable.add(name)
    else:
        if not stat.S_ISREG(status.st_mode):
            look.problems.append(Problem(where=where, message="is not a regular file; skipped"))
        elif status.st_size > source.max_file:
            message = f"has {status.st_size} bytes, more than max_file = {source.max_file}; skipped"
            look.problems.append(Problem(where=where, message=message))
            look.unreadable.add(name)
        else:
            look.found[name] = _Found(path, status)


def _unreadable(source: Source, look: _Look, base: Path, error: OSError) -> None:
    if not error.filename or Path(error.filename) == base:
        raise _unreadable_source(source, error) from error
    folder = Path(error.filename).relative_to(base).as_posix()
    message = f"the folder cannot be read ({error.strerror}); its articles stay as they were"
    look.problems.append(Problem(where=f"{source.name}: {_shown(folder)}", message=message))
    if _is_utf8(folder):  # else nothing was ever published from it
        look.unreadable.add(folder)


def _unreadable_source(source: Source, error: OSError) -> FolderError:
    return FolderError(
        f"the folder cannot be read ({error.strerror or error})",
        where=str(source.path),
        hint=f"Create it or correct `path` of source {source.name!r}; what was published from it stays.",
    )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _companions(found: Mapping[str, _Found], touched: list[str]) -> set[str]:
    """The plain texts that share a folder with a touched one."""
    folders = {path.parent for path in map(PurePosixPath, touched) if path.suffix.lower() in _READ_TOGETHER}
    if not folders:
        return set()
    return {
        name
        for name, path in ((name, PurePosixPath(name)) for name in found)
        if path.suffix.lower() in _READ_TOGETHER and path.parent in folders
    }


def _read(source: Source, look: _Look, names: list[str]) -> Iterator[Document]:
    for name in names:
        found = look.found[name]
        try:
            with found.path.open("rb") as stream:
                body = stream.read(source.max_file + 1)
            whole = _Found(found.path, found.path.stat()).stamp == found.stamp
        except OSError as error:
            message = f"cannot be read ({error.strerror or error}); skipped"
            look.problems.append(Problem(where=f"{source.name}: {name}", message=message))
            whole = False
        if not whole:
            look.unreadable.add(name)
            continue
        modified = datetime.fromtimestamp(max(found.status.st_mtime_ns, 0) // 1_000_000_000, UTC)
        yield Document(name=name, body=body, modified=modified)
