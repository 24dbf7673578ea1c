"""The first page taken apart: national heading, number, place and date, and the other lines in reading order.

The two columns of a header arrive side by side (wide gaps, tabs, "|"), one after the other, or run together
on one line; so each line is split into cells, and each known element is cut out of its cell wherever it
stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.legal.dates import DATE, date_of
from khcn.engines.text.legal.types import TYPE_PATTERN
from khcn.engines.text.numbers import DocumentNumber, parse_document_number

MAX_HEAD_LINES: Final = 80
_MAX_CELL: Final = 300


class Part(Enum):
    """What a piece of the head is."""

    HEADING = "heading"  # quốc hiệu, tiêu ngữ, or the Party's name
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    GAP = "gap"  # a blank line or a rule


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the head in reading order."""

    part: Part
    text: str = ""
    number: DocumentNumber | None = None
    notation: str = ""
    issued_on: date | None = None
    place: str = ""


_CELLS = re.compile(r"\t+|\s{3,}|\s*\|+\s*")
_MARKUP = re.compile(
    r"\*\*|__|(?<![\w*])\*(?=\w)|(?<=[\w.,])\*(?![\w*])|^#+\s|^>+\s|</?\w+[^>]{0,40}>|\\(?=[.\-#*_])",
    re.MULTILINE,
)
_DOTS = re.compile(r"[.…_]{2,}|…")
_GLUED = re.compile(r"\b(Quận|QUẬN|Phường|PHƯỜNG)(?=\d)")  # OCR: "QUẬN7"
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"\u00a0": " ", "\u200b": "", "\ufeff": "", "\r": ""})

_HEADING = re.compile(
    r"c.ng\s*h.a\s*xa\s*h.i\s*ch.\s*nghia(?:\s*vi.t)?(?:\s*nam)?|"
    r"d.c\s*l.p\s*[-.~]?\s*t.\s*do\s*[-.~]?\s*h.nh\s*phuc|"
    r"^\W*dang\s+cong\s+san\s+viet\s+nam\W*$"
)
# Wide gaps inside a date or a number, which part no columns.
_INNER_GAP = re.compile(
    r"(?:(?<=ngay)|(?<=thang))\s{2,}(?=\d|thang|nam)|(?<=\bnam)\s{2,}(?=\d{4})|(?<=\d)\s{2,}(?=thang|nam)|"
    r"(?:(?<=\bso)|(?<=\bso:)|(?<=\bso :))\s{2,}(?=[\d/:])|(?<=\d)\s{2,}(?=/\s*[^\W_])|(?<=/)\s{2,}(?=[^\W_])"
)
_OPEN_DATE = re.compile(r"\bngay\s*\d{0,2}\s*(?:thang\s*\d{0,2}\s*)?(?:nam\s*)?$")
_DATE_GOES_ON = re.compile(r"^\s*(?:\d{1,2}\s*)?(?:thang|nam)\b|^\s*\d{4}\b")
_PLACE_DATE = re.compile(rf"(?:^|(?<=[^\n]))(?P<place>[^\n,;:]{{2,80}}?)\s*[,.;]\s*(?=ngay){DATE}")
_DRAFT_DATE = re.compile(
    r"(?P<place>[^\n,;:]{2,80}?)\s*,\s*ngay[\s.…]*\d{0,2}[\s.…]*thang[\s.…]*\d{0,2}[\s.…]*nam[\s.…]*\d{0,4}"
)
_PART = r"[^\W\d_][\w&]{0,11}"
_NUMBER = re.compile(
    r"(?<![^\W_])s[o6]\s*(?:hieu\s*)?[:;.]?\s*"
    r"(?P<number>[\dlio]{0,6}[a-d]?)\s*(?:/\s*(?P<year>(?:19|20)\d\d))?\s*(?P<sep>[/-]|\s)\s*"
    rf"(?P<notation>{_PART}(?:\s?[-/.]\s?{_PART}){{0,4}})"
)
_CITED = re.compile(rf"(?:{TYPE_PATTERN}|cong van|van ban|to trinh|den|ngay|mau|bieu|phu luc)\s*$")
_OWN_LAW = re.compile(r"^\W*(?:luat|bo luat|phap lenh|nghi quyet)\s*$")
_MISREAD = str.maketrans("lioLIO", "110110")


def clean_lines(page: str) -> list[str]:
    """Return the lines of a page: NFC, one kind of dash and space, no Markdown, broken dates joined."""
    text = _DOTS.sub(" ", _MARKUP.sub("", normalize(page).translate(_DASHES)))
    text = _GLUED.sub(r"\1 ", text)
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and _breaks_date(lines[-1], line):
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    return lines


def _breaks_date(line: str, following: str) -> bool:
    """Tell whether a date broken at the page's edge goes on in the following line."""
    end = line.rstrip()[-5:].lower()
    if not end or not (end[-1].isdigit() or end.endswith(("ngày", "tháng", "năm", "ngay", "thang", "nam"))):
        return False
    return bool(_OPEN_DATE.search(fold(line[-60:]).rstrip()) and _DATE_GOES_ON.match(fold(following[:40])))


