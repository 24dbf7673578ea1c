"""The items of a request as a sheet: the template, and a filled one in Excel or CSV (UTF-8, Windows-1258)."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.exports.forms import CellError, FormColumn, read_cell, read_workbook
from khcn.engines.text.fold import nfc
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.support import MOST_ITEMS, Line

MOST_BYTES: Final = 5 * 2**20


def item_columns() -> list[FormColumn]:
    """Return the columns of the sheet."""
    return [
        FormColumn(
            "name",
            _("Tên thiết bị, vật tư"),
            required=True,
            max_length=200,
            width=36,
            example=_("Kính hiển vi"),
        ),
        FormColumn("specification", _("Thông số, yêu cầu"), max_length=500, width=36),
        FormColumn("unit", _("Đơn vị tính"), required=True, max_length=30, example=_("cái")),
        FormColumn("quantity", _("Số lượng"), "integer", required=True, example=2),
        FormColumn("price", _("Đơn giá"), "money", required=True, example=2_000_000),
        FormColumn("source", _("Nguồn giá"), max_length=200),
    ]


def sheet_lines(file: Any) -> list[Line]:
    """Return the lines of a filled sheet. Raises ProgrammeError, WorkbookError: with the wrong cells by row."""
    if (file.size or 0) > MOST_BYTES:
        raise ProgrammeError(_("Bảng lớn quá 5 MB. Hãy dùng tệp mẫu, không kèm hình."), field="sheet")
    columns = item_columns()
    if str(file.name).lower().endswith(".xlsx"):
        filled = read_workbook(file, columns)
        rows, errors = [row.values for row in filled.rows], filled.errors
    else:
        rows, errors = _csv(file, columns)
    if errors:
        words = "; ".join(
            _("dòng %(row)s, cột %(column)s: %(text)s")
            % {"row": one.row, "column": one.column, "text": one.message}
            for one in errors[:8]
        )
        raise ProgrammeError(_("Có ô chưa đúng nên chưa ghi gì. %(words)s") % {"words": words}, field="sheet")
    if not rows or len(rows) > MOST_ITEMS:
        raise ProgrammeError(_("Bảng phải có từ 1 đến %(most)s dòng.") % {"most": MOST_ITEMS}, field="sheet")
    return [
        Line(
            str(row["name"]), str(row["unit"]), int(str(row["quantity"])), Decimal(str(row["price"])),
            str(row.get("specification") or ""), str(row.get("source") or ""),
        )
        for row in rows
    ]  # fmt: skip


def _csv(file: IO[bytes], columns: Sequence[FormColumn]) -> tuple[list[dict[str, Any]], list[CellError]]:
    text = _decoded(file.read())
    first = text.partition("\n")[0]
    mark = max(";,\t", key=first.count)
    table = list(csv.reader(io.StringIO(text), delimiter=mark))
    head = [_head(cell) for cell in table[0]] if table else []
    places = {
        column.key: head.index(_head(str(column.title)))
        for column in columns
        if _head(str(column.title)) in head
    }
    missing = [str(column.title) for column in columns if column.required and column.key not in places]
    if missing:
        raise ProgrammeError(
            _("Thiếu cột: %(names)s. Hãy giữ dòng tiêu đề của tệp mẫu.") % {"names": ", ".join(missing)},
            field="sheet",
        )
    rows, errors = [], []
    for number, cells in enumerate(table[1:2000], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        values: dict[str, Any] = {}
        for column in columns:
            place = places.get(column.key)
            try:
                values[column.key] = read_cell(
                    cells[place] if place is not None and place < len(cells) else None, column
                )
            except KhcnError as error:
                errors.append(CellError(number, str(column.title), error.message))
        rows.append(values)
    return rows, errors


def _head(text: str) -> str:
    return " ".join(nfc(text).replace("*", " ").split()).casefold()


def _decoded(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return nfc(data.decode("utf-16", "replace"))
    for encoding in ("utf-8-sig", "cp1258"):
        try:
            return nfc(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return nfc(data.decode("cp1258", "replace"))
