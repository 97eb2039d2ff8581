"""A mailbox -> Fetched: the messages that were not read before, each as the bytes of RFC 5322.

A Maildir, an mbox file, a folder of `.eml` files, or (in a module of its own) an IMAP folder. Mailboxes are only
read, never changed. What vanishes from one was not withdrawn: people tidy up. This module must not know what a
message says.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from feedmill.collect import mbox
from feedmill.collect.folder import walk
from feedmill.errors import FolderError
from feedmill.model import Document, Fetched, Problem, Source

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient

__all__ = ["LOOK_BYTES", "MEDIA_TYPE", "collect", "left_for_later", "too_large"]

LOOK_BYTES = 48 * 1024 * 1024
"""How much one look reads; what is left comes with the next looks, so that no mailbox fills the memory."""

MEDIA_TYPE = "message/rfc822"

_WHOLE = "."  # the stamp of an mbox file as a whole
_EML = frozenset({".eml"})
_GONE = frozenset("DT")  # Maildir flags: a draft, and a message in the trash


@dataclass(frozen=True, slots=True)
class _Message:
    """A message in a mailbox. The greater its `order`, the later it came; `modified` is the time of its file.

    `read` returns its bytes, None where there is nothing to read after all.
    """

    name: str
    stamp: str
    size: int
    order: int
    read: Callable[[], bytes | None]
    modified: datetime | None = None


@dataclass(slots=True)
class _Mailbox:
    messages: list[_Message] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)


def collect(source: Source, stamps: Mapping[str, str], http: Callable[[], HttpClient]) -> Fetched:
    """Read what is new in the mailbox of `source`: its `path`, or the IMAP folder at its `url`.

    Args:
        source: where the mailbox is, and with `max_file` the largest message to accept.
        stamps: what the last look left, empty to read everything.
        http: called for the client through which an IMAP server is reached.

    Raises:
        FolderError: the mailbox does not exist or cannot be read.
        CollectError: the IMAP server could not be asked.
    """
    if source.url is not None:
        from feedmill.collect import imap

        return imap.collect(source, stamps, http())
    if source.path is None:
        raise FolderError(
            "the source has neither path nor url", where=source.name, hint="Set one of them in its [[sources]] table."
        )
    try:
        mailbox = _opened(source, source.path.resolve(strict=True), stamps)
    except OSError as error:
        raise FolderError(
            f"the mailbox cannot be read ({error.strerror or error})",
            where=str(source.path),
            hint=f"Create it or correct `path` of source {source.name!r}; what was published from it stays.",
        ) from error
    if mailbox is None:
        return Fetched(source=source.name, unchanged=True, stamps=dict(stamps))
    return _new(source, mailbox, stamps)


def left_for_later(count: int, where: str) -> Problem:
    """Return the report's line about messages that one look had no room for."""
    return Problem(where=where, message=f"{count} more messages are waiting; they are read at the next look")


def too_large(source: Source, where: str, size: int) -> Problem:
    """Return the report's line about a message that is larger than the source accepts."""
    message = f"has {size} bytes, more than max_file = {source.max_file}; skipped"
    return Problem(where=where, message=message)


def _opened(source: Source, path: Path, stamps: Mapping[str, str]) -> _Mailbox | None:
    """Return what is in the mailbox, whatever kind it is; None for an mbox file that is as it was."""
    if path.is_file():
        return _walked(source) if path.suffix.lower() in _EML else _mbox(path, stamps)
    if (path / "cur").is_dir() and (path / "new").is_dir():
        return _maildir(source, path)
    return _walked(source)


def _walked(source: Source) -> _Mailbox:
    look = walk(source, _EML, inf)
    messages = [
        _Message(name, found.stamp, found.size, found.modified_ns, found.path.read_bytes, _moment(found.modified_ns))
        for name, found in look.found.items()
    ]
    return _Mailbox(messages, look.problems)


