"""One feed document read in two ways: in order as it may be, and by feedparser whatever it is."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import factories
from feedmill.errors import NormalizeError
from feedmill.model import Document, Draft, Hints, Problem
from feedmill.normalize import syndication, tidyfeed
from feedmill.normalize.upstream import Batch

__all__ = ["Reading", "by_feedparser", "differences", "in_order"]

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_URL = "https://up.example/blog/feed.xml"

Reading = tuple[Hints, tuple[Draft, ...], tuple[Problem, ...]] | str
"""What is read: hints, entries, problems; or why nothing could be read."""


def by_feedparser(body: bytes, charset: str | None = None) -> Reading:
    """Read a document as one that is not in order."""
    read = tidyfeed.read
    tidyfeed.read = lambda *_: None
    try:
        return _read(body, charset)
    finally:
        tidyfeed.read = read


def in_order(body: bytes, charset: str | None = None) -> Reading | None:
    """Read a document without feedparser, None if that cannot be done."""
    parse = syndication._parsed
    syndication._parsed = _refuse
    try:
        return _read(body, charset)
    except _NotInOrderError:
        return None
    finally:
        syndication._parsed = parse


def differences(one: Reading, other: Reading) -> list[str]:
    """Return in what two readings differ, entry by entry and field by field."""
    if isinstance(one, str) or isinstance(other, str):
        return [] if one == other else [f"{one!r} is not {other!r}"]
    found = [f"{a!r} is not {b!r}" for a, b in ((one[0], other[0]), (one[2], other[2])) if a != b]
    if len(one[1]) != len(other[1]):
        found.append(f"{len(one[1])} entries are not {len(other[1])}")
    for number, (a, b) in enumerate(zip(one[1], other[1], strict=False), start=1):
        pairs = [(field.name, getattr(a, field.name), getattr(b, field.name)) for field in fields(Draft)]
        found += [f"entry {number}, {name}: {x!r} is not {y!r}" for name, x, y in pairs if x != y]
    return found


class _NotInOrderError(Exception):
    pass


def _refuse(body: bytes, address: str) -> Any:
    raise _NotInOrderError


def _read(body: bytes, charset: str | None) -> Reading:
    document = Document(name=_URL, url=_URL, body=body, charset=charset)
    batch = Batch(factories.upstream(), factories.SITE, document, _NOW)
    try:
        hints = syndication._read(factories.upstream(), document, batch)
    except NormalizeError as error:
        return str(error)
    return hints, batch.drafts(), batch.problems()
