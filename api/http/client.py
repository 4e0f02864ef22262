"""Who counts as one client: an IPv4 address, or the 64 bits of an IPv6 address that its network was given."""

import hashlib
from ipaddress import IPv6Address


def key(address: str) -> bytes:
    """Return eight bytes that stand for a client; the rest of an IPv6 address is its own to choose.

    >>> key("2001:db8::1") == key("2001:db8::2"), key("2001:db8:0:1::1") == key("2001:db8::1")
    (True, False)
    >>> key("::ffff:192.0.2.1") == key("192.0.2.1")
    True
    """
    return hashlib.blake2b(_network(address), digest_size=8).digest()


def _network(address: str) -> bytes:
    if ":" not in address:
        return address.encode()
    try:
        whole = IPv6Address(address)
    except ValueError:  # whatever a proxy calls its client
        return address.encode()
    return str(whole.ipv4_mapped).encode() if whole.ipv4_mapped else whole.packed[:8]
