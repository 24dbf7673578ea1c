"""The numbers of Decree 30/2020/NĐ-CP, annex I: page, fonts and sizes. Lengths in millimetres, sizes in points.

A person must check the annex before a legal duty rests on these numbers.
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
WIDE_TEXT_MM: Final = PAGE_HEIGHT_MM - MARGIN_LEFT_MM.chosen - MARGIN_RIGHT_MM.chosen  # landscape

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
SUBJECT_PT: Final = Span(12, 13, 12)  # "V/v ..." of an official letter
SIGNATURE_PT: Final = Span(13, 14, 13)  # authority, position and name, bold
RECIPIENTS_LABEL_PT: Final = Span(12, 12, 12)  # "Nơi nhận:", bold italic
RECIPIENTS_PT: Final = Span(11, 11, 11)
ANNEX_PT: Final = Span(14, 14, 14)  # "Phụ lục I", bold; its title has TITLE_PT
STAMP_PT: Final = Span(13, 14, 13)  # urgency and circulation, bold capitals in a frame
DRAFTER_PT: Final = Span(11, 11, 11)
CONTACT_PT: Final = Span(11, 12, 11)

FIRST_LINE_MM: Final = 10.0
FIRST_LINES_MM: Final = (10.0, 12.7)  # what the decree allows
STAMP_MM: Final = {"HỎA TỐC": 30.0, "THƯỢNG KHẨN": 40.0, "KHẨN": 20.0}  # width of the frames, all 8 high
PARAGRAPH_GAP_PT: Final = 6.0  # at least
LINE_SPACING: Final = Span(1.0, 1.5, 1.15)

NATIONAL_NAME: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
HEADER_LEFT_MM: Final = 65.0
HEADER_RIGHT_MM: Final = 100.0
AGENCY_RULE_SHARE: Final = Span(1 / 3, 1 / 2, 0.42)  # of the line above it; under the abstract too
