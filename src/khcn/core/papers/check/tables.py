"""Tables: which cell stands where, and how much room it gives its text."""

from dataclasses import dataclass, field
from typing import Any, Final

from khcn.core.papers.check.model import Cell
from khcn.core.papers.check.ooxml import mm, value, w, whole

_CELL_PROPERTIES: Final = w("tcPr")
_GRID_BEFORE: Final = f"{w('trPr')}/{w('gridBefore')}"
_THROUGH: Final = frozenset(w(name) for name in ("sdt", "sdtContent", "ins", "customXml"))
_MOST_SPAN: Final = 63  # columns of a table in Word
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
        cells = [(cell, _about(cell)) for cell in _through(row, "tc")]
        spans = [min(_MOST_SPAN, max(1, whole(value(about.get("gridSpan")), 1))) for _cell, about in cells]
        place += min(_MOST_SPAN, max(0, whole(value(row.find(_GRID_BEFORE)), 0)))
        total = max(len(columns), sum(spans) + place)
        for (element, about), span in zip(cells, spans, strict=True):
            wide = _width(about.get("tcW"), columns[place : place + span], room_mm, total)
            left, right = _margins(about.get("tcMar"), margins)
            inside = None if wide is None else max(1.0, wide - left - right)
            borders = about.get("tcBorders")
            border = None if borders is None else value(borders.find(w("bottom")), default="none")
            cell = Cell(number, row_number, place, total, inside, wide, border not in {None, "none", "nil"})
            if "vMerge" not in about or value(about["vMerge"]) == "restart":
                found.cells.append((cell, element))
            place += span
    return found


def _through(container: Any, name: str) -> list[Any]:
    """Return the rows or cells, also those in content controls."""
    found: list[Any] = []
    wanted = w(name)
    for child in container:
        if child.tag == wanted:
            found.append(child)
        elif child.tag in _THROUGH:
            found += _through(child, name)
    return found


def _about(cell: Any) -> dict[str, Any]:
    """Return the properties of a cell by name."""
    properties = cell.find(_CELL_PROPERTIES)
    return {} if properties is None else {str(one.tag).rpartition("}")[2]: one for one in properties}


def _width(told: Any | None, columns: list[float | None], room_mm: float | None, total: int) -> float | None:
    """Return the width of a cell. Where cell and grid differ, the narrower counts: some reader will use it."""
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
