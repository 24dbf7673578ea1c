"""Files of readings (CSV, XLSX) as tables of named columns, with everything noticed on the way.

Zero-based *data rows* (rows below the header, fully blank ones not counted) name rows everywhere: in notes, masks and
the answers of commands.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.header import find_header, name_columns
from khcn.engines.energy.table.limits import MAX_BYTES, check_columns, check_rows, check_size
from khcn.engines.energy.table.notes import Note, note_of
from khcn.engines.energy.table.numbers import Decimal, decimal_hint, to_numbers
from khcn.engines.energy.table.sections import flattened, mixed
from khcn.engines.energy.table.text import read_csv
from khcn.engines.energy.table.workbook import OLD_EXCEL, ZIP, formula_columns, read_workbook

Cell = str | float | datetime | time | None
NEAR_NAMES: Final = 5
TOP_ROWS: Final = 200  # in which the header is looked for
PIECE_ROWS: Final = 20_000


class Table:
    """Columns of a file. Cells stay as they were read (text; numbers and dates from a workbook)."""

    def __init__(
        self, names: list[str], columns: list[list[Any]], notes: list[Note], *, delimiter: str = ""
    ) -> None:
        self.names = names
        self.notes = notes
        self.delimiter = delimiter
        self.rows = len(columns[0]) if columns else 0
        self._columns = columns
        self._numbers: dict[int, NDArray[np.float64]] = {}
        self._decimal: Decimal | None = None
        self._decimal_known = False

    def has(self, name: str) -> bool:
        """Return whether :meth:`column` finds ``name``."""
        return self._find(name) is not None

    def column(self, name: str) -> list[Any]:
        """Return the cells of a column as read. Raises TableError (``no-column``)."""
        return self._columns[self.index(name)]

    def index(self, name: str) -> int:
        """Return the position of column ``name``; spaces, case and width of letters do not matter when it is unique.

        Raises TableError (``no-column``) with the names that are near.
        """
        found = self._find(name)
        if found is None:
            near = difflib.get_close_matches(name, self.names, NEAR_NAMES, 0.4) or self.names[:NEAR_NAMES]
            columns = ", ".join(f"«{one}»" for one in self.names[:40])
            raise TableError(
                "no-column", column=name, near=", ".join(f"«{one}»" for one in near), columns=columns
            )
        return found

    def text(self, name: str) -> list[str]:
        """Return the cells as trimmed text; numbers and dates of a workbook in their plain form."""
        return [cell.strip() if isinstance(cell, str) else cell_text(cell) for cell in self.column(name)]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return the cells as float64 (nan: blank or unreadable, the latter noted once in :attr:`notes`)."""
        at = self.index(name)
        if at not in self._numbers:
            values, notes = to_numbers(self._columns[at], self.names[at], self.decimal)
            self._numbers[at] = values
            self.notes.extend(notes)
        return self._numbers[at]

    @property
    def decimal(self) -> Decimal | None:
        """Decimal mark that the file as a whole shows, when some column leaves no doubt."""
        if not self._decimal_known:
            self._decimal = decimal_hint(self._columns, self.delimiter)
            self._decimal_known = True
        return self._decimal

    def _find(self, name: str) -> int | None:
        if name in self.names:
            return self.names.index(name)
        wanted = _loose(name)
        if wanted in {"", "unnamed: 0"} and "" in self.names:
            return self.names.index("")
        alike = [at for at, one in enumerate(self.names) if _loose(one) == wanted]
        return alike[0] if len(alike) == 1 else None


def read_table(source: Path | bytes, *, name: str = "", sheet: str | None = None) -> Table:
    """Read a CSV or XLSX file, whatever its name says.

    ``name``: what to call the file in sentences (bytes only). ``sheet``: page of a workbook (None: the first with
    rows). Raises TableError (codes in :mod:`.messages`), OSError.
    """
    name = name or (source.name if isinstance(source, Path) else "đã gửi")
    if isinstance(source, Path):
        check_size(source.stat().st_size, name)
    raw = source.read_bytes() if isinstance(source, Path) else source
    check_size(len(raw), name, MAX_BYTES)
    if raw.startswith(OLD_EXCEL):
        raise TableError("old-excel", name=name)
    notes: list[Note] = []
    if raw.startswith(ZIP):
        rows, used = read_workbook(raw, name=name, sheet=sheet, notes=notes)
        table = _tabled(iter(rows), name, notes, "")
        del rows
        for at in formula_columns(
            raw, used, [at for at, cells in enumerate(table._columns) if not any(_there(cells))]
        ):
            notes.append(note_of("formula-without-value", column=table.names[at]))
        return table
    found, delimiter = read_csv(raw, name=name, notes=notes)
    return _tabled(found, name, notes, delimiter)


def _tabled(rows: Iterator[list[Any]], name: str, notes: list[Note], delimiter: str) -> Table:
    top = list(islice(rows, TOP_ROWS))
    if mixed(top):
        everything = iter(flattened([*top, *rows], notes))
        top, rows = list(islice(everything, TOP_ROWS)), everything
    head = find_header(top)
    body = chain(top[head.first :], rows)
    width = len(head.names) or max(map(len, top), default=1)
    check_columns(width, name)
    columns: list[list[Any]] = [[] for _ in range(width)]
    odd = _Odd([], [])
    # Rows are turned into columns a piece at a time: a million small lists alive are slow and big.
    while piece := [row for row in islice(body, PIECE_ROWS) if any(row)] or _more(body):
        for column, cells in zip(
            columns, zip(*_squared(piece, width, len(columns[0]), odd), strict=True), strict=True
        ):
            column.extend(cells)
        check_rows(len(columns[0]), name)
    if not columns[0]:
        raise TableError("no-rows", name=name)
    notes += [note_of("ragged-rows", odd.long)] if odd.long else []
    notes += [note_of("short-rows", odd.short)] if odd.short else []
    names, kept = name_columns(head, columns, notes)
    return Table(names, [columns[at] for at in kept], notes, delimiter=delimiter)


def _more(body: Iterator[list[Any]]) -> list[list[Any]]:
    """Return the next filled row after a piece of blank ones, as a piece; nothing at the end."""
    return [row] if (row := next((row for row in body if any(row)), None)) else []


@dataclass(slots=True)
class _Odd:
    """Rows with filled cells too many, and with cells too few."""

    long: list[int]
    short: list[int]


def _squared(piece: list[list[Any]], width: int, before: int, odd: _Odd) -> list[list[Any]]:
    """Return rows all of ``width``; note the odd ones, counted from ``before``."""
    lengths = np.fromiter(map(len, piece), np.int64, len(piece))
    usual = int(np.bincount(lengths).argmax())
    for row in np.flatnonzero(lengths != width).tolist():
        cells = piece[row]
        if len(cells) > width and any(_there(cells[width:])):
            odd.long.append(before + row)
        if len(cells) < min(usual, width):
            odd.short.append(before + row)
        piece[row] = cells[:width] + [""] * (width - len(cells))
    return piece


def _there(cells: list[Any]) -> Any:
    return (
        cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in cells
    )


def cell_text(cell: Any) -> str:
    """Return what a workbook's cell shows in plain form: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _loose(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()
