"""By what a client is counted where something is limited by address. Logs name the address itself."""

from __future__ import annotations

import ipaddress

IPV6_PREFIX = 64
"""What the least of networks is given whole: each machine in it takes addresses as it likes, 2^64 of them."""


def counted_as(address: str) -> str:
    """The address itself, of IPv6 its /64; what is no address, such as nobody's on a unix socket, as it is.

    Who listens on ``[::]`` is reached by IPv4 too, and sees ``::ffff:192.0.2.7``: that is an address of one,
    and all of them are in one /64.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    host_bits = 128 - IPV6_PREFIX
    network = ipaddress.IPv6Address(int(found) >> host_bits << host_bits)  # without the zone of a link
    return f"{network}/{IPV6_PREFIX}"
