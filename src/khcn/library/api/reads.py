"""Reading: works, their files, pages and relations, shelves, subjects and audiences."""

from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from ninja.params.functions import Query as QueryParam
from pydantic import Field

from khcn.core.api.auth import caller_of
from khcn.core.api.etags import not_modified
from khcn.core.api.limits import client_address
from khcn.core.api.paging import CursorPage, cursor_page
from khcn.core.api.problems import PROBLEMS
from khcn.core.errors import NotFoundError
from khcn.engines.records.ark import ark_number
from khcn.library.api.answers import answered
from khcn.library.api.router import router
from khcn.library.api.rows import work_row
from khcn.library.api.schemas_out import FileOut, PageOut, RelationsOut, TermCountOut, WorkOut
from khcn.library.enums import WorkKind
from khcn.library.intake.types import Key, Moment, line
from khcn.library.models import Audience, Collection, Page, Subject, WorkFile
from khcn.library.permissions import can_see_on_desk
from khcn.library.selectors.api_readers import reader_of, work_known
from khcn.library.selectors.api_works import ORDERS, file_rows, incoming_relations, work_rows, works_listed
from khcn.library.selectors.public import term_counts
from khcn.library.services.usage import usage_note
from khcn.library.store import stored_path

NOT_MODIFIED: dict[int, None] = {304: None}
BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
PAGE_SIZE = Field(50, ge=1, le=200, description="Số mục một trang.")
CURSOR = Field("", max_length=1000, description="Giá trị “next” của trang trước; bỏ trống cho trang đầu.")


class PageAsked(Schema):
    """Which page of a list."""

    cursor: str = CURSOR
    limit: int = PAGE_SIZE


class WorksAsked(PageAsked):
    """Which works; every filter may be left out."""

    kind: WorkKind | None = Field(None, description="Loại tài liệu.")
    collection: Key | None = Field(None, description="Mã bộ sưu tập.")
    subject: Key | None = Field(None, description="Mã chủ đề.")
    audience: Key | None = Field(None, description="Mã đối tượng.")
    language: Annotated[str, Field(max_length=8, pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,4})?$")] | None = Field(
        None, description="Mã ngôn ngữ như vi, en."
    )
    year_from: int | None = Field(None, ge=1, le=2200, description="Năm ban hành từ.")
    year_to: int | None = Field(None, ge=1, le=2200, description="Năm ban hành đến.")
    updated_since: Moment | None = Field(
        None, description="Chỉ những tài liệu thay đổi từ lúc này; dùng với order=updated."
    )
    order: Literal["newest", "oldest", "updated", "title", "number"] = Field(
        "newest", description="newest, oldest: ngày đăng; updated: thay đổi sau đứng sau; title: theo tên."
    )


