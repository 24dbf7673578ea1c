"""Comparison of markets and periods; everything that was chosen stands in the address."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.dates import span_between
from khcn.markets.selectors.compare import LONGEST, MOST_MARKETS, markets_compared, periods_compared
from khcn.markets.selectors.figures import visible_markets
from khcn.markets.tables.compare import day_pairs_table, markets_table, period_words, profile_chart
from khcn.markets.views.access import require_desk
from khcn.markets.words import span_words


@login_required
@require_safe
def compare_page(request: HttpRequest) -> HttpResponse:
    """Compare one market with an earlier period, or several markets over one period."""
    require_desk(request)
    markets = visible_markets(request.user, timezone.localdate())
    wanted = set(request.GET.getlist("cho")[:50])
    chosen = [market for market in markets if market.key in wanted][:MOST_MARKETS] or markets[:1]
    yesterday = timezone.localdate() - timedelta(days=1)
    query = request.GET
    first = span_between(
        query.get("tu"),
        query.get("den"),
        fallback=(yesterday - timedelta(days=27), yesterday),
        longest=LONGEST,
    )
    length = first[1] - first[0]
    before = (first[0] - length - timedelta(days=1), first[0] - timedelta(days=1))
    if query.get("voi") == "nam-truoc":
        before = (first[0] - timedelta(days=364), first[1] - timedelta(days=364))
    second = span_between(query.get("tu2"), query.get("den2"), fallback=before, longest=LONGEST)
    context: dict[str, Any] = {
        "markets": markets,
        "chosen": chosen,
        "first": first,
        "second": second,
        "longest": LONGEST,
        "most": MOST_MARKETS,
    }
    if len(chosen) == 1:
        context |= _periods(chosen[0], first, second)
    elif chosen:
        pairs = markets_compared(chosen, first)
        context |= {"table": markets_table(chosen[0], pairs), "span": span_words(*first)}
        context["charts"] = [
            chart
            for pair in pairs
            if (
                chart := profile_chart(
                    _("Một ngày ở %(one)s và %(two)s") % {"one": pair.market.name, "two": chosen[0].name},
                    pair.comparison,
                    (pair.market.name, chosen[0].name),
                    chosen[0].name,
                )
            )
        ]
    return render(request, "markets/desk/compare.html", context)


def _periods(market: Any, first: Any, second: Any) -> dict[str, Any]:
    found = periods_compared(market, first, second)
    chart = profile_chart(
        _("Một ngày ở %(market)s, hai kỳ") % {"market": market.name},
        found,
        (_("kỳ này"), _("kỳ trước")),
        market.name,
    )
    return {
        "sentences": period_words(market, found, first),
        "table": day_pairs_table(found) if found.common_hours else None,
        "charts": [chart] if chart else [],
    }
