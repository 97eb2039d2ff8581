"""The log on standard error: one line an event, with the time and the source's name, for people or as JSON.

Text from outside cannot forge a line or command a terminal here: whatever does not print is shown as its escape.
"""

from __future__ import annotations

import logging
import sys
import time
from enum import StrEnum
from typing import TextIO

import click

__all__ = ["LogFormat", "printable", "say", "set_up", "show_progress_of_service"]


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


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


def set_up(*, quiet: bool, verbose: bool, form: LogFormat = LogFormat.TEXT) -> None:
    """Log to standard error: problems only where a person watches, a line for each source where a file does."""
    handler = _ToStandardError()
    handler.setFormatter(_objects() if form is LogFormat.JSON else _lines())
    logger = logging.getLogger("feedmill")
    logger.handlers[:] = [handler]
    logger.propagate = False
    usual = logging.WARNING if sys.stderr.isatty() else logging.INFO
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING if quiet else usual)


def say(message: str) -> None:
    """Say on standard error why a command ends: as it is, or where the log is JSON as a part of that."""
    logger = logging.getLogger("feedmill")
    if any(handler.formatter is not None and not isinstance(handler.formatter, _Lines) for handler in logger.handlers):
        logger.error("%s", message)
    else:
        click.echo(message, err=True)


def show_progress_of_service(*, quiet: bool) -> None:
    """Let the service say what it does even on a terminal, where it has no other voice."""
    logger = logging.getLogger("feedmill")
    if not quiet and logger.level > logging.INFO:
        logger.setLevel(logging.INFO)


def _lines() -> logging.Formatter:
    return _Lines("%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ")


def _objects() -> logging.Formatter:
    """One JSON object a line: `time`, `level`, `logger`, `message`, and where they are known `source`, `feed` and
    `exception`. All but ASCII is escaped in it."""
    from pythonjsonlogger.json import JsonFormatter  # most commands log lines

    renamed = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}
    made = JsonFormatter(["asctime", "levelname", "name", "message"], rename_fields=renamed)
    made.converter = time.gmtime
    made.default_time_format, made.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    return made
