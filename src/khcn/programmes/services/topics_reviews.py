"""Sheets of a council of topics, the frozen scores, the minutes, and what becomes of the topics when it is over."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.document_port import DocumentWanted, document_desk
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, TopicState
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.topics_council import (
    TopicCase,
    TopicCouncil,
    TopicCouncilResult,
    TopicReview,
    TopicScore,
)
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_topics import can_freeze
from khcn.programmes.rules.contest_phases import juror_may
from khcn.programmes.rules.contest_scoring import digest_of, ranking_of, standing_json
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.rules.topics import class_of
from khcn.programmes.selectors.topics_jury import open_cases, standing_reviews
from khcn.programmes.services.sheets import frozen_rules, frozen_sheet, juror_names, sheet_write
from khcn.programmes.services.topics_base import (
    moved,
    must,
    reason_of,
    stranger_only,
    tell_side,
    topic_locked,
)
from khcn.programmes.services.topics_conflicts import BENCH, conflicts_find
from khcn.programmes.services.topics_councils import council_locked, keeper_only
from khcn.programmes.services.topics_phases import phase_set
from khcn.programmes.topic_papers import agency_of, council_minutes

SOURCE = "programmes.topiccouncilresult"


@transaction.atomic
def review_save(
    *, actor: Actor, review_id: int, points: Mapping[str, Decimal], comment: str, revision: int, submit: bool, now: datetime
) -> TopicReview:  # fmt: skip
    """Keep a draft of a sheet, or submit it: then it is locked.

    :raises GoneError: not this juror's, void, a conflict. :raises StaleError: written from another window meanwhile.
    :raises ProgrammeError: not the phase, submitted already, points missing or out of range, no words beside them.
    """
    found = TopicReview.objects.filter(pk=review_id, juror__user=actor_id(actor)).first()
    if found is None:
        raise GoneError(_("Không thấy phiếu này. Hãy quay lại danh sách đề tài của bạn."))
    council = (
        TopicCouncil.objects.select_for_update(of=("self",)).select_related("rubric").get(pk=found.council_id)
    )
    review = (
        TopicReview.objects.select_for_update(of=("self",)).select_related("juror", "case").get(pk=found.pk)
    )
    closed = (
        review.void_at is not None or review.juror.removed_at is not None or review.case.closed_at is not None
    )
    if closed or BENCH.blocked(review.juror, review.case_id):
        raise GoneError(_("Không thấy phiếu này. Hãy quay lại danh sách đề tài của bạn."))
    if not juror_may(council.phase).score:
        raise ProgrammeError(_("Đã hết thời gian chấm. Phiếu không đổi được nữa."))
    if review.submitted_at is not None:
        raise ProgrammeError(_("Phiếu này đã nộp. Nếu cần sửa, hãy báo thư ký hội đồng."))
    if review.revision != revision:
        raise StaleError(_("Phiếu này vừa được lưu ở cửa sổ khác. Hãy mở lại phiếu rồi chấm tiếp."))
    if submit and len(kept_text(comment, 5000)) < 10:
        raise ProgrammeError(_("Hãy viết nhận xét: điểm mạnh, điểm yếu, kiến nghị."), field="comment")
    criteria = {one.key: one for one in council.rubric.criteria.all()}
    sheet_write(
        review, council.rubric, criteria, points, comment=comment, submit=submit, now=now, score=TopicScore
    )
    if submit:
        audit_record(actor=actor, action="programmes.topicreview.submit", target=review, at=now)
    review.save(update_fields=["comment", "revision", "submitted_at", "total"])
    return review


@transaction.atomic
def review_reopen(*, actor: Actor, review_id: int, reason: str, now: datetime) -> None:
    """Give a submitted sheet back to its juror, with a reason in the trail; its points are not shown."""
    keeper_only(actor, now)
    review = TopicReview.objects.filter(pk=review_id).first()
    if review is None:
        raise StaleError(_("Không thấy phiếu này. Hãy tải lại trang."))
    if council_locked(review.council_id).phase != PhaseKind.JUDGING:
        raise ProgrammeError(_("Chỉ mở lại phiếu trong lúc chấm."))
    why = reason_of(reason)
    rows = TopicReview.objects.filter(pk=review.pk, void_at=None).exclude(submitted_at=None)
    if rows.update(submitted_at=None, total=None):
        audit_record(
            actor=actor, action="programmes.topicreview.reopen", target=review, reason=why[:500], at=now
        )


@transaction.atomic
def council_freeze(*, actor: Actor, council_id: int, now: datetime, reason: str = "") -> TopicCouncilResult:
    """Freeze the scores; nobody saw them before. Sheets that miss are left out only with a reason.

    :raises ProgrammeError: not in judging, sheets open and no reason, a topic with fewer sheets than the rubric wants.
    """
    must(actor, can_freeze, _("Điểm do chuyên viên hoặc trưởng đơn vị đầu mối chốt."), now)
    council = council_locked(council_id)
    if council.phase != PhaseKind.JUDGING:
        raise ProgrammeError(_("Chỉ chốt điểm khi đang ở giai đoạn chấm."))
    conflicts_find(council=council, now=now)
    cases, why = list(open_cases(council)), kept_text(reason, 500)
    for case in cases:
        stranger_only(actor, case.topic)
    rows = list(
        standing_reviews().filter(council=council).select_related("juror__user", "case")
        .prefetch_related("scores__criterion").order_by("case__code", "juror_id")
    )  # fmt: skip
    done = [one for one in rows if one.submitted_at is not None]
    missing = [one for one in rows if one.submitted_at is None]
    for case in cases:
        held = sum(one.case_id == case.pk for one in done)
        if held < council.rubric.least_sheets:
            words = {"code": case.code, "n": held, "least": council.rubric.least_sheets}
            raise ProgrammeError(_("%(code)s mới có %(n)s phiếu đã nộp, cần ít nhất %(least)s.") % words)
    if missing and not why:
        text = _("Còn %(n)s phiếu chưa nộp. Hãy đợi, hoặc ghi lý do chốt điểm mà không có các phiếu đó.")
        raise ProgrammeError(text % {"n": len(missing)}, field="reason")
    names, people = juror_names({one.juror_id: one.juror for one in rows})
    frozen: dict[str, Any] = {
        "council": council.pk, "kind": council.kind, "title": council.title, "frozen_at": now.isoformat(), "reason": why,
        "rules": frozen_rules(council.rubric, council.rubric.criteria.all()), "classes": council.rubric.classes,
        "jurors": people, "entries": [{"code": one.code, "entry": one.pk, "topic": one.topic_id} for one in cases],
        "sheets": [frozen_sheet(one, one.case.code, names[one.juror_id]) for one in done],
        "missing": [{"entry": one.case.code, "juror": names[one.juror_id]} for one in missing],
    }  # fmt: skip
    frozen["ranking"] = [standing_json(one) for one in ranking_of(frozen)]
    result = TopicCouncilResult.objects.create(
        council=council, frozen=frozen, sha256=digest_of(frozen), frozen_at=now, frozen_by_id=actor_id(actor)
    )
    phase_set(council, PhaseKind.COUNCIL, actor=actor, now=now)
    audit_record(
        actor=actor, action="programmes.topicresult.freeze", target=result, reason=why,
        after={"sha256": result.sha256, "sheets": len(done), "missing": len(missing)}, at=now,
    )  # fmt: skip
    return result


@transaction.atomic
def council_thaw(*, actor: Actor, council_id: int, reason: str, now: datetime) -> None:
    """Open the scoring again before the council is closed: the frozen scores stay on record. By the focal head."""
    if not acting(actor, local_date(now)).focal_head:
        raise PermissionDeniedError(_("Chỉ trưởng đơn vị đầu mối mở lại việc chấm."))
    council, why = council_locked(council_id), reason_of(reason)
    result = _open_result(council)
    TopicCouncilResult.objects.filter(pk=result.pk, thawed_at=None).update(
        thawed_at=now, thaw_reason=why[:500]
    )
    phase_set(council, PhaseKind.JUDGING, actor=actor, now=now, reason=why)
    audit_record(actor=actor, action="programmes.topicresult.thaw", target=result, reason=why[:500], at=now)


def _open_result(council: TopicCouncil) -> TopicCouncilResult:
    result = council.results.filter(thawed_at=None).first()
    if result is None:
        raise ProgrammeError(_("Điểm chưa được chốt."))
    if council.phase == PhaseKind.DONE:
        raise ProgrammeError(_("Hội đồng đã kết thúc nên kết quả không đổi được nữa."))
    if digest_of(result.frozen) != result.sha256:
        raise ProgrammeError(_("Điểm đã chốt không còn nguyên vẹn. Hãy báo quản trị; đừng dùng kết quả này."))
    return result


@transaction.atomic
def conclusion_save(*, actor: Actor, council_id: int, conclusions: Mapping[int, str], now: datetime) -> None:
    """Write what the council concluded about each case while it sits."""
    keeper_only(actor, now)
    council = council_locked(council_id)
    _open_result(council)
    for case in open_cases(council):
        if case.pk in conclusions:
            TopicCase.objects.filter(pk=case.pk).update(conclusion=kept_text(conclusions[case.pk], 5000))
    audit_record(
        actor=actor,
        action="programmes.topiccouncil.conclude",
        target=council,
        after={"cases": len(conclusions)},
        at=now,
    )


@transaction.atomic
def minutes_draft(*, actor: Actor, council_id: int, now: datetime) -> TopicCouncilResult:
    """Draft the minutes of the council (Decree 30) in the register; once drafted they are written anew while they may.

    :raises ProgrammeError: no frozen scores. :raises PortMissingError: no register of documents.
    """
    keeper_only(actor, now)
    council = council_locked(council_id)
    result = _open_result(council)
    paper, desk = council_minutes(result), document_desk.get()
    if result.minutes is not None:
        try:
            with transaction.atomic():
                result.minutes = desk.redraft(
                    actor=actor, document_id=result.minutes, paper=paper, now=now
                ).id
        except KhcnError:  # checked or issued meanwhile: it stays as it is
            return result
    else:
        agency = agency_of(council)
        wanted = DocumentWanted(
            agency_id=agency.pk, type_code="BB", subject=paper.subtitle, paper=paper, source=f"{SOURCE}:{result.pk}",
            drafting_unit_id=agency.pk,
        )  # fmt: skip
        result.minutes = desk.draft(actor=actor, wanted=wanted, now=now).id
    result.save(update_fields=["minutes"])
    audit_record(
        actor=actor,
        action="programmes.topicresult.minutes",
        target=result,
        after={"document": result.minutes},
        at=now,
    )
    return result


@transaction.atomic
def council_close(*, actor: Actor, council_id: int, now: datetime) -> TopicCouncil:
    """The minutes are signed: results count, topics move on; again changes nothing.

    Appraisal: the topic waits for the decision, passed or not. Acceptance: accepted with its class, or failed.
    """
    must(actor, can_freeze, _("Hội đồng do chuyên viên hoặc trưởng đơn vị đầu mối kết thúc."), now)
    council = council_locked(council_id)
    if council.phase == PhaseKind.DONE:
        return council
    if council.phase != PhaseKind.COUNCIL:
        raise ProgrammeError(_("Hãy chốt điểm trước khi kết thúc hội đồng."))
    if council.met_on is None or council.met_on > local_date(now):
        raise ProgrammeError(_("Hãy ghi ngày họp hội đồng, không sau hôm nay."), field="met_on")
    result = _open_result(council)
    standings = {row["entry"]: row for row in result.frozen["ranking"]}
    for case in open_cases(council):
        _case_done(council, case, standings[case.code], actor, now)
    result.closed_at, result.closed_by_id = now, actor_id(actor)
    result.save(update_fields=["closed_at", "closed_by"])
    phase_set(council, PhaseKind.DONE, actor=actor, now=now)
    audit_record(
        actor=actor,
        action="programmes.topicresult.close",
        target=result,
        after={"sha256": result.sha256},
        at=now,
    )
    return council


def _case_done(
    council: TopicCouncil, case: TopicCase, row: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    topic = topic_locked(case.topic_id)
    stranger_only(actor, topic)
    value, passed = Decimal(row["result"]), not row["failed"]
    key, title = class_of(council.rubric.classes, value, passed=passed)
    classes = council.rubric.classes
    if classes and key == classes[-1]["key"]:
        passed = False  # the last class says that it did not pass
    case.result, case.rank, case.passed, case.done = value, row["rank"], passed, True
    case.class_key, case.class_title = key, title
    case.save(update_fields=["result", "rank", "passed", "done", "class_key", "class_title"])
    if council.kind == CouncilKind.APPRAISAL:
        moved(topic, actor, "appraised", now, to=TopicState.APPRAISED, passed=passed, result=value)
        return
    topic.accepted_at, topic.accepted_result = now if passed else None, value
    topic.accepted_class, topic.accepted_class_title = key, title
    fields = ["accepted_at", "accepted_result", "accepted_class", "accepted_class_title"]
    to = TopicState.ACCEPTED if passed else TopicState.FAILED
    moved(
        topic, actor, "accepted" if passed else "failed", now, to=to, fields=fields, result=value, grade=key
    )
    tell_side(
        topic, subject=_("Kết quả nghiệm thu đề tài"), key=f"accept:{topic.revision}", now=now,
        body=_("Đề tài “%(title)s”: %(grade)s.") % {"title": topic.title, "grade": title},
    )  # fmt: skip
