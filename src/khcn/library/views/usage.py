"""How the library is used: figures for those who look after it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.tables import table_response
from khcn.core.months import Month
from khcn.library.forms.usage import UsageForm
from khcn.library.permissions import reach_of
from khcn.library.selectors.usage import usage_report
from khcn.library.tables.usage import (
    group_table,
    month_chart,
    month_table,
    sheet_columns,
    sheet_rows,
    top_table,
)


@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponseBase:
    """Show months, works, shelves, units and kinds; ``?tai=xlsx`` gives the same as a workbook."""
    if not reach_of(request.user).everything:
        raise PermissionDenied(_("Chỉ thủ thư và người giám sát xem được thống kê của thư viện."))
    form = UsageForm(request.GET)
    narrowed = form.narrowed(Month.of(timezone.localdate()))
    report = usage_report(narrowed, user=request.user)
    if request.GET.get("tai") == "xlsx":
        name = _("thong-ke-thu-vien-%(first)s-%(last)s") % {"first": narrowed.first, "last": narrowed.last}
        return table_response("xlsx", sheet_columns(), sheet_rows(report), name, title=_("Thống kê"))
    kept = request.GET.copy()
    kept["tai"] = "xlsx"
    context = {
        "form": form,
        "narrowed": narrowed,
        "report": report,
        "chart": month_chart(report, narrowed),
        "months": month_table(report),
        "top": top_table(report) if report.top else None,
        "groups": [
            (name, group_table(name, first, rows))
            for name, first, rows in (
                (_("Theo bộ sưu tập"), _("Bộ sưu tập"), report.by_collection),
                (_("Theo đơn vị"), _("Đơn vị"), report.by_unit),
                (_("Theo loại"), _("Loại"), report.by_kind),
            )
            if rows
        ],
        "excel_url": f"?{kept.urlencode()}",
    }
    return render(request, "library/usage/page.html", context)
