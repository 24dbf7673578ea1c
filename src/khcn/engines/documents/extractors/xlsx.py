"""XLSX with openpyxl in read-only mode: a sheet is a page, a row is a line."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from khcn.engines.documents.extractors.base import Context, Paragraph, RawPage
from khcn.engines.documents.extractors.docx import core_properties
from khcn.engines.documents.package import open_package, read_part
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.legacy import Run


class XlsxExtractor:
    """Reads Excel files of 2007 and later: values as last computed, never formulas or macros."""

    kinds = frozenset({"xlsx"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        with open_package(path, context.limits) as package:  # checks sizes before openpyxl unpacks anything
            core_properties(read_part(package, "docProps/core.xml", context.limits), context)
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            raise ExtractionError("corrupt", detail=str(error)) from error
        try:
            for number, sheet in enumerate(book.worksheets, 1):
                sheet.reset_dimensions()
                yield RawPage(number, [(Run(sheet.title),), *_rows(sheet, context)])
        finally:
            book.close()


def _rows(sheet: Any, context: Context) -> Iterator[Paragraph]:
    length = 0
    for row in sheet.iter_rows():
        runs: list[Run] = []
        for cell in row:
            text = cell_text(cell.value)
            if not text:
                continue
            if runs:
                runs.append(Run("\t"))
            runs.append(Run(text, _font(cell) if not text.isascii() else ""))
            length += len(text)
        if runs:
            yield tuple(runs)
        if length > context.limits.max_chars:
            return


def _font(cell: Any) -> str:
    try:
        return str(cell.font.name or "")
    except (AttributeError, IndexError):
        return ""


def cell_text(value: object) -> str:
    """Return a cell's value as a reader expects it: dates dd/mm/yyyy, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%d/%m/%Y" if value.time() == dt.time() else "%d/%m/%Y %H:%M")
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    return str(value)
