"""Pages of one gate and one zone of a market."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.markets.models import Gate, GateReview, Market, Zone
from khcn.markets.permissions import can_set_up
from khcn.markets.selectors.figures import EventSpan, events_between
from khcn.markets.selectors.places import (
    PlaceHour,
    accuracy_of,
    gate_hours,
    reviews_of,
    window_of,
    zone_hours,
)
from khcn.markets.tables.places import (
    by_day,
    day_chart,
    gate_day_table,
    review_table,
    stay_chart,
    week_map,
    zone_day_table,
)
from khcn.markets.views.access import readable_market
from khcn.markets.words import error_words, number

SPAN = timedelta(days=55)  # with yesterday: eight whole weeks
REVIEWS = 20


def _span() -> tuple[date, date]:
    last = timezone.localdate() - timedelta(days=1)
    return last - SPAN, last


def _by_day(
    market: Market, hours: list[PlaceHour], column: str, span: tuple[date, date]
) -> tuple[dict[date, float], list[EventSpan]]:
    values = {day: sums[column] for day, sums in by_day(hours, (column,)).items()}
    return values, events_between([market.pk], *span)


@login_required
@require_safe
def gate_page(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Show one gate: its pattern, its days, and how far its count is right."""
    market = readable_market(request, key)
    gate = get_object_or_404(Gate.objects.select_related("camera", "market"), market=market, pk=pk)
    span, now = _span(), timezone.now()
    hours = gate_hours(gate, window_of(*span))
    values, events = _by_day(market, hours, "count_in", span)
    accuracy = accuracy_of(reviews_of(Q(gate=gate), now).get(gate.pk, ()))
    reviews = list(GateReview.objects.filter(gate=gate).select_related("reviewer")[:REVIEWS])
    mean = sum(values.values()) / len(values) if values else 0
    context = {
        "market": market,
        "gate": gate,
        "accuracy": accuracy,
        "error": error_words(accuracy),
        "week": week_map(
            gate.name, market.name, hours, "count_in", _("Lượt vào mỗi giờ, trung bình 8 tuần qua")
        ),
        "line": day_chart(
            title=_("Tám tuần qua trung bình %(count)s lượt vào mỗi ngày") % {"count": number(mean)},
            unit=_("Lượt vào mỗi ngày"),
            market=market.name,
            values=values,
            span=span,
            events=events,
        ),
        "days": gate_day_table(gate, hours) if hours else None,
        "reviews": review_table(reviews) if reviews else None,
        "minutes_url": reverse("markets-desk:export", args=[market.key, f"cua-{gate.pk}-phut", "csv"]),
        "hours_url": reverse("markets-desk:export", args=[market.key, f"cua-{gate.pk}-gio", "csv"]),
        "can_set_up": can_set_up(request.user, market),
    }
    return render(request, "markets/desk/gate.html", context)


@login_required
@require_safe
def zone_page(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Show one zone: visitors, dwell and the stalls in it."""
    market = readable_market(request, key)
    zone = get_object_or_404(Zone.objects.select_related("camera", "market"), market=market, pk=pk)
    span = _span()
    hours = zone_hours(zone, window_of(*span))
    values, events = _by_day(market, hours, "entries", span)
    mean = sum(values.values()) / len(values) if values else 0
    context = {
        "market": market,
        "zone": zone,
        "stalls": list(zone.parties.order_by("sort_key")[:100]),
        "week": week_map(
            zone.name, market.name, hours, "entries", _("Lượt vào khu mỗi giờ, trung bình 8 tuần qua")
        ),
        "line": day_chart(
            title=_("Tám tuần qua trung bình %(count)s lượt vào khu mỗi ngày") % {"count": number(mean)},
            unit=_("Lượt vào khu mỗi ngày"),
            market=market.name,
            values=values,
            span=span,
            events=events,
        ),
        "stays": stay_chart(zone, hours),
        "days": zone_day_table(hours) if hours else None,
    }
    return render(request, "markets/desk/zone.html", context)
