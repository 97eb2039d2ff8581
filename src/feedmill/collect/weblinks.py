"""Link headers (RFC 8288): which addresses an answer relates itself to.

Pure functions that never raise: what breaks the grammar counts as if it were not there. This module must not know what
a relation is good for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from feedmill.collect.addresses import shown

__all__ = ["related"]

_LONGEST = 16 * 1024  # characters of all headers together
_LONGEST_ADDRESS = 2000
_MOST = 100  # links
_UNFIT = re.compile(r"[\x00-\x20\x7f]")
_LINK = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(r"\s*;\s*(?:([^\s;,=\"<>]+)(?:\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?)?", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NEXT = re.compile(r"[^,]*(?:,|$)")


def related(values: Sequence[str], url: str, relation: str) -> list[str]:
    """Return the targets of links of this relation type, in their order, each once, without logins.

    `values` are the Link headers of an answer from `url`, against which targets are resolved. A link that another
    document is the context of (`anchor`) is none of this one's.
    """
    found = (target for target, types in _links(",".join(values)[:_LONGEST], url) if relation in types)
    return list(dict.fromkeys(found))


def _links(text: str, url: str) -> Iterator[tuple[str, list[str]]]:
    position, number = 0, 0
    while number < _MOST and position < len(text):
        link = _LINK.match(text, position)
        if link is None:  # no link begins here: one may after the next comma
            skipped = _NEXT.match(text, position)
            position = max(skipped.end() if skipped else len(text), position + 1)
            continue
        number += 1
        parameters: dict[str, str] = {}
        position = link.end()
        while (parameter := _PARAMETER.match(text, position)) is not None:
            position = parameter.end()
            name, quoted, plain = parameter.groups()
            if name:  # of several with one name the first counts (section 3.3)
                value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain or ""
                parameters.setdefault(name.lower(), value)
        target, context = _absolute(link[1], url), _absolute(parameters.get("anchor", ""), url)
        if target is not None and context == _absolute("", url):
            yield target, parameters.get("rel", "").lower().split()


def _absolute(reference: str, url: str) -> str | None:
    """Return an address that can be asked over HTTP, None if the reference leads to none."""
    reference = reference.strip()
    if _UNFIT.search(reference):
        return None
    try:
        target = urljoin(url, reference)
        parts = urlsplit(target)
        fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return shown(target) if fit and len(target) <= _LONGEST_ADDRESS else None
