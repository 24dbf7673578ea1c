"""A list that goes down as a sheet and comes back: upload, preview with errors by row, then taken in."""

from collections.abc import Callable, Mapping, Sequence
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
from khcn.core.exports.forms import FilledForm, FormColumn, read_workbook
from khcn.energy import setup_store
from khcn.energy.exports.sites import site_columns, sites_template
from khcn.energy.forms.bills import FileForm
from khcn.energy.services.site_sheets import sites_take_in
from khcn.energy.views.setup_base import at, crumbs, officers_only
from khcn.ui.parts import Column, Table

PREVIEWED = 50
XLSX = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def site_sheet(request: HttpRequest) -> HttpResponseBase:
    """Sites, roofs, systems and contracts of the whole programme in one sheet."""
    officers_only(request)
    if request.GET.get("tep") in {"mau", "co"}:
        return sites_template(filled=request.GET["tep"] == "co")
    return sheet_steps(
        request,
        columns=site_columns(),
        take_in=lambda rows: sites_take_in(actor=request.user, rows=rows, now=timezone.now()),
        done=at("sites"),
        context={
            "title": _("Nhập công trình từ Excel"),
            "about": _(
                "Mỗi dòng một công trình; công trình có nhiều mái hoặc nhiều hệ thống thì ghi thêm dòng cùng tên. "
                "Công trình đã có (cùng đơn vị, cùng tên) được cập nhật, không thêm lần nữa."
            ),
            "crumbs": crumbs((_("Từ Excel"), "")),
        },
    )


def sheet_steps(
    request: HttpRequest,
    *,
    columns: Sequence[FormColumn],
    take_in: Callable[[list[Mapping[str, Any]]], tuple[int, int]],
    done: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Serve the page of one sheet. ``take_in`` returns how many rows were new and how many changed something."""
    sending = request.method == "POST" and not request.POST.get("tep")
    form = FileForm(
        request.POST if sending else None, request.FILES if sending else None, label=_("Tệp Excel đã điền"), accept=XLSX,
        hint=_("Tải tệp mẫu, điền, rồi gửi lên. Bạn sẽ xem trước khi lưu."),
    )  # fmt: skip
    values: dict[str, Any] = {**context, "form": form}
    kept = request.POST.get("tep", "")
    owner = request.user.pk
    try:
        if kept:
            filled = _read(owner, kept, columns)
            if not filled.errors:
                fresh, changed = take_in([row.values for row in filled.rows])
                setup_store.drop(setup_store.SHEETS, kept)
                words = {"new": fresh, "changed": changed}
                messages.success(request, _("Đã lưu: %(new)s dòng mới, %(changed)s dòng cập nhật.") % words)
                return redirect(done)
        elif request.method == "POST" and form.is_valid():
            kept = setup_store.keep(setup_store.SHEETS, owner, form.cleaned_data["file"])
            filled = _read(owner, kept, columns)
            values |= {"kept": kept, "filled": filled, "preview": _preview(filled, columns)}
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
        if kept and _own(owner, kept):
            setup_store.drop(setup_store.SHEETS, kept)
    return render(request, "energy/setup/sheet.html", values)


def _own(owner: int | None, name: str) -> bool:
    try:
        setup_store.own_path(setup_store.SHEETS, owner, name)
    except KhcnError:
        return False
    return True


def _read(owner: int | None, name: str, columns: Sequence[FormColumn]) -> FilledForm:
    with setup_store.own_path(setup_store.SHEETS, owner, name).open("rb") as file:
        return read_workbook(file, columns)


def _preview(filled: FilledForm, columns: Sequence[FormColumn]) -> Table:
    names = {code: label for column in columns for label, code in column.choices.items()}
    rows = [
        [row.number, *(_shown(row.values.get(column.key), column, names) for column in columns)]
        for row in filled.rows[:PREVIEWED]
    ]
    heads = [Column(label=_("Dòng")), *(Column(label=str(column.title)) for column in columns)]
    return Table(caption=_("Xem trước"), columns=heads, rows=rows)


def _shown(value: Any, column: FormColumn, names: Mapping[str, str]) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    return names.get(str(value), value) if column.kind == "choice" else value
