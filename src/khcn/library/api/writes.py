"""Writing: drafts, their description and files, submission and review. Everything through the services of the desk."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.params.functions import Header as HeaderParam
from ninja.params.functions import Query as QueryParam

from khcn.core.api.auth import Caller, WriteAuth, caller_of, check_still
from khcn.core.api.problems import WRITE_PROBLEMS
from khcn.core.api.writes import MAX_KEY, Answer, answer_once, count_writes, digest_of
from khcn.core.errors import NotFoundError
from khcn.library.api.answers import check_match, require_match, tag_of
from khcn.library.api.router import router
from khcn.library.api.rows import batch_row, work_row
from khcn.library.api.schemas_out import DepositOut, WorkOut
from khcn.library.api.uploads import MULTIPART, Sent, body_limit, received
from khcn.library.errors import LibraryPermissionError
from khcn.library.intake.schemas import StepIn, WorkIn, WorkPatch
from khcn.library.intake.types import LINE
from khcn.library.models import Work, WorkFile
from khcn.library.selectors.api_readers import DEPOSIT, REVIEW, batch_known, unit_for, work_handled
from khcn.library.selectors.api_works import API
from khcn.library.selectors.desk import deposit_units
from khcn.library.services import review
from khcn.library.services.deposits import deposit_start
from khcn.library.services.filing import work_file_remove
from khcn.library.services.records import parts_of, record_take
from khcn.library.services.works import work_update
from khcn.library.uploads import Upload

JSON_BYTES = 8 * 2**20
deposit_auth = WriteAuth(DEPOSIT, max_bytes=lambda: JSON_BYTES)
upload_auth = WriteAuth(DEPOSIT, max_bytes=body_limit)
review_auth = WriteAuth(REVIEW, max_bytes=lambda: JSON_BYTES)
KEY: Any = HeaderParam(
    "", alias="Idempotency-Key", max_length=MAX_KEY, pattern=r"^[!-~]*$",
    description="Do bạn đặt; gửi lại cùng khóa thì nhận lại câu trả lời cũ, không ghi hai lần.",
)  # fmt: skip
MATCH: Any = HeaderParam(
    "", alias="If-Match", max_length=1000, pattern=LINE, description="ETag của lần đọc gần nhất."
)


def unit_allowed(caller: Caller, asked: int | None) -> int:
    """Return the unit for which the caller may hand in. :raises PermissionDeniedError: also for one that is closed."""
    unit_id = unit_for(caller, asked)
    if not deposit_units(caller.user, timezone.localdate()).filter(pk=unit_id).exists():
        raise LibraryPermissionError(_("gửi tài liệu cho đơn vị này"))
    return unit_id


def shown(response: HttpResponse, work: Work, caller: Caller) -> dict[str, Any]:
    """Return a work after a change, with its new ETag."""
    row = work_row(Work.objects.select_related("legal", "owner_unit").get(pk=work.pk), caller)
    response["ETag"] = tag_of(row)
    response["Cache-Control"] = "no-store"
    return row


@router.post(
    "/works",
    auth=deposit_auth,
    response={200: WorkOut, 201: WorkOut, **WRITE_PROBLEMS},
    operation_id="library_work_create",
    summary="Tạo bản nháp",
)
def create(request: HttpRequest, response: HttpResponse, body: WorkIn, key: str = KEY) -> Any:
    """Tạo một bản nháp cho đơn vị của bạn. Có ``external_id`` thì gửi lại là sửa đúng bản nháp đó (200 thay vì 201)."""
    caller, now = caller_of(request), timezone.now()
    unit_id = unit_allowed(caller, body.unit)

    def act() -> Answer:
        count_writes(caller, 1, now)
        taken = record_take(actor=caller.user, unit_id=unit_id, record=body, now=now)
        return Answer(201 if taken.outcome == "imported" else 200, {"work": taken.work.pk})

    digest = digest_of([b"work", str(unit_id).encode(), body.model_dump_json(exclude_unset=True).encode()])
    answer = answer_once(caller=caller, key=key, digest=digest, now=now, act=act)
    work = work_handled(caller, answer.body["work"])
    response["Location"] = f"{request.path}/{work.pk}"
    if answer.replayed:
        response["Idempotent-Replayed"] = "true"
    return answer.status, shown(response, work, caller)


@router.patch(
    "/works/{int:number}",
    auth=deposit_auth,
    response={200: WorkOut, **WRITE_PROBLEMS},
    operation_id="library_work_update",
    summary="Sửa thông tin tài liệu",
)
def update(
    request: HttpRequest, response: HttpResponse, number: int, body: WorkPatch, match: str = MATCH
) -> Any:
    """Chỉ sửa những trường có trong yêu cầu. Cần If-Match; nếu có người vừa sửa thì trả về 412 và không đổi gì."""
    caller, now, held = caller_of(request), timezone.now(), require_match(match)
    work_handled(caller, number)
    parts = parts_of(body)
    with transaction.atomic():
        locked = Work.objects.select_for_update().get(pk=number)
        check_match(held, tag_of(work_row(locked, caller)))
        count_writes(caller, 1, now)
        work = work_update(
            actor=caller.user, work=locked, now=now, values=parts.values, terms=parts.terms, legal=parts.legal
        )
    return shown(response, work, caller)


@router.post(
    "/works/{int:number}/files",
    auth=upload_auth,
    response={202: DepositOut, **WRITE_PROBLEMS},
    operation_id="library_work_files_add",
    summary="Gửi tệp vào một tài liệu",
    openapi_extra={"requestBody": MULTIPART},
)
def add_files(
    request: HttpRequest,
    response: HttpResponse,
    number: int,
    replaces: int | None = QueryParam(None, ge=1, description="Số của tệp được thay bằng tệp này."),
    key: str = KEY,
) -> Any:
    """Nhận tệp và đọc ở nền, với đúng những kiểm tra của biểu mẫu trên bàn làm việc. Xem kết quả ở địa chỉ Location."""
    caller, sent = caller_of(request), received(request)
    now = timezone.now()
    check_still(caller.token, now)  # reading a large upload takes minutes
    work = work_handled(caller, number)
    if replaces is not None and not WorkFile.objects.filter(work=work, pk=min(replaces, 2**62)).exists():
        raise NotFoundError(_("Tài liệu này không có tệp mang số cần thay. Hãy xem lại danh sách tệp."))

    def act() -> Answer:
        count_writes(caller, len(sent.files), now)
        batch = deposit_start(
            actor=caller.user, unit_id=work.owner_unit_id, files=cast(Sequence[Upload], sent.files), work=work, replaces=replaces,
            token=caller.token, now=now,
        )  # fmt: skip
        return Answer(202, {"batch": batch.pk})

    about = [b"files", str((number, replaces)).encode()]
    return started(request, response, sent, key=key, about=about, act=act)


def started(
    request: HttpRequest,
    response: HttpResponse,
    sent: Sent,
    *,
    key: str,
    about: list[bytes],
    act: Callable[[], Answer],
) -> Any:
    """Start a deposit once for ``key`` and return it."""
    caller = caller_of(request)
    digest = digest_of([*about, str(caller.unit_id).encode(), *sent.digests()]) if key else ""
    answer = answer_once(caller=caller, key=key, digest=digest, now=timezone.now(), act=act)
    batch = batch_known(caller, answer.body["batch"])
    response["Location"] = f"{API}/batches/{batch.pk}"
    response["Cache-Control"] = "no-store"
    if answer.replayed:
        response["Idempotent-Replayed"] = "true"
    return 202, batch_row(batch)


@router.delete(
    "/works/{int:number}/files/{int:file}",
    auth=deposit_auth,
    response={200: WorkOut, **WRITE_PROBLEMS},
    operation_id="library_work_file_remove",
    summary="Bỏ một tệp khỏi bản nháp",
)
def remove_file(
    request: HttpRequest, response: HttpResponse, number: int, file: int, match: str = MATCH
) -> Any:
    """Bỏ tệp khỏi bản nháp (hoặc tài liệu được trả lại); các trang còn lại được đánh số lại."""
    caller, now = caller_of(request), timezone.now()
    work = work_handled(caller, number)
    found = WorkFile.objects.filter(work=work, pk=file).first() if file < 2**63 else None
    if found is None:
        raise NotFoundError(_("Tài liệu này không có tệp mang số đó. Hãy xem lại danh sách tệp."))
    with transaction.atomic():
        _unchanged(work, match, caller)
        count_writes(caller, 1, now)
        work = work_file_remove(actor=caller.user, work=work, file=found, now=now)
    return shown(response, work, caller)


def _unchanged(work: Work, match: str, caller: Caller) -> None:
    """Check ``If-Match`` when it was sent, with the work locked. In the caller's transaction."""
    locked = Work.objects.select_for_update().get(pk=work.pk)
    if match.strip():
        check_match(match, tag_of(work_row(locked, caller)))


