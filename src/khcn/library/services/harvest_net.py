"""Where harvesting may connect to: the rules of ``core.hosts``, applied to the very addresses that are then used."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings

from khcn.core.hosts import addresses_behind, is_forbidden_host
from khcn.engines.oai.client import Client
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.fetch import Fetcher, check_address
from khcn.engines.oai.limits import Limits

RUN_LIMITS: Final = Limits(pause_s=0.2)
# A person waits in front of the page: one try, and not for long.
PAGE_LIMITS: Final = replace(Limits(), answer_s=20.0, idle_s=10.0, connect_s=5.0, attempts=1, max_sets=500)


def address_guard(*, private_network: bool) -> Callable[[str, int], Sequence[str]]:
    """Return the check of addresses. Private networks only when the source itself was set up in one.

    A public repository that redirects into the house, or whose name suddenly points there, is refused.
    """

    def guard(host: str, _port: int) -> Sequence[str]:
        free = settings.KHCN.local_sources
        if not free and is_forbidden_host(host):
            raise HarvestError("refused_address", host=host)
        found = _addresses(host)
        for address in found:
            if not free and (is_forbidden_host(address) or (is_private(address) and not private_network)):
                raise HarvestError("refused_address", host=host)
        return found

    return guard


def _addresses(host: str) -> list[str]:
    try:
        found = addresses_behind(host)
    except (OSError, UnicodeError):
        raise HarvestError("no_host", host=host) from None
    return sorted(found, key=lambda one: (":" in one, one))[:4]


def is_private(address: str) -> bool:
    """Return whether an address lies in a network that is not the public one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return not found.is_global


def stands_in_private_network(url: str) -> bool:
    """Return whether the host of an address stands for private addresses now. :raises HarvestError: no such host."""
    return any(is_private(address) for address in _addresses(check_address(url)[0]))


def source_client(
    base_url: str,
    *,
    private_network: bool,
    limits: Limits = RUN_LIMITS,
    told: Callable[[], Any] = lambda: None,
) -> Client:
    """Return a client for one source. :raises HarvestError: when the address cannot be used."""
    agent = f"khcn-harvester/1 (+{settings.KHCN.base_url})"
    return Client(
        base_url,
        Fetcher(guard=address_guard(private_network=private_network), limits=limits, agent=agent),
        told,
    )
