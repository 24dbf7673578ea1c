"""Pages of figures on the desk: the overview and one market."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.markets.floor_charts import floor_chart
from khcn.markets.permissions import can_found, can_set_up
from khcn.markets.selectors.floors import floor_of
from khcn.markets.selectors.market_page import market_figures
from khcn.markets.selectors.overview import overview
from khcn.markets.tables.counting import model_lines
from khcn.markets.tables.market_page import market_context, span_key
from khcn.markets.tables.overview import overview_context
from khcn.markets.views.access import readable_market, require_desk


@login_required
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show every market of the reader's reach."""
    require_desk(request)
    lines = overview(request.user, timezone.now())
    context = overview_context(lines) | {"can_found": can_found(request.user)}
    return render(request, "markets/desk/overview.html", context)


@login_required
@require_safe
def market_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one market: now, today against usual, patterns, gates, zones, floor."""
    market = readable_market(request, key)
    span = span_key(request.GET.get("ky"))
    figures = market_figures(market, timezone.now(), span=span)
    floor = floor_of(market)
    context = market_context(figures, span) | {
        "market": market,
        "figures": figures,
        "today": figures.today,
        "floor": floor_chart(market, floor),
        "models": model_lines(figures.counting),
        "can_set_up": can_set_up(request.user, market),
    }
    return render(request, "markets/desk/market.html", context)
