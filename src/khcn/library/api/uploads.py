"""What comes in with a request: files that stream to disk, records as JSON, JSON lines or beside files."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.library.intake.records import MAX_RECORDS
from khcn.library.services.deposits import MAX_FILES

RECORD_BYTES: Final = 32 * 2**20  # of records without files, which are read into memory
FILES_AT_ONCE: Final = 4  # a whole request may hold as many bytes as this many largest files
_FILES: Final = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "minItems": 1,
    "maxItems": MAX_FILES,
    "description": "Các tệp: PDF, DOCX, DOC, XLSX, PPTX, ODT, RTF, ảnh scan, ZIP.",
}
MULTIPART: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "required": ["files"], "properties": {"files": _FILES}},
            "encoding": {"files": {"contentType": "application/octet-stream"}},
        }
    },
}
_EXAMPLE: Final = [
    {"external_id": "KH-82", "title": "Kế hoạch 82/KH-UBND", "kind": "legal", "files": ["82.pdf"]}
]
_RECORDS: Final = {
    "type": "array",
    "items": {"type": "object"},
    "minItems": 1,
    "maxItems": MAX_RECORDS,
    "description": "Mỗi phần tử như WorkIn, thêm “files” là tên các tệp gửi kèm. Mỗi bản ghi được kiểm tra riêng: bản ghi "
    "hỏng nằm lại trong đợt gửi với câu giải thích, những bản ghi khác vẫn được nhận.",
    "examples": [_EXAMPLE],
}
BULK: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {"schema": _RECORDS, "example": _EXAMPLE},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "Mỗi dòng một bản ghi JSON."},
            "example": '{"title": "Một"}\n{"title": "Hai"}\n',
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["records"],
                "properties": {
                    "records": {"type": "string", "description": "Mảng JSON hoặc JSON lines, chữ hoặc tệp."},
                    "files": {key: value for key, value in _FILES.items() if key != "minItems"},
                },
            },
        },
    },
}


class BodyError(KhcnError):
    """A body that cannot be read: broken multipart, cut off, or of another type."""

    code = "body"
    status = 400


class MediaTypeError(KhcnError):
    """A type of body that the operation does not take."""

    code = "media-type"
    status = 415


def body_limit() -> int:
    """Return the most bytes of one request with files."""
    return settings.KHCN.upload_max_mb * 2**20 * FILES_AT_ONCE + RECORD_BYTES


@dataclass(frozen=True)
class Sent:
    """What came in."""

    files: Sequence[UploadedFile[Any]] = ()
    records: bytes = b""

    def digests(self) -> Iterator[bytes]:
        """Yield what tells this request from another: the records, and each file's name and hash."""
        yield self.records
        for file in self.files:
            whole = hashlib.sha256()
            for chunk in file.chunks():
                whole.update(chunk)
            file.seek(0)
            yield (file.name or "").encode("utf-8", "replace")
            yield whole.digest()


def received(request: HttpRequest) -> Sent:
    """Read a multipart body: each file goes to disk as it comes (Django's handlers).

    :raises MediaTypeError: for anything else.
    :raises BodyError: when it is broken or was cut off.
    """
    if (request.content_type or "") != "multipart/form-data":
        raise MediaTypeError(
            _("Hãy gửi tệp dạng multipart/form-data, trường “files” (với curl: -F files=@tai-lieu.pdf).")
        )
    try:
        files = request.FILES.getlist("files")
        named = request.FILES.get("records")
        records = named.read(RECORD_BYTES + 1) if named else request.POST.get("records", "").encode()
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation, UnicodeError, OSError) as error:
        raise BodyError(
            _("Không đọc được yêu cầu: dữ liệu bị cắt giữa chừng hoặc sai dạng multipart. Hãy gửi lại.")
        ) from error
    return Sent(files, _small(records))


def records_received(request: HttpRequest) -> Sent:
    """Read a bulk deposit in any of its three forms."""
    kind = request.content_type or ""
    if kind == "multipart/form-data":
        return received(request)
    if kind not in {"application/json", "application/x-ndjson", "application/jsonl"}:
        raise MediaTypeError(
            _("Hãy gửi application/json, application/x-ndjson hoặc multipart/form-data với trường “records”.")
        )
    try:
        return Sent((), _small(request.read(RECORD_BYTES + 1)))  # not .body: that one has the limit for forms
    except OSError as error:
        raise BodyError(_("Yêu cầu bị cắt giữa chừng. Hãy gửi lại.")) from error


def _small(records: bytes) -> bytes:
    if len(records) > RECORD_BYTES:
        text = _("Phần bản ghi lớn quá %(limit)s MB. Hãy chia làm nhiều lần gửi.")
        error = BodyError(text % {"limit": RECORD_BYTES // 2**20}, code="too-large")
        error.status = 413
        raise error
    return records
