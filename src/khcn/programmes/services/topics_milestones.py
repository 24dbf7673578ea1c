"""Milestones: reported by the side that carries the topic out, accepted or returned by the officer, paid once by finance."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import money_vi
from khcn.programmes.enums_topics import MilestoneState, MoneyKind, TopicState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicMilestone, TopicPayment
from khcn.programmes.permissions_topics import can_pay
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.services.topics_base import (
    Door,
    door_open,
    must,
    reason_of,
    stranger_only,
    tell_side,
    topic_locked,
)
from khcn.programmes.services.topics_decisions import officer_only
from khcn.programmes.services.topics_money import money_pay

WORKING = frozenset({TopicState.RUNNING, TopicState.ACCEPTING, TopicState.ACCEPTED})
PAYABLE = WORKING | {TopicState.FAILED, TopicState.STOPPED}


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a payment was made by, as it was entered."""

    paid_on: date
    document: str
    note: str = ""


def _milestone(topic: Topic, number: int, states: frozenset[MilestoneState]) -> TopicMilestone:
    row = TopicMilestone.objects.select_for_update().filter(topic=topic, number=number).first()
    if row is None:
        raise StaleError(_("Không thấy mốc này. Hãy tải lại trang."))
    if row.state not in states:
        raise StaleError(
            _("Mốc %(number)s vừa chuyển sang “%(state)s”. Hãy xem lại trang trước khi làm tiếp.")
            % {"number": number, "state": row.get_state_display()}
        )
    return row


def _working(topic: Topic) -> None:
    if topic.state not in WORKING:
        raise ProgrammeError(
            _("Đề tài đang ở “%(state)s” nên không nhận báo cáo mốc.") % {"state": topic.get_state_display()}
        )


def _written(row: TopicMilestone, actor: Actor, deed: str, now: datetime, *fields: str) -> None:
    row.revision += 1
    row.save(update_fields=[*fields, "state", "revision"])
    audit_record(
        actor=actor, action=f"programmes.topicmilestone.{deed}", target=row,
        after={"state": row.state, "number": row.number, "topic": row.topic_id}, at=now,
    )  # fmt: skip


@transaction.atomic
def milestone_report(*, door: Door, number: int, report: str, now: datetime) -> TopicMilestone:
    """Report a milestone with its files; twice is once. Raises GoneError, PermissionDeniedError, StaleError, ProgrammeError."""
    topic = door_open(door, now)
    _working(topic)
    states = frozenset({MilestoneState.WAITING, MilestoneState.RETURNED, MilestoneState.REPORTED})
    row, words = _milestone(topic, number, states), kept_text(report, 20_000)
    if row.state == MilestoneState.REPORTED and row.report == words:
        return row
    if len(words) < 20:
        raise ProgrammeError(_("Hãy viết vài câu: đã làm được gì, còn gì chưa xong, vì sao."), field="report")
    if not row.files.exists():
        raise ProgrammeError(_("Hãy đính kèm báo cáo hoặc minh chứng của mốc này."), field="file")
    row.report, row.reported_at, row.return_reason = words, now, ""
    row.first_reported_at = row.first_reported_at or now
    row.state = MilestoneState.REPORTED
    _written(row, door.person, "report", now, "report", "reported_at", "first_reported_at", "return_reason")
    return row


@transaction.atomic
def milestone_return(
    *, actor: Actor, topic_id: int, number: int, reason: str, now: datetime
) -> TopicMilestone:
    """Give a report back with the reason; the other side is told."""
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    stranger_only(actor, topic)
    _working(topic)
    row = _milestone(topic, number, frozenset({MilestoneState.REPORTED}))
    row.return_reason, row.state = reason_of(reason), MilestoneState.RETURNED
    _written(row, actor, "return", now, "return_reason")
    tell_side(
        topic, subject=_("Báo cáo mốc cần làm lại"), key=f"milestone:{number}:{row.revision}", now=now,
        body=_("Mốc %(number)s: %(reason)s") % {"number": number, "reason": row.return_reason},
    )  # fmt: skip
    return row


