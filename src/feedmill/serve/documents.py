"""The files of the published folder, in memory: whole, with the tag of just these bytes, and as fresh as the disk.

A document is known by what the system says of its file; one that was swapped is another file, and is read at once.
Nothing outside the folder is ever read. This module must not know how documents are asked for.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from feedmill.serve.asgi import Headers
from feedmill.serve.aside import aside
from feedmill.serve.codings import SUFFIXES, encode, unpacks_to
from feedmill.serve.negotiation import IDENTITY

__all__ = ["LARGEST", "Document", "Documents", "Form", "inner_path", "pieces"]

LARGEST = 8 * 1024 * 1024
"""Bytes of a file that is kept in memory; a larger one is sent from the disk, as it is."""

_MOST = 10_000
"""Documents that are kept, however small."""

_PIECE = 256 * 1024
_LONGEST_PATH = 1024
_TRIES = 4
_SAME_TIME = 1.0
"""Seconds, more than the clock of any file system is coarse: two versions could bear the same time."""

Key = tuple[int, int, int, int, int]


def _nobody(_: str, __: bytes, ___: str) -> None:
    """Nobody wants to know."""


@dataclass(slots=True)
class Form:
    """A document in one content coding. `whole` and `brief` are the fields of answers with and without it, once made;
    without a body it is sent from the disk."""

    coding: str
    etag: str
    size: int
    body: bytes | None
    whole: Headers = field(default_factory=list)
    brief: Headers = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Document:
    """A file: its `path` within the folder, its `digest` (SHA-256), when it was `modified` (whole seconds since 1970),
    and its forms by content coding, the one without a coding first."""

    path: str
    key: Key
    digest: str
    modified: int
    forms: dict[str, Form]
    settled: bool

    @property
    def body(self) -> bytes | None:
        """The bytes of the file, None if it is too large to be kept."""
        return self.forms[IDENTITY].body

    @property
    def held(self) -> int:
        """How many bytes of memory its forms take."""
        return sum(len(form.body) for form in self.forms.values() if form.body is not None)


class Documents:
    """The documents of the folder at `root`, at most `memory` bytes of them: those that were asked for last.

    `rewrite` makes of the bytes of a file those of its document. `came` is told of each version that is read, away from
    the event loop: path, body and digest.
    """

    def __init__(
        self, root: str | Path, memory: int = 64 * 1024 * 1024, *, rewrite: Callable[[bytes], bytes] | None = None
    ) -> None:
        self._rewrite = rewrite
        self.came: Callable[[str, bytes, str], None] = _nobody
        self.root = os.path.abspath(root)  # noqa: PTH100  # a string, looked at for each request
        self._memory = memory
        self._held = 0
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._loading: dict[str, asyncio.Future[Document | None]] = {}
        self._encoding: dict[tuple[str, str, str], asyncio.Future[Form]] = {}

    @property
    def held(self) -> int:
        """How many bytes are in memory now."""
        return self._held

    def look(self, path: str) -> os.stat_result | None:
        """Return what the system says of the file at `path`, a path that `inner_path` has let through."""
        try:
            return os.stat(f"{self.root}/{path}")  # noqa: PTH116
        except (OSError, ValueError):
            return None

    def known(self, path: str, now: os.stat_result) -> Document | None:
        """Return the document if it is in memory and the file is still the same, as `now` tells."""
        document = self._kept.get(path)
        if document is None or document.key != _key(now):
            return None
        if not document.settled and time.time() - _changed(now) > _SAME_TIME:
            return None  # what was read may have been swapped within the same tick of the clock: see once more
        self._kept.move_to_end(path)
        return document

    async def load(self, path: str) -> Document | None:
        """Return the document as it is on the disk now, None if there is none that may be read."""
        document = None
        for _ in range(_TRIES):
            if path not in self._loading:
                self._loading[path] = asyncio.ensure_future(self._load(path))
            document = await asyncio.shield(self._loading[path])
            # Another request may have begun to load before the file was swapped.
            now = self.look(path)
            if document is None or now is None or document.key == _key(now):
                break
        return document

    async def form(self, document: Document, coding: str) -> Form:
        """Return the document in a content coding, which is made the first time."""
        form = document.forms.get(coding)
        if form is not None:
            return form
        name = (document.path, document.digest, coding)
        if name not in self._encoding:
            self._encoding[name] = asyncio.ensure_future(self._encode(document, coding))
            self._encoding[name].add_done_callback(lambda _: self._encoding.pop(name))
        return await asyncio.shield(self._encoding[name])

    async def _load(self, path: str) -> Document | None:
        try:
            fresh = await aside(self._read, path)
        finally:
            del self._loading[path]
        before = self._kept.get(path)
        if fresh and before and (before.digest, before.modified) == (fresh.digest, fresh.modified):
            before.key, before.settled = fresh.key, fresh.settled
            return before
        self._forget(path)
        if fresh is not None:
            self._kept[path] = fresh
            self._held += fresh.held
            self._make_room()
        return fresh

    def _read(self, path: str) -> Document | None:
        document = _read(self.root, path, self._rewrite)
        if document is not None and document.body is not None:
            self.came(path, document.body, document.digest)
        return document

    async def _encode(self, document: Document, coding: str) -> Form:
        form = await aside(_encoded, self.root, document, coding)
        if coding not in document.forms:
            document.forms[coding] = form
            if self._kept.get(document.path) is document:
                self._held += len(form.body or b"")
                self._make_room()
        return document.forms[coding]

    def _make_room(self) -> None:
        while len(self._kept) > 1 and (self._held > self._memory or len(self._kept) > _MOST):
            self._forget(next(iter(self._kept)))

    def _forget(self, path: str) -> None:
        gone = self._kept.pop(path, None)
        if gone is not None:
            self._held -= gone.held


async def pieces(root: str, document: Document, part: range | None) -> AsyncGenerator[bytes]:
    """Yield a document that is not in memory, or a part of it, piece by piece from the disk.

    Raises:
        OSError: the file is another one by now.
    """
    descriptor = await asyncio.to_thread(_opened, root, document.path)
    try:
        if _key(os.fstat(descriptor)) != document.key:
            raise OSError(f"{document.path}: the file was replaced while it was asked for")
        wanted = part or range(document.forms[IDENTITY].size)
        place = wanted.start
        while place < wanted.stop:
            size = min(_PIECE, wanted.stop - place)
            piece = await asyncio.to_thread(os.pread, descriptor, size, place)
            if not piece:
                raise OSError(f"{document.path}: the file became shorter while it was sent")
            yield piece
            place += len(piece)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=1024)
def inner_path(path: str) -> str | None:
    """Return the path of a URL, percent-decoded, as a path within the folder; None for one that no file may have.

    Hidden and temporary files have none, nor have the compressed forms of others, and nothing leads upwards. A path
    that ends in a slash is that of a folder's page.
    """
    if not path.startswith("/") or len(path) > _LONGEST_PATH or not path.isprintable() or "\\" in path:
        return None
    inner = path[1:] + ("index.html" if path.endswith("/") else "")
    if any(part == "" or part[0] == "." for part in inner.split("/")) or inner.endswith(tuple(SUFFIXES.values())):
        return None
    return inner


def _read(root: str, path: str, rewrite: Callable[[bytes], bytes] | None = None) -> Document | None:
    """Read a file, whole as it was at one moment."""
    try:
        descriptor = _opened(root, path)
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as stream:
        for _ in range(_TRIES):
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                return None
            stream.seek(0)
            body = stream.read() if before.st_size <= LARGEST else None
            if body is not None and rewrite is not None:
                body = rewrite(body)
            digest = hashlib.sha256(body) if body is not None else hashlib.file_digest(stream, "sha256")
            # Who writes a file in its place, as we never do, is waited for.
            if _key(os.fstat(descriptor)) == _key(before):
                break
    name = digest.hexdigest()
    form = Form(IDENTITY, f'"{name[:32]}"', before.st_size if body is None else len(body), body)
    settled = time.time() - _changed(before) > _SAME_TIME
    return Document(path, _key(before), name, int(before.st_mtime), {IDENTITY: form}, settled)


def _opened(root: str, path: str) -> int:
    """Open a file of the folder.

    Raises:
        OSError: it cannot be opened, or is a link that leads out of the folder or to what is hidden.
    """
    home = os.path.realpath(root)
    real = os.path.realpath(f"{home}/{path}")
    if not real.startswith(f"{home}/") or inner_path(real[len(home) :]) is None:
        raise OSError(f"{path}: no file of the published folder")
    return os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _encoded(root: str, document: Document, coding: str) -> Form:
    """Return a form of a document: the one that lies beside it if it is that, else one made here."""
    body = document.body or b""
    packed = _beside(root, document.path, coding, len(body))
    if packed is None or not unpacks_to(coding, packed, body):
        packed = encode(coding, body)
    # A strong tag is that of the bytes: those of another version of the encoder are others.
    tag = f'"{document.digest[:32]}-{coding}-{hashlib.sha256(packed).hexdigest()[:8]}"'
    return Form(coding, tag, len(packed), packed)


def _beside(root: str, path: str, coding: str, most: int) -> bytes | None:
    suffix = SUFFIXES.get(coding)
    if suffix is None:
        return None
    try:
        with Path(f"{root}/{path}{suffix}").open("rb") as stream:
            packed = stream.read(most + 1)
    except (OSError, ValueError):
        return None
    return packed if len(packed) <= most else None


def _key(found: os.stat_result) -> Key:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _changed(found: os.stat_result) -> float:
    return max(found.st_mtime, found.st_ctime)
