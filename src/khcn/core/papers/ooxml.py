"""The few pieces of WordprocessingML for styles that python-docx has no call for."""

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from khcn.core.papers.decree30 import FONT


def set_font(
    style: Any, size_pt: float | None = None, *, bold: bool | None = None, italic: bool | None = None
) -> None:
    """Set the one font on a style, also for the script ranges that Word treats apart."""
    style.font.name = FONT
    fonts = style._element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    if size_pt is not None:
        style.font.size = Pt(size_pt)
    if bold is not None:
        style.font.bold = bold
    if italic is not None:
        style.font.italic = italic


def set_language(style: Any, language: str) -> None:
    """Mark the language of a style, for spelling checkers and screen readers."""
    properties = style.element.get_or_add_rPr()
    mark = properties.find(qn("w:lang"))
    if mark is None:
        mark = OxmlElement("w:lang")
        properties.append(mark)
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        mark.set(qn(name), language)
