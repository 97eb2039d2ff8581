"""What is new in a feed, as a document of its own: RFC 3229 with the manipulation `feed`. Pure functions.

Of two versions of an RSS, Atom or JSON feed document the later one is given without the entries that the earlier one
had just so. Nothing is written anew: a delta is the later document, byte for byte, with pieces taken out. An earlier
version is known by a digest alone. This module must not know where versions are kept, nor who asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from xml.parsers import expat

__all__ = ["KINDS", "Digest", "delta", "digest"]

_WIDTH = 8
_SPACE = b" \t\r\n"
_ATOM = "http://www.w3.org/2005/Atom "
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0 "
_TAG = re.compile(rb"<([^\s/>]+)")


@dataclass(frozen=True, slots=True)
class Digest:
    """A version of a document, in a few bytes an entry: for each, in their order, eight that stand for its id and eight
    for all that it says; and the same for each entry that is told to be gone."""

    entries: tuple[tuple[bytes, bytes], ...]
    gone: frozenset[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """An entry of a document, or what is left of one, and where it stands."""

    key: tuple[bytes, bytes]
    start: int
    end: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document and its pieces; `separator` stands between two of them besides what belongs to them."""

    body: bytes
    pieces: Sequence[_Piece]
    separator: bytes = b""

    def without(self, unwanted: Callable[[_Piece], bool]) -> bytes:
        """Return the document without some of its pieces."""
        kept: list[bytes] = []
        place = 0
        written = False
        for piece in self.pieces:
            between = self.body[place : piece.start]
            kept.append(between.removeprefix(self.separator) if place else between)
            if not unwanted(piece):
                kept.append(self.separator if written else b"")
                kept.append(self.body[piece.start : piece.end])
                written = True
            place = piece.end
        return b"".join(kept) + self.body[place:]


class _Uncut(Exception):
    """The document is not one that can be cut."""


def digest(body: bytes, kind: str) -> Digest | None:
    """Return the digest of a document of a media type; None if it is no feed whose entries all have an id."""
    cut = _cut(body, kind)
    if cut is None:
        return None
    return Digest(
        tuple(piece.key for piece in cut.pieces if not piece.gone),
        frozenset(piece.key for piece in cut.pieces if piece.gone),
    )


def delta(before: Digest, body: bytes, kind: str) -> bytes | None:
    """Return what is new in `body`, a document of a media type, to those who have the version `before`.

    None if there is no such document that is smaller, or that would lead to the same feed: an entry left it, and not
    because newer ones pushed it out, and nothing says so; or those that stayed stand in another order.
    """
    cut = _cut(body, kind)
    if cut is None:
        return None
    now = [piece.key for piece in cut.pieces if not piece.gone]
    said_gone = {piece.key[0] for piece in cut.pieces if piece.gone}
    old = dict(before.entries)
    if len(old) != len(before.entries) or len(dict(now)) != len(now):
        return None
    if any(id_ not in said_gone for id_ in _lost([id_ for id_, _ in before.entries], dict(now))):
        return None
    stayed = [id_ for id_, said in now if old.get(id_) == said]
    if stayed != [id_ for id_ in old if id_ in set(stayed)]:
        return None
    had = {*before.entries, *before.gone}
    found = cut.without(lambda piece: piece.key in had)
    return found if len(found) < len(body) else None


def _lost(old: Sequence[bytes], now: Mapping[bytes, bytes]) -> list[bytes]:
    """Return the ids that are no longer there, but for those at the end for each of which a newer one came: these were
    pushed out, and readers keep them. One that came after all that stayed is an older one for which there is room now,
    and of a feed that became longer nothing was pushed out.
    """
    end = next((place + 1 for place in reversed(range(len(old))) if old[place] in now), 0)
    lost = [id_ for id_ in old[:end] if id_ not in now]
    had, order = set(old), list(now)
    last = max((place for place, id_ in enumerate(order) if id_ in had), default=len(order))
    came = sum(id_ not in had for id_ in order[:last]) if len(order) <= len(old) else 0
    return lost if came >= len(old) - end else [*lost, *old[end:]]


