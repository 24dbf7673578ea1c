"""The one document writer: a :class:`Paper` becomes DOCX bytes by the geometry of Decree 30."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Mm, Pt, RGBColor

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import clean_text
from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import (
    Align,
    Heading,
    Image,
    Items,
    KeyValues,
    Metadata,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    Signature,
    Table,
    Text,
)
from khcn.core.papers.header import add_header
from khcn.core.papers.ooxml import (
    add_field,
    fix_widths,
    keep_row,
    repeat_header,
    set_alt,
    set_font,
    set_language,
)

VIETNAMESE_LETTERS = (
    "abcdđeghiklmnopqrstuvxy"  # the order of points a), b), c), d), đ) ... in legal documents
)
_ALIGN = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
    Align.JUSTIFY: WD_ALIGN_PARAGRAPH.JUSTIFY,
}
_CELL_MARGIN_MM = 1.5
_HANG_MM = 6.0


class PaperError(KhcnError):
    """A paper that cannot be written as asked."""

    code = "paper"


def paper_docx(paper: Paper) -> bytes:
    """Return ``paper`` as a DOCX file.

    :raises PaperError: when a picture is none.
    """
    document = Document()
    _set_page(document)
    _set_styles(document, paper.metadata.language)
    _set_metadata(document, paper)
    document._body.clear_content()
    if paper.header:
        add_header(document, paper.header)
    _add_title(document, paper)
    for block in paper.blocks:
        _WRITERS[type(block)](document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: Any) -> None:
    """A4 portrait, the margins, and the page number in the top margin from page 2 on."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(rule.PAGE_WIDTH_MM), Mm(rule.PAGE_HEIGHT_MM)
    section.top_margin, section.bottom_margin = (
        Mm(rule.MARGIN_TOP_MM.chosen),
        Mm(rule.MARGIN_BOTTOM_MM.chosen),
    )
    section.left_margin, section.right_margin = (
        Mm(rule.MARGIN_LEFT_MM.chosen),
        Mm(rule.MARGIN_RIGHT_MM.chosen),
    )
    section.header_distance = Mm(rule.MARGIN_TOP_MM.chosen / 2)
    section.different_first_page_header_footer = True
    section.first_page_header.is_linked_to_previous = False  # an empty header of its own
    section.header.is_linked_to_previous = False
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number.paragraph_format.space_after = Pt(0)
    add_field(number, "PAGE", rule.PAGE_NUMBER_PT.chosen)


def _set_styles(document: Any, language: str) -> None:
    normal = document.styles["Normal"]
    set_font(normal, rule.BODY_PT.chosen)
    set_language(normal, language)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.space_after = Pt(rule.PARAGRAPH_GAP_PT)
    normal.paragraph_format.line_spacing = rule.LINE_SPACING.chosen
    for level in (1, 2, 3):
        style = document.styles[f"Heading {level}"]
        set_font(style, rule.HEADING_PT.chosen, bold=True, italic=level == 3)
        for theme in list(
            style.element.rPr.rFonts.attrib
        ):  # the template's theme fonts would win over the name
            if "Theme" in theme:
                del style.element.rPr.rFonts.attrib[theme]
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = Pt(rule.PARAGRAPH_GAP_PT)
        style.paragraph_format.space_after = Pt(rule.PARAGRAPH_GAP_PT)
        style.paragraph_format.keep_with_next = True


def _set_metadata(document: Any, paper: Paper) -> None:
    about: Metadata = paper.metadata
    properties = document.core_properties
    properties.title, properties.author = paper.title[:255], about.author[:255]
    properties.subject, properties.keywords = (
        (about.subject or paper.subtitle)[:255],
        ", ".join(about.keywords)[:255],
    )
    properties.language, properties.comments = about.language, ""
    created = about.created or datetime(2000, 1, 1)  # a fixed moment: the same paper gives the same parts
    if created.tzinfo is not None:  # the file format keeps UTC
        created = created.astimezone(UTC).replace(tzinfo=None)
    properties.created = properties.modified = created
    properties.last_modified_by = about.author[:255]


def _add_runs(paragraph: Any, text: Text, size_pt: float | None = None, *, bold: bool = False) -> None:
    runs: Sequence[Run] = [Run(text)] if isinstance(text, str) else text
    for piece in runs:
        run = paragraph.add_run(clean_text(piece.text))
        set_font(run, size_pt, bold=piece.bold or bold or None, italic=piece.italic or None)


def _add_title(document: Any, paper: Paper) -> None:
    for text, gap in ((paper.title, 12 if paper.header else 0), (paper.subtitle, 0)):
        if text:
            paragraph = document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_before = Pt(gap)
            paragraph.paragraph_format.keep_with_next = True
            _add_runs(paragraph, text, rule.TITLE_PT.chosen, bold=True)


def _write_heading(document: Any, block: Heading) -> None:
    paragraph = document.add_heading(level=block.level)
    _add_runs(paragraph, block.text)
    if block.level == 1:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _write_paragraph(document: Any, block: Paragraph) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = _ALIGN[block.align]
    if block.indent and block.align in {Align.JUSTIFY, Align.LEFT}:
        paragraph.paragraph_format.first_line_indent = Mm(rule.FIRST_LINE_MM)
    _add_runs(paragraph, block.text)


