"""Lists as files for a spreadsheet: CSV (UTF-8 with BOM, streamed) and XLSX (written row by row).

No text of a user ever becomes a formula. In CSV such a cell gets an apostrophe in front, the way spreadsheets
mark text; in XLSX its type is text, and the ``quotePrefix`` of its style keeps it so when somebody edits the
cell. Numbers and dates keep their types.
"""

import csv
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, NamedTuple

from django.db.models import TextChoices
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import (
    Column,
    Row,
    Rows,
    attachment,
    is_formula_like,
    plain_cell,
    safe_filename,
)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # of an XLSX sheet, below its header
_SAMPLE = 200  # rows looked at to find the widths
_WIDTHS = (8, 60)
_WIDEST_LABEL = 24
_IN_MEMORY = 8 * 1024 * 1024
_SHEET_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class TableKind(TextChoices):
    """The two kinds of files."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


class TableTooLongError(KhcnError):
    """More rows than an XLSX sheet can hold."""

    code = "table-too-long"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_cell(value: Any) -> str:
    """Return a cell as CSV text: ISO dates, numbers with a point, formula-like text behind an apostrophe."""
    plain = plain_cell(value)
    if plain is None:
        return ""
    if isinstance(plain, datetime):
        return plain.isoformat(sep=" ", timespec="seconds")
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, int | float):
        return repr(plain)
    if isinstance(plain, Decimal):
        return f"{plain:f}"
    return f"'{plain}" if is_formula_like(plain) else plain


def csv_lines(columns: Sequence[Column], rows: Rows) -> Iterator[str]:
    """Yield the file line by line, the byte-order mark first (without it Excel garbles Vietnamese)."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([csv_cell(str(column.title)) for column in columns])
    for row in rows:
        yield writer.writerow([csv_cell(value) for value in row])


def _number_format(value: Any, column: Column) -> str:
    if isinstance(value, datetime):
        return "dd/mm/yyyy hh:mm"
    if isinstance(value, date):
        return "dd/mm/yyyy"
    if column.decimals is not None:
        return "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    return "General" if isinstance(value, int) and abs(value) < 10_000 else "#,##0.######"


class _Look(NamedTuple):
    """How a cell is shown: its number format, whether its text looks like a formula, whether it has several lines."""

    number_format: str
    formula_like: bool = False
    lines: bool = False


class _Cells:
    """Cells of a sheet, styled once a column and filled again in every row.

    openpyxl writes a row as soon as it is appended, so a cell is free again then; to style a new one costs more than to
    write it.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._made: dict[tuple[int, _Look], Any] = {}

    def row(self, values: Row, columns: Sequence[Column]) -> list[Any]:
        """Return a row to append at once; empty cells are ``None``."""
        numbered = enumerate(zip(values, columns, strict=True))
        return [self._cell(place, value, column) for place, (value, column) in numbered]

    def _cell(self, place: int, value: Any, column: Column) -> Any:
        plain = plain_cell(value)
        if plain is None:
            return None
        if not isinstance(plain, str):
            cell = self._styled(place, _Look(_number_format(plain, column)))
            cell.value = plain
            cell.number_format = _number_format(plain, column)  # openpyxl gives dates a format of its own
            return cell
        cell = self._styled(place, _Look("@", is_formula_like(plain), "\n" in plain))
        cell.value = plain
        cell.data_type = "s"  # openpyxl made "=..." a formula and "#N/A" an error
        return cell

    def _styled(self, place: int, look: _Look) -> Any:
        cell = self._made.get((place, look))
        if cell is None:
            cell = self._made[(place, look)] = WriteOnlyCell(self._sheet)
            cell.number_format = look.number_format
            if look.formula_like:
                cell.quotePrefix = True
            if look.lines:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell


def _header(sheet: Any, columns: Sequence[Column]) -> list[Any]:
    cells = []
    for column in columns:
        cell = WriteOnlyCell(sheet, str(column.title))
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EDF3")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cells.append(cell)
    return cells


def _width(index: int, column: Column, sample: Sequence[Row]) -> int:
    """Return a column's width in characters: the longest line of its title and first rows, within bounds."""
    if column.width:
        return column.width
    texts = [str(column.title), *(csv_cell(row[index]) for row in sample if index < len(row))]
    longest = max(len(line) for text in texts for line in (text.split("\n") or [""]))
    return min(_WIDTHS[1], max(_WIDTHS[0], longest + 2))


def _prepare_paper(sheet: Any, header: int) -> None:
    """Print as wide as a sheet of A4 lies, with the header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header}:{header}"


def _append_above(sheet: Any, above: Sequence[Row]) -> None:
    for number, row in enumerate(above):
        cells = _Cells(sheet).row(
            row, [Column("")] * len(row)
        )  # new ones: the letters of some are changed below
        for cell in cells if number == 0 else cells[:1]:
            if cell is not None:
                cell.font = Font(bold=True, size=14 if number == 0 else 11)
        sheet.append(cells)
    if above:
        sheet.append([])


def _append_all(sheet: Any, columns: Sequence[Column], rows: Rows) -> int:
    sheet.append(_header(sheet, columns))
    cells, count = _Cells(sheet), 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            text = _(
                "Danh sách dài hơn %(most)s dòng, Excel không chứa được. Hãy lọc bớt hoặc tải về dạng CSV."
            )
            raise TableTooLongError(text % {"most": MOST_ROWS})
        sheet.append(cells.row(row, columns))
    return count


def write_xlsx(
    file: IO[bytes], columns: Sequence[Column], rows: Rows, *, title: str = "", above: Sequence[Row] = ()
) -> int:
    """Write one sheet to ``file`` row by row; return the number of rows below the header.

    :param above: rows above the header that say what the list is (the first of them in bold), parted by an empty row.
    :raises TableTooLongError: when a sheet cannot hold them.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_SHEET_FORBIDDEN).strip()[:31] or _("Bảng"))
    stream = iter(rows)
    sample = list(itertools.islice(stream, _SAMPLE))
    for index, column in enumerate(columns):
        width = _width(index, column, sample)
        if index == 0:  # what the rows above are about stands in the first column, before what they say
            width = max(
                width, *(min(len(str(row[0])) + 3, _WIDEST_LABEL) for row in above if len(row) > 1), 0
            )
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    first = len(above) + 2 if above else 1  # the row of the header
    sheet.freeze_panes = f"A{first + 1}"
    _prepare_paper(sheet, first)
    try:
        _append_above(sheet, above)
        count = _append_all(sheet, columns, itertools.chain(sample, stream))
    except BaseException:
        sheet.close()  # otherwise its half-written stream complains when it is collected
        raise
    sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(columns))}{count + first}"
    book.save(file)
    return count


def table_response(
    kind: str, columns: Sequence[Column], rows: Rows, filename: str, *, title: str = ""
) -> HttpResponseBase:
    """Return a list as a download.

    :param kind: ``csv`` or ``xlsx`` (:class:`TableKind`).
    :param rows: one sequence of cells a row, as long as ``columns``; may be a generator
        (``queryset.iterator()``), neither kind keeps the rows in memory.
    :param filename: without extension; Vietnamese letters are welcome.
    :raises ValueError: for another kind.
    """
    chosen = TableKind(kind)
    name = safe_filename(filename, chosen.value)
    response: HttpResponseBase
    if chosen == TableKind.CSV:
        lines = csv_lines(columns, rows)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8; header=present")
    else:
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the response closes it
        write_xlsx(file, columns, rows, title=title)
        file.seek(0)
        response = FileResponse(file, content_type=XLSX_TYPE)
    response["Content-Disposition"] = attachment(name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
