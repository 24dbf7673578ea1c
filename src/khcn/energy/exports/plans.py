"""A plan as a workbook."""

from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from khcn.core.exports.columns import is_formula_like
from khcn.energy.models import RoofPlan
from khcn.energy.selectors.planner import plan_page


def plan_workbook(plan: RoofPlan, file: IO[bytes]) -> None:
    """Write figures with ranges, months, tables and sources of a computed plan."""
    page, result = plan_page(plan), plan.result
    book = Workbook()
    first = book.worksheets[0]
    first.title = _("Tóm tắt")
    _fill(first, [
        [plan.title], [plan.site.name], [page.message], [],
        [_("Chỉ tiêu"), _("Giá trị"), _("Đơn vị"), _("Khoảng")],
        *([figure.label, figure.value, figure.unit, figure.span] for figure in page.figures),
    ], bold={1, 5})  # fmt: skip
    months = book.create_sheet(_("Theo tháng"))
    load = result.get("monthly_load_kwh") or [None] * 12
    _fill(months, [
        [_("Tháng"), _("Sản lượng (kWh)"), _("Thấp (kWh)"), _("Cao (kWh)"), _("Tiêu thụ (kWh)")],
        *(
            [n + 1, result["monthly_kwh"][n], result["low"]["monthly_kwh"][n], result["high"]["monthly_kwh"][n], load[n]]
            for n in range(12)
        ),
    ], bold={1})  # fmt: skip
    more = book.create_sheet(_("Bảng tính"))
    rows: list[list[Any]] = []
    for table in (page.cases, page.prices, *([page.sizes] if page.sizes else []), page.roofs):
        rows += [[table.caption], [column.label for column in table.columns], *map(list, table.rows), []]
    _fill(more, rows, bold={1})
    sources = book.create_sheet(_("Căn cứ"))
    _fill(sources, [
        [_("Về"), _("Căn cứ"), _("Độ chắc chắn")],
        *([basis.what, basis.text, basis.state.label] for basis in page.bases),
    ], bold={1})  # fmt: skip
    book.save(file)


def _fill(sheet: Any, rows: list[list[Any]], *, bold: set[int]) -> None:
    widths: dict[int, int] = {}
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row, start=1):
            cell = sheet.cell(number, index, value)
            if isinstance(value, str):
                cell.data_type = "s"
                cell.quotePrefix = is_formula_like(value)
                widths[index] = max(widths.get(index, 8), min(60, len(value) + 2)) if number > 3 else 20
            elif isinstance(value, float):
                cell.number_format = "#,##0"
            if number in bold:
                cell.font = Font(bold=True)
    for index, width in widths.items():
        sheet.column_dimensions[get_column_letter(index)].width = width