@transaction.atomic
def milestone_accept(*, actor: Actor, topic_id: int, number: int, note: str, now: datetime) -> TopicMilestone:
    """Accept a report: finance may pay it; again changes nothing."""
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    stranger_only(actor, topic)
    done = frozenset({MilestoneState.ACCEPTED, MilestoneState.PAID})
    row = _milestone(topic, number, done | {MilestoneState.REPORTED})
    if row.state in done:
        return row
    _working(topic)
    row.state, row.accepted_at, row.accepted_by_id = MilestoneState.ACCEPTED, now, actor_id(actor)
    row.note = kept_text(note, 1000)
    _written(row, actor, "accept", now, "accepted_at", "accepted_by", "note")
    tell_side(
        topic, subject=_("Báo cáo mốc được chấp nhận"), key=f"milestone:{number}:{row.revision}", now=now,
        body=_("Mốc %(number)s “%(title)s” được chấp nhận.") % {"number": number, "title": row.title},
    )  # fmt: skip
    return row


@transaction.atomic
def milestone_pay(
    *, actor: Actor, topic_id: int, number: int, voucher: Voucher, client_key: str, now: datetime
) -> TopicPayment:
    """Book the payment of an accepted milestone: exactly its amount, never twice.

    The same form sent again is the first payment; another form for a paid milestone is refused.
    :raises PermissionDeniedError, StaleError, ProgrammeError: and what the money's owner refuses.
    """
    must(actor, can_pay, _("Thanh toán do cán bộ tài chính ghi."), now)
    if len(client_key) < 8:
        raise ProgrammeError(_("Trang này đã cũ. Hãy tải lại trang rồi ghi thanh toán."))
    topic = topic_locked(topic_id)
    first = TopicPayment.objects.filter(topic=topic, client_key=client_key[:40]).first()
    if first is not None:
        return first
    stranger_only(actor, topic)
    if topic.state not in PAYABLE:
        raise ProgrammeError(
            _("Đề tài đang ở “%(state)s” nên không thanh toán được.") % {"state": topic.get_state_display()}
        )
    row = TopicMilestone.objects.select_for_update().filter(topic=topic, number=number).first()
    if row is not None and row.state == MilestoneState.PAID:
        raise ProgrammeError(
            _("Mốc %(number)s đã thanh toán %(amount)s. Không thanh toán hai lần; hãy xem lại sổ thanh toán của đề tài.")
            % {"number": number, "amount": money_vi(row.payment)}, code="milestone-paid",
        )  # fmt: skip
    row = _milestone(topic, number, frozenset({MilestoneState.ACCEPTED}))
    if row.payment <= 0:
        raise ProgrammeError(_("Mốc này không có khoản thanh toán."))
    if actor is not None and actor_id(actor) == row.accepted_by_id:
        raise PermissionDeniedError(_("Người chấp nhận báo cáo không tự ghi thanh toán. Hãy nhờ người khác."))
    document = kept_line(voucher.document, 120)
    if not document:
        raise ProgrammeError(_("Hãy ghi số chứng từ thanh toán."), field="document")
    since = topic.contract.dated
    if not min(since, local_date(now)) <= voucher.paid_on <= local_date(now):
        raise ProgrammeError(_("Ngày thanh toán phải từ ngày hợp đồng đến hôm nay."), field="paid_on")
    try:
        with transaction.atomic():
            payment = TopicPayment.objects.create(
                topic=topic, milestone=row, kind=MoneyKind.MILESTONE, amount=row.payment, paid_on=voucher.paid_on,
                document=document, note=kept_text(voucher.note, 500), client_key=client_key[:40], entered_at=now,
                entered_by_id=actor_id(actor),
            )  # fmt: skip
    except IntegrityError:
        raise ProgrammeError(_("Mốc này vừa được thanh toán ở cửa sổ khác."), code="milestone-paid") from None
    if topic.contract.with_money:
        money_pay(actor=actor, topic=topic, payment=payment, now=now)
    row.state = MilestoneState.PAID
    _written(row, actor, "pay", now)
    tell_side(
        topic, subject=_("Đã thanh toán một mốc"), key=f"milestone:{number}:paid", now=now,
        body=_("Mốc %(number)s: %(amount)s, chứng từ %(document)s.")
        % {"number": number, "amount": money_vi(row.payment), "document": document},
    )  # fmt: skip
    return payment
