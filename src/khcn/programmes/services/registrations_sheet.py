"""Lists of people as Excel or CSV, in Unicode, Windows-1258 or the old TCVN3 and VNI encodings; hostile files refused."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook

from khcn.core.exports.forms import FilledForm, FormColumn, read_workbook
from khcn.engines.text.fold import nfc
from khcn.engines.text.legacy import decode_text
from khcn.programmes.enums import Audience, Sex
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.questions import NO, YES
from khcn.programmes.rules.registrations import Fault, PeopleError, Person

MOST_BYTES: Final = 8 * 2**20
MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a list says: people with their row numbers, and faults of cells."""

    people: list[Person]
    rows: list[int]
    faults: list[Fault]


def people_columns(programme: Programme) -> list[FormColumn]:
    """Return the columns of the template of a programme, its questions last."""
    allowed = programme.audience_list or Audience.values
    audiences = {str(Audience(one).label): one for one in allowed}
    columns = [
        FormColumn("name", _("Họ và tên"), required=True, max_length=150, width=30, example="Nguyễn Thị Mẫu"),
        FormColumn("audience", _("Là"), "choice", choices=audiences, width=26,
                   help=_("Để trống: %(first)s.") % {"first": next(iter(audiences))}),
        FormColumn("class_name", _("Lớp"), max_length=60, width=10),
        FormColumn("birth_year", _("Năm sinh"), width=10, max_length=12, help=_("Bốn chữ số, ví dụ 2012.")),
        FormColumn("sex", _("Giới tính"), "choice", choices={str(label): value for value, label in Sex.choices}, width=10,
                   help=_("Không bắt buộc.")),
        FormColumn("guardian_name", _("Cha mẹ hoặc người giám hộ"), max_length=150, width=30,
                   help=_("Với người dưới 18 tuổi.")),
        FormColumn("organisation", _("Trường, đơn vị, nơi làm việc"), max_length=200, width=30),
    ]  # fmt: skip
    for question in programme.questions:
        columns.append(
            FormColumn(f"q_{question['key']}", str(question["label"])[:200], help=_("Câu hỏi thêm."))
        )
    return columns


def book_of(file: IO[bytes], header: str) -> bytes:
    """Return a list as a workbook: as it came, or made of a CSV; ``header``, its first title, tells the encoding.

    :raises PeopleError: too large, no list at all.
    """
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise PeopleError(_("Tệp lớn quá 8 MB. Hãy xóa hình và trang không cần rồi gửi lại."))
    return data if data[:2] == b"PK" else _workbook(data, header)


def list_read(file: IO[bytes], columns: Sequence[FormColumn], *, names: Sequence[str]) -> FilledForm:
    """Read an Excel or CSV list by its columns; old fonts in ``names`` are undone.

    :raises PeopleError, WorkbookError: no list at all, too large, too many rows.
    """
    filled = read_workbook(io.BytesIO(book_of(file, str(columns[0].title))), list(columns))
    from_old_fonts(filled, names)
    return filled


def sheet_read(file: IO[bytes], programme: Programme) -> Sheet:
    """Read a list of people. :raises PeopleError, WorkbookError: no list at all, too large, too many rows."""
    filled = list_read(file, people_columns(programme), names=("name", "guardian_name", "organisation"))
    return _people(some_rows(filled), programme)


def filled_in(book: bytes, columns: Sequence[FormColumn]) -> FilledForm:
    """Return what was filled in. :raises PeopleError, WorkbookError: no list at all, too many rows, none filled in."""
    return some_rows(read_workbook(io.BytesIO(book), columns))


def some_rows(filled: FilledForm) -> FilledForm:
    """Return a list that has rows, and not too many. Raises PeopleError."""
    if len(filled.rows) + len(filled.errors) > MOST_ROWS:
        raise PeopleError(
            _("Bảng có hơn %(most)s dòng. Hãy chia nhỏ rồi gửi từng phần.") % {"most": MOST_ROWS}
        )
    if not filled.rows and not filled.errors:
        raise PeopleError(_("Bảng không có dòng nào được điền."))
    return filled


