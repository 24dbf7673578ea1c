"""The numbers of Decree 30/2020/NĐ-CP, annex I: page, fonts and sizes. Lengths in millimetres, sizes in
points.

Only geometry that every document shares; the parts of whole forms (numbering, signatures, recipients) come
with the forms. Read from secondary sources: a person must check the annex before a legal duty rests on these
numbers.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Span:
    """An allowed range and what we choose in it."""

    low: float
    high: float
    chosen: float

    def __contains__(self, value: float) -> bool:
        return self.low - 0.05 <= value <= self.high + 0.05


PAGE_WIDTH_MM: Final = 210.0
PAGE_HEIGHT_MM: Final = 297.0
MARGIN_TOP_MM: Final = Span(20, 25, 20)
MARGIN_BOTTOM_MM: Final = Span(20, 25, 20)
MARGIN_LEFT_MM: Final = Span(30, 35, 30)
MARGIN_RIGHT_MM: Final = Span(15, 20, 15)
TEXT_WIDTH_MM: Final = PAGE_WIDTH_MM - MARGIN_LEFT_MM.chosen - MARGIN_RIGHT_MM.chosen

FONT: Final = "Times New Roman"
BODY_PT: Final = Span(13, 14, 13)
PAGE_NUMBER_PT: Final = Span(13, 14, 13)
MOTTO_TOP_PT: Final = Span(12, 13, 12)  # Quốc hiệu, capitals, bold
MOTTO_PT: Final = Span(13, 14, 13)  # Tiêu ngữ, bold
AGENCY_PT: Final = Span(12, 13, 12)  # capitals; the issuing one bold
NUMBER_PT: Final = Span(13, 13, 13)  # "Số:" line
PLACE_DATE_PT: Final = Span(13, 14, 13)  # italic
TITLE_PT: Final = Span(13, 14, 14)  # bold
TABLE_PT: Final = Span(11, 14, 12)  # the decree leaves tables free; 12 keeps them readable
HEADING_PT: Final = Span(13, 14, 13)

FIRST_LINE_MM: Final = 10.0  # 1 cm or 1.27 cm
PARAGRAPH_GAP_PT: Final = 6.0  # at least
LINE_SPACING: Final = Span(1.0, 1.5, 1.15)

NATIONAL_NAME: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
# Widths of the two lines in ems of Times New Roman Bold (and of metric-compatible Liberation Serif Bold).
NATIONAL_NAME_EM: Final = 20.87
MOTTO_EM: Final = 12.25
CAPITAL_EM: Final = 0.64  # an average bold capital, blanks included
HEADER_LEFT_MM: Final = 65.0
HEADER_RIGHT_MM: Final = 100.0
AGENCY_RULE_SHARE: Final = Span(1 / 3, 1 / 2, 0.42)  # of the line above it

POINTS_PER_MM: Final = 72 / 25.4


def text_width_mm(ems: float, size_pt: float) -> float:
    """Return the width of a text of ``ems`` set in ``size_pt``."""
    return ems * size_pt / POINTS_PER_MM
