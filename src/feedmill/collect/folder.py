"""A walk through a folder: which files are there, and which places could not be seen.

It must not know what the files are, nor read them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from feedmill.errors import FolderError
from feedmill.model import Problem, Source

__all__ = ["NOT_SEEN", "Found", "Look", "walk"]

NOT_SEEN = ""
"""The stamp of a place that could not be seen: no file has it, so that the next look takes notice of the place,
whether it can be read then or is gone."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file within the folder; `stamp` differs when it was written since."""

    path: Path
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size

    @property
    def modified_ns(self) -> int:
        return self.status.st_mtime_ns

    @property
    def stamp(self) -> str:
        # Editors and copying programs can set size and modification time back; nobody sets the time of that.
        status = self.status
        return f"{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_size}:{status.st_ino}"


@dataclass(slots=True)
class Look:
    """What a walk found, by path in the folder; `unreadable` names files and folders that are there unseen."""

    found: dict[str, Found] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


def walk(source: Source, suffixes: Collection[str], limit: float = inf) -> Look:
    """Look through the folder of `source`, or at the single file that it names, for files that end like that.

    Hidden files and folders and editors' leftovers are passed over. A link that leads out of the folder, and a file of
    more than `limit` bytes, is a problem.

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
            if not name.startswith((".", "#", "~")) and path.suffix.lower() in suffixes:
                _note(source, look, limit, path.relative_to(base).as_posix(), path, base)
    return look


def _note(source: Source, look: Look, limit: float, name: str, path: Path, base: Path | None = None) -> None:
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
        elif status.st_size > limit:
            message = f"has {status.st_size} bytes, more than max_file = {limit}; skipped"
            look.problems.append(Problem(where=where, message=message))
            look.unreadable.add(name)
        else:
            look.found[name] = Found(path, status)


def _unreadable(source: Source, look: Look, base: Path, error: OSError) -> None:
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
