"""How a topic ends: stopped with a reason, liquidated, money given back; each with what becomes of the money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.document_port import DocumentWanted, document_desk
from khcn.core.numbers import money_vi
from khcn.core.references import reference_to
from khcn.programmes.enums_topics import (
    MILESTONE_OPEN,
    AmendmentState,
    MilestoneState,
    MoneyKind,
    TopicState,
)
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import (
    TopicAmendment,
    TopicContract,
    TopicLiquidation,
    TopicMilestone,
    TopicPayment,
)
from khcn.programmes.permissions_topics import can_decide, can_pay
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.services.topics_amendments import to_pay
from khcn.programmes.services.topics_base import (
    moved,
    must,
    reason_of,
    stranger_only,
    tell_side,
    topic_locked,
)
from khcn.programmes.services.topics_councils import cases_drop
from khcn.programmes.services.topics_decisions import officer_only
from khcn.programmes.services.topics_milestones import Voucher
from khcn.programmes.services.topics_money import money_hold
from khcn.programmes.topic_papers import agency_of_topic, liquidation_minutes


@dataclass(frozen=True, slots=True)
class Settlement:
    """A liquidation as it was entered; ``owed``: what the other side gives back, in dong."""

    number: str
    dated: date
    owed: Decimal = Decimal(0)
    conclusion: str = ""


@transaction.atomic
def topic_stop(*, actor: Actor, topic_id: int, reason: str, now: datetime) -> Topic:
    """Stop an approved topic; again changes nothing.

    Without a signed contract there is no money. With one: milestones that were not accepted fall away and their money is
    given back at once; accepted ones stay payable; the contract is then liquidated.
    """
    must(actor, can_decide, _("Dừng đề tài là việc của trưởng đơn vị đầu mối hoặc lãnh đạo."), now)
    topic = topic_locked(
        topic_id, {TopicState.APPROVED, TopicState.RUNNING, TopicState.ACCEPTING, TopicState.STOPPED}
    )
    if topic.state == TopicState.STOPPED:
        return topic
    stranger_only(actor, topic)
    why = reason_of(reason)
    cases_drop(topic, actor, why, now)
    contract = TopicContract.objects.filter(topic=topic).exclude(signed_at=None).first()
    dropped = _milestones_drop(topic, MILESTONE_OPEN) if contract else 0
    TopicAmendment.objects.filter(topic=topic, state=AmendmentState.PROPOSED).update(
        state=AmendmentState.REFUSED, decided_at=now, decision_note=why
    )
    if contract is not None and contract.with_money:
        money_hold(actor=actor, topic=topic, need=to_pay(topic), reason=why[:300], now=now)
    topic.end_reason, topic.ended_at = why, now
    moved(
        topic,
        actor,
        "stop",
        now,
        to=TopicState.STOPPED,
        fields=["end_reason", "ended_at"],
        reason=why,
        dropped=dropped,
    )
    tell_side(topic, subject=_("Đề tài dừng thực hiện"), key=f"stop:{topic.revision}", body=why, now=now)
    return topic


def _milestones_drop(topic: Topic, states: frozenset[MilestoneState]) -> int:
    rows = TopicMilestone.objects.filter(topic=topic, state__in=states)
    return rows.update(state=MilestoneState.DROPPED)


def paid_of(topic: Topic) -> Decimal:
    """Return what was paid for milestones."""
    rows = TopicPayment.objects.filter(topic=topic, kind=MoneyKind.MILESTONE)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def refunded_of(topic: Topic) -> Decimal:
    """Return what the other side gave back."""
    rows = TopicPayment.objects.filter(topic=topic, kind=MoneyKind.REFUND)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@transaction.atomic
def topic_liquidate(
    *, actor: Actor, topic_id: int, settlement: Settlement, now: datetime
) -> TopicLiquidation:
    """Liquidate the contract: what is not spent is given back, what is owed is written down; again changes nothing.

    Accepted: every milestone must be accepted and paid before. Failed: what was not paid falls away. Stopped: accepted
    milestones are paid before. :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    officer_only(actor, now)
    ready = {TopicState.ACCEPTED, TopicState.FAILED, TopicState.STOPPED}
    topic = topic_locked(topic_id, ready | {TopicState.LIQUIDATED})
    if topic.state == TopicState.LIQUIDATED:
        return TopicLiquidation.objects.get(topic=topic)
    stranger_only(actor, topic)
    contract = TopicContract.objects.filter(topic=topic).exclude(signed_at=None).first()
    if contract is None:
        raise ProgrammeError(_("Đề tài không có hợp đồng nên không phải thanh lý."))
    number = kept_line(settlement.number, 60)
    if not number:
        raise ProgrammeError(_("Hãy ghi số biên bản thanh lý."), field="number")
    if settlement.dated > local_date(now) or settlement.dated < contract.dated:
        raise ProgrammeError(_("Ngày thanh lý phải từ ngày hợp đồng đến hôm nay."), field="dated")
    _settled(topic)
    paid = paid_of(topic)
    owed = settlement.owed
    if owed != owed.to_integral_value() or not 0 <= owed <= paid:
        raise ProgrammeError(
            _("Số phải hoàn trả là số đồng chẵn, không quá %(paid)s đã thanh toán.")
            % {"paid": money_vi(paid)},
            field="owed",
        )
    if topic.state == TopicState.ACCEPTED and owed:
        raise ProgrammeError(_("Đề tài đạt thì không phải hoàn trả tiền đã thanh toán."), field="owed")
    conclusion = kept_text(settlement.conclusion, 5000)
    if topic.state != TopicState.ACCEPTED and len(conclusion) < 10:
        raise ProgrammeError(
            _("Hãy ghi kết luận: vì sao dừng hoặc không đạt, hoàn trả thế nào."), field="conclusion"
        )
    if contract.with_money:
        money_hold(actor=actor, topic=topic, need=Decimal(0), reason=number, now=now)
    row = TopicLiquidation.objects.create(
        topic=topic, number=number, dated=settlement.dated, value=contract.value, paid=paid, released=contract.value - paid,
        owed=owed, conclusion=conclusion, entered_at=now, entered_by_id=actor_id(actor),
    )  # fmt: skip
    topic.ended_at = topic.ended_at or now
    moved(
        topic,
        actor,
        "liquidate",
        now,
        to=TopicState.LIQUIDATED,
        fields=["ended_at"],
        paid=paid,
        released=row.released,
        owed=owed,
    )
    tell_side(
        topic, subject=_("Hợp đồng đề tài đã thanh lý"), key=f"liquidate:{topic.revision}", now=now,
        body=_("Đã thanh toán %(paid)s; phải hoàn trả %(owed)s.") % {"paid": money_vi(paid), "owed": money_vi(owed)},
    )  # fmt: skip
    return row


