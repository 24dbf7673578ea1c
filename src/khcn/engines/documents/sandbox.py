"""The way in: read a document, or picture one of its pages, in a child process with limits.

>>> extraction = extract_file(Path("vanban.pdf"))          # doctest: +SKIP
>>> extraction.pages[0].text, extraction.warnings          # doctest: +SKIP
"""

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from khcn.engines.documents.identify import IMAGE_KINDS, identify
from khcn.engines.documents.messages import size_text
from khcn.engines.documents.paging import clean
from khcn.engines.documents.pool import Event, WorkerPool, available_cores, default_pool
from khcn.engines.documents.positions import Box, PageWords, Token, align
from khcn.engines.documents.tools import ocr_ready
from khcn.engines.documents.types import Extraction, ExtractionError, Limits, Notice, OcrOptions, PageText

Progress = Callable[[int, int | None], None]


def extract_file(
    path: Path,
    *,
    name: str | None = None,
    limits: Limits | None = None,
    ocr: OcrOptions | None = None,
    capitals: bool = False,
    progress: Progress | None = None,
    on_page: Callable[[PageText], None] | None = None,
    on_words: Callable[[PageText, PageWords], None] | None = None,
    pool: WorkerPool | None = None,
) -> Extraction:
    """Read the document at ``path``.

    ``name`` is the name the file came with (its ending is compared with the content). ``capitals`` writes text of
    old fonts that draw capitals only (``.VnTimeH``) in capitals instead of as typed. ``progress(done, total)`` is
    called about twice a second; ``total`` is ``None`` until known. ``on_page`` gets every page as soon as it is
    read, pages to be recognised by OCR again when that is done; ``on_words`` gets the
    places of the words of those. Raises ``ExtractionError``.
    """
    limits = limits or Limits()
    ocr = ocr or OcrOptions()
    pool = pool or default_pool()
    shown = name if name is not None else path.name
    # The same checks run in the child; here they save starting it for an empty or oversized file.
    size = identify(path, shown).size
    if size > limits.max_bytes:
        raise ExtractionError("too_large", size=size_text(size), limit=size_text(limits.max_bytes))
    reading = _Reading(progress, on_page, on_words)
    done = pool.run(
        "extract", path, limits=limits, name=shown, options={"capitals": capitals}, on_event=reading.event
    )
    recognised = _recognise(path, reading.pages, done, limits=limits, ocr=ocr, pool=pool, reading=reading)
    notices = [_notice(notice) for notice in done["notices"]]
    return _finished(done, recognised, notices)


def extract_bytes(data: bytes, name: str, **options: Any) -> Extraction:
    """Read a document held in memory; options as for :func:`extract_file`."""
    with tempfile.NamedTemporaryFile(prefix="khcn-") as file:
        file.write(data)
        file.flush()
        return extract_file(Path(file.name), name=name, **options)


def thumbnail_file(
    path: Path,
    *,
    page: int = 1,
    width: int = 480,
    image_format: str = "WEBP",
    limits: Limits | None = None,
    pool: WorkerPool | None = None,
) -> bytes:
    """Return a picture of one page (from 1) of a PDF or image, ``width`` pixels wide, as WebP, JPEG or PNG bytes.

    Raises ``ExtractionError``: ``no_preview`` for other kinds, ``no_page``, ``encrypted``, ``corrupt``, ``timeout``.
    """
    limits = limits or Limits(max_seconds=30.0)
    options = {"width": width, "image_format": image_format}
    done = (pool or default_pool()).run("render", path, limits=limits, page=page, options=options)
    import base64  # noqa: PLC0415

    return base64.b64decode(done["data"])


def page_words(
    path: Path,
    page: int,
    *,
    text: str,
    encoding: str = "unicode",
    ocr: OcrOptions | None = None,
    limits: Limits | None = None,
    pool: WorkerPool | None = None,
) -> PageWords:
    """Return where the words of ``text`` stand on page ``page`` (from 1) of a file.

    ``text`` and ``encoding`` are what :func:`extract_file` gave for the page. With ``ocr`` the page is recognised
    again (about a second), else the text of a PDF is used. Raises ``ExtractionError``.
    """
    pool = pool or default_pool()
    if ocr is None:
        done = pool.run("tokens", path, limits=limits or Limits(max_seconds=15.0), page=page)
    else:
        options = {"languages": ocr.languages, "dpi": ocr.dpi}
        seconds = ocr.max_seconds_per_page
        done = pool.run(
            "ocr_page", path, limits=limits or Limits(), seconds=seconds, options=options, page=page
        )
    return _words(done, text, encoding)


def _words(done: Event, text: str, encoding: str) -> PageWords:
    tokens = [
        Token(token, tuple((count, Box(*box)) for count, box in pieces)) for token, pieces in done["tokens"]
    ]
    width, height = done["size"]
    return PageWords(float(width), float(height), align(text, encoding, tokens))


@dataclass(frozen=True, slots=True)
class FileSheets:
    """``sizes``: width and height of each page, points in a PDF, pixels in an image (0, 0: not known).

    ``outline``: the bookmarks of a PDF as ``(depth from 0, title, page from 1)``.
    """

    sizes: tuple[tuple[float, float], ...]
    outline: tuple[tuple[int, str, int], ...] = ()


