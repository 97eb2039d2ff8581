"""The network guard: which addresses may be connected to, judged where the connection is made.

A name is resolved once, each address it has is judged, and the connection goes to the very address that
was judged, so a name that changes its mind between look-up and connection gains nothing. This module must
not know HTTP.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from feedmill.collect.deadline import Deadline, DeadlineSocket, seconds_text
from feedmill.errors import AddressRefused, NetworkError

__all__ = ["Guard", "refusal"]

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

# https://www.iana.org/assignments/iana-ipv4-special-registry (and RFC 5771 for multicast)
_NOT_PUBLIC_4 = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a carrier's shared network"),
        ("127.0.0.0/8", "a loopback address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "a benchmarking network"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)

# https://www.iana.org/assignments/iana-ipv6-special-registry; whatever is not global unicast is refused
_NOT_PUBLIC_6 = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("64:ff9b:1::/48", "a private network"),
        ("2001::/23", "a reserved address"),  # Teredo among them: RFC 4380
        ("2001:db8::/32", "a documentation address"),
        ("3fff::/20", "a documentation address"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "a multicast address"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that traffic to `address` ends at: mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def refusal(address: Address) -> str | None:
    """Return what kind of forbidden address this is, in words, or None where it is a public one."""
    if isinstance(address, IPv6Address):
        inner = _embedded(address)
        if inner is None:
            for network6, kind in _NOT_PUBLIC_6:
                if address in network6:
                    return kind
            return None if address in _GLOBAL_UNICAST else "a reserved address"
        address = inner
    for network4, kind in _NOT_PUBLIC_4:
        if address in network4:
            return kind
    return None


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class _Allowed:
    """The exceptions of the configuration: names in lower case, addresses and networks."""

    names: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def of(cls, allow_hosts: Sequence[str]) -> _Allowed:
        names: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for host in allow_hosts:
            try:
                networks.append(ipaddress.ip_network(host.strip().strip("[]"), strict=False))
            except ValueError:
                names.add(host.strip().rstrip(".").lower())
        return cls(frozenset(names), tuple(networks))

    def covers(self, host: str, address: Address) -> bool:
        if host.rstrip(".").lower() in self.names:
            return True
        seen: list[Address] = [address]
        if isinstance(address, IPv6Address) and (inner := _embedded(address)) is not None:
            seen.append(inner)
        return any(one.version == network.version and one in network for one in seen for network in self.networks)


@dataclass(frozen=True, slots=True)
class Guard:
    """Opens connections, and only to addresses that are public or that the configuration allows.

    `allow_hosts` are host names, addresses or networks in CIDR form. `resolve` turns a host and a port into
    numeric addresses; tests give their own.
    """

    allow_private: bool = False
    allow_hosts: tuple[str, ...] = ()
    resolve: Resolve = _resolve
    _allowed: _Allowed = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_allowed", _Allowed.of(self.allow_hosts))

    def permitted(self, host: str, numeric: Sequence[str]) -> list[Address]:
        """Return the addresses of `host` that may be connected to, in the order given.

        Raises:
            AddressRefused: none of them may.
        """
        addresses = [ipaddress.ip_address(text) for text in numeric]
        fit = [
            address
            for address in addresses
            if self.allow_private or refusal(address) is None or self._allowed.covers(host, address)
        ]
        if addresses and not fit:
            first = addresses[0]
            what = f"{host} is {first}, {refusal(first)}" if host != str(first) else f"{host} is {refusal(first)}"
            raise AddressRefused(
                f"{what}, and feeds may not be fetched from there",
                hint=f'If this is meant, add "{host}" to allow_hosts under [fetch]',
            )
        return fit

    def connect(self, host: str, port: int, *, deadline: Deadline, limit: float) -> DeadlineSocket:
        """Connect to `host` within `limit` seconds, name look-up and all its addresses included.

        Raises:
            AddressRefused: every address of the host is forbidden.
            NetworkError: the name is unknown, or nobody answers.
        """
        connecting = deadline.within(limit)
        addresses = self.permitted(host, self._look_up(host, port, connecting))
        if not addresses:
            raise NetworkError(f"the name {host} has no address")
        failure: OSError | None = None
        for number, address in enumerate(addresses):
            # One dead address (often the IPv6 one) must not use up the time of those after it.
            share = connecting.left() / (len(addresses) - number)
            try:
                return _dial(address, port, share, deadline)
            except OSError as error:
                failure = error
        if failure is None or isinstance(failure, TimeoutError):
            what = f"{host} did not answer within {seconds_text(limit)}"
            raise NetworkError(what, hint="The limit is connect_timeout under [fetch]") from failure
        what = f"no connection to {host} port {port}: {failure.strerror or failure}"
        raise NetworkError(what) from failure

    def _look_up(self, host: str, port: int, connecting: Deadline) -> Sequence[str]:
        # getaddrinfo cannot be interrupted; the thread that waits for it is left behind when time is up.
        answer: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(self.resolve(host, port))
            except (OSError, ValueError) as error:
                answer.put(error)

        if _is_address(host):
            ask()  # nobody else has to be asked, so that it takes no time
        else:
            threading.Thread(target=ask, name=f"look-up of {host}", daemon=True).start()
        try:
            found = answer.get(timeout=max(connecting.left(), 0.001))
        except queue.Empty:
            hint = "Check the name servers of this machine; the limit is connect_timeout under [fetch]"
            raise NetworkError(f"the name {host} was not resolved in time", hint=hint) from None
        if isinstance(found, Exception):
            reason = getattr(found, "strerror", None) or "it is not a host name"
            raise NetworkError(f"the name {host} could not be resolved: {reason}") from found
        return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _dial(address: Address, port: int, seconds: float, deadline: Deadline) -> DeadlineSocket:
    if seconds <= 0:
        raise TimeoutError
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = DeadlineSocket(family, socket.SOCK_STREAM)
    try:
        sock.deadline = deadline
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(seconds)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock
