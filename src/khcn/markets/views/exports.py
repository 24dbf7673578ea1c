"""Downloads of a market's figures."""

import re
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.dates import span_between
from khcn.markets.exports.series import (
    KINDS,
    Listing,
    days_listing,
    gate_days_listing,
    gate_hours_listing,
    gate_minutes_listing,
    hours_listing,
    listing_response,
    market_minutes_listing,
)
from khcn.markets.models import Gate, Market
from khcn.markets.views.access import readable_market

LONGEST = 3 * 366
LONGEST_MINUTES = 62
LONGEST_SHEET = 366  # hours of a year; longer ones go as CSV
_GATE = re.compile(r"cua-(\d{1,18})-(ngay|gio|phut)")


@login_required
@require_safe
def market_export(request: HttpRequest, key: str, what: str, kind: str) -> HttpResponseBase:
    """Give days ("ngay"), hours ("gio") or minutes ("phut") of the market, or of one gate ("cua-7-phut")."""
    market = readable_market(request, key)
    if kind not in KINDS:
        raise Http404
    return listing_response(_listing(request, market, what, kind), kind)


def _listing(request: HttpRequest, market: Market, what: str, kind: str) -> Listing:
    yesterday = timezone.localdate() - timedelta(days=1)
    minutes = what.endswith("phut")
    days = 7 if minutes else 366
    longest = LONGEST_MINUTES if minutes else LONGEST_SHEET if kind == "xlsx" else LONGEST
    first, last = span_between(
        request.GET.get("tu"),
        request.GET.get("den"),
        fallback=(yesterday - timedelta(days=days - 1), timezone.localdate()),
        longest=longest,
    )
    if what == "ngay":
        return days_listing(market, first, last)
    if what == "gio":
        return hours_listing(market, first, last)
    if what == "phut":
        return market_minutes_listing(market, first, last)
    match = _GATE.fullmatch(what)
    gate = (
        Gate.objects.filter(market=market, pk=int(match[1])).select_related("market").first()
        if match
        else None
    )
    if match is None or gate is None:
        raise Http404
    listing = {"ngay": gate_days_listing, "gio": gate_hours_listing, "phut": gate_minutes_listing}[match[2]]
    return listing(gate, first, last)
