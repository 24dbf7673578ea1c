"""Phases of a council of topics: step by step, what is missing before each, sheets opened for who may score."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilSeat
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics_council import TopicCouncil, TopicReview
from khcn.programmes.rules.contest_phases import COUNCIL_ORDER, is_step
from khcn.programmes.selectors.topics_jury import declared_jurors, open_cases
from khcn.programmes.services.topics_base import reason_of
from khcn.programmes.services.topics_conflicts import BENCH, conflicts_find
from khcn.programmes.services.topics_councils import council_locked, keeper_only, tell_juror


@transaction.atomic
def phase_move(
    *, actor: Actor, council_id: int, to: str, now: datetime, reason: str = "", revision: int | None = None
) -> TopicCouncil:
    """Move one step on, or one step back with a reason. :raises ProgrammeError: what must be done before."""
    keeper_only(actor, now)
    council = council_locked(council_id)
    if revision is not None and revision != council.revision:
        raise StaleError(_("Người khác vừa đổi hội đồng này. Hãy tải lại trang rồi làm lại."))
    if to not in COUNCIL_ORDER or not is_step(council.phase, to, COUNCIL_ORDER):
        raise ProgrammeError(_("Không chuyển thẳng sang giai đoạn này được. Hãy đi từng bước."))
    back = COUNCIL_ORDER.index(PhaseKind(to)) < COUNCIL_ORDER.index(PhaseKind(council.phase))
    why = reason_of(reason) if back else ""
    if not back and (missing := phase_missing(council, to)):
        raise ProgrammeError(" ".join(missing))
    conflicts_find(council=council, now=now)
    phase_set(council, to, actor=actor, now=now, reason=why)
    if to == PhaseKind.JUDGING:
        reviews_open(council, now)
    if not back:
        for juror in council.jurors.filter(removed_at=None).select_related("user"):
            tell_juror(juror, council, now)
    return council


def phase_set(council: TopicCouncil, to: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Write the phase with its row in the trail; the caller holds the lock and has judged it."""
    before = council.phase
    TopicCouncil.objects.filter(pk=council.pk).update(phase=to, revision=F("revision") + 1)
    council.refresh_from_db(fields=["phase", "revision"])
    audit_record(
        actor=actor, action="programmes.topiccouncil.phase", target=council, before={"phase": before}, after={"phase": to},
        reason=reason[:500], at=now,
    )  # fmt: skip


def phase_missing(council: TopicCouncil, to: str) -> list[str]:
    """Return what must be done before a step on; empty when nothing."""
    jurors = list(council.jurors.filter(removed_at=None))
    least, found = council.rubric.least_sheets, []
    if to == PhaseKind.DECLARING:
        if not council.decision_number or council.decision_date is None:
            found.append(_("Hãy ghi số và ngày quyết định thành lập hội đồng."))
        seats = {one.seat for one in jurors}
        if CouncilSeat.CHAIR not in seats:
            found.append(_("Hội đồng chưa có chủ tịch."))
        if CouncilSeat.SECRETARY not in seats:
            found.append(_("Hội đồng chưa có thư ký."))
        if len(jurors) < least:
            found.append(_("Hội đồng cần ít nhất %(n)s người.") % {"n": least})
        if not open_cases(council).exists():
            found.append(_("Hội đồng chưa có đề tài nào."))
    elif to == PhaseKind.JUDGING:
        declared = declared_jurors(council)
        if len(declared) < len(jurors):
            found.append(_("Còn thành viên chưa khai xung đột lợi ích."))
        for case in open_cases(council):
            free = sum(not BENCH.blocked(one, case.pk) for one in jurors)
            if free < least:
                words = {"code": case.code, "title": case.topic.title, "n": free, "least": least}
                found.append(
                    _("%(code)s “%(title)s”: chỉ %(n)s người không có xung đột lợi ích, cần %(least)s. Hãy thêm thành viên.")
                    % words
                )  # fmt: skip
    return found


def reviews_open(council: TopicCouncil, now: datetime) -> int:
    """Give every declared juror a sheet for every topic without a conflict; what is there stays."""
    held = set(TopicReview.objects.filter(council=council, void_at=None).values_list("juror", "case"))
    declared = declared_jurors(council)
    closed = set(
        BENCH.conflicts.objects.filter(
            juror__council=council, revoked_at=None, has_conflict=True
        ).values_list("juror", "case")
    )
    pairs = [
        (juror.pk, case.pk)
        for juror in council.jurors.filter(removed_at=None)
        for case in open_cases(council)
        if juror.pk in declared and (juror.pk, case.pk) not in held | closed
    ]
    TopicReview.objects.bulk_create(
        TopicReview(council=council, juror_id=juror, case_id=case, assigned_at=now) for juror, case in pairs
    )
    return len(pairs)
