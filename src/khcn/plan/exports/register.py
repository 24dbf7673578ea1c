"""The register as a file, in the columns of a paper register."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Cell, Column
from khcn.core.exports.tables import table_response
from khcn.plan.enums import FileRole
from khcn.plan.models import DocumentFile
from khcn.plan.rules.register import full_number, type_name
from khcn.plan.selectors.register import RegisterFilter, documents_for


def register_response(user: Any, asked: RegisterFilter, kind: str) -> HttpResponseBase:
    """Return the documents that ``user`` may read and asked for, as CSV or XLSX."""
    titles = [
        _("Số, ký hiệu"), _("Ngày văn bản"), _("Loại văn bản"), _("Trích yếu"), _("Cơ quan ban hành"),
        _("Đơn vị soạn thảo"), _("Người ký"), _("Chức vụ"), _("Nơi nhận"), _("Số bản"), _("Trạng thái"),
        _("Ngày phát hành"), _("SHA-256 của bản ký"),
    ]  # fmt: skip
    name = _("Sổ văn bản %(year)s") % {"year": asked.year} if asked.year else _("Sổ văn bản")
    return table_response(kind, [Column(title) for title in titles], _rows(user, asked), name, title=name)


def _rows(user: Any, asked: RegisterFilter) -> Iterator[list[Cell]]:
    signed = Prefetch("files", DocumentFile.objects.filter(role=FileRole.SIGNED), to_attr="signed_files")
    for document in documents_for(user, asked).prefetch_related(signed).iterator(chunk_size=500):
        files: list[DocumentFile] = document.signed_files
        yield [
            full_number(document.number, document.symbol), document.dated, type_name(document.type_code),
            document.subject, document.agency.name, document.drafting_unit.name if document.drafting_unit else "",
            document.signer_name, document.signer_position, "; ".join(document.recipients), document.copies,
            document.get_state_display(), document.issued_at, files[0].sha256 if files else "",
        ]  # fmt: skip
