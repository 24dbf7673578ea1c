"""What is due in topics, by role: each with its words, its topic or council, and its day. A few queries a role."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi, local_date
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import (
    MILESTONE_OPEN,
    AmendmentState,
    CallState,
    MilestoneState,
    MoneyKind,
    ProductState,
    TopicState,
)
from khcn.programmes.models.topics import Topic, TopicCall
from khcn.programmes.models.topics_contract import TopicAmendment, TopicMilestone, TopicPayment
from khcn.programmes.models.topics_council import TopicCouncil
from khcn.programmes.models.topics_parts import TopicProduct
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.selectors.topics_jury import places_of, standing_reviews

SOON: Final = timedelta(days=14)
MOST: Final = 20  # of one kind
WORKING: Final = (TopicState.RUNNING, TopicState.ACCEPTING, TopicState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class TopicDue:
    """One thing to do. ``page``: "topic", "council", "jury", "call"; ``pk``: of what that page shows."""

    text: str
    page: str
    pk: int
    where: str
    day: date | None = None
    late: bool = False


def due_of(user: Any, now: datetime) -> list[TopicDue]:
    """Return what waits for a person, by all their roles, late first, then by day."""
    reach, today = reach_of(user), local_date(now)
    seen = Topic.objects.visible_to(user, today)
    found: list[TopicDue] = []
    if reach.officer:
        found += _officer(seen, today)
    if reach.focal_head or reach.leader:
        found += _head(user, seen, reach)
    if reach.clerk:
        rows = seen.filter(state=TopicState.APPROVED, decision_number="")
        found += _topics(rows, _("Ghi số quyết định phê duyệt"))
    if reach.finance:
        found += _finance(seen)
    if reach.reporting:
        found += _side(reach, now)
    if user is not None and user.is_authenticated:
        found += _juror(user)
    return sorted(found, key=lambda one: (not one.late, one.day or date.max, one.text, one.pk))


def _topics(rows: QuerySet[Topic], text: str) -> list[TopicDue]:
    return [TopicDue(text, "topic", one.pk, one.title) for one in rows.order_by("submitted_at", "pk")[:MOST]]


def _officer(seen: QuerySet[Topic], today: date) -> list[TopicDue]:
    found = _topics(seen.filter(state=TopicState.SUBMITTED), _("Kiểm tra hồ sơ đề tài"))
    found += _topics(seen.filter(state=TopicState.CHECKED), _("Đưa đề tài ra hội đồng xét duyệt"))
    approved = seen.filter(state=TopicState.APPROVED, contract=None).exclude(decision_number="")
    found += _topics(approved, _("Soạn hợp đồng đề tài"))
    open_rows = TopicMilestone.objects.filter(topic=OuterRef("pk"), state__in=MILESTONE_OPEN)
    unpaid = TopicMilestone.objects.filter(topic=OuterRef("pk"), state=MilestoneState.ACCEPTED, payment__gt=0)
    running = seen.filter(state=TopicState.RUNNING).filter(~Exists(open_rows))
    found += _topics(running, _("Lập hội đồng nghiệm thu"))
    ending = seen.filter(
        Q(state=TopicState.ACCEPTED) | Q(state=TopicState.STOPPED, contract__signed_at__isnull=False)
    )
    ready = ending.filter(~Exists(open_rows) & ~Exists(unpaid)) | seen.filter(state=TopicState.FAILED)
    found += _topics(ready, _("Thanh lý hợp đồng đề tài"))
    topics = seen.filter(state__in=WORKING).values("pk")
    reported = TopicMilestone.objects.filter(topic__in=topics, state=MilestoneState.REPORTED)
    for row in reported.select_related("topic").order_by("reported_at", "pk")[:MOST]:
        text = _("Xem báo cáo mốc %(n)s") % {"n": row.number}
        found.append(TopicDue(text, "topic", row.topic_id, row.topic.title))
    late = TopicMilestone.objects.filter(
        topic__in=topics, state__in=[MilestoneState.WAITING, MilestoneState.RETURNED], due_on__lt=today
    )
    for row in late.select_related("topic").order_by("due_on", "pk")[:MOST]:
        words = {"n": row.number, "day": date_vi(row.due_on)}
        text = _("Nhắc mốc %(n)s quá hạn từ %(day)s") % words
        found.append(TopicDue(text, "topic", row.topic_id, row.topic.title, row.due_on, late=True))
    made = TopicProduct.objects.filter(topic__in=topics, state=ProductState.DELIVERED).select_related("topic")
    for one in made.order_by("delivered_at", "pk")[:MOST]:
        found.append(
            TopicDue(
                _("Xác nhận sản phẩm: %(name)s") % {"name": one.title}, "topic", one.topic_id, one.topic.title
            )
        )
    return found + _councils(today)


def _councils(today: date) -> list[TopicDue]:
    found = []
    rows = TopicCouncil.objects.filter(dissolved_at=None).exclude(phase=PhaseKind.DONE)
    for one in rows.order_by("judge_by", "pk")[:MOST]:
        waiting = standing_reviews().filter(council=one, submitted_at=None).exists()
        text = {
            PhaseKind.PREPARING: _("Hoàn tất thành lập hội đồng"),
            PhaseKind.DECLARING: _("Theo dõi khai xung đột lợi ích"),
            PhaseKind.JUDGING: _("Theo dõi chấm điểm") if waiting else _("Đã đủ phiếu: chốt điểm"),
            PhaseKind.COUNCIL: _("Họp hội đồng, lập biên bản, kết thúc"),
        }[PhaseKind(one.phase)]
        late = one.judge_by is not None and one.judge_by < today and one.phase == PhaseKind.JUDGING
        found.append(TopicDue(text, "council", one.pk, one.title, one.judge_by, late=late))
    return found


def _head(user: Any, seen: QuerySet[Topic], reach: Reach) -> list[TopicDue]:
    found = _topics(
        seen.filter(state=TopicState.APPRAISED).exclude(checked_by=user.pk), _("Quyết định về đề tài")
    )
    drafted = seen.filter(state=TopicState.APPROVED, contract__signed_at=None, contract__isnull=False)
    drafted = drafted.exclude(decision_number="").exclude(contract__drafted_by=user.pk)
    found += _topics(drafted, _("Ký hợp đồng đề tài"))
    rows = TopicAmendment.objects.filter(topic__in=seen.values("pk"), state=AmendmentState.PROPOSED)
    for one in rows.exclude(proposed_by=user.pk).select_related("topic").order_by("proposed_at", "pk")[:MOST]:
        text = _("Quyết định điều chỉnh: %(kind)s") % {"kind": one.get_kind_display()}
        found.append(TopicDue(text, "topic", one.topic_id, one.topic.title))
    if reach.focal_head:
        calls = TopicCall.objects.filter(state=CallState.DRAFT).exclude(text="").exclude(created_by=user.pk)
        for call in calls.order_by("opens_at", "pk")[:MOST]:
            found.append(
                TopicDue(_("Công bố đợt mời đề tài"), "call", call.pk, call.title, local_date(call.opens_at))
            )
    return found


def _finance(seen: QuerySet[Topic]) -> list[TopicDue]:
    found = []
    rows = TopicMilestone.objects.filter(
        topic__in=seen.values("pk"), state=MilestoneState.ACCEPTED, payment__gt=0
    )
    for row in (
        rows.exclude(topic__state=TopicState.LIQUIDATED)
        .select_related("topic")
        .order_by("accepted_at", "pk")[:MOST]
    ):
        text = _("Thanh toán mốc %(n)s") % {"n": row.number}
        found.append(TopicDue(text, "topic", row.topic_id, row.topic.title))
    back = (
        TopicPayment.objects.filter(topic=OuterRef("pk"), kind=MoneyKind.REFUND)
        .order_by().values("topic").annotate(total=Sum("amount")).values("total")
    )  # fmt: skip
    owing = seen.filter(state=TopicState.LIQUIDATED, liquidation__owed__gt=Coalesce(back, Value(Decimal(0))))
    found += _topics(owing, _("Thu tiền hoàn trả"))
    return found


def _side(reach: Reach, now: datetime) -> list[TopicDue]:
    """What the reporters of a unit have to do for its topics."""
    today, own = local_date(now), Topic.objects.filter(unit_id__in=reach.reporting)
    found = []
    for one in own.filter(state=TopicState.RETURNED).order_by("return_until", "pk")[:MOST]:
        day = local_date(one.return_until) if one.return_until else None
        late = one.return_until is not None and one.return_until < now
        found.append(TopicDue(_("Bổ sung thuyết minh đề tài"), "topic", one.pk, one.title, day, late=late))
    drafts = own.filter(state=TopicState.DRAFT, call__state=CallState.PUBLISHED, call__closes_at__gt=now)
    for one in drafts.select_related("call").order_by("call__closes_at", "pk")[:MOST]:
        found.append(
            TopicDue(_("Nộp thuyết minh đề tài"), "topic", one.pk, one.title, local_date(one.call.closes_at))
        )
    rows = TopicMilestone.objects.filter(
        topic__in=own.filter(state__in=WORKING).values("pk"), due_on__lte=today + SOON,
        state__in=[MilestoneState.WAITING, MilestoneState.RETURNED],
    )  # fmt: skip
    for row in rows.select_related("topic").order_by("due_on", "pk")[:MOST]:
        text = _("Báo cáo mốc %(n)s: %(title)s") % {"n": row.number, "title": row.title}
        found.append(
            TopicDue(text, "topic", row.topic_id, row.topic.title, row.due_on, late=row.due_on < today)
        )
    return found


def _juror(user: Any) -> list[TopicDue]:
    found = []
    for place in places_of(user):
        council = place.council
        if place.must_declare:
            found.append(
                TopicDue(_("Khai xung đột lợi ích"), "jury", council.pk, council.title, council.judge_by)
            )
        elif place.left:
            text = _("Còn %(n)s phiếu đánh giá đề tài chưa nộp") % {"n": place.left}
            found.append(TopicDue(text, "jury", council.pk, council.title, council.judge_by))
    return found


def milestones_due(user: Any, *, until: date, on: date | None = None) -> QuerySet[TopicMilestone]:
    """Return milestones that are not accepted and due until a day, of the topics that ``user`` may read."""
    topics = Topic.objects.visible_to(user, on).filter(state__in=WORKING)
    rows = TopicMilestone.objects.filter(
        topic__in=topics.values("pk"), state__in=MILESTONE_OPEN, due_on__lte=until
    )
    return (
        rows.select_related("topic")
        .annotate(host=F("topic__organisation"))
        .order_by("due_on", "topic_id", "number")
    )
