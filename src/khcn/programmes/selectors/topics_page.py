"""What a person may do with a topic now, and the next step with who takes it: for pages, lists and the command."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from khcn.programmes.enums_topics import (
    MILESTONE_OPEN,
    TOPIC_EDITABLE,
    TOPIC_UNDECIDED,
    AmendmentState,
    MilestoneState,
    TopicState,
)
from khcn.programmes.models.topics import Topic
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_topics import can_check, can_decide, can_number, can_pay, can_propose
from khcn.programmes.rules.topics import overdue_days


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next: ``key`` is stable, ``who`` one of proposer, officer, head, clerk, finance, council, nobody."""

    key: str
    text: str
    who: str
    who_words: str


WHO = {
    "proposer": lambda: _("bên thực hiện"), "officer": lambda: _("chuyên viên đầu mối"), "clerk": lambda: _("văn thư"),
    "head": lambda: _("trưởng đơn vị đầu mối hoặc lãnh đạo"), "finance": lambda: _("cán bộ tài chính"),
    "council": lambda: _("hội đồng"), "nobody": lambda: _("không ai"),
}  # fmt: skip


def _step(key: str, text: str, who: str) -> NextStep:
    return NextStep(key, text, who, WHO[who]())


def next_step(topic: Topic, owed_left: int = 0) -> NextStep:
    """Return the next step of a topic whose contract, milestones and amendments are fetched (no query then)."""
    state, contract = TopicState(topic.state), getattr(topic, "contract", None)
    fixed = {
        TopicState.DRAFT: ("submit", _("Soạn xong và nộp thuyết minh"), "proposer"),
        TopicState.SUBMITTED: ("check", _("Kiểm tra hồ sơ"), "officer"),
        TopicState.RETURNED: ("complete", _("Bổ sung và nộp lại"), "proposer"),
        TopicState.CHECKED: ("council", _("Đưa ra hội đồng xét duyệt"), "officer"),
        TopicState.APPRAISING: ("appraise", _("Xét duyệt"), "council"),
        TopicState.APPRAISED: ("decide", _("Quyết định phê duyệt hoặc không"), "head"),
        TopicState.ACCEPTING: ("accept", _("Nghiệm thu"), "council"),
        TopicState.FAILED: ("liquidate", _("Thanh lý hoặc nghiệm thu lại"), "officer"),
    }.get(state)  # fmt: skip
    if fixed:
        return _step(*fixed)
    signed = contract is not None and contract.signed_at is not None
    step = _step("none", _("Không còn việc nào"), "nobody")
    if state == TopicState.APPROVED:
        step = _approved(topic)
    elif state == TopicState.LIQUIDATED and owed_left > 0:
        step = _step("refund", _("Thu tiền hoàn trả"), "finance")
    elif state == TopicState.RUNNING:
        step = _running(topic)
    elif state == TopicState.ACCEPTED or (state == TopicState.STOPPED and signed):
        step = _ending(topic)
    return step


def _approved(topic: Topic) -> NextStep:
    if not topic.decision_number:
        return _step("number", _("Ghi số và ngày quyết định"), "clerk")
    if getattr(topic, "contract", None) is None:
        return _step("contract", _("Soạn hợp đồng"), "officer")
    return _step("sign", _("Ký hợp đồng"), "head")


def _running(topic: Topic) -> NextStep:
    if any(one.state == AmendmentState.PROPOSED for one in topic.amendments.all()):
        return _step("amend", _("Quyết định điều chỉnh"), "head")
    rows = sorted(topic.milestones.all(), key=lambda one: (one.due_on, one.number))
    for one in rows:
        if one.state == MilestoneState.REPORTED:
            return _step("review", _("Xem báo cáo mốc %(n)s") % {"n": one.number}, "officer")
        if one.state == MilestoneState.ACCEPTED and one.payment > 0:
            return _step("pay", _("Thanh toán mốc %(n)s") % {"n": one.number}, "finance")
    for one in rows:
        if one.state in MILESTONE_OPEN:
            return _step("report", _("Báo cáo mốc %(n)s") % {"n": one.number}, "proposer")
    return _step("acceptance", _("Lập hội đồng nghiệm thu"), "officer")


def _ending(topic: Topic) -> NextStep:
    for one in topic.milestones.all():
        if one.state == MilestoneState.REPORTED:
            return _step("review", _("Xem báo cáo mốc %(n)s") % {"n": one.number}, "officer")
        if one.state in MILESTONE_OPEN:
            return _step("report", _("Báo cáo mốc %(n)s") % {"n": one.number}, "proposer")
        if one.state == MilestoneState.ACCEPTED and one.payment > 0:
            return _step("pay", _("Thanh toán mốc %(n)s") % {"n": one.number}, "finance")
    return _step("liquidate", _("Thanh lý hợp đồng"), "officer")


