"""Lines and entries by Excel: the template goes down, comes back filled, is shown, and only then taken in."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.forms import FilledForm, FilledRow, FormColumn, read_workbook
from khcn.core.numbers import number_vi
from khcn.plan import permissions
from khcn.plan.enums import EstimateState
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.exports.money import entries_sheet, entry_columns, line_columns, lines_sheet
from khcn.plan.forms.money import SheetForm
from khcn.plan.permissions import acting
from khcn.plan.selectors.money_lines import estimate_rights
from khcn.plan.services.money_files import sheet_drop, sheet_keep, sheet_open
from khcn.plan.services.money_sheets import SheetOutcome, entries_take_in, lines_take_in
from khcn.plan.tables.money import sheet_preview
from khcn.plan.views.money_access import Crumbs, at, crumbs, estimate_of, today
from khcn.plan.views.money_estimates import units_of
from khcn.ui.deeds import only

GET_POST = ["GET", "HEAD", "POST"]
TakeIn = Callable[[Sequence[FilledRow], bool], SheetOutcome]


@login_required
@require_http_methods(GET_POST)
def lines_sheet_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take in the lines of a draft."""
    held = estimate_of(request, pk)
    units = list(units_of(held))
    if request.method != "POST" and request.GET.get("tep") in {"mau", "co"}:
        return lines_sheet(request.user, held, units, filled=request.GET["tep"] == "co")
    rights = estimate_rights(request.user, held, today())
    only(rights.edit, _("Chỉ người lập dự toán sửa được dòng, khi dự toán còn là bản nháp."))

    def take(rows: Sequence[FilledRow], dry: bool) -> SheetOutcome:
        return lines_take_in(actor=request.user, estimate=held, rows=rows, now=timezone.now(), dry=dry)

    about = _(
        "Dòng đã có (theo mã dòng, hoặc cùng đơn vị, nhiệm vụ, mục lục và nội dung) được cập nhật, không thêm lần nữa."
    )
    return _steps(
        request, line_columns(held, units), take, done=at("money-estimate", held.pk), title=_("Dự toán từ Excel"), about=about,
        way=crumbs(estimate=held),
    )  # fmt: skip


@login_required
@require_http_methods(GET_POST)
def entries_sheet_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take in commitments, payments and allocations of an approved estimate."""
    held = estimate_of(request, pk)
    finance = permissions.can_confirm_money(acting(request.user, today()))
    if request.method != "POST" and request.GET.get("tep") in {"mau", "co"}:
        return entries_sheet(request.user, held, finance=finance, filled=request.GET["tep"] == "co")
    rights = estimate_rights(request.user, held, today())
    only(
        rights.enter and held.state == EstimateState.APPROVED,
        _("Chỉ ghi bút toán được khi dự toán đã duyệt và bạn có quyền ghi chi."),
    )

    def take(rows: Sequence[FilledRow], dry: bool) -> SheetOutcome:
        return entries_take_in(actor=request.user, estimate=held, rows=rows, now=timezone.now(), dry=dry)

    about = _(
        "Bút toán đã ghi không đổi; gửi lại cùng một tệp không ghi thêm lần nữa. Bút toán mới chờ tài chính xác nhận."
    )
    return _steps(
        request, entry_columns(request.user, held, finance=finance), take, done=at("money-estimate", held.pk),
        title=_("Bút toán từ Excel"), about=about, way=crumbs(estimate=held),
    )  # fmt: skip


def _steps(
    request: HttpRequest,
    columns: Sequence[FormColumn],
    take: TakeIn,
    *,
    done: str,
    title: str,
    about: str,
    way: Crumbs,
) -> HttpResponse:
    """Upload, preview with errors by row and column, save."""
    token = request.POST.get("tep", "")
    form = SheetForm(request.POST if request.method == "POST" and not token else None, request.FILES or None)
    values: dict[str, Any] = {
        "form": form,
        "title": title,
        "about": about,
        "crumbs": [*way, (title, "")],
        "back": done,
    }
    try:
        if token:
            filled = read_workbook(sheet_open(actor=request.user, token=token), columns)
            if filled.errors:
                raise RowsError(_("Bảng có ô chưa đúng, chưa lưu gì."), _cell_faults(filled))
            outcome = take(filled.rows, False)  # not a trial
            sheet_drop(actor=request.user, token=token)
            messages.success(request, _said(outcome))
            return redirect(done)
        if request.method == "POST" and form.is_valid():
            token = sheet_keep(actor=request.user, file=form.cleaned_data["file"])
            filled = read_workbook(sheet_open(actor=request.user, token=token), columns)
            values |= {
                "token": token,
                "filled": filled,
                "preview": sheet_preview(filled, columns),
                **_tried(filled, take),
            }
    except (PermissionDeniedError, RowsError, KhcnError) as error:
        if isinstance(error, PermissionDeniedError):
            raise PermissionDenied(error.message) from error
        values["faults"] = list(getattr(error, "faults", ())) or [RowFault("", "", error.message)]
    return render(request, "plan/money/sheet.html", values)


def _tried(filled: FilledForm, take: TakeIn) -> dict[str, Any]:
    """Return the faults of the sheet, or what taking it in would do."""
    faults = _cell_faults(filled)
    try:
        outcome = take(filled.rows, True)  # a trial
    except RowsError as error:
        faults += error.faults or [RowFault("", "", error.message)]
        faults.sort(key=lambda fault: int(fault.where) if fault.where.isdigit() else 0)
        return {"faults": faults}
    return {"faults": faults} if faults else {"outcome": outcome, "said": _said(outcome)}


def _cell_faults(filled: FilledForm) -> list[RowFault]:
    return [RowFault(str(error.row), error.column, error.message) for error in filled.errors]


def _said(outcome: SheetOutcome) -> str:
    return _("%(new)s dòng mới, %(changed)s dòng thay đổi, %(same)s dòng đã có từ trước.") % {
        "new": number_vi(outcome.new), "changed": number_vi(outcome.changed), "same": number_vi(outcome.same),
    }  # fmt: skip