@router.get(
    "/works",
    response={200: CursorPage[WorkOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_works",
    summary="Danh sách tài liệu",
)
def works(request: HttpRequest, response: HttpResponse, asked: Query[WorksAsked]) -> Any:
    """Những tài liệu đã đăng mà bạn được đọc. Đọc tiếp bằng ``cursor``: tài liệu thêm vào giữa chừng không làm sót hay lặp.

    Với ``order=updated``, tài liệu đổi trong lúc đọc sẽ hiện lại ở cuối với nội dung mới.
    """
    reader = reader_of(caller_of(request))
    equal = {
        "kind": asked.kind.value if asked.kind else None,
        "collections__key": asked.collection,
        "subjects__key": asked.subject,
        "audiences__key": asked.audience,
        "language": asked.language,
    }
    found = works_listed(
        reader,
        equal=equal,
        year_from=asked.year_from,
        year_to=asked.year_to,
        updated_since=asked.updated_since,
    )
    key = f"works:{equal}:{asked.year_from}:{asked.year_to}:{asked.updated_since}"
    rows, next_ = cursor_page(
        found, order=ORDERS[asked.order], cursor=asked.cursor, limit=asked.limit, key=key
    )
    return answered(request, response, {"items": work_rows(rows, reader), "next": next_}, reader=reader.mark)


@router.get(
    "/resolve",
    response={200: WorkOut, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_resolve",
    summary="Một tài liệu theo mã ARK",
)
def resolve(
    request: HttpRequest,
    response: HttpResponse,
    ark: Annotated[str, line(200, 1)] = QueryParam(..., description="Ví dụ ark:/99999/k17b7."),
) -> Any:
    """Tìm tài liệu theo mã định danh bền vững."""
    number = ark_number(ark, settings.KHCN.ark_naan)
    if number is None or number[1] not in {"", "/"}:
        raise NotFoundError(_("Không có tài liệu mang mã ARK này. Hãy kiểm tra lại từng ký tự."))
    return _one(request, response, number[0])


@router.get(
    "/works/{int:number}",
    response={200: WorkOut, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_work",
    summary="Một tài liệu",
)
def work(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    """Một tài liệu đã đăng mà bạn được đọc; với quyền gửi hoặc duyệt, cả bản nháp của đơn vị, kèm phần ``handling``."""
    return _one(request, response, number)


def _one(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    caller = caller_of(request)
    return answered(request, response, work_row(work_known(caller, number), caller))


@router.get(
    "/works/{int:number}/files",
    response={200: list[FileOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_work_files",
    summary="Các tệp của một tài liệu",
)
def files(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    """Các tệp gốc, theo thứ tự."""
    return answered(request, response, file_rows(work_known(caller_of(request), number)))


@router.get(
    "/works/{int:number}/files/{int:file}/content",
    response={200: None, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_work_file_content",
    summary="Tải một tệp gốc",
    openapi_extra={"responses": BYTES},
)
def content(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """Nội dung tệp gốc, nguyên vẹn; so với ``sha256`` để kiểm tra."""
    found_work = work_known(caller_of(request), number)
    found = WorkFile.objects.filter(work=found_work, pk=file).first() if file < 2**63 else None
    try:
        handle = stored_path(found.sha256).open("rb") if found else None
    except FileNotFoundError:
        handle = None
    if found is None or handle is None:
        raise NotFoundError(_("Tài liệu này không có tệp mang số đó. Hãy xem lại danh sách tệp."))
    response = FileResponse(
        handle, as_attachment=True, filename=found.original_name, content_type="application/octet-stream"
    )
    etag = f'"{found.sha256[:32]}"'
    answer = answered_file(request, response, etag)
    if answer is response and request.method == "GET" and not can_see_on_desk(request.user, found_work):
        usage_note(
            kind="download",
            work_id=found_work.pk,
            day=timezone.localdate(),
            agent=request.headers.get("User-Agent", ""),
            address=client_address(request),
            at=timezone.now(),
        )
    return answer


def answered_file(request: HttpRequest, response: FileResponse, etag: str) -> HttpResponseBase:
    """Return a file, or 304 to whom holds it."""
    unchanged = not_modified(request, etag)
    answer: HttpResponseBase = response if unchanged is None else unchanged
    if unchanged is not None:
        response.close()
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Authorization"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@router.get(
    "/works/{int:number}/pages",
    response={200: CursorPage[PageOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_work_pages",
    summary="Chữ của từng trang",
)
def pages(request: HttpRequest, response: HttpResponse, number: int, asked: Query[PageAsked]) -> Any:
    """Chữ đọc được của từng trang; ``source`` là text (chữ có sẵn) hoặc ocr (nhận dạng từ ảnh)."""
    found = Page.objects.filter(work=work_known(caller_of(request), number))
    rows, next_ = cursor_page(
        found.order_by(),
        order=["number", "id"],
        cursor=asked.cursor,
        limit=asked.limit,
        key=f"pages:{number}",
    )
    items = [{name: getattr(page, name) for name in PageOut.model_fields} for page in rows]
    return answered(request, response, {"items": items, "next": next_})


@router.get(
    "/works/{int:number}/relations",
    response={200: RelationsOut, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_work_relations",
    summary="Quan hệ với tài liệu khác",
)
def relations(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    """Quan hệ hai chiều: căn cứ, thay thế, sửa đổi, hướng dẫn, liên quan."""
    caller = caller_of(request)
    found, reader = work_known(caller, number), reader_of(caller)
    (row,) = work_rows([found], reader)
    body = {"outgoing": row["relations"], "incoming": incoming_relations(found, reader)}
    return answered(request, response, body, reader=reader.mark)


def _terms(request: HttpRequest, response: HttpResponse, model: type[Any]) -> Any:
    reader = reader_of(caller_of(request))
    rows = [
        {"key": term.key, "name": term.name, "description": term.description, "works": term.works}
        for term in term_counts(model, user=reader.user, reach=reader.reach)
    ]
    return answered(request, response, rows, reader=reader.mark)


TERMS_ANSWER: dict[Any, Any] = {200: list[TermCountOut], **NOT_MODIFIED, **PROBLEMS}


@router.get("/collections", response=TERMS_ANSWER, operation_id="library_collections", summary="Bộ sưu tập")
def collections(request: HttpRequest, response: HttpResponse) -> Any:
    """Các bộ sưu tập có tài liệu bạn được đọc, kèm số tài liệu."""
    return _terms(request, response, Collection)


@router.get("/subjects", response=TERMS_ANSWER, operation_id="library_subjects", summary="Chủ đề")
def subjects(request: HttpRequest, response: HttpResponse) -> Any:
    """Các chủ đề có tài liệu bạn được đọc, kèm số tài liệu."""
    return _terms(request, response, Subject)


@router.get("/audiences", response=TERMS_ANSWER, operation_id="library_audiences", summary="Đối tượng")
def audiences(request: HttpRequest, response: HttpResponse) -> Any:
    """Các nhóm người đọc có tài liệu dành cho họ, kèm số tài liệu."""
    return _terms(request, response, Audience)
