from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

import feedmill.collect.guard as guard_module
from feedmill.collect.deadline import Deadline
from feedmill.collect.guard import Guard, refusal
from feedmill.errors import AddressRefused, NetworkError

PUBLIC = """
    8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255
    2606:4700::1111 2a00::1 2001:4860:4860::8888 ::ffff:8.8.8.8 2002:808:808::1 64:ff9b::808:808
"""

REFUSED = {
    "loopback": "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1",
    "unspecified": "0.0.0.0 0.1.2.3 ::",
    "private": """
        10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fdff::1 fec0::1 64:ff9b:1::1 ::ffff:10.0.0.1
        2002:c0a8:101::1
    """,
    "link-local": "169.254.169.254 fe80::1 fe80::1%eth0",
    "carrier": "100.64.0.1 100.127.255.255",
    "multicast": "224.0.0.1 239.1.1.1 ff02::1",
    "reserved": """
        240.0.0.1 255.255.255.255 192.0.0.170 2001:0:4136:e378:8000:63bf:3fff:fdd2 ::127.0.0.1 ::8.8.8.8 100::1 5f00::1
    """,
    "benchmark": "198.18.0.1 198.19.255.255",
    "documentation": "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1",
}


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_pass(address: str) -> None:
    assert refusal(ip_address(address)) is None


@pytest.mark.parametrize(("kind", "addresses"), REFUSED.items())
def test_all_others_are_refused_by_their_kind(kind: str, addresses: str) -> None:
    for address in addresses.split():
        assert kind in (refusal(ip_address(address)) or ""), address


@given(st.ip_addresses(v=4))
def test_an_ipv6_wrapping_never_makes_an_address_public(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    plain = refusal(ip_address(number))
    for prefix, shift in ((0xFFFF, 32), (0x64FF9B << 64, 32)):
        assert refusal(ip_address((prefix << shift) | number)) == plain
    assert refusal(ip_address((0x2002 << 112) | (number << 80))) == plain


@pytest.mark.parametrize(
    ("allow", "host", "address"),
    [
        ("Intranet.example", "intranet.EXAMPLE.", "10.0.0.1"),
        ("10.0.0.1", "a.test", "10.0.0.1"),
        ("10.0.0.0/8", "a.test", "10.9.9.9"),
        ("[::1]", "a.test", "::1"),
        ("10.0.0.1", "a.test", "::ffff:10.0.0.1"),
        ("fd00::/8", "a.test", "fd00::5"),
    ],
)
def test_exceptions(allow: str, host: str, address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().permitted(host, [address])
    assert Guard(allow_hosts=(allow,)).permitted(host, [address]) == [ip_address(address)]
    with pytest.raises(AddressRefused):
        Guard(allow_hosts=(allow,)).permitted("other.test", ["192.168.0.1"])


def test_forbidden_addresses_among_public_ones_are_passed_over() -> None:
    fit = Guard().permitted("a.test", ["10.0.0.1", "8.8.8.8", "::1", "2a00::1"])
    assert [str(address) for address in fit] == ["8.8.8.8", "2a00::1"]


def test_the_message_names_host_address_kind_and_key() -> None:
    with pytest.raises(AddressRefused) as caught:
        Guard().permitted("metadata.test", ["169.254.169.254"])
    assert str(caught.value) == (
        "metadata.test is 169.254.169.254, a link-local address, and feeds may not be fetched from there. "
        'If this is meant, add "metadata.test" to allow_hosts under [fetch]'
    )


@pytest.mark.parametrize(
    "trouble", [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), UnicodeError("label too long")]
)
def test_a_name_that_does_not_resolve(trouble: Exception) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise trouble

    with pytest.raises(NetworkError, match=r"the name a\.test could not be resolved"):
        Guard(resolve=resolve).connect("a.test", 80, deadline=Deadline(60), limit=60)


def test_a_name_without_addresses() -> None:
    with pytest.raises(NetworkError, match=r"a\.test has no address"):
        Guard(resolve=lambda host, port: []).connect("a.test", 80, deadline=Deadline(60), limit=60)


def test_time_used_up_before_connecting() -> None:
    guard = Guard(allow_private=True, resolve=lambda host, port: ["127.0.0.1"])
    with pytest.raises(NetworkError, match="did not answer within 5 s"):
        guard.connect("a.test", 80, deadline=Deadline(60, iter([0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 99.0]).__next__), limit=5)


def test_a_dead_address_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    given_time: list[float] = []

    def dial(address: object, port: int, seconds: float, deadline: Deadline) -> None:
        given_time.append(seconds)
        raise TimeoutError

    monkeypatch.setattr(guard_module, "_dial", dial)
    guard = Guard(resolve=lambda host, port: ["2a00::1", "8.8.8.8"])
    with pytest.raises(NetworkError, match="did not answer"):
        guard.connect("a.test", 80, deadline=Deadline(60, lambda: 0.0), limit=8)
    assert given_time == [4.0, 8.0]
