"""Finding the parts of a document by what they say, wherever they stand: in tables, text boxes, tabbed columns, plain
paragraphs or the page header.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.closing_parts import find_closing
from khcn.core.papers.check.model import Doc, Para, Piece, is_upper
from khcn.core.papers.check.parts_found import Annex, Parts
from khcn.core.papers.check.text_parts import find_addressees, find_text
from khcn.core.papers.doctypes import LETTER, TYPES, DocumentType

_HEAD_PIECES: Final = 80
_NO_TITLE_PIECES: Final = 30
_LONG: Final = 220  # signs; a head's lines are shorter


def find_parts(doc: Doc) -> Parts:
    """Return the parts of a document."""
    parts = Parts()
    paras = [*_page_header(doc), *doc.paras]
    paras, annexes = _split_annexes(paras)
    parts.main, parts.annexes = paras, annexes
    pieces = [piece for para in paras if not para.drawn for piece in para.pieces]
    _fixed_phrases(parts, pieces)
    head = _head(parts, pieces)
    _numbers(parts, head)
    _subject(parts, head)
    _agencies(parts, head)
    parts.kind = _kind(parts)
    last = _last_of_head(parts)
    after = [piece for piece in pieces if _place(paras, piece.para) > last]
    if parts.title is not None:
        _abstract(parts, [piece for piece in pieces if _behind(pieces, parts.title, piece)])
        last = max([last, *(_place(paras, piece.para) for piece in [parts.title, *parts.abstract])])
        after = [piece for piece in pieces if _place(paras, piece.para) > last]
    used = find_addressees(parts, after)
    parts.kind = parts.kind or (LETTER if parts.addressed is not None and parts.title is None else None)
    find_closing(parts, [piece for piece in after if piece not in used])
    find_text(parts, paras, last, used)
    return parts


def _place(paras: Sequence[Para], para: Para) -> int:
    """Return a sorting key: paragraphs of the page header come before those of the body."""
    return para.number if para.story == "body" else para.number - 1_000_000


def _behind(pieces: Sequence[Piece], first: Piece, piece: Piece) -> bool:
    return (piece.para.number, piece.row, piece.column) > (first.para.number, first.row, first.column) and (
        piece.para.story == first.para.story
    )


def _page_header(doc: Doc) -> list[Para]:
    """Return the header of page 1 when it holds the national name: some put the whole head there."""
    section = doc.sections[0]
    name = section.parts.get("header-first" if section.title_page else "header-default", "")
    found = doc.margins.get(name, [])
    text = " ".join(para.text for para in found)
    return found if like.PHRASES["national"] in like.compact(text) else []


def _split_annexes(paras: list[Para]) -> tuple[list[Para], list[Annex]]:
    """Part the annexes from the document itself."""
    starts = []
    for index, para in enumerate(paras):
        if index < 5 or para.story != "body" or para.cell is not None:
            continue
        piece = para.pieces[0] if para.pieces else None
        if piece is None or len(piece.text) > _LONG:
            continue
        match = like.ANNEX_F.match(piece.folded)
        fresh = _fresh_page(paras, index)
        if (
            match
            and (piece.centred or fresh)
            and (match["number"] or not match["rest"] or is_upper(piece.text))
        ):
            starts.append((index, piece))
    annexes = []
    for place, (index, piece) in enumerate(starts):
        end = starts[place + 1][0] if place + 1 < len(starts) else len(paras)
        annex = Annex(piece, paras=paras[index:end])
        for para in annex.paras:
            if para.empty or para.drawn:
                continue
            if (
                para.cell is not None
                or (para.align != "center" and len(annex.head) > 0)
                or len(annex.head) > 6
            ):
                break
            annex.head += [other for other in para.pieces if other is not piece]
            if para.align != "center" and para is not piece.para:
                break
        annexes.append(annex)
    return paras[: starts[0][0]] if starts else paras, annexes


def _fresh_page(paras: list[Para], index: int) -> bool:
    if paras[index].props.get("break_before"):
        return True
    before = index - 1
    while before >= 0 and paras[before].empty:
        if paras[before].breaks or paras[before].props.get("ends_section"):
            return True
        before -= 1
    return before >= 0 and bool(paras[before].props.get("ends_section") or paras[before].breaks)


def container(piece: Piece) -> tuple[object, ...]:
    """Return what tells the cell or box of a piece from others."""
    para = piece.para
    if para.cell is not None:
        return ("cell", *para.cell.key)
    return ("box", para.box.number) if para.box is not None else ("page", para.story)


def _phrase(pieces: Sequence[Piece], phrase: str) -> list[Piece]:
    """Return the line that says a fixed phrase, or the lines over which it is broken."""
    early = pieces[:_HEAD_PIECES]
    for piece in early:
        if len(piece.text) < _LONG and like.says(piece.text, phrase):
            return [piece]
    for first, second in pairwise(early):
        together = like.compact(first.text + second.text)
        if (
            container(first) == container(second)
            and like.says(together, phrase)
            and len(together) < len(phrase) + 4
        ):
            return [first, second]
    return []


def _fixed_phrases(parts: Parts, pieces: list[Piece]) -> None:
    parts.national = _phrase(pieces, like.PHRASES["national"])
    parts.motto = _phrase(pieces, like.PHRASES["motto"])


def _head(parts: Parts, pieces: list[Piece]) -> list[Piece]:
    """Return the pieces before the type name (or the addressees), and find the type name."""
    fixed = [*parts.national, *parts.motto]
    taken = {container(piece) for piece in fixed if piece.para.cell or piece.para.box}
    taken |= {
        container(piece) for piece in pieces[:_HEAD_PIECES]
        if (piece.para.cell or piece.para.box) and like.number_in(piece.text)
    }  # fmt: skip
    for index, piece in enumerate(pieces[:_HEAD_PIECES]):
        if like.ADDRESSED_F.match(piece.folded) and piece.para.cell is None:
            return pieces[:index]
        found = None if container(piece) in taken or len(piece.text) > _LONG else like.type_of(piece)
        if found is not None:
            parts.title, (parts.kind, parts.title_rest) = piece, found
            return pieces[:index] + _behind_in_boxes(pieces, index)
    head = pieces[:_NO_TITLE_PIECES]
    tables = {piece.para.cell.table for piece in fixed if piece.para.cell}
    last = max((index for index, piece in enumerate(head) if _belongs(piece, fixed, tables)), default=-1)
    return head[: last + 1]


def _behind_in_boxes(pieces: list[Piece], index: int) -> list[Piece]:
    """Text boxes of the head may be anchored below the type name."""
    return [piece for piece in pieces[index + 1 : index + 20] if piece.para.box is not None]


def _belongs(piece: Piece, fixed: list[Piece], tables: set[int]) -> bool:
    """Return whether a piece of a document without type name belongs to its head."""
    if piece in fixed or (piece.para.cell is not None and piece.para.cell.table in tables):
        return True
    return bool(
        len(piece.text) < 90
        and (like.number_in(piece.text) or like.PLACE.match(piece.text) or like.SUBJECT.match(piece.text))
    )


def _numbers(parts: Parts, head: list[Piece]) -> None:
    for piece in head:
        if parts.number is None and len(piece.text) < 60 and like.number_in(piece.text):
            parts.number = piece
        elif (
            parts.place is None
            and len(piece.text) < 120
            and (like.PLACE.match(piece.text) or like.PLACE_SHORT.match(piece.text))
        ):
            parts.place = piece
        elif piece.folded in like.STAMPS | like.CIRCULATION:
            parts.stamps.append(piece)


def _subject(parts: Parts, head: list[Piece]) -> None:
    """Find "V/v ..." of an official letter and the lines on which it goes on."""
    if parts.title is not None:
        return
    for index, piece in enumerate(head):
        if like.SUBJECT.match(piece.text) and piece is not parts.number:
            parts.subject = [piece]
            for more in head[index + 1 :]:
                known = more in (parts.place, parts.number) or more in parts.stamps
                if (
                    container(more) != container(piece)
                    or known
                    or piece.para.cell is None
                    or more in parts.motto
                ):
                    break
                parts.subject.append(more)
            return


def _agencies(parts: Parts, head: list[Piece]) -> None:
    """Find the names of the agencies: above the number, beside the national name."""
    known = {id(piece) for piece in [*parts.national, *parts.motto, *parts.stamps, *parts.subject]}
    known |= {id(piece) for piece in (parts.number, parts.place) if piece is not None}
    free = [
        piece for piece in head
        if id(piece) not in known and piece.folded not in like.MARKS and len(piece.text) < _LONG
        and not piece.text.startswith("(") and any(sign.isalpha() for sign in piece.text)
    ]  # fmt: skip
    lines = _beside(parts, free)
    start = len(lines)
    for index, piece in enumerate(lines):
        if piece.every("bold"):
            start = index
            break
    if start == len(lines):  # nothing bold: the last name issues the document
        start = _last_name(lines)
    elif start == 0 and len(lines) > 1:  # all bold: a second name begins with a word for an agency
        start = next((i for i in range(1, len(lines)) if _new_name(lines[i])), 0)
    parts.parents, parts.agency = lines[:start], lines[start:]


def _new_name(piece: Piece) -> bool:
    return bool(like.AGENCY_F.match(piece.folded))


def _last_name(lines: list[Piece]) -> int:
    for index in range(len(lines) - 1, 0, -1):
        if _new_name(lines[index]):
            return index
    return 0


def _beside(parts: Parts, free: list[Piece]) -> list[Piece]:
    """Return the free lines of the head that stand where agencies do."""
    national = parts.national[0] if parts.national else None
    anchors = [piece for piece in (parts.number, national) if piece is not None]
    for anchor in anchors:
        if anchor.para.cell is None and anchor.para.box is None:
            continue
        if anchor.para.cell is not None:
            table, column = anchor.para.cell.table, anchor.para.cell.column
            same = [
                piece for piece in free
                if piece.para.cell and piece.para.cell.table == table
                and (piece.para.cell.column == column) == (anchor is parts.number)
            ]  # fmt: skip
        else:
            same = [
                p for p in free if p.para.box and (p.para.box is anchor.para.box) == (anchor is parts.number)
            ]
        if same:
            return same
    tabbed = [piece for piece in free if piece.tabbed and piece.column == 0]
    if tabbed:
        return tabbed
    limit = parts.number.para.number if parts.number is not None else 10**9
    return [
        piece for piece in free if piece.para.number <= limit and (is_upper(piece.text) or _new_name(piece))
    ]


def _kind(parts: Parts) -> DocumentType | None:
    if parts.kind is not None:
        return parts.kind
    if parts.subject:
        return LETTER
    match = like.number_in(parts.number.text) if parts.number is not None else None
    tail = (match["tail"] or "") if match else ""
    symbol = tail.lstrip("/ ").split("-")[0].strip() if tail.startswith("/") else ""
    return TYPES.get(symbol)


def _last_of_head(parts: Parts) -> int:
    pieces = [*parts.national, *parts.motto, *parts.parents, *parts.agency, *parts.subject, *parts.stamps]
    pieces += [piece for piece in (parts.number, parts.place) if piece is not None]
    return max((_place([], piece.para) for piece in pieces if piece.para.box is None), default=-2_000_000)


def _abstract(parts: Parts, pieces: list[Piece]) -> None:
    """Collect the lines of the abstract: centred (or bold) lines right under the type name."""
    title = parts.title
    if title is None:
        return
    if parts.title_rest:
        parts.abstract = [title]
        return
    before = title.para
    for piece in pieces:
        para = piece.para
        if para.box is not None:
            continue
        ended = like.BASIS_FIRST.match(piece.text) or like.ADDRESSED_F.match(piece.folded)
        marked = piece.centred or (
            piece.every("bold") and len(piece.text) < _LONG and not piece.text[0].isdecimal()
        )
        authority = is_upper(piece.text) and (like.POSITION_F.match(piece.folded) or parts.abstract)
        ruled = parts.abstract and (_rule_between(parts.main, before, para))
        if ended or not marked or authority or ruled or para.label:
            return
        if parts.abstract and para.number > before.number + 2:
            return
        parts.abstract.append(piece)
        before = para


def _rule_between(paras: Sequence[Para], first: Para, last: Para) -> bool:
    between = [
        para for para in paras if first.number < para.number < last.number and para.story == last.story
    ]
    return any(
        para.drawn or para.lines or para.props.get("border_top") or para.props.get("border_bottom")
        for para in between
    )
