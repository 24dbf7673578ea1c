"""PDF, page by page, with PDFium.

The fast path takes a page's text in one call. Only a page whose text looks like an old Vietnamese font is read
again letter by letter with font names, and only a page with little or odd text is checked for a scanned image.
"""

import ctypes
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage, plain
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run, is_mixed, is_suspicious
from khcn.engines.text.syllables import plausible_share

_LETTERS: Final = re.compile(r"[^\W\d_]")
_ODD: Final = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0e-\x1f]")
_NO_LETTERS: Final = 24
# A digital signature drawn over a scanned page ("Người ký: ... Thời gian ký: ...") has 100-350 letters.
_FEW_LETTERS: Final = 400
_FULL_PAGE: Final = 0.55
_META: Final = {"Author": "author", "Creator": "creator", "Producer": "producer", "Subject": "subject",
                "Keywords": "keywords", "CreationDate": "created", "ModDate": "modified"}  # fmt: skip


class PdfExtractor:
    """Reads PDF files."""

    kinds = frozenset({"pdf"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        document = open_pdf(path)
        try:
            yield from self._pages(document, context)
        finally:
            document.close()

    def _pages(self, document: pdfium.PdfDocument, context: Context) -> Iterator[RawPage]:
        count = len(document)
        if count == 0:
            raise ExtractionError("corrupt", detail="no pages")
        _describe(document, context)
        limit = context.limits.max_pages
        if count > limit:
            context.warn("pages_truncated", total=count, limit=limit)
        context.total_pages = min(count, limit)
        failed = 0
        for index in range(context.total_pages):
            page = _page(document, index)
            if page is None:
                failed += 1
                context.warn_page("page_failed", index + 1)
                yield RawPage(index + 1, ())
                continue
            try:
                yield _read_page(page, index + 1, fonts=bool(context.options.get("capitals")))
            finally:
                page.close()
        if failed == context.total_pages:
            raise ExtractionError("corrupt", detail="no page could be read")


def open_pdf(path: Path) -> pdfium.PdfDocument:
    """Open a PDF. Raises ``ExtractionError`` ``encrypted`` or ``corrupt``."""
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise ExtractionError("encrypted") from error
        raise ExtractionError("corrupt", detail=str(error)) from error


@contextmanager
def open_page(path: Path, page: int) -> Iterator[pdfium.PdfPage]:
    """Open page ``page`` (from 1) of a PDF for as long as it is used. Raises ``ExtractionError``."""
    document = open_pdf(path)
    try:
        if not 1 <= page <= len(document):
            raise ExtractionError("no_page", page=page)
        try:
            sheet = document[page - 1]
        except pdfium.PdfiumError as error:
            raise ExtractionError("corrupt", detail=str(error)) from error
        yield sheet
    finally:
        document.close()


def _describe(document: pdfium.PdfDocument, context: Context) -> None:
    info = document.get_metadata_dict()
    context.title = info.get("Title", "").strip()
    context.metadata.update({name: info[key] for key, name in _META.items() if info.get(key)})
    attached = document.count_attachments()
    if attached:
        context.warn("attachments", count=attached)


def _page(document: pdfium.PdfDocument, index: int) -> pdfium.PdfPage | None:
    try:
        return document[index]
    except pdfium.PdfiumError:
        return None


def _read_page(page: pdfium.PdfPage, number: int, *, fonts: bool) -> RawPage:
    """Read one page. Fonts are asked for only where the letters alone do not tell the encoding, or ``fonts``."""
    textpage = page.get_textpage()
    try:
        text = _all_text(textpage)
        suspicious = is_suspicious(text)
        paragraphs: list[Paragraph] = [plain(text)]
        if suspicious and (fonts or is_mixed(text)):
            paragraphs = _runs(textpage)
        return RawPage(number, paragraphs, needs_ocr=_worthless(page, text), plain=not suspicious)
    finally:
        textpage.close()


def _all_text(textpage: pdfium.PdfTextPage) -> str:
    """The page's text. A word broken by PDFium's U+FFFE soft hyphen marker is joined again."""
    text: str = textpage.get_text_range(errors="ignore") if textpage.count_chars() > 0 else ""
    return text.replace("\ufffe\r\n", "").replace("\ufffe", "").replace("\r\n", "\n")


def _runs(textpage: pdfium.PdfTextPage) -> list[Paragraph]:
    """The page's text as lines of runs with font names, one library call a letter."""
    buffer = ctypes.create_string_buffer(256)
    flags = ctypes.c_int()
    fonts: dict[int, str] = {}
    lines: list[Paragraph] = []
    line: list[Run] = []
    letters: list[str] = []
    current = ""

    def close_run() -> None:
        if letters:
            line.append(Run("".join(letters), current))
            letters.clear()

    for index in range(textpage.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(textpage, index))
        if char == "\n":
            close_run()
            lines.append(tuple(line))
            line = []
            continue
        if char in "\r\ufffe":
            continue
        font = _font(textpage, index, fonts, buffer, flags) if not char.isspace() else current
        if font != current:
            close_run()
            current = font
        letters.append(char)
    close_run()
    lines.append(tuple(line))
    return lines


def _font(
    textpage: pdfium.PdfTextPage, index: int, fonts: dict[int, str], buffer: Any, flags: ctypes.c_int
) -> str:
    """The font name of one letter; the text object is asked once."""
    owner = ctypes.cast(raw.FPDFText_GetTextObject(textpage, index), ctypes.c_void_p).value or 0
    known = fonts.get(owner)
    if known is None or owner == 0:
        length = raw.FPDFText_GetFontInfo(textpage, index, buffer, len(buffer), ctypes.byref(flags))
        known = buffer.value.decode("utf-8", "replace") if 0 < length <= len(buffer) else ""
        fonts[owner] = known
    return known


def _worthless(page: pdfium.PdfPage, text: str) -> bool:
    """True when the page's meaning is in its picture and not in its text."""
    # Counting what is not ASCII is the cheap way to see that a page is full of Vietnamese.
    marked = len(text) - len(text.encode("ascii", "ignore"))
    odd = len(_ODD.findall(text)) if marked and _ODD.search(text) else 0
    if len(text) > 4 * _FEW_LETTERS and not odd and marked * 20 > len(text):
        return False
    letters = len(_LETTERS.findall(text))
    if letters >= _FEW_LETTERS:
        if odd > 0.1 * letters:
            return True
        if marked - odd > 0.05 * letters:
            return False
        # A hidden layer left by a scanner that read the page as English: a full image and words of no language.
        return plausible_share(text) < 0.5 and _picture_share(page) > _FULL_PAGE
    share = _picture_share(page)
    if letters < _NO_LETTERS:
        return share > 0.02 or _is_drawn(page)
    return share > _FULL_PAGE


def _picture_share(page: pdfium.PdfPage) -> float:
    """The share of the page that its largest image covers, 0..1."""
    width, height = page.get_size()
    area = max(1.0, width * height)
    largest = 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        try:
            left, bottom, right, top = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        largest = max(largest, (min(right, width) - max(left, 0)) * (min(top, height) - max(bottom, 0)))
    return float(largest / area)


def _is_drawn(page: pdfium.PdfPage) -> bool:
    """True when letters may be drawn as outlines: a page without text but with many paths."""
    paths = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4)
    return sum(1 for _ in itertools.islice(paths, 40)) == 40
