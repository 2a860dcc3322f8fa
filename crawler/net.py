"""Network addresses: which ones a crawler may connect to, and whether a host still has any."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Lookup = Callable[[str], Awaitable[bool | None]]

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (  # IANA IPv4 Special-Purpose Address Registry, and the multicast and reserved blocks
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)

_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
"""All that IANA has given out of IPv6 to the public internet; everything else is refused unless named here."""

_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (  # what the IANA IPv6 Special-Purpose Address Registry takes out of 2000::/3
        "2001::/23",  # protocol assignments; holds Teredo, which embeds an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 embeds an IPv4 address and its relays are withdrawn (RFC 7526)
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052's well-known prefix: where a network has no IPv4 of its own, every IPv4 host is reached through it."""


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that connecting to `address` leads to, or None."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def may_connect(address: str, *, allow_loopback: bool = False) -> bool:
    """Tell whether a connection to this numeric address is allowed.

    What is not on the public internet is refused: unspecified, private, link-local, shared (CGNAT),
    multicast, documentation and reserved ranges, and IPv6 forms that lead to them. `allow_loopback`
    permits 127.0.0.0/8 and ::1, nothing else. Something that is no address is refused.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        inner = _embedded(parsed)
        if inner is None:
            if parsed.is_loopback:
                return allow_loopback
            return parsed in _GLOBAL_UNICAST_6 and not any(parsed in network for network in _NOT_PUBLIC_6)
        parsed = inner
    if parsed.is_loopback:
        return allow_loopback
    return not any(parsed in network for network in _NOT_PUBLIC_4)


async def resolves(host: str) -> bool | None:
    """Tell whether the name of a host resolves; False means that there is no such name, None that nobody could say."""
    loop = asyncio.get_running_loop()
    try:
        await loop.getaddrinfo(host, None)
    except socket.gaierror as error:
        return False if error.errno == socket.EAI_NONAME else None
    except (OSError, UnicodeError):
        return None
    return True


async def domain_ended(host: str, others: Iterable[str], *, lookup: Lookup = resolves) -> bool:
    """Tell whether a host's name is no more, while that of one of the `others` shows that names can be looked up."""
    if await lookup(host) is not False:
        return False
    for other in others:
        if await lookup(other):
            return True
    return False


def is_local(url: str) -> bool:
    """Tell whether this is a loopback address: a local press, whose port may be another outlet's tomorrow."""
    try:
        return ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False