def _mark(style: str, index: int) -> str:
    """Return the mark of the item ``index`` (from 0)."""
    if style == "number":
        return f"{index + 1}."
    if style == "letter":
        if index >= len(VIETNAMESE_LETTERS):
            text = _("Danh sách theo chữ cái chỉ có %(most)s mục. Hãy đánh số thay cho chữ.")
            raise PaperError(text % {"most": len(VIETNAMESE_LETTERS)})
        return f"{VIETNAMESE_LETTERS[index]})"
    return "-"


def _write_items(document: Any, block: Items) -> None:
    for index, item in enumerate(block.items):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        shape = paragraph.paragraph_format
        shape.left_indent, shape.first_line_indent = Mm(rule.FIRST_LINE_MM + _HANG_MM), Mm(-_HANG_MM)
        shape.tab_stops.add_tab_stop(Mm(rule.FIRST_LINE_MM + _HANG_MM))
        _add_runs(paragraph, f"{_mark(block.style, index)}\t")
        _add_runs(paragraph, item)


def _cell(cell: Any, text: str, align: Align, *, bold: bool = False, size_pt: float) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.line_spacing = 1.0
    _add_runs(paragraph, text, size_pt, bold=bold)


def _caption(document: Any, text: str, *, above: bool) -> None:
    if text:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = above
        _add_runs(paragraph, [Run(text, italic=True)])


def _widths(block: Table) -> list[float]:
    """Return the widths of a table's columns in mm, shrunk to the page when they are too wide."""
    widths = list(block.widths_mm) or [rule.TEXT_WIDTH_MM / len(block.header)] * len(block.header)
    shrink = min(1.0, rule.TEXT_WIDTH_MM / sum(widths))
    return [width * shrink for width in widths]


def _write_table(document: Any, block: Table) -> None:
    _caption(document, block.caption, above=True)
    table = document.add_table(rows=1 + len(block.rows), cols=len(block.header), style="Table Grid")
    aligns = list(block.aligns) or [Align.LEFT] * len(block.header)
    fix_widths(table, _widths(block), cell_margin_mm=_CELL_MARGIN_MM)
    repeat_header(table.rows[0])
    size = rule.TABLE_PT.chosen
    for cell, text in zip(table.rows[0].cells, block.header, strict=True):
        _cell(cell, text, Align.CENTRE, bold=True, size_pt=size)
    for row, values in zip(table.rows[1:], block.rows, strict=True):
        keep_row(row)
        for cell, text, align in zip(row.cells, values, aligns, strict=True):
            _cell(cell, text, align, size_pt=size)
    _gap(document)


def _gap(document: Any) -> None:
    """Part a table from what follows (two tables in a row would run together)."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(6)


def _write_pairs(document: Any, block: KeyValues) -> None:
    if not block.pairs:
        return
    table = document.add_table(rows=len(block.pairs), cols=2)
    fix_widths(table, [rule.TEXT_WIDTH_MM * 0.35, rule.TEXT_WIDTH_MM * 0.65], cell_margin_mm=_CELL_MARGIN_MM)
    for row, (name, value) in zip(table.rows, block.pairs, strict=True):
        _cell(row.cells[0], name, Align.LEFT, bold=True, size_pt=rule.BODY_PT.chosen)
        _cell(row.cells[1], value, Align.LEFT, size_pt=rule.BODY_PT.chosen)
    _gap(document)


def _write_signature(document: Any, block: Signature) -> None:
    """Recipients left (12 pt bold italic head, 11 pt lines), position and name right, five lines between them."""
    table = document.add_table(rows=1, cols=2)
    fix_widths(table, [rule.TEXT_WIDTH_MM / 2, rule.TEXT_WIDTH_MM / 2], cell_margin_mm=_CELL_MARGIN_MM)
    keep_row(table.rows[0])
    left, right = table.rows[0].cells
    if block.recipients:
        _tight(left.paragraphs[0], [Run(_("Nơi nhận:"), bold=True, italic=True)], 12)
        for name in block.recipients:
            _tight(left.add_paragraph(), f"- {name};" if name != block.recipients[-1] else f"- {name}.", 11)
    first = right.paragraphs[0]
    first.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _tight(first, [Run(block.position, bold=True)], rule.BODY_PT.chosen)
    for text in ("", "", "", "", block.name):
        paragraph = right.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _tight(paragraph, [Run(text, bold=True)], rule.BODY_PT.chosen)


def _tight(paragraph: Any, text: Text, size_pt: float) -> None:
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.0
    _add_runs(paragraph, text, size_pt)


def _write_image(document: Any, block: Image) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = bool(block.caption)
    try:
        picture = paragraph.add_run().add_picture(
            io.BytesIO(block.data), width=Mm(min(block.width_mm, rule.TEXT_WIDTH_MM))
        )
    except Exception as error:  # python-docx raises whatever its image parsers raise
        raise PaperError(
            _("Không chèn được hình “%(alt)s”: tệp không phải là ảnh PNG hoặc JPEG. Hãy đổi ảnh khác.")
            % {"alt": block.alt[:80]}
        ) from error
    set_alt(picture, block.alt)
    _caption(document, block.caption, above=False)


def _write_break(document: Any, _block: PageBreak) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run().add_break(WD_BREAK.PAGE)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(1)  # its other half stands at the top of the new page


_WRITERS: dict[type, Callable[[Any, Any], None]] = {
    Heading: _write_heading,
    Paragraph: _write_paragraph,
    Items: _write_items,
    Table: _write_table,
    KeyValues: _write_pairs,
    Signature: _write_signature,
    Image: _write_image,
    PageBreak: _write_break,
}
