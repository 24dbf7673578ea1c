"""Public pages of the markets: small cells hidden, no gate, no picture."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.dates import span_between
from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.core.gate import costly
from khcn.markets.permissions import can_read_figures
from khcn.markets.selectors.public import open_data_rows, public_cameras, public_market, public_markets
from khcn.markets.tables.public import camera_facts, day_chart, hour_table, opening_lines

LONGEST = 3 * 366


@require_safe
@costly("markets.page", per_minute=60)
def market_list(request: HttpRequest) -> HttpResponse:
    """Show the listed markets with today's visitors."""
    return render(request, "markets/list.html", {"markets": public_markets(timezone.now())})


@require_safe
@costly("markets.page", per_minute=60)
def market_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one market as the public may see it."""
    now = timezone.now()
    found = public_market(key, now)
    if found is None:
        raise Http404
    signed_in = request.user.is_authenticated
    context = {
        "found": found,
        "market": found.market,
        "hours": hour_table(found),
        "chart": day_chart(found),
        "cameras": camera_facts(public_cameras(found.market)),
        "opening": opening_lines(found.market.hours.in_force(found.today)),
        "may_read": signed_in and can_read_figures(request.user, found.market),
    }
    return render(request, "markets/market.html", context)


@require_safe
@costly("markets.data", per_minute=20)
def open_data(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the published hours as CSV."""
    now = timezone.now()
    found = public_market(key, now)
    if found is None:
        raise Http404
    first, last = span_between(
        request.GET.get("tu"),
        request.GET.get("den"),
        fallback=(found.today - timedelta(days=365), found.today),
        longest=LONGEST,
    )
    small = _("dưới %(minimum)s") % {"minimum": found.market.public_minimum}
    columns = [Column(_("Ngày")), Column(_("Giờ")), Column(_("Lượt khách vào")), Column(_("Ghi chú"))]
    rows = (
        [
            hour.day,
            hour.hour,
            hour.count,
            small if hour.hidden else "" if hour.count is not None else _("không đo đủ"),
        ]
        for hour in open_data_rows(found.market, first, last, now)
    )
    return table_response("csv", columns, rows, f"{found.market.key}-luot-khach")
