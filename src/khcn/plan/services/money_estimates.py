"""The yearly estimate: drafted with its lines, handed to the leader, approved or returned, allocated."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.selectors import authority_for
from khcn.plan import permissions
from khcn.plan.enums import EstimateState
from khcn.plan.errors import StaleError
from khcn.plan.models import BudgetLine, Estimate, Task
from khcn.plan.permissions import acting
from khcn.plan.rules.money import MoneyError, check_budget_year, read_budget_code
from khcn.plan.services.money_entries import allocation_book

ESTIMATE_FIELDS: Final = ("title", "year", "source", "plan")
LINE_FIELDS: Final = ("unit", "task_code", "title", "budget_code", "estimated", "note", "order")
MOST_LINES: Final = 5000


@transaction.atomic
def estimate_save(
    *, actor: Actor, values: Mapping[str, Any], now: datetime, estimate: Estimate | None = None
) -> Estimate:
    """Begin the estimate of a year, or change the head of a draft. ``values``: by :data:`ESTIMATE_FIELDS`.

    :raises PermissionDeniedError, MoneyError, StaleError:
    """
    _keeper(actor, now)
    row = _draft(estimate.pk) if estimate else Estimate(created_at=now, drafted_by_id=actor_id(actor))
    before = snapshot(row, ESTIMATE_FIELDS) if estimate else None
    for name in ESTIMATE_FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.title, row.source = " ".join(row.title.split())[:300], " ".join(row.source.split())[:300]
    if not row.title:
        raise MoneyError(_("Hãy ghi tên dự toán."), field="title")
    check_budget_year(row.year)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise MoneyError(
            _("Năm %(year)s đã có dự toán tên “%(title)s”. Dự toán bổ sung hãy đặt tên khác.")
            % {"year": row.year, "title": row.title},
            field="title",
        ) from error
    _record(
        actor,
        "update" if estimate else "create",
        row,
        now,
        before=before,
        after=snapshot(row, ESTIMATE_FIELDS),
    )
    return row


@transaction.atomic
def line_save(
    *,
    actor: Actor,
    estimate: Estimate,
    values: Mapping[str, Any],
    now: datetime,
    line: BudgetLine | None = None,
    audited: bool = True,
) -> tuple[BudgetLine, bool]:
    """Add a line to a draft, or change it; return it and whether anything changed. ``values``: :data:`LINE_FIELDS`.

    The same unit, task, code and content stand once in an estimate. ``audited`` off: the caller writes one row for a
    batch. Raises PermissionDeniedError, MoneyError, StaleError.
    """
    _keeper(actor, now)
    held = _draft(estimate.pk)
    row = (
        BudgetLine.objects.get(pk=line.pk, estimate=held)
        if line
        else BudgetLine(estimate=held, order=_next_order(held))
    )
    before = snapshot(row, LINE_FIELDS) if line else None
    for name in LINE_FIELDS:
        if name in values:
            setattr(row, name, values[name])
    _check_line(row, held)
    after = snapshot(row, LINE_FIELDS)
    if before == after:
        return row, False
    row.save()
    if audited:
        _record(
            actor,
            "line_update" if line else "line_add",
            held,
            now,
            before=before,
            after={"line": row.pk, **after},
        )
    return row, True


def _check_line(row: BudgetLine, estimate: Estimate) -> None:
    row.title = " ".join(row.title.split())
    if not row.title or len(row.title) > 500:
        raise MoneyError(_("Hãy ghi nội dung chi, không quá 500 ký tự."), field="title")
    row.budget_code = read_budget_code(row.budget_code)
    row.estimated = Decimal(row.estimated or 0)
    if not 0 <= row.estimated < Decimal("1e16") or row.estimated != row.estimated.to_integral_value():
        raise MoneyError(_("Hãy ghi số đồng nguyên từ 0 trở lên."), field="estimated")
    row.task_code = row.task_code.strip()
    if row.task_code and estimate.plan_id:
        tasks = Task.objects.filter(version__plan_id=estimate.plan_id, code=row.task_code)
        if not tasks.exists():
            raise MoneyError(
                _("Kế hoạch không có nhiệm vụ mã %(code)s. Hãy chọn mã trong danh sách.")
                % {"code": row.task_code[:40]},
                field="task_code",
            )
    twin = BudgetLine.objects.filter(
        estimate=estimate,
        unit_id=row.unit_id,
        task_code=row.task_code,
        budget_code=row.budget_code,
        title=row.title,
    )
    if twin.exclude(pk=row.pk).exists():
        raise MoneyError(
            _("Đã có dòng cùng đơn vị, nhiệm vụ, mục lục và nội dung này. Hãy sửa dòng đó."), field="title"
        )


@transaction.atomic
def line_remove(*, actor: Actor, line: BudgetLine, now: datetime) -> None:
    """Take a line out of a draft. Raises PermissionDeniedError, StaleError."""
    _keeper(actor, now)
    held = _draft(line.estimate_id)
    before = {"line": line.pk, **snapshot(line, LINE_FIELDS)}
    BudgetLine.objects.filter(pk=line.pk, estimate=held).delete()
    _record(actor, "line_remove", held, now, before=before, after=None)


@transaction.atomic
def estimate_submit(*, actor: Actor, estimate: Estimate, now: datetime) -> Estimate:
    """Hand a draft to the leader. Raises PermissionDeniedError, MoneyError, StaleError."""
    _keeper(actor, now)
    held = _draft(estimate.pk)
    if not held.lines.filter(estimated__gt=0).exists():
        raise MoneyError(_("Dự toán chưa có dòng nào có tiền. Hãy thêm dòng rồi gửi duyệt."))
    _turn(
        held,
        EstimateState.DRAFT,
        EstimateState.SUBMITTED,
        submitted_by_id=actor_id(actor),
        submitted_at=now,
        returned_why="",
    )
    _record(actor, "submit", held, now)
    return held


@transaction.atomic
def estimate_approve(
    *, actor: Actor, estimate: Estimate, now: datetime, decision: str = "", decided_on: date | None = None
) -> Estimate:
    """Approve what somebody else drafted and handed in. Raises PermissionDeniedError, StaleError."""
    behalf = _leader(actor, now)
    held = Estimate.objects.select_for_update(no_key=True).get(pk=estimate.pk)
    if actor is not None and actor.pk in {held.drafted_by_id, held.submitted_by_id}:
        raise PermissionDeniedError(
            _("Người lập không tự duyệt dự toán của mình. Hãy để lãnh đạo khác duyệt.")
        )
    _turn(
        held, EstimateState.SUBMITTED, EstimateState.APPROVED,
        approved_by_id=actor_id(actor), approved_at=now, decision=" ".join(decision.split())[:120], decided_on=decided_on,
    )  # fmt: skip
    _record(actor, "approve", held, now, behalf=behalf)
    return held


@transaction.atomic
def estimate_return(*, actor: Actor, estimate: Estimate, reason: str, now: datetime) -> Estimate:
    """Return a submitted estimate to its drafters with a reason. Raises PermissionDeniedError, MoneyError, StaleError."""
    behalf = _leader(actor, now)
    why = " ".join(reason.split())[:500]
    if not why:
        raise MoneyError(_("Hãy ghi điều cần sửa để người lập biết."), field="reason")
    held = Estimate.objects.select_for_update(no_key=True).get(pk=estimate.pk)
    _turn(held, EstimateState.SUBMITTED, EstimateState.DRAFT, returned_why=why)
    _record(actor, "return", held, now, reason=why, behalf=behalf)
    if held.submitted_by is not None:
        message_send(
            channel=Channel.DESK, user=held.submitted_by, subject=_("Dự toán được trả lại để sửa"),
            body=_("%(title)s năm %(year)s: %(reason)s") % {"title": held.title, "year": held.year, "reason": why}, now=now,
        )  # fmt: skip
    return held


@transaction.atomic
def estimate_allocate(
    *, actor: Actor, estimate: Estimate, decision: str, decided_on: date, now: datetime
) -> int:
    """Allocate every line up to its estimate by one decision; return how many lines. Again it allocates nothing.

    :raises PermissionDeniedError, MoneyError:
    """
    number = " ".join(decision.split())[:120]
    if not number:
        raise MoneyError(_("Hãy ghi số quyết định giao dự toán."), field="decision")
    held = Estimate.objects.select_for_update(no_key=True).get(pk=estimate.pk)
    count = 0
    for line in held.lines.select_related("estimate").order_by("pk"):
        missing = line.estimated - line.allocated
        if missing > 0:
            values = {
                "happened_on": decided_on,
                "document": number,
                "text": _("Giao dự toán năm %(year)s") % {"year": held.year},
            }
            allocation_book(actor=actor, line=line, amount=missing, values=values, now=now)
            count += 1
    if count:
        Estimate.objects.filter(pk=held.pk).update(decision=number, decided_on=decided_on)
    return count


def _keeper(actor: Actor, now: datetime) -> None:
    if not permissions.can_keep_estimate(acting(actor, timezone.localdate(now))):
        raise PermissionDeniedError(
            _("Dự toán do cán bộ đầu mối và bộ phận tài chính lập. Bạn chỉ xem được.")
        )


def _leader(actor: Actor, now: datetime) -> Actor:
    """Raise PermissionDeniedError unless the actor may approve; return for whom he acts."""
    today = timezone.localdate(now)
    if not permissions.can_approve_estimate(acting(actor, today)):
        raise PermissionDeniedError(_("Dự toán do lãnh đạo duyệt. Bạn chưa có quyền này."))
    if actor is None:
        return None
    ground = authority_for(actor, today, {Role.LEADER})
    return ground.on_behalf_of if ground else None


def _draft(pk: int) -> Estimate:
    held = Estimate.objects.select_for_update(no_key=True).get(pk=pk)
    if held.state != EstimateState.DRAFT:
        raise StaleError(_("Dự toán đã gửi duyệt nên không sửa được. Nếu cần sửa, hãy nhờ lãnh đạo trả lại."))
    return held


def _turn(held: Estimate, old: EstimateState, new: EstimateState, **changes: Any) -> None:
    if not Estimate.objects.filter(pk=held.pk, state=old).update(state=new, **changes):
        raise StaleError(_("Dự toán này đã có người xử lý trước. Hãy mở lại để xem."))
    held.refresh_from_db()


def _next_order(estimate: Estimate) -> int:
    last = estimate.lines.order_by("-order").values_list("order", flat=True).first() or 0
    return min(last + 1, 32_000)


def _record(
    actor: Actor,
    verb: str,
    estimate: Estimate,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    behalf: Actor = None,
) -> None:
    if after is None and before is None:
        after = {"state": estimate.state}
    audit_record(
        actor=actor, action=f"plan.estimate.{verb}", target=estimate, before=before, after=after, reason=reason,
        on_behalf_of=behalf, at=now,
    )  # fmt: skip
