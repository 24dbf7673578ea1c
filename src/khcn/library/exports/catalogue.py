"""Works as a catalogue that other programs read: MARC 21, MARCXML, and the spreadsheet that may come back."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import IO, Any, Final

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from khcn.core.exports.columns import Column, attachment, safe_filename
from khcn.core.exports.forms import template_workbook
from khcn.core.exports.tables import XLSX_TYPE, write_xlsx
from khcn.engines.records.marc import XML_TAIL, marc_bytes, marc_xml, to_marc, xml_head
from khcn.engines.records.types import Record
from khcn.library.imports.catalogue_columns import COLUMNS, cells_of, row_of
from khcn.library.models import Work
from khcn.library.selectors.records import agents, records_of

KINDS: Final = {"mrc": "application/marc", "xml": "application/marcxml+xml", "xlsx": XLSX_TYPE}
CHUNK: Final = 200
_IN_MEMORY: Final = 8 * 2**20


def _chunks(works: Any) -> Iterator[list[Work]]:
    """Yield works in the order of their numbers, a bounded number at a time, however many there are."""
    last = 0
    ordered = works.order_by("pk").defer("body", "extra")
    while found := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield found
        last = found[-1].pk


def _records(works: Any, user: Any) -> Iterator[tuple[Work, Record]]:
    for chunk in _chunks(works):
        yield from zip(chunk, records_of(chunk, user=user), strict=True)


def marc_stream(works: Any, user: Any) -> Iterator[bytes]:
    """Yield ISO 2709, one record at a time."""
    for _work, record in _records(works, user):
        yield marc_bytes(to_marc(record))


def marcxml_stream(works: Any, user: Any) -> Iterator[bytes]:
    """Yield a MARCXML document, one record at a time."""
    yield xml_head().encode()
    for _work, record in _records(works, user):
        yield (marc_xml(to_marc(record)) + "\n").encode()
    yield XML_TAIL.encode()


def _sheet_rows(works: Any, user: Any) -> Iterator[Sequence[Any]]:
    for work, record in _records(works, user):
        # As the work itself says it: an ORCID that only the authority knows would come back as a change.
        plain = replace(record, creators=agents(work.creators), contributors=agents(work.contributors))
        yield cells_of(row_of(plain, visibility=work.visibility))


def sheet_write(file: IO[bytes], works: Any, user: Any) -> int:
    """Write the spreadsheet; return the number of works."""
    columns = [Column(str(column.title), width=column.width) for column in COLUMNS]
    return write_xlsx(file, columns, _sheet_rows(works, user), title="Danh mục")


def catalogue_write(kind: str, file: IO[bytes], works: Any, user: Any) -> int:
    """Write works to a file in one of ``KINDS``; return how many."""
    if kind == "xlsx":
        return sheet_write(file, works, user)
    count = 0
    parts: Iterable[bytes] = marc_stream(works, user) if kind == "mrc" else marcxml_stream(works, user)
    for part in parts:
        file.write(part)
        count += 1
    return count if kind == "mrc" else max(0, count - 2)


def catalogue_response(kind: str, works: Any, user: Any, today: date) -> HttpResponseBase:
    """Return works as a download in one of ``KINDS``; MARC is streamed, the spreadsheet is made on disk."""
    response: HttpResponseBase
    if kind == "xlsx":
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the response closes it
        sheet_write(file, works, user)
        file.seek(0)
        response = FileResponse(file, content_type=XLSX_TYPE)
    else:
        stream = marc_stream(works, user) if kind == "mrc" else marcxml_stream(works, user)
        response = StreamingHttpResponse(stream, content_type=KINDS[kind])
    response["Content-Disposition"] = attachment(safe_filename(f"danh-muc-{today:%Y%m%d}", kind))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def empty_sheet() -> bytes:
    """Return the spreadsheet to fill in, with drop-downs and a page that explains each column."""
    return template_workbook(COLUMNS, title="Danh mục tài liệu: cách điền")
