"""What a look brought -> drafts, and what of each a reader sees: here, or in another process where many documents came.

This module must not know what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from feedmill.changes import revision
from feedmill.jobs.processes import Processes
from feedmill.model import Fetched, Normalized, Site, Source
from feedmill.normalize import normalizer

__all__ = ["Reading", "Readings"]

_WORTH_SENDING = 8 * 1024  # bytes; less is read in the time that it takes to send it


class Reading(NamedTuple):
    """What came, and the revision of each draft."""

    came: Normalized
    revisions: Sequence[str]


class Readings:
    """Reads what the sources of one site bring."""

    def __init__(self, site: Site, processes: Processes | None = None) -> None:
        self._site = site
        self._processes = processes or Processes(
            preload=["feedmill.pipeline.reading", "feedmill.normalize.syndication"]
        )

    def close(self) -> None:
        """End the processes."""
        self._processes.close()

    def read(self, source: Source, fetched: Fetched, now: datetime) -> Reading:
        """Return the drafts of what `source` brought.

        Raises:
            NormalizeError: a document is not what it should be.
        """
        if len(fetched.documents) != 1 or len(fetched.documents[0].body) < _WORTH_SENDING:
            return _read(source, self._site, fetched, now)
        packed = self._processes.call(_read_packed, source, self._site, fetched, now)
        return _read(source, self._site, fetched, now) if packed is None else _unpack(packed)


def _read(source: Source, site: Site, fetched: Fetched, now: datetime) -> Reading:
    came = normalizer(source.kind)(source, site, fetched, now)
    return Reading(came, tuple(map(revision, came.drafts)))


def _read_packed(source: Source, site: Site, fetched: Fetched, now: datetime) -> bytes:
    """Read as a message: pickled, drafts would cost more than they cost to be read."""
    return _pack(_read(source, site, fetched, now))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Reading).decode
