"""The page of one site, and the month of one of its channels."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.dates import day_of
from khcn.core.months import Month
from khcn.energy.charts import day_columns, gauge_days, month_chart, year_chart
from khcn.energy.day_picture import day_picture
from khcn.energy.flow_picture import flow_picture
from khcn.energy.models import Site
from khcn.energy.permissions import can_connect, can_manage_site, reach_of
from khcn.energy.rules.days import zone_of
from khcn.energy.selectors.site_page import (
    SitePage,
    channel_month,
    day_view,
    days_of,
    savings_of,
    site_page,
    years_of,
)
from khcn.energy.selectors.telemetry import live_now
from khcn.energy.tables.channel import channel_context
from khcn.energy.tables.site_page import (
    DAY,
    MONTH,
    YEAR,
    day_facts,
    known_words,
    month_table,
    site_head,
    site_tabs,
    span_tabs,
    step_urls,
)
from khcn.energy.views.access import readable_site
from khcn.energy.views.params import month_in, year_in
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import ChannelKind


@login_required
@require_safe
def site_view(request: HttpRequest, key: str) -> HttpResponse:
    """Show one site: now, day/month/year, key figures, money, faults, devices."""
    place = readable_site(request, key)
    now = timezone.now()
    page = site_page(request.user, place, now)
    ky = request.GET.get("ky", DAY)
    ky = ky if ky in (DAY, MONTH, YEAR) else DAY
    context = site_head(page, now) | {
        "flow": flow_picture(live_now(place, now), now) if page.devices else None,
        "ky": ky,
        "span_tabs": span_tabs(place, ky),
        "can_manage": can_manage_site(request.user, place),
        "can_connect": can_connect(request.user, place),
        "setup_url": _setup_url(request, place),
        "savings": savings_of(place, page.today),
    }
    parts = {DAY: _day, MONTH: _month, YEAR: _year}
    return render(request, "energy/desk/site.html", context | parts[ky](request, page))


def _setup_url(request: HttpRequest, place: Site) -> str:
    """Return where the site is set up, for those who may."""
    reach = reach_of(request.user)
    if not (reach.officer or place.unit_id in reach.managed | reach.devices):
        return ""
    return reverse("energy-desk:setup-site", args=[place.key])


def _day(request: HttpRequest, page: SitePage) -> dict[str, Any]:
    place = page.site
    day = min(day_of(request.GET.get("ngay"), page.today), page.today)
    view = day_view(place, day)
    local = timezone.now().astimezone(zone_of(place.zone))
    until = local.hour * 60 + local.minute if day == page.today else None
    after = day + timedelta(days=1)
    return {
        "day": day,
        "picture": day_picture(view, until=until),
        "facts": day_facts(view.figures),
        "span_known": known_words(view.figures),
        "csv_url": _csv(place, "khoang", day, day),
        "steps": step_urls(
            place, DAY, "ngay", day - timedelta(days=1), after if after <= page.today else None
        ),
    }


def _month(request: HttpRequest, page: SitePage) -> dict[str, Any]:
    place = page.site
    month = month_in(request.GET.get("thang"), page.this)
    days = days_of(place, month.first, month.last)
    return {
        "month": month,
        "chart": month_chart(
            place.name, month, days, page.today, _csv(place, "ngay", month.first, month.last)
        ),
        "facts": day_facts(page.month(month)),
        "span_known": known_words(page.month(month)),
        "steps": step_urls(
            place, MONTH, "thang", month.before, month.after if month.after <= page.this else None
        ),
    }


def _year(request: HttpRequest, page: SitePage) -> dict[str, Any]:
    place = page.site
    year = year_in(request.GET.get("nam"), page.today.year)
    return {
        "year": year,
        "chart": year_chart(
            place.name,
            year,
            dict(years_of(page)).get(year, []),
            page.today,
            _csv(place, "thang", date(year, 1, 1), date(year, 12, 31)),
        ),
        "table": month_table(page, year),
        "facts": day_facts(page.year(year)),
        "span_known": known_words(page.year(year)),
        "steps": step_urls(place, YEAR, "nam", year - 1, year + 1 if year < page.today.year else None),
    }


def _csv(place: Site, what: str, first: date, last: date) -> str:
    base = reverse("energy-desk:export", args=[place.key, what, "csv"])
    return f"{base}?tu={first}&den={last}"


@login_required
@require_safe
def channel_page(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Show the days of one channel in a month."""
    place = readable_site(request, key)
    today = timezone.localdate()
    month = month_in(request.GET.get("thang"), Month.of(today))
    found = channel_month(place, pk, month)
    if found is None:
        raise Http404
    metric = metric_of(found.channel.metric)
    title = f"{found.channel.device.name}: {_(metric.label)}"
    span = (month.first, min(month.last, today))
    if metric.kind in (ChannelKind.GAUGE, ChannelKind.STATE):
        values = {day: row.total for day, row in found.days.items()}
        chart = gauge_days(title, metric.unit or _("giá trị"), place.name, values, span)
    else:
        pairs = {day: (row.total, None) for day, row in found.days.items()}
        chart = day_columns(title, pairs, span, unit=_("kWh mỗi ngày"), name=place.name, today=today)
    context = channel_context(found, metric) | {
        "place": place,
        "title": title,
        "month": month,
        "chart": chart,
        "tabs": site_tabs(place, "quality"),
        "before": month.before,
        "after": month.after if month.after <= Month.of(today) else None,
    }
    return render(request, "energy/desk/channel.html", context)
