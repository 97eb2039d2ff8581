"""Reads a JSON Feed back and holds it to the rules of version 1.1, to see that it is what it should be.

https://www.jsonfeed.org/version/1.1/ It must not know how documents are made: what it finds is compared with the
ids alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from feedmill.errors import CheckFailed

__all__ = ["check"]

_HINT = "The last good file stays. If the entry named is not at fault, this is a bug: please report it."
_VERSION = "https://jsonfeed.org/version/1.1"
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)  # RFC 3339 section 5.6
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 5646 section 2.1, its shape only
_MEDIA_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+(\s*;.*)?")
_EXTENSION = re.compile(r"_[^\W\d_][^.]*")

Rule = Callable[[object], str | None]
"""Says what is wrong with a value, as it follows the member's name; None if nothing is."""


def check(body: bytes, file_name: str, ids: Sequence[str]) -> None:
    """See that `body` is a whole, valid JSON Feed whose items have these ids, in this order.

    Raises:
        CheckFailed: it is not; the message says in which member.
    """

    def fail(what: str, place: str = "") -> NoReturn:
        where = f"{file_name}, {place}" if place else file_name
        raise CheckFailed(what, where=where, hint=_HINT)

    try:
        feed = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        fail("it is nested too deeply")
    except json.JSONDecodeError as error:
        fail(f"it is not JSON: {error.msg}", f"line {error.lineno}")
    except ValueError as error:
        fail(f"it is not JSON: {error}")
    for place, what in _faults(feed, _FEED, ""):
        fail(what, place)
    found = [item["id"] for item in feed["items"]]
    seen: set[str] = set()
    for number, identity in enumerate(found):
        if identity in seen:
            fail(f"the id {identity!r} stands in it twice", f"items[{number}].id")
        seen.add(identity)
    for number, (identity, expected) in enumerate(zip(found, ids, strict=False)):
        if identity != expected:
            fail(f"the id {identity!r} stands where {expected!r} should", f"items[{number}].id")
    if len(found) != len(ids):
        fail(f"it carries {len(found)} entries, not {len(ids)}")


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 section 4: of two members with one name, nobody knows which will be read."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the member {name!r} stands twice in one object")
        members[name] = value
    return members


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _faults(value: object, shape: _Shape, place: str) -> Iterable[tuple[str, str]]:
    """Yield the place and the fault of everything in `value` that `shape` does not allow."""
    if not isinstance(value, dict):
        yield place, f"{_called(place)} is not an object"
        return
    for name in shape.required:
        if name not in value:
            yield place, f"{_called(place)} has no `{name}`"
    if shape.either and not any(name in value for name in shape.either):
        yield place, f"{_called(place)} has neither {' nor '.join(f'`{name}`' for name in shape.either)}"
    for name, inner in value.items():
        yield from _member_faults(name, inner, shape, f"{place}.{name}" if place else name)
    if shape.also:
        wrong = shape.also(value)
        if wrong:
            yield place, wrong


def _member_faults(name: str, value: object, shape: _Shape, place: str) -> Iterable[tuple[str, str]]:
    if name in shape.lists:
        yield from _list_faults(value, shape.lists[name], place)
    elif name.startswith("_"):
        if not (_EXTENSION.fullmatch(name) and isinstance(value, dict)):
            yield place, f"`{name}` is no extension: an object whose name begins with _ and a letter"
    elif name not in shape.members:
        yield place, f"`{name}` is no member that the standard knows"
    elif wrong := shape.members[name](value):
        yield place, f"`{name}` {wrong}"


def _list_faults(value: object, shape: _Shape, place: str) -> Iterable[tuple[str, str]]:
    if not isinstance(value, list):
        yield place, f"{_called(place)} is not a list"
        return
    for number, inner in enumerate(value):
        yield from _faults(inner, shape, f"{place}[{number}]")


def _called(place: str) -> str:
    return f"`{place.rpartition('.')[2]}`" if place else "the feed"


class _Shape:
    """What an object may hold: members with their rules, lists of objects, and which of them it must have."""

    def __init__(
        self,
        members: Mapping[str, Rule],
        *,
        required: Sequence[str] = (),
        either: Sequence[str] = (),
        lists: Mapping[str, _Shape] | None = None,
        also: Callable[[Mapping[str, Any]], str | None] | None = None,
    ) -> None:
        self.members = members
        self.required = required
        self.either = either
        self.lists = lists or {}
        self.also = also


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else "is not a string"


def _words(value: object) -> str | None:
    return _text(value) or (None if str(value).strip() else "is blank")


def _version(value: object) -> str | None:
    return None if value == _VERSION else f"is not {_VERSION}"


def _url(value: object) -> str | None:
    if wrong := _text(value):
        return wrong
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return "is not an address"
    return None if parts.scheme and (parts.netloc or parts.path) else "is not an absolute address"


def _date(value: object) -> str | None:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            datetime.fromisoformat(value.upper())
            return None
    except ValueError:
        pass
    return f"is not a date with a zone: {value!r}"


def _language(value: object) -> str | None:
    return None if isinstance(value, str) and _LANGUAGE.fullmatch(value) else f"is not a language tag: {value!r}"


def _media_type(value: object) -> str | None:
    return None if isinstance(value, str) and _MEDIA_TYPE.fullmatch(value) else f"is not a media type: {value!r}"


def _number(value: object) -> str | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return None if good else "is not a number"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "is neither true nor false"


def _texts(value: object) -> str | None:
    good = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return None if good else "is not a list of strings"


def _elsewhere(feed: Mapping[str, Any]) -> str | None:
    loops = "next_url" in feed and feed["next_url"] == feed.get("feed_url")
    return "`next_url` is the same as `feed_url`" if loops else None


_AUTHOR = _Shape({"name": _text, "url": _url, "avatar": _url}, either=("name", "url", "avatar"))
_ATTACHMENT = _Shape(
    {"url": _url, "mime_type": _media_type, "title": _text, "size_in_bytes": _number, "duration_in_seconds": _number},
    required=("url", "mime_type"),
)
_ITEM = _Shape(
    {
        "id": _words,
        "url": _url,
        "external_url": _url,
        "title": _text,
        "content_html": _text,
        "content_text": _text,
        "summary": _text,
        "image": _url,
        "banner_image": _url,
        "date_published": _date,
        "date_modified": _date,
        "tags": _texts,
        "language": _language,
    },
    required=("id",),
    either=("content_html", "content_text"),
    lists={"authors": _AUTHOR, "attachments": _ATTACHMENT},
)
_HUB = _Shape({"type": _words, "url": _url}, required=("type", "url"))
_FEED = _Shape(
    {
        "version": _version,
        "title": _words,
        "home_page_url": _url,
        "feed_url": _url,
        "description": _text,
        "user_comment": _text,
        "next_url": _url,
        "icon": _url,
        "favicon": _url,
        "language": _language,
        "expired": _flag,
    },
    required=("version", "title", "items"),
    lists={"authors": _AUTHOR, "hubs": _HUB, "items": _ITEM},
    also=_elsewhere,
)
