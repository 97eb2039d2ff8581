"""Addresses from outside, made absolute, safe and valid, or refused.

This module must not know where an address stood: markup, front matter or an upstream feed.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from feedmill.normalize.plaintext import xml_safe

__all__ = ["LINK_SCHEMES", "MEDIA_SCHEMES", "absolute", "is_usual", "srcset"]

MEDIA_SCHEMES = frozenset({"http", "https"})
"""What a reader may fetch on its own: pictures, sound, enclosures."""

LINK_SCHEMES = MEDIA_SCHEMES | {
    "ftp",
    "gemini",
    "geo",
    "irc",
    "ircs",
    "magnet",
    "mailto",
    "matrix",
    "sms",
    "tel",
    "xmpp",
}
"""What a person may be sent to by a link. None of them runs a script or reads a local file."""

_LONGEST = 8000  # characters; nothing that servers accept is longer (RFC 9110 section 4.1)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_EDGES = "".join(map(chr, range(0x21))) + "\x7f\xa0\ufeff"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.?")
# RFC 3986 appendix A: a scheme, then reserved, unreserved and percent-encoded characters, and one fragment.
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*:(?:[A-Za-z0-9._~:/?@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})+(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)

# What nothing has to be done to: nearly all that feeds hold.
_USUAL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}"
    r"(?:/(?:[A-Za-z0-9_~/=+,:@.-]|%[0-9A-Fa-f]{2})*)"
    r"(?:\?(?:[A-Za-z0-9_~/=+,:@&.-]|%[0-9A-Fa-f]{2})+)?(?:#[A-Za-z0-9_~/=.-]+)?"
)
_USUAL_LENGTH = 1000  # characters

_BETWEEN = " ,"
_SIZE = re.compile(r"\d{1,9}(?:\.\d{1,9})?[wxh]")


def is_usual(url: str) -> bool:
    """Return whether `url` is an absolute http address that nothing has to be done to."""
    return len(url) <= _USUAL_LENGTH and _USUAL.fullmatch(url) is not None


def absolute(url: str, base: str | None, *, schemes: frozenset[str] = LINK_SCHEMES) -> str | None:
    """Return `url` as an absolute URI (RFC 3986), resolved against `base` where it is relative.

    What no URI may hold is percent-encoded, and an international host name becomes its ASCII form
    (RFC 5891). Without a `base`, `//host/path` is taken as https. None: it is empty, relative without a base,
    longer than 8000 characters as it is or as it comes to be, of a scheme not in `schemes`, or beyond repair.
    """
    if is_usual(url):
        return url
    text = re.sub(r"[\t\r\n]", "", xml_safe(url)).strip(_EDGES)
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _valid(_resolved(text, base), schemes)
    except ValueError:  # what urllib and w3lib say to a host or port that is none
        return None


def _resolved(text: str, base: str | None) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() in MEDIA_SCHEMES:
        # Browsers read a backslash as a slash here (WHATWG URL section 4.4), and so do authors on Windows.
        end = min((at for at in (text.find("?"), text.find("#")) if at >= 0), default=len(text))
        text = text[:end].replace("\\", "/") + text[end:]
    if base:
        return urljoin(base, text)
    return f"https:{text}" if text.startswith("//") else text


def _valid(url: str, schemes: frozenset[str]) -> str | None:
    match = _SCHEME.match(url)
    if match is None or (scheme := match[1].lower()) not in schemes:
        return None
    if scheme in MEDIA_SCHEMES or url.startswith("//", match.end()):
        from w3lib.url import safe_url_string  # it loads the whole HTTP client, and usual addresses need it not

        url = safe_url_string(url)
        if not _host_is_valid(urlsplit(url).hostname):
            return None
    else:
        url = quote(url, safe="%:/?#[]@!$&'()*+,;=~")
    url = _BROKEN_ESCAPE.sub("%25", scheme + url[match.end() - 1 :])
    first, hash_mark, fragment = url.partition("#")
    url = first + hash_mark + fragment.replace("#", "%23").replace("[", "%5B").replace("]", "%5D")
    return url if len(url) <= _LONGEST and _URI.fullmatch(url) else None


def _host_is_valid(host: str | None) -> bool:
    if not host:
        return False
    if ":" in host:
        IPv6Address(host)  # raises ValueError, which the caller turns into None
        return True
    return len(host) <= 253 and _HOST.fullmatch(host) is not None


def srcset(value: str, base: str | None) -> str | None:
    """Return a `srcset` (WHATWG HTML section 4.8.4.2.1) with every candidate absolute; None if none is left."""
    candidates = []
    rest = " ".join(value[:_LONGEST].split()).lstrip(_BETWEEN)
    while rest:
        address, _, rest = rest.partition(" ")
        if address.endswith(","):
            address, descriptor = address.rstrip(","), ""
        else:
            descriptor, _, rest = rest.partition(",")
        url = absolute(address, base, schemes=MEDIA_SCHEMES)
        if url is not None and not url.endswith(","):
            size = descriptor.strip()
            candidates.append(f"{url} {size}" if _SIZE.fullmatch(size) else url)
        rest = rest.lstrip(_BETWEEN)
    return ", ".join(candidates) or None
