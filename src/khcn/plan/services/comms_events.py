"""Others' events: the invitation comes in, is passed on, units nominate or decline, attend, win."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_batch, audit_record, snapshot
from khcn.core.calendar.selectors import working_calendar_around
from khcn.core.dates import date_vi, local_date
from khcn.core.enums import Channel as Way
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.outbox.rules import RecipientError
from khcn.core.outbox.services import message_send
from khcn.core.private_files import PAPERS, PICTURES, Drawer, Upload
from khcn.engines.text.fold import nfc
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from khcn.orgs.unit_time import units_on
from khcn.plan.enums import EventKind, PartState
from khcn.plan.errors import StaleError
from khcn.plan.models import EventPart, OutsideEvent, Plan
from khcn.plan.permissions import acting, can_enter_progress, can_keep_campaigns
from khcn.plan.rules.comms import CommsError, Part, check_part
from khcn.plan.selectors.people import holders_by_unit

SCANS: Final = Drawer("plan/invitations", PAPERS | PICTURES)
FIELDS: Final = (
    "title", "kind", "organiser", "task_code", "plan", "document", "received_on", "starts_on", "ends_on", "reply_by",
    "place", "seats", "note",
)  # fmt: skip
PART_FIELDS: Final = ("state", "nominated", "attended", "audience", "awards", "award_text", "note")
REMIND_BEFORE: Final = (2, 0)  # working days before the last day of answering
_ROLES: Final = (Role.UNIT_REPORTER, Role.UNIT_HEAD)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says."""

    title: str
    kind: str
    organiser: str
    starts_on: date
    ends_on: date
    received_on: date
    reply_by: date | None = None
    place: str = ""
    seats: int | None = None
    document: str = ""
    note: str = ""
    plan: Plan | None = None
    task_code: str = ""


def _keeper(actor: Actor, now: datetime) -> None:
    if not can_keep_campaigns(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Lời mời do chuyên viên của đơn vị đầu mối ghi và chuyển đi."))


def _line(value: str, most: int) -> str:
    return " ".join(nfc(value.replace("\x00", "")).split())[:most]


def event_save(
    *,
    actor: Actor,
    values: Invitation,
    now: datetime,
    event: OutsideEvent | None = None,
    scan: Upload | None = None,
) -> OutsideEvent:
    """Enter or change an invitation; a new scan replaces the old one.

    :raises PermissionDeniedError: not a focal officer. :raises CommsError: what cannot be right.
    :raises FileRefusedError: a scan that is none.
    """
    _keeper(actor, now)
    fields = _fields(values)
    kept = SCANS.keep(scan).name if scan is not None else ""
    try:
        with transaction.atomic():
            row = event or OutsideEvent(created_by_id=actor_id(actor), created_at=now)
            before = snapshot(row, FIELDS) if row.pk else None
            for name, value in fields.items():
                setattr(row, name, value)
            old, row.file = (row.file, kept) if kept else ("", row.file)
            row.save()
            after = snapshot(row, FIELDS) | ({"scan": True} if kept else {})
            if before != after:
                action = "plan.event.update" if before else "plan.event.create"
                audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)
    except BaseException:
        SCANS.drop(kept)
        raise
    SCANS.drop(old)
    return row


