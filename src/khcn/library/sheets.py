"""What is known of the pages of stored files besides their text: sizes, outline, places of words.

Kept in compressed files beside the pictures, made in the sandbox when first asked for. Nothing here asks who may
read: callers give pages of works that they have read through ``Work.objects.published_to(user)``.
"""

import json
import logging
import zlib
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import cache

from khcn.core.whole_files import write_whole
from khcn.engines.documents.positions import PageWords, pack, unpack
from khcn.engines.documents.sandbox import FileSheets, file_sheets, page_words
from khcn.engines.documents.tools import ocr_ready
from khcn.engines.documents.types import ExtractionError, Limits, OcrOptions, PageText
from khcn.library.enums import TextSource
from khcn.library.models import Page, WorkFile
from khcn.library.store import stored_path

logger = logging.getLogger(__name__)
_SECONDS: Final = 15.0
_OCR_SECONDS: Final = 30.0
# After a page could not be read, it is left alone for a while: a broken file must not cost a second on every view.
_REST_SECONDS: Final = 3600
_SHEETS_VERSION: Final = 1


def _folder(sha256: str) -> Path:
    return Path(settings.KHCN.files_dir) / "positions" / sha256[:2]


def words_path(sha256: str, page: int) -> Path:
    """Return where the places of the words of a page are kept."""
    return _folder(sha256) / f"{sha256}-{page}.z"


def words_keep(sha256: str, page: PageText, words: PageWords) -> None:
    """Keep what was known when a page was recognised."""
    write_whole(words_path(sha256, page.number), pack(words, page.text))


def kept_words(page: Page) -> PageWords | None:
    """Return the places of the words of a page if they are kept, and belong to its present text."""
    if page.file is None:
        return None
    try:
        data = words_path(page.file.sha256, page.file_page).read_bytes()
    except OSError:
        return None
    return unpack(data, page.text)


def is_quick(page: Page) -> bool:
    """Whether the words of a page can be placed while the reader waits: a PDF with text, not a scan."""
    return page.file is not None and page.file.kind == "pdf" and page.source == TextSource.TEXT


def words_of(page: Page, *, patient: bool = False) -> PageWords | None:
    """Return the places of the words of a page; made now when that is quick, or when the caller is ``patient``.

    ``None``: the page has no picture or no text, is a scan that nobody waited for yet, or could not be read.
    """
    kept = kept_words(page)
    if kept is not None or page.file is None or not page.file.has_thumbnail or not page.text.strip():
        return kept
    quick = is_quick(page)
    if not quick and not (patient and page.source == TextSource.OCR and ocr_ready("vie")):
        return None
    sha256, key = page.file.sha256, f"library.words.{page.file.sha256}.{page.file_page}"
    # One maker a page at a time, and none for a while after a failure.
    if not cache.add(key, "busy", _REST_SECONDS):
        return None
    try:
        words = page_words(
            stored_path(sha256),
            page.file_page,
            text=page.text,
            encoding=page.encoding,
            ocr=None if quick else OcrOptions(max_seconds_per_page=_OCR_SECONDS),
            limits=_limits(_SECONDS if quick else _OCR_SECONDS),
        )
        write_whole(words_path(sha256, page.file_page), pack(words, page.text))
    except (ExtractionError, OSError) as error:
        logger.info("The words of page %s of %s have no places (%s)", page.file_page, sha256, error)
        return None
    cache.delete(key)
    return words


def sheets_of(file: WorkFile) -> FileSheets:
    """Return sizes and outline of a file; nothing for what has no pictures or cannot be read."""
    if not file.has_thumbnail:
        return FileSheets(())
    path = _folder(file.sha256) / f"{file.sha256}-sheets.z"
    kept = _read_sheets(path)
    if kept is not None:
        return kept
    key = f"library.sheets.{file.sha256}"
    if cache.get(key):
        return FileSheets(())
    try:
        found = file_sheets(stored_path(file.sha256), limits=_limits(_SECONDS))
        data = {"v": _SHEETS_VERSION, "sizes": found.sizes, "outline": found.outline}
        write_whole(path, zlib.compress(json.dumps(data, ensure_ascii=False).encode(), 6))
    except (ExtractionError, OSError) as error:
        logger.info("The pages of %s have no sizes (%s)", file.sha256, error)
        cache.set(key, "failed", _REST_SECONDS)
        return FileSheets(())
    return found


def _limits(seconds: float) -> Limits:
    return Limits(max_seconds=seconds, max_memory=settings.KHCN.extract_memory_mb * 2**20)


def _read_sheets(path: Path) -> FileSheets | None:
    try:
        kept = json.loads(zlib.decompress(path.read_bytes()))
        if kept["v"] != _SHEETS_VERSION:
            return None
        sizes = tuple((float(wide), float(high)) for wide, high in kept["sizes"])
        outline = tuple((int(depth), str(title), int(page)) for depth, title, page in kept["outline"])
    except (OSError, zlib.error, ValueError, KeyError, TypeError):
        return None
    return FileSheets(sizes, outline)
