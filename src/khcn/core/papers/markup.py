"""WordprocessingML as strings. A table of thousands of cells is one string parsed once: building it cell by cell through
python-docx takes time that grows with the square of its size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from khcn.core.exports.columns import clean_text
from khcn.core.papers.blocks import Align, Run, Text

TWIPS_PER_MM: Final = 1440 / 25.4
NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_JUSTIFY: Final = {
    Align.LEFT: "left",
    Align.CENTRE: "center",
    Align.RIGHT: "right",
    Align.JUSTIFY: "both",
}


def twips(mm: float) -> int:
    """Return millimetres as twentieths of a point."""
    return round(mm * TWIPS_PER_MM)


@dataclass(frozen=True)
class Shape:
    """How a paragraph stands. Lengths in mm, gaps in points; ``None``: what its style says."""

    style: str = ""
    align: Align | None = None
    first_mm: float | None = None
    side_mm: float | None = None  # indent on both sides
    before_pt: float | None = None
    after_pt: float | None = None
    line: float | None = None  # multiple of a single line
    line_exact_pt: float | None = None
    keep_next: bool = False
    break_before: bool = False
    top_rule: bool = False
    frame: bool = False


def run(
    text: str, size_pt: float | None = None, *, bold: bool = False, italic: bool = False, colour: str = ""
) -> str:
    """Return runs of text; tabs and line ends become what Word knows them as."""
    inside = ""
    if bold:
        inside += "<w:b/>"
    if italic:
        inside += "<w:i/>"
    if colour:
        inside += f'<w:color w:val="{colour}"/>'
    if size_pt is not None:
        inside += f'<w:sz w:val="{round(size_pt * 2)}"/><w:szCs w:val="{round(size_pt * 2)}"/>'
    format_ = f"<w:rPr>{inside}</w:rPr>" if inside else ""
    # nothing in printable text needs cleaning, and asking is far cheaper than cleaning
    body = escape(text if text.isprintable() else clean_text(text))
    body = body.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    body = body.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r>{format_}<w:t xml:space="preserve">{body}</w:t></w:r>'


def runs(text: Text, size_pt: float | None = None, *, bold: bool = False, italic: bool = False) -> str:
    """Return the runs of a text with emphasis; ``bold`` and ``italic`` are added to all of it."""
    pieces: Sequence[Run] = [Run(text)] if isinstance(text, str) else text
    return "".join(
        run(piece.text, size_pt, bold=bold or piece.bold, italic=italic or piece.italic) for piece in pieces
    )


def _border(name: str, size: int = 6) -> str:
    return f'<w:{name} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'


def _spacing(shape: Shape) -> str:
    marks = ""
    if shape.before_pt is not None:
        marks += f' w:before="{round(shape.before_pt * 20)}"'
    if shape.after_pt is not None:
        marks += f' w:after="{round(shape.after_pt * 20)}"'
    if shape.line_exact_pt is not None:
        marks += f' w:line="{round(shape.line_exact_pt * 20)}" w:lineRule="exact"'
    elif shape.line is not None:
        marks += f' w:line="{round(shape.line * 240)}" w:lineRule="auto"'
    return f"<w:spacing{marks}/>" if marks else ""


def properties(shape: Shape, section: str = "") -> str:
    """Return ``w:pPr``; ``section``: the section that ends with this paragraph."""
    parts = [
        f'<w:pStyle w:val="{shape.style}"/>' if shape.style else "",
        "<w:keepNext/>" if shape.keep_next else "",
        "<w:pageBreakBefore/>" if shape.break_before else "",
    ]
    if shape.top_rule:
        parts.append(f"<w:pBdr>{_border('top')}</w:pBdr>")
    elif shape.frame:
        parts.append(
            f"<w:pBdr>{''.join(_border(side, 8) for side in ('top', 'left', 'bottom', 'right'))}</w:pBdr>"
        )
    parts.append(_spacing(shape))
    indents = ""
    if shape.side_mm is not None:
        indents += f' w:left="{twips(shape.side_mm)}" w:right="{twips(shape.side_mm)}"'
    if shape.first_mm is not None:
        indents += f' w:firstLine="{twips(shape.first_mm)}"'
    if indents:
        parts.append(f"<w:ind{indents}/>")
    if shape.align is not None:
        parts.append(f'<w:jc w:val="{_JUSTIFY[shape.align]}"/>')
    parts.append(section)
    inside = "".join(parts)
    return f"<w:pPr>{inside}</w:pPr>" if inside else ""


def paragraph(inside: str, shape: Shape | None = None, section: str = "") -> str:
    """Return a paragraph around its runs."""
    return f"<w:p>{properties(shape or Shape(), section)}{inside}</w:p>"


def rule(length_mm: float, room_mm: float, *, after_pt: float = 0) -> str:
    """Return a solid rule ``length_mm`` long, centred in ``room_mm``: a thin paragraph with a line on top."""
    side = max(0.0, (room_mm - length_mm) / 2)
    shape = Shape(
        top_rule=True,
        side_mm=side,
        before_pt=3,
        after_pt=after_pt,
        line_exact_pt=4,
        align=Align.CENTRE,
        keep_next=True,
    )
    return paragraph("", shape)


def cell(inside: str, width: int) -> str:
    """Return a cell around its paragraphs; ``width`` in twips."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{inside}</w:tc>'


def row(cells: Iterable[str], *, repeat: bool = False, whole: bool = True) -> str:
    """Return a row; ``repeat`` at the top of every page, ``whole``: never broken over two pages."""
    marks = ("<w:cantSplit/>" if whole or repeat else "") + ("<w:tblHeader/>" if repeat else "")
    return f"<w:tr>{f'<w:trPr>{marks}</w:trPr>' if marks else ''}{''.join(cells)}</w:tr>"


def table(widths: Sequence[int], rows: Iterable[str], *, margin_mm: float, lines: bool = False) -> str:
    """Return a table with its widths fixed everywhere at once: in the grid, in the table, and by its cells.

    With the default grid some readers share the width out evenly and break "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" over
    two lines, the gravest format error there is.
    """
    style = '<w:tblStyle w:val="TableGrid"/>' if lines else ""
    margin = twips(margin_mm)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr>{style}<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="{margin}" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="04A0"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def field(instruction: str, size_pt: float) -> str:
    """Return a field such as ``PAGE``."""
    size = f'<w:rPr><w:sz w:val="{round(size_pt * 2)}"/><w:szCs w:val="{round(size_pt * 2)}"/></w:rPr>'
    parts = [f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end")]
    told = f'<w:instrText xml:space="preserve"> {instruction} </w:instrText>'
    return "".join(
        f"<w:r>{size}{inside}</w:r>" for inside in (parts[0], told, parts[1], "<w:t>1</w:t>", parts[2])
    )
