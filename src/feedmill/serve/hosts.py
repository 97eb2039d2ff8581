"""Which names a server answers to, so that no page elsewhere can make a browser believe that it is one of its own.

An attacker whose domain suddenly leads to 127.0.0.1 (DNS rebinding) sends that domain as Host. This module must not
know what is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from feedmill.config import Config

__all__ = ["HostGuard", "hosts_of"]


def hosts_of(config: Config) -> frozenset[str]:
    """Return the names by which the site's own addresses call its servers."""
    addresses = (config.site.url, config.site.feeds_url, config.serve.url or "")
    return frozenset(host for address in addresses if (host := urlsplit(address).hostname))


class HostGuard:
    """Lets through requests whose Host (RFC 9110 section 7.2) is one of `hosts`, an IP address, localhost, or a name
    without a dot, which the public DNS gives to nobody; others are told 421."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] != "http" or (len(given) == 1 and self._knows(given[0])):
            await self._app(scope, receive, send)
            return
        text = "This server does not answer to that name. Use its address, or a name under [site] or [serve].\n"
        await PlainTextResponse(text, 421)(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._hosts or (name and "." not in name and ":" not in name):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True
