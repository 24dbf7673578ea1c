"""The forecast of a market."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.markets.selectors.figures import days_between, events_between
from khcn.markets.selectors.prepared import made_at
from khcn.markets.services.prepared import HORIZON_DAYS, prepared_or_ask
from khcn.markets.tables.market_page import market_tabs
from khcn.markets.tables.outlook import PAST_DAYS, forecast_chart, forecast_table, forecast_words
from khcn.markets.views.access import readable_market


@login_required
@require_safe
def forecast_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the next fourteen days; the worker made them."""
    market = readable_market(request, key)
    now = timezone.now()
    today = timezone.localtime(now).date()
    found = prepared_or_ask(f"forecast-{market.pk}", now)
    context: dict[str, object] = {"market": market, "tabs": market_tabs(market, "forecast"), "found": found}
    if found is not None and "value" in found:
        past = days_between([market.pk], today - timedelta(days=PAST_DAYS + 7), today).get(market.pk, [])
        events = events_between(
            [market.pk], today - timedelta(days=PAST_DAYS), today + timedelta(days=HORIZON_DAYS)
        )
        context |= {
            "chart": forecast_chart(market, found, {row.day: row for row in past}, events),
            "table": forecast_table(found, events),
            "sentences": forecast_words(found),
            "made_at": made_at(found),
            "history_days": found["history_days"],
        }
    return render(request, "markets/desk/forecast.html", context)
