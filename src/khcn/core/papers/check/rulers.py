"""The solid rules under the motto, the agency and the abstract: as borders, drawn lines, underlined words or lines of signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from khcn.core.papers.check.model import Doc, Line, Para, Piece
from khcn.core.papers.metrics import lines_of, width_mm

_SOLID_BORDERS: Final = frozenset({"single", "thick"})
_SOLID_SIGNS: Final = frozenset("_─━—")
_NEXT: Final = 3  # paragraphs below the text in which its rule may stand


@dataclass(frozen=True)
class Ruler:
    """What was found under a text: its length in mm (``None``: unknown), and whether it is solid."""

    length_mm: float | None
    solid: bool = True


def ruler_under(doc: Doc, pieces: Sequence[Piece], paras: Sequence[Para]) -> Ruler | None:
    """Return the rule under the last of ``pieces``; ``paras`` are those of the story in reading order."""
    if not pieces:
        return None
    last = pieces[-1].para
    own = _border(doc, last, "bottom")
    for piece in pieces:
        if own is None and piece.para.lines:
            own = _of(piece.para.lines)
    if own is None:
        own = _underlined(pieces)
    if own is None:
        own = _below(doc, pieces[-1], paras)
    if own is None and last.cell is not None and last.cell.border_bottom:
        own = Ruler(last.cell.width_mm)
    return own


def _of(lines: Sequence[Line]) -> Ruler:
    return Ruler(lines[0].length_mm, lines[0].solid)


def _border(doc: Doc, para: Para, side: str) -> Ruler | None:
    kind = para.props.get(f"border_{side}", "none")
    if kind in {"none", "nil"}:
        return None
    return Ruler(doc.room_mm(para), kind in _SOLID_BORDERS)


def _below(doc: Doc, piece: Piece, paras: Sequence[Para]) -> Ruler | None:
    """Look in the empty paragraphs right below, in the same cell, box or page; of tabbed lines in the same column."""
    last = piece.para
    start = next((index for index, para in enumerate(paras) if para is last), len(paras))
    seen = 0
    for para in paras[start + 1 :]:
        if para.box is not None and last.box is None:
            continue
        if not _under(last, para):
            if para.cell is not None and last.cell is not None and para.cell.table == last.cell.table:
                continue  # another column of the row
            break
        found = _border(doc, para, "top") or (_of(para.lines) if para.lines else None)
        if para.drawn:
            found = found or _signs(piece, para)
        elif para.empty:
            found = found or _border(doc, para, "bottom")
        seen += 1
        if found is not None or not para.empty or seen >= _NEXT:
            return found
    return None


def _under(last: Para, para: Para) -> bool:
    """Return whether a paragraph stands in the same cell, box or page, or in the cell right below."""
    if last.cell is None or para.cell is None:
        return last.cell is para.cell and last.box is para.box
    one, other = last.cell, para.cell
    return one.table == other.table and one.column == other.column and other.row in {one.row, one.row + 1}


def _signs(piece: Piece, para: Para) -> Ruler | None:
    """Return the rule that a line of signs makes."""
    mine = [other for other in para.pieces if not piece.tabbed or other.column == piece.column]
    if not mine:
        return None
    size = max((float(look["size"]) for look in mine[0].looks()), default=13.0)
    return Ruler(width_mm(mine[0].text, size), set(mine[0].text) <= _SOLID_SIGNS)


def _underlined(pieces: Sequence[Piece]) -> Ruler | None:
    spans = [span for piece in pieces for span in piece.spans if span.look.get("underline")]
    text = "".join(span.text for span in spans).strip()
    if not text:
        return None
    look = spans[0].look
    return Ruler(width_mm(text, float(look["size"]), bold=bool(look.get("bold"))))


def widest_mm(doc: Doc, pieces: Sequence[Piece]) -> tuple[float, float]:
    """Return the width of the longest and of the last line of a text, broken into lines as it is shown."""
    widths: list[float] = []
    for piece in pieces:
        look = next(piece.looks(), {"size": 13.0})
        size, bold, italic = float(look["size"]), bool(look.get("bold")), bool(look.get("italic"))
        room = doc.room_mm(piece.para) or 10_000.0
        for line in lines_of(piece.text, room, size, bold=bold, italic=italic):
            widths.append(width_mm(line, size, bold=bold, italic=italic))
    return (max(widths), widths[-1]) if widths else (0.0, 0.0)


def loose_lines(doc: Doc, used: Sequence[Piece]) -> list[Line]:
    """Return lines drawn near the head but anchored at no text of it: in empty paragraphs or at other lines."""
    mine = {id(piece.para) for piece in used}
    return [line for para in doc.paras[:40] for line in para.lines if id(para) not in mine]
