"""Lists that go down as a template, are filled in a spreadsheet, and come back with their errors by row."""

import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from khcn.core.dates import DateFormatError, parse_date
from khcn.core.errors import KhcnError
from khcn.core.exports.columns import clean_text
from khcn.core.numbers import NumberFormatError, parse_money, parse_number

MOST_ROWS = 20_000
MOST_UNPACKED = 200 * 1024 * 1024
_FORMULA_FAULTS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"})
_READY_ROWS = 2000  # rows of a template with drop-downs and formats
Value = str | int | Decimal | date | bool | None


class WorkbookError(KhcnError):
    """A file that is no usable workbook."""

    code = "workbook"


@dataclass(frozen=True)
class FormColumn:
    """A column to be filled in.

    ``key`` names the value in the result, ``title`` is the header, ``help`` explains it on the second sheet.
    ``choices`` maps what people pick to what the program gets (kind ``choice`` only).
    """

    key: str
    title: str | Promise
    kind: Literal["text", "integer", "number", "money", "date", "choice", "yes_no"] = "text"
    required: bool = False
    help: str | Promise = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    max_length: int = 1000
    width: int = 22
    example: Value = None


@dataclass(frozen=True)
class CellError:
    """What is wrong in one row: the number as the spreadsheet shows it, the header, and a sentence."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class FilledRow:
    """One good row: its number in the spreadsheet and its values by column key."""

    number: int
    values: dict[str, Value]


@dataclass(frozen=True)
class FilledForm:
    """What came back: good rows, errors by row (a row with an error is not a good row), unknown headers."""

    rows: list[FilledRow]
    errors: list[CellError]
    ignored: list[str]


def _label(column: FormColumn) -> str:
    return f"{column.title} *" if column.required else str(column.title)


def _options(column: FormColumn) -> list[str]:
    return [_("Có"), _("Không")] if column.kind == "yes_no" else list(column.choices)


def template_workbook(columns: Sequence[FormColumn], *, title: str = "") -> bytes:
    """Return an XLSX to fill in: headers (``*``: required), drop-downs, and a sheet that explains it."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("Nhập liệu")
    guide = book.create_sheet(_("Hướng dẫn"))
    lists = book.create_sheet("_")
    lists.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, _label(column))
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="E8EDF3")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[letter].width = column.width
        _prepare_cells(sheet, letter, column)
        if options := _options(column):
            for row, option in enumerate(options, start=1):
                lists.cell(row, index, option).data_type = "s"
            rule = DataValidation(
                "list", formula1=f"=_!${letter}$1:${letter}${len(options)}", allow_blank=True
            )
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_READY_ROWS}")
    sheet.freeze_panes = "A2"
    _write_guide(guide, columns, title)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _prepare_cells(sheet: Any, letter: str, column: FormColumn) -> None:
    """Give a whole column its format: text stays text (a phone number keeps its 0), dates are dd/mm/yyyy."""
    number_format = {
        "text": "@",
        "choice": "@",
        "date": "dd/mm/yyyy",
        "integer": "#,##0",
        "money": "#,##0",
    }.get(column.kind)
    if number_format:
        sheet.column_dimensions[letter].number_format = number_format
        for row in range(2, 202):
            sheet[f"{letter}{row}"].number_format = number_format


def _write_guide(guide: Any, columns: Sequence[FormColumn], title: str) -> None:
    kinds = {
        "text": _("chữ"),
        "integer": _("số nguyên"),
        "number": _("số, ví dụ 1.234,5"),
        "money": _("số tiền theo đồng, ví dụ 1.500.000"),
        "date": _("ngày, ví dụ 05/06/2021"),
        "choice": _("chọn trong danh sách"),
        "yes_no": _("Có hoặc Không"),
    }
    guide.append([title or _("Cách điền bảng")])
    guide["A1"].font = Font(bold=True, size=14)
    guide.append([_("Cột"), _("Bắt buộc"), _("Kiểu"), _("Giải thích"), _("Ví dụ")])
    for cell in guide[2]:
        cell.font = Font(bold=True)
    for column in columns:
        required = _("Có") if column.required else _("Không")
        example = (
            f"{column.example:%d/%m/%Y}" if isinstance(column.example, date) else str(column.example or "")
        )
        texts = [str(column.title), required, kinds[column.kind], str(column.help), example]
        guide.append(texts)
        for cell in guide[guide.max_row]:
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", (28, 10, 24, 60, 24), strict=True):
        guide.column_dimensions[letter].width = width