def file_sheets(path: Path, *, limits: Limits | None = None, pool: WorkerPool | None = None) -> FileSheets:
    """Return the sizes of all pages of a PDF or image file, and its outline. Raises ``ExtractionError``."""
    done = (pool or default_pool()).run("sheets", path, limits=limits or Limits(max_seconds=30.0))
    sizes = tuple((float(width), float(height)) for width, height in done["sizes"])
    return FileSheets(
        sizes, tuple((int(depth), str(title), int(page)) for depth, title, page in done["outline"])
    )


class _Reading:
    """Collects the events of one extraction."""

    def __init__(
        self,
        progress: Progress | None,
        on_page: Callable[[PageText], None] | None,
        on_words: Callable[[PageText, PageWords], None] | None,
    ) -> None:
        self.pages: list[PageText] = []
        self._progress = progress
        self.on_page = on_page
        self.on_words = on_words

    def event(self, event: Event) -> None:
        if event["event"] == "page":
            page = PageText(
                event["number"], event["text"], event["source"], event["encoding"], event["confidence"]
            )
            self.pages.append(page)
            if self.on_page:
                self.on_page(page)
        elif event["event"] == "progress":
            self.report(event["done"], event["total"])

    def report(self, done: int, total: int | None) -> None:
        if self._progress:
            self._progress(done, total)


@dataclass(slots=True)
class _Recognised:
    pages: list[PageText]
    notices: list[Notice]
    low: float


def _recognise(
    path: Path,
    pages: list[PageText],
    done: Event,
    *,
    limits: Limits,
    ocr: OcrOptions,
    pool: WorkerPool,
    reading: _Reading,
) -> _Recognised:
    """Recognise the pages that need it, several at once, and keep every page that could be read."""
    wanted: list[int] = list(done["needs_ocr"])
    result = _Recognised(pages, [], ocr.low_confidence)
    if not wanted:
        return result
    blocked = "ocr_off" if not ocr.enabled else "" if ocr_ready(ocr.languages) else "ocr_unavailable"
    if blocked:
        result.notices.append(Notice(blocked, tuple(wanted)))
        return result
    late = wanted[ocr.max_pages :]
    if late:
        result.notices.append(Notice("ocr_limit", tuple(late)))
    wanted = wanted[: ocr.max_pages]
    recognised, failed = _run_ocr(path, wanted, limits=limits, ocr=ocr, pool=pool, reading=reading)
    if failed:
        result.notices.append(Notice("ocr_failed", tuple(sorted(failed))))
    result.pages = [recognised.get(page.number, page) for page in pages]
    return result


def _run_ocr(
    path: Path, wanted: list[int], *, limits: Limits, ocr: OcrOptions, pool: WorkerPool, reading: _Reading
) -> tuple[dict[int, PageText], list[int]]:
    options = {"languages": ocr.languages, "dpi": ocr.dpi}

    def one(number: int) -> PageText | None:
        try:
            done = pool.run(
                "ocr_page",
                path,
                limits=limits,
                seconds=ocr.max_seconds_per_page,
                options=options,
                page=number,
            )
        except ExtractionError as error:
            if error.code == "disk_full":
                raise
            return None
        page = PageText(number, clean(done["text"]), "ocr", "unicode", done["confidence"])
        if reading.on_words:
            reading.on_words(page, _words(done, page.text, "unicode"))
        return page

    found: dict[int, PageText] = {}
    failed: list[int] = []
    with ThreadPoolExecutor(max_workers=min(ocr.jobs or available_cores(), len(wanted))) as threads:
        for count, (number, page) in enumerate(zip(wanted, threads.map(one, wanted), strict=True), 1):
            if page is None:
                failed.append(number)
            else:
                found[number] = page
                if reading.on_page:
                    reading.on_page(page)
            reading.report(count, len(wanted))
    return found, failed


def _notice(event: dict[str, Any]) -> Notice:
    return Notice(event["code"], tuple(event["pages"]), event["params"])


def _finished(done: Event, recognised: _Recognised, notices: list[Notice]) -> Extraction:
    pages = recognised.pages
    said = {page for notice in (*notices, *recognised.notices) for page in notice.pages}
    low = [
        page.number
        for page in pages
        if page.source == "ocr" and page.text and (page.confidence or 0.0) < recognised.low
    ]
    blank = [page.number for page in pages if not page.text.strip() and page.number not in said]
    extra: list[Notice] = []
    if low:
        extra.append(Notice("ocr_low", tuple(low)))
    if pages and all(not page.text.strip() for page in pages) and not said:
        extra.append(Notice("no_text"))
    elif blank and done["kind"] in {"pdf", *IMAGE_KINDS}:
        extra.append(Notice("page_empty", tuple(blank)))
    return Extraction(
        kind=done["kind"],
        mime=done["mime"],
        pages=tuple(pages),
        title=clean(str(done["title"])),
        warnings=_merged((*notices, *recognised.notices, *extra)),
        metadata={key: clean(str(value)) for key, value in done["metadata"].items()},
    )


def _merged(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """One notice a code; page numbers together."""
    by_code: dict[str, Notice] = {}
    for notice in notices:
        known = by_code.get(notice.code)
        pages = tuple(sorted({*(known.pages if known else ()), *notice.pages}))
        by_code[notice.code] = replace(known or notice, pages=pages)
    return tuple(by_code.values())
