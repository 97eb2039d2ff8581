"""What a look brought -> drafts, and what of each a reader sees: here, or in another process where many documents came.

This module must not know what is stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import NamedTuple

import msgspec

from feedmill.changes import revision
from feedmill.jobs.processes import Processes
from feedmill.model import Fetched, Normalized, Site, Source
from feedmill.normalize import apart, modules, normalizer

__all__ = ["Reading", "Readings"]

_WORTH_SENDING = 8 * 1024  # bytes; less is read in the time that it takes to send it


class Reading(NamedTuple):
    """What came, and the revision of each draft."""

    came: Normalized
    revisions: Sequence[str]


class Readings:
    """Reads what sources of these `kinds` bring to one site."""

    def __init__(self, site: Site, kinds: Iterable[str] = (), processes: Processes | None = None) -> None:
        self._site = site
        self._processes = processes or Processes(preload=["feedmill.pipeline.reading", *sorted(modules(kinds))])

    def close(self) -> None:
        """End the processes."""
        self._processes.close()

    def read(self, source: Source, fetched: Fetched, now: datetime) -> Reading:
        """Return the drafts of what `source` brought.

        Raises:
            NormalizeError: a document is not what it should be.
        """
        if sum(len(document.body) for document in fetched.documents) < _WORTH_SENDING:
            return _read(source, self._site, fetched, now)
        groups = apart(source.kind, fetched.documents)
        if len(groups) > 1:
            return self._read_apart(source, [replace(fetched, documents=group) for group in groups], now)
        packed = self._processes.call(_read_packed, source, self._site, fetched, now)
        return _read(source, self._site, fetched, now) if packed is None else _unpack(packed)

    def _read_apart(self, source: Source, parts: Sequence[Fetched], now: datetime) -> Reading:
        """Read the parts of a look, here and in other processes at once; whoever is done takes the next part."""
        self._processes.start()
        waiting = deque(enumerate(parts))
        done: dict[int, Reading] = {}

        def send() -> None:
            while waiting:
                number, part = waiting.popleft()
                packed = self._processes.call(_read_packed, source, self._site, part, now)
                if packed is None:
                    waiting.append((number, part))
                    return
                done[number] = _unpack(packed)

        senders = [Thread(target=send, name="feedmill-sender") for _ in range(self._processes.number)]
        for sender in senders:
            sender.start()
        while waiting or any(sender.is_alive() for sender in senders):
            try:
                number, part = waiting.popleft()
            except IndexError:
                for sender in senders:
                    sender.join()
                continue
            done[number] = _read(source, self._site, part, now)
        return _joined([done[number] for number in range(len(parts))])


def _joined(readings: Sequence[Reading]) -> Reading:
    came = [reading.came for reading in readings]
    return Reading(
        Normalized(
            drafts=tuple(draft for one in came for draft in one.drafts),
            unpublished=frozenset().union(*(one.unpublished for one in came)),
            failed=frozenset().union(*(one.failed for one in came)),
            problems=tuple(problem for one in came for problem in one.problems),
        ),
        tuple(revision for reading in readings for revision in reading.revisions),
    )


def _read(source: Source, site: Site, fetched: Fetched, now: datetime) -> Reading:
    came = normalizer(source.kind)(source, site, fetched, now)
    return Reading(came, tuple(map(revision, came.drafts)))


def _read_packed(source: Source, site: Site, fetched: Fetched, now: datetime) -> bytes:
    """Read as a message: pickled, drafts would cost more than they cost to be read."""
    return _pack(_read(source, site, fetched, now))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Reading).decode
