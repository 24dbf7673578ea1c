"""Money of a topic through the plan's port: held to the dong of what is still to be paid, paid from what is held.

A reference of the port holds one amount for ever, so each time the contract grows or shrinks there is one more:
``programmes.topic:17``, ``programmes.topic:17/2``. Everything runs in the caller's transaction on a locked topic.
"""

from datetime import datetime
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.money_port import money_booker
from khcn.core.numbers import money_vi
from khcn.core.references import reference_to
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicCommitment, TopicPayment


def held_of(topic: Topic) -> list[TopicCommitment]:
    """Return the commitments of a topic that still hold money, oldest first, under lock."""
    rows = TopicCommitment.objects.select_for_update().filter(topic=topic).order_by("number")
    return [one for one in rows if one.left > 0]


def money_hold(*, actor: Actor, topic: Topic, need: Decimal, reason: str, now: datetime) -> None:
    """Make what is held exactly ``need``: commit what misses; or give back, newest first, and hold the rest anew.

    :raises ProgrammeError: no task. Also what the money's owner refuses, with a sentence that says how much is left.
    """
    rows = held_of(topic)
    left = sum((one.left for one in rows), Decimal(0))
    for row in reversed(rows):
        if left <= need:
            break
        left -= row.left
        _release(actor, row, reason, now)
    if left < need:
        _commit(actor, topic, need - left, reason, now)


def _release(actor: Actor, row: TopicCommitment, reason: str, now: datetime) -> None:
    money_booker.get().release(actor=actor, reference=row.reference, reason=reason, now=now)
    row.released = row.amount - row.paid
    row.save(update_fields=["released"])


def _commit(actor: Actor, topic: Topic, amount: Decimal, reason: str, now: datetime) -> None:
    if not topic.task_code or not topic.budget_year:
        raise ProgrammeError(_("Đề tài chưa gắn với nhiệm vụ nào của kế hoạch nên chưa cam kết được tiền."))
    number = (TopicCommitment.objects.filter(topic=topic).aggregate(last=Max("number"))["last"] or 0) + 1
    reference = str(reference_to(topic)) if number == 1 else f"{reference_to(topic)}/{number}"
    money_booker.get().commit(
        actor=actor, task_code=topic.task_code, year=topic.budget_year, amount=amount, reference=reference,
        text=(_("Đề tài: %(title)s") % {"title": topic.title})[:200], now=now,
    )  # fmt: skip
    TopicCommitment.objects.create(
        topic=topic, number=number, reference=reference, task_code=topic.task_code, budget_year=topic.budget_year,
        amount=amount, reason=reason[:300], made_at=now, made_by_id=actor_id(actor),
    )  # fmt: skip


def money_pay(*, actor: Actor, topic: Topic, payment: TopicPayment, now: datetime) -> None:
    """Book a payment from what is held, oldest first. :raises ProgrammeError: less is held than is paid."""
    rest = Decimal(payment.amount)
    for row in held_of(topic):
        part = min(rest, row.left)
        if part <= 0:
            break
        money_booker.get().pay(
            actor=actor, reference=row.reference, amount=part, now=now, document=payment.document,
            happened_on=payment.paid_on, payment_reference=f"{reference_to(payment)}/{row.number}",
            text=(_("Đề tài: %(title)s") % {"title": topic.title})[:200],
        )  # fmt: skip
        row.paid += part
        row.save(update_fields=["paid"])
        rest -= part
    if rest:
        raise ProgrammeError(
            _("Tiền đã cam kết cho đề tài còn thiếu %(rest)s. Hãy kiểm tra hợp đồng và các lần điều chỉnh.")
            % {"rest": money_vi(rest)}
        )
