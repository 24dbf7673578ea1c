"""Which machines this server may connect to on somebody's wish: never itself, never the cloud's own addresses."""

import ipaddress
import socket
from typing import Final

# They answer with the keys of the machine itself on the clouds.
METADATA_HOSTS: Final = frozenset({"metadata", "metadata.google.internal", "instance-data"})


def is_forbidden_host(host: str) -> bool:
    """Return whether a host stands for this very machine, link-local or metadata addresses."""
    name = host.strip().strip("[]").rstrip(".").casefold().partition("%")[0]
    if not name or name in METADATA_HOSTS or name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_forbidden_ip(name)


def addresses_behind(host: str) -> set[str]:
    """Return the addresses that ``host`` stands for now. :raises OSError: none is found."""
    return {str(row[4][0]) for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}


def resolves_to_forbidden(host: str) -> bool:
    """Return whether any address that ``host`` stands for now is forbidden (a name that is not found is not)."""
    try:
        found = addresses_behind(host)
    except (OSError, UnicodeError):
        return False
    return any(is_forbidden_host(one) for one in found)


def _is_forbidden_ip(name: str) -> bool:
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        try:  # 127.1, 2130706433, 0x7f.1: what the system's own resolver takes for an address
            address = ipaddress.IPv4Address(socket.inet_aton(name))
        except (OSError, ValueError, UnicodeEncodeError):
            return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
