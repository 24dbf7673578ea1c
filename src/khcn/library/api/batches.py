"""Bulk deposits: handed in, followed, tried again. The same batches, states and sentences as on the desk."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query
from ninja.params.functions import Query as QueryParam

from khcn.core.api.auth import caller_of, check_still, require_scope, token_required
from khcn.core.api.paging import CursorPage, cursor_page
from khcn.core.api.problems import PROBLEMS, WRITE_PROBLEMS
from khcn.core.api.writes import Answer, count_writes
from khcn.library.api.answers import answered
from khcn.library.api.reads import NOT_MODIFIED, PageAsked
from khcn.library.api.router import router
from khcn.library.api.rows import batch_row, item_rows
from khcn.library.api.schemas_out import DepositItemOut, DepositOut
from khcn.library.api.uploads import BULK, records_received
from khcn.library.api.writes import KEY, deposit_auth, started, unit_allowed, upload_auth
from khcn.library.errors import InvalidFieldError
from khcn.library.intake.records import records_read
from khcn.library.intake.types import SLUG
from khcn.library.models import Collection
from khcn.library.selectors.api_readers import DEPOSIT, batch_known, batches_of
from khcn.library.services.deposits import deposit_retry, deposit_start
from khcn.library.uploads import Upload


@router.post(
    "/batches",
    auth=upload_auth,
    response={202: DepositOut, **WRITE_PROBLEMS},
    operation_id="library_batch_create",
    summary="Gửi nhiều tài liệu một lần",
    openapi_extra={"requestBody": BULK},
)
def create(
    request: HttpRequest,
    response: HttpResponse,
    unit: int | None = QueryParam(
        None, ge=1, le=2**53, description="Số đơn vị; bỏ trống nếu bạn chỉ gửi cho một đơn vị."
    ),
    collection: str | None = QueryParam(
        None, max_length=80, pattern=SLUG, description="Mã bộ sưu tập cho cả đợt."
    ),
    key: str = KEY,
) -> Any:
    """Nhận nhiều bản ghi (mảng JSON, JSON lines, hoặc multipart kèm tệp) thành một đợt gửi, xử lý ở nền.

    Mỗi bản ghi thành một bản nháp; trạng thái và câu giải thích giống hệt khi gửi bằng biểu mẫu. Bản ghi có
    ``external_id`` gửi lại lần nữa là cùng một tài liệu.
    """
    caller = caller_of(request)
    unit_id = unit_allowed(caller, unit)
    shelf = Collection.objects.filter(key=collection).first() if collection else None
    if collection and shelf is None:
        raise InvalidFieldError(
            "collection", _("Không có bộ sưu tập mang mã này. Hãy xem /library/collections.")
        )
    sent = records_received(request)
    records = records_read(sent.records)
    now = timezone.now()
    check_still(caller.token, now)  # reading a large upload takes minutes

    def act() -> Answer:
        count_writes(caller, len(records) + len(sent.files), now)
        batch = deposit_start(
            actor=caller.user, unit_id=unit_id, files=cast(Sequence[Upload], sent.files), records=records, token=caller.token, now=now,
            collection_id=shelf.pk if shelf else None,
        )  # fmt: skip
        return Answer(202, {"batch": batch.pk})

    about = [b"batch", str((unit_id, collection)).encode()]
    return started(request, response, sent, key=key, about=about, act=act)


@router.get(
    "/batches",
    auth=token_required,
    response={200: CursorPage[DepositOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_batches",
    summary="Các đợt gửi của bạn",
)
def listed(request: HttpRequest, response: HttpResponse, asked: Query[PageAsked]) -> Any:
    """Những đợt gửi của bạn (thủ thư: của mọi người), mới nhất trước, kể cả gửi bằng biểu mẫu."""
    caller = require_scope(request, DEPOSIT)
    rows, next_ = cursor_page(
        batches_of(caller), order=["-id"], cursor=asked.cursor, limit=asked.limit, key="batches"
    )
    return answered(request, response, {"items": [batch_row(batch) for batch in rows], "next": next_})


@router.get(
    "/batches/{int:number}",
    auth=token_required,
    response={200: DepositOut, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_batch",
    summary="Một đợt gửi đang tới đâu",
)
def one(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    """Hỏi lại địa chỉ này vài giây một lần, kèm If-None-Match, cho tới khi ``state`` khác running."""
    return answered(request, response, batch_row(batch_known(require_scope(request, DEPOSIT), number)))


@router.get(
    "/batches/{int:number}/items",
    auth=token_required,
    response={200: CursorPage[DepositItemOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_batch_items",
    summary="Từng bản ghi, từng tệp của một đợt gửi",
)
def items(request: HttpRequest, response: HttpResponse, number: int, asked: Query[PageAsked]) -> Any:
    """Mỗi bản ghi và tệp ra sao: trạng thái, chuyện gì đã xảy ra, cần làm gì, thành tài liệu số mấy."""
    caller = require_scope(request, DEPOSIT)
    found = batch_known(caller, number).items.order_by()
    rows, next_ = cursor_page(
        found, order=["position", "id"], cursor=asked.cursor, limit=asked.limit, key=f"items:{number}"
    )
    return answered(request, response, {"items": item_rows(rows, caller), "next": next_})


@router.post(
    "/batches/{int:number}/retry",
    auth=deposit_auth,
    response={202: DepositOut, **WRITE_PROBLEMS},
    operation_id="library_batch_retry",
    summary="Thử lại phần không đọc được",
)
def retry(request: HttpRequest, number: int) -> Any:
    """Đọc lại những bản ghi và tệp không nhận được của đợt gửi."""
    caller, now = caller_of(request), timezone.now()
    batch = batch_known(caller, number)
    count_writes(caller, 1, now)
    deposit_retry(actor=caller.user, batch=batch, now=now)
    batch.refresh_from_db()
    return 202, batch_row(batch)
