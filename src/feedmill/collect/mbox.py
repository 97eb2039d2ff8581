"""An mbox file -> where its messages are, and their bytes.

The file may be larger than memory: it is read through once, a line at a time. This module must not know what was
seen before, nor what a message means.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Located", "index", "read"]

_LINE = 64 * 1024  # bytes; a longer line comes in pieces, and only its first can be a separator
# RFC 4155 appendix A: "From ", a sender, and a date of asctime.
_SEPARATOR = re.compile(rb"From .*\d\d:\d\d")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEAD = 64 * 1024  # bytes; the header fields that mail programs add stand near the top
# A mail program that only marks a message as deleted leaves it in the file: Thunderbird, and those of the UW family.
_DELETED = re.compile(rb"^X-Mozilla-Status: [0-9a-fA-F]{3}[89a-fA-F]\b|^X-Status: *\w*[DT]", re.MULTILINE)
_INTERNAL = re.compile(rb"^Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Located:
    """A message in the file: where it begins behind its separator, how long it is, and the SHA-256 of its bytes."""

    start: int
    size: int
    digest: str


def index(stream: BinaryIO) -> Iterator[Located]:
    """Yield the messages of an mbox file, oldest first.

    A message begins with a line `From ...` at the beginning of the file or after a blank line.
    """
    start: int | None = None
    at, blank, whole = 0, True, True
    digest = hashlib.sha256()
    while line := stream.readline(_LINE):
        if whole and blank and _SEPARATOR.match(line):
            if start is not None:
                yield Located(start, at - start, digest.hexdigest())
            start, digest = at + len(line), hashlib.sha256()
        else:
            digest.update(line)
        at += len(line)
        blank = whole and not line.strip()
        whole = line.endswith(b"\n")
    if start is not None:
        yield Located(start, at - start, digest.hexdigest())


def read(stream: BinaryIO, located: Located) -> bytes | None:
    """Return a message as it was sent, its quoted `>From ` lines restored; None for one marked as deleted."""
    stream.seek(located.start)
    body = stream.read(located.size)
    head = re.split(rb"\r?\n\r?\n", body[:_HEAD], maxsplit=1)[0]
    if _DELETED.search(head) or _INTERNAL.search(head):
        return None
    return _QUOTED.sub(rb"\1", body)
