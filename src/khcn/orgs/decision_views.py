"""Desk pages for decisions about units: the list, entering one with a preview, one decision, a unit's history."""

import json
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.orgs import permissions
from khcn.orgs.decision_forms import DecisionFileForm, DecisionHeadForm, MoveForm, with_move, without_move
from khcn.orgs.decision_sheets import decision_sheet, decisions_from_sheet
from khcn.orgs.decision_words import SAMPLES, decision_rows, draft_table, outcome_rows, unit_timeline
from khcn.orgs.decisions import NOBODY, DecisionData, DecisionError, decisions_from, decisions_read
from khcn.orgs.desk import actor_of, desk_page
from khcn.orgs.models import SuccessionDecision, Unit, memberships_of
from khcn.orgs.services.decisions import decision_withdraw, decisions_preview, decisions_record
from khcn.orgs.services.units import free_key

manages = permissions.can_manage_organisation
MOST_FILE: Final = 2 * 2**20
MOST_DRAFT: Final = 500_000  # characters of a decision that travels in the page


@require_safe
@desk_page(permissions.can_view_all_units)
def decisions(request: HttpRequest) -> HttpResponse:
    """List the decisions, newest first; hand out the sheet and the samples of files."""
    kind = request.GET.get("tep", "")
    if kind in {"mau", "co"}:
        return decision_sheet(filled=kind == "co")
    if kind in SAMPLES:
        response = HttpResponse(SAMPLES[kind], content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="sap-xep-don-vi.{kind}"'
        return response
    today = timezone.localdate()
    rows = SuccessionDecision.objects.prefetch_related("moves__predecessor", "moves__successor")
    context = {
        "rows": decision_rows(rows, today),
        "manages": manages(memberships_of(actor_of(request), today)),
    }
    return render(request, "orgs/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(manages)
def decision_new(request: HttpRequest) -> HttpResponse:
    """Enter a decision step by step or by file, look at what it would do, then record it."""
    if request.method != "POST":
        return _entry(request)
    step = request.POST.get("buoc", "")
    try:
        if step == "tep":
            return _from_file(request)
        if step in {"xem", "ghi"} and request.POST.get("quyet-dinh"):
            return _judged(request, recording=step == "ghi")
        return _enter(request, step)
    except PermissionDeniedError:
        raise
    except KhcnError as error:
        return _entry(request, draft=_draft_of(request), error=error, status=422)


def _entry(request: HttpRequest, *, status: int = 200, **values: Any) -> HttpResponse:
    """Show the page of entry: head, moves so far, form of the next move, file."""
    today = timezone.localdate()
    draft: DecisionData | None = values.get("draft")
    head = {} if draft is None else {
        "number": draft.number, "decided": draft.decided, "effective": draft.effective, "note": draft.note,
    }  # fmt: skip
    context = {
        "head_form": DecisionHeadForm(initial=head),
        "move_form": MoveForm(on=draft.effective if draft else today, prefix="dong"),
        "file_form": DecisionFileForm(),
        "moves": draft_table(draft) if draft else (),
        "draft_json": json.dumps(draft.as_dict(), ensure_ascii=False) if draft else "",
    }
    return render(request, "orgs/decision_new.html", context | values, status=status)


def _draft_of(request: HttpRequest) -> DecisionData | None:
    """Return the decision that travels in the page, or ``None`` when there is none yet."""
    text = request.POST.get("ban-nhap", "")
    if not text or len(text) > MOST_DRAFT:
        return None
    try:
        return decisions_from({"decision": [json.loads(text)]})[0]
    except (ValueError, RecursionError, DecisionError):
        return None


def _enter(request: HttpRequest, step: str) -> HttpResponse:
    """Add a move, leave one out, or go on to the preview."""
    draft = _draft_of(request)
    head = DecisionHeadForm(request.POST)
    if not head.is_valid():
        move = MoveForm(request.POST, on=timezone.localdate(), prefix="dong")
        return _entry(request, draft=draft, head_form=head, move_form=move, status=422)
    values = head.cleaned_data
    draft = replace(
        draft or DecisionData("", values["effective"]),
        number=" ".join(values["number"].split()), decided=values["decided"], effective=values["effective"],
        note=values["note"],
    )  # fmt: skip
    if step.startswith("bo:"):
        source, _arrow, target = step.removeprefix("bo:").partition(">")
        return _entry(request, draft=without_move(draft, source, target))
    if step == "xem-truoc":
        if not draft.edges:
            raise DecisionError(_("Chưa có đơn vị nào trong quyết định. Hãy thêm ít nhất một dòng."))
        return _preview(request, (draft,))
    form = MoveForm(request.POST, on=draft.effective, prefix="dong")
    if not form.is_valid():
        return _entry(request, draft=draft, head_form=head, move_form=form, status=422)
    name = form.cleaned_data["new_name"].strip()
    known = {unit.name: unit.key for unit in draft.units}
    key = known.get(name) or (free_key(name) if name else "")
    return _entry(request, draft=with_move(draft, form.cleaned_data, key))


def _from_file(request: HttpRequest) -> HttpResponse:
    form = DecisionFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _entry(request, file_form=form, status=422)
    file = form.cleaned_data["file"]
    if file.size > MOST_FILE:
        raise DecisionError(_("Tệp lớn quá 2 MB. Tệp quyết định chỉ gồm vài trang chữ; hãy chọn lại."))
    if file.name.lower().endswith(".xlsx"):
        return _preview(request, decisions_from_sheet(file))
    return _preview(request, decisions_read(file.read(), file.name))


def _judged(request: HttpRequest, *, recording: bool) -> HttpResponse:
    """Take the choices of the preview into the decisions; show it again, or record."""
    text = request.POST["quyet-dinh"]
    if len(text) > MOST_DRAFT:
        raise DecisionError(_("Quyết định quá dài. Hãy chia thành nhiều tệp."))
    try:
        known = decisions_from({"decision": json.loads(text)})
    except (ValueError, RecursionError):
        raise DecisionError(_("Trang xem trước đã hỏng. Hãy nhập lại quyết định.")) from None
    chosen = tuple(_with_choices(request, number, data) for number, data in enumerate(known))
    if not recording:
        return _preview(request, chosen)
    today, now = timezone.localdate(), timezone.now()
    reports = decisions_record(actor=actor_of(request), today=today, now=now, decisions=chosen)
    changed = sum(report.changed for report in reports)
    if changed:
        messages.success(request, _("Đã ghi %(count)s quyết định.") % {"count": changed})
    else:
        messages.info(request, _("Quyết định này đã được ghi từ trước; không có gì thay đổi."))
    last = reports[-1].data
    row = SuccessionDecision.objects.get(number=last.number, effective_on=last.effective)
    return redirect("orgs:decision", pk=row.pk)


def _with_choices(request: HttpRequest, number: int, data: DecisionData) -> DecisionData:
    exceptions = dict(data.exceptions)
    names, takers = request.POST.getlist(f"viec-{number}"), request.POST.getlist(f"nhan-{number}")
    for what, taker in zip(names, takers, strict=False):
        if taker:
            exceptions[what] = taker
    return replace(data, exceptions=exceptions)


def _preview(request: HttpRequest, chosen: tuple[DecisionData, ...]) -> HttpResponse:
    today, now = timezone.localdate(), timezone.now()
    try:
        reports = decisions_preview(actor=actor_of(request), today=today, now=now, decisions=chosen)
    except DecisionError as error:
        draft = chosen[0] if len(chosen) == 1 else None
        return _entry(request, draft=draft, error=error, status=422)
    context = {
        "reports": reports,
        "changed": any(report.changed for report in reports),
        "decisions_json": json.dumps([one.as_dict() for one in chosen], ensure_ascii=False),
        "draft_json": json.dumps(chosen[0].as_dict(), ensure_ascii=False) if len(chosen) == 1 else "",
        "nobody": NOBODY,
    }
    return render(request, "orgs/decision_preview.html", context)


@require_safe
@desk_page(permissions.can_view_all_units)
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one decision: its moves, and what was handed over."""
    today = timezone.localdate()
    rows = SuccessionDecision.objects.prefetch_related("moves__predecessor", "moves__successor")
    row = get_object_or_404(rows, pk=pk)
    held = memberships_of(actor_of(request), today)
    context = {
        "row": decision_rows([row], today)[0],
        "outcome": outcome_rows(row),
        "withdrawable": manages(held) and row.effective_on > today and row.handed_over_at is None,
    }
    return render(request, "orgs/decision.html", context)


@require_POST
@desk_page(manages)
def decision_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a decision that is not in force yet."""
    row = get_object_or_404(SuccessionDecision, pk=pk)
    reason = request.POST.get("ly-do", "")[:500]
    try:
        decision_withdraw(actor=actor_of(request), today=timezone.localdate(), decision=row, reason=reason)
    except PermissionDeniedError:
        raise
    except KhcnError as error:
        messages.error(request, error.message)
        return redirect("orgs:decision", pk=pk)
    messages.success(request, _("Đã rút quyết định %(number)s.") % {"number": row.number})
    return redirect("orgs:decisions")


@require_safe
@desk_page(permissions.can_view_all_units)
def unit_history(request: HttpRequest, key: str) -> HttpResponse:
    """Show the life of a unit: begin, codes by date, decisions, end."""
    unit = get_object_or_404(Unit.objects.select_related("kind", "parent"), key=key)
    return render(request, "orgs/unit_history.html", {"unit": unit, "events": unit_timeline(unit)})