@router.post(
    "/works/{int:number}/submit",
    auth=deposit_auth,
    response={200: WorkOut, **WRITE_PROBLEMS},
    operation_id="library_work_submit",
    summary="Gửi duyệt",
)
def submit(request: HttpRequest, response: HttpResponse, number: int, match: str = MATCH) -> Any:
    """Gửi bản nháp cho thủ thư duyệt. Thiếu gì thì lỗi nêu rõ từng trường; xem trước ở ``handling.missing``."""
    caller, now = caller_of(request), timezone.now()
    work = work_handled(caller, number)
    with transaction.atomic():
        _unchanged(work, match, caller)
        count_writes(caller, 1, now)
        work = review.work_submit(actor=caller.user, work=work, now=now)
    return shown(response, work, caller)


@router.post(
    "/works/{int:number}/steps",
    auth=review_auth,
    response={200: WorkOut, **WRITE_PROBLEMS},
    operation_id="library_work_step",
    summary="Một bước duyệt",
)
def step(request: HttpRequest, response: HttpResponse, number: int, body: StepIn, match: str = MATCH) -> Any:
    """Duyệt, trả lại, đăng, tạm dừng, rút, đăng lại: đúng những nút trên bàn làm việc, với đúng những quyền đó."""
    caller, now = caller_of(request), timezone.now()
    work = work_handled(caller, number)
    with transaction.atomic():
        _unchanged(work, match, caller)
        count_writes(caller, 1, now)
        work = _take(caller, work, body)
    return shown(response, work, caller)


def _take(caller: Caller, work: Work, body: StepIn) -> Work:
    now = timezone.now()
    plain = {
        "publish": review.work_publish,
        "restore": review.work_restore,
    }
    with_reason = {
        "return": review.work_return,
        "freeze": review.work_freeze,
        "withdraw": review.work_withdraw,
    }
    if body.step == "approve":
        return review.work_approve(actor=caller.user, work=work, now=now, publish_at=body.publish_at)
    if body.step in plain:
        return plain[body.step](actor=caller.user, work=work, now=now)
    return with_reason[body.step](actor=caller.user, work=work, reason=body.reason, now=now)
