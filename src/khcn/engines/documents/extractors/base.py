"""What an extractor is: one file per format behind one Protocol, found by the registry beside it.

An extractor yields :class:`RawPage` objects: paragraphs made of runs that keep the font name, because for old
Vietnamese files the font is what tells the encoding. Decoding, cutting into pages and OCR happen after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from khcn.engines.documents.types import Limits, Notice
from khcn.engines.text.legacy import Run

Paragraph = Sequence[Run]


class RawPage(NamedTuple):
    """One page as it was found. ``number`` 0 means "the format has no pages: cut me".

    ``plain``: the extractor has looked and found nothing but Unicode.
    """

    number: int
    paragraphs: Sequence[Paragraph]
    needs_ocr: bool = False
    plain: bool = False


@dataclass(slots=True)
class Context:
    """What an extractor is given beside the file, and where it leaves what it noticed."""

    kind: str
    limits: Limits
    scratch: Path
    options: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    page_notices: dict[str, list[int]] = field(default_factory=dict)
    total_pages: int | None = None

    def warn(self, code: str, **params: str | int | float) -> None:
        """Note something about the whole document, once."""
        if all(notice.code != code for notice in self.notices):
            self.notices.append(Notice(code, (), params))

    def warn_page(self, code: str, page: int) -> None:
        """Note something about one page; pages with the same code become one notice."""
        self.page_notices.setdefault(code, []).append(page)


class Extractor(Protocol):
    """Reads one or several kinds of documents."""

    kinds: frozenset[str]

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        """Yield the pages of the file in order. Raises ``ExtractionError``."""
        ...


def plain(text: str, font: str = "") -> tuple[Run, ...]:
    """Return a paragraph of one run."""
    return (Run(text, font),)
