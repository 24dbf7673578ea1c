"""Rate limits: so many requests a minute for each token, and for each address without one.

Counted in Django's cache. With the default cache each web process counts alone, so the real limit is up to
``KHCN_WEB_WORKERS`` times as high; a shared cache makes it exact.
"""

import ipaddress
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError

WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a caller stands in the running minute: ``limit`` requests, ``remaining`` of them, anew in ``reset_s``."""

    limit: int
    remaining: int
    reset_s: int


class RateLimitError(KhcnError):
    """Too many requests; ``wait_s`` is when to come back, ``count`` of ``limit`` how many there were."""

    code = "rate-limit"
    status = 429

    def __init__(self, wait_s: int, *, count: int = 1, limit: int = 1) -> None:
        text = _("Bạn đã gửi quá nhiều yêu cầu trong một phút. Hãy thử lại sau %(seconds)s giây.")
        super().__init__(text % {"seconds": wait_s})
        self.wait_s = wait_s
        self.count = count
        self.limit = limit


def client_ip(request: HttpRequest) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the caller's address; behind a trusted proxy the one that the proxy saw; None when it is none."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    if settings.KHCN.trust_proxy:
        text = str(request.META.get("HTTP_X_FORWARDED_FOR", text)).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address


def client_address(request: HttpRequest) -> str:
    """Return whom to count a request against: the caller's address, or ``unknown``.

    An IPv6 caller owns a whole /64, so that network stands for it.
    """
    address = client_ip(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address) if address else "unknown"


def count_request(who: str, limit: int, *, at: float | None = None, window_s: int = WINDOW_S) -> Rate | None:
    """Count one request of ``who`` in the running minute; return where it stands (None: no limit).

    :param who: ``token:<id>`` or ``address:<ip>``.
    :param limit: requests a minute (or in ``window_s`` seconds); 0 switches the limit off.
    :param at: seconds since the epoch; now when left out.
    :raises RateLimitError: when the limit is passed.
    """
    if limit <= 0:
        return None
    second = int(time.time() if at is None else at)
    key = f"khcn-rate:{who}:{second // window_s}"
    cache.add(key, 0, timeout=2 * window_s)
    try:
        count = cache.incr(key)
    except ValueError:  # evicted between the two calls
        count = 1
    reset_s = window_s - second % window_s
    if count > limit:
        raise RateLimitError(reset_s, count=count, limit=limit)
    return Rate(limit, limit - count, reset_s)


def count_api_request(request: HttpRequest, who: str, limit: int) -> None:
    """Count one request of the API, and note on it what its answer tells the caller (:func:`rate_headers`).

    :raises RateLimitError: when the limit is passed.
    """
    try:
        _note(request, count_request(who, limit))
    except RateLimitError as error:
        _note(request, Rate(error.limit, 0, error.wait_s))
        raise


def _note(request: HttpRequest, rate: Rate | None) -> None:
    request.META["khcn.rate"] = rate


def rate_headers(request: HttpRequest) -> dict[str, str]:
    """Return the headers that tell a caller how much is left of the running minute."""
    rate = request.META.get("khcn.rate")
    if not isinstance(rate, Rate):
        return {}
    return {
        "RateLimit-Limit": str(rate.limit),
        "RateLimit-Remaining": str(rate.remaining),
        "RateLimit-Reset": str(rate.reset_s),
        "RateLimit-Policy": f"{rate.limit};w={WINDOW_S}",
    }
