"""The number form of a report as a sheet: goes down filled in, comes back up with its errors by row and field."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.exports.forms import FormColumn, read_workbook, template_workbook
from khcn.core.exports.tables import XLSX_TYPE
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.selectors.report_form import ReportPage

MOST_LOOKED_AT = 2000  # rows looked at for formulas; a form has some hundred


def sheet_columns() -> list[FormColumn]:
    """Return the columns of the number form."""
    return [
        FormColumn("code", _("Mã chỉ tiêu"), "text", required=True, help=_("Không sửa cột này."), width=26),
        FormColumn("title", _("Chỉ tiêu"), "text", help=_("Chỉ để đọc."), width=52),
        FormColumn("unit", _("Đơn vị tính"), "text", help=_("Chỉ để đọc."), width=14),
        FormColumn("computed", _("Hệ thống ghi nhận"), "text", help=_("Chỉ để đọc."), width=18),
        FormColumn("value", _("Số báo cáo"), "number", help=_("Để trống nếu chưa có số; ghi 0 nếu không có hoạt động.")),
        FormColumn(
            "reason", _("Lý do sửa số"), "text", max_length=500, width=40,
            help=_("Bắt buộc khi số báo cáo khác số hệ thống ghi nhận."),
        ),
    ]  # fmt: skip


def report_sheet(page: ReportPage) -> HttpResponse:
    """Return the number form of a report, filled in with what is saved."""
    title = f"{page.report.unit_name} {page.report.period.code}"
    book = load_workbook(io.BytesIO(template_workbook(sheet_columns(), title=title)))
    sheet = book.worksheets[0]
    for number, one in enumerate(page.figures, start=2):
        _write(sheet, number, [one.code, one.title, one.unit, one.computed_text, one.value, one.reason])
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=XLSX_TYPE)
    response["Content-Disposition"] = attachment(
        safe_filename(_("Biểu số liệu %(title)s") % {"title": title}, "xlsx")
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _write(sheet: Any, number: int, values: list[Any]) -> None:
    for index, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = sheet.cell(number, index, value)
        if isinstance(value, str):
            cell.data_type = "s"  # never a formula
        elif isinstance(value, Decimal):
            cell.number_format = "#,##0.####"


def read_report_sheet(file: IO[bytes]) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the rows of a sheet that came back, numbered as Excel shows them.

    A formula counts by the value that Excel kept with it; one that was never worked out is refused, because it would
    silently read as empty.

    :raises RowsError: cells that cannot be read, by row and column; nothing is to be taken from the file.
    :raises khcn.core.exports.forms.WorkbookError: no usable workbook.
    """
    columns = sheet_columns()
    filled = read_workbook(file, columns)
    faults = [
        RowFault(_("Dòng %(number)s") % {"number": error.row}, error.column, error.message)
        for error in filled.errors
    ]
    faults += _unworked_formulas(file)
    if faults:
        raise RowsError(_("Bảng có ô chưa đúng; chưa lưu gì."), faults)
    if not filled.rows:
        raise RowsError(_("Tệp không có dòng số liệu nào. Hãy tải biểu về, điền rồi gửi lên."))
    return [(row.number, row.values) for row in filled.rows]


def _unworked_formulas(file: IO[bytes]) -> list[RowFault]:
    """Return the formulas whose value Excel did not keep."""
    file.seek(0)
    formulas = load_workbook(file, read_only=True, data_only=False).worksheets[0]
    cells: dict[tuple[int, int], str] = {}
    head: list[str] = []
    for number, row in enumerate(formulas.iter_rows(values_only=True, max_row=MOST_LOOKED_AT), start=1):
        if number == 1:
            head = [str(value or "") for value in row]
        cells |= {
            (number, index): head[index] if index < len(head) else ""
            for index, value in enumerate(row)
            if isinstance(value, str) and value.startswith("=")
        }
    if not cells:
        return []
    file.seek(0)
    kept = load_workbook(file, read_only=True, data_only=True).worksheets[0]
    values = {
        (number, index): value
        for number, row in enumerate(kept.iter_rows(values_only=True, max_row=MOST_LOOKED_AT), start=1)
        for index, value in enumerate(row)
    }
    return [
        RowFault(
            _("Dòng %(number)s") % {"number": number}, head_text.replace("*", "").strip(),
            _("Ô này là công thức chưa có kết quả. Hãy mở bằng Excel, lưu lại, hoặc gõ thẳng con số."),
        )
        for (number, index), head_text in cells.items()
        if values.get((number, index)) is None
    ]  # fmt: skip
