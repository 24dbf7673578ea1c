"""The head of an official document: agency, number and subject on the left; national name, motto, place and day on the
right; then the type name and the abstract.
"""

from datetime import date
from typing import Final

from khcn.core.dates import date_in_documents
from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import Align
from khcn.core.papers.markup import Shape, cell, paragraph, row, run, table, twips
from khcn.core.papers.markup import rule as rule_xml
from khcn.core.papers.metrics import even_room_mm, lines_of, width_mm
from khcn.core.papers.parts import NationalHeader

BLANK: Final = "……"
_LEFT_MM: Final = rule.HEADER_LEFT_MM
_RIGHT_MM: Final = rule.HEADER_RIGHT_MM
_STAMP_RED: Final = "FF0000"  # the decree wants the marks of urgency in bright red


def number_line(number: int | None, symbol: str) -> str:
    """Return ``Số: 05/BC-UBND``: below 10 with a zero, no blanks; dots where the clerk will write the number."""
    digits = BLANK if number is None else f"{number:02d}"
    return f"Số: {digits}/{symbol}" if symbol else f"Số: {digits}"


def day_words(day: date | None) -> str:
    """Return ``ngày 05 tháng 6 năm 2021``; with room for the clerk when there is no day yet."""
    return f"ngày {BLANK} tháng {BLANK} năm {BLANK}" if day is None else date_in_documents(day)


def place_line(place: str, header: NationalHeader) -> str:
    """Return ``<place>, ngày 05 tháng 6 năm 2021``."""
    return f"{place}, {day_words(header.day)}" if place else day_words(header.day)


def _line(
    text: str,
    size_pt: float,
    *,
    bold: bool = False,
    italic: bool = False,
    before_pt: float = 0,
    room_mm: float = 0,
) -> str:
    """Return a centred line; longer ones break evenly in ``room_mm``."""
    side = (room_mm - even_room_mm(text, room_mm, size_pt, bold=bold)) / 2 if room_mm else 0
    shape = Shape(
        align=Align.CENTRE, side_mm=side or None, before_pt=before_pt, after_pt=0, line=1.0, keep_next=True
    )
    return paragraph(run(text, size_pt, bold=bold, italic=italic), shape)


def rule_share_mm(text: str, room_mm: float, size_pt: float) -> float:
    """Return how long the rule under a bold text is: between a third and a half of its longest line."""
    even = even_room_mm(text, room_mm, size_pt, bold=True)
    lines = lines_of(text, even, size_pt, bold=True)
    longest = max((width_mm(line, size_pt, bold=True) for line in lines), default=0.0)
    return longest * rule.AGENCY_RULE_SHARE.chosen


def header_xml(header: NationalHeader) -> str:
    """Return the header as a table without lines, 65 and 100 mm wide.

    The row of number and date is a second row, so that a long agency name pushes both down together.
    """
    size = rule.AGENCY_PT.chosen
    agency = header.agency.upper()
    left = _line(header.parent_agency.upper(), size, room_mm=_LEFT_MM) if header.parent_agency else ""
    left += _line(agency, size, bold=True, room_mm=_LEFT_MM) + rule_xml(
        rule_share_mm(agency, _LEFT_MM, size), _LEFT_MM
    )
    motto_mm = width_mm(rule.MOTTO, rule.MOTTO_PT.chosen, bold=True)
    right = _line(rule.NATIONAL_NAME, rule.MOTTO_TOP_PT.chosen, bold=True)
    right += _line(rule.MOTTO, rule.MOTTO_PT.chosen, bold=True) + rule_xml(motto_mm, _RIGHT_MM)
    below = _line(number_line(header.number, header.symbol), rule.NUMBER_PT.chosen)
    if header.about:
        about = f"V/v {header.about.removeprefix('V/v').strip()}"
        below += _line(about, rule.SUBJECT_PT.chosen, before_pt=6, room_mm=_LEFT_MM)
    below += _stamps(header)
    place = _line(place_line(header.place, header), rule.PLACE_DATE_PT.chosen, italic=True)
    widths = [twips(_LEFT_MM), twips(_RIGHT_MM)]
    rows = [
        row([cell(left, widths[0]), cell(right, widths[1])]),
        row([cell(below, widths[0]), cell(place, widths[1])]),
    ]
    return table(widths, rows, margin_mm=0)


def _stamps(header: NationalHeader) -> str:
    """The marks of urgency and circulation: bold capitals in a single frame, under the number."""
    marks = ""
    if header.urgency is not None:
        marks += _stamp(header.urgency.value, rule.STAMP_MM[header.urgency.value], _STAMP_RED)
    if header.circulation:
        text = header.circulation.upper()
        wide = width_mm(text, rule.STAMP_PT.chosen, bold=True) + 6
        marks += _stamp(text, min(wide, _LEFT_MM), "")
    return marks


def _stamp(text: str, wide_mm: float, colour: str) -> str:
    shape = Shape(
        align=Align.CENTRE, side_mm=max(0.0, (_LEFT_MM - wide_mm) / 2), before_pt=6, after_pt=0, line=1.2,
        frame=True,
    )  # fmt: skip
    return paragraph(run(text, rule.STAMP_PT.chosen, bold=True, colour=colour), shape)


def title_xml(title: str, subtitle: str, *, framed: bool) -> str:
    """Return type name and abstract, centred, with the rule under the abstract; ``framed``: a header stands above."""
    size = rule.TITLE_PT.chosen
    made = ""
    if title:
        made += paragraph(
            run(title, size, bold=True),
            Shape(align=Align.CENTRE, before_pt=12 if framed else 0, after_pt=0, keep_next=True),
        )
    if subtitle:
        made += _line(subtitle, size, bold=True, room_mm=rule.TEXT_WIDTH_MM - 10)
        length = rule_share_mm(subtitle, rule.TEXT_WIDTH_MM - 10, size)
        made += rule_xml(length, rule.TEXT_WIDTH_MM, after_pt=6)
    return made
