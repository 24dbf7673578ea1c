"""Consolidated reports on the desk: the list, one report, the rows behind a total, differences, files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.exports.tables import XLSX_TYPE
from khcn.core.references import Reference, resolve_many
from khcn.engines.plans.frozen import canonical
from khcn.plan.enums import ROLL_ISSUED, RollState
from khcn.plan.models import Consolidation, ReportPeriod
from khcn.plan.permissions import can_consolidate, can_use_desk, reach_of
from khcn.plan.roll_charts import roll_charts, units_chart
from khcn.plan.roll_words import (
    aggregate_words,
    filled_sentence,
    missing_names,
    received_sentence,
    targets_sentence,
    tasks_sentence,
    unit_names,
    value_words,
)
from khcn.plan.rules.register import full_number
from khcn.plan.selectors.rolls import (
    content_of,
    indicator_of,
    live_differences,
    period_lines,
    roll_verdict,
    rolls_visible_to,
)
from khcn.plan.services.rolls import roll_refresh, roll_replace, roll_start, roll_title_edit
from khcn.plan.services.rolls_approval import (
    roll_approve,
    roll_pass,
    roll_publish,
    roll_return,
    roll_submit,
)
from khcn.plan.services.rolls_files import ENDINGS, roll_file_path, roll_files, roll_files_request, roll_job
from khcn.plan.tables.rolls import (
    differences_table,
    doing,
    roll_state,
    silent_table,
    tasks_table,
    totals_tables,
    unit_table,
    way_of,
)

MOST_SOURCES = 200
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": XLSX_TYPE,
}


def require_desk(request: HttpRequest) -> None:
    """Refuse people whose roles have no part in the plan. Raises PermissionDenied."""
    if not can_use_desk(request.user):
        raise PermissionDenied(
            _(
                "Vai trò của bạn không xem báo cáo tổng hợp ở bàn làm việc. Báo cáo đã công bố ở mục Kế hoạch trên trang chủ."
            )
        )


def readable_roll(request: HttpRequest, pk: int) -> Consolidation:
    """Return a report that this person reads. Raises PermissionDenied or Http404."""
    require_desk(request)
    return get_object_or_404(rolls_visible_to(request.user), pk=pk)


def refused(request: HttpRequest, error: KhcnError) -> None:
    """Show what was refused; a right that is missing ends the request. Raises PermissionDenied."""
    if error.status == 403 and error.code == "permission-denied":
        raise PermissionDenied(error.message)
    messages.error(request, error.message)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roll_list(request: HttpRequest) -> HttpResponse:
    """Show the periods with what was made of them; POST consolidates one."""
    require_desk(request)
    reach = reach_of(request.user)
    if request.method == "POST":
        return _start(request)
    lines = period_lines(request.user, timezone.now())
    if not reach.everything:
        lines = [line for line in lines if line.rolls]
    rows = [
        {"line": line, "rolls": [(roll, roll_state(roll)) for roll in line.rolls],
         "open": any(roll.state not in ROLL_ISSUED for roll in line.rolls), "any": bool(line.rolls)}
        for line in lines
    ]  # fmt: skip
    context = {"rows": rows, "can": can_consolidate(reach), "inside": reach.everything}
    return render(request, "plan/rolls/list.html", context)


def _start(request: HttpRequest) -> HttpResponse:
    number = request.POST.get("ky", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise Http404
    period = get_object_or_404(
        ReportPeriod.objects.select_related("regime__plan", "regime__receiver"), pk=int(number)
    )
    try:
        roll = roll_start(actor=request.user, period=period, now=timezone.now())
    except KhcnError as error:
        refused(request, error)
        return redirect("plan-desk:rolls")
    messages.success(request, _("Đã tổng hợp theo số liệu các đơn vị gửi đến lúc này."))
    return redirect("plan-desk:roll", pk=roll.pk)


@login_required
@require_safe
def roll_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report: what it says, where it stands, what to do next."""
    roll = readable_roll(request, pk)
    reach = reach_of(request.user)
    content = content_of(roll)
    issued = roll.state in ROLL_ISSUED
    changed = live_differences(roll) if roll.state == RollState.DRAFT or (issued and reach.everything) else []
    job = roll_job(roll)
    context: dict[str, Any] = {
        "roll": roll,
        "state": roll_state(roll),
        "content": content,
        "doing": doing(roll, reach),
        "issued": issued,
        "changed": len(changed),
        "sentences": [
            text
            for text in (
                received_sentence(content),
                filled_sentence(content),
                targets_sentence(content),
                tasks_sentence(content),
            )
            if text
        ],
        "missing": missing_names(content),
        "tables": totals_tables(content, roll.pk),
        "silent": silent_table(content, roll.pk),
        "texts": _texts(roll, content, issued),
        "tasks": tasks_table(content),
        "charts": list(roll_charts(content).values()),
        "files": roll_files(roll),
        "job": job,
        "way": way_of(roll),
        "verdict": roll_verdict(roll) if issued else None,
        "inside": reach.everything or reach.clerk,
        "full_number": full_number(roll.document.number, roll.document.symbol) if roll.document else "",
    }
    return render(request, "plan/rolls/roll.html", context)


