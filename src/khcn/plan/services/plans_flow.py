"""The way of a plan: drafted, submitted to the head of the focal unit, passed to the leader, published, amended.

Each step is one conditional UPDATE on the state the person saw, so that of two people at once only the first moves it.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any, Final, Protocol

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.core.outbox.services import message_send
from khcn.core.registry import Registry
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import authority_for
from khcn.plan.enums import VersionState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import PlanVersion
from khcn.plan.permissions import (
    Reach,
    acting,
    can_approve_plan,
    can_edit_plans,
    can_pass_plan,
    can_submit_plan,
)
from khcn.plan.selectors.people import holders
from khcn.plan.selectors.plans import current_version, version_in_work
from khcn.plan.selectors.plans_items import plan_day
from khcn.plan.services.plans_import import version_refresh
from khcn.plan.services.plans_items import ItemChanges, items_sync
from khcn.plan.services.plans_regime import regimes_remove
from khcn.plan.services.plans_store import copy_version

_LONGEST: Final = 1000


class PublishedHook(Protocol):
    """What another area does when a version is published: inside the transaction, after the items are in place."""

    def __call__(self, *, version: PlanVersion, actor: Actor, now: datetime) -> None:
        """Follow the version in force."""


published_hooks: Registry[PublishedHook] = Registry("followers of published plans")


class OwnPlanError(PlanError):
    """Who drafted or submitted a plan may not approve it."""

    code = "own-plan"
    status = 403


def _deny(allowed: bool, message: str) -> None:
    if not allowed:
        raise PermissionDeniedError(message)


def _not_own(actor: Actor, version: PlanVersion) -> None:
    mine = actor_id(actor)
    if mine is not None and mine in (version.drafted_by_id, version.submitted_by_id):
        raise OwnPlanError(
            _("Bạn đã soạn hoặc trình bản này nên không tự duyệt được. Hãy để người khác có quyền duyệt.")
        )


def _move(version: PlanVersion, before: VersionState, after: VersionState, **values: Any) -> None:
    """Move a version on when it still stands where the person saw it."""
    if not PlanVersion.objects.filter(pk=version.pk, state=before).update(state=after, **values):
        raise StaleError(
            _("Bản kế hoạch này vừa được người khác xử lý. Hãy tải lại trang để xem trạng thái hiện tại.")
        )
    version.refresh_from_db()


def _trail(
    actor: Actor, version: PlanVersion, action: str, now: datetime, *, before: str, roles: Collection[Role] = (),
    reason: str = "", **more: Any,
) -> None:  # fmt: skip
    ground = authority_for(actor, local_date(now), roles) if isinstance(actor, User) and roles else None
    audit_record(
        actor=actor, action=action, target=version, before={"state": before}, after={"state": version.state, **more},
        on_behalf_of=ground.on_behalf_of if ground else None, reason=reason, at=now,
    )  # fmt: skip


def _tell(version: PlanVersion, people: Collection[User], subject: str, now: datetime) -> None:
    for person in people:
        message_send(
            channel=Channel.DESK, user=person, subject=subject, body=str(version.plan), now=now,
            link=reverse("plan-desk:plan", args=[version.plan.key]),
        )  # fmt: skip


def check_complete(version: PlanVersion) -> None:
    """Refuse a version that nobody could carry out. :raises PlanError: naming the tasks."""
    tasks = version.tasks.all()
    if not tasks.exists():
        raise PlanError(
            _("Kế hoạch chưa có nhiệm vụ nào. Hãy thêm nhiệm vụ trước khi trình."), code="plan-empty"
        )
    if not version.title.strip():
        raise PlanError(
            _("Kế hoạch chưa có trích yếu. Hãy ghi trích yếu trước khi trình."), code="plan-title"
        )
    without = list(tasks.filter(lead__isnull=True).values_list("code", flat=True)[:10])
    if without:
        raise PlanError(
            _("Chưa có đơn vị chủ trì: %(codes)s. Hãy chọn đơn vị cho từng nhiệm vụ.")
            % {"codes": ", ".join(without)},
            code="plan-no-lead",
        )
    waiting = list(tasks.filter(needs_confirming=True).values_list("code", flat=True)[:10])
    if waiting:
        raise PlanError(
            _(
                "Còn nhiệm vụ đọc từ văn bản chưa có người xác nhận: %(codes)s. Hãy xem và xác nhận từng nhiệm vụ."
            )
            % {"codes": ", ".join(waiting)},
            code="plan-unconfirmed",
        )


def plan_submit(*, actor: Actor, version: PlanVersion, now: datetime) -> PlanVersion:
    """Hand a draft on: the officer to the head of the focal unit; the head, who did not draft it, straight to the leader.

    :raises PlanError: for tasks without lead or not confirmed yet.
    """
    reach = acting(actor, local_date(now))
    _deny(can_submit_plan(reach), _("Chỉ chuyên viên hoặc lãnh đạo đơn vị đầu mối trình kế hoạch."))
    check_complete(version)
    head = reach.focal_head and actor is not None and actor_id(actor) != version.drafted_by_id
    after = VersionState.HEAD_APPROVED if head else VersionState.SUBMITTED
    values: dict[str, Any] = {"submitted_by_id": actor_id(actor), "submitted_at": now, "comment": ""}
    if head:
        values |= {"passed_by_id": actor_id(actor), "passed_at": now}
    with transaction.atomic():
        _move(version, VersionState.DRAFT, after, **values)
        _trail(actor, version, "plan.version.submit", now, before=VersionState.DRAFT)
        role, subject = (
            (Role.LEADER, _("Kế hoạch chờ bạn phê duyệt"))
            if head
            else (Role.FOCAL_HEAD, _("Kế hoạch chờ bạn xem"))
        )
        _tell(version, holders(role, local_date(now)), subject, now)
    return version


def plan_head_approve(*, actor: Actor, version: PlanVersion, now: datetime) -> PlanVersion:
    """The head of the focal unit passes a submitted draft on to the leader."""
    reach = acting(actor, local_date(now))
    _deny(can_pass_plan(reach), _("Chỉ lãnh đạo đơn vị đầu mối chuyển kế hoạch lên lãnh đạo phê duyệt."))
    _not_own(actor, version)
    with transaction.atomic():
        _move(
            version, VersionState.SUBMITTED, VersionState.HEAD_APPROVED, passed_by_id=actor_id(actor), passed_at=now
        )  # fmt: skip
        _trail(
            actor, version, "plan.version.pass", now, before=VersionState.SUBMITTED, roles={Role.FOCAL_HEAD}
        )
        _tell(version, holders(Role.LEADER, local_date(now)), _("Kế hoạch chờ bạn phê duyệt"), now)
    return version


def plan_approve(*, actor: Actor, version: PlanVersion, now: datetime, bulk: bool = False) -> ItemChanges:
    """The leader approves: the version comes into force, the one before steps back, the work items follow.

    :param bulk: the plan is new and many are filled in: no messages, no followers, no reading of items that cannot be
        there; the caller sees to the rest.
    """
    reach = acting(actor, local_date(now))
    _deny(can_approve_plan(reach), _("Chỉ lãnh đạo có quyền phê duyệt mới duyệt và ban hành kế hoạch."))
    _not_own(actor, version)
    if actor is not None and actor_id(actor) == version.passed_by_id:
        raise OwnPlanError(
            _("Bạn đã chuyển bản này lên nên không tự phê duyệt được. Hãy để lãnh đạo khác duyệt.")
        )
    try:
        with transaction.atomic():
            return _publish(actor, version, now, bulk)
    except IntegrityError as error:
        raise StaleError(_("Một bản khác của kế hoạch vừa được ban hành. Hãy tải lại trang.")) from error


def _publish(actor: Actor, version: PlanVersion, now: datetime, bulk: bool) -> ItemChanges:
    older = PlanVersion.objects.filter(plan_id=version.plan_id, state=VersionState.PUBLISHED)
    older.exclude(pk=version.pk).update(state=VersionState.SUPERSEDED)
    _move(
        version, VersionState.HEAD_APPROVED, VersionState.PUBLISHED, approved_by_id=actor_id(actor), published_at=now
    )  # fmt: skip
    version_refresh(version)
    on = plan_day(version, local_date(now))
    changes = items_sync(version, on, now, bulk=bulk)
    if bulk:
        return changes
    for follow in published_hooks.all():
        follow(version=version, actor=actor, now=now)
    _trail(
        actor, version, "plan.version.publish", now, before=VersionState.HEAD_APPROVED, roles={Role.LEADER},
        made=changes.made, kept=changes.kept, dropped=changes.dropped,
    )  # fmt: skip
    people = [one for one in (version.drafted_by, version.submitted_by) if one is not None]
    _tell(version, people, _("Kế hoạch đã được phê duyệt và ban hành"), now)
    return changes


def _may_return(reach: Reach, state: str) -> bool:
    turns: dict[str, Callable[[Reach], bool]] = {
        VersionState.SUBMITTED: can_pass_plan, VersionState.HEAD_APPROVED: can_approve_plan
    }  # fmt: skip
    return state in turns and turns[state](reach)


def plan_return(*, actor: Actor, version: PlanVersion, comment: str, now: datetime) -> PlanVersion:
    """Give a version back to its drafter with a comment: the head or the leader, each in their turn."""
    state = VersionState(version.state)
    _deny(
        _may_return(acting(actor, local_date(now)), state),
        _(
            "Ở bước này, chỉ người đang giữ kế hoạch mới trả lại được. Hãy tải lại trang để xem kế hoạch đang ở đâu."
        ),
    )
    said = clean_text(comment).strip()[:_LONGEST]
    if not said:
        raise PlanError(_("Hãy ghi ý kiến để người soạn biết cần sửa gì."), code="plan-comment")
    with transaction.atomic():
        _move(version, state, VersionState.DRAFT, comment=said, passed_by=None, passed_at=None)
        _trail(actor, version, "plan.version.return", now, before=state, reason=said)
        people = [one for one in (version.drafted_by, version.submitted_by) if one is not None]
        _tell(version, people, _("Kế hoạch được trả lại: %(why)s") % {"why": said[:120]}, now)
    return version


def plan_withdraw(*, actor: Actor, version: PlanVersion, now: datetime) -> PlanVersion:
    """Take back what was submitted and nobody has decided on yet."""
    reach = acting(actor, local_date(now))
    _deny(can_submit_plan(reach), _("Chỉ chuyên viên hoặc lãnh đạo đơn vị đầu mối rút kế hoạch về."))
    with transaction.atomic():
        _move(version, VersionState.SUBMITTED, VersionState.DRAFT, submitted_by=None, submitted_at=None)
        _trail(actor, version, "plan.version.withdraw", now, before=VersionState.SUBMITTED)
    return version


def plan_amend(
    *,
    actor: Actor,
    version: PlanVersion,
    note: str,
    document: str = "",
    effective_on: date | None = None,
    now: datetime,
) -> PlanVersion:
    """Open a new version that starts as a copy of the version in force.

    :param note: what is to be changed; ``document``: the decision that changes it; ``effective_on``: from which day.
    :raises PlanError: there is a version in work already, or nothing is in force.
    """
    _deny(
        can_edit_plans(acting(actor, local_date(now))),
        _("Chỉ chuyên viên của đơn vị đầu mối điều chỉnh kế hoạch."),
    )
    said = clean_text(note).strip()[:_LONGEST]
    if not said:
        raise PlanError(_("Hãy ghi nội dung điều chỉnh để người duyệt biết cần xem gì."), code="plan-note")
    if version_in_work(version.plan) is not None:
        raise PlanError(
            _("Kế hoạch đang có một bản đang soạn hoặc chờ duyệt. Hãy sửa tiếp bản đó."), code="plan-in-work"
        )
    base = current_version(version.plan)
    if base is None or base.state != VersionState.PUBLISHED:
        raise PlanError(
            _("Kế hoạch chưa ban hành nên chưa cần điều chỉnh; hãy sửa bản nháp."), code="plan-not-in-force"
        )
    try:
        with transaction.atomic():
            new = PlanVersion.objects.create(
                plan=base.plan, number=base.number + 1, title=base.title, header=base.header, reporting=base.reporting,
                content_hash=base.content_hash, change_note=said, amending_document=clean_text(document).strip()[:120],
                effective_on=effective_on, drafted_by_id=actor_id(actor), created_at=now,
            )  # fmt: skip
            copy_version(base, new)
            audit_record(
                actor=actor,
                action="plan.version.amend",
                target=new,
                after={"note": said, "from": base.number},
                at=now,
            )
    except IntegrityError as error:
        raise StaleError(_("Có người vừa mở bản điều chỉnh của kế hoạch này. Hãy tải lại trang.")) from error
    return new


def plan_discard(*, actor: Actor, version: PlanVersion, now: datetime) -> bool:
    """Throw a draft away; a plan that was never published goes with its only draft. Return whether the plan is gone."""
    _deny(
        can_edit_plans(acting(actor, local_date(now))), _("Chỉ chuyên viên của đơn vị đầu mối bỏ bản nháp.")
    )
    with transaction.atomic():
        held = PlanVersion.objects.select_for_update().filter(pk=version.pk, state=VersionState.DRAFT).first()
        if held is None:
            raise StaleError(_("Bản này không còn là bản nháp nên không bỏ được. Hãy tải lại trang."))
        plan = held.plan
        audit_record(
            actor=actor,
            action="plan.version.discard",
            target=held,
            before={"version": held.number, "plan": str(plan)},
            at=now,
        )
        held.tasks.all().delete()
        held.delete()
        if plan.versions.exists():
            return False
        regimes_remove(plan)
        try:
            plan.delete()
        except ProtectedError as error:
            raise PlanError(
                _(
                    "Kế hoạch này đã có kinh phí hoặc chế độ báo cáo gắn với nó nên chưa bỏ được. Hãy gỡ những phần đó trước."
                ),
                code="plan-in-use",
            ) from error
    return True
