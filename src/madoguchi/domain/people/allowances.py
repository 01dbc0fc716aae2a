"""Whose count an address falls into. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def counted_as(address: str) -> str:
    """What an address is counted as: itself, of IPv6 its /64 network; whatever is no address is "unknown".

    >>> counted_as("192.0.2.7")
    '192.0.2.7'
    >>> counted_as("2001:db8:1:2:aaaa:bbbb:cccc:dddd")
    '2001:db8:1:2::/64'
    >>> counted_as("::ffff:192.0.2.7")
    '192.0.2.7'
    """
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
