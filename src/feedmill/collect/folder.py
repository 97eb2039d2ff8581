"""A walk through a folder: which files are there, and which places could not be seen.

It must not know what the files are, nor read them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from math import inf
from operator import attrgetter
from pathlib import Path

from feedmill.errors import FolderError
from feedmill.model import Problem, Source

__all__ = ["NOT_SEEN", "Found", "Look", "walk"]

NOT_SEEN = ""
"""The stamp of a place that could not be seen: no file has it, so that the next look takes notice of the place,
whether it can be read then or is gone."""

_PASSED_OVER = {True: (".", "_"), False: (".", "#", "~")}
"""How the names of hidden folders, and of hidden files and editors' leftovers, begin."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file within the folder, at `place`; `stamp` differs when it was written since."""

    place: str
    status: os.stat_result

    @property
    def path(self) -> Path:
        return Path(self.place)

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
            _note(source, look, limit, base.name, str(base), base.stat)
            return look
        with os.scandir(base):
            pass
    except OSError as error:
        raise _unreadable_source(source, error) from error
    suffixes = frozenset(suffixes)
    waiting = [(str(base), "")]
    while waiting:
        folder, inside = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=attrgetter("name"))
        except OSError as error:
            _unreadable(source, look, base, error)
            continue
        below, files = _divided(listed)
        for entry in below:
            if entry.is_symlink():
                message = "is a link to a folder, which is not followed; give that folder a source of its own"
                look.problems.append(Problem(where=f"{source.name}: {_shown(inside + entry.name)}", message=message))
        for entry in files:
            if entry.name[entry.name.rfind(".") :].lower() in suffixes:
                name = inside + entry.name
                if not entry.is_symlink() or _leads_inside(source, look, name, entry.path, base):
                    _note(source, look, limit, name, entry.path, entry.stat)
        waiting += [(entry.path, f"{inside}{entry.name}/") for entry in reversed(below) if not entry.is_symlink()]
    return look


def _divided(listed: Iterable[os.DirEntry[str]]) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Return the folders and the files of a folder, without those that are hidden or an editor's."""
    below: list[os.DirEntry[str]] = []
    files: list[os.DirEntry[str]] = []
    for entry in listed:
        is_folder = _is_folder(entry)
        if not entry.name.startswith(_PASSED_OVER[is_folder]):
            (below if is_folder else files).append(entry)
    return below, files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # it is looked at as a file, and told of then
        return False


def _leads_inside(source: Source, look: Look, name: str, place: str, base: Path) -> bool:
    """Whether a link may be followed; if not, it is noted why."""
    where = f"{source.name}: {_shown(name)}"
    if not _is_utf8(name):
        return True  # which is the first thing that is wrong with it
    try:
        if Path(place).resolve(strict=True).is_relative_to(base):
            return True
        look.problems.append(Problem(where=where, message="is a link that leads out of the folder; skipped"))
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        look.problems.append(Problem(where=where, message=f"cannot be read ({error}); skipped"))
        look.unreadable.add(name)
    return False


def _note(
    source: Source, look: Look, limit: float, name: str, place: str, stat_of: Callable[[], os.stat_result]
) -> None:
    """Note a file, or what is wrong with it. Ten thousand go through here at every look: words are for problems."""
    if not _is_utf8(name):
        message = "has a name that is not UTF-8; rename it to publish it"
        look.problems.append(Problem(where=f"{source.name}: {_shown(name)}", message=message))
        return
    try:
        status = stat_of()
    except OSError as error:
        message = f"cannot be read ({error}); skipped"
        look.unreadable.add(name)
    else:
        if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
            look.found[name] = Found(place, status)
            return
        if not stat.S_ISREG(status.st_mode):
            message = "is not a regular file; skipped"
        else:
            message = f"has {status.st_size} bytes, more than max_file = {limit}; skipped"
            look.unreadable.add(name)
    look.problems.append(Problem(where=f"{source.name}: {name}", message=message))


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
