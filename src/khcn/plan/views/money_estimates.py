"""Estimates on the desk: begun, filled with lines, handed in, approved, allocated, settled."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.numbers import number_vi
from khcn.orgs.models import Unit
from khcn.plan import permissions
from khcn.plan.exports.money import entries_response, task_choices
from khcn.plan.forms.money import DecisionForm, EstimateForm, LineForm, ReasonForm, SettlementForm
from khcn.plan.models import BudgetLine, Estimate, Plan
from khcn.plan.permissions import acting
from khcn.plan.selectors.money_lines import estimate_lines, estimate_rights, estimate_sums
from khcn.plan.services.money_estimates import (
    estimate_allocate,
    estimate_approve,
    estimate_return,
    estimate_save,
    estimate_submit,
    line_remove,
    line_save,
)
from khcn.plan.services.money_settlement import estimate_settle, settlement_save
from khcn.plan.tables.money import estimate_state, lines_table
from khcn.plan.views.money_access import at, crumbs, did, estimate_of, form_page, line_of, today
from khcn.ui.deeds import only, sent

GET_POST = ["GET", "HEAD", "POST"]
PAGE_ROWS = 100


def units_of(estimate: Estimate) -> QuerySet[Unit]:
    """Return the units that may have a line: those in force, and those that have one already."""
    rows = Unit.objects.in_force(today()).filter(kind__is_group=False)
    return (rows | Unit.objects.filter(pk__in=estimate.lines.values("unit_id"))).distinct().alphabetical()


def _keepers(request: HttpRequest) -> None:
    only(
        permissions.can_keep_estimate(acting(request.user, today())),
        _("Dự toán do cán bộ đầu mối và bộ phận tài chính lập. Bạn chỉ xem được."),
    )


@login_required
@require_http_methods(GET_POST)
def estimate_new(request: HttpRequest) -> HttpResponse:
    """Begin the estimate of a year."""
    _keepers(request)
    plans = Plan.objects.visible_to(request.user, today()).order_by("-year", "title")
    form = EstimateForm(
        request.POST or None, plans=plans, initial={"year": today().year, "plan": plans.first()}
    )
    if request.method == "POST" and form.is_valid():
        made = sent(
            form, lambda: estimate_save(actor=request.user, values=form.cleaned_data, now=timezone.now())
        )
        if made is not None:
            messages.success(request, _("Đã lập dự toán. Hãy thêm các dòng, hoặc nhập từ Excel."))
            return redirect(at("money-estimate", made.pk))
    return form_page(
        request, form, title=_("Lập dự toán năm"), way=crumbs(), submit=_("Lập dự toán"), back=at("money")
    )


@login_required
@require_http_methods(GET_POST)
def estimate(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an estimate with its lines; do what its state and the person's role allow."""
    held = estimate_of(request, pk)
    opened: dict[str, forms.Form] = {}
    if request.method == "POST":
        deed = request.POST.get("viec", "")
        if deed not in _DEEDS:
            raise Http404
        form = _form_for(deed, request)
        if form.is_valid() and did(form, lambda: _DEEDS[deed](request, held, form.cleaned_data)):
            return redirect(at("money-estimate", held.pk))
        opened[deed] = form
        if not form.fields:
            for error in form.non_field_errors():
                messages.error(request, str(error))
        held.refresh_from_db()
    lines = estimate_lines(request.user, held, today())
    page = Paginator(lines, PAGE_ROWS).get_page(request.GET.get("trang"))
    total = estimate_sums(lines)
    context = {
        "estimate": held,
        "state": estimate_state(held.state),
        "rights": estimate_rights(request.user, held, today()),
        "page": page,
        "table": lines_table(list(page), total),
        "total": total,
        "unallocated": total.estimated - total.allocated,
        "approve_form": opened.get("duyet") or forms.Form(),
        "return_form": opened.get("tra-lai") or ReasonForm(),
        "allocate_form": opened.get("giao")
        or DecisionForm(initial={"decided_on": today(), "decision": held.decision}),
        "opened": list(opened),
        "crumbs": crumbs((f"{held.title} {held.year}", "")),
    }
    return render(request, "plan/money/estimate.html", context)


def _submit(request: HttpRequest, held: Estimate, _values: dict[str, Any]) -> None:
    estimate_submit(actor=request.user, estimate=held, now=timezone.now())
    messages.success(request, _("Đã gửi lãnh đạo duyệt."))


def _approve(request: HttpRequest, held: Estimate, _values: dict[str, Any]) -> None:
    estimate_approve(actor=request.user, estimate=held, now=timezone.now())
    messages.success(request, _("Đã duyệt dự toán. Bộ phận tài chính giao dự toán cho từng dòng."))


def _return(request: HttpRequest, held: Estimate, values: dict[str, Any]) -> None:
    estimate_return(actor=request.user, estimate=held, reason=values["reason"], now=timezone.now())
    messages.success(request, _("Đã trả lại để sửa."))


