"""Money of a year: the table with its chart, downloads, what waits for the finance unit."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import number_vi
from khcn.orgs.models import Unit
from khcn.plan import permissions
from khcn.plan.exports.money import year_response
from khcn.plan.models import MoneyEntry
from khcn.plan.permissions import Reach
from khcn.plan.rules.money import EARLIEST_YEAR, LATEST_YEAR
from khcn.plan.selectors.money import (
    BY_LINE,
    BY_TASK,
    BY_UNIT,
    MoneyFilter,
    entries_waiting,
    money_year,
    task_titles,
)
from khcn.plan.services.money_entries import entries_confirm
from khcn.plan.tables.money import entries_table, estimate_state, year_chart, year_table
from khcn.plan.views.money_access import at, crumbs, money_reader, today
from khcn.ui.parts import Tab

PAGE_ROWS = 60


def _asked(request: HttpRequest, reach: Reach) -> MoneyFilter:
    """Return what the address asks for; whatever comes, the values are sound."""
    text = request.GET.get("nam", "")
    year = int(text) if len(text) == 4 and text.isascii() and text.isdigit() else today().year
    unit = request.GET.get("don-vi", "")
    group = request.GET.get("xem", "")
    groups = {BY_TASK, BY_UNIT, BY_LINE}
    return MoneyFilter(
        year=year if EARLIEST_YEAR <= year <= LATEST_YEAR else today().year,
        group=group if group in groups else (BY_TASK if reach.money else BY_LINE),
        unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else 0,
        task=request.GET.get("nhiem-vu", "")[:40],
    )


@login_required
@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Show the money of a year: by task, by unit or line by line."""
    reach = money_reader(request)
    asked = _asked(request, reach)
    found = money_year(request.user, asked, today())
    page = Paginator(found.groups, PAGE_ROWS).get_page(request.GET.get("trang"))
    narrowed = Unit.objects.filter(pk=asked.unit).first() if asked.unit else None
    task = (
        task_titles(one.plan_id for one in found.estimates).get(asked.task, asked.task) if asked.task else ""
    )
    words = {BY_TASK: _("Theo nhiệm vụ"), BY_UNIT: _("Theo đơn vị"), BY_LINE: _("Từng dòng")}
    context = {
        "found": found,
        "asked": asked,
        "tabs": [
            Tab(label=label, url=f"?nam={asked.year}&xem={key}", current=asked.group == key)
            for key, label in words.items()
        ],
        "table": year_table(found, list(page)),
        "page": page,
        "chart": year_chart(found),
        "estimates": [(one, estimate_state(one.state)) for one in found.estimates],
        "narrowed": narrowed,
        "task": task,
        "can_keep": permissions.can_keep_estimate(reach),
        "waiting": entries_waiting(request.user, today()).count(),
        "query": request.GET.urlencode(),
        "crumbs": crumbs(),
    }
    return render(request, "plan/money/year.html", context)


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the lines of a year that the person may read, as CSV or XLSX."""
    reach = money_reader(request)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return year_response(request.user, _asked(request, reach), kind)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Show the entries that wait for the finance unit; finance confirms one or several of them."""
    reach = money_reader(request)
    finance = permissions.can_confirm_money(reach)
    rows = entries_waiting(request.user, today())
    if request.method == "POST":
        if not finance:
            raise PermissionDenied(_("Việc này do bộ phận tài chính làm."))
        chosen = [
            int(text)
            for text in request.POST.getlist("but-toan")
            if text.isascii() and text.isdigit() and len(text) < 19
        ]
        _confirm(request, list(rows.filter(pk__in=chosen)))
        return redirect(at("money-waiting"))
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("trang"))
    own = request.user.pk
    context = {
        "page": page,
        "rows": [(entry, finance and entry.proposed_by_id != own) for entry in page],
        "table": entries_table(list(page), _("Bút toán chờ xác nhận"), with_line=True),
        "finance": finance,
        "crumbs": crumbs((_("Chờ xác nhận"), "")),
    }
    return render(request, "plan/money/waiting.html", context)


def _confirm(request: HttpRequest, chosen: list[MoneyEntry]) -> None:
    try:
        done, refused = entries_confirm(actor=request.user, entries=chosen, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    if done:
        text = ngettext("Đã xác nhận %(count)s bút toán.", "Đã xác nhận %(count)s bút toán.", done)
        messages.success(request, text % {"count": number_vi(done)})
    for entry, why in refused:
        messages.warning(request, f"{entry.text}: {why}")
    if not chosen:
        messages.info(request, _("Chưa chọn bút toán nào."))
