"""What nobody may read in a published document: addresses that hold a login, or a key to a door.

This module must not know any format.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from feedmill.model import Edition, Entry, Origin

__all__ = ["discreet", "is_public"]

_SECRET = re.compile(
    r"(^|[-_.])(token|key|apikey|secret|auth|authorization|password|passwd|pass|pwd|pw|sig|signature|session|sid|"
    r"credential|credentials|jwt|access)($|[-_.])"
)
_KEY_IN_PATH = re.compile(r"(private-)?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_public(url: str) -> bool:
    """Return whether an address can be shown to everybody: it is on the web, and no part of it looks like a secret."""
    try:
        parts = urlsplit(url)
        login = parts.username is not None or parts.password is not None
    except ValueError:
        return False
    if login or parts.scheme not in ("http", "https"):
        return False
    if any(_KEY_IN_PATH.fullmatch(segment) for segment in parts.path.split("/")):
        return False
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return not any(_SECRET.search(_CAMEL.sub("_", name).lower()) for name in names)


def discreet(edition: Edition) -> Edition:
    """Return what is written down: no entry says under which secret address its feed was read."""
    return replace(edition, entries=tuple(map(_entry, edition.entries)))


def _entry(entry: Entry) -> Entry:
    origin = entry.origin
    if origin is None:
        return entry
    told = Origin(title=origin.title, id=_public(origin.id), url=_public(origin.url), link=_public(origin.link))
    return entry if told == origin else replace(entry, origin=told)


def _public(address: str | None) -> str | None:
    """Return an address, or an id that is none, if it can be shown."""
    if address is None or not re.match(r"https?:", address, re.IGNORECASE):
        return address
    return address if is_public(address) else None