def _fields(values: Invitation) -> dict[str, Any]:
    title, organiser = _line(values.title, 300), _line(values.organiser, 200)
    if not title or not organiser:
        raise CommsError(
            _("Hãy ghi tên hoạt động và đơn vị tổ chức."), field="organiser" if title else "title"
        )
    if values.kind not in EventKind.values:
        raise CommsError(_("Hãy chọn loại hoạt động."), field="kind")
    if values.ends_on < values.starts_on:
        raise CommsError(_("Ngày cuối phải từ ngày đầu trở đi."), field="ends_on")
    if values.reply_by is not None and values.reply_by > values.starts_on:
        raise CommsError(_("Hạn cử người phải trước khi hoạt động diễn ra."), field="reply_by")
    if values.seats is not None and not 1 <= values.seats <= 1_000_000:
        raise CommsError(_("Số người được mời phải từ 1 trở lên, hoặc để trống."), field="seats")
    return {
        "title": title, "kind": values.kind, "organiser": organiser, "task_code": values.task_code[:40],
        "plan": values.plan, "document": _line(values.document, 120), "received_on": values.received_on,
        "starts_on": values.starts_on, "ends_on": values.ends_on, "reply_by": values.reply_by,
        "place": _line(values.place, 300), "seats": values.seats, "note": values.note.replace("\x00", "").strip()[:5000],
    }  # fmt: skip


def invitation_text(event: OutsideEvent) -> str:
    """Return the invitation as a text to paste into Zalo."""
    days = date_vi(event.starts_on)
    if event.ends_on != event.starts_on:
        days = _("%(from)s đến %(to)s") % {"from": days, "to": date_vi(event.ends_on)}
    lines = [
        f"{event.get_kind_display()}: {event.title}",
        _("Đơn vị tổ chức: %(name)s") % {"name": event.organiser},
        _("Thời gian: %(days)s") % {"days": days},
    ]
    if event.place:
        lines.append(_("Địa điểm: %(place)s") % {"place": event.place})
    if event.seats:
        lines.append(_("Số người được mời: %(seats)s") % {"seats": event.seats})
    if event.reply_by:
        lines.append(
            _("Đề nghị cử người trước hết ngày %(day)s, ghi trên hệ thống.")
            % {"day": date_vi(event.reply_by)}
        )
    if event.document:
        lines.append(_("Văn bản: %(document)s") % {"document": event.document})
    return "\n".join(lines)


@transaction.atomic
def event_pass(*, actor: Actor, event_id: int, units: Sequence[Unit], now: datetime) -> int:
    """Pass an invitation on to units (groups: their members of today), each once; their people are written to.

    Return how many units were new. :raises PermissionDeniedError: not a focal officer.
    """
    _keeper(actor, now)
    today = local_date(now)
    event = OutsideEvent.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFoundError(_("Không thấy lời mời này."))
    there = set(event.parts.values_list("unit", flat=True))
    new = [unit for unit in units_on(units, today) if unit.pk not in there]
    EventPart.objects.bulk_create(
        [EventPart(event=event, unit=unit, passed_on=today, updated_at=now) for unit in new]
    )
    if new:
        audit_record(
            actor=actor, action="plan.event.pass", target=event, at=now, after={"units": [u.name for u in new]}
        )  # fmt: skip
        _write(event, [unit.pk for unit in new], now, reason="pass")
    return len(new)


def _write(event: OutsideEvent, unit_ids: Collection[int], now: datetime, *, reason: str) -> int:
    """Write to the reporters of units (to their heads where there is none), on the desk and by mail; return to how many."""
    link = reverse("plan-desk:event", args=[event.pk])
    told: set[int] = set()
    new = 0
    for held in holders_by_unit(unit_ids, _ROLES, local_date(now)).values():
        for person in held.get(Role.UNIT_REPORTER) or held.get(Role.UNIT_HEAD) or []:
            if person.pk not in told:
                told.add(person.pk)
                new += _send(event, person, link, now, reason)
    return new


def _send(event: OutsideEvent, person: User, link: str, now: datetime, reason: str) -> bool:
    """Write to one person; ``False`` when that was done before."""
    subject = _("Lời mời: %(title)s") % {"title": event.title}
    if reason != "pass":
        subject = _("Nhắc cử người: %(title)s") % {"title": event.title}
    key = f"plan.event:{event.pk}:{reason}:{person.pk}"
    opens = working_calendar_around(local_date(now)).next_working_moment(now)
    message = message_send(
        channel=Way.DESK, user=person, subject=subject, body=invitation_text(event), link=link, now=now,
        not_before=opens if reason != "pass" else None, dedupe_key=f"{key}:desk",
    )  # fmt: skip
    with suppress(RecipientError):  # nobody gave an address: the desk has it
        message_send(
            channel=Way.MAIL, user=person, subject=subject, body=invitation_text(event), link=link, now=now,
            dedupe_key=f"{key}:mail", office_hours=True,
        )  # fmt: skip
    return message.created_at == now


