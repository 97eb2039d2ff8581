"""Standard output and standard error, made so that whatever becomes of them cannot stop the work.

Whoever reads a pipe may have enough, a disk fills up, cron closes what it does not want: the site is published all the
same. This module must not know what is said.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Descriptor", "guard"]


class Descriptor(io.FileIO):
    """An open descriptor that takes everything; `failure` is why some of it was lost.

    A reader who closed a pipe has all that he wanted: that is no failure.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write what can be written, and call the rest written."""
        try:
            return os.write(self.fileno(), data)
        except BrokenPipeError:
            pass
        except OSError as error:
            self.failure = self.failure or error
        return memoryview(data).nbytes


def guard() -> Descriptor:
    """Put such descriptors under sys.stdout and sys.stderr; return that of standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It was closed, and would be the number of the next file that is opened. Those below it are open, so that
            # this is the lowest free one.
            os.open(os.devnull, os.O_RDWR)
    output, errors = Descriptor(1), Descriptor(2)
    sys.stdout = _text(output, sys.stdout, line_buffering=output.isatty())
    sys.stderr = _text(errors, sys.stderr, line_buffering=True)
    return output


def _text(raw: Descriptor, like: TextIO | None, *, line_buffering: bool) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=like.encoding if like else None,
        errors="backslashreplace",
        line_buffering=line_buffering,
    )
