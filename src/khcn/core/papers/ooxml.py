"""The few pieces of WordprocessingML that python-docx has no call for."""

from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from khcn.core.papers.decree30 import FONT


def set_font(
    run: Any, size_pt: float | None = None, *, bold: bool | None = None, italic: bool | None = None
) -> None:
    """Set the one font on a run, also for the script ranges that Word treats apart."""
    run.font.name = FONT
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    if size_pt is not None:
        run.font.size = Pt(size_pt)
    if bold is not None:
        run.bold = bold
    if italic is not None:
        run.italic = italic


def add_field(paragraph: Any, instruction: str, size_pt: float) -> None:
    """Add a field such as ``PAGE`` to a paragraph."""
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        set_font(run, size_pt)
        if kind in {"begin", "separate", "end"}:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        elif kind == "text":
            element = OxmlElement("w:t")
            element.text = text
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        run._element.append(element)


def fix_widths(table: Any, widths_mm: list[float], *, cell_margin_mm: float) -> None:
    """Fix a table's widths everywhere at once: grid, columns and cells.

    With the default grid some readers share the width out evenly and break "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT
    NAM" over two lines, the gravest format error there is.
    """
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    properties = table._tbl.tblPr
    total = properties.find(qn("w:tblW"))
    if total is None:
        total = OxmlElement("w:tblW")
        properties.append(total)
    total.set(qn("w:type"), "dxa")
    total.set(qn("w:w"), str(Mm(sum(widths_mm)).twips))
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(cell_margin_mm).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def repeat_header(row: Any) -> None:
    """Repeat a row at the top of every page, and never break it."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        properties.append(OxmlElement(name))


def keep_row(row: Any) -> None:
    """Never break a row over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def add_rule(cell: Any, width_mm: float, length_mm: float) -> None:
    """Add a solid rule of ``length_mm``, centred in a cell ``width_mm`` wide: a thin paragraph with a top border."""
    paragraph = cell.add_paragraph()
    shape = paragraph.paragraph_format
    side = max(0.0, (width_mm - length_mm) / 2)
    shape.left_indent = shape.right_indent = Mm(side)
    shape.space_before, shape.space_after = Pt(2), Pt(0)
    shape.line_spacing = Pt(4)
    border = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        border.set(qn(f"w:{name}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(border)
    properties = paragraph._p.get_or_add_pPr()
    successors = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    properties.insert_element_before(borders, *successors)


def set_alt(picture: Any, alt: str) -> None:
    """Give an inline picture its alternative text."""
    picture._inline.docPr.set("descr", alt)


def set_language(style: Any, language: str) -> None:
    """Mark the language of a style, for spelling checkers and screen readers."""
    properties = style.element.get_or_add_rPr()
    mark = properties.find(qn("w:lang"))
    if mark is None:
        mark = OxmlElement("w:lang")
        properties.append(mark)
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        mark.set(qn(name), language)
