"""Sheets: shared out evenly, written by one juror alone, submitted once."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.programmes.enums import JUDGED, PhaseKind
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.contests import Conflict, Contest, Review, Score
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.contest_assignment import assign
from khcn.programmes.rules.contest_phases import juror_may
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.selectors.contests import current_rules, declared_jurors
from khcn.programmes.services.contests_conflicts import BENCH, conflicts_find
from khcn.programmes.services.contests_setup import codes_give, held, keeper_only
from khcn.programmes.services.sheets import sheet_write


@transaction.atomic
def reviews_assign(*, actor: Actor, programme: Programme, now: datetime, seed: int | None = None) -> int:
    """Give every accepted entry the jurors it still misses; what is there stays. Return how many sheets are new.

    Only jurors who declared about everything and have no conflict get an entry. :raises ProgrammeError: no rules, not now.
    """
    keeper_only(actor, now)
    contest = held(programme)
    if contest.phase not in (PhaseKind.DECLARING, PhaseKind.JUDGING):
        raise ProgrammeError(_("Bài chỉ được phân khi giám khảo đang khai xung đột lợi ích hoặc đang chấm."))
    rules = current_rules(programme)
    if rules is None:
        raise ProgrammeError(_("Hãy công bố thể lệ."))
    codes_give(programme)
    conflicts_find(programme=programme, now=now)
    entries = list(
        Entry.objects.filter(programme=programme, state__in=JUDGED)
        .order_by("code")
        .values_list("pk", flat=True)
    )
    rows = Review.objects.filter(programme=programme, void_at=None)
    blocked = Conflict.objects.filter(juror__programme=programme, revoked_at=None, has_conflict=True)
    pairs = assign(
        entries=entries, jurors=sorted(declared_jurors(programme)), wanted=contest.reviews_wanted,
        blocked=set(blocked.values_list("juror", "entry")), held=set(rows.values_list("juror", "entry")),
        seed=programme.pk if seed is None else seed,
    )  # fmt: skip
    Review.objects.bulk_create(
        Review(programme=programme, juror_id=juror, entry_id=entry, rules=rules, assigned_at=now)
        for juror, entry in pairs
    )
    if pairs:
        audit_record(
            actor=actor,
            action="programmes.review.assign",
            target=contest,
            after={"added": len(pairs)},
            at=now,
        )
    return len(pairs)


@transaction.atomic
def review_save(
    *, actor: Actor, review_id: int, points: Mapping[str, Decimal], comment: str, revision: int, submit: bool, now: datetime
) -> Review:  # fmt: skip
    """Keep a draft of a sheet, or submit it: then it is locked.

    :raises GoneError: not this juror's, void, a conflict. :raises StaleError: written from another window meanwhile.
    :raises ProgrammeError: not the phase, submitted already, points missing or out of range.
    """
    found = Review.objects.filter(pk=review_id, juror__user=actor_id(actor)).first()
    if found is None:
        raise GoneError(_("Không thấy phiếu này. Hãy quay lại danh sách bài của bạn."))
    contest = Contest.objects.select_for_update().get(
        programme=found.programme_id
    )  # the contest first, everywhere
    review = Review.objects.select_for_update(of=("self",)).select_related("juror", "rules").get(pk=found.pk)
    if review.void_at is not None or review.juror.removed_at is not None:
        raise GoneError(_("Không thấy phiếu này. Hãy quay lại danh sách bài của bạn."))
    if not juror_may(contest.phase).score:
        raise ProgrammeError(_("Đã hết thời gian chấm. Phiếu không đổi được nữa."))
    if review.submitted_at is not None:
        raise ProgrammeError(_("Phiếu này đã nộp. Nếu cần sửa, hãy báo thư ký hội đồng."))
    if review.revision != revision:
        raise StaleError(_("Phiếu này vừa được lưu ở cửa sổ khác. Hãy mở lại phiếu rồi chấm tiếp."))
    if BENCH.blocked(review.juror, review.entry_id):
        raise GoneError(_("Không thấy phiếu này. Hãy quay lại danh sách bài của bạn."))
    criteria = {one.key: one for one in review.rules.criteria.all()}
    sheet_write(review, review.rules, criteria, points, comment=comment, submit=submit, now=now, score=Score)
    if submit:
        audit_record(actor=actor, action="programmes.review.submit", target=review, at=now)
    review.save(update_fields=["comment", "revision", "submitted_at", "total"])
    return review


@transaction.atomic
def review_reopen(*, actor: Actor, review: Review, reason: str, now: datetime) -> None:
    """Give a submitted sheet back to its juror, with a reason in the trail; its points are not shown."""
    keeper_only(actor, now)
    contest = held(review.programme)
    if contest.phase != PhaseKind.JUDGING:
        raise ProgrammeError(_("Chỉ mở lại phiếu trong lúc chấm."))
    if not reason.strip():
        raise ProgrammeError(_("Hãy ghi lý do."), field="reason")
    if (
        Review.objects.filter(pk=review.pk, void_at=None)
        .exclude(submitted_at=None)
        .update(submitted_at=None, total=None)
    ):
        audit_record(
            actor=actor, action="programmes.review.reopen", target=review, reason=reason.strip()[:500], at=now
        )


@transaction.atomic
def conflict_report(*, actor: Actor, review: Review, reason: str, now: datetime) -> None:
    """A juror recognises who made an entry: the sheet is void, the entry goes to somebody else."""
    juror = review.juror
    if actor_id(actor) != juror.user_id or review.void_at is not None:
        raise GoneError(_("Không thấy phiếu này."))
    contest = Contest.objects.select_for_update().get(programme=review.programme_id)
    if not juror_may(contest.phase).score or review.submitted_at is not None:
        raise ProgrammeError(_("Phiếu này đã nộp hoặc đã hết thời gian chấm. Hãy báo thư ký hội đồng."))
    why = kept_text(reason, 500)
    if not why:
        raise ProgrammeError(_("Hãy ghi vắn tắt vì sao có xung đột lợi ích."), field="reason")
    row = Conflict.objects.filter(juror=juror, entry=review.entry_id, revoked_at=None).first()
    BENCH.put(juror, review.entry_id, row, why, now)
    audit_record(actor=actor, action="programmes.conflict.report", target=review, at=now)
    reviews_assign(actor=None, programme=review.programme, now=now)
