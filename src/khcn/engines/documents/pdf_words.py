"""The tokens of a PDF page with their boxes, and the sizes and outline of a file. Runs inside the worker."""

import ctypes
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from khcn.engines.documents.extractors.pdf import open_page, open_pdf
from khcn.engines.documents.identify import IMAGE_KINDS, identify
from khcn.engines.documents.positions import MAX_TOKENS, SCALE, Box, Token
from khcn.engines.documents.render import open_picture, picture_frame
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import decode_text

MAX_CHARS: Final = 100_000
MAX_OUTLINE: Final = 500
_SOFT_BREAK: Final = "\ufffe"  # PDFium's sign for a word that goes on in the next line
_TITLE: Final = 200


class Tokens(NamedTuple):
    """The tokens of a page in reading order; ``width`` and ``height`` of the page as it is shown, in points."""

    width: float
    height: float
    tokens: list[Token]


class Sheets(NamedTuple):
    """``sizes``: width and height of each page; ``outline``: ``(depth from 0, title, page from 1)``."""

    sizes: list[tuple[float, float]]
    outline: list[tuple[int, str, int]]


def pdf_tokens(path: Path, page: int) -> Tokens:
    """Return the tokens of page ``page`` (from 1) of a PDF. Raises ``ExtractionError``."""
    with open_page(path, page) as sheet:
        width, height = sheet.get_size()
        textpage = sheet.get_textpage()
        try:
            tokens = list(_tokens(_letters(sheet, textpage)))
        finally:
            textpage.close()
        return Tokens(width, height, tokens)


def _letters(sheet: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> Iterator[tuple[str, Box | None]]:
    """Yield each letter of the page with its box on the page as it is shown (turned and cropped)."""
    frame = raw.FS_RECTF()
    x, y = ctypes.c_int(), ctypes.c_int()

    def on_picture(left: float, top: float) -> tuple[int, int]:
        raw.FPDF_PageToDevice(sheet, 0, 0, SCALE, SCALE, 0, left, top, ctypes.byref(x), ctypes.byref(y))
        return min(SCALE, max(0, x.value)), min(SCALE, max(0, y.value))

    for index in range(min(textpage.count_chars(), MAX_CHARS)):
        letter = chr(raw.FPDFText_GetUnicode(textpage, index) or 0xFFFD)
        if letter.isspace() or letter == _SOFT_BREAK:
            yield letter, None
            continue
        if not raw.FPDFText_GetLooseCharBox(textpage, index, frame) or not _sound(frame):
            yield letter, None
            continue
        first, second = on_picture(frame.left, frame.top), on_picture(frame.right, frame.bottom)
        yield (
            letter,
            Box(
                min(first[0], second[0]),
                min(first[1], second[1]),
                max(first[0], second[0]),
                max(first[1], second[1]),
            ),
        )


def _sound(frame: Any) -> bool:
    sides = (frame.left, frame.top, frame.right, frame.bottom)
    return all(math.isfinite(side) and abs(side) < 1e7 for side in sides)


def _tokens(letters: Iterator[tuple[str, Box | None]]) -> Iterator[Token]:
    """Join letters to tokens. A word that a line end breaks stays one token of two pieces."""
    text: list[str] = []
    pieces: list[tuple[int, Box]] = []
    broken = False
    made = 0
    for letter, box in letters:
        if letter == _SOFT_BREAK:
            broken = True
            continue
        if letter.isspace():
            if broken and letter in "\r\n":
                broken = letter == "\r"
                continue
            if text and pieces:
                made += 1
                yield Token("".join(text), tuple(pieces))
            text, pieces, broken = [], [], False
            if made >= MAX_TOKENS:
                return
            continue
        _add(text, pieces, letter, box)
    if text and pieces:
        yield Token("".join(text), tuple(pieces))


def _add(text: list[str], pieces: list[tuple[int, Box]], letter: str, box: Box | None) -> None:
    """Add a letter to a token: to its last piece, or as a new one at a sign of punctuation or in a new line."""
    joins = bool(pieces) and (box is None or _goes_on(text[-1], pieces[-1][1], letter, box))
    if joins:
        count, known = pieces[-1]
        pieces[-1] = (count + 1, known if box is None else known.joined(box))
    elif box is not None:
        # Letters before it without a place of their own share this one.
        pieces.append((len(text) + 1 - sum(count for count, _ in pieces), box))
    text.append(letter)


def _goes_on(last: str, known: Box, letter: str, box: Box) -> bool:
    return last.isalnum() == letter.isalnum() and box.top < known.bottom and box.bottom > known.top


def sheets(path: Path, limit: int) -> Sheets:
    """Return sizes and outline of a PDF or image file, at most ``limit`` pages. Raises ``ExtractionError``."""
    kind = identify(path).kind
    if kind in IMAGE_KINDS:
        return Sheets(_frames(path, limit), [])
    if kind != "pdf":
        raise ExtractionError("no_preview")
    document = open_pdf(path)
    try:
        count = min(len(document), limit)
        return Sheets([_size(document, index) for index in range(count)], _outline(document, count))
    finally:
        document.close()


def _size(document: pdfium.PdfDocument, index: int) -> tuple[float, float]:
    try:
        width, height = document.get_page_size(index)
    except pdfium.PdfiumError:
        return 0.0, 0.0
    return round(float(width), 3), round(float(height), 3)


def _frames(path: Path, limit: int) -> list[tuple[float, float]]:
    count = min(getattr(open_picture(path), "n_frames", 1), limit)
    return [
        (float(wide), float(high)) for wide, high in (picture_frame(path, page + 1) for page in range(count))
    ]


def _outline(document: pdfium.PdfDocument, count: int) -> list[tuple[int, str, int]]:
    """Return the bookmarks that lead to a page of the file; titles may be in an old encoding."""
    found: list[tuple[int, str, int]] = []
    try:
        for mark in document.get_toc(max_depth=5):
            target = mark.get_dest()
            page = target.get_index() if target else None
            title = " ".join(decode_text(mark.get_title()).text.split())[:_TITLE]
            if page is not None and 0 <= page < count and title:
                found.append((mark.level, title, page + 1))
            if len(found) >= MAX_OUTLINE:
                break
    except (pdfium.PdfiumError, ValueError):
        return found
    return found
