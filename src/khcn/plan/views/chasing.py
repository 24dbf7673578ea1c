"""Who reported when: rates by period and unit, the table of one period, files."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.plan.chasing_words import zalo_text
from khcn.plan.models import ReportPeriod
from khcn.plan.permissions import can_consolidate, can_read_reporting_rates, reach_of
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.selectors.chasing import Asked, asked_choices, period_table, reporting_rates
from khcn.plan.tables.chasing import (
    legend,
    periods_table,
    rate_cells,
    rate_heads,
    stand_cells,
    stand_heads,
    stands_table,
    units_table,
    updated_words,
)


def require_rates(request: HttpRequest) -> None:
    """Refuse roles that read only their own unit's reports. Raises PermissionDenied."""
    if not can_read_reporting_rates(reach_of(request.user)):
        raise PermissionDenied(
            _(
                "Bảng này dành cho đơn vị đầu mối, lãnh đạo, tài chính và người giám sát. Báo cáo của đơn vị bạn ở mục Báo cáo."
            )
        )


def _asked(request: HttpRequest) -> Asked:
    year = request.GET.get("nam", "")[:4]
    regime = request.GET.get("che-do", "")[:80]
    number = int(year) if year.isascii() and year.isdigit() else 0
    return Asked(regime=regime, year=number if 1900 < number < 2200 else None)


@login_required
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Show rates by period and the ranking of units."""
    require_rates(request)
    asked = _asked(request)
    found = reporting_rates(asked, timezone.now())
    regimes, years = asked_choices()
    context = {
        "found": found,
        "asked": asked,
        "regimes": regimes,
        "years": years,
        "periods": periods_table(found.periods) if found.periods else None,
        "units": units_table(found.units) if found.units else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "plan/chasing/rates.html", context)


@login_required
@require_safe
def rates_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the rates as a file."""
    require_rates(request)
    if kind not in ("csv", "xlsx"):
        raise Http404
    found = reporting_rates(_asked(request), timezone.now())
    return table_response(
        kind, [Column(head) for head in rate_heads()], rate_cells(found), "tinh-hinh-bao-cao"
    )


def _period(request: HttpRequest, pk: int) -> ReportPeriod:
    require_rates(request)
    return get_object_or_404(ReportPeriod.objects.select_related("regime"), pk=pk)


@login_required
@require_safe
def period_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who sent, who was reminded, who has an exception; the text to paste into a group."""
    period, now = _period(request, pk), timezone.now()
    found = period_table(period, now)
    alone = [
        one.name
        for one in found.stands
        if one.time in (Timeliness.MISSING, Timeliness.PENDING)
        and any(not row.people for row in one.reminders)
    ]
    context = {
        "period": period,
        "found": found,
        "tally": found.tally,
        "table": stands_table(found) if found.stands else None,
        "legend": legend(),
        "when": updated_words(found, now),
        "zalo": zalo_text(found, now),
        "alone": alone,
        "can": can_consolidate(reach_of(request.user)),
    }
    return render(request, "plan/chasing/period.html", context)


@login_required
@require_safe
def period_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give the table of a period as a file."""
    period = _period(request, pk)
    if kind not in ("csv", "xlsx"):
        raise Http404
    found = period_table(period, timezone.now())
    columns = [Column(head) for head in stand_heads()]
    return table_response(
        kind, columns, [stand_cells(one) for one in found.stands], f"tinh-hinh-{period.code}"
    )
