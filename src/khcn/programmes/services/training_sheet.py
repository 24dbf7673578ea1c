"""The roster of a unit as Excel or CSV: the template, and a filled one read row by row; merged cells are named, not guessed."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from khcn.core.errors import KhcnError
from khcn.core.exports.forms import FormColumn
from khcn.core.outbox.rules import clean_mail, clean_phone
from khcn.programmes.enums_training import Staff
from khcn.programmes.rules.registrations import Fault, PeopleError
from khcn.programmes.rules.texts import plain_line
from khcn.programmes.rules.training_roster import RosterRow
from khcn.programmes.services.registrations_sheet import book_of, filled_in, from_old_fonts

_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"')
_MOST_MERGED: Final = 100
_PIECE: Final = 1 << 16


def roster_columns() -> list[FormColumn]:
    """Return the columns of a roster."""
    staff = {str(Staff(one).label): one for one in Staff.values}
    return [
        FormColumn("name", _("Họ và tên"), required=True, max_length=150, width=30, example="Nguyễn Thị Mẫu"),
        FormColumn("position", _("Chức danh"), required=True, max_length=150, width=28, example=_("Công chức văn hóa – xã hội")),
        FormColumn("audience", _("Là"), "choice", choices=staff, width=26, help=_("Để trống: cán bộ, công chức, viên chức.")),
        FormColumn("party", _("Trường, tổ chức"), max_length=200, width=30, help=_("Với giáo viên: tên trường đúng như trong sổ tổ chức.")),
        FormColumn("email", _("Thư điện tử"), max_length=254, width=28, help=_("Để người đó xem được kết quả của mình.")),
        FormColumn("phone", _("Điện thoại"), max_length=20, width=16),
        FormColumn("starts_on", _("Từ ngày"), "date", required=True, width=14, help=_("Ngày nhận nhiệm vụ.")),
        FormColumn("ends_on", _("Đến ngày"), "date", width=14, help=_("Ghi khi người đó đã thôi nhiệm vụ.")),
    ]  # fmt: skip


def roster_read(file: IO[bytes], name: str) -> list[RosterRow]:
    """Read a filled roster. :raises PeopleError: with every wrong cell; nothing is kept then. :raises WorkbookError:"""
    book = book_of(file, _("Họ và tên"))
    faults = _merged_faults(book) if book[:2] == b"PK" else []
    if faults:
        raise PeopleError(
            _("Bảng có ô bị gộp nên chưa nhận dòng nào. Hãy bỏ gộp ô, điền đủ từng dòng rồi gửi lại."),
            tuple(faults),
        )
    filled = filled_in(book, roster_columns())
    from_old_fonts(filled, ("name", "position", "party"))
    faults = [Fault(_("dòng %(n)s") % {"n": one.row}, one.column, one.message) for one in filled.errors]
    rows = []
    for one in filled.rows:
        found = _row(one.number, one.values)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            rows.append(found)
    if faults:
        raise PeopleError(_("Có ô chưa đúng nên chưa nhận dòng nào. Hãy sửa rồi gửi lại."), tuple(faults))
    return rows


def _row(number: int, values: dict[str, Any]) -> RosterRow | Fault:
    text = {key: plain_line(str(value)) for key, value in values.items() if isinstance(value, str)}
    where = _("dòng %(n)s") % {"n": number}
    ways = {}
    for key, label, clean in (
        ("email", _("Thư điện tử"), clean_mail),
        ("phone", _("Điện thoại"), clean_phone),
    ):
        try:
            ways[key] = clean(text[key]).lower() if text.get(key) else ""
        except KhcnError as error:
            return Fault(where, label, error.message)
    for key, label in (("name", _("Họ và tên")), ("position", _("Chức danh"))):
        if not any(sign.isalpha() for sign in text.get(key, "")):
            return Fault(where, label, _("Ô này phải có chữ. Hãy ghi đầy đủ."))
    return RosterRow(
        number, text["name"], text["position"], str(values.get("audience") or Staff.OFFICIALS), values["starts_on"],
        values.get("ends_on"), ways["email"], ways["phone"], text.get("party", ""),
    )  # fmt: skip


def _merged_faults(book: bytes) -> list[Fault]:
    """Return a fault for every merged area of the first sheet, naming its first cell and all of it."""
    faults = []
    width = len(roster_columns())
    for ref in sorted(set(_merged(book)), key=lambda one: _corners(one)[1::-1]):
        left, top, right, bottom = _corners(ref)
        if (left, top) == (right, bottom) or left > width + 20:
            continue
        cell = f"{get_column_letter(left)}{top}"
        if top == 1:
            message = _(
                "Ô gộp %(ref)s ở dòng đầu. Dòng đầu phải là tiêu đề cột của tệp mẫu, không đặt tên bảng ở trên."
            )
        elif bottom > top:
            message = _(
                "Ô gộp %(ref)s: chỉ dòng %(top)s có chữ, các dòng đến %(bottom)s bị trống. Hãy bỏ gộp và điền từng dòng."
            )
        else:
            message = _("Ô gộp %(ref)s: không biết chữ này thuộc cột nào. Hãy bỏ gộp và điền đúng từng cột.")
        faults.append(
            Fault(_("dòng %(n)s") % {"n": top}, _("ô %(cell)s") % {"cell": cell}, message % {"ref": ref, "top": top, "bottom": bottom})
        )  # fmt: skip
    return faults


def _corners(ref: str) -> tuple[int, int, int, int]:
    """Return an area as first column, first row, last column, last row."""
    left, top, right, bottom = range_boundaries(ref)
    return left or 1, top or 1, right or 1, bottom or 1


def _merged(book: bytes) -> Iterator[str]:
    """Yield the merged areas of the first sheet, read from its XML in pieces: a huge sheet costs no memory."""
    try:
        opened = load_workbook(io.BytesIO(book), read_only=True)
        first: Any = opened.worksheets[0]
        path = first._worksheet_path
        opened.close()
        count = 0
        with zipfile.ZipFile(io.BytesIO(book)) as package, package.open(path) as source:
            rest = b""
            while (piece := source.read(_PIECE)) and count < _MOST_MERGED:
                text = rest + piece
                last = 0
                for found in _MERGED.finditer(text):
                    yield found.group(1).decode()
                    count, last = count + 1, found.end()
                rest = text[max(last, len(text) - 300) :]
    except Exception:  # a damaged book: the reader of its cells says so in words
        return
