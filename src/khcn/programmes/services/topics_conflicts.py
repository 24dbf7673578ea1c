"""Conflicts of interest in councils of topics: found by host, unit and team; declared before a proposal opens."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_council import TopicConflict, TopicCouncil, TopicJuror, TopicReview
from khcn.programmes.permissions_topics import can_check
from khcn.programmes.rules.contest_phases import juror_may
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.selectors.topics_jury import open_cases
from khcn.programmes.services.conflicts import Bench, Judged, known_ids, parties_of, plain_all
from khcn.programmes.services.topics_base import must, reason_of

BENCH: Final = Bench(TopicConflict, TopicReview, "case")


def judged_topic(topic: Topic) -> Judged:
    """Return where a topic comes from and who is of its team."""
    members = list(topic.members.all())
    users = (
        topic.leader_user_id,
        topic.submitted_by_id,
        topic.created_by_id,
        *(one.user_id for one in members),
    )
    names = [
        topic.organisation, topic.leader_organisation, topic.party.name if topic.party else "",
        topic.host_unit.name if topic.host_unit else "", topic.unit.name if topic.unit else "",
    ]  # fmt: skip
    return Judged(
        parties=parties_of(topic.party), units=known_ids(topic.unit_id, topic.host_unit_id),
        names=plain_all(names), user_ids=known_ids(*users),
        people=plain_all([topic.leader_name, *(one.name for one in members)]),
    )  # fmt: skip


def conflicts_find(*, council: TopicCouncil, now: datetime) -> int:
    """Write the conflicts that need no declaration; sheets open in spite of them are void. Twice is once."""
    judged = {
        one.pk: judged_topic(one.topic) for one in open_cases(council).prefetch_related("topic__members")
    }
    counting = Q(removed_at=None) | Q(
        pk__in=TopicReview.objects.filter(council=council, void_at=None).values("juror")
    )
    jurors = council.jurors.filter(counting).select_related("party", "user")
    return sum(BENCH.find(juror, judged, local_date(now), now) for juror in jurors)


@transaction.atomic
def conflicts_declare(
    *, actor: Actor, juror_id: int, chosen: Collection[int], confirmed: bool, now: datetime
) -> None:
    """Declare about every topic of a council at once: ``chosen`` are the cases with a conflict.

    A conflict once declared stays; one that was found stays whatever is declared. :raises ProgrammeError: not now, not confirmed.
    """
    juror = (
        TopicJuror.objects.select_related("council", "party", "user")
        .filter(pk=juror_id, removed_at=None)
        .first()
    )
    if juror is None or actor_id(actor) != juror.user_id:
        raise PermissionDeniedError(_("Mỗi thành viên hội đồng tự khai cho mình."))
    council = TopicCouncil.objects.select_for_update(of=("self",)).get(pk=juror.council_id)
    if council.dissolved_at is not None or not juror_may(council.phase).declare:
        raise ProgrammeError(_("Lúc này chưa đến hoặc đã qua giai đoạn khai xung đột lợi ích."))
    if not confirmed:
        raise ProgrammeError(_("Hãy đánh dấu cam kết trước khi gửi."), field="confirmed")
    conflicts_find(council=council, now=now)
    cases = list(open_cases(council).values_list("pk", flat=True))
    BENCH.declare(juror, cases, set(chosen) & set(cases), now)
    audit_record(
        actor=actor,
        action="programmes.topicconflict.declare",
        target=juror,
        after={"chosen": len(set(chosen))},
        at=now,
    )
    if juror_may(council.phase).score:
        from khcn.programmes.services.topics_phases import reviews_open  # noqa: PLC0415  # it uses this module

        reviews_open(council, now)


@transaction.atomic
def conflict_report(*, actor: Actor, review_id: int, reason: str, now: datetime) -> None:
    """A juror finds a conflict while scoring: the sheet is void, the topic is closed to them."""
    review = (
        TopicReview.objects.select_related("juror", "council")
        .filter(pk=review_id, juror__user=actor_id(actor))
        .first()
    )
    if review is None or review.void_at is not None:
        raise GoneError(_("Không thấy phiếu này."))
    council = TopicCouncil.objects.select_for_update(of=("self",)).get(pk=review.council_id)
    if not juror_may(council.phase).score or review.submitted_at is not None:
        raise ProgrammeError(_("Phiếu này đã nộp hoặc đã hết thời gian chấm. Hãy báo thư ký hội đồng."))
    why = kept_text(reason, 500)
    if not why:
        raise ProgrammeError(_("Hãy ghi vắn tắt vì sao có xung đột lợi ích."), field="reason")
    BENCH.put(review.juror, review.case_id, BENCH.standing(review.juror).get(review.case_id), why, now)
    audit_record(actor=actor, action="programmes.topicconflict.report", target=review, at=now)


@transaction.atomic
def conflict_revoke(*, actor: Actor, conflict_id: int, reason: str, now: datetime) -> None:
    """Undo a declared conflict, which the juror must then declare anew. :raises ProgrammeError: it was found, no reason."""
    must(actor, can_check, _("Hội đồng do chuyên viên của đơn vị đầu mối tổ chức."), now)
    row = TopicConflict.objects.filter(pk=conflict_id, revoked_at=None).first()
    if row is None:
        return
    if row.found or not row.has_conflict:
        raise ProgrammeError(
            _("Xung đột do cùng trường, cùng đơn vị hoặc có tên trong nhóm thì không bỏ được.")
        )
    why = reason_of(reason)
    if TopicConflict.objects.filter(pk=row.pk, revoked_at=None, found=False).update(revoked_at=now):
        audit_record(
            actor=actor, action="programmes.topicconflict.revoke", target=row, reason=why[:500], at=now
        )