def _fold_header(text: object) -> str:
    plain = unicodedata.normalize("NFC", str(text or "")).replace("*", " ")
    return " ".join(plain.split()).casefold()


def _open(file: IO[bytes]) -> Any:
    """Open a workbook after looking at its packed sizes. :raises WorkbookError: for anything that is none."""
    broken = WorkbookError(_("Tệp không phải là bảng Excel (.xlsx) hoặc đã hỏng. Hãy lưu lại dạng .xlsx."))
    try:
        with zipfile.ZipFile(file) as package:
            unpacked = sum(item.file_size for item in package.infolist())
        if unpacked > MOST_UNPACKED:
            raise WorkbookError(_("Bảng này mở ra quá lớn. Hãy xóa các trang và hình không cần rồi gửi lại."))
        file.seek(0)
        return load_workbook(file, read_only=True, data_only=True)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged file
        raise broken from error


def _raw_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield (number, cells) of rows that hold anything. :raises WorkbookError: when there are too many rows."""
    sheet.reset_dimensions()  # the size that a file claims may be wrong
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS + 1:
            text = _("Bảng có hơn %(most)s dòng. Hãy chia thành nhiều tệp nhỏ hơn.")
            raise WorkbookError(text % {"most": MOST_ROWS})
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield number, list(cells)


def read_workbook(file: IO[bytes], columns: Sequence[FormColumn]) -> FilledForm:
    """Read a filled template. Columns may stand in any order; headers are compared without case and ``*``.

    :param file: an XLSX of any origin, treated as hostile: a formula is read as the value the spreadsheet kept with
        it; one that was never worked out, or gives an error, is an error of its cell.
    :raises WorkbookError: when it cannot be read at all, or a required column is missing.
    """
    book = _open(file)
    try:
        rows = _raw_rows(book.worksheets[0])
        _number, header = next(rows, (1, []))
        places, ignored = _match_header(header, columns)
        form = FilledForm([], [], ignored)
        formulas = _formulas(file)
        for number, cells in rows:
            _read_row(form, number, cells, places, formulas)
        return form
    except KhcnError:
        raise
    except Exception as error:  # a damaged sheet shows only while it is read
        raise WorkbookError(
            _("Không đọc được trang đầu của bảng. Hãy mở bằng Excel, lưu lại dạng .xlsx rồi gửi lại.")
        ) from error
    finally:
        book.close()


def _match_header(
    header: Sequence[object], columns: Iterable[FormColumn]
) -> tuple[dict[int, FormColumn], list[str]]:
    by_title = {_fold_header(column.title): column for column in columns}
    places = {
        index: by_title[_fold_header(title)]
        for index, title in enumerate(header)
        if _fold_header(title) in by_title
    }
    found = {column.key for column in places.values()}
    missing = [
        str(column.title) for column in by_title.values() if column.required and column.key not in found
    ]
    if missing:
        text = _("Thiếu cột bắt buộc: %(names)s. Hãy dùng đúng dòng tiêu đề của tệp mẫu.")
        raise WorkbookError(text % {"names": ", ".join(missing)})
    if len(found) < len(places):
        raise WorkbookError(_("Có hai cột trùng tiêu đề. Hãy xóa bớt một cột rồi gửi lại."))
    ignored = [
        str(title) for index, title in enumerate(header) if index not in places and _fold_header(title)
    ]
    return places, ignored


def _formulas(file: IO[bytes]) -> frozenset[tuple[int, int]]:
    """Return (row, index of the cell) of every formula on the first sheet."""
    file.seek(0)
    book = load_workbook(file, read_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1), start=1)
        return frozenset(
            (number, index)
            for number, cells in rows
            for index, cell in enumerate(cells)
            if cell.data_type == "f"
        )
    finally:
        book.close()


def _read_row(
    form: FilledForm,
    number: int,
    cells: Sequence[Any],
    places: Mapping[int, FormColumn],
    formulas: frozenset[tuple[int, int]] = frozenset(),
) -> None:
    values: dict[str, Value] = {}
    faults = []
    for index, column in places.items():
        try:
            raw = cells[index] if index < len(cells) else None
            if raw is None and (number, index) in formulas:
                raise WorkbookError(
                    _("Ô này là công thức chưa được tính. Hãy mở bằng Excel, lưu lại, hoặc gõ giá trị.")
                )
            values[column.key] = read_cell(raw, column)
        except KhcnError as error:
            faults.append(CellError(number, str(column.title), error.message))
    form.errors.extend(faults)
    if not faults:
        form.rows.append(FilledRow(number, values))


def read_cell(raw: Any, column: FormColumn) -> Value:
    """Return one value as its column wants it; ``None`` for an empty cell that may be empty.

    :raises KhcnError: with a sentence about this cell.
    """
    text = "" if raw is None else clean_text(str(raw)).strip()
    if text in _FORMULA_FAULTS:
        raise WorkbookError(
            _("Công thức trong ô này cho lỗi %(text)s. Hãy sửa công thức hoặc gõ giá trị.") % {"text": text}
        )
    if not text:
        if column.required:
            raise WorkbookError(_("Ô này bắt buộc phải điền."))
        return None
    if column.kind == "date":
        return _read_date(raw, text)
    if column.kind == "money":
        return _read_money(raw, text)
    if column.kind in {"integer", "number"}:
        return _read_number(raw, text, whole=column.kind == "integer")
    if column.kind in {"choice", "yes_no"}:
        return _read_choice(text, column)
    if isinstance(raw, float) and raw.is_integer():
        text = str(int(raw))
    if len(text) > column.max_length:
        raise WorkbookError(_("Dài quá %(most)s ký tự. Hãy rút gọn.") % {"most": column.max_length})
    return text


def _read_date(raw: Any, text: str) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, int | float):
        raise DateFormatError(_("Ô này là số, không phải ngày. Hãy viết dạng 05/06/2021."))
    return parse_date(text)


def _read_number(raw: Any, text: str, *, whole: bool) -> Decimal | int:
    number = (
        Decimal(str(raw))
        if isinstance(raw, int | float) and not isinstance(raw, bool)
        else parse_number(text)
    )
    if not whole:
        return number
    if number != number.to_integral_value():
        raise NumberFormatError(_("Phải là số nguyên, không có phần lẻ."))
    return int(number)


def _read_money(raw: Any, text: str) -> Decimal:
    """Return an amount in dong: a number as it is, text of either convention of separators."""
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        return parse_money(text)
    number = Decimal(str(raw))
    if number < 0 or number != number.to_integral_value() or number >= Decimal("1e17"):
        raise NumberFormatError(_("Phải là số đồng nguyên từ 0 trở lên, không có phần lẻ."))
    return number.quantize(Decimal(1))


def _read_choice(text: str, column: FormColumn) -> str | bool:
    options: dict[str, str | bool] = dict(column.choices)
    if column.kind == "yes_no":
        options = {_("Có"): True, _("Không"): False, "true": True, "false": False, "x": True}
    by_fold = {_fold_header(name): value for name, value in options.items()}
    if _fold_header(text) not in by_fold:
        names = ", ".join(_options(column))
        raise WorkbookError(
            _("“%(text)s” không có trong danh sách: %(names)s.") % {"text": text[:60], "names": names}
        )
    return by_fold[_fold_header(text)]
