"""Comparison of sites or units; everything that was chosen stands in the address."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from khcn.energy.enums import BuildingKind
from khcn.energy.selectors.compare import comparison
from khcn.energy.selectors.overview import KINDS
from khcn.energy.tables.compare import (
    MEASURES,
    compare_chart,
    compare_table,
    fair_words,
    measure_label,
)
from khcn.energy.views.access import require_desk
from khcn.energy.views.params import year_in

PAGE_SIZE = 40


@login_required
@require_safe
def compare_page(request: HttpRequest) -> HttpResponse:
    """Compare the reader's sites or units by a measure."""
    require_desk(request)
    today = timezone.localdate()
    query = request.GET
    kind = query.get("loai", "")
    kind = kind if kind in KINDS else ""
    measure = query.get("theo", "")
    measure = measure if measure in MEASURES else "m2"
    by_unit = query.get("gop", "") == "don-vi"
    year = year_in(query.get("nam"), today.year) if query.get("nam") else None
    if year == today.year and today.month == 1:
        year = None  # no month of this year is whole yet
    found = comparison(request.user, today, year=year, kind=kind, by_unit=by_unit)
    page = Paginator(found.rows, PAGE_SIZE).get_page(query.get("trang"))
    context = {
        "found": found,
        "chart": compare_chart(found, measure),
        "table": compare_table(found, list(page.object_list)) if found.rows else None,
        "page": page,
        "notes": fair_words(found, kind),
        "kinds": BuildingKind.choices,
        "kind": kind,
        "measures": [(key, measure_label(key)) for key in MEASURES],
        "measure": measure,
        "by_unit": by_unit,
        "year": year,
        "years": [today.year - number for number in range(4)],
        "query": urlencode(
            {
                name: value
                for name, value in (
                    ("loai", kind),
                    ("gop", "don-vi" if by_unit else ""),
                    ("nam", year or ""),
                )
                if value
            }
        ),
    }
    return render(request, "energy/desk/compare.html", context)
