"""Who came: ticked one by one, a group at once, people on no list, a headcount. Doing the same twice is doing it once."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.programmes.enums import Audience, RegistrationState, SessionState, Sex
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.attendance import KEY, MOST_PEOPLE, Presence, Source
from khcn.programmes.rules.texts import kept_line


def may_mark(actor: Actor, session: Session, now: datetime) -> None:
    """Check that ``actor`` runs the programme and the session takes place. :raises PermissionDeniedError, ProgrammeError:"""
    if not can_run(acting(actor, local_date(now)), session.programme.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối điểm danh. Hãy nhờ họ.")
        )
    takes_place(session)


def takes_place(session: Session) -> None:
    """:raises ProgrammeError: the session was cancelled."""
    if session.state == SessionState.CANCELLED:
        raise ProgrammeError(_("Buổi này đã hủy nên không điểm danh. Hãy chọn buổi khác."))


def attendance_mark(
    *,
    actor: Actor,
    session: Session,
    registration: Registration,
    present: bool | str,
    now: datetime,
    at: datetime | None = None,
    source: str = Source.HAND,
    device_key: str = "",
) -> Attendance:
    """Say whether somebody came (True, False or a :class:`Presence`); the same again changes nothing.

    :raises PermissionDeniedError: :raises ProgrammeError: a cancelled session, somebody without a seat in it.
    """
    may_mark(actor, session, now)
    state = present if isinstance(present, str) else (Presence.PRESENT if present else Presence.ABSENT)
    row, _changed = mark_now(
        actor=actor, session=session, registration=registration, state=state, now=now, at=at or now, source=source,
        device_key=device_key,
    )  # fmt: skip
    return row


@transaction.atomic
def attendance_mark_many(
    *, actor: Actor, session: Session, states: Mapping[int, str], now: datetime, source: str = Source.HAND
) -> int:
    """Enter a ticked list (registration id: state, "" forgets a mark); return how many changed.

    :raises PermissionDeniedError, ProgrammeError:
    """
    may_mark(actor, session, now)
    people = Registration.objects.filter(programme_id=session.programme_id).in_bulk(list(states))
    changed = 0
    for pk, state in states.items():
        registration = people.get(pk)
        if registration is None:
            raise ProgrammeError(_("Danh sách đã thay đổi. Hãy mở lại trang rồi ghi lại."))
        if state:
            _row, new = mark_now(
                actor=actor, session=session, registration=registration, state=state, now=now, at=now, source=source
            )  # fmt: skip
            changed += new
        else:
            changed += _forget(actor, session, registration, now)
    return changed


def mark_now(
    *,
    actor: Actor,
    session: Session,
    registration: Registration,
    state: str,
    now: datetime,
    at: datetime,
    source: str,
    at_phone: datetime | None = None,
    device_key: str = "",
) -> tuple[Attendance, bool]:
    """Mark without asking for rights (a secret link was checked); return the row and whether it changed.

    What happened later wins, whichever phone sends first: also a phone's second tap that changed nothing counts as the
    later deed, or an undo of before that is sent late would win over it. :raises ProgrammeError: no seat in this session.
    """
    if state not in Presence.values:
        raise ProgrammeError(_("Hãy chọn có mặt, vắng hoặc vắng có phép."))
    _belongs(session, registration)
    moment = min(at, now)
    values = {
        "state": state, "at": moment, "at_server": now, "at_phone": at_phone, "source": source,
        "device_key": device_key[:40], "marked_by_id": actor_id(actor),
    }  # fmt: skip
    with transaction.atomic():
        row, new = Attendance.objects.get_or_create(
            session=session, registration=registration, defaults=values
        )
        before = None
        if not new:
            row = Attendance.objects.select_for_update().get(pk=row.pk)
            if row.state == state or row.at > moment:
                if device_key and row.state == state and row.at < moment:
                    row.at = moment
                    row.save(update_fields=["at"])
                return row, False
            before = {"state": row.state}
            for name, value in values.items():
                setattr(row, name, value)
            row.revision += 1
            row.save()
        audit_record(
            actor=actor, action="programmes.attendance.mark", target=row, before=before,
            after={"state": str(state), "source": str(source)}, at=now,
        )  # fmt: skip
    return row, True


def _belongs(session: Session, registration: Registration) -> None:
    if registration.programme_id != session.programme_id or registration.session_id not in (None, session.pk):
        raise ProgrammeError(_("Người này đăng ký buổi khác. Hãy ghi là khách chưa đăng ký buổi này."))
    if registration.state != RegistrationState.CONFIRMED:
        raise ProgrammeError(_("Người này chưa có chỗ trong danh sách. Hãy ghi là khách chưa đăng ký."))


def _forget(actor: Actor, session: Session, registration: Registration, now: datetime) -> int:
    row = Attendance.objects.filter(session=session, registration=registration).first()
    if row is None:
        return 0
    audit_record(
        actor=actor, action="programmes.attendance.forget", target=row, before={"state": row.state}, at=now
    )
    row.delete()
    return 1


@transaction.atomic
def group_mark(
    *, actor: Actor, session: Session, group: RegistrationGroup, now: datetime, count: int | None = None
) -> int:
    """Mark a whole group present, or enter how many of it came; return how many people it then has there."""
    may_mark(actor, session, now)
    return group_mark_now(
        actor=actor, session=session, group=group, count=count, now=now, at=now, source=Source.GROUP
    )


def group_mark_now(
    *,
    actor: Actor,
    session: Session,
    group: RegistrationGroup,
    count: int | None,
    now: datetime,
    at: datetime,
    source: str,
    at_phone: datetime | None = None,
    device_key: str = "",
) -> int:
    """Mark a group without asking for rights. A count says how many came but not who. :raises ProgrammeError:"""
    if (
        group.programme_id != session.programme_id
        or group.session_id not in (None, session.pk)
        or group.cancelled_at is not None
    ):
        raise ProgrammeError(_("Đoàn này không có trong danh sách của buổi."))
    if count is not None:
        _check_count(count)
        row, new = WalkIn.objects.get_or_create(
            session=session, group=group,
            defaults={
                "key": f"group-{group.pk}", "count": count, "source": Source.GROUP, "at": at, "at_server": now,
                "marked_by_id": actor_id(actor),
            },
        )  # fmt: skip
        before = None if new else row.count
        if not new and row.at > at:
            return row.count
        if not new:
            WalkIn.objects.filter(pk=row.pk).update(
                count=count, at=at, at_server=now, marked_by_id=actor_id(actor)
            )
        if before != count:
            audit_record(
                actor=actor, action="programmes.attendance.group", target=row, before={"count": before},
                after={"count": count}, at=now,
            )  # fmt: skip
        return count
    people = [
        one for one in Registration.objects.filter(group=group).confirmed()
        if one.session_id in (None, session.pk)
    ]  # fmt: skip
    if not people:
        raise ProgrammeError(_("Đoàn này chưa có ai trong danh sách. Hãy ghi số người của đoàn."))
    for one in people:
        mark_now(
            actor=actor, session=session, registration=one, state=Presence.PRESENT, now=now, at=at, source=source,
            at_phone=at_phone, device_key=device_key,
        )  # fmt: skip
    return len(people)


def walk_in_enter(
    *, actor: Actor, session: Session, key: str, now: datetime, name: str = "", organisation: str = "",
    audience: str = "", sex: str = "", count: int = 1, source: str = Source.HAND,
) -> tuple[WalkIn, bool]:  # fmt: skip
    """Enter people who are on no list; return the row and whether it is new. :raises PermissionDeniedError, ProgrammeError:"""
    may_mark(actor, session, now)
    return walk_in_now(
        actor=actor, session=session, key=key, now=now, at=now, name=name, organisation=organisation, audience=audience,
        sex=sex, count=count, source=source,
    )  # fmt: skip


def walk_in_now(
    *, actor: Actor, session: Session, key: str, now: datetime, at: datetime, source: str, name: str = "",
    organisation: str = "", audience: str = "", sex: str = "", count: int = 1,
) -> tuple[WalkIn, bool]:  # fmt: skip
    """Enter without asking for rights. :raises ProgrammeError:"""
    if not KEY.fullmatch(key):
        raise ProgrammeError(_("Lượt ghi này hỏng. Hãy ghi lại."))
    _check_count(count)
    if (audience and audience not in Audience.values) or (sex and sex not in Sex.values):
        raise ProgrammeError(_("Hãy chọn đối tượng và giới tính trong danh sách."))
    with transaction.atomic():
        row, new = WalkIn.objects.get_or_create(
            session=session, key=key,
            defaults={
                "name": kept_line(name, 150), "organisation": kept_line(organisation, 200), "audience": audience, "sex": sex,
                "count": count, "source": source, "at": min(at, now), "at_server": now,
                "marked_by_id": actor_id(actor),
            },
        )  # fmt: skip
        if new:
            audit_record(
                actor=actor, action="programmes.attendance.walkin", target=row, after={"count": count}, at=now
            )
    return row, new


@transaction.atomic
def walk_in_remove(*, actor: Actor, session: Session, walk_in_id: int, now: datetime) -> None:
    """Take back what was entered by mistake. :raises PermissionDeniedError:"""
    may_mark(actor, session, now)
    row = WalkIn.objects.filter(session=session, pk=walk_in_id).first()
    if row is not None:
        audit_record(
            actor=actor, action="programmes.attendance.walkin_remove", target=row, before={"count": row.count}, at=now
        )  # fmt: skip
        row.delete()


@transaction.atomic
def headcount_enter(*, actor: Actor, session: Session, headcount: int | None, now: datetime) -> None:
    """Enter how many people were counted, without names. :raises PermissionDeniedError, ProgrammeError:"""
    may_mark(actor, session, now)
    if headcount is not None and not 0 <= headcount <= MOST_PEOPLE:
        raise ProgrammeError(
            _("Số người từ 0 đến %(most)s. Hãy kiểm tra lại.") % {"most": MOST_PEOPLE}, field="headcount"
        )
    old = Session.objects.select_for_update().get(pk=session.pk).headcount
    if old != headcount:
        Session.objects.filter(pk=session.pk).update(headcount=headcount)
        audit_record(
            actor=actor, action="programmes.attendance.headcount", target=session, before={"headcount": old},
            after={"headcount": headcount}, at=now,
        )  # fmt: skip


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_PEOPLE:
        raise ProgrammeError(
            _("Số người từ 1 đến %(most)s. Hãy kiểm tra lại.") % {"most": MOST_PEOPLE}, field="count"
        )
