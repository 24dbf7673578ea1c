"""Councils of topics: set up, cases and seats, phases. One code for appraisal and acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.enums import Channel
from khcn.core.outbox.services import message_send
from khcn.engines.text.fold import fold
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Party, User
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import (
    MILESTONE_OPEN,
    CouncilKind,
    CouncilSeat,
    TopicFileKind,
    TopicState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic, TopicRubric
from khcn.programmes.models.topics_council import TopicCase, TopicCouncil, TopicJuror, TopicReview
from khcn.programmes.permissions_topics import can_check
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.rules.topics import ENTERS, SITS
from khcn.programmes.selectors.topics_jury import open_cases
from khcn.programmes.services.topics_base import (
    address_of,
    moved,
    must,
    reason_of,
    stranger_only,
    topic_locked,
)
from khcn.programmes.services.topics_conflicts import BENCH, conflicts_find, judged_topic


@dataclass(frozen=True, slots=True)
class CouncilTerms:
    """A council as it was entered."""

    title: str
    decision_number: str = ""
    decision_date: date | None = None
    judge_by: date | None = None
    met_on: date | None = None
    place: str = ""


def keeper_only(actor: Actor, now: datetime) -> None:
    """Refuse everybody but the focal officer."""
    must(actor, can_check, _("Hội đồng do chuyên viên của đơn vị đầu mối tổ chức."), now)


def council_locked(pk: int) -> TopicCouncil:
    """Return a council locked until the transaction ends. Raises StaleError."""
    rows = TopicCouncil.objects.select_for_update(of=("self",)).select_related("rubric")
    row = rows.filter(pk=pk, dissolved_at=None).first()
    if row is None:
        raise StaleError(_("Hội đồng này không còn. Hãy quay lại danh sách hội đồng."))
    return row


@transaction.atomic
def council_create(
    *, actor: Actor, kind: str, rubric_id: int, topic_ids: Sequence[int], terms: CouncilTerms, client_key: str, now: datetime
) -> TopicCouncil:  # fmt: skip
    """Set a council up for some topics, which are then before it; the same form sent twice is one council.

    :raises ProgrammeError: no topic, another rubric, a topic that is not ready. :raises StaleError: moved meanwhile.
    """
    keeper_only(actor, now)
    if client_key and (held := TopicCouncil.objects.filter(client_key=client_key[:40]).first()) is not None:
        return held
    wanted = CouncilKind(kind)
    rubric = TopicRubric.objects.filter(pk=rubric_id, kind=wanted).exclude(published_at=None).first()
    if rubric is None:
        raise ProgrammeError(_("Hãy chọn bộ tiêu chí đã công bố của loại hội đồng này."), field="rubric")
    if not topic_ids:
        raise ProgrammeError(_("Hãy chọn ít nhất một đề tài."), field="topics")
    if not kept_line(terms.title, 300):
        raise ProgrammeError(_("Hãy ghi tên hội đồng."), field="title")
    council = TopicCouncil.objects.create(
        kind=wanted,
        rubric=rubric,
        created_at=now,
        created_by_id=actor_id(actor),
        client_key=client_key[:40],
        **_terms(terms),
    )
    for pk in sorted(set(topic_ids)):
        _case_open(council, pk, actor, now)
    audit_record(
        actor=actor, action="programmes.topiccouncil.create", target=council,
        after={"kind": wanted, "topics": sorted(set(topic_ids))}, at=now,
    )  # fmt: skip
    return council


def _terms(terms: CouncilTerms) -> dict[str, Any]:
    return {
        "title": kept_line(terms.title, 300), "decision_number": kept_line(terms.decision_number, 60), "place": kept_line(terms.place, 200),
        "decision_date": terms.decision_date, "judge_by": terms.judge_by, "met_on": terms.met_on,
    }  # fmt: skip


@transaction.atomic
def council_update(
    *, actor: Actor, council_id: int, terms: CouncilTerms, now: datetime, revision: int | None = None
) -> TopicCouncil:
    """Change title, decision, days and place of a council that is not over."""
    keeper_only(actor, now)
    council = council_locked(council_id)
    if revision is not None and council.revision != revision:
        raise StaleError(_("Người khác vừa đổi hội đồng này. Hãy tải lại trang rồi làm lại."))
    if council.phase == PhaseKind.DONE:
        raise ProgrammeError(_("Hội đồng đã kết thúc nên không sửa được."))
    if not kept_line(terms.title, 300):
        raise ProgrammeError(_("Hãy ghi tên hội đồng."), field="title")
    for name, value in _terms(terms).items():
        setattr(council, name, value)
    council.revision += 1
    council.save()
    audit_record(
        actor=actor, action="programmes.topiccouncil.update", target=council, after={"decision": council.decision_number}, at=now
    )  # fmt: skip
    return council


def ready_for(topic: Topic, kind: str) -> str:
    """Return why a topic cannot go before a council of a kind now; empty when it can."""
    if topic.state not in ENTERS[CouncilKind(kind)]:
        return _("Đề tài “%(title)s” đang ở “%(state)s” nên chưa đưa ra hội đồng này được.") % {
            "title": topic.title, "state": topic.get_state_display(),
        }  # fmt: skip
    if kind == CouncilKind.ACCEPTANCE:
        waiting = list(topic.milestones.filter(state__in=MILESTONE_OPEN).values_list("number", flat=True))
        last = topic.milestones.order_by("-number").values_list("number", flat=True).first()
        if [one for one in waiting if one != last]:
            return _("Đề tài “%(title)s” còn mốc chưa được chấp nhận. Hãy xong các mốc trước mốc cuối.") % {
                "title": topic.title
            }
        if not topic.files.filter(kind=TopicFileKind.FINAL).exists():
            return _("Đề tài “%(title)s” chưa có báo cáo tổng kết.") % {"title": topic.title}
    return ""


def _case_open(council: TopicCouncil, topic_id: int, actor: Actor, now: datetime) -> TopicCase:
    topic = topic_locked(topic_id)
    stranger_only(actor, topic)
    if problem := ready_for(topic, council.kind):
        raise ProgrammeError(problem, field="topics")
    number = council.cases.count() + 1
    try:
        with transaction.atomic():
            case = TopicCase.objects.create(
                council=council, topic=topic, kind=council.kind, code=f"DT-{number:02d}"
            )
    except IntegrityError:
        raise ProgrammeError(
            _("Đề tài “%(title)s” đang ở một hội đồng khác.") % {"title": topic.title}, field="topics"
        ) from None
    moved(topic, actor, "council", now, to=SITS[CouncilKind(council.kind)], council=council.pk)
    return case


def _before_judging(council: TopicCouncil) -> None:
    if council.phase not in (PhaseKind.PREPARING, PhaseKind.DECLARING):
        raise ProgrammeError(_("Hội đồng đã bắt đầu chấm nên danh sách đề tài không đổi được nữa."))


@transaction.atomic
def case_add(*, actor: Actor, council_id: int, topic_id: int, now: datetime) -> TopicCase:
    """Put one more topic before a council that has not begun to score."""
    keeper_only(actor, now)
    council = council_locked(council_id)
    _before_judging(council)
    case = _case_open(council, topic_id, actor, now)
    conflicts_find(council=council, now=now)
    return case


@transaction.atomic
def case_remove(*, actor: Actor, council_id: int, case_id: int, reason: str, now: datetime) -> None:
    """Take a topic out of a council that has not begun to score; it goes back to where it was."""
    keeper_only(actor, now)
    council = council_locked(council_id)
    _before_judging(council)
    case = council.cases.filter(pk=case_id, closed_at=None).first()
    if case is not None:
        _case_close(case, actor, reason_of(reason), now)


def _case_close(case: TopicCase, actor: Actor, reason: str, now: datetime) -> None:
    topic = topic_locked(case.topic_id)
    case.closed_at = now
    case.save(update_fields=["closed_at"])
    TopicReview.objects.filter(case=case, void_at=None).update(void_at=now, void_reason=reason[:500])
    if topic.state == SITS[CouncilKind(case.kind)]:
        back = TopicState.CHECKED if case.kind == CouncilKind.APPRAISAL else TopicState.RUNNING
        moved(topic, actor, "uncouncil", now, to=back, reason=reason, council=case.council_id)


@transaction.atomic
def council_dissolve(*, actor: Actor, council_id: int, reason: str, now: datetime) -> None:
    """Dissolve a council that has no result: its topics go back, its sheets are void; again changes nothing."""
    keeper_only(actor, now)
    if TopicCouncil.objects.filter(pk=council_id).exclude(dissolved_at=None).exists():
        return
    council, why = council_locked(council_id), reason_of(reason)
    if council.phase in (PhaseKind.COUNCIL, PhaseKind.DONE):
        raise ProgrammeError(_("Điểm đã chốt nên không giải thể được. Hãy mở lại việc chấm trước."))
    for case in council.cases.filter(closed_at=None):
        _case_close(case, actor, why, now)
    council.dissolved_at, council.dissolve_reason = now, why[:500]
    council.revision += 1
    council.save(update_fields=["dissolved_at", "dissolve_reason", "revision"])
    audit_record(
        actor=actor, action="programmes.topiccouncil.dissolve", target=council, reason=why[:500], at=now
    )


def cases_drop(topic: Topic, actor: Actor, reason: str, now: datetime) -> None:
    """Take a topic that is stopped out of whatever council sits on it; the caller moves the topic."""
    for case in TopicCase.objects.filter(topic=topic, closed_at=None, done=False):
        case.closed_at = now
        case.save(update_fields=["closed_at"])
        TopicReview.objects.filter(case=case, void_at=None).update(void_at=now, void_reason=reason[:500])


# Seats


def juror_choices(on: date) -> list[User]:
    """Return the people who may sit in a council: jurors, and officials who decide about topics."""
    roles = (
        Role.JUROR,
        Role.ADVISER,
        Role.LEADER,
        Role.FOCAL_HEAD,
        Role.FOCAL_OFFICER,
        Role.FINANCE,
        Role.UNIT_HEAD,
    )
    rows = Membership.objects.in_force(on).filter(role__in=roles, user__is_active=True).select_related("user")
    people = {row.user_id: row.user for row in rows.order_by("user__person_key", "user_id")}
    return list(people.values())


@transaction.atomic
def juror_add(
    *, actor: Actor, council_id: int, user: User, now: datetime, seat: str = CouncilSeat.MEMBER, organisation: str = "",
    party: Party | None = None,
) -> TopicJuror:  # fmt: skip
    """Seat a juror. Who has a conflict with every topic of the council is refused; with some: recused from these.

    :raises ProgrammeError: sits already, the seat is taken, on the team or from the host of all topics.
    """
    keeper_only(actor, now)
    council = council_locked(council_id)
    if council.phase in (PhaseKind.COUNCIL, PhaseKind.DONE):
        raise ProgrammeError(_("Điểm đã chốt nên hội đồng không đổi được. Hãy mở lại việc chấm trước."))
    if seat not in CouncilSeat.values:
        raise ProgrammeError(_("Hãy chọn vị trí trong hội đồng."), field="seat")
    for case in open_cases(council):
        stranger_only(actor, case.topic)
    place = kept_line(organisation, 200)
    row = TopicJuror(
        council=council, user=user, seat=seat, party=party, organisation=place,
        folded_organisation=fold(" ".join(place.split()))[:200], added_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        taken = council.jurors.filter(removed_at=None, user=user).exists()
        if taken:
            raise ProgrammeError(_("Người này đã ở trong hội đồng."), field="user") from None
        raise ProgrammeError(_("Vị trí này đã có người. Hãy chọn vị trí khác."), field="seat") from None
    cases = list(open_cases(council))
    BENCH.find(row, {one.pk: judged_topic(one.topic) for one in cases}, local_date(now), now)
    against = {pk: one for pk, one in BENCH.standing(row).items() if one.has_conflict}
    if cases and len(against) == len(cases):
        reasons = sorted({one.reason for one in against.values()})
        raise ProgrammeError(
            _("Người này không ngồi hội đồng này được (%(why)s với mọi đề tài của hội đồng). Hãy chọn người khác.")
            % {"why": ", ".join(reasons).lower()}, field="user", code="juror-conflict",
        )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.topicjuror.add", target=row,
        after={"user": user.pk, "seat": seat, "recused": len(against)}, at=now,
    )  # fmt: skip
    if council.phase in (PhaseKind.DECLARING, PhaseKind.JUDGING):
        tell_juror(row, council, now)
    return row


@transaction.atomic
def juror_remove(*, actor: Actor, juror_id: int, reason: str, keep_submitted: bool, now: datetime) -> int:
    """Take a juror out, also in the middle; return how many sheets were voided. Submitted ones stay or go as chosen."""
    keeper_only(actor, now)
    juror = TopicJuror.objects.filter(pk=juror_id).first()
    if juror is None:
        raise StaleError(_("Không thấy thành viên này. Hãy tải lại trang."))
    council = council_locked(juror.council_id)
    if council.phase in (PhaseKind.COUNCIL, PhaseKind.DONE):
        raise ProgrammeError(_("Điểm đã chốt nên hội đồng không đổi được. Hãy mở lại việc chấm trước."))
    why = reason_of(reason)[:500]
    if not TopicJuror.objects.filter(pk=juror.pk, removed_at=None).update(removed_at=now, remove_reason=why):
        return 0
    rows = TopicReview.objects.filter(juror=juror, void_at=None)
    gone = (rows.filter(submitted_at=None) if keep_submitted else rows).update(void_at=now, void_reason=why)
    audit_record(
        actor=actor, action="programmes.topicjuror.remove", target=juror, reason=why,
        after={"keep_submitted": keep_submitted, "voided": gone}, at=now,
    )  # fmt: skip
    return gone


def tell_juror(juror: TopicJuror, council: TopicCouncil, now: datetime) -> None:
    """Write to a juror what the new phase asks of them."""
    subject = {
        PhaseKind.DECLARING: _("Mời khai xung đột lợi ích: %(title)s"), PhaseKind.JUDGING: _("Mời đánh giá đề tài: %(title)s"),
    }.get(PhaseKind(council.phase))  # fmt: skip
    if subject is None:
        return
    message_send(
        channel=Channel.DESK, user=juror.user, now=now, link=address_of("topics-desk:jury"),
        subject=(subject % {"title": council.title})[:200], body=_("Mở trang Hội đồng đề tài để xem việc tiếp theo của bạn."),
        dedupe_key=f"programmes.topicjuror:{juror.pk}:{council.phase}",
    )  # fmt: skip
