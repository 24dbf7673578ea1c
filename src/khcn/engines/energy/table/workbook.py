"""XLSX pages as rows of cells: cached values of formulas, dates as dates, wrong "dimension" marks ignored."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.limits import MAX_COLUMNS, MAX_ROWS, check_inside
from khcn.engines.energy.table.notes import Note, note_of

ZIP: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
SHEETS_LOOKED_AT: Final = 40
BLANK_ROWS_END: Final = 5000  # formatted but blank rows below the data


def read_workbook(
    raw: bytes, *, name: str, sheet: str | None, notes: list[Note]
) -> tuple[list[list[Any]], str]:
    """Return (rows of one page, its name). Without ``sheet``: the page with most filled rows among the first ones.

    Raises TableError (``bad-workbook``, ``too-big-inside``, ``no-sheet``, ``no-rows``, limits).
    """
    _check_zip(raw, name)
    book = _opened(raw, name, cached=True)
    try:
        titles = [one.title for one in book.worksheets]
        if sheet is not None:
            if sheet not in titles:
                raise TableError("no-sheet", sheet=sheet, sheets=", ".join(titles))
            return _rows(book[sheet], name), sheet
        return _fullest(book, titles, name, notes)
    except (TableError, MemoryError):
        raise
    except Exception as error:  # damaged XML inside: openpyxl and expat raise many kinds
        raise TableError("bad-workbook", name=name) from error
    finally:
        book.close()


def formula_columns(raw: bytes, sheet: str, suspects: Sequence[int]) -> list[int]:
    """Return which of the columns that came out blank hold formulas whose results were never saved."""
    if not suspects:
        return []
    book = _opened(raw, "", cached=False)
    try:
        found = set()
        for _, row in zip(range(60), book[sheet].iter_rows(values_only=True), strict=False):
            found |= {at for at in suspects if at < len(row) and str(row[at]).startswith("=")}
        return sorted(found)
    finally:
        book.close()


def _fullest(book: Any, titles: list[str], name: str, notes: list[Note]) -> tuple[list[list[Any]], str]:
    pages = [(title, _rows(book[title], name)) for title in titles[:SHEETS_LOOKED_AT]]
    filled = [(title, rows) for title, rows in pages if len(rows) > 1]
    if not filled:
        raise TableError("no-rows", name=name)
    title, rows = max(filled, key=lambda page: len(page[1]))
    others = [one for one, _ in filled if one != title]
    if others:
        notes.append(note_of("other-sheets", sheets=", ".join(others), sheet=title))
    return rows, title


def _rows(page: Any, name: str) -> list[list[Any]]:
    page.reset_dimensions()
    rows: list[list[Any]] = []
    blank = 0
    for row in _values(page):
        if not row:
            blank += 1
            if blank > BLANK_ROWS_END:
                break
            continue
        blank = 0
        if len(row) > MAX_COLUMNS:
            raise TableError("too-many-columns", name=name, columns=len(row), limit=MAX_COLUMNS)
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise TableError("too-many-rows", name=name, limit=MAX_ROWS)
    return rows


def _values(page: Any) -> Iterator[list[Any]]:
    """Yield the cells of each row without trailing blanks; whole numbers as float, so that a column is of one kind."""
    for row in page.iter_rows(values_only=True):
        cells = list(row)
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        yield [float(cell) if type(cell) is int else cell for cell in cells]


def _opened(raw: bytes, name: str, *, cached: bool) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415  # the collector and CSV never pay for it

    try:
        return load_workbook(io.BytesIO(raw), read_only=True, data_only=cached)
    except (
        Exception
    ) as error:  # not a workbook, encrypted, cut off: openpyxl raises KeyError, BadZipFile and others
        raise TableError("bad-workbook", name=name) from error


def _check_zip(raw: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            check_inside(sum(item.file_size for item in packed.infolist()), len(raw), name)
    except zipfile.BadZipFile as error:
        raise TableError("bad-workbook", name=name) from error
