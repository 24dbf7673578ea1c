"""The contract of an approved topic: drafted by the officer, signed by the head, which commits its money to the dong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.errors import PermissionDeniedError
from khcn.core.money_port import money_booker
from khcn.core.numbers import money_vi
from khcn.programmes.enums_topics import TopicState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicContract, TopicMilestone
from khcn.programmes.permissions_topics import can_decide
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.rules.topics import MilestonePlan, milestones_check, payments_check
from khcn.programmes.services.topics_base import moved, must, stranger_only, tell_side, topic_locked
from khcn.programmes.services.topics_decisions import officer_only
from khcn.programmes.services.topics_money import money_hold


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """A contract as it was entered; ``value`` in whole dong of the state."""

    number: str
    dated: date
    side_a: str
    side_b: str
    value: Decimal
    starts_on: date
    ends_on: date
    with_money: bool = True
    money_note: str = ""


@transaction.atomic
def contract_save(
    *, actor: Actor, topic_id: int, terms: ContractTerms, milestones: Sequence[MilestonePlan], now: datetime,
    revision: int | None = None,
) -> TopicContract:  # fmt: skip
    """Write the draft of a contract with its milestones, whose payments are exactly its value.

    :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    officer_only(actor, now)
    topic = topic_locked(topic_id, {TopicState.APPROVED})
    stranger_only(actor, topic)
    held = TopicContract.objects.filter(topic=topic).first()
    if held is not None and revision is not None and held.revision != revision:
        raise StaleError(_("Người khác vừa sửa hợp đồng này. Hãy tải lại trang rồi sửa tiếp."))
    texts = {
        "number": kept_line(terms.number, 60),
        "side_a": kept_line(terms.side_a, 300),
        "side_b": kept_line(terms.side_b, 300),
    }
    for name, text in texts.items():
        if not text:
            raise ProgrammeError(_("Hãy ghi số hợp đồng, đại diện bên A và bên B."), field=name)
    if terms.ends_on <= terms.starts_on:
        raise ProgrammeError(_("Ngày kết thúc phải sau ngày bắt đầu."), field="ends_on")
    if terms.value != terms.value.to_integral_value() or not 0 < terms.value <= topic.approved_state:
        raise ProgrammeError(
            _("Giá trị hợp đồng phải là số đồng chẵn, lớn hơn 0 và không quá %(most)s được duyệt.")
            % {"most": money_vi(topic.approved_state)}, field="value",
        )  # fmt: skip
    note = kept_line(terms.money_note, 300)
    if terms.with_money and not topic.call.task_code:
        raise ProgrammeError(
            _(
                "Đợt mời không gắn với nhiệm vụ nào của kế hoạch. Hãy chọn “ngoài kế hoạch” và ghi nguồn tiền."
            ),
            field="with_money",
        )
    if not terms.with_money and len(note) < 5:
        raise ProgrammeError(_("Hãy ghi tiền của hợp đồng lấy từ nguồn nào."), field="money_note")
    rows = milestones_check(milestones, value=terms.value, starts_on=terms.starts_on, ends_on=terms.ends_on)
    contract = held or TopicContract(topic=topic)
    contract.number, contract.side_a, contract.side_b = texts["number"], texts["side_a"], texts["side_b"]
    contract.dated, contract.value, contract.original_value = terms.dated, terms.value, terms.value
    contract.starts_on, contract.ends_on, contract.original_ends_on = (
        terms.starts_on,
        terms.ends_on,
        terms.ends_on,
    )
    contract.with_money, contract.money_note = terms.with_money, "" if terms.with_money else note
    contract.drafted_at, contract.drafted_by_id = now, actor_id(actor)
    contract.revision += 1
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError:
        raise ProgrammeError(_("Số hợp đồng này đã dùng cho đề tài khác."), field="number") from None
    topic.milestones.all().delete()
    TopicMilestone.objects.bulk_create(
        TopicMilestone(
            topic=topic, number=n, title=one.title, deliverable=one.deliverable, due_on=one.due_on,
            original_due_on=one.due_on, payment=one.payment,
        )
        for n, one in enumerate(rows, 1)
    )  # fmt: skip
    moved(topic, actor, "contract", now, value=terms.value, milestones=len(rows))
    return contract


def funds_free(topic: Topic) -> Decimal | None:
    """Return the most that one line of the topic's task has left; ``None`` where there is no plan or no task."""
    call = topic.call
    if not call.task_code or not money_booker.available:
        return None
    lines = money_booker.get().funds(task_code=call.task_code, year=call.budget_year)
    return max((line.free for line in lines), default=Decimal(0))


@transaction.atomic
def contract_sign(*, actor: Actor, topic_id: int, now: datetime) -> TopicContract:
    """Sign: the money is committed and the topic runs; a second press changes nothing. Never by who drafted it.

    :raises PermissionDeniedError, StaleError, ProgrammeError: no decision number, no draft, too little money in the plan.
    """
    must(actor, can_decide, _("Ký hợp đồng là việc của trưởng đơn vị đầu mối hoặc lãnh đạo."), now)
    topic = topic_locked(topic_id, {TopicState.APPROVED, TopicState.RUNNING})
    stranger_only(actor, topic)
    contract = TopicContract.objects.select_for_update().filter(topic=topic).first()
    if topic.state == TopicState.RUNNING and contract is not None:
        return contract
    if contract is None:
        raise ProgrammeError(_("Chưa có dự thảo hợp đồng. Hãy nhờ chuyên viên soạn."))
    if not topic.decision_number:
        raise ProgrammeError(_("Quyết định phê duyệt chưa có số và ngày. Hãy nhờ văn thư ghi."))
    if actor is not None and actor_id(actor) == contract.drafted_by_id:
        raise PermissionDeniedError(_("Người soạn hợp đồng không tự ký. Hãy nhờ người khác."))
    total = topic.milestones.aggregate(total=Sum("payment"))["total"] or Decimal(0)
    payments_check([total], contract.value)
    if contract.with_money:
        free = funds_free(topic)
        if free is not None and free < contract.value:
            words = {"task": topic.call.task_code, "year": topic.call.budget_year, "free": money_vi(free),
                     "need": money_vi(contract.value)}  # fmt: skip
            raise ProgrammeError(
                _("Nhiệm vụ %(task)s năm %(year)s còn nhiều nhất %(free)s ở một dòng kinh phí, chưa đủ %(need)s. Hãy nhờ tài chính giao thêm dự toán.")
                % words, code="topic-funds",
            )  # fmt: skip
        topic.task_code, topic.budget_year = topic.call.task_code, topic.call.budget_year
        money_hold(actor=actor, topic=topic, need=contract.value, reason=contract.number, now=now)
    contract.signed_at, contract.signed_by_id = now, actor_id(actor)
    contract.revision += 1
    contract.save(update_fields=["signed_at", "signed_by", "revision"])
    fields = ["task_code", "budget_year"]
    moved(
        topic,
        actor,
        "sign",
        now,
        to=TopicState.RUNNING,
        fields=fields,
        value=contract.value,
        number=contract.number,
    )
    tell_side(
        topic, subject=_("Hợp đồng đề tài đã ký"), key=f"sign:{topic.revision}", now=now,
        body=_("Hợp đồng số %(number)s đã có hiệu lực. Hãy mở trang đề tài để xem các mốc và hạn báo cáo.")
        % {"number": contract.number},
    )  # fmt: skip
    return contract