def _workbook(data: bytes, header: str) -> bytes:
    """Return a CSV as a workbook of text cells, so that both are read by the same rules."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PeopleError(_("Tệp này không phải bảng Excel (.xlsx) hay CSV. Hãy lưu lại dạng .xlsx."))
    text = _decoded(data, header)
    first = text.partition("\n")[0]
    mark = max(";\t,", key=first.count)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
            if number > MOST_ROWS + 1:
                raise PeopleError(
                    _("Bảng có hơn %(most)s dòng. Hãy chia nhỏ rồi gửi từng phần.") % {"most": MOST_ROWS}
                )
            sheet.append([_cell(sheet, value) for value in row[:60]])
    except csv.Error:
        raise PeopleError(_("Không đọc được tệp CSV này. Hãy lưu lại dạng .xlsx rồi gửi.")) from None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  # used here only

    plain = "".join(sign for sign in value if sign.isprintable())
    cell = WriteOnlyCell(sheet, plain[:2000].removeprefix("'"))
    cell.data_type = "s"
    return cell


def _decoded(data: bytes, header: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return decode_text(data.decode("utf-8-sig")).text
    except UnicodeDecodeError:
        pass
    as_1258 = nfc(data.decode("cp1258", "replace"))
    as_bytes = decode_text(data.decode("cp1252", "replace"))
    # The header says which reading is right: it is made of our own words.
    wanted = nfc(header).casefold()
    return (
        as_bytes.text if wanted in as_bytes.text.casefold() and wanted not in as_1258.casefold() else as_1258
    )


def _people(filled: FilledForm, programme: Programme) -> Sheet:
    first = (programme.audience_list or Audience.values)[0]
    faults = [Fault(_("dòng %(n)s") % {"n": one.row}, one.column, one.message) for one in filled.errors]
    people, rows = [], []
    for row in filled.rows:
        values = row.values
        year = str(values.get("birth_year") or "").strip()
        digits = year[-4:]
        if year and not (digits.isascii() and digits.isdigit() and len(digits) == 4):
            where = _("dòng %(n)s") % {"n": row.number}
            faults.append(Fault(where, _("Năm sinh"), _("Hãy ghi bốn chữ số, ví dụ 2012.")))
            continue
        text = {key: str(value) for key, value in values.items() if value is not None}
        people.append(
            Person(
                name=text.get("name", ""), audience=text.get("audience", first), sex=text.get("sex", ""),
                birth_year=int(digits) if year else None, organisation=text.get("organisation", ""),
                class_name=text.get("class_name", ""), guardian_name=text.get("guardian_name", ""),
                answers=_answers(text, programme.questions),
            )
        )  # fmt: skip
        rows.append(row.number)
    return Sheet(people, rows, faults)


def from_old_fonts(filled: FilledForm, keys: Sequence[str]) -> None:
    """Turn what was typed in fonts of TCVN3 or VNI into Unicode, a whole column at once: the others are its evidence."""
    for key in keys:
        rows = [row for row in filled.rows if isinstance(row.values.get(key), str)]
        lines = [" ".join(str(row.values[key]).split()) for row in rows]
        decoded = decode_text("\n".join(lines)).text.split("\n")
        if len(decoded) == len(rows):
            for row, text in zip(rows, decoded, strict=True):
                row.values[key] = text


def _answers(text: Mapping[str, str], questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for question in questions:
        value = text.get(f"q_{question['key']}", "").strip()
        if not value:
            continue
        if question["kind"] == "many":
            found[question["key"]] = [one.strip() for one in value.split(";") if one.strip()]
        elif question["kind"] == "yesno":
            found[question["key"]] = {"có": YES, "không": NO}.get(value.casefold(), value)
        else:
            found[question["key"]] = value
    return found
