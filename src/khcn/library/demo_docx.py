"""Demo works as DOCX: letter head in a borderless table of fixed widths, body in Times New Roman.

python-docx stamps the time of writing into the archive; the parts are packed again with a fixed time, so that
the same work gives the same bytes.
"""

import io
import zipfile
from datetime import datetime
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from khcn.library.demo_content import DemoLegal, DemoWork
from khcn.library.demo_flow import number_line, organ_lines, vietnamese_date
from khcn.library.demo_markup import Block, inline_runs, plain_inline

_FONT: Final = "Times New Roman"
_ZIP_TIME: Final = (2026, 1, 1, 0, 0, 0)
_COLUMNS_MM: Final = (65, 100)


def build_docx(work: DemoWork, *, notice: str, closing: list[str]) -> bytes:
    """Return the DOCX file of ``work``; ``closing`` names sources and licence."""
    document = Document()
    _page(document, work)
    if work.legal:
        _legal_head(document, work.legal)
        if work.legal.text == "summary":
            _paragraph(document, notice, italic=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    else:
        document.add_heading(work.title, level=0)
    _paragraph(document, work.abstract, italic=True)
    for block in work.blocks:
        _block(document, block)
    for line in closing:
        _paragraph(document, line)
    return _packed(document)


def _page(document: Any, work: DemoWork) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        style = document.styles[name]
        style.font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
        for attribute in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(attribute), _FONT)
    document.styles["Normal"].font.size = Pt(13)
    properties = document.core_properties
    properties.title, properties.author = work.title[:255], ", ".join(work.creators)[:255]
    properties.language, properties.comments = work.language, ""
    stamped = datetime(work.issued.year, work.issued.month, work.issued.day)
    properties.created = properties.modified = stamped


def _legal_head(document: Any, legal: DemoLegal) -> None:
    """Two rows, as in annex I: body beside national title, then number beside place and date."""
    table = document.add_table(rows=2, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, _COLUMNS_MM, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    *parents, organ = organ_lines(legal)
    place = f"{legal.place}, {vietnamese_date(legal.issued_date)}"
    nation, motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
    (issuer, title), (number, day) = (row.cells for row in table.rows)
    _cell_lines(issuer, [*((line, False, False) for line in parents), (organ, True, False)])
    _cell_lines(title, [(nation, True, False), (motto, True, False)])
    _cell_lines(number, [(number_line(legal), False, False)])
    _cell_lines(day, [(place, False, True)])
    _paragraph(document, "")
    _paragraph(document, legal.type_name.upper(), bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(document, legal.subject, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)


def _cell_lines(cell: Any, lines: list[tuple[str, bool, bool]]) -> None:
    for place, (text, bold, italic) in enumerate(lines):
        paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.size = bold, italic, Pt(12)


def _paragraph(
    document: Any, text: str, *, bold: bool = False, italic: bool = False, align: Any = None
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic


def _block(document: Any, block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(plain_inline(block.text), level=min(block.level, 3))
    elif block.kind == "table":
        _table(document, block)
    elif block.kind == "code":
        for line in block.text.split("\n"):
            document.add_paragraph(line)
    else:
        paragraph = document.add_paragraph()
        if block.kind == "item":
            paragraph.paragraph_format.left_indent = Mm(8)
            paragraph.add_run(f"{block.marker} ")
        for run in inline_runs(block.text):
            shown = paragraph.add_run(f"{run.text} ({run.url})" if run.url else run.text)
            shown.bold, shown.italic = run.bold, run.italic


def _table(document: Any, block: Block) -> None:
    table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
    for place, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(plain_inline(text)).bold = place == 0


def _packed(document: Any) -> bytes:
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()