def _maildir(source: Source, path: Path) -> _Mailbox:
    """Read a Maildir as its specification has it: https://cr.yp.to/proto/maildir.html.

    A message keeps the first part of its name when it is moved or marked, and its bytes for ever.
    """
    box = _Mailbox()
    for folder in ("new", "cur"):
        with os.scandir(path / folder) as entries:
            for entry in entries:
                name, _, flags = entry.name.partition(":2,")
                if name.startswith(".") or _GONE & set(flags):
                    continue
                readable = os.fsencode(name).decode(errors="replace")
                where = f"{source.name}: {readable}"
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # it was moved or removed since: the next look will tell
                    continue
                if stat.S_ISREG(status.st_mode):
                    came, read = status.st_mtime_ns, partial(_delivered, Path(entry.path))
                    box.messages.append(_Message(readable, "", status.st_size, came, read, _moment(came)))
                elif not stat.S_ISDIR(status.st_mode):
                    box.problems.append(Problem(where=where, message="is not a regular file; skipped"))
    return box


def _mbox(path: Path, stamps: Mapping[str, str]) -> _Mailbox | None:
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        stamp = f"{status.st_mtime_ns}:{status.st_size}"
        if stamps.get(_WHOLE) == stamp:
            return None
        start = stream.read(5)
        if start.strip() and start != b"From ":
            raise FolderError(
                'this is no mailbox: an mbox file begins with "From "',
                where=str(path),
                hint="A mailbox is a Maildir, an mbox file, a folder of .eml files, or one .eml file.",
            )
        stream.seek(0)
        found = {located.digest: located for located in mbox.index(stream)}
    messages = [
        _Message(located.digest, "", located.size, located.start, partial(_from_mbox, path, located))
        for located in found.values()
    ]
    return _Mailbox(messages, stamps={_WHOLE: stamp})


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(max(nanoseconds, 0) // 1_000_000_000, UTC)


def _delivered(path: Path) -> bytes | None:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _from_mbox(path: Path, located: mbox.Located) -> bytes | None:
    with path.open("rb") as stream:
        return mbox.read(stream, located)


def _new(source: Source, mailbox: _Mailbox, stamps: Mapping[str, str]) -> Fetched:
    old = {message.name for message in mailbox.messages if stamps.get(message.name) == message.stamp}
    fresh = sorted((m for m in mailbox.messages if m.name not in old), key=lambda m: (-m.order, m.name))
    if not fresh and not mailbox.problems:
        kept = {name: stamp for name, stamp in stamps.items() if name in old}
        return Fetched(source=source.name, unchanged=True, stamps=kept | mailbox.stamps)
    reading = _Reading(source)
    documents = tuple(reading.documents(fresh))
    if reading.left:
        mailbox.problems.append(left_for_later(reading.left, source.name))
    whole = {} if reading.left or reading.unread else mailbox.stamps
    return Fetched(
        source=source.name,
        documents=documents,
        stamps={name: stamps[name] for name in old} | reading.done | whole,
        problems=(*mailbox.problems, *reading.problems),
    )


@dataclass(slots=True)
class _Reading:
    """Reads the newest messages, as many as there is room for in one look.

    `done` has the stamps of those that need not be looked at again, `unread` counts those that could not be read and
    `left` those that there was no room for.
    """

    source: Source
    done: dict[str, str] = field(default_factory=dict)
    unread: int = 0
    left: int = 0
    problems: list[Problem] = field(default_factory=list)

    def documents(self, fresh: Sequence[_Message]) -> Iterator[Document]:
        room = LOOK_BYTES
        for number, message in enumerate(fresh):
            where = f"{self.source.name}: {message.name}"
            if message.size > self.source.max_file:
                self.problems.append(too_large(self.source, where, message.size))
                self.done[message.name] = message.stamp
                continue
            if room < min(message.size, LOOK_BYTES):
                self.left = len(fresh) - number
                return
            try:
                body = message.read()
            except OSError as error:
                self.problems.append(Problem(where=where, message=f"cannot be read ({error.strerror or error})"))
                self.unread += 1
                continue
            self.done[message.name] = message.stamp
            if body is not None:
                room -= len(body)
                yield Document(name=message.name, body=body, media_type=MEDIA_TYPE, modified=message.modified)
