"""A folder of article files -> Fetched: which files exist, and the bytes of those that changed.

It must not know what an article means; only that plain text is read a folder at a time, since what
is furniture there shows only in company.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from feedmill.errors import FolderError
from feedmill.model import Document, Fetched, Problem, Source

__all__ = ["SUFFIXES", "Found", "Look", "below", "collect", "walk"]

SUFFIXES = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml", ".txt", ".text"})
"""What counts as an article; every other file of the folder is somebody else's business."""

_READ_TOGETHER = frozenset({".txt", ".text"})


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file within the folder; `stamp` differs when it was written since."""

    path: Path
    size: int
    modified_ns: int

    @property
    def stamp(self) -> str:
        return f"{self.modified_ns}:{self.size}"


@dataclass(slots=True)
class Look:
    """What a walk through a folder found, by path in it; `unreadable` names files and folders that are there unseen."""

    found: dict[str, Found] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def collect(source: Source, stamps: Mapping[str, str]) -> Fetched:
    """Look at the folder of `source`.

    Hidden files and folders, editors' leftovers and files that are no articles are passed over. A file that is too
    large, or a link that leads out of the folder, is a problem; the rest is collected.

    Args:
        source: a source with a `path`: a folder, or a single file.
        stamps: the change mark of each file at the last look, empty to read everything.

    Raises:
        FolderError: the folder does not exist or cannot be read. Its articles are not taken for deleted.
    """
    look = walk(source, SUFFIXES, source.max_file)
    present = frozenset(look.found) | below(look.unreadable, stamps)
    changed = {name for name, found in look.found.items() if stamps.get(name) != found.stamp}
    missing = [name for name in stamps if name not in present]
    names = changed | _companions(look.found, [*changed, *missing])
    if not names and not missing and not look.problems:
        return Fetched(source=source.name, unchanged=True, present=present, stamps=dict(stamps))
    documents = tuple(_read(source, look, sorted(names)))
    read = {document.name for document in documents}
    kept = {name: stamp for name, stamp in stamps.items() if name in present and name not in names}
    return Fetched(
        source=source.name,
        documents=documents,
        present=present,
        stamps=kept | {name: look.found[name].stamp for name in sorted(read)},
        problems=tuple(look.problems),
    )


def walk(source: Source, suffixes: Collection[str], limit: float) -> Look:
    """Return the files below the `path` of `source` that end in one of `suffixes` and have at most `limit` bytes.

    Raises:
        FolderError: the folder does not exist or cannot be read.
    """
    root = source.path
    if root is None:
        raise FolderError("the source has no path", where=source.name, hint="Set `path` in its [[sources]] table.")
    look = Look()
    try:
        base = root.resolve(strict=True)
        if base.is_file():
            _note(source, look, limit, base.name, base)
            return look
        with os.scandir(base):
            pass
    except OSError as error:
        raise FolderError(
            f"the folder cannot be read ({error.strerror or error})",
            where=str(root),
            hint=f"Create it or correct `path` of source {source.name!r}; what was published from it stays.",
        ) from error
    for folder, folders, files in os.walk(base, onerror=lambda error: _unreadable(source, look, base, error)):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in folders:
            if Path(folder, name).is_symlink():
                inside = Path(folder, name).relative_to(base).as_posix()
                message = "is a link to a folder, which is not followed; give that folder a source of its own"
                look.problems.append(Problem(where=f"{source.name}: {inside}", message=message))
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith((".", "#", "~")) and path.suffix.lower() in suffixes:
                _note(source, look, limit, path.relative_to(base).as_posix(), path, base)
    return look


def _note(source: Source, look: Look, limit: float, name: str, path: Path, base: Path | None = None) -> None:
    where = f"{source.name}: {name}"
    try:
        name.encode()
        if base is not None and path.is_symlink() and not path.resolve(strict=True).is_relative_to(base):
            look.problems.append(Problem(where=where, message="is a link that leads out of the folder; skipped"))
            return
        status = path.stat()
    except UnicodeEncodeError:
        readable = name.encode(errors="surrogateescape").decode(errors="replace")
        look.problems.append(
            Problem(where=f"{source.name}: {readable}", message="has a name that is not UTF-8; rename it to publish it")
        )
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        look.problems.append(Problem(where=where, message=f"cannot be read ({error}); skipped"))
        look.unreadable.append(name)
    else:
        if not stat.S_ISREG(status.st_mode):
            look.problems.append(Problem(where=where, message="is not a regular file; skipped"))
        elif status.st_size > limit:
            message = f"has {status.st_size} bytes, more than max_file = {limit}; skipped"
            look.problems.append(Problem(where=where, message=message))
            look.unreadable.append(name)
        else:
            look.found[name] = Found(path, status.st_size, status.st_mtime_ns)


def _unreadable(source: Source, look: Look, base: Path, error: OSError) -> None:
    folder = Path(error.filename).relative_to(base).as_posix()
    message = f"the folder cannot be read ({error.strerror}); its articles stay as they were"
    look.problems.append(Problem(where=f"{source.name}: {folder}", message=message))
    look.unreadable.append(folder)


def below(unreadable: list[str], stamps: Mapping[str, str]) -> frozenset[str]:
    """Documents known from earlier looks that could not be seen now: present, as far as anyone can tell."""
    return frozenset(
        name for name in stamps for place in unreadable if name == place or name.startswith(f"{place}/")
    ) | frozenset(unreadable)


def _companions(found: Mapping[str, Found], touched: list[str]) -> set[str]:
    """The plain texts that share a folder with a touched one."""
    folders = {path.parent for path in map(PurePosixPath, touched) if path.suffix.lower() in _READ_TOGETHER}
    if not folders:
        return set()
    return {
        name
        for name, path in ((name, PurePosixPath(name)) for name in found)
        if path.suffix.lower() in _READ_TOGETHER and path.parent in folders
    }


def _read(source: Source, look: Look, names: list[str]) -> Iterator[Document]:
    for name in names:
        found = look.found[name]
        try:
            with found.path.open("rb") as stream:
                body = stream.read(source.max_file + 1)
        except OSError as error:
            message = f"cannot be read ({error.strerror or error}); skipped"
            look.problems.append(Problem(where=f"{source.name}: {name}", message=message))
            continue
        modified = datetime.fromtimestamp(max(found.modified_ns, 0) // 1_000_000_000, UTC)
        yield Document(name=name, body=body, modified=modified)
