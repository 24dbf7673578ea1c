"""Sessions of a programme: one, or a recurring series; change and cancel; trainers and materials."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.calendar.selectors import working_calendar
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.references import Reference, resolve
from khcn.programmes.enums import EDITABLE_STATES, WITH_SESSIONS, SessionState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Material, Programme, Session, Trainer
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.calendar import LONGEST, Every, Planned, planned_days
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.services.calendar_programmes import days_follow
from khcn.programmes.services.letters_automatic import session_cancelled

MOST_SESSIONS: Final = 200
TRACKED: Final = (
    "title", "starts_at", "ends_at", "venue", "address", "link", "capacity", "state", "note",
)  # fmt: skip
SAID: Final = ("title", "venue", "address", "link", "capacity", "note")
MOVES: Final = frozenset(
    {"title", "starts_at", "ends_at", "venue", "address", "state"}
)  # what calendars must learn


@dataclass(frozen=True, slots=True)
class SessionText:
    """What a clerk says about a session."""

    starts_at: datetime
    ends_at: datetime
    title: str = ""
    venue: str = ""
    address: str = ""
    link: str = ""
    capacity: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How a session comes again: until a day, or so many times."""

    every: Every
    until: date | None = None
    count: int | None = None


@transaction.atomic
def session_add(*, actor: Actor, programme_id: int, values: SessionText, now: datetime) -> Session:
    """Add one session. Raises PermissionDeniedError, ProgrammeError."""
    return _add(_with_sessions(_open(actor, programme_id, now)), actor, values, now, "")


def recurrence_preview(values: SessionText, recurrence: Recurrence) -> list[Planned]:
    """Return the days that a recurrence would make, holidays marked; worked weekends are no holidays."""
    first = local_date(values.starts_at)
    if not (recurrence.until or recurrence.count):
        raise ProgrammeError(_("Hãy ghi lặp đến ngày nào, hoặc bao nhiêu buổi."), field="until")
    last = first + timedelta(days=LONGEST)
    off = working_calendar(range(first.year, last.year + 1)).off
    return planned_days(
        first, recurrence.every, until=recurrence.until, count=recurrence.count, is_off=lambda day: day in off
    )


@transaction.atomic
def sessions_repeat(
    *, actor: Actor, programme_id: int, values: SessionText, recurrence: Recurrence, now: datetime
) -> list[Session]:
    """Make a series: the days of the preview that are no holidays. Raises PermissionDeniedError, ProgrammeError."""
    programme = _with_sessions(_open(actor, programme_id, now))
    series, made = token_hex(8), []
    for one in recurrence_preview(values, recurrence):
        if not one.holiday:
            made.append(_add(programme, actor, _on_day(values, one), now, series))
    if not made:
        raise ProgrammeError(
            _("Không có ngày nào ngoài ngày nghỉ. Hãy chọn khoảng thời gian khác."), field="until"
        )
    return made


@transaction.atomic
def session_update(
    *, actor: Actor, session_id: int, values: SessionText, now: datetime, following: bool = False
) -> list[Session]:
    """Change a session, or it and those after it in its series: these move by as much and take over what was changed.

    :raises PermissionDeniedError, ProgrammeError:
    """
    session = _found(session_id)
    programme = _open(actor, session.programme_id, now)
    if session.state == SessionState.CANCELLED:
        raise ProgrammeError(_("Buổi này đã hủy. Hãy thêm buổi mới."))
    if following and session.over(now):
        raise ProgrammeError(
            _("Buổi này đã diễn ra. Hãy mở buổi sắp tới đầu tiên của chuỗi rồi sửa từ buổi đó."),
            field="following",
        )
    changed = _chosen(session, following)
    shift, length = values.starts_at - session.starts_at, values.ends_at - values.starts_at
    new = {name: getattr(values, name) for name in SAID if getattr(values, name) != getattr(session, name)}
    for row in changed:
        said = {name: getattr(row, name) for name in SAID} | new
        starts_at = row.starts_at + shift
        _change(row, actor, SessionText(starts_at=starts_at, ends_at=starts_at + length, **said), now)
    days_follow(programme)
    return changed


@transaction.atomic
def session_cancel(
    *, actor: Actor, session_id: int, reason: str, now: datetime, following: bool = False
) -> list[Session]:
    """Cancel a session that is not over, or it and those after it; who registered is told. Raises PermissionDeniedError, ProgrammeError."""
    session = _found(session_id)
    programme = _open(actor, session.programme_id, now)
    words = kept_line(reason, 500)
    if not words:
        raise ProgrammeError(_("Hãy ghi lý do hủy; người đăng ký sẽ đọc lý do này."), field="reason")
    if session.over(now):
        raise ProgrammeError(_("Buổi đã diễn ra nên không hủy được."))
    changed = []
    for row in _chosen(session, following):
        row.state, row.cancel_reason, row.updated_at = SessionState.CANCELLED, words, now
        row.sequence += 1
        row.save(update_fields=["state", "cancel_reason", "sequence", "updated_at"])
        audit_record(actor=actor, action="programmes.session.cancel", target=row, reason=words, at=now)
        changed.append(row)
        session_cancelled(row, now)
    days_follow(programme)
    return changed


@transaction.atomic
def trainer_add(
    *, actor: Actor, programme_id: int, name: str, now: datetime, title: str = "", organisation: str = ""
) -> Trainer:
    """Name who teaches or speaks. Raises PermissionDeniedError, ProgrammeError."""
    programme = _open(actor, programme_id, now)
    said = kept_line(name, 150)
    if not said:
        raise ProgrammeError(_("Hãy ghi họ và tên."), field="name")
    row = Trainer.objects.create(
        programme=programme, name=said, title=kept_line(title, 150), organisation=kept_line(organisation, 200)
    )
    audit_record(
        actor=actor, action="programmes.trainer.add", target=programme, after={"name": row.name}, at=now
    )
    return row


