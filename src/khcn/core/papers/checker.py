"""Check a DOCX against the geometry of Decree 30. Used by the tests of every document we write."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from khcn.core.papers import decree30 as rule
from khcn.core.papers.metrics import width_mm

_TWIPS_PER_MM = 1440 / 25.4


@dataclass(frozen=True)
class Fault:
    """One deviation: what it is about, what the rule wants, what the file has."""

    what: str
    expected: str
    got: str


def check_decree30(docx: bytes) -> list[Fault]:
    """Return every deviation of a DOCX from the page, font and header rules; empty when it conforms."""
    document = Document(io.BytesIO(docx))
    faults: list[Fault] = []
    for section in document.sections:
        faults += _check_page(section)
    faults += _check_fonts(document)
    for table in document.tables:
        faults += _check_national_header(table)
    return faults


def _check_page(section: Any) -> Iterator[Fault]:
    size = (round(section.page_width.mm), round(section.page_height.mm))
    if size not in {(210, 297), (297, 210)}:
        yield Fault("page", "210 x 297", f"{size[0]} x {size[1]}")
    for name, span in (
        ("top_margin", rule.MARGIN_TOP_MM),
        ("bottom_margin", rule.MARGIN_BOTTOM_MM),
        ("left_margin", rule.MARGIN_LEFT_MM),
        ("right_margin", rule.MARGIN_RIGHT_MM),
    ):
        margin = getattr(section, name).mm
        if margin not in span:
            yield Fault(name, f"{span.low:g}-{span.high:g} mm", f"{margin:.1f} mm")
    if not section.different_first_page_header_footer:
        yield Fault("page number", "not on page 1", "on every page")
    elif section.first_page_header.paragraphs and _has_page_field(section.first_page_header):
        yield Fault("page number", "not on page 1", "on page 1")
    if not _has_page_field(section.header):
        yield Fault("page number", "in the top margin", "none")
    elif section.header.paragraphs[0].alignment != 1:
        yield Fault("page number", "centred", str(section.header.paragraphs[0].alignment))


def _has_page_field(header: Any) -> bool:
    return any("PAGE" in (element.text or "") for element in header._element.iter(qn("w:instrText")))


def _check_fonts(document: Any) -> Iterator[Fault]:
    names = {fonts.get(qn("w:ascii")) for fonts in document._element.iter(qn("w:rFonts"))}
    names |= {fonts.get(qn("w:ascii")) for fonts in document.styles["Normal"].element.iter(qn("w:rFonts"))}
    for name in sorted(str(name) for name in names if name != rule.FONT):
        yield Fault("font", rule.FONT, name)
    body = document.styles["Normal"].font.size
    if body is None or body.pt not in rule.BODY_PT:
        yield Fault("body size", "13-14 pt", "none" if body is None else f"{body.pt:g} pt")
    for run in document._element.iter(qn("w:color")):
        if run.get(qn("w:val")) not in {"000000", "auto"}:
            yield Fault("colour", "black", str(run.get(qn("w:val"))))


def _check_national_header(table: Any) -> Iterator[Fault]:
    """Check the table that holds the national name: fixed widths everywhere, room for the line, sizes and weights."""
    cells = table.rows[0].cells
    if not any(rule.NATIONAL_NAME in cell.text for cell in cells):
        return
    grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.iter(qn("w:gridCol"))]
    for index, cell in enumerate(cells):
        if cell.width is None or abs(cell.width.twips - grid[index]) > 2:
            yield Fault("header widths", "the same in grid and cell", f"{grid[index]} and {cell.width}")
    if table.autofit:
        yield Fault("header layout", "fixed", "autofit")
    right = next(cell for cell in cells if rule.NATIONAL_NAME in cell.text)
    margin = sum(int(side.get(qn("w:w"))) for side in _cell_margins(table)) / _TWIPS_PER_MM
    for paragraph in right.paragraphs:
        yield from _check_motto_line(paragraph, right.width.mm - margin)


def _cell_margins(table: Any) -> list[Any]:
    margins = table._tbl.tblPr.find(qn("w:tblCellMar"))
    return [] if margins is None else list(margins)


def _check_motto_line(paragraph: Any, room_mm: float) -> Iterator[Fault]:
    lines = {
        rule.NATIONAL_NAME: rule.MOTTO_TOP_PT,
        rule.MOTTO: rule.MOTTO_PT,
    }
    if paragraph.text not in lines:
        return
    span = lines[paragraph.text]
    run = paragraph.runs[0]
    size = run.font.size.pt if run.font.size else 0.0
    if size not in span:
        yield Fault(paragraph.text, f"{span.low:g}-{span.high:g} pt", f"{size:g} pt")
    if not run.bold:
        yield Fault(paragraph.text, "bold", "not bold")
    need = width_mm(paragraph.text, size, bold=True)
    if need > room_mm:
        yield Fault(paragraph.text, f"on one line ({need:.1f} mm)", f"room for {room_mm:.1f} mm")
