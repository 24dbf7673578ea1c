"""Programmes from draft to the end: make, change, submit, approve (which publishes), close, cancel, clone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.references import Reference, resolve
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.models import Unit
from khcn.programmes.enums import (
    EDITABLE_STATES,
    WITH_SESSIONS,
    Audience,
    ProgrammeKind,
    ProgrammeState,
    RegistrationWay,
    SessionState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.programmes import Programme, barred
from khcn.programmes.permissions import acting, can_approve, can_create, can_edit_text, can_run
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.services.letters_automatic import programme_cancelled

PUBLIC_TEXT: Final = (
    "title", "summary", "description", "eligibility", "venue", "address", "contact",
)  # fmt: skip
TRACKED: Final = (
    *PUBLIC_TEXT, "kind", "year", "task", "task_code", "audiences", "starts_on", "ends_on", "registration",
    "by_session", "opens_at", "closes_at", "capacity", "waiting_list", "needs_approval", "threshold_percent",
)  # fmt: skip
LINES: Final = frozenset({"description", "eligibility"})


@dataclass(frozen=True, slots=True)
class ProgrammeText:
    """What a clerk says about a programme. ``task``: a reference "plan.task:17", or empty."""

    title: str
    kind: str = ProgrammeKind.COURSE
    year: int = 0  # 0: the year of ``now``
    summary: str = ""
    description: str = ""
    audiences: Sequence[str] = ()
    eligibility: str = ""
    venue: str = ""
    address: str = ""
    contact: str = ""
    task: str = ""
    starts_on: date | None = None  # kinds without sessions only: sessions say it for the others
    ends_on: date | None = None
    registration: str = RegistrationWay.PERSON
    by_session: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    waiting_list: bool = True
    needs_approval: bool = False
    threshold_percent: int = 80


@transaction.atomic
def programme_create(
    *, actor: Actor, unit: Unit, values: ProgrammeText, now: datetime, key: str = "", client_key: str = ""
) -> Programme:
    """Make a draft of a unit; the same ``client_key`` again is the first draft.

    :raises PermissionDeniedError, ProgrammeError:
    """
    if not can_create(acting(actor, local_date(now)), unit.pk):
        raise PermissionDeniedError(
            _("Bạn chỉ lập được chương trình của đơn vị mình. Hãy nhờ chuyên viên đầu mối nếu cần.")
        )
    if known := _known(actor_id(actor), client_key):
        return known
    row = Programme(
        unit=unit, created_by_id=actor_id(actor), client_key=client_key[:40], created_at=now, updated_at=now
    )
    _fill(row, values, actor, now)
    if known := programme_insert(row, key):
        return known
    audit_record(
        actor=actor, action="programmes.programme.create", target=row, after=snapshot(row, TRACKED), at=now
    )
    return row


@transaction.atomic
def programme_update(
    *, actor: Actor, programme_id: int, values: ProgrammeText, revision: int, now: datetime
) -> Programme:
    """Change a programme; ``revision`` is what the clerk saw. Raises PermissionDeniedError, StaleError, ProgrammeError.

    An editor changes only what the public reads; everything else of ``values`` is left as it was.
    """
    row = _locked(programme_id)
    reach = acting(actor, local_date(now))
    if not can_edit_text(reach, row.unit_id):
        raise PermissionDeniedError(_("Bạn không sửa được chương trình này."))
    if row.state not in EDITABLE_STATES:
        raise ProgrammeError(
            _("Chương trình đã kết thúc hoặc đã hủy nên không sửa nữa. Hãy chép thành bản mới.")
        )
    if row.revision != revision:
        raise StaleError(_("Người khác vừa sửa chương trình này. Hãy mở lại trang rồi sửa tiếp."))
    before = snapshot(row, TRACKED)
    if can_run(reach, row.unit_id):
        _fill(row, values, actor, now)
    else:
        _fill_text(row, values)
    row.revision += 1
    row.updated_at = now
    row.save()
    after = snapshot(row, TRACKED)
    if before != after:
        audit_record(
            actor=actor, action="programmes.programme.update", target=row, before=before, after=after, at=now
        )
        _places_moved(row, before, now)
    return row


@transaction.atomic
def programme_task_set(*, actor: Actor, programme_id: int, task: str, now: datetime) -> Programme:
    """Say which task of a plan a programme carries out; empty: none. Raises PermissionDeniedError, ProgrammeError."""
    row = _runs(actor, programme_id, now)
    if row.state not in EDITABLE_STATES:
        raise ProgrammeError(
            _("Chương trình đã kết thúc hoặc đã hủy nên không sửa nữa. Hãy chép thành bản mới.")
        )
    before = snapshot(row, ("task", "task_code"))
    _set_task(row, task, actor)
    after = snapshot(row, ("task", "task_code"))
    if before != after:
        row.revision += 1
        row.updated_at = now
        row.save(update_fields=["task", "task_code", "revision", "updated_at"])
        audit_record(
            actor=actor, action="programmes.programme.update", target=row, before=before, after=after, at=now
        )
    return row


@transaction.atomic
def programme_submit(*, actor: Actor, programme_id: int, now: datetime) -> Programme:
    """Hand a draft to who approves. Raises PermissionDeniedError, ProgrammeError."""
    row = _runs(actor, programme_id, now)
    _from(row, ProgrammeState.DRAFT, _("Chỉ bản nháp mới gửi duyệt được."))
    _complete(row)
    row.submitted_by_id, row.return_reason = actor_id(actor), ""
    return _move(row, ProgrammeState.SUBMITTED, actor, "submit", now)


@transaction.atomic
def programme_return(*, actor: Actor, programme_id: int, reason: str, now: datetime) -> Programme:
    """Give a submitted programme back with what is to be mended. Raises PermissionDeniedError, ProgrammeError."""
    row = _approves(actor, programme_id, now)
    _from(row, ProgrammeState.SUBMITTED, _("Chương trình này không chờ duyệt."))
    row.return_reason = _reason(reason, _("Hãy ghi cần sửa gì để người lập biết."))
    return _move(row, ProgrammeState.DRAFT, actor, "return", now, reason=row.return_reason)


@transaction.atomic
def programme_approve(*, actor: Actor, programme_id: int, now: datetime) -> Programme:
    """Approve and publish. Never by who drafted or submitted it. Raises PermissionDeniedError, ProgrammeError."""
    row = _approves(actor, programme_id, now)
    _from(row, ProgrammeState.SUBMITTED, _("Chương trình này không chờ duyệt."))
    mine = actor_id(actor)
    if mine is not None and mine in {row.created_by_id, row.submitted_by_id}:
        raise PermissionDeniedError(_("Người lập hoặc người gửi không tự duyệt. Hãy nhờ người duyệt khác."))
    _complete(row)
    row.approved_by_id, row.published_at = mine, now
    return _move(row, ProgrammeState.PUBLISHED, actor, "approve", now)


@transaction.atomic
def programme_close(*, actor: Actor, programme_id: int, now: datetime) -> Programme:
    """End a published programme whose sessions are over. Raises PermissionDeniedError, ProgrammeError."""
    row = _runs(actor, programme_id, now)
    _from(row, ProgrammeState.PUBLISHED, _("Chỉ chương trình đã công bố mới kết thúc được."))
    if row.sessions.standing().filter(ends_at__gt=now).exists():
        raise ProgrammeError(_("Còn buổi chưa diễn ra xong. Hãy đợi hoặc hủy các buổi đó trước."))
    row.closed_at = now
    return _move(row, ProgrammeState.CLOSED, actor, "close", now)


@transaction.atomic
def programme_cancel(*, actor: Actor, programme_id: int, reason: str, now: datetime) -> Programme:
    """Cancel a programme and its sessions to come; who registered is told. Raises PermissionDeniedError, ProgrammeError."""
    row = _runs(actor, programme_id, now)
    # what nobody approved must not become public by being cancelled
    _from(row, ProgrammeState.PUBLISHED, _("Chỉ chương trình đã công bố mới cần hủy; bản nháp chưa ai thấy."))
    row.cancel_reason = _reason(reason, _("Hãy ghi lý do hủy; người đăng ký sẽ đọc lý do này."))
    sessions = list(row.sessions.standing().filter(ends_at__gt=now))
    for session in sessions:
        session.state, session.cancel_reason = SessionState.CANCELLED, row.cancel_reason
        session.sequence += 1
        session.updated_at = now
        session.save(update_fields=["state", "cancel_reason", "sequence", "updated_at"])
    row = _move(row, ProgrammeState.CANCELLED, actor, "cancel", now, reason=row.cancel_reason)
    programme_cancelled(row, [one.pk for one in sessions], now)
    return row


def days_follow(programme: Programme) -> None:
    """Let the first and the last day of a programme be those of its standing sessions, where it has any."""
    spans = list(programme.sessions.standing().values_list("starts_at", "ends_at"))
    if spans:
        programme.starts_on = local_date(min(start for start, _end in spans))
        programme.ends_on = local_date(max(end for _start, end in spans))
        Programme.objects.filter(pk=programme.pk).update(
            starts_on=programme.starts_on, ends_on=programme.ends_on
        )


def _locked(pk: int) -> Programme:
    row = Programme.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise ProgrammeError(_("Không thấy chương trình này. Hãy mở lại danh sách."))
    return row


def _runs(actor: Actor, pk: int, now: datetime) -> Programme:
    row = _locked(pk)
    if not can_run(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối làm việc này.")
        )
    return row


def _approves(actor: Actor, pk: int, now: datetime) -> Programme:
    row = _locked(pk)
    if not can_approve(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(_("Chỉ trưởng đơn vị tổ chức và chuyên viên đầu mối duyệt chương trình."))
    return row


def _from(row: Programme, state: str, sentence: str) -> None:
    if row.state != state:
        raise ProgrammeError(sentence)


def _move(
    row: Programme, state: str, actor: Actor, verb: str, now: datetime, *, reason: str = ""
) -> Programme:
    before, row.state = row.state, state
    row.updated_at = now
    row.revision += 1
    row.save()
    if verb:
        audit_record(
            actor=actor, action=f"programmes.programme.{verb}", target=row, before={"state": before},
            after={"state": state}, reason=reason, at=now,
        )  # fmt: skip
    return row


def _complete(row: Programme) -> None:
    if not row.audiences:
        raise ProgrammeError(_("Hãy sửa chương trình và chọn dành cho ai trước khi gửi duyệt."))
    if row.kind in WITH_SESSIONS and not row.sessions.standing().exists():
        raise ProgrammeError(
            _("Chương trình chưa có buổi nào. Hãy thêm ít nhất một buổi trước khi gửi duyệt.")
        )
    if row.kind not in WITH_SESSIONS and row.starts_on is None:
        raise ProgrammeError(_("Hãy sửa chương trình và ghi từ ngày nào đến ngày nào trước khi gửi duyệt."))


def _reason(text: str, missing: str) -> str:
    reason = kept_line(text, 500)
    if not reason:
        raise ProgrammeError(missing, field="reason")
    return reason


def _fill_text(row: Programme, values: ProgrammeText) -> None:
    for name in PUBLIC_TEXT:
        most = Programme._meta.get_field(name).max_length or 20_000  # type: ignore[union-attr]
        keep = kept_text if name in LINES else kept_line
        setattr(row, name, keep(getattr(values, name), most))
    if not row.title:
        raise ProgrammeError(_("Hãy ghi tên chương trình."), field="title")
    row.folded_title, row.sort_key = fold(row.title)[:300], sort_key(row.title)


def _fill(row: Programme, values: ProgrammeText, actor: Actor, now: datetime) -> None:
    _fill_text(row, values)
    if values.kind not in ProgrammeKind.values:
        raise ProgrammeError(_("Hãy chọn loại chương trình trong danh sách."), field="kind")
    if row.pk and row.published_at and values.kind != row.kind:
        raise ProgrammeError(_("Chương trình đã công bố thì không đổi loại nữa."), field="kind")
    if values.kind not in WITH_SESSIONS and row.pk and row.sessions.standing().exists():
        raise ProgrammeError(_("Loại này không có buổi. Hãy hủy các buổi trước khi đổi loại."), field="kind")
    if unknown := set(values.audiences) - set(Audience.values):
        raise ProgrammeError(_("Không có đối tượng “%(one)s”.") % {"one": min(unknown)}, field="audiences")
    if values.opens_at and values.closes_at and values.closes_at <= values.opens_at:
        raise ProgrammeError(_("Giờ đóng đăng ký phải sau giờ mở."), field="closes_at")
    _set_task(row, values.task, actor)
    plain = {one.name for one in fields(values)} - {
        *PUBLIC_TEXT,
        "audiences",
        "task",
        "year",
        "starts_on",
        "ends_on",
    }
    for name in plain:
        setattr(row, name, getattr(values, name))
    if row.kind not in WITH_SESSIONS:  # nobody takes a seat there: such answers of a form mean nothing
        row.by_session, row.capacity, row.needs_approval = False, None, False
    row.audiences = barred([one for one in Audience.values if one in set(values.audiences)])
    row.year = values.year or row.year or local_date(now).year
    if not (row.pk and row.sessions.exists()):
        row.starts_on, row.ends_on = values.starts_on, values.ends_on or values.starts_on
        if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
            raise ProgrammeError(_("Ngày cuối phải từ ngày đầu trở đi."), field="ends_on")


def _set_task(row: Programme, task: str, actor: Actor) -> None:
    if task == row.task:
        return
    if not task:
        row.task = row.task_code = ""
        return
    try:
        found = resolve(Reference.parse(task[:120]), actor)
    except ValueError:
        found = None
    if found is None or found.reference.kind != "plan.task":
        raise ProgrammeError(_("Không thấy nhiệm vụ này. Hãy tìm lại và chọn trong danh sách."), field="task")
    row.task, row.task_code = str(found.reference), found.title.split(" ", 1)[0][:40]


def _known(maker: int | None, client_key: str) -> Programme | None:
    if maker is None or not client_key:
        return None
    return Programme.objects.filter(created_by_id=maker, client_key=client_key[:40]).first()


def programme_insert(row: Programme, key: str) -> Programme | None:
    """Save a new programme under a free address; the one that the same form made before, if it did."""
    """Save under the first free address. Returns the other row where the same form was sent twice at once."""
    base = slugify_vi(key or f"{row.title} {row.year}", 100) or f"chuong-trinh-{row.year}"
    for number in range(1, 200):
        row.key = base if number == 1 else f"{base}-{number}"
        if Programme.objects.filter(key=row.key).exists():
            continue
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            row.pk = None
            if known := _known(row.created_by_id, row.client_key):
                return known
            continue
        return None
    raise ProgrammeError(_("Đã có quá nhiều chương trình cùng tên. Hãy đặt tên khác."), field="title")


def _places_moved(row: Programme, before: dict[str, object], now: datetime) -> None:
    """A new place of the programme is a new place of its sessions that have none of their own: calendars must learn it."""
    if (before["venue"], before["address"]) == (row.venue, row.address):
        return
    for session in row.sessions.standing().filter(venue="", ends_at__gt=now):
        session.sequence += 1
        session.updated_at = now
        session.save(update_fields=["sequence", "updated_at"])
