"""Who the client is, behind proxies: their word counts only where they are trusted.

`X-Forwarded-For`, `-Proto` and `-Host`, else `Forwarded` (RFC 7239). A proxy that adds to the one may hand on the other
as the client wrote it, so that only one of them is read; nearly all proxies add to the first. This module must not know
what a client is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from feedmill.serve.asgi import Scope

__all__ = ["Proxies"]

_ELEMENT = re.compile(
    r"""\s*(?P<name>[!#$%&'*+.^_`|~\w-]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^";,\s]*))\s*(?P<end>[;,]|$)"""
)
_HOST = re.compile(r"[A-Za-z0-9._~-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


class Proxies:
    """Proxies at these addresses and in these networks are trusted."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks: tuple[_Network, ...] = tuple(ip_network(one, strict=False) for one in trusted)
        self._is_trusted = lru_cache(maxsize=4096)(self._in_networks)

    def tell(self, scope: Scope) -> None:
        """Put what trusted proxies say into an ASGI scope: the client's address, the scheme and the host.

        The client is the last one that is not trusted; whatever stands before it, anybody may have written.
        """
        peer = scope["client"]
        if not self._networks or peer is None or not self._is_trusted(peer[0]):
            return
        found = _told(scope["headers"])
        if found is None:
            return
        addresses, scheme, host = found
        scope["client"] = (self._client(addresses, peer[0]), 0)
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
        if host and _HOST.fullmatch(host):
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"].append((b"host", host.encode("ascii")))

    def _client(self, addresses: Sequence[str], peer: str) -> str:
        client = peer
        for address in reversed(addresses):
            bare = _bare(address)
            if bare is None:  # "unknown", or a name that a proxy made up: nobody knows who was before
                return client
            client = bare
            if not self._is_trusted(bare):
                return client
        return client

    def _in_networks(self, address: str) -> bool:
        try:
            known = ip_address(address)
        except ValueError:
            return False
        if isinstance(known, IPv6Address) and known.ipv4_mapped:
            known = known.ipv4_mapped
        return any(known in network for network in self._networks)


def _told(headers: Iterable[tuple[bytes, bytes]]) -> tuple[list[str], str, str] | None:
    """Return the addresses, in the order of the hops, scheme and host that a request's fields tell, if they tell any.

    Of scheme and host the last one counts: the trusted proxy next to us wrote it.
    """
    fields: dict[bytes, str] = {}
    for name, value in headers:
        if name.startswith((b"x-forwarded-", b"forwarded")):
            known = fields.get(name)
            text = value.decode("latin-1")
            fields[name] = text if known is None else f"{known},{text}"
    if b"x-forwarded-for" in fields:
        addresses = [part.strip() for part in fields[b"x-forwarded-for"].split(",")]
        return addresses, _last(fields.get(b"x-forwarded-proto")).lower(), _last(fields.get(b"x-forwarded-host"))
    if b"forwarded" in fields:
        return _forwarded(fields[b"forwarded"])
    return None


def _last(value: str | None) -> str:
    return value.rpartition(",")[2].strip() if value else ""


def _forwarded(value: str) -> tuple[list[str], str, str] | None:
    """Read a `Forwarded` field (RFC 7239 section 4); one that is malformed tells nothing."""
    hops: list[dict[str, str]] = [{}]
    position = 0
    while position < len(value):
        found = _ELEMENT.match(value, position)
        if not found:
            return None
        quoted = found["quoted"]
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found["token"]
        hops[-1][found["name"].lower()] = text
        if found["end"] == ",":
            hops.append({})
        position = found.end()
    addresses = [hop.get("for", "unknown") for hop in hops]
    return addresses, hops[-1].get("proto", "").lower(), hops[-1].get("host", "")


def _bare(text: str) -> str | None:
    """Return an address without its port and brackets (RFC 7239 section 6), None for what is no address."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
