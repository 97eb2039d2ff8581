"""Access logs added up like our own visits, whatever their length and order, in memory that does not grow with them.

This module must not know how a log is opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import BinaryIO
from urllib.parse import unquote

from feedmill.audience.accesslog import LONGEST_LINE, Access, read_line
from feedmill.audience.tally import Tally
from feedmill.model import Readership, Visit

__all__ = ["LogCount", "lines"]

_DAYS_OPEN = 8
"""Of how many days clients can still be told apart: logs are rotated within a day, and named in any order."""

_SIZES_KEPT = 10_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class LogCount:
    """The sums of logs. `feed_at` returns the name of the feed that has a document at a path, None if none has.

    `others` counts lines that tell of nothing, `malformed` those that cannot be read. `tells_conditions` says whether
    the logs tell of every request if the client named what it has.
    """

    def __init__(self, feed_at: Callable[[str], str | None]) -> None:
        self._feed_at = feed_at
        self._salt = secrets.token_bytes(32)  # of this one count: it is never stored
        self._open: dict[date, Tally] = {}
        self._closed: dict[date, list[Readership]] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self.lines = 0
        self.malformed = 0
        self.tells_conditions = True

    def read(self, lines: Iterable[bytes | None]) -> None:
        """Count the requests that lines tell of; None stands for one that is too long."""
        for line in lines:
            self.lines += 1
            try:
                access = None if line is None else read_line(line)
            except ValueError:
                self.malformed += 1
                continue
            if line is None:
                self.malformed += 1
            elif access is not None and access.method == "GET":
                self._count(access)

    def days(self) -> dict[date, list[Readership]]:
        """Return the sums of each day, the oldest first."""
        for day in list(self._open):
            self._close(day)
        return dict(sorted(self._closed.items()))

    def _count(self, access: Access) -> None:
        target = _path(access.target)
        feed = self._feed_at(target)
        if feed is None or access.status in _REDIRECTS:  # where it leads to is another line of the log
            return
        path = target.partition("?")[0]
        self.tells_conditions = self.tells_conditions and access.conditional is not None
        tally = self._day(access.day)
        visit = Visit(
            feed=feed,
            address=access.address,
            user_agent=access.user_agent,
            status=access.status,
            conditional=access.conditional is not False,
            sent=access.size,
            saved=self._saved((path, tally.reader(access.user_agent).name), access),
            path=path,
        )
        tally.add(visit)

    def _saved(self, key: tuple[str, str], access: Access) -> int:
        """What a 304 spared: as much as the same program was sent the last time that it was sent the whole."""
        if access.status == 200:
            if len(self._sizes) >= _SIZES_KEPT:
                self._sizes.clear()
            self._sizes[key] = access.size
        spared = self._sizes.get(key, 0)
        return spared if access.status == 304 else max(spared - access.size, 0) if access.status == 226 else 0

    def _day(self, day: date) -> Tally:
        tally = self._open.pop(day, None)
        if tally is None:
            tally = Tally(self._salt)
            tally.join(self._closed.pop(day, ()))
        self._open[day] = tally  # the last one that was asked for stands last
        if len(self._open) > _DAYS_OPEN:
            self._close(next(iter(self._open)))
        return tally

    def _close(self, day: date) -> None:
        self._closed[day] = list(self._open.pop(day).sums(closed=True))


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines of a log, None for each that is longer than any request makes it."""
    while line := stream.readline(LONGEST_LINE):
        if line.endswith(b"\n") or len(line) < LONGEST_LINE:
            if line.strip():
                yield line
            continue
        while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _path(target: str) -> str:
    """The path that a request asks for, with its query; clients may send whole addresses (RFC 9112, section 3.2.2)."""
    path = target.partition("#")[0]
    if path.startswith(("http://", "https://")):
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path)
