"""Data quality of a market."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.dates import day_of
from khcn.markets.selectors.quality import DAYS, quality_of
from khcn.markets.tables.market_page import market_tabs
from khcn.markets.tables.quality import (
    box_table,
    camera_table,
    day_table,
    late_table,
    lost_table,
    trouble_events,
)
from khcn.markets.views.access import readable_market
from khcn.markets.words import span_words


@login_required
@require_safe
def quality_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show what was measured, what was lost and why, in two weeks up to a day of choice."""
    market = readable_market(request, key)
    now = timezone.now()
    yesterday = timezone.localtime(now).date() - timedelta(days=1)
    last = min(day_of(request.GET.get("den"), yesterday), yesterday)
    found = quality_of(market, now, last=last)
    context = {
        "market": market,
        "tabs": market_tabs(market, "quality"),
        "span": span_words(found.first, found.last),
        "earlier": found.first - timedelta(days=1),
        "later": min(found.last + timedelta(days=DAYS), yesterday) if found.last < yesterday else None,
        "cameras": camera_table(found) if found.cameras else None,
        "days": day_table(found),
        "lost": lost_table(found),
        "troubles": trouble_events(found.troubles),
        "boxes": box_table(found.boxes, now) if found.boxes else None,
        "late": late_table(found.late),
    }
    return render(request, "markets/desk/quality.html", context)
