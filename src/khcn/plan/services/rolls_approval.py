"""The way of a consolidated report: submitted, passed by the head, approved by the leader, issued by the clerk, frozen."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.core.outbox.services import message_send
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.plans.frozen import content_hash
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import authority_for
from khcn.plan.enums import ROLL_ISSUED, DocumentState, RollState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import Consolidation
from khcn.plan.permissions import Reach, acting, can_publish_consolidated
from khcn.plan.roll_tasks import roll_document_task
from khcn.plan.selectors.people import holders
from khcn.plan.services.register_flow import document_return
from khcn.plan.services.rolls import require_officer

ISSUE: Final = "plan.roll.issue"


class OwnDraftError(PlanError):
    """Who drafted a report may not approve it."""

    code = "own-draft"
    status = 403


def frozen_content(roll: Consolidation) -> dict[str, Any]:
    """Return what is approved and frozen: the figures with every row behind them, and the texts as they were edited."""
    texts = [
        {"order": text.order, "title": text.title, "text": text.text, "gathered": text.gathered}
        for text in roll.texts.all()
    ]
    return {**roll.totals, "title": roll.title, "number": roll.number, "texts": texts}


def _move(
    actor: Any,
    roll: Consolidation,
    now: datetime,
    *,
    before: RollState,
    after: RollState,
    revision: int,
    **values: Any,
) -> None:
    """Move the report on when it still is what the person saw. Called inside a transaction."""
    shown = Consolidation.objects.filter(pk=roll.pk, state=before, revision=revision)
    if not shown.update(state=after, revision=F("revision") + 1, **values):
        raise StaleError(
            _("Báo cáo đã đổi từ lúc bạn mở trang này. Hãy xem lại bản mới nhất rồi quyết định.")
        )


def _not_own(actor: Any, roll: Consolidation) -> None:
    if actor is not None and actor.pk in (roll.drafted_by_id, roll.submitted_by_id):
        raise OwnDraftError(
            _("Bạn đã lập hoặc trình báo cáo này nên không tự duyệt được. Hãy để người khác có quyền duyệt.")
        )


def _trail(
    actor: Any, roll: Consolidation, action: str, now: datetime, *, before: RollState, after: RollState,
    roles: Collection[Role] = (), reason: str = "", **more: Any,
) -> None:  # fmt: skip
    ground = authority_for(actor, timezone.localdate(now), roles) if actor is not None and roles else None
    audit_record(
        actor=actor, action=action, target=roll, before={"state": before.value}, after={"state": after.value, **more},
        on_behalf_of=ground.on_behalf_of if ground else None, reason=reason, at=now,
    )  # fmt: skip


def roll_submit(*, actor: Any, roll: Consolidation, revision: int, now: datetime) -> None:
    """Hand the draft on to the head of the focal unit.

    :raises StaleError: it is not what the person saw.
    """
    require_officer(actor)
    if not roll.computed_at:
        raise PlanError(_("Báo cáo chưa có số liệu. Hãy bấm “Tổng hợp” trước khi trình."), code="roll-empty")
    before, after = RollState.DRAFT, RollState.SUBMITTED
    with transaction.atomic():
        _move(actor, roll, now, before=before, after=after, revision=revision, submitted_by=actor, comment="")
        _trail(actor, roll, "plan.roll.submit", now, before=before, after=after)
        _tell(roll, holders(Role.FOCAL_HEAD, timezone.localdate(now)), _("Báo cáo tổng hợp chờ bạn xem"), now)


def roll_pass(*, actor: Any, roll: Consolidation, revision: int, now: datetime) -> None:
    """The head of the focal unit passes the report on to the leader."""
    if not acting(actor).focal_head:
        raise PermissionDeniedError(_("Chỉ lãnh đạo đơn vị đầu mối chuyển báo cáo lên lãnh đạo phê duyệt."))
    _not_own(actor, roll)
    before, after = RollState.SUBMITTED, RollState.HEAD_APPROVED
    with transaction.atomic():
        _move(actor, roll, now, before=before, after=after, revision=revision, passed_by=actor)
        _trail(actor, roll, "plan.roll.pass", now, before=before, after=after, roles={Role.FOCAL_HEAD})
        _tell(
            roll, holders(Role.LEADER, timezone.localdate(now)), _("Báo cáo tổng hợp chờ bạn phê duyệt"), now
        )


def roll_approve(*, actor: Any, roll: Consolidation, revision: int, now: datetime) -> None:
    """The leader approves; the clerk finds the report waiting for its format check and number."""
    if not acting(actor).leader:
        raise PermissionDeniedError(_("Chỉ lãnh đạo có quyền phê duyệt mới duyệt báo cáo tổng hợp."))
    _not_own(actor, roll)
    before, after = RollState.HEAD_APPROVED, RollState.APPROVED
    with transaction.atomic():
        _move(
            actor,
            roll,
            now,
            before=before,
            after=after,
            revision=revision,
            approved_by=actor,
            approved_at=now,
        )
        _trail(actor, roll, "plan.roll.approve", now, before=before, after=after, roles={Role.LEADER})
        enqueue_on_commit(roll_document_task, roll.pk)
        _tell(roll, holders(Role.CLERK, timezone.localdate(now)), _("Báo cáo tổng hợp chờ cấp số"), now)


def _may_return(reach: Reach, state: str) -> bool:
    return {
        RollState.SUBMITTED: reach.focal_head,
        RollState.HEAD_APPROVED: reach.leader,
        RollState.APPROVED: reach.clerk,
    }.get(RollState(state), False)


def roll_return(*, actor: Any, roll: Consolidation, comment: str, revision: int, now: datetime) -> None:
    """Give the report back to the drafter with a comment: the head, the leader, or the clerk, each in their turn."""
    if not _may_return(acting(actor), roll.state):
        raise PermissionDeniedError(
            _(
                "Ở bước này, chỉ người đang giữ báo cáo mới trả lại được. Hãy tải lại trang để xem báo cáo đang ở đâu."
            )
        )
    comment = clean_text(comment).strip()[:1000]
    if not comment:
        raise PlanError(_("Hãy ghi ý kiến để người soạn biết cần sửa gì."), code="roll-comment")
    before, after = RollState(roll.state), RollState.DRAFT
    with transaction.atomic():
        _move(
            actor, roll, now, before=before, after=after, revision=revision, comment=comment, passed_by=None,
            approved_by=None, approved_at=None,
        )  # fmt: skip
        _trail(actor, roll, "plan.roll.return", now, before=before, after=after, reason=comment)
        if before == RollState.APPROVED:
            _document_returned(actor, roll, comment, now)
        people = [one for one in (roll.drafted_by, roll.submitted_by) if one is not None]
        _tell(roll, people, _("Báo cáo tổng hợp được trả lại: %(why)s") % {"why": comment[:120]}, now)


def _document_returned(actor: Any, roll: Consolidation, reason: str, now: datetime) -> None:
    """Give the document in the register back as well, so that its text may follow."""
    document = roll.document
    if document is not None and document.state in (
        DocumentState.CONTENT_CHECKED,
        DocumentState.FORMAT_CHECKED,
    ):
        document_return(actor=actor, document=document, reason=reason, now=now)
    elif document is not None and document.state != DocumentState.DRAFT:
        raise PlanError(
            _(
                "Văn bản của báo cáo này đã ký hoặc đã cấp số nên không trả lại được. Hãy phát hành rồi lập báo cáo thay thế."
            ),
            code="roll-signed",
        )


def roll_issue(*, actor: Any, roll: Consolidation, now: datetime) -> Consolidation:
    """Freeze an approved report: its snapshot and hash are written once, and never change again.

    Called when its document is issued (the register has checked format, number and the clerk's right); the report that
    it takes the place of is marked as replaced.

    :raises StaleError: it is not approved, or somebody issued it meanwhile.
    """
    if not acting(actor).clerk:
        raise PermissionDeniedError(_("Chỉ văn thư phát hành báo cáo, sau khi kiểm tra thể thức và cấp số."))
    if actor is not None and actor.pk == roll.approved_by_id:
        raise OwnDraftError(
            _("Người ký duyệt không tự phát hành. Hãy để văn thư khác phát hành báo cáo này.")
        )
    before, after = RollState.APPROVED, RollState.ISSUED
    with transaction.atomic():
        held = Consolidation.objects.select_for_update().filter(pk=roll.pk, state=before).first()
        if held is None:
            raise StaleError(_("Báo cáo không còn ở bước chờ văn thư. Hãy tải lại trang."))
        snapshot = frozen_content(held)
        digest = content_hash(snapshot)
        older = Consolidation.objects.filter(period_id=held.period_id, state=RollState.ISSUED)
        older.update(state=RollState.REPLACED, revision=F("revision") + 1)
        _move(
            actor, held, now, before=before, after=after, revision=held.revision, snapshot=snapshot,
            snapshot_hash=digest, issued_at=now,
        )  # fmt: skip
        _trail(actor, held, ISSUE, now, before=before, after=after, hash=digest)
        people = [one for one in (held.drafted_by, held.submitted_by) if one is not None]
        _tell(held, people, _("Báo cáo tổng hợp đã phát hành"), now)
    return Consolidation.objects.get(pk=roll.pk)


def roll_publish(*, actor: Any, roll: Consolidation, public: bool, now: datetime) -> bool:
    """Put an issued report on the public list, or take it off; return whether that changed anything."""
    if not can_publish_consolidated(acting(actor)):
        raise PermissionDeniedError(
            _("Chỉ lãnh đạo hoặc lãnh đạo đơn vị đầu mối quyết định đăng báo cáo cho công chúng.")
        )
    with transaction.atomic():
        rows = Consolidation.objects.filter(pk=roll.pk, state__in=ROLL_ISSUED, published_at__isnull=public)
        if not rows.update(published_at=now if public else None, published_by=actor if public else None):
            return False
        audit_record(actor=actor, action="plan.roll.publish", target=roll, after={"public": public}, at=now)
    return True


def _tell(roll: Consolidation, people: Collection[User], subject: str, now: datetime) -> None:
    """Leave a word on the desks of those whose turn it is."""
    for person in people:
        message_send(
            channel=Channel.DESK, user=person, subject=subject, body=roll.title, now=now,
            link=reverse("plan-desk:roll", args=[roll.pk]),
        )  # fmt: skip