def _allocate(request: HttpRequest, held: Estimate, values: dict[str, Any]) -> None:
    count = estimate_allocate(
        actor=request.user,
        estimate=held,
        decision=values["decision"],
        decided_on=values["decided_on"],
        now=timezone.now(),
    )
    messages.success(request, _("Đã giao dự toán cho %(count)s dòng.") % {"count": number_vi(count)})


_DEEDS = {"gui": _submit, "duyet": _approve, "tra-lai": _return, "giao": _allocate}


def _form_for(deed: str, request: HttpRequest) -> forms.Form:
    kinds: dict[str, type[forms.Form]] = {"tra-lai": ReasonForm, "giao": DecisionForm}
    return kinds.get(deed, forms.Form)(request.POST)


@login_required
@require_http_methods(GET_POST)
def line_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a line to a draft."""
    held = estimate_of(request, pk)
    _keepers(request)
    return _line_form(request, held, None)


@login_required
@require_http_methods(GET_POST)
def line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a line of a draft, or take it out."""
    line = line_of(request, pk)
    _keepers(request)
    return _line_form(request, line.estimate, line)


def _line_form(request: HttpRequest, held: Estimate, line: BudgetLine | None) -> HttpResponse:
    tasks = [(code, label) for label, code in task_choices(held.plan).items()]
    if line is not None and line.task_code and line.task_code not in {code for code, _label in tasks}:
        tasks.append((line.task_code, line.task_code))
    form = LineForm(
        request.POST or None, units=units_of(held), tasks=tasks, initial=LineForm.shown(line) if line else {}
    )
    if request.method == "POST" and request.POST.get("viec") == "xoa" and line is not None:
        if did(form, lambda: line_remove(actor=request.user, line=line, now=timezone.now())):
            messages.success(request, _("Đã bỏ dòng dự toán."))
            return redirect(at("money-estimate", held.pk))
    elif request.method == "POST" and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        saved = sent(
            form, lambda: line_save(actor=request.user, estimate=held, values=values, now=now, line=line)
        )
        if saved is not None:
            messages.success(request, _("Đã lưu dòng dự toán."))
            again = request.POST.get("tiep") == "1"
            return redirect(at("money-line-new", held.pk) if again else at("money-estimate", held.pk))
    title = _("Sửa dòng dự toán") if line else _("Thêm dòng dự toán")
    context = {
        "form": form, "title": title, "line": line, "back": at("money-estimate", held.pk),
        "crumbs": [*crumbs(estimate=held), (title, "")],
    }  # fmt: skip
    return render(request, "plan/money/line_form.html", context)


@login_required
@require_http_methods(GET_POST)
def settlement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is recognised of the payments of a year, line by line; finance types it and closes the year."""
    held = estimate_of(request, pk)
    rights = estimate_rights(request.user, held, today())
    lines = list(estimate_lines(request.user, held, today()))
    closing = request.POST.get("viec") == "khoa"
    form = SettlementForm(request.POST if request.method == "POST" and not closing else None, lines=lines)
    close_form = ReasonForm(request.POST if closing else None)
    close_form.fields["reason"].required = False
    close_form.fields["reason"].label = _("Lý do giải tỏa cam kết chưa giải ngân (nếu có)")
    if request.method == "POST":
        only(rights.settle, _("Quyết toán do bộ phận tài chính làm."))
        now = timezone.now()
        if closing and close_form.is_valid():
            reason = close_form.cleaned_data["reason"]
            if sent(
                close_form,
                lambda: estimate_settle(actor=request.user, estimate=held, now=now, release_reason=reason),
            ):
                messages.success(request, _("Đã khóa quyết toán năm %(year)s.") % {"year": held.year})
                return redirect(at("money-settlement", held.pk))
        elif not closing and form.is_valid():
            document = form.cleaned_data["document"]
            changed = sent(
                form,
                lambda: settlement_save(
                    actor=request.user, estimate=held, amounts=form.amounts(), document=document, now=now
                ),
            )
            if changed is not None:
                messages.success(
                    request, _("Đã lưu quyết toán của %(count)s dòng.") % {"count": number_vi(changed)}
                )
                return redirect(at("money-settlement", held.pk))
    context = {
        "estimate": held, "state": estimate_state(held.state), "rights": rights, "form": form, "close_form": close_form,
        "rows": [(line, form[f"so-{line.pk}"]) for line in lines],
        "total": estimate_sums(estimate_lines(request.user, held, today())),
        "crumbs": [*crumbs(estimate=held), (_("Quyết toán"), "")],
    }  # fmt: skip
    return render(request, "plan/money/settlement.html", context)


@login_required
@require_safe
def entries_export(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give the entries of an estimate that the person may read, as CSV or XLSX."""
    held = estimate_of(request, pk)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return entries_response(request.user, held, kind)