def _cut(body: bytes, kind: str) -> _Cut | None:
    cutter = KINDS.get(kind)
    try:
        return cutter(body) if cutter else None
    except (_Uncut, expat.ExpatError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _short(data: bytes) -> bytes:
    return blake2b(data, digest_size=_WIDTH).digest()


class _Elements:
    """Finds the pieces of an XML document: the children of one parent that are called so, with their ids."""

    def __init__(self, body: bytes, parents: Sequence[str], entry: str, id_: str, gone: str = "") -> None:
        self._body = body
        self._parents = list(parents)
        self._names = (entry, gone)
        self._id_name = id_
        self._path: list[str] = []
        self._start = 0
        self._id: list[str] | None = None
        self.pieces: list[_Piece] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.Parse(body, True)  # noqa: FBT003

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) < len(self._parents):
            if name != self._parents[len(self._path)]:
                self._path.append("")  # another branch
                return
        elif self._path == self._parents and name in self._names:
            self._start = self._parser.CurrentByteIndex
            self._id = [attributes["ref"]] if name == self._names[1] and "ref" in attributes else []
        self._path.append(name)

    def _text(self, text: str) -> None:
        depth = len(self._parents)
        if self._id is not None and len(self._path) == depth + 2 and self._path[-1] == self._id_name:
            self._id.append(text)

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._id is None or self._path != self._parents:
            return
        id_ = "".join(self._id).strip()
        self._id = None
        if not id_:
            raise _Uncut
        start = self._start
        while self._body[start - 1] in _SPACE:  # its own, so that none are left of a piece that is taken out
            start -= 1
        end = self._end_of(self._start, self._parser.CurrentByteIndex)
        key = (_short(id_.encode()), _short(self._body[self._start : end]))
        self.pieces.append(_Piece(key, start, end, gone=name == self._names[1]))

    def _end_of(self, start: int, index: int) -> int:
        """Return where an element ends. The parser tells where its last tag begins, and of an empty one its end."""
        tag = _TAG.match(self._body, start)
        if tag and self._body.startswith(b"</" + tag[1], index):
            return self._body.index(b">", index) + 1
        return index

    def _refuse(self, *_: object) -> None:
        raise _Uncut


def _rss(body: bytes) -> _Cut:
    return _Cut(body, _Elements(_narrow(body), ("rss", "channel"), "item", "guid").pieces)


def _atom(body: bytes) -> _Cut:
    found = _Elements(
        _narrow(body), (f"{_ATOM}feed",), f"{_ATOM}entry", f"{_ATOM}id", gone=f"{_TOMBSTONES}deleted-entry"
    )
    return _Cut(body, found.pieces)


def _narrow(body: bytes) -> bytes:
    if b"\0" in body[:100]:  # UTF-16 and its like, whose signs are not one byte each
        raise _Uncut
    return body


_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*")


def _json(body: bytes) -> _Cut:
    """Walk through the members of the document to `items`, and through these: their places are what counts."""
    text = body.decode()
    place = _after(text, 0, "{")
    while True:
        name, place = _DECODER.raw_decode(text, place)
        place = _after(text, place, ":")
        if name == "items":
            break
        _, place = _DECODER.raw_decode(text, place)
        place = _after(text, place, ",")
    place = _after(text, place, "[")
    spans: list[tuple[str, int, int]] = []
    while text[place] != "]":
        item, end = _DECODER.raw_decode(text, place)
        spans.append((item["id"], place, end))
        place = _BLANK.match(text, end).end()  # type: ignore[union-attr]
        if text[place] != "]":
            place = _after(text, place, ",")
    return _Cut(body, list(_in_bytes(text, spans)), separator=_separator(text, spans))


def _in_bytes(text: str, spans: Sequence[tuple[str, int, int]]) -> Iterator[_Piece]:
    counted = place = 0
    for id_, start, end in spans:
        counted += len(text[place:start].encode())
        said = text[start:end].encode()
        yield _Piece((_short(str(id_).encode()), _short(said)), counted, counted + len(said))
        counted += len(said)
        place = end


def _separator(text: str, spans: Sequence[tuple[str, int, int]]) -> bytes:
    """Return what stands between two items, which must be the same everywhere."""
    found = {text[one[2] : other[1]] for one, other in pairwise(spans)}
    if len(found) > 1:
        raise _Uncut
    return found.pop().encode() if found else b""


def _after(text: str, place: int, sign: str) -> int:
    """Return where the next value begins, after a sign that must be there."""
    place = _BLANK.match(text, place).end()  # type: ignore[union-attr]
    if not text.startswith(sign, place):
        raise _Uncut
    return _BLANK.match(text, place + 1).end()  # type: ignore[union-attr]


KINDS: Mapping[str, Callable[[bytes], _Cut]] = {
    "application/rss+xml": _rss,
    "application/atom+xml": _atom,
    "application/feed+json": _json,
}
"""The formats that deltas are made of, by media type."""
