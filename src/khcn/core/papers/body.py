"""The blocks of the body as WordprocessingML: paragraphs, divisions, articles, lists, tables, pictures."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from docx.shared import Mm
from lxml import etree

from khcn.core.errors import KhcnError
from khcn.core.papers import decree30 as rule
from khcn.core.papers.blocks import (
    Align,
    Article,
    Clause,
    Division,
    Heading,
    Image,
    Items,
    KeyValues,
    PageBreak,
    Paragraph,
    PlainBlock,
    Run,
    Table,
    Text,
)
from khcn.core.papers.markup import Shape, cell, paragraph, row, run, runs, table, twips

# The order of points a), b), c), d), đ) ... in legal documents
VIETNAMESE_LETTERS: Final = "abcdđeghiklmnopqrstuvxy"
_CELL_MARGIN_MM: Final = 1.5
_BODY: Final = Shape(align=Align.JUSTIFY, first_mm=rule.FIRST_LINE_MM)
_DIVISIONS: Final = {"part": "Phần", "chapter": "Chương", "section": "Mục", "subsection": "Tiểu mục"}
_ROMAN: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_CELL_STYLES: Final = {align: Shape(style="KhcnCell", align=align) for align in Align}


class PaperError(KhcnError):
    """A paper that cannot be written as asked."""

    code = "paper"


@dataclass(frozen=True)
class Page:
    """Where blocks are written: the package (for pictures) and the width of the text, in mm."""

    document: Any
    width_mm: float = rule.TEXT_WIDTH_MM


def roman(number: int) -> str:
    """Return a number as a Roman numeral."""
    text = ""
    for value, sign in _ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


def block_xml(page: Page, block: PlainBlock) -> str:
    """Return a block of the body.

    :raises PaperError: a picture is none, a list has more items than letters.
    """
    return _WRITERS[type(block)](page, block)


def _heading(_page: Page, block: Heading) -> str:
    if block.level == 1:
        return paragraph(run(block.text), Shape(style="Heading1", align=Align.CENTRE))
    shape = Shape(style=f"Heading{block.level}", align=Align.JUSTIFY, first_mm=rule.FIRST_LINE_MM)
    return paragraph(run(block.text), shape)


def _division(_page: Page, block: Division) -> str:
    number = roman(block.number) if block.kind in {"part", "chapter"} else str(block.number)
    shape = Shape(style="Heading1", align=Align.CENTRE, after_pt=0)
    label = paragraph(run(f"{_DIVISIONS[block.kind]} {number}"), shape)
    return label + paragraph(
        run(block.title.upper()), Shape(style="Heading1", align=Align.CENTRE, before_pt=0)
    )


def _marked(mark: str, text: Text, *, titled: bool, bold_mark: bool) -> str:
    inside = run(f"{mark} ", bold=titled or bold_mark) + runs(text, bold=titled)
    shape = Shape(align=Align.JUSTIFY, first_mm=rule.FIRST_LINE_MM, keep_next=titled)
    return paragraph(inside, shape)


def _article(_page: Page, block: Article) -> str:
    return _marked(f"Điều {block.number}.", block.text, titled=block.titled, bold_mark=True)


def _clause(_page: Page, block: Clause) -> str:
    return _marked(f"{block.number}.", block.text, titled=block.titled, bold_mark=False)


def _paragraph(_page: Page, block: Paragraph) -> str:
    indented = block.indent and block.align in {Align.JUSTIFY, Align.LEFT}
    shape = Shape(align=block.align, first_mm=rule.FIRST_LINE_MM if indented else None)
    return paragraph(runs(block.text), shape)


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


def _items(_page: Page, block: Items) -> str:
    return "".join(
        paragraph(run(f"{_mark(block.style, index)} ") + runs(item), _BODY)
        for index, item in enumerate(block.items)
    )


def _caption(text: str, *, above: bool) -> str:
    if not text:
        return ""
    return paragraph(run(text, italic=True), Shape(align=Align.CENTRE, keep_next=above))


def _widths(block: Table, room_mm: float) -> list[int]:
    """Return the widths of a table's columns in twips, shrunk to the page when they are too wide."""
    widths = list(block.widths_mm) or [room_mm / len(block.header)] * len(block.header)
    shrink = min(1.0, room_mm / sum(widths))
    return [twips(width * shrink) for width in widths]


