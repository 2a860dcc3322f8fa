from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.net import may_connect

REFUSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "100::1", "2001:db8::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:0a00:0001::1", "2002:7f00:1::1", "2001:0:53aa:64c::1", "3fff::1", "5f00::1",
    "not an address", "", "256.1.1.1", "1.2.3", "2130706433", "0x7f.0.0.1", "0177.0.0.1",
]  # fmt: skip
LOOPBACK = ["127.0.0.1", "127.8.9.10", "127.255.255.255", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"]
PUBLIC = ["1.1.1.1", "8.8.8.8", "92.46.53.1", "178.88.1.1", "172.32.0.1", "100.128.0.1", "192.167.255.255",
          "2a02:2698::1", "2606:4700::1111", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused_even_where_loopback_is_allowed(address: str) -> None:
    assert not may_connect(address)
    assert not may_connect(address, allow_loopback=True)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_needs_the_permission(address: str) -> None:
    assert not may_connect(address)
    assert may_connect(address, allow_loopback=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert may_connect(address)


@given(st.ip_addresses(v=4))
@settings(deadline=None, max_examples=300)
def test_nothing_that_the_standard_library_calls_private_is_allowed(address: ipaddress.IPv4Address) -> None:
    """Ours may be stricter than Python's, never laxer; and an IPv4-mapped form is judged as what it maps."""
    allowed = may_connect(str(address))
    if not address.is_global or address.is_multicast:
        assert not allowed
    assert may_connect(f"::ffff:{address}") == allowed
    assert may_connect(str(ipaddress.IPv6Address((0x0064FF9B << 96) | int(address)))) == allowed


@given(st.ip_addresses(v=6))
@settings(deadline=None, max_examples=300)
def test_the_same_for_ipv6(address: ipaddress.IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert not may_connect(str(address))
