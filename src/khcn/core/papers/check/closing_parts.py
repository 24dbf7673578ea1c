"""Finding what closes a document: who signs, in whose place, and who receives it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.model import Para, Piece, is_upper

if TYPE_CHECKING:
    from khcn.core.papers.check.parts_found import Parts

_DRAFTER: Final = re.compile(r"^[A-ZĐƯƠ][\wĐđ]{0,9}\.?\s*\(?\s*\d{1,4}\s*\)?\.?$")
_DASHES: Final = ("-", "–", "—", "•", "+", "*", "\uf0b7", "\uf02d")
_MOST_LINES: Final = 6
_TAIL: Final = 60  # pieces from the end among which a signature is looked for


@dataclass
class Signing:
    """One who signs: the lines above the signature, and the name under it."""

    lines: list[Piece] = field(default_factory=list)
    name: Piece | None = None

    @property
    def first(self) -> int:
        """The number of its first paragraph."""
        return self.lines[0].para.number


@dataclass
class Receivers:
    """ "Nơi nhận" and its lines; each line holds the pieces over which it runs."""

    label: Piece
    lines: list[list[Piece]] = field(default_factory=list)
    drafter: Piece | None = None


def find_closing(parts: "Parts", pieces: list[Piece]) -> None:
    """Find recipients and signatures among the pieces after the head."""
    label = next((piece for piece in reversed(pieces) if like.RECEIVERS_F.match(piece.folded)), None)
    used: set[int] = set()
    if label is not None:
        parts.receivers = _receivers(label, pieces)
        used = {id(label), *(id(piece) for line in parts.receivers.lines for piece in line)}
        if parts.receivers.drafter is not None:
            used.add(id(parts.receivers.drafter))
    free = [piece for piece in pieces if id(piece) not in used]
    groups = _beside_label(label, free) if label is not None else []
    found = [signing for signing in map(_signing, groups) if signing is not None]
    parts.signings = found or [
        signing for signing in map(_signing, _by_words(free, label)) if signing is not None
    ]


def _receivers(label: Piece, pieces: list[Piece]) -> Receivers:
    found = Receivers(label)
    after = pieces[pieces.index(label) + 1 :]
    mine = [piece for piece in after if _same_column(label, piece)]
    cell = label.para.cell
    if not mine and cell is not None:
        mine = [
            piece for piece in after
            if piece.para.cell and piece.para.cell.table == cell.table and piece.para.cell.column == cell.column
        ]  # fmt: skip
    for piece in mine:
        closed = bool(found.lines) and found.lines[-1][-1].text.endswith((";", "."))
        if _DRAFTER.match(piece.text) and not piece.text.startswith("-"):
            found.drafter = piece
            break
        loose = cell is None and label.para.box is None
        dashed = piece.text.startswith(_DASHES) or bool(piece.para.props.get("bulleted"))
        if loose and not dashed and (closed or not found.lines or max(piece.sizes, default=13) > 12.5):
            break
        if found.lines and not dashed and not closed:
            found.lines[-1].append(piece)
        else:
            found.lines.append([piece])
    return found


def _same_column(label: Piece, piece: Piece) -> bool:
    """Return whether a later piece stands under the label: in its cell or box, or at the left of a tabbed line."""
    one, other = label.para, piece.para
    if one.cell is not None or other.cell is not None:
        return one.cell is not None and other.cell is not None and one.cell.key == other.cell.key
    if one.box is not None or other.box is not None:
        return one.box is other.box
    return piece.column == 0 and other.text[:1] != "\t"


def _beside_label(label: Piece, pieces: list[Piece]) -> list[list[Piece]]:
    """Return the columns beside "Nơi nhận": other cells of its rows, or what stands behind tabs."""
    cell = label.para.cell
    if cell is not None:
        columns: dict[int, list[Piece]] = {}
        for piece in pieces:
            other = piece.para.cell
            if other and other.table == cell.table and other.column != cell.column and other.row >= cell.row:
                columns.setdefault(other.column, []).append(piece)
        return list(columns.values())
    tabbed = [piece for piece in pieces if piece.para.number >= label.para.number and _tab_side(piece)]
    return [tabbed] if tabbed else []


def _tab_side(piece: Piece) -> bool:
    return piece.para.cell is None and (piece.column > 0 or piece.para.text.startswith("\t"))


def _starts_signing(piece: Piece) -> bool:
    """Return whether a line can be the first above a signature."""
    if len(piece.text) > 90 or piece.text.endswith((";", ":")):
        return False
    mode = like.MODE.match(piece.text)
    if mode and (mode["dot"].strip() or is_upper(mode["mode"])):
        return bool(is_upper(piece.text) or piece.every("bold") or piece.para.align != "both")
    return bool(like.POSITION_F.match(piece.folded)) and (is_upper(piece.text) or piece.every("bold"))


def _by_words(pieces: list[Piece], label: Piece | None) -> list[list[Piece]]:
    """Find the signature by its words alone, near the end; a row of cells may hold several."""
    tail = pieces[-_TAIL:]
    if label is None and tail and len(tail) == len(pieces):
        tail = tail[1:] if len(tail) > 1 else tail
    last_text = max((index for index, piece in enumerate(tail) if _is_text(piece)), default=-1)
    for index, piece in enumerate(tail):
        if index <= last_text or not _starts_signing(piece):
            continue
        cell = piece.para.cell
        if cell is not None:
            columns: dict[int, list[Piece]] = {}
            for other in tail[index:]:
                if other.para.cell and other.para.cell.table == cell.table:
                    columns.setdefault(other.para.cell.column, []).append(other)
            return list(columns.values())
        if piece.tabbed:
            columns = {}
            for other in tail[index:]:
                if other.para.cell is None:
                    columns.setdefault(other.column if other.tabbed else piece.column, []).append(other)
            return list(columns.values())
        return [[other for other in tail[index:] if _with(piece, other)]]
    return []


def _with(first: Piece, piece: Piece) -> bool:
    if first.para.box is not None or piece.para.box is not None:
        return first.para.box is piece.para.box
    return piece.para.cell is None


def _is_text(piece: Piece) -> bool:
    """Return whether a piece is running text, behind which only a signature can come."""
    return len(piece.text) > 120 and piece.para.cell is None


def _signing(pieces: Sequence[Piece]) -> Signing | None:
    """Read one column: authority and position first, the name last."""
    kept = [
        piece
        for piece in pieces
        if not piece.text.startswith("(") and not like.RECEIVERS_F.match(piece.folded)
    ]
    while kept and not _starts_signing(kept[0]) and not _upper_bold(kept[0]):
        kept = kept[1:]
    if not kept or not (_starts_signing(kept[0]) or _upper_bold(kept[0])):
        return None
    found = Signing()
    before: Para | None = None
    for piece in kept:
        gap = piece.para.number - before.number if before is not None else 0
        named = bool(found.lines) and like.is_name(piece.text) and not _starts_signing(piece)
        if found.lines and (
            gap > 2 or (named and not is_upper(piece.text)) or len(found.lines) >= _MOST_LINES
        ):
            if like.is_name(piece.text) or (gap > 2 and _like_name(piece.text)):
                found.name = piece
                break
            if gap > 2:
                break
        if len(piece.text) > 90:
            break
        found.lines.append(piece)
        before = piece.para
    return found


def _like_name(text: str) -> bool:
    """Return whether a text under the room for the signature can only be a name, however it is written."""
    words = text.split()
    return 2 <= len(words) <= 6 and all(word.isalpha() for word in words)


def _upper_bold(piece: Piece) -> bool:
    return is_upper(piece.text) and piece.every("bold") and len(piece.text) < 90
