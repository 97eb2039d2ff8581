"""The log on standard error: one line an event, with the time and the source's name.

Text from outside cannot forge a line or command a terminal here: whatever does not print is shown as its escape.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import TextIO

__all__ = ["printable", "set_up", "show_progress_of_service"]


class _Lines(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        # A traceback of our own is the one thing that spans lines.
        return line if record.exc_info else printable(line)


class _ToStandardError(logging.StreamHandler[TextIO]):
    def emit(self, record: logging.LogRecord) -> None:
        # Looked up at each line, for a progress bar takes its place to keep out of the way.
        self.stream = sys.stderr
        super().emit(record)


def printable(text: str) -> str:
    """Return `text` with everything that does not print (controls, line ends, escapes) written as its escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def set_up(*, quiet: bool, verbose: bool) -> None:
    """Log to standard error: problems only where a person watches, a line for each source where a file does."""
    handler = _ToStandardError()
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ"))
    logger = logging.getLogger("feedmill")
    logger.handlers[:] = [handler]
    logger.propagate = False
    usual = logging.WARNING if sys.stderr.isatty() else logging.INFO
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING if quiet else usual)


def show_progress_of_service(*, quiet: bool) -> None:
    """Let the service say what it does even on a terminal, where it has no other voice."""
    logger = logging.getLogger("feedmill")
    if not quiet and logger.level > logging.INFO:
        logger.setLevel(logging.INFO)