def is_own(topic: Topic, user: Any) -> bool:
    """Whether a person leads a topic, is of its team, or handed it in: others decide about it."""
    mine = {topic.leader_user_id, topic.submitted_by_id, topic.created_by_id}
    return user.pk in mine or any(one.user_id == user.pk for one in topic.members.all())


def deeds_of(topic: Topic, user: Any, on: date | None = None) -> frozenset[str]:
    """Return the deeds that a person may do with a topic as it stands: names as the services have them.

    What hangs on a single milestone or amendment ("milestone_accept", "milestone_pay") says that one of them waits.
    """
    reach, state, found = reach_of(user, on), TopicState(topic.state), set[str]()
    contract = getattr(topic, "contract", None)
    signed = contract is not None and contract.signed_at is not None
    marks = {one.state for one in topic.milestones.all()}
    working = state in (TopicState.RUNNING, TopicState.ACCEPTING, TopicState.ACCEPTED)
    if topic.unit_id is not None and can_propose(reach, topic.unit_id):
        if state in TOPIC_EDITABLE:
            found |= {"proposal_save", "proposal_submit"}
        if state in (TOPIC_UNDECIDED | {TopicState.DRAFT}) - {TopicState.APPRAISING}:
            found.add("proposal_withdraw")
        if working:
            found |= {"milestone_report", "product_deliver"}
        if state == TopicState.RUNNING:
            found |= {"amendment_propose", "product_add"}
    if is_own(topic, user):
        return frozenset(found)
    if can_check(reach):
        found |= {"topic_place", "file_add_officer"} if state != TopicState.DRAFT else set()
        found |= {"topic_check", "topic_return"} if state == TopicState.SUBMITTED else set()
        found |= {"topic_return", "council_create"} if state == TopicState.CHECKED else set()
        found |= {"contract_save"} if state == TopicState.APPROVED else set()
        found |= (
            {"milestone_accept", "milestone_return"}
            if working and MilestoneState.REPORTED in marks
            else set()
        )
        found |= {"amendment_enter", "council_create"} if state == TopicState.RUNNING else set()
        found |= {"product_verify", "results_save", "measures_save"} if signed else set()
        found |= {"deposit_make"} if topic.accepted_at else set()
        if state in (TopicState.ACCEPTED, TopicState.FAILED) or (state == TopicState.STOPPED and signed):
            found.add("topic_liquidate")
        found |= {"liquidation_document"} if state == TopicState.LIQUIDATED else set()
    if can_decide(reach):
        decided = topic.checked_by_id != user.pk
        found |= {"topic_approve"} if state == TopicState.APPRAISED and decided else set()
        rejectable = (TopicState.SUBMITTED, TopicState.RETURNED, TopicState.CHECKED, TopicState.APPRAISED)
        found |= {"topic_reject"} if state in rejectable and decided else set()
        if contract is not None and state == TopicState.APPROVED and topic.decision_number:
            found |= {"contract_sign"} if contract.drafted_by_id != user.pk else set()
        found |= (
            {"topic_stop"}
            if state in (TopicState.APPROVED, TopicState.RUNNING, TopicState.ACCEPTING)
            else set()
        )
        waiting = any(
            one.state == AmendmentState.PROPOSED and one.proposed_by_id != user.pk
            for one in topic.amendments.all()
        )
        found |= {"amendment_approve", "amendment_refuse"} if waiting else set()
    if can_number(reach) and state == TopicState.APPROVED:
        found.add("decision_number")
    if can_pay(reach):
        due = any(one.state == MilestoneState.ACCEPTED and one.payment > 0 for one in topic.milestones.all())
        found |= {"milestone_pay"} if due and signed and state != TopicState.LIQUIDATED else set()
        found |= {"refund_enter"} if state == TopicState.LIQUIDATED and topic.liquidation.owed > 0 else set()
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone with by how many days it is late."""

    number: int
    title: str
    state: str
    state_words: str
    due_on: date
    payment: int
    late: int
    reported_at: datetime | None


def milestone_lines(topic: Topic, today: date) -> list[MilestoneLine]:
    """Return the milestones of a topic, whose milestones are fetched."""
    return [
        MilestoneLine(
            one.number, one.title, one.state, str(one.get_state_display()), one.due_on, int(one.payment),
            overdue_days(one.state, one.due_on, today) if topic.state in (TopicState.RUNNING, TopicState.ACCEPTING, TopicState.ACCEPTED) else 0,
            one.reported_at,
        )
        for one in sorted(topic.milestones.all(), key=lambda one: one.number)
    ]  # fmt: skip
