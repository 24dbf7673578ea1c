"""Proposals to send people to courses: drafted by the unit, approved by its head, gathered, and what became of each person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.models import Unit
from khcn.programmes.enums_training import PROPOSAL_EDITABLE, Outcome, ProposalState, RecordBasis, RecordState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.training import TrainingPost, TrainingTopic
from khcn.programmes.models.training_more import CourseBatch, CourseProposal, ProposedPerson, TrainingRecord
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_approve_proposal, can_keep
from khcn.programmes.rules.registrations import line_of
from khcn.programmes.rules.training import valid_until
from khcn.programmes.services.training_records import posts_of
from khcn.programmes.services.training_setup import officer_only
from khcn.programmes.services.training_sync import unit_on

MOST_PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class CourseWish:
    """A course as the unit entered it."""

    course: str
    topic_id: int
    organiser: str
    starts_on: date
    ends_on: date
    place: str = ""
    hours: Decimal | None = None
    cost_vnd: Decimal = Decimal(0)
    reason: str = ""


def _keeper(actor: Actor, unit_id: int, now: datetime) -> None:
    day = local_date(now)
    if not can_keep(acting(actor, day), unit_id, day):
        raise PermissionDeniedError(_("Đề nghị cử đi học do người báo cáo của đơn vị soạn. Hãy nhờ họ."))


def _locked(pk: int, states: Collection[str]) -> CourseProposal:
    row = (
        CourseProposal.objects.select_for_update(of=("self",))
        .select_related("unit", "topic")
        .filter(pk=pk)
        .first()
    )
    if row is None or row.state not in states:
        raise StaleError(_("Đề nghị này đã sang bước khác hoặc không còn. Hãy tải lại trang."))
    return row


def _checked(wish: CourseWish) -> dict[str, object]:
    values: dict[str, object] = {
        "course": line_of(wish.course, 200, "course"), "organiser": line_of(wish.organiser, 200, "organiser"),
        "place": line_of(wish.place, 200, "place"), "reason": line_of(wish.reason, 500, "reason"),
    }  # fmt: skip
    for name in ("course", "organiser"):
        if not values[name]:
            raise ProgrammeError(_("Hãy ghi tên khóa và nơi tổ chức."), field=name)
    if wish.ends_on < wish.starts_on:
        raise ProgrammeError(_("Ngày kết thúc phải sau ngày bắt đầu."), field="ends_on")
    if not 0 <= wish.cost_vnd < Decimal(10) ** 12:
        raise ProgrammeError(_("Kinh phí mỗi người không hợp lý. Hãy ghi số đồng."), field="cost_vnd")
    if wish.hours is not None and not 0 <= wish.hours <= 2000:
        raise ProgrammeError(_("Số tiết, giờ từ 0 đến 2000."), field="hours")
    if not TrainingTopic.objects.filter(pk=wish.topic_id).exists():
        raise ProgrammeError(_("Hãy chọn chủ đề trong danh sách."), field="topic")
    return values | {
        "topic_id": wish.topic_id, "starts_on": wish.starts_on, "ends_on": wish.ends_on, "hours": wish.hours,
        "cost_vnd": wish.cost_vnd,
    }  # fmt: skip


def _people(unit_id: int, people: Collection[int], today: date) -> list[int]:
    if not people:
        raise ProgrammeError(_("Hãy chọn ít nhất một người."), field="people")
    if len(people) > MOST_PEOPLE:
        raise ProgrammeError(
            _("Mỗi đề nghị nhiều nhất %(most)s người.") % {"most": MOST_PEOPLE}, field="people"
        )
    held = TrainingPost.objects.listed(today).filter(unit_id=unit_id, person_id__in=list(people))
    found = sorted(set(held.values_list("person_id", flat=True)))
    if len(found) != len(set(people)):
        raise ProgrammeError(
            _("Có người không còn trong danh sách của đơn vị. Hãy chọn lại."), field="people"
        )
    return found


@transaction.atomic
def proposal_save(
    *, actor: Actor, unit: Unit, wish: CourseWish, people: Collection[int], now: datetime, client_key: str = "",
    proposal_id: int | None = None,
) -> CourseProposal:  # fmt: skip
    """Draft a proposal, or change the draft; the same ``client_key`` again is the first one.

    :raises PermissionDeniedError, ProgrammeError, StaleError:
    """
    _keeper(actor, unit.pk, now)
    if client_key and proposal_id is None:
        first = CourseProposal.objects.filter(unit=unit, client_key=client_key[:40]).first()
        if first is not None:
            return first
    values, chosen = _checked(wish), _people(unit.pk, people, local_date(now))
    if proposal_id is None:
        try:
            with transaction.atomic():
                row = CourseProposal.objects.create(
                    unit=unit,
                    created_by_id=actor_id(actor),
                    created_at=now,
                    client_key=client_key[:40],
                    **values,
                )
        except IntegrityError:  # the second half of a double click
            return CourseProposal.objects.get(unit=unit, client_key=client_key[:40])
    else:
        row = _locked(proposal_id, PROPOSAL_EDITABLE)
        if row.unit_id != unit.pk:
            raise StaleError(_("Không thấy đề nghị này trong đơn vị. Hãy tải lại trang."))
        CourseProposal.objects.filter(pk=row.pk).update(revision=row.revision + 1, **values)
    row.people.exclude(person_id__in=chosen).delete()
    held = set(row.people.values_list("person_id", flat=True))
    ProposedPerson.objects.bulk_create(
        ProposedPerson(proposal=row, person_id=pk) for pk in chosen if pk not in held
    )
    audit_record(
        actor=actor, action="programmes.training.propose", target=row, after={"people": len(chosen)}, at=now
    )
    row.refresh_from_db()
    return row


def _move(row: CourseProposal, action: str, actor: Actor, now: datetime, **values: object) -> CourseProposal:
    before = row.state
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    audit_record(
        actor=actor, action=action, target=row, before={"state": before}, after={"state": row.state},
        reason=row.return_reason, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def proposal_submit(*, actor: Actor, proposal_id: int, now: datetime) -> CourseProposal:
    """Hand a draft to the head of the unit. :raises PermissionDeniedError, StaleError, ProgrammeError:"""
    row = _locked(proposal_id, PROPOSAL_EDITABLE)
    _keeper(actor, row.unit_id, now)
    _people(row.unit_id, list(row.people.values_list("person_id", flat=True)), local_date(now))
    return _move(
        row, "programmes.training.propose_submit", actor, now, state=ProposalState.SUBMITTED,
        submitted_by_id=actor_id(actor), submitted_at=now, return_reason="",
    )  # fmt: skip


def _head(actor: Actor, row: CourseProposal, now: datetime) -> None:
    day = local_date(now)
    if not can_approve_proposal(acting(actor, day), row.unit_id, day):
        raise PermissionDeniedError(_("Thủ trưởng đơn vị duyệt đề nghị này. Hãy nhờ thủ trưởng."))
    if actor is not None and actor_id(actor) in {row.submitted_by_id, row.created_by_id}:
        raise PermissionDeniedError(
            _("Bạn đã soạn đề nghị này nên không tự duyệt được. Hãy nhờ người khác duyệt.")
        )


@transaction.atomic
def proposal_approve(*, actor: Actor, proposal_id: int, now: datetime) -> CourseProposal:
    """Approve what somebody else drafted; the focal unit gathers it. :raises PermissionDeniedError, StaleError:"""
    row = _locked(proposal_id, {ProposalState.SUBMITTED})
    _head(actor, row, now)
    return _move(
        row, "programmes.training.propose_approve", actor, now, state=ProposalState.APPROVED,
        approved_by_id=actor_id(actor), approved_at=now,
    )  # fmt: skip


@transaction.atomic
def proposal_return(*, actor: Actor, proposal_id: int, reason: str, now: datetime) -> CourseProposal:
    """Give a proposal back with a reason: the head while it waits, the focal officer once it is approved."""
    row = _locked(proposal_id, {ProposalState.SUBMITTED, ProposalState.APPROVED})
    if row.state == ProposalState.APPROVED:
        officer_only(actor, now)
    else:
        _head(actor, row, now)
    if not (why := line_of(reason, 500, "reason")):
        raise ProgrammeError(_("Hãy ghi lý do để đơn vị biết sửa gì."), field="reason")
    return _move(
        row, "programmes.training.propose_return", actor, now, state=ProposalState.DRAFT, submitted_by_id=None,
        submitted_at=None, approved_by_id=None, approved_at=None, return_reason=why,
    )  # fmt: skip


@transaction.atomic
def proposal_withdraw(*, actor: Actor, proposal_id: int, now: datetime) -> CourseProposal:
    """Take a proposal back before it is gathered. :raises PermissionDeniedError, StaleError:"""
    row = _locked(proposal_id, {ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.APPROVED})
    _keeper(actor, row.unit_id, now)
    return _move(row, "programmes.training.propose_withdraw", actor, now, state=ProposalState.WITHDRAWN)


@transaction.atomic
def proposals_gather(
    *, actor: Actor, proposals: Collection[int], title: str, addressee: str, client_key: str, now: datetime
) -> CourseBatch:
    """Gather approved proposals into one list that goes to the organiser; twice is once.

    :raises PermissionDeniedError, ProgrammeError: :raises StaleError: one of them moved on meanwhile.
    """
    officer_only(actor, now)
    if len(client_key) < 8:
        raise ProgrammeError(_("Trang này đã cũ. Hãy tải lại trang rồi làm lại."))
    first = CourseBatch.objects.filter(client_key=client_key[:40]).first()
    if first is not None:
        return first
    name, to = line_of(title, 200, "title"), line_of(addressee, 200, "addressee")
    if not name or not to:
        raise ProgrammeError(_("Hãy ghi tên đợt và nơi gửi đến."), field="addressee" if name else "title")
    if not proposals:
        raise ProgrammeError(_("Hãy chọn ít nhất một đề nghị."), field="proposals")
    try:
        with transaction.atomic():
            batch = CourseBatch.objects.create(
                title=name,
                addressee=to,
                gathered_by_id=actor_id(actor),
                gathered_at=now,
                client_key=client_key[:40],
            )
    except IntegrityError:
        return CourseBatch.objects.get(client_key=client_key[:40])
    done = CourseProposal.objects.filter(pk__in=list(proposals), state=ProposalState.APPROVED).update(
        state=ProposalState.GATHERED, batch=batch
    )
    if done != len(set(proposals)):
        raise StaleError(_("Có đề nghị đã sang bước khác. Chưa tổng hợp gì; hãy tải lại trang."))
    audit_record(
        actor=actor, action="programmes.training.gather", target=batch, after={"proposals": done}, at=now
    )
    return batch


@transaction.atomic
def proposal_results(
    *, actor: Actor, proposal_id: int, outcomes: Mapping[int, str], now: datetime, held_on: date | None = None
) -> CourseProposal:
    """Enter what became of each person; who finished the course gets a record, who did not any more loses it.

    :param outcomes: by person. :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    officer_only(actor, now)
    row = _locked(proposal_id, {ProposalState.GATHERED, ProposalState.CLOSED})
    people = {one.person_id: one for one in row.people.all()}
    if set(outcomes) - set(people) or any(one not in Outcome.values for one in outcomes.values()):
        raise ProgrammeError(_("Danh sách đã thay đổi. Hãy tải lại trang."))
    day = held_on or row.ends_on
    if Outcome.ATTENDED in outcomes.values() and day > local_date(now):
        raise ProgrammeError(
            _("Khóa học chưa kết thúc nên chưa ghi đã học xong. Hãy ghi sau ngày kết thúc."), field="held_on"
        )
    for person_id, outcome in outcomes.items():
        one = people[person_id]
        if one.outcome != outcome:
            one.outcome = outcome
            one.save(update_fields=["outcome"])
        _record(actor, row, one, day, now)
    over = not row.people.filter(outcome__in=[Outcome.WAITING, Outcome.ACCEPTED]).exists()
    return _move(
        row,
        "programmes.training.results",
        actor,
        now,
        state=ProposalState.CLOSED if over else ProposalState.GATHERED,
    )


def _record(actor: Actor, row: CourseProposal, one: ProposedPerson, day: date, now: datetime) -> None:
    held = TrainingRecord.objects.filter(proposed=one).first()
    if one.outcome != Outcome.ATTENDED:
        if held is not None and held.state != RecordState.VOID:
            held.state, held.reason = RecordState.VOID, _("Kết quả cử đi học đã sửa.")
            held.save(update_fields=["state", "reason"])
        return
    verifier = actor_id(actor) if actor_id(actor) != row.created_by_id else None
    values = {
        "state": RecordState.VERIFIED, "title": row.course, "organiser": row.organiser, "held_on": day, "hours": row.hours,
        "valid_until": valid_until(day, row.topic.valid_months), "topic": row.topic, "reason": "",
        "verified_by_id": verifier, "verified_at": now, "entered_by_id": row.created_by_id,
    }  # fmt: skip
    if held is None:
        TrainingRecord.objects.create(
            proposed=one, person_id=one.person_id, basis=RecordBasis.PROPOSAL, entered_at=now,
            unit_id=unit_on(posts_of(one.person_id), day) or row.unit_id, **values,
        )  # fmt: skip
    else:
        for name, value in values.items():
            setattr(held, name, value)
        held.save()
