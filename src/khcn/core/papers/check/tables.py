"""Tables: which cell stands where, and how much room it gives its text."""

from dataclasses import dataclass, field
from typing import Any, Final

from khcn.core.papers.check.model import Cell
from khcn.core.papers.check.ooxml import mm, value, w

_CELL_MARGIN_MM: Final = 1.9  # on each side, where nothing says otherwise


@dataclass
class Grid:
    """The cells of a table in reading order, each with the element that holds its content."""

    cells: list[tuple[Cell, Any]] = field(default_factory=list)


def read_grid(table: Any, number: int, room_mm: float | None) -> Grid:
    """Return the cells of a table. Widths are those of the cells; the grid's where cells say none."""
    columns = [mm(value(column, "w")) for column in table.iterfind(f"{w('tblGrid')}/{w('gridCol')}")]
    margins = _margins(table.find(f"{w('tblPr')}/{w('tblCellMar')}"), (_CELL_MARGIN_MM, _CELL_MARGIN_MM))
    found = Grid()
    for row_number, row in enumerate(_through(table, "tr")):
        place = 0
        cells = list(_through(row, "tc"))
        spans = [_span(cell) for cell in cells]
        skipped = value(row.find(f"{w('trPr')}/{w('gridBefore')}"))
        place += int(skipped) if skipped and skipped.isdigit() else 0
        total = max(len(columns), sum(spans) + place)
        for element, span in zip(cells, spans, strict=True):
            wide = _width(element, columns[place : place + span], room_mm, total)
            left, right = _margins(element.find(f"{w('tcPr')}/{w('tcMar')}"), margins)
            inside = None if wide is None else max(1.0, wide - left - right)
            border = value(element.find(f"{w('tcPr')}/{w('tcBorders')}/{w('bottom')}"), default="none")
            cell = Cell(number, row_number, place, total, inside, wide, border not in {"none", "nil"})
            if value(element.find(f"{w('tcPr')}/{w('vMerge')}"), default="restart") == "restart":
                found.cells.append((cell, element))
            place += span
    return found


def _through(container: Any, name: str) -> list[Any]:
    """Return the rows or cells, also those in content controls."""
    found = []
    for child in container:
        tag = str(child.tag).rpartition("}")[2]
        if tag == name:
            found.append(child)
        elif tag in {"sdt", "sdtContent", "ins", "customXml"}:
            found += _through(child, name)
    return found


def _span(cell: Any) -> int:
    told = value(cell.find(f"{w('tcPr')}/{w('gridSpan')}"))
    return min(63, max(1, int(told))) if told and told.isdigit() else 1


def _width(cell: Any, columns: list[float | None], room_mm: float | None, total: int) -> float | None:
    """Return the width of a cell. Where cell and grid differ, the narrower counts: some reader will use it."""
    told = cell.find(f"{w('tcPr')}/{w('tcW')}")
    kind, own = value(told, "type", "dxa"), value(told, "w")
    known = [wide for wide in columns if wide is not None]
    of_grid = sum(known) if columns and len(known) == len(columns) and sum(known) > 1 else None
    width: float | None = None
    if own is not None and kind == "dxa":
        width = mm(own)
    elif own is not None and kind == "pct" and room_mm:
        share = own.rstrip("%")
        try:
            width = room_mm * float(share) / (100 if own.endswith("%") else 5000)
        except ValueError:
            width = None
    if width is None or width <= 0:
        return of_grid if of_grid is not None else (room_mm / total if room_mm and total else None)
    return min(width, of_grid) if of_grid is not None else width


def _margins(element: Any | None, otherwise: tuple[float, float]) -> tuple[float, float]:
    if element is None:
        return otherwise
    found = []
    for names, default in ((("left", "start"), otherwise[0]), (("right", "end"), otherwise[1])):
        told = [mm(value(element.find(w(name)), "w")) for name in names]
        found.append(next((wide for wide in told if wide is not None), default))
    return found[0], found[1]
