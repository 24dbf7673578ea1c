"""The data that passes between the stages of reading a document.

One document becomes one :class:`Extraction`: pages of clean Unicode text (NFC), each saying where its text came
from, and the notices a person has to see. Nothing here reads a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from khcn.engines.documents.messages import message_text

Source = Literal["text", "ocr"]
Encoding = Literal["unicode", "tcvn3", "vni", "viscii", "viqr", "vps", "mixed"]

Param = str | int | float


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page.

    ``number`` starts at 1. ``text`` is Unicode NFC without control characters other than tab and newline.
    ``encoding`` is what the page was written in before it was made Unicode. ``confidence`` (0..1) is the mean
    word confidence of OCR, weighted by word length; ``None`` for text that was read and not recognised.
    """

    number: int
    text: str
    source: Source = "text"
    encoding: Encoding = "unicode"
    confidence: float | None = None

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"a page number starts at 1, got {self.number}")
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence is between 0 and 1, got {self.confidence}")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know about a document that could be read.

    ``code`` is stable (see ``messages.WARNINGS``); ``pages`` are page numbers from 1, empty when the notice is
    about the whole document.
    """

    code: str
    pages: tuple[int, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Vietnamese sentence: what happened, why, what to do."""
        return message_text(self.code, self.params, self.pages)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a document says.

    ``kind`` is one of ``identify.KINDS``; ``title`` is the document's own title property, "" when it has none.
    ``metadata`` holds what the file says about itself (author, created, producer ... as text).
    """

    kind: str
    mime: str
    pages: tuple[PageText, ...]
    title: str = ""
    warnings: tuple[Notice, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All pages, separated by a form feed."""
        return "\f".join(page.text for page in self.pages)


class ExtractionError(Exception):
    """A document that cannot be read. ``code`` is one of ``messages.ERRORS``; ``message`` is for the person."""

    def __init__(self, code: str, /, *, detail: str = "", **params: Param) -> None:
        self.code = code
        self.params: dict[str, Param] = params
        self.detail = detail
        self.message = message_text(code, params, ())
        super().__init__(f"{code}: {detail}" if detail else code)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_error, (self.code, self.detail, self.params)


def _rebuild_error(code: str, detail: str, params: dict[str, Param]) -> ExtractionError:
    return ExtractionError(code, detail=detail, **params)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. Whatever exceeds a limit is refused or cut with a notice, never unbounded."""

    max_bytes: int = 512 * 1024 * 1024
    max_pages: int = 5_000
    max_seconds: float = 300.0
    max_memory: int = 1536 * 1024 * 1024
    max_unpacked_bytes: int = 1024 * 1024 * 1024
    max_ratio: float = 200.0
    max_page_chars: int = 200_000
    max_chars: int = 60_000_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"limit {name} must be positive, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How pages without usable text are recognised. ``jobs`` pages run at once (0 = one per core)."""

    enabled: bool = True
    languages: str = "vie"
    dpi: int = 200
    jobs: int = 0
    max_seconds_per_page: float = 60.0
    max_pages: int = 2_000
    low_confidence: float = 0.75
