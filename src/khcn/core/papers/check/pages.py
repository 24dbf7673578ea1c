"""How many pages a document has, as well as it can be told without laying it out."""

import math
from typing import Final

from khcn.core.papers.check.model import Doc, Para
from khcn.core.papers.metrics import width_mm

_POINTS_PER_MM: Final = 72 / 25.4
_LINE: Final = 1.15  # height of a single line of Times New Roman, in sizes


def pages_of(doc: Doc) -> float:
    """Return the pages: certain ones where breaks or the program that wrote the file tell, else an estimate."""
    certain = 1 + sum(para.breaks + bool(para.props.get("break_before")) for para in doc.paras[1:])
    certain += sum(not section.continuous for section in doc.sections[1:])
    certain = max(certain, doc.rendered_breaks + 1, doc.told_pages or 1)
    return certain if certain > 1 else max(1.0, _estimate(doc))


def _estimate(doc: Doc) -> float:
    """Return the height of all paragraphs over the height of a page; cells of a row count once."""
    total = 0.0
    rows: dict[tuple[int, int], dict[int, float]] = {}
    for para in doc.paras:
        high = _high_mm(doc, para)
        if para.cell is not None:
            row = rows.setdefault((para.cell.table, para.cell.row), {})
            row[para.cell.column] = row.get(para.cell.column, 0.0) + high
        elif para.box is None:
            total += high
    total += sum(max(row.values()) for row in rows.values())
    pages = total / doc.sections[0].high_mm
    return 2.0 if pages > 1.03 else 1.0


def _high_mm(doc: Doc, para: Para) -> float:
    size = max((float(span.look["size"]) for span in para.spans if span.text.strip()), default=13.0)
    wide = sum(width_mm(span.text, float(span.look["size"])) for span in para.spans)
    lines = max(1, math.ceil(wide / (doc.room_mm(para) or 165.0))) + para.text.count("\n")
    return (lines * line_pt(para, size) + para.prop("before") + para.prop("after")) / _POINTS_PER_MM


def line_pt(para: Para, size: float) -> float:
    """Return the height of a line in points."""
    line, kind = para.prop("line"), para.props.get("line_rule", "auto")
    single = size * _LINE
    if not line:
        return single
    if kind == "exact":
        return line / 20
    return max(single, line / 20) if kind == "atLeast" else single * line / 240
