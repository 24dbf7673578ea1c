"""What officials decide about a proposal: returned, placed, checked; approved or not; the number of the decision."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.dates import datetime_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import money_vi
from khcn.orgs.models import Party, Unit, User
from khcn.programmes.enums_topics import CouncilKind, TopicState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_council import TopicCase
from khcn.programmes.permissions_topics import can_check, can_decide, can_number
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.services.topics_base import (
    moved,
    must,
    reason_of,
    stranger_only,
    tell_side,
    topic_locked,
)


def officer_only(actor: Actor, now: datetime) -> None:
    """Refuse everybody but the focal officer."""
    must(actor, can_check, _("Việc này do chuyên viên của đơn vị đầu mối làm."), now)


@transaction.atomic
def topic_place(
    *, actor: Actor, topic_id: int, host_unit: Unit | None, party: Party | None, leader: User | None,
    members: dict[int, User | None] | None = None, now: datetime,
) -> Topic:  # fmt: skip
    """Say which unit or organisation of the register the host is, and which accounts the leader and the team have.

    Conflicts of interest are looked for by these. ``members``: account by the number of the member.
    """
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    if topic.state == TopicState.DRAFT:
        raise ProgrammeError(_("Đề tài chưa được nộp."))
    topic.host_unit, topic.party, topic.leader_user = host_unit, party, leader
    for number, user in (members or {}).items():
        topic.members.filter(number=number).update(user=user)
    moved(
        topic, actor, "place", now, fields=["host_unit", "party", "leader_user"], party=party.pk if party else None,
        host_unit=host_unit.pk if host_unit else None, leader=leader.pk if leader else None,
    )  # fmt: skip
    return topic


@transaction.atomic
def topic_return(*, actor: Actor, topic_id: int, reason: str, until: datetime, now: datetime) -> Topic:
    """Give a proposal back to be completed until a moment; the other side is told."""
    officer_only(actor, now)
    topic = topic_locked(topic_id, {TopicState.SUBMITTED, TopicState.CHECKED})
    stranger_only(actor, topic)
    if until <= now:
        raise ProgrammeError(_("Hạn bổ sung phải còn ở phía trước."), field="until")
    topic.return_reason, topic.return_until = reason_of(reason), until
    topic.checked_by = topic.checked_at = None
    fields = ["return_reason", "return_until", "checked_by", "checked_at"]
    moved(topic, actor, "return", now, to=TopicState.RETURNED, fields=fields, reason=topic.return_reason)
    tell_side(
        topic, subject=_("Thuyết minh đề tài cần bổ sung"), key=f"return:{topic.revision}", now=now,
        body=_("%(reason)s Hạn bổ sung: %(until)s.") % {"reason": topic.return_reason, "until": datetime_vi(until)},
    )  # fmt: skip
    return topic


@transaction.atomic
def topic_check(
    *, actor: Actor, topic_id: int, note: str, now: datetime, revision: int | None = None
) -> Topic:
    """Say that a proposal is complete and may go before a council. Raises PermissionDeniedError, StaleError."""
    officer_only(actor, now)
    topic = topic_locked(topic_id, {TopicState.SUBMITTED}, revision=revision)
    stranger_only(actor, topic)
    topic.checked_at, topic.checked_by_id, topic.check_note = now, actor_id(actor), kept_text(note, 1000)
    moved(
        topic, actor, "check", now, to=TopicState.CHECKED, fields=["checked_at", "checked_by", "check_note"]
    )
    return topic


def _decider_only(actor: Actor, now: datetime) -> None:
    sentence = _("Phê duyệt hay không chọn đề tài là việc của trưởng đơn vị đầu mối hoặc lãnh đạo.")
    must(actor, can_decide, sentence, now)


def _other_hand(actor: Actor, topic: Topic) -> None:
    stranger_only(actor, topic)
    if actor is not None and actor_id(actor) == topic.checked_by_id:
        raise PermissionDeniedError(_("Bạn đã kiểm tra hồ sơ đề tài này, nên người khác phải quyết định."))


@transaction.atomic
def topic_approve(
    *, actor: Actor, topic_id: int, amount: Decimal, note: str, now: datetime, revision: int | None = None
) -> Topic:
    """Approve a topic that its council passed, with its money of the state; from now on it is public.

    A second press of the same person changes nothing. :raises PermissionDeniedError, StaleError, ProgrammeError:
    """
    _decider_only(actor, now)
    topic = topic_locked(topic_id, {TopicState.APPRAISED, TopicState.APPROVED})
    if topic.state == TopicState.APPROVED and actor is not None and topic.decided_by_id == actor_id(actor):
        return topic
    topic = topic_locked(topic_id, {TopicState.APPRAISED}, revision=revision)
    _other_hand(actor, topic)
    cases = TopicCase.objects.filter(topic=topic, kind=CouncilKind.APPRAISAL, done=True, closed_at=None)
    case = cases.order_by("-pk").first()
    if case is None or not case.passed:
        raise ProgrammeError(_("Hội đồng không xếp đề tài này vào diện đạt nên không phê duyệt được."))
    if amount != amount.to_integral_value() or not 0 < amount <= topic.asked_state:
        raise ProgrammeError(
            _("Ngân sách được duyệt phải là số đồng chẵn, lớn hơn 0 và không quá %(asked)s đề nghị.")
            % {"asked": money_vi(topic.asked_state)}, field="amount",
        )  # fmt: skip
    topic.approved_state, topic.decided_at, topic.decided_by_id = amount, now, actor_id(actor)
    topic.decision_note = kept_text(note, 1000)
    fields = ["approved_state", "decided_at", "decided_by", "decision_note"]
    moved(topic, actor, "approve", now, to=TopicState.APPROVED, fields=fields, approved=amount)
    tell_side(
        topic, subject=_("Đề tài được phê duyệt"), key=f"approve:{topic.revision}", now=now,
        body=_("Đề tài “%(title)s” được phê duyệt với ngân sách %(amount)s. Đơn vị mời sẽ liên hệ để ký hợp đồng.")
        % {"title": topic.title, "amount": money_vi(amount)},
    )  # fmt: skip
    return topic


@transaction.atomic
def topic_reject(*, actor: Actor, topic_id: int, reason: str, now: datetime) -> Topic:
    """Answer that a proposal is not chosen, with the reason; the other side is told. Not while a council scores it."""
    _decider_only(actor, now)
    states = {TopicState.SUBMITTED, TopicState.RETURNED, TopicState.CHECKED, TopicState.APPRAISED}
    topic = topic_locked(topic_id, states)
    _other_hand(actor, topic)
    topic.decision_note, topic.decided_at, topic.decided_by_id = reason_of(reason), now, actor_id(actor)
    topic.ended_at = now
    fields = ["decision_note", "decided_at", "decided_by", "ended_at"]
    moved(topic, actor, "reject", now, to=TopicState.REJECTED, fields=fields, reason=topic.decision_note)
    tell_side(
        topic,
        subject=_("Trả lời đề xuất đề tài"),
        key=f"reject:{topic.revision}",
        now=now,
        body=topic.decision_note,
    )
    return topic


@transaction.atomic
def decision_number(*, actor: Actor, topic_id: int, number: str, day: date, now: datetime) -> Topic:
    """Enter number and day of the decision that approved a topic; may be corrected until the contract is signed."""
    must(actor, can_number, _("Số và ngày của quyết định do văn thư ghi."), now)
    topic = topic_locked(topic_id, {TopicState.APPROVED})
    text = kept_line(number, 60)
    if not text:
        raise ProgrammeError(_("Hãy ghi số quyết định, ví dụ 12/QĐ-UBND."), field="number")
    decided = local_date(topic.decided_at) if topic.decided_at else day
    if not decided <= day <= local_date(now):
        raise ProgrammeError(_("Ngày quyết định phải từ ngày phê duyệt đến hôm nay."), field="day")
    topic.decision_number, topic.decision_date = text, day
    moved(topic, actor, "number", now, fields=["decision_number", "decision_date"], number=text)
    return topic
