"""One file to pages of clean Unicode text, inside the worker process.

1. identify by content; 2. refuse what cannot or must not be read; 3. extract; 4. decode old encodings; 5. cut
formats without pages; 6. clean and bound every page. OCR is done afterwards, page by page, by the caller's pool.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from khcn.engines.documents.extractors import READABLE_KINDS, extractor_for
from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.identify import Identity, identify
from khcn.engines.documents.messages import size_text
from khcn.engines.documents.paging import clean, cut
from khcn.engines.documents.types import Encoding, ExtractionError, Limits, Notice, PageText
from khcn.engines.text.legacy import LegacyDecoder, Run, is_suspicious, looks_undecoded

# Kinds whose pages are decoded as they come: they have real pages and may have thousands of them.
_STREAMED: Final = frozenset({"pdf", "png", "jpeg", "tiff", "webp"})
_LONG_SHEET: Final = 50_000
_SHEET_KINDS: Final = frozenset({"xlsx", "ods", "xls"})


@dataclass(slots=True)
class Reading:
    """A file being read: iterate :meth:`pages`, then look at the rest."""

    path: Path
    identity: Identity
    context: Context
    needs_ocr: list[int] = field(default_factory=list)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Everything noticed so far, whole-document notices first."""
        paged = [
            Notice(code, tuple(pages), self._page_params(code))
            for code, pages in self.context.page_notices.items()
        ]
        return (*self.identity.notices, *self.context.notices, *paged)

    def _page_params(self, code: str) -> dict[str, str | int | float]:
        return {"limit": self.context.limits.max_page_chars} if code == "page_truncated" else {}

    def pages(self) -> Iterator[PageText]:
        """Yield the pages in order. Raises ``ExtractionError``."""
        extractor = extractor_for(self.identity.kind)
        raw = extractor.extract(self.path, self.context)
        decoded = self._streamed(raw) if self.identity.kind in _STREAMED else self._whole(raw)
        total = 0
        for page in decoded:
            bounded = self._bounded(page)
            if not bounded.text.isascii() and looks_undecoded(bounded.text):
                self.context.warn_page("encoding_uncertain", bounded.number)
            total += len(bounded.text)
            yield bounded
            if total > self.context.limits.max_chars:
                self.context.warn_page("text_truncated", bounded.number + 1)
                return

    def _bounded(self, page: PageText) -> PageText:
        limit = self.context.limits.max_page_chars
        if len(page.text) <= limit:
            return page
        self.context.warn_page("page_truncated", page.number)
        return replace(page, text=page.text[:limit])

    def _streamed(self, raw: Iterator[RawPage]) -> Iterator[PageText]:
        decoder = LegacyDecoder(capitals=bool(self.context.options.get("capitals")))
        for page in raw:
            if page.needs_ocr:
                self.needs_ocr.append(page.number)
            lines, encoding = _decode_page(page, decoder)
            yield PageText(page.number, clean("\n".join(lines)), "text", encoding)

    def _whole(self, raw: Iterator[RawPage]) -> Iterator[PageText]:
        found = list(raw)
        decoder = LegacyDecoder(capitals=bool(self.context.options.get("capitals")))
        for page in found:
            decoder.learn(run for paragraph in page.paragraphs for run in paragraph)
        number = 0
        limit = self.context.limits.max_pages
        for page in found:
            if page.needs_ocr:
                number += 1
                self.needs_ocr.append(number)
                yield PageText(number, "", "text", "unicode")
                continue
            lines, encodings = _decode_lines(page.paragraphs, decoder)
            size = {"size": _LONG_SHEET} if self.identity.kind in _SHEET_KINDS else {}
            for group in cut(lines, **size):
                text = clean("\n".join(lines[index] for index in group))
                if not text and len(found) > 1 and self.identity.kind not in _SHEET_KINDS:
                    continue
                number += 1
                if number > limit:
                    self.context.warn_page("text_truncated", number)
                    return
                yield PageText(number, text, "text", _one_encoding(encodings[index] for index in group))
        if number == 0:
            yield PageText(1, "", "text", "unicode")


def _decode_page(page: RawPage, decoder: LegacyDecoder) -> tuple[list[str], Encoding]:
    """Fast path: a page that shows no sign of an old encoding is taken as it is."""
    texts = ["".join(run.text for run in paragraph) for paragraph in page.paragraphs]
    if page.plain or not is_suspicious("\n".join(texts)):
        return texts, "unicode"
    lines = [line for paragraph in page.paragraphs for line in _lines(paragraph)]
    decoder.learn(run for line in lines for run in line)
    decoded, encodings = _decode_lines(lines, decoder)
    return decoded, _one_encoding(iter(encodings))


def _lines(paragraph: Paragraph) -> Iterator[Paragraph]:
    """A paragraph of one run that holds many lines, line by line."""
    if len(paragraph) != 1 or "\n" not in paragraph[0].text:
        yield paragraph
        return
    for line in paragraph[0].text.split("\n"):
        yield (Run(line, paragraph[0].font),)


def _decode_lines(paragraphs: Any, decoder: LegacyDecoder) -> tuple[list[str], list[Encoding]]:
    texts: list[str] = []
    encodings: list[Encoding] = []
    for paragraph in paragraphs:
        decoded = decoder.decode(tuple(paragraph))
        texts.append(decoded.text)
        encodings.append(decoded.encoding)
    return texts, encodings


def _one_encoding(encodings: Iterator[Encoding]) -> Encoding:
    used = set(encodings) - {"unicode"}
    if not used:
        return "unicode"
    return used.pop() if len(used) == 1 else "mixed"


def read_file(
    path: Path,
    name: str,
    *,
    limits: Limits,
    scratch: Path,
    options: dict[str, Any],
) -> Reading:
    """Identify a file and return its reading. Raises ``ExtractionError`` for what cannot or must not be read."""
    identity = identify(path, name)
    if identity.size > limits.max_bytes:
        raise ExtractionError("too_large", size=size_text(identity.size), limit=size_text(limits.max_bytes))
    if identity.kind == "executable":
        raise ExtractionError("executable", type=identity.detail)
    if identity.kind == "zip":
        raise ExtractionError("corrupt" if identity.detail == "ZIP" else "archive")
    if identity.kind not in READABLE_KINDS:
        raise ExtractionError("unsupported", type=identity.detail or identity.kind)
    if identity.encrypted:
        raise ExtractionError("encrypted")
    context = Context(identity.kind, limits, scratch, options=options)
    return Reading(path, identity, context)
