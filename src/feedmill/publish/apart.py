"""Two folders as one: private feeds are kept apart from what everybody may see.

A feed whose access changed moves from one to the other: what is put in place in one is removed from the other. This
module must not know who may read what.
"""

from __future__ import annotations

from collections.abc import Collection

from feedmill.publish.folder import Folder, is_document

__all__ = ["Apart"]


class Apart:
    """The folders of public and of private documents; these are the ones below the folders called `names`."""

    def __init__(self, public: Folder, private: Folder, names: Collection[str]) -> None:
        self._public = public
        self._private = private
        self._names = frozenset(names)

    @property
    def rehearsal(self) -> bool:
        """Whether nothing is ever touched."""
        return self._public.rehearsal

    def swap(self, path: str, body: bytes) -> bool:
        """Put `body` in place as `path`, and remove what is in the other folder's; return whether anything changed.

        Raises:
            WriteFailed: a folder cannot be written; what was there stays whole.
        """
        here, there = self._places(path)
        changed = here.swap(path, body)
        return there.remove(path) or changed

    def keep_apart(self) -> list[str]:
        """Bring from the public folder into the private one what is private by now; return the paths.

        Publishing does not: a feed may be held, and what it published once, such as in other formats, is not written
        again.

        Raises:
            WriteFailed: a folder cannot be written; what was there stays whole.
        """
        moved: list[str] = []
        for name in sorted(self._names) if not self.rehearsal else ():
            for path in self._public.below(name):
                if is_document(path) and self._private.read(path) is None:
                    self._private.swap(path, self._public.read(path) or b"")
                if self._public.remove(path):
                    moved.append(path)
        return moved

    def read(self, path: str) -> bytes | None:
        """Return a published file's bytes, None if there is none that can be read."""
        return self._places(path)[0].read(path)

    def size(self, path: str) -> int | None:
        """Return the size of a published file in bytes, None if there is none that can be read."""
        return self._places(path)[0].size(path)

    def names(self, folder: str) -> frozenset[str]:
        """Return the names of the published files in a folder, none if there is no such folder."""
        return self._places(folder)[0].names(folder)

    def mark(self, folder: str) -> str | None:
        """Return a mark that is another one once a file came into the folder or left it."""
        return self._places(folder)[0].mark(folder)

    def differs(self, path: str, body: bytes) -> bool:
        """Return whether publishing `body` as `path` would change a file."""
        return self._places(path)[0].differs(path, body)

    def sweep(self, folders: list[str]) -> int:
        """Remove what a crash left half written in these folders; return how many files."""
        return sum(self._places(folder)[0].sweep([folder]) for folder in folders)

    def remove(self, path: str) -> bool:
        """Remove a published file, wherever it is. Return whether it was there.

        Raises:
            WriteFailed: it cannot be removed.
        """
        was = [place.remove(path) for place in self._places(path)]
        return any(was)

    def location(self, path: str) -> str:
        """Return where a published file is, for people."""
        return self._places(path)[0].location(path)

    def try_out(self) -> None:
        """See whether the folders can be written, or made where there are none, and leave no trace.

        Raises:
            WriteFailed: one of them cannot.
        """
        self._public.try_out()
        self._private.try_out()

    def _places(self, path: str) -> tuple[Folder, Folder]:
        """Return the folder that a path belongs into, and the other one."""
        if path.partition("/")[0] in self._names:
            return self._private, self._public
        return self._public, self._private
