"""The national header: agency and number on the left, national name, motto, place and day on the right."""

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from khcn.core.dates import date_in_documents
from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import NationalHeader
from khcn.core.papers.ooxml import add_rule, fix_widths, set_font

_LONGEST_AGENCY_MM = rule.HEADER_LEFT_MM - 4


def number_line(number: int | None, symbol: str) -> str:
    """Return ``Số: 05/BC-UBND``: below 10 with a zero, no blanks; dots where the clerk will write the number."""
    digits = "……" if number is None else f"{number:02d}"
    return f"Số: {digits}/{symbol}" if symbol else f"Số: {digits}"


def place_line(place: str, header: NationalHeader) -> str:
    """Return ``<place>, ngày 05 tháng 6 năm 2021``."""
    return f"{place}, {date_in_documents(header.day)}" if place else date_in_documents(header.day)


def _line(
    cell: Any, text: str, size_pt: float, *, first: bool = False, bold: bool = False, italic: bool = False
) -> None:
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing = 1.0
    shape.keep_with_next = True
    set_font(paragraph.add_run(text), size_pt, bold=bold, italic=italic)


def add_header(document: Any, header: NationalHeader) -> None:
    """Write the header at the end of ``document`` as a table without lines, 65 and 100 mm wide.

    The row of number and date is a second row, so that a long agency name pushes both down together.
    """
    table = document.add_table(rows=2, cols=2)
    fix_widths(table, [rule.HEADER_LEFT_MM, rule.HEADER_RIGHT_MM], cell_margin_mm=0)
    left, right = table.rows[0].cells
    agency = header.agency.upper()
    if header.parent_agency:
        _line(left, header.parent_agency.upper(), rule.AGENCY_PT.chosen, first=True)
    _line(left, agency, rule.AGENCY_PT.chosen, first=not header.parent_agency, bold=True)
    agency_mm = min(
        _LONGEST_AGENCY_MM, rule.text_width_mm(len(agency) * rule.CAPITAL_EM, rule.AGENCY_PT.chosen)
    )
    add_rule(left, rule.HEADER_LEFT_MM, agency_mm * rule.AGENCY_RULE_SHARE.chosen)
    _line(right, rule.NATIONAL_NAME, rule.MOTTO_TOP_PT.chosen, first=True, bold=True)
    _line(right, rule.MOTTO, rule.MOTTO_PT.chosen, bold=True)
    motto_mm = rule.text_width_mm(rule.MOTTO_EM, rule.MOTTO_PT.chosen)
    add_rule(right, rule.HEADER_RIGHT_MM, motto_mm)
    left, right = table.rows[1].cells
    _line(left, number_line(header.number, header.symbol), rule.NUMBER_PT.chosen, first=True)
    _line(right, place_line(header.place, header), rule.PLACE_DATE_PT.chosen, first=True, italic=True)
