"""A JSON Feed as its rules look at it, and where in the text each part of it stands.

This module must not know any rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented nowhere, there since Python 2.6
from typing import Any, NoReturn

from feedmill.errors import NormalizeError

__all__ = ["AUTHOR", "HUB", "Json", "Part", "parse"]

Path = tuple[str | int, ...]

_FEED: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "author": dict, "language": str, "expired": bool,
    "hubs": list, "items": list,
}  # fmt: skip
_ITEM: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "author": dict,
    "tags": list, "language": str, "attachments": list,
}  # fmt: skip
_ATTACHMENT = {"url": str, "mime_type": str, "title": str, "size_in_bytes": float, "duration_in_seconds": float}
AUTHOR: dict[str, type] = {"name": str, "url": str, "avatar": str}
HUB: dict[str, type] = {"type": str, "url": str}
_WHITE = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Part:
    """An object of the document and where it is."""

    path: Path
    data: dict[str, Any]
    keys: dict[str, type]


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON Feed: its top level, its items, and the objects in both. `lines` is found out when it is first needed.

    `twice` are names that stand twice in one object.
    """

    source: str
    feed: Part
    twice: tuple[str, ...] = ()
    items: list[Part] = field(default_factory=list)
    authors: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    hubs: list[Part] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        """Yield every object that has rules."""
        yield self.feed
        yield from (*self.items, *self.authors, *self.attachments, *self.hubs)

    def line(self, part: Part, key: str | None = None) -> int:
        """Return the line in which a part, or the value of one of its keys, begins."""
        if not self.lines:
            self.lines.update(_lines(self.source))
        path = part.path if key is None else (*part.path, key)
        return self.lines.get(path) or self.lines.get(part.path, 1)


def parse(body: bytes) -> Json:
    """Read a JSON Feed (RFC 8259).

    Raises:
        NormalizeError: it is no JSON object; `where` is the number of the line.
    """
    try:
        told = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise NormalizeError("it is not UTF-8, as JSON must be (RFC 8259 section 8.1)", where=str(line)) from error
    twice: list[str] = []
    try:
        data = json.loads(told, object_pairs_hook=partial(_members, twice), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NormalizeError(f"it is not JSON: {error.msg}", where=str(error.lineno)) from error
    except RecursionError as error:
        raise NormalizeError("its lists and objects stand in each other too deeply", where="1") from error
    except ValueError as error:  # a number that JSON does not have, or one that no machine holds
        raise NormalizeError(f"it is not JSON: {error}", where="1") from error
    if not isinstance(data, dict):
        raise NormalizeError("it is JSON, but not an object", where="1")
    feed = Part((), data, _FEED)
    items = [Part(("items", place), item, _ITEM) for place, item in _objects(data, "items")]
    both = [feed, *items]
    return Json(
        source=told,
        twice=tuple(twice),
        feed=feed,
        items=items,
        authors=[*_parts(both, "authors", AUTHOR), *_single(both)],
        attachments=list(_parts(items, "attachments", _ATTACHMENT)),
        hubs=list(_parts([feed], "hubs", HUB)),
    )


def _members(twice: list[str], pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice += [name for name in members if names.count(name) > 1]
    return members


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _objects(data: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    found = data.get(key)
    for place, one in enumerate(found if isinstance(found, list) else ()):
        if isinstance(one, dict):
            yield place, one


def _parts(of: list[Part], key: str, keys: dict[str, type]) -> Iterator[Part]:
    for part in of:
        for place, data in _objects(part.data, key):
            yield Part((*part.path, key, place), data, keys)


def _single(of: list[Part]) -> Iterator[Part]:
    for part in of:
        if isinstance(part.data.get("author"), dict):
            yield Part((*part.path, "author"), part.data["author"], AUTHOR)


def _lines(source: str) -> dict[Path, int]:
    """Return the line in which each value begins; what stands deeper than an item's parts is passed over."""
    found: dict[Path, int] = {}
    decoder = json.JSONDecoder()
    breaks = _Breaks(source)

    def skip(at: int) -> int:
        while source[at] in _WHITE:
            at += 1
        return at

    def value(path: Path, at: int) -> int:
        found[path] = breaks.line(at)
        if source[at] not in "{[" or len(path) > 6:
            return decoder.raw_decode(source, at)[1]
        closing, place = ("}" if source[at] == "{" else "]"), 0
        at = skip(at + 1)
        while source[at] != closing:
            key: str | int = place
            if closing == "}":
                key, at = scanstring(source, at + 1, True)  # noqa: FBT003  # it takes no keywords
                at = skip(skip(at) + 1)
            at = skip(value((*path, key), at))
            if source[at] == ",":
                at = skip(at + 1)
            place += 1
        return at + 1

    value((), skip(0))
    return found


class _Breaks:
    """Counts lines while it is asked for places further and further on."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._line = 1

    def line(self, at: int) -> int:
        self._line += self._source.count("\n", self._at, at)
        self._at = at
        return self._line
