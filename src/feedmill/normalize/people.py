"""Persons as feeds write them: name, e-mail address and page, in one string or apart.

This module must not know which element they stood in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feedmill.model import Person
from feedmill.normalize.links import absolute
from feedmill.normalize.sanitize import plain, title_text

__all__ = ["merged", "person"]

_LONGEST = 500
# RFC 5322 section 3.4.1 as people have it; anything else in the place of an address is a name.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&#?\w{1,32};")
_NO_NAMES = frozenset({"", "unknown", "none", "null", "undefined", "noreply", "no-reply", "nobody", "n/a"})
_NO_ADDRESSES = re.compile(
    r"(?:no-?reply|donotreply|nobody|noemail)@.*|.*@(?:example\.(?:com|org|net)|localhost)", re.IGNORECASE
)


def person(name: object, *, email: object = None, uri: object = None, base: str | None = None) -> Person | None:
    """Return a person, None if it is nobody. `name` may hold the e-mail address too: `me@example.org (My Name)`."""
    text = name[:_LONGEST] if isinstance(name, str) else ""
    address = _address(email)
    if found := _EMAIL.search(text):
        address = address or found[0]
        text = text[: found.start()] + " " + text[found.end() :]
    text = _bare(title_text(text, html=True) if _MARKUP.search(text) else plain(text))
    if text.lower() in _NO_NAMES:
        text = ""
    page = absolute(uri, base) if isinstance(uri, str) and uri.strip() else None
    if address and _NO_ADDRESSES.fullmatch(address):
        address = None
    if not (text or address or page):
        return None
    return Person(name=text, email=address, uri=page)


def merged(persons: Iterable[Person | None]) -> tuple[Person, ...]:
    """Return the persons once each: one named in several ways (by name, by address) is one."""
    kept: list[Person] = []
    for one in persons:
        if one is None:
            continue
        for at, other in enumerate(kept):
            if _is_same(one, other):
                kept[at] = replace(
                    other, name=other.name or one.name, email=other.email or one.email, uri=other.uri or one.uri
                )
                break
        else:
            kept.append(one)
    return tuple(kept)


def _is_same(one: Person, other: Person) -> bool:
    if one.name and other.name:
        return one.name.casefold() == other.name.casefold()
    return bool(one.email and one.email == other.email)


def _address(email: object) -> str | None:
    found = _EMAIL.search(email[:_LONGEST]) if isinstance(email, str) else None
    return found[0] if found else None


def _bare(text: str) -> str:
    """Return a name without what stood around its address: `mailto:`, `()`, `<>`, `[]`, quotes."""
    text = re.sub(r"\bmailto:", "", text)
    text = re.sub(r"\(\s*\)|<\s*>|\[\s*\]", "", text).strip(" ,;:-\t")
    while len(text) > 1 and (text[0], text[-1]) in {("(", ")"), ("<", ">"), ("[", "]"), ('"', '"'), ("'", "'")}:
        text = text[1:-1].strip()
    return text
