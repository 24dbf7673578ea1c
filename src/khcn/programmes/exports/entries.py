"""Teams as files: the template down, a filled list read back (Excel, or CSV of any usual encoding), the officer's list."""

import csv
import io
from collections.abc import Iterable
from typing import IO, Any, Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from openpyxl import Workbook

from khcn.core.exports.columns import Column
from khcn.core.exports.filled import workbook_response
from khcn.core.exports.forms import FilledForm, FormColumn, WorkbookError, read_workbook, template_workbook
from khcn.core.exports.tables import table_response
from khcn.engines.text.fold import nfc
from khcn.programmes.enums import MemberPart, Sex
from khcn.programmes.models.entries import Team

MOST_BYTES: Final = 5 * 2**20
MOST_ROWS: Final = 2000


def team_columns() -> list[FormColumn]:
    """Return the columns of the list: one row a person; an empty team means the one above."""
    return [
        FormColumn("team", _("Tên đội"), max_length=200, help=_("Để trống nếu cùng đội với dòng trên."), width=30),
        FormColumn("name", _("Họ và tên"), required=True, max_length=150, width=30),
        FormColumn("part", _("Vai trò"), "choice", choices={str(label): value for value, label in MemberPart.choices}),
        FormColumn("birth_year", _("Năm sinh"), help=_("Bốn chữ số; bắt buộc với thành viên."), example="2012", max_length=6, width=12),
        FormColumn("class_name", _("Lớp"), max_length=60, width=12),
        FormColumn("sex", _("Giới tính"), "choice", choices={str(label): value for value, label in Sex.choices}, width=12),
        FormColumn("guardian_name", _("Cha mẹ hoặc người giám hộ"), max_length=150, help=_("Bắt buộc với học sinh."), width=30),
    ]  # fmt: skip


def team_template() -> HttpResponse:
    """Return the empty list."""
    return workbook_response(
        template_workbook(team_columns(), title=_("Danh sách đội dự thi")), _("Danh sách đội dự thi")
    )


def teams_read(file: IO[bytes]) -> FilledForm:
    """Read a filled list. :raises WorkbookError: no usable list."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise WorkbookError(_("Bảng lớn quá 5 MB. Hãy bỏ hình, xóa trang thừa rồi gửi lại."))
    if not data.startswith(b"PK"):
        data = _from_csv(data)
    return read_workbook(io.BytesIO(data), team_columns())


def _from_csv(data: bytes) -> bytes:
    """Return a CSV as a workbook, so that both are read alike."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookError(_("Tệp không phải là bảng Excel (.xlsx) hoặc CSV. Hãy lưu lại rồi gửi."))
    text = nfc(_decoded(data))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    book = Workbook()
    sheet: Any = book.worksheets[0]
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            if number > MOST_ROWS + 1:
                raise WorkbookError(_("Bảng có hơn %(most)s dòng. Hãy chia nhỏ.") % {"most": MOST_ROWS})
            for index, value in enumerate(row[:40], start=1):
                shown = "".join(char for char in value if char.isprintable())[:2000]
                if shown:
                    sheet.cell(number, index, shown).data_type = "s"
    except csv.Error as error:
        raise WorkbookError(_("Không đọc được tệp CSV này. Hãy lưu lại bằng Excel rồi gửi.")) from error
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")


def teams_table(kind: str, teams: Iterable[Team], name: str) -> HttpResponseBase:
    """Return the officer's list as CSV or XLSX: one row a team."""
    columns = [
        Column(_("Đội")), Column(_("Trường, đơn vị")), Column(_("Thành viên")), Column(_("Người phụ trách")),
        Column(_("Liên hệ")), Column(_("Mã bài")), Column(_("Bài dự thi")), Column(_("Tình trạng")),
        Column(_("Nộp lúc")), Column(_("Trễ (giây)")), Column(_("Số tệp")), Column(_("Lý do loại")),
    ]  # fmt: skip
    return table_response(kind, columns, (_row(team) for team in teams), name)


def _row(team: Team) -> list[Any]:
    entry = next(iter(team.entries.all()), None)
    people = ", ".join(one.name for one in team.members.all())
    head: list[Any] = [team.name, team.organisation, people, team.contact_name, team.contact_address]
    if entry is None:
        return [*head, "", "", _("Chưa có bài"), None, None, 0, ""]
    return [
        *head, entry.code, entry.title, entry.get_state_display(), entry.submitted_at, entry.late_by_s,
        len(entry.files.all()), entry.reject_reason,
    ]  # fmt: skip