def _texts(roll: Consolidation, content: dict[str, Any], issued: bool) -> list[dict[str, Any]]:
    if issued:
        return [{**text, "count": len(text["gathered"]), "edited": True} for text in content["texts"]]
    return [
        {
            "order": text.order,
            "title": text.title,
            "text": text.text,
            "count": len(text.gathered),
            "edited": text.edited,
        }
        for text in roll.texts.all()
    ]


Deed = Callable[[HttpRequest, Consolidation], str]


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("ban", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _refresh(request: HttpRequest, roll: Consolidation) -> str:
    if roll_refresh(actor=request.user, roll=roll, now=timezone.now()):
        return _("Đã tổng hợp lại; số liệu mới đã vào báo cáo.")
    return _("Đã tổng hợp lại: không có gì khác với lần trước.")


def _submit(request: HttpRequest, roll: Consolidation) -> str:
    roll_submit(actor=request.user, roll=roll, revision=_revision(request), now=timezone.now())
    return _("Đã trình lãnh đạo đơn vị đầu mối.")


def _pass(request: HttpRequest, roll: Consolidation) -> str:
    roll_pass(actor=request.user, roll=roll, revision=_revision(request), now=timezone.now())
    return _("Đã chuyển lãnh đạo phê duyệt.")


def _approve(request: HttpRequest, roll: Consolidation) -> str:
    roll_approve(actor=request.user, roll=roll, revision=_revision(request), now=timezone.now())
    return _("Đã phê duyệt. Văn thư kiểm tra thể thức và cấp số.")


def _return(request: HttpRequest, roll: Consolidation) -> str:
    comment = request.POST.get("y-kien", "")
    roll_return(
        actor=request.user, roll=roll, comment=comment, revision=_revision(request), now=timezone.now()
    )
    return _("Đã trả lại người soạn kèm ý kiến.")


def _title(request: HttpRequest, roll: Consolidation) -> str:
    title, shown = request.POST.get("trich-yeu", ""), request.POST.get("da-hien", "")
    roll_title_edit(actor=request.user, roll=roll, title=title, shown=shown, now=timezone.now())
    return _("Đã sửa trích yếu.")


def _files(request: HttpRequest, roll: Consolidation) -> str:
    roll_files_request(actor=request.user, roll=roll, now=timezone.now())
    return _("Đang lập tệp ở nền. Trang này tự tải lại; khi xong, tệp hiện ra ở đây.")


def _publish(request: HttpRequest, roll: Consolidation) -> str:
    roll_publish(actor=request.user, roll=roll, public=True, now=timezone.now())
    return _("Đã đăng báo cáo ở mục công khai.")


def _unpublish(request: HttpRequest, roll: Consolidation) -> str:
    roll_publish(actor=request.user, roll=roll, public=False, now=timezone.now())
    return _("Đã gỡ báo cáo khỏi mục công khai.")


DEEDS: dict[str, Deed] = {
    "tong-hop": _refresh, "trinh": _submit, "chuyen": _pass, "duyet": _approve, "tra-lai": _return,
    "trich-yeu": _title, "tep": _files, "dang": _publish, "go": _unpublish,
}  # fmt: skip


@login_required
@require_POST
def roll_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what a button of the page says."""
    roll = readable_roll(request, pk)
    name = request.POST.get("lam", "")
    try:
        if name == "thay-the":
            reason = request.POST.get("ly-do", "")
            fresh = roll_replace(actor=request.user, roll=roll, reason=reason, now=timezone.now())
            return redirect("plan-desk:roll", pk=fresh.pk)
        if name not in DEEDS:
            raise Http404
        messages.success(request, DEEDS[name](request, roll))
    except KhcnError as error:
        refused(request, error)
    visible = rolls_visible_to(request.user).filter(pk=pk).exists()
    return redirect("plan-desk:roll", pk=pk) if visible else redirect("plan-desk:rolls")


@login_required
@require_safe
def roll_figure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show the rows of units behind a total, and the recorded rows behind one unit's figure."""
    roll = readable_roll(request, pk)
    content = content_of(roll)
    row = indicator_of(content, code)
    if row is None:
        raise Http404
    codes = [one["code"] for one in content["indicators"]]
    place = codes.index(code)
    context = {
        "roll": roll,
        "row": row,
        "value": value_words(row, unit=True),
        "how": aggregate_words(row),
        "table": unit_table(content, row, roll.pk, reach_of(request.user)),
        "chart": units_chart(content, code),
        "chosen": _sources(request, content, row),
        "parts": [
            one for one in content["indicators"] if one["code"] in (row["numerator"], row["denominator"])
        ],
        "before": content["indicators"][place - 1] if place else None,
        "after": content["indicators"][place + 1] if place + 1 < len(codes) else None,
    }
    return render(request, "plan/rolls/figure.html", context)


def _sources(request: HttpRequest, content: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the recorded rows behind the figure of the unit that was asked for; titles only where the reader may."""
    asked = request.GET.get("don-vi", "")[:18]
    entry = next((one for one in content["rows"].get(row["code"], []) if str(one["unit"]) == asked), None)
    if entry is None:
        return None
    references = [Reference.parse(text) for text in entry["sources"][:MOST_SOURCES] if ":" in text]
    found = resolve_many(references, request.user)
    return {
        "unit": unit_names(content).get(entry["unit"], ""),
        "entry": entry,
        "known": [found[one] for one in references if one in found],
        "hidden": len(entry["sources"]) - sum(1 for one in references if one in found),
        "count": len(entry["sources"]),
    }


@login_required
@require_safe
def roll_differences(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what units changed since the report was computed or issued."""
    roll = readable_roll(request, pk)
    reach = reach_of(request.user)
    if not reach.everything:
        raise PermissionDenied(_("Phần khác biệt chỉ dành cho đơn vị đầu mối và lãnh đạo."))
    found = live_differences(roll)
    context = {
        "roll": roll,
        "found": found,
        "table": differences_table(found, reach) if found else None,
        "doing": doing(roll, reach),
        "issued": roll.state in ROLL_ISSUED,
        "state": roll_state(roll),
    }
    return render(request, "plan/rolls/differences.html", context)


@login_required
@require_safe
def roll_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give a file of the report; ``json`` is the frozen content, whose SHA-256 is the printed one."""
    roll = readable_roll(request, pk)
    name = f"bao-cao-tong-hop-{roll.period.code}-lan-{roll.number}"
    if kind == "json" and roll.state in ROLL_ISSUED and roll.snapshot is not None:
        response = HttpResponse(canonical(roll.snapshot), content_type="application/json")
        response["Content-Disposition"] = attachment(safe_filename(name, "json"))
        return response
    if kind not in ENDINGS:
        raise Http404
    path = roll_file_path(roll, kind)
    if not path.exists():
        raise Http404
    given = FileResponse(path.open("rb"), content_type=TYPES[kind])
    given["Content-Disposition"] = attachment(safe_filename(name, kind))
    given["X-Content-Type-Options"] = "nosniff"
    return given
