"""Desk pages of reports: a school says that it taught a lesson; the list; one report with what may be done."""

from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.programmes.exports.curricula import runs_table
from khcn.programmes.forms.curricula import RunForm
from khcn.programmes.permissions_curricula import can_handle_incidents, can_report_any, can_report_run
from khcn.programmes.rules.curricula_runs import EDIT_DAYS
from khcn.programmes.selectors.curricula import RunsAsked, run_of, runs_list, runs_sums
from khcn.programmes.services.curricula_runs import incident_handle, run_edit, run_report, run_withdraw
from khcn.programmes.views.curricula_base import first_of, lessons_desk, number_in, readable, units_to_report
from khcn.ui.deeds import only, sent, told

FIELDS = (
    "ran_on", "class_name", "grade", "pupils", "minutes", "rating", "worked", "wrong", "incident", "incident_note",
    "revision",
)  # fmt: skip


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponseBase:
    """List reports, or give them as a spreadsheet."""
    lessons_desk(request)
    query = request.GET
    asked = RunsAsked(
        unit=number_in(query.get("don-vi")), lesson=number_in(query.get("bai")), incidents=query.get("su-co") == "1",
        year=number_in(query.get("nam")),
    )  # fmt: skip
    rows = runs_list(request.user, timezone.localdate(), asked)
    if query.get("tep") == "xlsx":
        return runs_table("xlsx", rows[:50_000])
    kept = query.copy()
    for name in ("trang", "tep"):
        kept.pop(name, None)
    context = {
        "page": Paginator(rows, 30).get_page(query.get("trang")), "sums": runs_sums(rows), "asked": asked,
        "query": kept.urlencode(),
    }  # fmt: skip
    return render(request, "programmes/curricula/desk_runs.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a lesson was taught."""
    row, reach = readable(request, pk)
    only(can_report_any(reach), _("Chỉ người báo cáo, trưởng đơn vị và chuyên viên đầu mối báo cáo lần dạy."))
    if row.current_id is None:
        raise Http404
    units, versions = units_to_report(reach), list(row.versions.defer("content"))
    initial = {
        "unit": first_of(units), "version": row.current_id, "ran_on": timezone.localdate(), "minutes": row.minutes,
        "client_key": token_hex(16),
    }  # fmt: skip
    form = RunForm(request.POST or None, units=units, versions=versions, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = sent(
            form,
            lambda: run_report(
                actor=request.user, version_id=data["version"], unit=data["unit"], values=form.text(), now=timezone.now(),
                client_key=data["client_key"],
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("Đã gửi báo cáo. Cảm ơn thầy cô."))
            return redirect("curricula-desk:run", pk=made.pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "programmes/curricula/desk_run_form.html", {"form": form, "row": row}, status=status
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one report; change it, withdraw it, close what it says about safety."""
    reach, now = lessons_desk(request), timezone.now()
    row = run_of(request.user, pk, timezone.localdate(now))
    if row is None:
        raise Http404
    deed = request.POST.get("viec", "") if request.method == "POST" else ""
    initial = {name: getattr(row, name) for name in FIELDS}
    form = RunForm(request.POST if deed == "sua" else None, initial=initial)
    base: dict[str, Any] = {"actor": request.user, "run_id": pk, "now": now}
    if deed == "sua" and form.is_valid():
        revision = form.cleaned_data["revision"] or 0
        if sent(form, lambda: run_edit(**base, values=form.text(), revision=revision)):
            messages.success(request, _("Đã lưu báo cáo."))
            return redirect("curricula-desk:run", pk=pk)
    elif deed in {"rut", "xu-ly"}:
        words = request.POST.get("reason", "")
        done = told(
            request,
            lambda: (
                run_withdraw(**base, reason=words) if deed == "rut" else incident_handle(**base, note=words)
            ),
        )
        if done is not None:
            messages.success(request, _("Đã ghi."))
        return redirect("curricula-desk:run", pk=pk)
    elif request.method == "POST" and deed != "sua":
        raise Http404
    context = {
        "row": row, "form": form, "edits": can_report_run(reach, row.unit_id) and row.editable(now), "days": EDIT_DAYS,
        "withdraws": row.withdrawn_at is None and row.reported_by_id == request.user.pk,
        "handles": row.incident and row.handled_at is None and row.withdrawn_at is None and can_handle_incidents(reach),
    }  # fmt: skip
    return render(
        request, "programmes/curricula/desk_run.html", context, status=422 if deed == "sua" else 200
    )
