"""Bytes -> the publishing folder: atomically, and only where they differ.

A file is written beside its place under a temporary name, brought to the disk, and renamed over the old one,
so that whoever reads it at any instant reads a whole document. This module must not know what the bytes mean.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

from feedmill.errors import WriteFailed
from feedmill.publish.compressed import ENDINGS, compressed

__all__ = ["Folder", "Rehearsal", "is_document"]

_PREFIX, _SUFFIX = ".feedmill-", ".tmp"
_READABLE = 0o666
_SAME_TIME = 2_000_000_000
"""Nanoseconds, more than the clock of any file system is coarse."""


class Folder:
    """A local folder that feeds are published into.

    With `precompress` they are in compressed forms too; without it no such form of theirs stays. None leaves alone what
    may be such a form.
    """

    rehearsal = False
    """Whether nothing is ever touched."""

    def __init__(self, directory: str, *, precompress: bool | None = None) -> None:
        self._root = Path(directory)
        self._mode = _READABLE & ~_umask()
        self._precompress = precompress

    def swap(self, path: str, body: bytes) -> bool:
        """Put `body` in place as `path`, a relative path with forward slashes.

        Returns:
            Whether the file changed; one with the same bytes is not touched, so that its modification time means
            something.

        Raises:
            WriteFailed: the folder cannot be written; what was there stays whole.
        """
        if self._same(path, body) and self._same_forms(path):
            return False
        # The forms come first: whatever ends this halfway, the document still differs, and all is done again.
        if self._precompress:
            for ending, form in compressed(body).items():
                self._write(path + ending, form)
        else:
            self._remove_forms(path)
        if not self._same(path, body):
            self._write(path, body)
        return True

    def _write(self, path: str, body: bytes) -> None:
        target = self._root / path
        temporary: str | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=target.parent)
            with os.fdopen(handle, "wb") as stream:
                # A temporary file is private; a published one is for the web server to read.
                os.fchmod(stream.fileno(), self._mode)
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
            temporary = None
            _sync_folder(target.parent)
        except OSError as error:
            raise WriteFailed(
                f"cannot be written ({error.strerror or error})",
                where=str(target),
                hint="Check the folder's permissions and free space; what was published before is still there.",
            ) from error
        finally:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()

    def read(self, path: str) -> bytes | None:
        """Return a published file's bytes, None if there is none that can be read."""
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None

    def size(self, path: str) -> int | None:
        """Return the size of a published file in bytes, None if there is none that can be read."""
        try:
            return (self._root / path).stat().st_size
        except OSError:
            return None

    def names(self, folder: str) -> frozenset[str]:
        """Return the names of the published files in a folder, none if there is no such folder."""
        try:
            with os.scandir(self._root / folder) as found:
                return frozenset(one.name for one in found if one.is_file())
        except OSError:
            return frozenset()

    def below(self, folder: str) -> list[str]:
        """Return the paths of all files below a folder, compressed forms and those half written too, the deepest
        first."""
        found = [
            (Path(place) / name).relative_to(self._root).as_posix()
            for place, _, names in os.walk(self._root / folder)
            for name in names
        ]
        return sorted(found, key=lambda path: (-path.count("/"), path))

    def keep_apart(self) -> list[str]:
        """Return the paths of what was public and is private by now, and was brought away; of one folder nothing is."""
        return []

    def mark(self, folder: str) -> str | None:
        """Return a mark that is another one once a file came into the folder or left it.

        None if there is no such folder, or if the last change is so new that the next one could bear the same time.
        """
        try:
            found = (self._root / folder).stat()
        except OSError:
            return None
        if time.time_ns() - found.st_mtime_ns < _SAME_TIME:
            return None
        return f"{found.st_dev} {found.st_ino} {found.st_mtime_ns}"

    def differs(self, path: str, body: bytes) -> bool:
        """Return whether publishing `body` as `path` would change the file, or its compressed forms."""
        return not (self._same(path, body) and self._same_forms(path))

    def _same(self, path: str, body: bytes) -> bool:
        return self.read(path) == body

    def _same_forms(self, path: str) -> bool:
        """Whether there are compressed forms if there should be: none was left from before, none is missing."""
        wanted = self._precompress
        return wanted is None or all(os.path.lexists(self._root / (path + ending)) == wanted for ending in ENDINGS)

    def try_out(self) -> None:
        """See whether the folder can be written, or made where there is none, and leave no trace.

        Raises:
            WriteFailed: it cannot.
        """
        try:
            place = next(folder for folder in (self._root, *self._root.parents) if os.path.lexists(folder))
            with tempfile.NamedTemporaryFile(prefix=_PREFIX, suffix=_SUFFIX, dir=place):
                pass
        except OSError as error:
            raise WriteFailed(
                f"cannot be written ({error.strerror or error})",
                where=str(self._root),
                hint="Correct its permissions, or set another [publish] directory.",
            ) from error

    def sweep(self, folders: list[str]) -> int:
        """Remove what a crash left half written in these folders; return how many files.

        Only one process publishes at a time, so that a temporary file found here has no owner left.
        """
        removed = 0
        for folder in folders:
            for leftover in (self._root / folder).glob(f"{_PREFIX}*{_SUFFIX}"):
                with contextlib.suppress(OSError):
                    leftover.unlink()
                    removed += 1
        return removed

    def remove(self, path: str) -> bool:
        """Remove a published file, and its folder if that is empty then. Return whether it was there.

        Raises:
            WriteFailed: it cannot be removed.
        """
        was_there = self._remove(path)
        self._remove_forms(path)
        with contextlib.suppress(OSError):
            (self._root / path).parent.rmdir()
        return was_there

    def _remove_forms(self, path: str) -> None:
        if self._precompress is not None:
            for ending in ENDINGS:
                self._remove(path + ending)

    def _remove(self, path: str) -> bool:
        target = self._root / path
        try:
            target.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise WriteFailed(
                f"cannot be removed ({error.strerror or error})", where=str(target), hint="Remove it by hand."
            ) from error
        return True

    def location(self, path: str) -> str:
        """Return where a published file is, for people."""
        return str(self._root / path)


class Rehearsal(Folder):
    """The same folder, compared with and never touched."""

    rehearsal = True

    def swap(self, path: str, body: bytes) -> bool:
        """Return whether publishing `body` as `path` would change the file."""
        return self.differs(path, body)

    def sweep(self, folders: list[str]) -> int:
        """Leave everything where it is."""
        return 0

    def remove(self, path: str) -> bool:
        """Return whether there is such a file to remove."""
        return os.path.lexists(self._root / path)


def is_document(path: str) -> bool:
    """Whether a file is a document, not a compressed form of one, nor half written."""
    return not path.endswith(ENDINGS) and not path.rpartition("/")[2].startswith(_PREFIX)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    # The only way to ask for it is to set it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