def _table(page: Page, block: Table) -> str:
    widths = _widths(block, page.width_mm)
    shapes = [_CELL_STYLES[align] for align in block.aligns or [Align.LEFT] * len(widths)]
    head = row(
        (
            cell(paragraph(run(text, bold=True), _CELL_STYLES[Align.CENTRE]), width)
            for text, width in zip(block.header, widths, strict=True)
        ),
        repeat=True,
    )
    rows = (
        row(
            cell(paragraph(run(text, bold=number in block.strong_rows), shape), width)
            for text, shape, width in zip(values, shapes, widths, strict=True)
        )
        for number, values in enumerate(block.rows)
    )
    made = table(widths, [head, *rows], margin_mm=_CELL_MARGIN_MM, lines=True)
    return _caption(block.caption, above=True) + made + gap()


def gap() -> str:
    """Part a table from what follows (two tables in a row would run together)."""
    return paragraph("", Shape(after_pt=0, line_exact_pt=6))


def _pairs(page: Page, block: KeyValues) -> str:
    if not block.pairs:
        return ""
    widths = [twips(page.width_mm * 0.35), twips(page.width_mm * 0.65)]
    shape, size = _CELL_STYLES[Align.LEFT], rule.BODY_PT.chosen
    rows = [
        row(
            [
                cell(paragraph(run(name, size, bold=True), shape), widths[0]),
                cell(paragraph(run(value, size), shape), widths[1]),
            ]
        )
        for name, value in block.pairs
    ]
    return table(widths, rows, margin_mm=_CELL_MARGIN_MM) + gap()


def _image(page: Page, block: Image) -> str:
    width = Mm(min(block.width_mm, page.width_mm))
    try:
        picture = page.document.part.new_pic_inline(io.BytesIO(block.data), width=width)
    except Exception as error:  # python-docx raises whatever its image parsers raise
        raise PaperError(
            _("Không chèn được hình “%(alt)s”: tệp không phải là ảnh PNG hoặc JPEG. Hãy đổi ảnh khác.")
            % {"alt": block.alt[:80]}
        ) from error
    picture.docPr.set("descr", block.alt)
    inside = f"<w:r><w:drawing>{etree.tostring(picture, encoding='unicode')}</w:drawing></w:r>"
    shape = Shape(align=Align.CENTRE, keep_next=bool(block.caption))
    return paragraph(inside, shape) + _caption(block.caption, above=False)


def _break(_page: Page, _block: PageBreak) -> str:
    """A break whose other half stands, thin, at the top of the new page."""
    return paragraph('<w:r><w:br w:type="page"/></w:r>', Shape(after_pt=0, line_exact_pt=1))


def centred(text: str, size_pt: float, *, before_pt: float = 0, after_pt: float | None = None) -> str:
    """Return a centred bold line that stays with what follows."""
    shape = Shape(align=Align.CENTRE, before_pt=before_pt, after_pt=after_pt, keep_next=True)
    return paragraph(run(text, size_pt, bold=True), shape)


def dash_lines(lines: Sequence[str], size_pt: float) -> str:
    """Return lines close under each other, from the left edge."""
    shape = Shape(align=Align.LEFT, before_pt=0, after_pt=0, line=1.0)
    return "".join(paragraph(run(line, size_pt), shape) for line in lines)


def emphasis(text: str) -> str:
    """Return a tight bold italic line of 12 points ("Nơi nhận:")."""
    shape = Shape(align=Align.LEFT, before_pt=0, after_pt=0, line=1.0)
    return paragraph(runs([Run(text, bold=True, italic=True)], rule.RECIPIENTS_LABEL_PT.chosen), shape)


_WRITERS: Final[dict[type, Callable[[Page, Any], str]]] = {
    Heading: _heading,
    Division: _division,
    Article: _article,
    Clause: _clause,
    Paragraph: _paragraph,
    Items: _items,
    Table: _table,
    KeyValues: _pairs,
    Image: _image,
    PageBreak: _break,
}
