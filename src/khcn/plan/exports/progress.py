"""Work items as files: the list, and the sheet that goes down, is filled, and comes back."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.styles import Alignment

from khcn.core.exports.columns import Column, attachment, clean_text, is_formula_like, safe_filename
from khcn.core.exports.forms import FormColumn, template_workbook
from khcn.core.exports.tables import XLSX_TYPE, table_response
from khcn.plan.enums import ITEM_COUNTED, ItemState
from khcn.plan.models import WorkItem
from khcn.plan.rules.progress import is_late
from khcn.plan.services.progress import LONGEST

STATES: Final = (ItemState.TODO, ItemState.DOING, ItemState.DONE)


def sheet_columns() -> list[FormColumn]:
    """Return the columns of the sheet. The first two name the row and its version: they are left as they are."""
    leave = _("Để nguyên. Máy dùng cột này để biết dòng nói về việc nào.")
    read = _("Chỉ để đọc; sửa ở đây không đổi gì.")
    return [
        FormColumn("item", _("Số"), "integer", required=True, help=leave, width=8),
        FormColumn("revision", _("Bản"), "integer", required=True, help=leave, width=8),
        FormColumn("plan", _("Kế hoạch"), help=read, width=16),
        FormColumn("code", _("Mã nhiệm vụ"), help=read, width=14),
        FormColumn("title", _("Nhiệm vụ"), help=read, width=50, max_length=1000),
        FormColumn("unit", _("Đơn vị"), help=read, width=22),
        FormColumn("due", _("Hạn"), help=read, width=12),
        FormColumn(
            "state", _("Trạng thái"), "choice", required=True,
            choices={str(state.label): state.value for state in STATES}, width=18,
        ),
        FormColumn(
            "percent", _("Hoàn thành (%)"), "integer", width=12,
            help=_("Chỉ đổi ở việc do đơn vị tự đánh giá; việc khác máy tự tính, để nguyên số cũ."),
        ),
        FormColumn("done_on", _("Hoàn thành ngày"), "date", width=14, help=_("Khi đã hoàn thành; để trống là hôm nay.")),
        FormColumn(
            "result", _("Kết quả"), width=60, max_length=LONGEST, help=_("Để trống thì giữ kết quả đã ghi trước đó."),
        ),
        FormColumn("difficulties", _("Khó khăn, kiến nghị"), width=60, max_length=LONGEST),
    ]  # fmt: skip


def sheet_response(items: Iterable[WorkItem], name: str) -> HttpResponse:
    """Return the sheet with one line an item, ready to be changed and sent back."""
    columns = sheet_columns()
    book = load_workbook(
        io.BytesIO(template_workbook(columns, title=_("Cập nhật tiến độ nhiều việc một lần")))
    )
    sheet = book.worksheets[0]
    for number, item in enumerate(items, start=2):
        for index, column in enumerate(columns, start=1):
            _write(sheet, number, index, _cell(item, column.key))
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=XLSX_TYPE)
    response["Content-Disposition"] = attachment(safe_filename(name, "xlsx"))
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _cell(item: WorkItem, key: str) -> Any:
    values: dict[str, Any] = {
        "item": item.pk, "revision": item.revision, "plan": str(item.plan), "code": item.code,
        "title": item.task.title, "unit": item.unit_name or item.unit.name,
        "due": f"{item.due:%d/%m/%Y}" if item.due else "", "state": str(item.get_state_display()),
        "percent": item.percent, "done_on": item.done_on, "result": item.result, "difficulties": item.difficulties,
    }  # fmt: skip
    return values[key]


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "dd/mm/yyyy"
        return
    text = clean_text(value)
    cell.value = text
    cell.data_type = "s"  # never a formula
    cell.number_format = "@"
    cell.quotePrefix = is_formula_like(text)
    cell.alignment = Alignment(wrap_text="\n" in text, vertical="top")


def sheet_items(rows: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    """Return the items of a list that can still be filled in."""
    return rows.filter(state__in=ITEM_COUNTED)


def list_response(rows: QuerySet[WorkItem], kind: str, on: date) -> HttpResponseBase:
    """Return a list of items as CSV or XLSX, as it stands on the page."""
    columns: Sequence[Column] = [
        Column(_("Kế hoạch")), Column(_("Mã nhiệm vụ")), Column(_("Nhiệm vụ"), width=60), Column(_("Đơn vị")),
        Column(_("Hạn")), Column(_("Trạng thái")), Column(_("Quá hạn")), Column(_("Hoàn thành (%)")),
        Column(_("Hoàn thành ngày")), Column(_("Kết quả"), width=60), Column(_("Khó khăn, kiến nghị"), width=60),
    ]  # fmt: skip
    cells = (
        [str(item.plan), item.code, item.task.title, item.unit_name or item.unit.name, item.due,
         str(item.get_state_display()), is_late(item.state, item.due, on), item.percent, item.done_on, item.result,
         item.difficulties]
        for item in rows.iterator(chunk_size=1000)
    )  # fmt: skip
    return table_response(kind, columns, cells, _("Tiến độ nhiệm vụ"))
