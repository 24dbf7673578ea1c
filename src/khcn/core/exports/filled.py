"""Templates that go down filled with what there is already."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from openpyxl import load_workbook

from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.exports.forms import FormColumn, template_workbook
from khcn.core.exports.tables import XLSX_TYPE


def filled_template(columns: Sequence[FormColumn], rows: Iterable[Mapping[str, Any]], *, title: str) -> bytes:
    """Return a template with ``rows`` (by column key) written into it; choices are written as people pick them."""
    book = load_workbook(io.BytesIO(template_workbook(columns, title=title)))
    sheet = book.worksheets[0]
    names = {column.key: {code: label for label, code in column.choices.items()} for column in columns}
    for number, row in enumerate(rows, start=2):
        for index, column in enumerate(columns, start=1):
            value = row.get(column.key)
            if value is None or value == "":
                continue
            value = names[column.key].get(str(value), value) if column.kind == "choice" else value
            cell = sheet.cell(number, index, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook_response(content: bytes, name: str) -> HttpResponse:
    """Return a workbook as a download."""
    response = HttpResponse(content, content_type=XLSX_TYPE)
    response["Content-Disposition"] = attachment(safe_filename(name, "xlsx"))
    return response
