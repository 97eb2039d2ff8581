"""What real upstreams do to their feeds by mistake or when they move: the same articles, told in other ways.

Each is a function of a document's bytes. It works on the text as it is: a broken feed stays as broken as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from html import escape, unescape

__all__ = [
    "Move",
    "domain",
    "every_guid",
    "guid_domain",
    "guid_https",
    "guid_scheme",
    "guid_tracking",
    "link_domain",
    "scheme",
    "then",
]

Move = Callable[[bytes], bytes]

_GUID = re.compile(
    r"(?P<open><(?P<tag>guid|id)(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?)(?P<value>.*?)(?=\s*(?:\]\]>\s*)?</(?P=tag)\s*>)"
    r"|(?P<about><item\b[^>]*?\srdf:about=\")(?P<named>[^\"]*)",
    re.DOTALL,
)
_KEPT = r"(?P<kept>\sxmlns(?::[\w.-]+)?\s*=\s*(?:\"[^\"]*\"|'[^']*')|<!DOCTYPE[^>]*>)"
_ADDRESS = r"(?P<scheme>https?)://(?P<host>[^/\s\"'<>?#&\]]+)"
_ADDRESSES = re.compile(f"{_KEPT}|{_ADDRESS}")
_ADDRESSES_BUT_GUIDS = re.compile(f"{_KEPT}|(?P<guid>{_GUID.pattern})|{_ADDRESS}", re.DOTALL)


def guid_https(body: bytes) -> bytes:
    """Guids that were `http:` addresses become `https:` ones, and the other way round."""
    return every_guid(_other_scheme)(body)


def guid_domain(body: bytes) -> bytes:
    """Guids that are addresses name another host."""
    return every_guid(lambda guid: re.sub(_ADDRESS, _elsewhere, guid))(body)


def guid_tracking(body: bytes) -> bytes:
    """Every guid gets a tracking parameter."""
    return every_guid(lambda guid: f"{guid}{'&' if '?' in guid else '?'}utm_source=feed&utm_medium=rss")(body)


def guid_scheme(body: bytes) -> bytes:
    """Every guid becomes something wholly different."""
    return every_guid(lambda guid: f"post-{sha256(guid.encode()).hexdigest()[:12]}")(body)


def link_domain(body: bytes) -> bytes:
    """Every address but guids and namespaces is at another host."""
    return _rewritten(body, _ADDRESSES_BUT_GUIDS, _elsewhere)


def domain(body: bytes) -> bytes:
    """Every address but namespaces is at another host, guids too."""
    return _rewritten(body, _ADDRESSES, _elsewhere)


def scheme(body: bytes) -> bytes:
    """Every `http:` address but namespaces becomes `https:`, and the other way round; guids too."""
    return _rewritten(body, _ADDRESSES, lambda match: _other_scheme(match[0]))


def then(*moves: Move) -> Move:
    """All of these at once, in their order."""

    def all_of_them(body: bytes) -> bytes:
        for move in moves:
            body = move(body)
        return body

    return all_of_them


def every_guid(change: Callable[[str], str]) -> Move:
    """Change what every entry's guid, Atom id or RDF address says."""

    def changed(match: re.Match[str]) -> str:
        if match["about"]:
            return match["about"] + escape(change(unescape(match["named"])))
        return match["open"] + escape(change(unescape(match["value"].strip())), quote=False)

    return lambda body: _GUID.sub(changed, body.decode("latin-1")).encode("latin-1", "xmlcharrefreplace")


def _rewritten(body: bytes, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> bytes:
    def changed(match: re.Match[str]) -> str:
        return change(match) if match["host"] else match[0]

    return pattern.sub(changed, body.decode("latin-1")).encode("latin-1")


def _elsewhere(match: re.Match[str]) -> str:
    return f"{match['scheme']}://{match['host'].split(':')[0]}.moved.example"


def _other_scheme(address: str) -> str:
    if address.startswith("http://"):
        return f"https://{address[7:]}"
    return f"http://{address[8:]}" if address.startswith("https://") else address
