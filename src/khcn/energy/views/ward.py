"""The ward's table of rooftop systems (annex of Decree 243/2026)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.energy.views.access import require_desk
from khcn.energy.views.params import year_in
from khcn.energy.ward_table import (
    number_heads,
    number_rows,
    page_tables,
    power_heads,
    power_rows,
    ward_table,
)


@login_required
@require_safe
def ward_page(request: HttpRequest) -> HttpResponse:
    """Show both tables of a year."""
    require_desk(request)
    today = timezone.localdate()
    year = year_in(request.GET.get("nam"), today.year)
    found = ward_table(request.user, year, today)
    context = {
        "found": found,
        "tables": page_tables(found),
        "year": year,
        "years": [today.year - number for number in range(4)],
    }
    return render(request, "energy/desk/ward.html", context)


@login_required
@require_safe
def ward_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give both tables in one file, one below the other."""
    require_desk(request)
    if kind not in ("csv", "xlsx"):
        raise Http404
    today = timezone.localdate()
    year = year_in(request.GET.get("nam"), today.year)
    found = ward_table(request.user, year, today)
    columns = [Column(head) for head in number_heads()]
    rows = [*number_rows(found), [None] * len(columns), power_heads(), *power_rows(found)]
    return table_response(
        kind, columns, rows, f"mai-nha-{year}", title=_("Mái nhà %(year)s") % {"year": year}
    )