def fold_lines(lines: Sequence[str]) -> list[str]:
    """Fold many lines at once: far quicker than one by one."""
    return fold("\n".join(lines)).split("\n")


def cells_of(line: str) -> list[str]:
    """Split a line into the cells of its columns: three spaces, tabs or bars part them, but not inside a
    date."""
    if not line.strip():
        return []
    squeezed: list[str] = []
    at = 0
    for match in _INNER_GAP.finditer(fold(line)):
        squeezed += [line[at : match.start()], " "]
        at = match.end()
    squeezed.append(line[at:])
    cells = (" ".join(part.split()) for part in _CELLS.split("".join(squeezed)))
    return [cell for cell in cells if cell]


def _own_number(cell: str, folded: str) -> tuple[re.Match[str], Piece] | None:
    """Return the document's own number in a cell: after "Số", and not the number of a document cited."""
    for match in _NUMBER.finditer(folded):
        before = folded[: match.start()]
        if _CITED.search(before) and not _OWN_LAW.match(before):
            continue
        notation = cell[match.start("notation") : match.end("notation")]
        if "/" not in match["sep"] and "/" not in notation and not match["year"]:
            continue
        digits = cell[match.start("number") : match.end("number")].translate(_MISREAD)
        year = f"/{match['year']}" if match["year"] else ""
        separator = match["sep"].strip() or ("/" if year else " ")
        number = parse_document_number(f"{digits}{year}{separator}{notation}") if digits else None
        return match, Piece(
            Part.NUMBER, cell[match.start() : match.end()], number=number, notation="".join(notation.split())
        )
    return None


def _place_of(text: str) -> tuple[str, str]:
    """Split what stands before ", ngày ..." into the place (its last capitalised words) and the rest."""
    words = text.split()
    at = len(words)
    while at > 0 and (words[at - 1][0].isupper() or words[at - 1].isdigit()):
        at -= 1
    if at == len(words):  # an old font's small letters, or "hà nội"
        return (text.strip(), "") if len(words) <= 3 else ("", text)
    if (words[at:] and words[at].isdigit() and at > 0) or (
        at > 0 and fold(words[at - 1]) in ("tp.", "tp", "quan", "tinh", "huyen", "phuong", "xa")
    ):
        at -= 1
    elif at > 1 and fold(" ".join(words[at - 2 : at])) in ("thanh pho", "thi xa", "thi tran"):
        at -= 2
    return " ".join(words[at:]), " ".join(words[:at])


def _pieces_of_cell(cell: str) -> Iterator[Piece]:
    if len(cell) > _MAX_CELL:  # running text, never a header
        yield Piece(Part.TEXT, cell)
        return
    folded = fold(cell)
    heading = _HEADING.search(folded)
    if heading:
        yield from _pieces_of_text(cell[: heading.start()])
        yield Piece(Part.HEADING, heading.group())
        yield from _pieces_of_text(cell[heading.end() :])
        return
    own = _own_number(cell, folded)
    if own:
        match, piece = own
        if not _OWN_LAW.match(folded[: match.start()]):  # "Luật số: ..." names no type line
            yield from _pieces_of_text(cell[: match.start()])
        yield piece
        yield from _pieces_of_cell(cell[match.end() :])
        return
    dated = _PLACE_DATE.search(folded)
    draft = None if dated else _DRAFT_DATE.search(folded)
    found = dated or draft
    if found:
        place, rest = _place_of(cell[: found.end("place")])
        if place:
            yield from _pieces_of_text(rest)
            day = date_of(dated) if dated else None
            yield Piece(Part.DATE, cell[found.start() : found.end()], issued_on=day, place=place)
            yield from _pieces_of_text(cell[found.end() :])
            return
    yield from _pieces_of_text(cell)


def _pieces_of_text(text: str) -> Iterator[Piece]:
    stripped = text.strip(" *|_~=-:")
    if _LETTERS.search(stripped):
        number = parse_document_number(stripped) if stripped[0].isdigit() else None
        if number and number.type_code and "/" in number.full:
            yield Piece(Part.NUMBER, stripped, number=number, notation=number.code_notation)
        else:
            yield Piece(Part.TEXT, text.strip(" *|_~="))
    elif stripped or text.strip():
        yield Piece(Part.GAP)


def read_head(lines: Sequence[str]) -> list[Piece]:
    """Return the pieces of the first lines of a page in reading order."""
    pieces: list[Piece] = []
    for line in lines[:MAX_HEAD_LINES]:
        cells = cells_of(line)
        if not cells:
            pieces.append(Piece(Part.GAP))
        for cell in cells:
            pieces.extend(_pieces_of_cell(cell))
    return pieces
