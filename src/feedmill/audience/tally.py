"""Visits added up, by feed and program.

A client counts once a day, by a digest of its address and User-Agent under a salt that lives as long as the day:
nothing here can be led back to an address once the salt is gone. This module must not know where salts and sums are
kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import AddressValueError, IPv6Address

from feedmill.audience.distinct import Distinct
from feedmill.audience.readers import LONGEST, Kind, Reader, reader_of, recognized
from feedmill.model import Readership, Visit

__all__ = ["MOST_AGENTS", "MOST_READERS", "OTHERS", "Tally"]

MOST_READERS = 200
"""How many programs are told apart for one feed on one day."""

OTHERS = "others"
"""What all further ones are called."""

MOST_AGENTS = 2000
"""How many User-Agents that nobody recognizes are looked up: each takes a millisecond, and a client can send any."""

_OTHER = Reader(name=OTHERS, kind=Kind.BOT)
_MOST_PARTS = 1000
_BEFORE = ""  # what a day had counted when it was closed
_READ = frozenset({200, 206, 226, 304, 429})
"""The answers that a subscriber gets; whoever was told that there is nothing is none."""

_NETWORK_BITS = 64


@dataclass(slots=True)
class _Sum:
    kind: str
    requests: int = 0
    unconditional: int = 0
    not_modified: int = 0
    deltas: int = 0
    sent: int = 0
    saved: int = 0
    said: dict[str, int] = field(default_factory=dict)
    seen: Distinct = field(default_factory=Distinct)

    def say(self, part: str, number: int) -> None:
        """Take a declared number: those about different things add up, of those about the same the largest stands."""
        if part in self.said or len(self.said) < _MOST_PARTS:
            self.said[part] = max(self.said.get(part, 0), number)


class Tally:
    """The sums of one day. `salt` is a secret of that day, random, 16 bytes or more."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._sums: dict[tuple[str, str], _Sum] = {}
        self._readers: Counter[str] = Counter()  # of each feed
        self._agents: set[str] = set()  # that were looked up

    def __bool__(self) -> bool:
        return bool(self._sums)

    def add(self, visit: Visit) -> None:
        """Count a visit."""
        user_agent = visit.user_agent[:LONGEST]
        reader = self.reader(user_agent)
        into = self._sum(visit.feed, reader.name, reader.kind)
        into.requests += 1
        into.unconditional += not visit.conditional
        into.not_modified += visit.status == 304
        into.deltas += visit.status == 226
        into.sent += visit.sent
        into.saved += visit.saved
        if visit.status in _READ:
            self._count(into, reader, visit, user_agent)

    def reader(self, user_agent: str) -> Reader:
        """Return the program that a User-Agent names, as it is counted here."""
        user_agent = user_agent[:LONGEST]
        known = recognized(user_agent)
        if known is not None:
            return known
        if user_agent not in self._agents:
            if len(self._agents) >= MOST_AGENTS:
                return _OTHER
            self._agents.add(user_agent)
        return reader_of(user_agent)

    def join(self, others: Iterable[Readership]) -> None:
        """Add sums of the same day, counted under the same salt or closed."""
        for other in others:
            into = self._sum(other.feed, other.reader, other.kind)
            into.requests += other.requests
            into.unconditional += other.unconditional
            into.not_modified += other.not_modified
            into.deltas += other.deltas
            into.sent += other.sent
            into.saved += other.saved
            if other.seen is None:
                into.say(_BEFORE, other.subscribers)
                continue
            into.seen.join(Distinct.unpack(other.seen))
            for part, number in (other.said or {}).items():
                into.say(part, number)

    def sums(self, *, closed: bool = False) -> Iterator[Readership]:
        """Yield the sums, by feed and reader; `closed`, without what more could be counted by."""
        for (feed, reader), of in sorted(self._sums.items()):
            yield Readership(
                feed=feed,
                reader=reader,
                kind=of.kind,
                subscribers=sum(of.said.values()) + len(of.seen),
                requests=of.requests,
                unconditional=of.unconditional,
                not_modified=of.not_modified,
                deltas=of.deltas,
                sent=of.sent,
                saved=of.saved,
                said=None if closed else dict(of.said),
                seen=None if closed else of.seen.pack(),
            )

    def _sum(self, feed: str, reader: str, kind: str) -> _Sum:
        found = self._sums.get((feed, reader))
        if found is None:
            if reader != OTHERS and self._readers[feed] >= MOST_READERS:
                return self._sum(feed, OTHERS, Kind.BOT)
            self._readers[feed] += 1
            found = self._sums[feed, reader] = _Sum(kind)
        return found

    def _count(self, into: _Sum, reader: Reader, visit: Visit, user_agent: str) -> None:
        if reader.subscribers is not None:
            # A program that people run at home counts for each home; a service asks from many machines for one answer.
            home = visit.address if reader.kind is Kind.READER else ""
            into.say(f"{self._digest(visit.path, reader.part, _network(home)):x}", reader.subscribers)
        elif reader.kind is Kind.SERVICE:
            into.say(f"{self._digest(visit.path, reader.part, ''):x}", 1)
        elif reader.kind is Kind.READER:
            into.seen.add(self._digest(_network(visit.address), user_agent))

    def _digest(self, *of: str) -> int:
        told = "\n".join(of).encode(errors="surrogatepass")
        return int.from_bytes(blake2b(told, digest_size=8, key=self._salt).digest())


def _network(address: str) -> str:
    """The part of an address that stays: a client changes the last 64 bits of IPv6 daily and oftener (RFC 8981)."""
    if ":" not in address:
        return address
    try:
        whole = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return address
    return str(whole.ipv4_mapped) if whole.ipv4_mapped else f"{int(whole) >> _NETWORK_BITS:x}/64"
