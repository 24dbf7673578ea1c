"""Amendments of a contract: asked for with a reason, decided with a number; contract, milestones and money follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import money_vi
from khcn.programmes.enums_topics import (
    MILESTONE_OPEN,
    AmendmentKind,
    AmendmentState,
    MilestoneState,
    TopicState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicAmendment, TopicMilestone
from khcn.programmes.permissions_topics import can_decide
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.rules.topics import MOST_AMOUNT, payments_check
from khcn.programmes.services.topics_base import (
    Door,
    door_open,
    moved,
    must,
    reason_of,
    stranger_only,
    tell_side,
    topic_locked,
)
from khcn.programmes.services.topics_decisions import officer_only
from khcn.programmes.services.topics_money import money_hold


@dataclass(frozen=True, slots=True)
class Change:
    """What shall change, as it was entered. ``due`` and ``payments`` by the number of the milestone.

    Extension: ``ends_on`` and ``due``. Budget: ``value`` and ``payments``. Leader: ``name``, ``title``, ``organisation``.
    """

    ends_on: date | None = None
    due: Mapping[int, date] = field(default_factory=dict)
    value: Decimal | None = None
    payments: Mapping[int, Decimal] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    organisation: str = ""


def amendment_propose(*, door: Door, kind: str, change: Change, reason: str, now: datetime) -> TopicAmendment:
    """Ask for an amendment as the side that carries the topic out. Raises GoneError, PermissionDeniedError, ProgrammeError."""
    with transaction.atomic():
        return _propose(door_open(door, now), door.person, kind, change, reason, now=now)


def amendment_enter(
    *, actor: Actor, topic_id: int, kind: str, change: Change, reason: str, now: datetime
) -> TopicAmendment:
    """Enter an amendment as the officer: a letter came, or the agency itself wants it."""
    officer_only(actor, now)
    with transaction.atomic():
        topic = topic_locked(topic_id)
        stranger_only(actor, topic)
        return _propose(topic, actor, kind, change, reason, now=now)


def _propose(
    topic: Topic, actor: Actor, kind: str, change: Change, reason: str, *, now: datetime
) -> TopicAmendment:
    if topic.state != TopicState.RUNNING:
        raise ProgrammeError(_("Chỉ điều chỉnh được khi đề tài đang thực hiện."))
    wanted, why = AmendmentKind(kind), reason_of(reason)
    data = _checked(topic, wanted, change)
    number = (topic.amendments.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            row = TopicAmendment.objects.create(
                topic=topic, number=number, kind=wanted, reason=why, change=data, proposed_at=now,
                proposed_by_id=actor_id(actor),
            )  # fmt: skip
    except IntegrityError:
        raise ProgrammeError(
            _("Đang có một đề nghị “%(kind)s” chờ quyết định. Hãy đợi xong đề nghị đó.")
            % {"kind": wanted.label}
        ) from None
    audit_record(
        actor=actor, action="programmes.topicamendment.propose", target=row, reason=why[:500],
        after={"kind": wanted, "topic": topic.pk, **data}, at=now,
    )  # fmt: skip
    return row


def _checked(topic: Topic, kind: AmendmentKind, change: Change) -> dict[str, Any]:
    """Return a change as it is kept. Raises ProgrammeError with the field that does not fit."""
    if kind == AmendmentKind.LEADER:
        name = kept_line(change.name, 150)
        if not name or name == topic.leader_name:
            raise ProgrammeError(_("Hãy ghi họ tên chủ nhiệm mới."), field="name")
        return {
            "name": name,
            "title": kept_line(change.title, 150),
            "organisation": kept_line(change.organisation, 200),
        }
    if kind == AmendmentKind.EXTENSION:
        return _extension(topic, change)
    return _budget(topic, change)


def _open(topic: Topic) -> dict[int, TopicMilestone]:
    return {one.number: one for one in topic.milestones.filter(state__in=MILESTONE_OPEN)}


def _extension(topic: Topic, change: Change) -> dict[str, Any]:
    contract, held = topic.contract, _open(topic)
    ends_on = change.ends_on or contract.ends_on
    if ends_on < contract.ends_on:
        raise ProgrammeError(_("Gia hạn thì ngày kết thúc không sớm hơn hiện nay."), field="ends_on")
    due = {}
    for number, day in change.due.items():
        row = held.get(number)
        if row is None or day < row.due_on or day > ends_on:
            raise ProgrammeError(
                _("Mốc %(number)s: chỉ lùi hạn của mốc chưa được chấp nhận, không quá ngày kết thúc.")
                % {"number": number},
                field="due",
            )
        if day != row.due_on:
            due[str(number)] = day.isoformat()
    if ends_on == contract.ends_on and not due:
        raise ProgrammeError(_("Hãy ghi ngày kết thúc mới hoặc hạn mới của mốc."), field="ends_on")
    return {"ends_on": ends_on.isoformat(), "due": due}


def _budget(topic: Topic, change: Change) -> dict[str, Any]:
    contract, held, value = topic.contract, _open(topic), change.value
    if value is None or value != value.to_integral_value() or not 0 < value <= MOST_AMOUNT:
        raise ProgrammeError(_("Giá trị mới phải là số đồng chẵn, lớn hơn 0."), field="value")
    for number, amount in change.payments.items():
        if number not in held:
            raise ProgrammeError(
                _("Mốc %(number)s đã được chấp nhận hoặc thanh toán nên không đổi tiền được.")
                % {"number": number},
                field="payments",
            )
        if amount != amount.to_integral_value() or not 0 <= amount <= MOST_AMOUNT:
            raise ProgrammeError(
                _("Mốc %(number)s: số tiền phải là số đồng chẵn.") % {"number": number}, field="payments"
            )
    after = {one.number: change.payments.get(one.number, one.payment) for one in topic.milestones.all()}
    payments_check(after.values(), value)
    changed = {
        str(number): str(amount)
        for number, amount in change.payments.items()
        if amount != held[number].payment
    }
    if value == contract.value and not changed:
        raise ProgrammeError(_("Giá trị và các mốc chưa có gì đổi."), field="value")
    return {"value": str(value), "payments": changed}


def _change_of(data: Mapping[str, Any]) -> Change:
    return Change(
        ends_on=date.fromisoformat(data["ends_on"]) if data.get("ends_on") else None,
        due={int(number): date.fromisoformat(day) for number, day in data.get("due", {}).items()},
        value=Decimal(data["value"]) if data.get("value") else None,
        payments={int(number): Decimal(amount) for number, amount in data.get("payments", {}).items()},
        name=data.get("name", ""), title=data.get("title", ""), organisation=data.get("organisation", ""),
    )  # fmt: skip


def _decider_only(actor: Actor, now: datetime) -> None:
    sentence = _("Điều chỉnh hợp đồng do trưởng đơn vị đầu mối hoặc lãnh đạo quyết định.")
    must(actor, can_decide, sentence, now)


def _other_hand(actor: Actor, topic: Topic, row: TopicAmendment) -> None:
    stranger_only(actor, topic)
    if actor is not None and actor_id(actor) == row.proposed_by_id:
        raise PermissionDeniedError(_("Người đề nghị điều chỉnh không tự quyết định. Hãy nhờ người khác."))


def _held(topic: Topic, number: int) -> TopicAmendment:
    row = TopicAmendment.objects.select_for_update(of=("self",)).filter(topic=topic, number=number).first()
    if row is None:
        raise StaleError(_("Không thấy đề nghị điều chỉnh này. Hãy tải lại trang."))
    return row


@transaction.atomic
def amendment_approve(
    *, actor: Actor, topic_id: int, number: int, decision_number: str, decision_date: date, note: str, now: datetime
) -> TopicAmendment:  # fmt: skip
    """Approve an amendment with its decision: contract, milestones and money follow at once; again changes nothing.

    :raises PermissionDeniedError, StaleError, ProgrammeError: it does not fit any more; and what the money's owner refuses.
    """
    _decider_only(actor, now)
    topic = topic_locked(topic_id)
    row = _held(topic, number)
    if row.state == AmendmentState.APPROVED and row.decided_by_id == actor_id(actor):
        return row
    _other_hand(actor, topic, row)
    if row.state != AmendmentState.PROPOSED or topic.state != TopicState.RUNNING:
        raise StaleError(
            _("Đề nghị này đã được quyết định hoặc đề tài không còn thực hiện. Hãy tải lại trang.")
        )
    text = kept_line(decision_number, 60)
    if not text:
        raise ProgrammeError(_("Hãy ghi số quyết định điều chỉnh."), field="decision_number")
    if decision_date > local_date(now):
        raise ProgrammeError(_("Ngày quyết định không được sau hôm nay."), field="decision_date")
    kind = AmendmentKind(row.kind)
    change = _change_of(row.change)
    _checked(topic, kind, change)  # milestones may have moved since it was asked for
    row.before = _apply(topic, kind, change, actor=actor, why=text, now=now)
    row.state, row.decided_at, row.decided_by_id = AmendmentState.APPROVED, now, actor_id(actor)
    row.decision_number, row.decision_date, row.decision_note = text, decision_date, kept_text(note, 1000)
    row.save()
    audit_record(
        actor=actor, action="programmes.topicamendment.approve", target=row, before=row.before, after=dict(row.change), at=now
    )  # fmt: skip
    tell_side(
        topic, subject=_("Điều chỉnh hợp đồng được chấp thuận"), key=f"amend:{number}", now=now,
        body=_("%(kind)s, quyết định số %(number)s.") % {"kind": kind.label, "number": text},
    )  # fmt: skip
    return row


def _apply(
    topic: Topic, kind: AmendmentKind, change: Change, *, actor: Actor, why: str, now: datetime
) -> dict[str, Any]:
    contract, rows = topic.contract, _open(topic)
    if kind == AmendmentKind.LEADER:
        before: dict[str, Any] = {
            "name": topic.leader_name,
            "title": topic.leader_title,
            "organisation": topic.leader_organisation,
        }
        topic.leader_name, topic.leader_title = change.name, change.title
        topic.leader_organisation, topic.leader_user = change.organisation, None
        moved(
            topic,
            actor,
            "leader",
            now,
            fields=["leader_name", "leader_title", "leader_organisation", "leader_user"],
        )
        return before
    if kind == AmendmentKind.EXTENSION:
        before = {
            "ends_on": contract.ends_on.isoformat(),
            "due": {str(n): rows[n].due_on.isoformat() for n in change.due},
        }
        for number, day in change.due.items():
            TopicMilestone.objects.filter(pk=rows[number].pk).update(due_on=day)
        contract.ends_on = change.ends_on or contract.ends_on
        contract.save(update_fields=["ends_on"])
        return before
    before = {
        "value": str(contract.value),
        "payments": {str(n): str(rows[n].payment) for n in change.payments},
    }
    for number, amount in change.payments.items():
        TopicMilestone.objects.filter(pk=rows[number].pk).update(payment=amount)
    contract.value = change.value or contract.value
    contract.save(update_fields=["value"])
    if contract.with_money:
        money_hold(actor=actor, topic=topic, need=to_pay(topic), reason=why, now=now)
    return before


def to_pay(topic: Topic) -> Decimal:
    """Return what the standing milestones of a topic still cost."""
    rows = topic.milestones.exclude(state__in=[MilestoneState.PAID, MilestoneState.DROPPED])
    return sum((one.payment for one in rows), Decimal(0))


@transaction.atomic
def amendment_refuse(
    *, actor: Actor, topic_id: int, number: int, reason: str, now: datetime
) -> TopicAmendment:
    """Refuse an amendment with the reason; the other side is told."""
    _decider_only(actor, now)
    topic = topic_locked(topic_id)
    row = _held(topic, number)
    _other_hand(actor, topic, row)
    if row.state != AmendmentState.PROPOSED:
        raise StaleError(_("Đề nghị này đã được quyết định. Hãy tải lại trang."))
    row.state, row.decision_note = AmendmentState.REFUSED, reason_of(reason)
    row.decided_at, row.decided_by_id = now, actor_id(actor)
    row.save()
    audit_record(
        actor=actor,
        action="programmes.topicamendment.refuse",
        target=row,
        reason=row.decision_note[:500],
        at=now,
    )
    tell_side(
        topic,
        subject=_("Điều chỉnh hợp đồng không được chấp thuận"),
        key=f"amend:{number}",
        body=row.decision_note,
        now=now,
    )
    return row


def words_of(row: TopicAmendment) -> list[str]:
    """Return what an amendment changes in words: before and after."""
    change, before = row.change, row.before
    if row.kind == AmendmentKind.LEADER:
        return [_("Chủ nhiệm: %(old)s → %(new)s") % {"old": before.get("name") or "…", "new": change["name"]}]
    if row.kind == AmendmentKind.EXTENSION:
        days = [_("Kết thúc: %(new)s") % {"new": change["ends_on"]}]
        return days + [
            _("Mốc %(n)s: hạn %(day)s") % {"n": n, "day": day} for n, day in sorted(change["due"].items())
        ]
    money = [_("Giá trị: %(new)s") % {"new": money_vi(Decimal(change["value"]))}]
    return money + [
        _("Mốc %(n)s: %(amount)s") % {"n": n, "amount": money_vi(Decimal(amount))}
        for n, amount in sorted(change["payments"].items())
    ]