@transaction.atomic
def trainer_remove(*, actor: Actor, trainer_id: int, now: datetime) -> None:
    """Take a trainer off. Raises PermissionDeniedError, ProgrammeError."""
    row = Trainer.objects.filter(pk=trainer_id).first()
    if row is not None:
        _take_off(row, actor, "programmes.trainer.remove", {"name": row.name}, now)


@transaction.atomic
def material_add(*, actor: Actor, programme_id: int, record: str, now: datetime) -> Material:
    """Use a work of the library that the actor may see. Raises PermissionDeniedError, ProgrammeError."""
    programme = _open(actor, programme_id, now)
    try:
        found = resolve(Reference.parse(record[:120]), actor)
    except ValueError:
        found = None
    if found is None or found.reference.kind != "library.work":
        raise ProgrammeError(
            _("Không thấy tài liệu này. Hãy tìm lại và chọn trong danh sách."), field="record"
        )
    row, made = Material.objects.get_or_create(
        programme=programme, session=None, record=str(found.reference), defaults={"title": found.title[:300]}
    )
    if made:
        audit_record(
            actor=actor,
            action="programmes.material.add",
            target=programme,
            after={"record": row.record},
            at=now,
        )
    return row


@transaction.atomic
def material_remove(*, actor: Actor, material_id: int, now: datetime) -> None:
    """Use a work no longer. Raises PermissionDeniedError, ProgrammeError."""
    row = Material.objects.filter(pk=material_id).first()
    if row is not None:
        _take_off(row, actor, "programmes.material.remove", {"record": row.record}, now)


def _take_off(
    row: Trainer | Material, actor: Actor, action: str, before: dict[str, str], now: datetime
) -> None:
    programme = _open(actor, row.programme_id, now)
    audit_record(actor=actor, action=action, target=programme, before=before, at=now)
    row.delete()


def _found(pk: int) -> Session:
    row = Session.objects.filter(pk=pk).first()
    if row is None:
        raise ProgrammeError(_("Không thấy buổi này. Hãy mở lại trang chương trình."))
    return row


def _open(actor: Actor, pk: int, now: datetime) -> Programme:
    row = Programme.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise ProgrammeError(_("Không thấy chương trình này. Hãy mở lại danh sách."))
    if not can_run(acting(actor, local_date(now)), row.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối làm việc này.")
        )
    if row.state not in EDITABLE_STATES:
        raise ProgrammeError(_("Chương trình đã kết thúc hoặc đã hủy nên không sửa nữa."))
    return row


def _with_sessions(programme: Programme) -> Programme:
    if programme.kind not in WITH_SESSIONS:
        raise ProgrammeError(
            _(
                "Cuộc thi và hỗ trợ thiết bị không có buổi. Hãy ghi từ ngày nào đến ngày nào ở trang sửa thông tin."
            )
        )
    return programme


def _chosen(session: Session, following: bool) -> list[Session]:
    """Return the session, or it and those after it. It is not over, so none of those is."""
    if not following or not session.series:
        return [session]
    rows = Session.objects.standing().filter(
        programme_id=session.programme_id, series=session.series, starts_at__gte=session.starts_at
    )
    return list(rows.order_by("starts_at", "pk"))


def _clean(values: SessionText) -> SessionText:
    if values.ends_at <= values.starts_at:
        raise ProgrammeError(_("Giờ kết thúc phải sau giờ bắt đầu."), field="ends_at")
    if values.ends_at - values.starts_at > timedelta(days=60):
        raise ProgrammeError(
            _("Một buổi không dài quá 60 ngày. Hãy kiểm tra lại ngày kết thúc."), field="ends_at"
        )
    if values.link and not values.link.lower().startswith(("https://", "http://")):
        raise ProgrammeError(_("Đường dẫn phải bắt đầu bằng https://."), field="link")
    texts: dict[str, Any] = {
        name: kept_line(getattr(values, name), most)
        for name, most in (("title", 200), ("venue", 200), ("address", 300), ("note", 500))
    }
    return replace(values, **texts)


def _on_day(values: SessionText, planned: Planned) -> SessionText:
    here = timezone.localtime(values.starts_at)
    starts_at = timezone.make_aware(datetime.combine(planned.day, here.time().replace(tzinfo=None)))
    return replace(values, starts_at=starts_at, ends_at=starts_at + (values.ends_at - values.starts_at))


def _add(programme: Programme, actor: Actor, values: SessionText, now: datetime, series: str) -> Session:
    clean = _clean(values)
    last = programme.sessions.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_SESSIONS:
        raise ProgrammeError(_("Một chương trình có nhiều nhất %(most)s buổi.") % {"most": MOST_SESSIONS})
    texts = {one.name: getattr(clean, one.name) for one in fields(clean)}
    row = Session.objects.create(programme=programme, number=last + 1, series=series, updated_at=now, **texts)
    audit_record(
        actor=actor, action="programmes.session.add", target=row, after=snapshot(row, TRACKED), at=now
    )
    days_follow(programme)
    return row


def _change(row: Session, actor: Actor, values: SessionText, now: datetime) -> None:
    clean, before = _clean(values), snapshot(row, TRACKED)
    for one in fields(clean):
        setattr(row, one.name, getattr(clean, one.name))
    after = snapshot(row, TRACKED)
    if before == after:
        return
    if row.state == SessionState.PLANNED and any(before[name] != after[name] for name in MOVES):
        row.sequence += 1
    row.updated_at = now
    row.save()
    audit_record(
        actor=actor, action="programmes.session.update", target=row, before=before, after=after, at=now
    )
