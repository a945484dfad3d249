"""What the address of a caller counts as, where callers are counted or take turns."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Final

_NETWORK_BITS: Final = 64


def network_of(address: str) -> str:
    """Return what an address counts as.

    That of IPv6 counts as its network, for whoever has one address there has all of it. One of IPv4
    counts as itself, also where it comes through a socket of IPv6.

    Args:
        address: As the system writes it; what is none counts as it is.
    """
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped
    return f"{int(parsed) >> _NETWORK_BITS:x}::" if mapped is None else str(mapped)
