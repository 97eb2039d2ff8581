"""Sources that moved for good, and what may be written to the configuration of it.

This module must not know how the configuration is written, nor when a move is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from feedmill.collect.credentials import login, origin
from feedmill.model import Source, SourceState
from feedmill.pipeline.agenda import address_of, remembered

__all__ = ["Move", "moves"]


@dataclass(frozen=True, slots=True)
class Move:
    """The source of that name is asked at `address` since it moved. `url` is what may stand in the configuration for
    it; None where the secrets beside it would go to another origin then, which only a person can want."""

    source: str
    address: str
    url: str | None


def moves(sources: Iterable[Source], states: Mapping[str, SourceState]) -> Iterator[Move]:
    """Yield those of `sources` that are asked elsewhere than the configuration says."""
    for source in sources:
        address = remembered(source, states.get(source.name)).address
        if source.url and address and address != address_of(source):
            yield Move(source.name, address, _acceptable(source, source.url, address))


def _acceptable(source: Source, url: str, address: str) -> str | None:
    in_url = login(url) is not None
    if not (source.auth or source.headers or in_url):
        return address
    if origin(address) != origin(url):
        return None
    before, after = urlsplit(url).netloc, urlsplit(address)
    return urlunsplit(after._replace(netloc=f"{before.rpartition('@')[0]}@{after.netloc}")) if in_url else address
