"""Check any DOCX against Decree 30/2020/NĐ-CP, annex I: which rules it keeps, which it breaks, and where."""

from typing import Final

from khcn.core.papers.check.book import Book, Conformance, Finding
from khcn.core.papers.check.layout import find_parts
from khcn.core.papers.check.package import UnreadableError, open_package
from khcn.core.papers.check.reading import Reader
from khcn.core.papers.check.rules_close import check_close
from khcn.core.papers.check.rules_head import check_head
from khcn.core.papers.check.rules_opening import check_opening
from khcn.core.papers.check.rules_page import check_page
from khcn.core.papers.check.rules_text import check_text

__all__ = ["Conformance", "Finding", "UnreadableError", "check_document"]

SEVERITIES: Final = ("grave", "error", "minor")


def check_document(docx: bytes) -> Conformance:
    """Return the rules that a DOCX keeps and breaks; those that its type does not ask for are "not applicable".

    :raises UnreadableError: it is no DOCX, locked, broken, holds macros, or is harmful or too large.
    """
    doc = Reader(open_package(docx)).read()
    parts = find_parts(doc)
    book = Book()
    check_page(doc, parts, book)
    check_head(doc, parts, book)
    check_opening(doc, parts, book)
    check_text(doc, parts, book)
    check_close(doc, parts, book)
    return book.closed(parts.kind)