def _settled(topic: Topic) -> None:
    """Drop what a failed topic is not paid for; refuse while accepted milestones wait for their money."""
    if topic.state == TopicState.FAILED:
        _milestones_drop(topic, MILESTONE_OPEN)
        rows = TopicMilestone.objects.filter(topic=topic, state=MilestoneState.ACCEPTED, payment__gt=0)
        rows.update(state=MilestoneState.DROPPED)
        return
    waiting = list(topic.milestones.filter(state__in=MILESTONE_OPEN).values_list("number", flat=True))
    unpaid = list(
        topic.milestones.filter(state=MilestoneState.ACCEPTED, payment__gt=0).values_list("number", flat=True)
    )
    words = {"numbers": ", ".join(str(one) for one in waiting or unpaid)}
    if waiting:
        raise ProgrammeError(
            _("Còn mốc chưa được chấp nhận: %(numbers)s. Hãy xong các mốc đó rồi thanh lý.") % words
        )
    if unpaid:
        raise ProgrammeError(
            _("Còn mốc chưa thanh toán: %(numbers)s. Hãy nhờ tài chính thanh toán rồi thanh lý.") % words
        )


@transaction.atomic
def refund_enter(
    *, actor: Actor, topic_id: int, amount: Decimal, voucher: Voucher, client_key: str, now: datetime
) -> TopicPayment:
    """Enter money that the other side gave back, at most what is owed; the same form again is the first entry."""
    must(actor, can_pay, _("Tiền hoàn trả do cán bộ tài chính ghi."), now)
    if len(client_key) < 8:
        raise ProgrammeError(_("Trang này đã cũ. Hãy tải lại trang rồi ghi."))
    topic = topic_locked(topic_id, {TopicState.LIQUIDATED})
    first = TopicPayment.objects.filter(topic=topic, client_key=client_key[:40]).first()
    if first is not None:
        return first
    left = topic.liquidation.owed - refunded_of(topic)
    if amount != amount.to_integral_value() or not 0 < amount <= left:
        raise ProgrammeError(
            _("Số hoàn trả phải là số đồng chẵn, lớn hơn 0 và không quá %(left)s còn nợ.")
            % {"left": money_vi(left)},
            field="amount",
        )
    document = kept_line(voucher.document, 120)
    if not document:
        raise ProgrammeError(_("Hãy ghi số chứng từ."), field="document")
    if voucher.paid_on > local_date(now):
        raise ProgrammeError(_("Ngày không được sau hôm nay."), field="paid_on")
    try:
        with transaction.atomic():
            row = TopicPayment.objects.create(
                topic=topic, kind=MoneyKind.REFUND, amount=amount, paid_on=voucher.paid_on, document=document,
                note=kept_text(voucher.note, 500), client_key=client_key[:40], entered_at=now, entered_by_id=actor_id(actor),
            )  # fmt: skip
    except IntegrityError:
        return TopicPayment.objects.get(topic=topic, client_key=client_key[:40])
    moved(topic, actor, "refund", now, amount=amount)
    return row


@transaction.atomic
def liquidation_document(*, actor: Actor, topic_id: int, now: datetime) -> TopicLiquidation:
    """Draft the minutes of the liquidation (Decree 30) in the register; twice is once. Raises PortMissingError."""
    officer_only(actor, now)
    topic = topic_locked(topic_id, {TopicState.LIQUIDATED})
    row = TopicLiquidation.objects.select_for_update(of=("self",)).get(topic=topic)
    if row.minutes is None:
        agency, paper = agency_of_topic(topic), liquidation_minutes(row)
        wanted = DocumentWanted(
            agency_id=agency.pk, type_code="BB", subject=paper.subtitle, paper=paper, source=str(reference_to(row)),
            drafting_unit_id=topic.call.unit_id,
        )  # fmt: skip
        row.minutes = document_desk.get().draft(actor=actor, wanted=wanted, now=now).id
        row.save(update_fields=["minutes"])
        audit_record(
            actor=actor,
            action="programmes.topic.minutes",
            target=row,
            after={"document": row.minutes},
            at=now,
        )
    return row
