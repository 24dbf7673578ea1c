"""The leadership's page, the sheet of many updates, and calendar feeds."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.api.etags import etag_of, not_modified
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.forms import read_workbook
from khcn.core.gate import costly
from khcn.plan.errors import RowsError
from khcn.plan.exports.progress import sheet_columns, sheet_items, sheet_response
from khcn.plan.exports.progress_feed import CALENDAR_TYPE, feed_calendar
from khcn.plan.forms.progress import SheetForm
from khcn.plan.models import UnitReport, WorkItem
from khcn.plan.selectors.progress_feed import feed_of, feed_token, feed_tokens
from khcn.plan.selectors.progress_lead import leadership
from khcn.plan.selectors.progress_own import own_units, own_work
from khcn.plan.services.progress_feeds import feed_end, feed_make
from khcn.plan.services.progress_sheet import progress_sheet_take_in
from khcn.plan.tables.progress import report_address
from khcn.plan.tables.progress_lead import (
    headline,
    items_address,
    late_task_lines,
    late_unit_lines,
    money_tiles,
    money_words,
    report_tiles,
    section_chart,
    work_tiles,
)
from khcn.plan.views.progress_access import asked_in, number_in, require_lead, require_work

FAULTS_SHOWN = 50


@login_required
@require_safe
def lead_page(request: HttpRequest) -> HttpResponse:
    """Show late tasks, late units, money and reports of one plan on one screen; ``ban=in`` for paper."""
    require_lead(request)
    found = leadership(request.user, timezone.localdate(), number_in(request.GET.get("ke-hoach")))
    paper = request.GET.get("ban") == "in"
    if found is None:
        return render(request, "plan/progress/lead.html", {"found": None})
    context: dict[str, Any] = {
        "found": found,
        "headline": headline(found),
        "work": work_tiles(found),
        "money": money_tiles(found.money, found.plan),
        "money_words": money_words(found.money),
        "reports": report_tiles(found.reports),
        "late_units": late_unit_lines(found, most=200) if paper else late_unit_lines(found),
        "late_tasks": late_task_lines(found, most=200) if paper else late_task_lines(found),
        "chart": section_chart(found),
        "late_url": items_address(found.plan, standing="tre"),
        "paper": paper,
        "now": timezone.now(),
    }
    return render(request, "plan/progress/lead_print.html" if paper else "plan/progress/lead.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_page(request: HttpRequest) -> HttpResponseBase:
    """Hand out the sheet of the own work, and take it in again."""
    require_work(request)
    if request.GET.get("tep") == "bang" and request.method != "POST":
        return _sheet(request)
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "units": own_units(request.user, timezone.localdate())}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            filled = read_workbook(form.cleaned_data["file"], sheet_columns())
            result = progress_sheet_take_in(actor=request.user, filled=filled, now=timezone.now())
            text = ngettext("Đã cập nhật %(count)s việc.", "Đã cập nhật %(count)s việc.", result.changed)
            messages.success(request, text % {"count": result.changed})
            return redirect("plan-desk:progress-own")
        except RowsError as error:
            context |= {
                "refused": error.message,
                "faults": error.faults[:FAULTS_SHOWN],
                "more": len(error.faults) - FAULTS_SHOWN,
            }
            status = 422
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("file", error.message)
            status = 422
    return render(request, "plan/progress/sheet.html", context, status=status)


def _sheet(request: HttpRequest) -> HttpResponse:
    on, asked = timezone.localdate(), asked_in(request.GET)
    found = own_work(request.user, asked, on)
    return sheet_response(
        sheet_items(found.lead).select_related("task", "plan", "unit")[:2000],
        _("Tiến độ %(day)s") % {"day": f"{on:%d-%m-%Y}"},
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feed_page(request: HttpRequest) -> HttpResponse:
    """Show, make and end the secret calendar addresses of this person. A new address is shown this once."""
    require_work(request)
    on, user = timezone.localdate(), request.user
    units = own_units(user, on)
    secret, made_for = "", None
    if request.method == "POST":
        number = number_in(request.POST.get("don-vi"))
        held = feed_tokens(user)
        made_for = next((unit for unit in units if unit.pk == number), None)
        if made_for is None and number in held:
            made_for = held[number].unit  # an address of a unit one has left may still be ended
        if made_for is None or not user.is_authenticated:
            raise Http404
        try:
            if request.POST.get("viec") == "thu-hoi":
                feed_end(actor=user, unit=made_for, now=timezone.now())
                messages.success(request, _("Đã thu hồi. Địa chỉ cũ không còn mở được lịch."))
                return redirect("plan-desk:progress-feeds")
            secret = feed_make(actor=user, unit=made_for, now=timezone.now())
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
    address = request.build_absolute_uri(reverse("plan:unit-feed", args=[secret])) if secret else ""
    tokens = feed_tokens(user)
    context = {
        "lines": [(unit, tokens.pop(unit.pk, None)) for unit in units],
        "left": list(tokens.values()),
        "address": address,
        "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://") if address else "",
        "made_for": made_for,
    }
    return render(request, "plan/progress/feeds.html", context)


@require_safe
@costly("plan.calendar", per_minute=60)
def unit_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with a unit's calendar to whoever holds the secret address, while its person has the role."""
    on = timezone.localdate()
    found = feed_token(token, on)
    if found is None:
        raise Http404

    def link(record: WorkItem | UnitReport) -> str:
        if isinstance(record, WorkItem):
            path = reverse("plan-desk:progress-item", args=[record.pk])
        else:
            path = report_address(record)
        return request.build_absolute_uri(path) if path else ""

    content = feed_calendar(feed_of(found.unit, on), link)
    etag = etag_of(content.decode())
    response = not_modified(request, etag) or HttpResponse(content, content_type=CALENDAR_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Disposition"] = 'inline; filename="viec-cua-don-vi.ics"'
    return response