@transaction.atomic
def part_update(*, actor: Actor, part_id: int, revision: int, part: Part, now: datetime) -> EventPart:
    """Say what a unit does about an invitation: nominates, declines, attended with awards, was absent.

    :raises PermissionDeniedError: not of the unit. :raises CommsError: numbers that do not fit.
    :raises StaleError: somebody was quicker.
    """
    today = local_date(now)
    row = EventPart.objects.select_related("event", "unit").filter(pk=part_id).first()
    if row is None:
        raise NotFoundError(_("Không thấy lời mời này."))
    if not can_enter_progress(acting(actor, today), row.unit_id) or not row.unit.in_force(today):
        raise PermissionDeniedError(_("Phần này do %(unit)s ghi.") % {"unit": row.unit.name})
    if row.state == PartState.HANDED or part.state in {PartState.HANDED, PartState.INVITED}:
        raise CommsError(_("Hãy chọn: cử người, không tham gia, đã tham gia hay vắng."), field="state")
    check_part(part, starts_on=row.event.starts_on, today=today, free_seats=_free_seats(row))
    before = snapshot(row, PART_FIELDS)
    values = {
        "state": part.state, "nominated": part.nominated, "attended": part.attended, "audience": part.audience,
        "awards": part.awards, "award_text": _line(part.award_text, 500), "note": _line(part.note, 500),
    }  # fmt: skip
    if part.state == PartState.DECLINED:
        values["nominated"] = None
    still = EventPart.objects.filter(pk=row.pk, revision=revision)
    if not still.update(revision=F("revision") + 1, updated_at=now, **values):
        raise StaleError(_("Phần này vừa được người khác ghi. Hãy xem lại rồi ghi tiếp."))
    row.refresh_from_db()
    audit_record(
        actor=actor, action="plan.event.part", target=row, before=before, after=snapshot(row, PART_FIELDS), at=now
    )  # fmt: skip
    return row


def _free_seats(row: EventPart) -> int | None:
    """Return the seats that other units left; ``None`` when the invitation names no number."""
    if row.event.seats is None:
        return None
    others = row.event.parts.exclude(pk=row.pk).exclude(state__in=[PartState.DECLINED, PartState.HANDED])
    taken = others.aggregate(n=Sum("nominated"))["n"] or 0
    return row.event.seats - taken


def events_remind(now: datetime) -> int:
    """Remind units that have not answered, two working days before the last day and on it; return to how many people.

    A duty: each reminder leaves once, and only when offices work.
    """
    today = local_date(now)
    calendar = working_calendar_around(today)
    if not calendar.is_working_day(today):
        return 0
    sent = 0
    last = today + timedelta(days=14)
    events = OutsideEvent.objects.filter(
        reply_by__gte=today, reply_by__lte=last, parts__state=PartState.INVITED
    ).distinct()
    for event in events:
        assert event.reply_by is not None  # noqa: S101  # asked for above
        left = calendar.working_days_between(today, event.reply_by)
        rung = next((days for days in sorted(REMIND_BEFORE) if left <= days), None)
        waiting = event.parts.filter(state=PartState.INVITED).exclude(passed_on=today)
        if rung is not None and waiting.exists():
            sent += _write(event, list(waiting.values_list("unit", flat=True)), now, reason=f"remind-{rung}")
    if sent:
        audit_batch(actor=None, action="plan.event.remind", count=sent, summary={"day": today}, at=now)
    return sent
