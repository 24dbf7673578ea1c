"""Reports of units: months, the year of energy use, and the text to pass on."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import Column, attachment, safe_filename
from khcn.core.exports.tables import table_response
from khcn.core.months import Month, month_of
from khcn.energy.monthly import month_title, summary_sentences
from khcn.energy.selectors.reports import months_with_figures, unit_month, unit_year, units_of
from khcn.energy.services.reports import (
    ENDINGS,
    period_of,
    report_jobs,
    report_path,
    report_request,
)
from khcn.energy.views.access import readable_unit, require_desk
from khcn.energy.yearly import month_heads, notes, source_of, year_facts, year_table
from khcn.orgs.models import Unit

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@login_required
@require_safe
def unit_list(request: HttpRequest) -> HttpResponse:
    """Show the units of the reader with their reports."""
    require_desk(request)
    today = timezone.localdate()
    units = units_of(request.user, today)
    if len(units) == 1:
        return redirect("energy-desk:unit-reports", pk=units[0].unit.pk)
    return render(request, "energy/desk/report_units.html", {"units": units, "year": today.year})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the months of a unit with their files; have one written."""
    unit = readable_unit(request, pk)
    if request.method == "POST":
        return _request(request, unit)
    today = timezone.localdate()
    months = months_with_figures(unit, today)
    jobs = report_jobs(unit)
    chosen = month_of(request.GET.get("thang", "")[:10])
    chosen = chosen if chosen in months else (months[0] if months else None)
    context: dict[str, Any] = {
        "unit": unit,
        "rows": [_row(unit, month, jobs) for month in months],
        "chosen": month_title(chosen) if chosen else "",
        "sentences": summary_sentences(unit_month(unit, chosen)) if chosen else [],
        "years": [today.year - number for number in range(3)],
        "running": bool(jobs),
    }
    return render(request, "energy/desk/reports.html", context)


def _row(unit: Unit, period: Month, jobs: dict[str, Any]) -> dict[str, Any]:
    files = [ending for ending in ENDINGS if report_path(unit, period, ending).exists()]
    return {"month": period, "title": month_title(period), "files": files, "job": jobs.get(str(period))}


def _request(request: HttpRequest, unit: Unit) -> HttpResponse:
    period = period_of(request.POST.get("ky", "")[:10])
    if period is None:
        raise Http404
    try:
        report_request(actor=request.user, unit=unit, period=period, now=timezone.now())
    except KhcnError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("Đang lập báo cáo ở nền. Trang này tự tải lại; khi xong, tệp hiện ra ở đây.")
        )
    if isinstance(period, int):
        return redirect("energy-desk:year", pk=unit.pk, year=period)
    return redirect("energy-desk:unit-reports", pk=unit.pk)


@login_required
@require_safe
def report_file(request: HttpRequest, pk: int, month: str, kind: str) -> HttpResponseBase:
    """Give a report that was written; ``month`` may be a year."""
    unit = readable_unit(request, pk)
    period = period_of(month[:10])
    if period is None or kind not in ENDINGS:
        raise Http404
    path = report_path(unit, period, kind)
    if not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=TYPES[kind])
    response["Content-Disposition"] = attachment(safe_filename(f"nang-luong-{unit.name}-{period}", kind))
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _year(year: int, today: date) -> int:
    if not 2000 <= year <= today.year:
        raise Http404
    return year


@login_required
@require_safe
def year_page(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """Show the year of energy use of a unit."""
    unit = readable_unit(request, pk)
    today = timezone.localdate()
    found = unit_year(unit, _year(year, today), today)
    job = report_jobs(unit).get(str(year))
    context = {
        "unit": unit,
        "found": found,
        "facts": year_facts(found),
        "table": year_table(found) if found.months else None,
        "notes": notes(found),
        "files": [ending for ending in ENDINGS if report_path(unit, year, ending).exists()],
        "job": job,
        "before": year - 1,
        "after": year + 1 if year < today.year else None,
    }
    return render(request, "energy/desk/year.html", context)


@login_required
@require_safe
def year_file(request: HttpRequest, pk: int, year: int, kind: str) -> HttpResponseBase:
    """Give the months of the year as a table file."""
    unit = readable_unit(request, pk)
    today = timezone.localdate()
    if kind not in ("csv", "xlsx"):
        raise Http404
    found = unit_year(unit, _year(year, today), today)
    rows = [
        [
            row.month.words, row.bought_kwh, row.cost_vnd, row.solar_kwh, row.own_kwh, row.used_kwh, source_of(row),
        ]
        for row in found.months
    ]  # fmt: skip
    facts = [[term, value, None, None, None, None, None] for term, value in year_facts(found) if value]
    columns = [Column(head) for head in month_heads()]
    return table_response(kind, columns, [*rows, *facts], f"nang-luong-{unit.name}-{year}")
