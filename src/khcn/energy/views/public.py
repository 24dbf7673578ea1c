"""Public pages of the energy programme: totals of finished months, open data."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.core.gate import costly
from khcn.energy.charts import public_months
from khcn.energy.permissions import can_read_figures
from khcn.energy.selectors.public import MONTHS_CHARTED, PublicMonth, public_page, public_programme
from khcn.energy.tables.public import (
    factor_words,
    months_table,
    programme_tiles,
    sites_table,
)


@require_safe
@costly("energy.page", per_minute=60)
def programme_page(request: HttpRequest) -> HttpResponse:
    """Show the totals of the published sites."""
    found = public_programme(timezone.now())
    context = {
        "found": found,
        "tiles": programme_tiles(found),
        "chart": public_months("", found.months, reverse("energy:open-data-all")),
        "months": months_table(found.months[::-1], several=True),
        "table": sites_table(found) if found.sites else None,
        "factor": factor_words(found.factor),
    }
    return render(request, "energy/public/list.html", context)


@require_safe
@costly("energy.page", per_minute=60)
def site_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the finished months of one published site."""
    found = public_page(key, timezone.now())
    if found is None:
        raise Http404
    context = {
        "found": found,
        "place": found.site,
        "chart": public_months(
            found.site.name, found.months[:MONTHS_CHARTED][::-1], reverse("energy:open-data", args=[key])
        ),
        "months": months_table(found.months, several=False) if found.months else None,
        "factor": factor_words(found.factor),
        "may_read": request.user.is_authenticated and can_read_figures(request.user, found.site),
    }
    return render(request, "energy/public/site.html", context)


@require_safe
@costly("energy.data", per_minute=20)
def programme_data(request: HttpRequest) -> HttpResponseBase:
    """Give the published months of all sites as CSV."""
    return _csv(public_programme(timezone.now()).months, "nang-luong-theo-thang")


@require_safe
@costly("energy.data", per_minute=20)
def site_data(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the published months of one site as CSV."""
    found = public_page(key, timezone.now())
    if found is None:
        raise Http404
    return _csv(found.months[::-1], f"{key}-theo-thang")


def _csv(months: Sequence[PublicMonth], name: str) -> HttpResponseBase:
    heads = [
        _("Tháng"), _("Điện mặt trời, kWh"), _("Đỡ phải trả, đ"), _("CO₂ tránh được, kg"), _("Số công trình"),
        _("Ghi chú"),
    ]  # fmt: skip
    rows = (
        [
            str(one.month),
            None if one.kwh is None else round(one.kwh, 1),
            None if one.saved_vnd is None else round(one.saved_vnd),
            None if one.co2_kg is None else round(one.co2_kg, 1),
            one.sites,
            "" if one.complete else _("thiếu số liệu"),
        ]
        for one in months
    )
    return table_response("csv", [Column(head) for head in heads], rows, name)
