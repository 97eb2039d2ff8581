"""How the addresses of serving and of alerts are written in config.toml: where to listen, proxies, old paths, mail.

Each rule takes what TOML gave and returns the value, or raises ValueError whose message follows the key's name in a
sentence ("must be ..."). This module must not know which key it judges, and opens nothing.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from feedmill.config.addresses import host_name
from feedmill.config.values import line, shown

__all__ = ["ADDRESS_PATTERN", "NONE", "address", "address_or_none", "alias", "host_and_port", "mail_server", "network"]

ADDRESS_PATTERN = r"^([^\s:/]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"
NONE = "none"
# RFC 3986 section 3.3 and 3.4, and the percent sign of what is already encoded.
_PATH_SIGNS = "!$%&'()*+,-./:;=?@_~"


def address(value: object) -> str:
    """Where a server listens: `host:port`; a port of 0 is any that is free."""
    written = line(value)
    if not re.fullmatch(ADDRESS_PATTERN.strip("^$"), written) or int(written.rpartition(":")[2]) > 65535:
        example = '"127.0.0.1:8000", "0.0.0.0:8000" or "[::1]:8000"'
        raise ValueError(f"must be an address to listen at, with its port, such as {example}, not {shown(written)}")
    host, port = host_and_port(written)
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f"must name an address that can exist, not {shown(written)}") from None
        return f"[{host}]:{port}"
    return f"{host_name(host, written)}:{port}"


def address_or_none(value: object) -> str:
    """Where a server listens, or `none`."""
    return NONE if isinstance(value, str) and value.strip() == NONE else address(value)


def host_and_port(written: str) -> tuple[str, int]:
    """Return the two parts of an address that is known to be right, without the brackets of IPv6."""
    host, _, port = written.rpartition(":")
    return host.strip("[]"), int(port)


def network(value: object) -> str:
    """An IP address, or a network in CIDR form."""
    written = line(value)
    try:
        return str(ipaddress.ip_network(written.strip("[]"), strict=False))
    except ValueError:
        example = '"127.0.0.1", "10.0.0.0/8" or "fd00::/8"'
        raise ValueError(f"must be an IP address or a network such as {example}, not {shown(written)}") from None


def alias(value: object) -> str:
    """The path of an address that a feed had elsewhere, with its query if it had one; what is not ASCII is encoded."""
    written = line(value)
    try:
        parts = urlsplit(written)
    except ValueError:
        parts = urlsplit("")
    if not parts.path.startswith("/") or parts.scheme or parts.netloc or parts.fragment or " " in written:
        raise ValueError(f'must be a path such as "/rss.xml", "/feed/" or "/?feed=rss2", not {shown(written)}')
    segments = parts.path.split("/")
    if "\\" in written or ".." in segments or "." in segments:
        raise ValueError(f'must be a plain path, without "." and "..", not {shown(written)}')
    return quote(written, safe=_PATH_SIGNS)


def mail_server(value: object) -> str:
    """A mail server: `smtp://host:port` (STARTTLS where it is offered) or `smtps://host:port` (TLS from the start)."""
    written = line(value)
    example = '"smtp://mail.example.org:587" or "smtps://mail.example.org:465"'
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"must be the address of a mail server such as {example}") from None
    if "@" in parts.netloc:
        raise ValueError(f"must not hold a user name or password: they have keys of their own; write {example}")
    if parts.scheme not in ("smtp", "smtps") or not host or port == 0 or parts.path.strip("/") or parts.query:
        raise ValueError(f"must be the address of a mail server such as {example}, not {shown(written)}")
    host = f"[{host}]" if ":" in host else host_name(host, written)
    return f"{parts.scheme}://{host}:{port or (465 if parts.scheme == 'smtps' else 587)}"
