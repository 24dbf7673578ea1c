"""Attendance as files: the list down and up again (Excel or CSV of any Vietnamese code page), the threshold table."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO, Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from openpyxl import Workbook

from khcn.core.exports.columns import Column, Row
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import MOST_ROWS, FilledForm, FormColumn, WorkbookError, read_workbook
from khcn.core.exports.tables import table_response
from khcn.engines.text.fold import nfc
from khcn.programmes.rules.attendance import Presence
from khcn.programmes.selectors.attendance import Line, Share

MOST_BYTES: Final = 5 * 2**20


def list_columns() -> list[FormColumn]:
    """Return the columns of a session's list."""
    return [
        FormColumn("ticket", _("Mã vé"), help=_("Giữ nguyên. Để trống nếu là khách chưa đăng ký."), max_length=24),
        FormColumn("name", _("Họ và tên"), required=True, max_length=150, width=32),
        FormColumn(
            "state", _("Điểm danh"), "choice", choices={str(label): value for value, label in Presence.choices},
            help=_("Để trống: chưa biết."),
        ),
    ]  # fmt: skip


def list_sheet(lines: Sequence[Line]) -> HttpResponse:
    """Return the list with what was entered so far."""
    rows = [
        {"ticket": one.registration.ticket, "name": one.registration.name, "state": one.state}
        for one in lines
    ]
    return workbook_response(
        filled_template(list_columns(), rows, title=_("Danh sách điểm danh")), _("Danh sách điểm danh")
    )


def read_list(file: IO[bytes]) -> FilledForm:
    """Read a filled list: XLSX, or CSV in UTF-8, UTF-16 or Windows-1258. :raises WorkbookError:"""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise WorkbookError(_("Tệp quá lớn. Hãy gửi tệp không quá 5 MB."))
    if data[:2] == b"PK":
        return read_workbook(io.BytesIO(data), list_columns())
    if b"\x00" in data and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise WorkbookError(_("Tệp không phải Excel (.xlsx) hay CSV. Hãy lưu lại dạng .xlsx."))
    text = nfc(_decoded(data))
    head = text.split("\n", 1)[0]
    delimiter = max((";", "\t", ","), key=head.count)
    book = Workbook()
    sheet = book.worksheets[0]
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            if number > MOST_ROWS:
                raise WorkbookError(_("Bảng có quá nhiều dòng. Hãy chia nhỏ."))
            for place, value in enumerate(cells[:50], start=1):
                cell = sheet.cell(number, place, "".join(sign for sign in value if sign.isprintable()))
                cell.data_type = "s"
    except csv.Error as error:
        raise WorkbookError(_("Tệp CSV này hỏng. Hãy lưu lại dạng .xlsx.")) from error
    out = io.BytesIO()
    book.save(out)
    return read_workbook(io.BytesIO(out.getvalue()), list_columns())


def _decoded(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")


def threshold_table(kind: str, rows: Sequence[Share]) -> HttpResponseBase:
    """Return who reached the threshold."""
    columns = [
        Column(_("Họ và tên")), Column(_("Đơn vị")), Column(_("Số buổi")), Column(_("Có mặt")),
        Column(_("Vắng có phép")), Column(_("Cần dự")), Column(_("Tỷ lệ (%)")), Column(_("Đạt")),
    ]  # fmt: skip
    values: Iterator[Row] = (
        [
            one.registration.name, one.registration.group.name if one.registration.group else one.registration.organisation,
            one.sessions, one.present, one.excused, one.needed, one.percent, one.reached,
        ]
        for one in rows
    )  # fmt: skip
    return table_response(kind, columns, values, _("Điểm danh và ngưỡng dự"))
