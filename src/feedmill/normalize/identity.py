"""What an entry is known by: its own id, a minted one, and its aliases.

Pure functions of what a source says. This module must not know what is stored: whether an entry
is new is decided where stored and incoming entries meet.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from feedmill.model import Alias, AliasKind, Site

__all__ = ["article_aliases", "canonical_url", "digest", "feed_aliases", "mint_id", "own_id"]

_LONGEST_ID = 1000
# RFC 3986 section 2: the characters a URI may hold, and a percent sign only before two hex digits.
# Square brackets are left out: they are legal only around an IPv6 host, and ids that hold them elsewhere are broken.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
# RFC 4151 section 2.1
_TAG = re.compile(r"tag:(?:[a-z0-9\-._]+@)?[a-z0-9.\-]+,\d{4}(?:-\d{2}(?:-\d{2})?)?:[^#]*(?:#[^#]*)?")
# RFC 8141 section 2
_URN = re.compile(r"(?i:urn):[A-Za-z0-9][A-Za-z0-9\-]{0,30}[A-Za-z0-9]:[^\[\]#]+(?:#[^#]*)?")
_UUID = re.compile(r"(?i)urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# An address that only loses its scheme, its `www.` and its final slash.
_USUAL = re.compile(
    r"https?://(?:www\.)?(?!www\.)((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24})((?:/(?![.])[A-Za-z0-9_.-]+)*/?)"
)
_SCRIPT_SCHEMES = frozenset({"javascript", "vbscript", "data"})
# Parameters that say how a reader came, never which page it is.
_TRACKING = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name", "utm_reader",
    "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "at_medium",
    "at_campaign", "ref_src", "cmpid", "wt_mc", "wt.mc_id",
)  # fmt: skip


def own_id(guid: str | None) -> str | None:
    """Return `guid` unchanged if it can be published as an entry's id, else None.

    It can if it is an absolute IRI (RFC 4287 section 4.2.6) written with URI characters only (RFC 3986), follows the
    rules of its scheme where those are checkable (tag, urn, http), and has at most 1,000 characters.
    """
    if guid is None or len(guid) > _LONGEST_ID or not _URI.fullmatch(guid):
        return None
    scheme, _, rest = guid.partition(":")
    match scheme.lower():
        case "tag":
            fit = _TAG.fullmatch(guid) is not None
        case "urn":
            pattern = _UUID if rest.lower().startswith("uuid:") else _URN
            fit = pattern.fullmatch(guid) is not None
        case "http" | "https":
            fit = rest.startswith("//") and bool(_host(guid))
        case name:
            fit = name not in _SCRIPT_SCHEMES
    return guid if fit else None


def mint_id(site: Site, source: str, when: datetime, key: str, *, readable: bool = False) -> str:
    """Make a permanent id under the site's authority: a tag URI (RFC 4151).

    The same arguments always give the same id, so that an id survives even the loss of the state database.
    `when` is the date the entry is first known by; `key` tells it from all others of its source. A key that people
    chose (a path) is kept `readable`; any other is hashed.
    """
    specific = quote(key, safe="/~") if readable else hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"tag:{site.id_authority},{when:%Y-%m-%d}:{source}/{specific}"


@lru_cache(maxsize=1024)
def canonical_url(url: str) -> str:
    """Return the form of `url` by which two addresses of the same page are equal.

    RFC 3986 section 6.2 normalization, http and https alike, without `www.`, fragment, tracking parameters and a final
    slash. It is a key to compare by, never an address to publish. An address that cannot be taken apart is its own key.
    """
    if (match := _USUAL.fullmatch(url)) and len(url) <= _LONGEST_ID:
        return f"//{match[1]}{match[2].rstrip('/')}"
    from w3lib.url import canonicalize_url, url_query_cleaner

    try:
        cleaned = canonicalize_url(url_query_cleaner(url, _TRACKING, remove=True, unique=False))
        parts = urlsplit(cleaned)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return cleaned
    host = parts.hostname.removeprefix("www.")
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        host = f"{host}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"//{host}{parts.path.rstrip('/')}{query}"


def digest(body: bytes) -> str:
    """Return the SHA-256 of `body` in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def feed_aliases(guid: str | None, url: str | None) -> tuple[Alias, ...]:
    """Return what an upstream's entry is matched by: its guid, the pair of guid and URL, and its URL."""
    key = canonical_url(url) if url else None
    aliases = []
    if guid:
        aliases.append(Alias(kind=AliasKind.GUID_AND_URL, value=digest(f"{guid}\n{key or ''}".encode())))
        aliases.append(Alias(kind=AliasKind.GUID, value=guid))
    if key:
        aliases.append(Alias(kind=AliasKind.URL, value=key))
    return tuple(aliases)


def article_aliases(path: str, body: bytes, url: str | None, guid: str | None = None) -> tuple[Alias, ...]:
    """Return what an article file is matched by: the id that it names itself, its content, its path, and its URL."""
    aliases = [Alias(kind=AliasKind.DIGEST, value=digest(body)), Alias(kind=AliasKind.PATH, value=path)]
    if guid:
        aliases.append(Alias(kind=AliasKind.GUID, value=guid))
    if url:
        aliases.append(Alias(kind=AliasKind.URL, value=canonical_url(url)))
    return tuple(aliases)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
