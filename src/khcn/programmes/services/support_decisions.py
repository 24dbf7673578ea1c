"""What officials decide about requests: returned, checked, money confirmed, approved (which commits it), refused, closed.

Each deed locks the request first, so two people at once are one after the other; what is done already says so.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.money_port import money_booker
from khcn.core.numbers import money_vi
from khcn.core.references import reference_to
from khcn.orgs.models import Party, Unit
from khcn.programmes.enums import (
    SUPPORT_BEFORE_DECISION,
    SUPPORT_EDITABLE,
    SUPPORT_GRANTED,
    SUPPORT_UNDECIDED,
    SupportState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.support import SupportItem, SupportRequest
from khcn.programmes.permissions import (
    Reach,
    acting,
    can_approve_support,
    can_confirm_funds,
    can_recommend_support,
)
from khcn.programmes.rules.support import Grant, grants_sum
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.support_requests import tell_state


def support_locked(
    pk: int, states: frozenset[SupportState], *, revision: int | None = None
) -> SupportRequest:
    """Return a request locked until the transaction ends, in one of ``states``. Raises StaleError."""
    rows = SupportRequest.objects.select_for_update(of=("self",)).select_related("call__programme")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise StaleError(_("Không thấy đề nghị này."))
    if row.state not in states or (revision is not None and row.revision != revision):
        raise StaleError(
            _("Đề nghị này vừa chuyển sang “%(state)s”. Hãy xem lại trang trước khi làm tiếp.")
            % {"state": row.get_state_display()}
        )
    return row


def _must(actor: Actor, allowed: Callable[[Reach], bool], sentence: str, now: datetime) -> None:
    if not allowed(acting(actor, local_date(now))):
        raise PermissionDeniedError(sentence)


def _officer(actor: Actor, now: datetime) -> None:
    _must(
        actor, can_recommend_support, _("Việc kiểm tra đề nghị do chuyên viên của đơn vị đầu mối làm."), now
    )


def _moved(
    row: SupportRequest, actor: Actor, deed: str, now: datetime, fields: list[str], **after: Any
) -> None:
    row.revision += 1
    row.save(update_fields=[*fields, "state", "revision"])
    audit_record(
        actor=actor,
        action=f"programmes.support.{deed}",
        target=row,
        after={"state": row.state, **after},
        at=now,
    )


def _reason(text: str) -> str:
    reason = kept_text(text, 1000)
    if len(reason) < 5:
        raise ProgrammeError(_("Hãy ghi lý do để bên đề nghị hiểu và biết làm gì tiếp."), field="reason")
    return reason


@transaction.atomic
def request_place(
    *, actor: Actor, request_id: int, unit: Unit | None, party: Party | None, now: datetime
) -> SupportRequest:
    """Say in which unit's area a request lies, and which organisation of the register it is."""
    _officer(actor, now)
    row = support_locked(request_id, frozenset(SupportState) - {SupportState.DRAFT})
    row.unit, row.party = unit or (party.ward if party else None), party
    _moved(row, actor, "place", now, ["unit", "party"], unit=row.unit_id, party=row.party_id)
    return row


@transaction.atomic
def request_return(*, actor: Actor, request_id: int, reason: str, now: datetime) -> SupportRequest:
    """Give a request back to be completed: the officer or the head of the focal unit."""
    allowed = _("Trả lại đề nghị là việc của chuyên viên hoặc trưởng đơn vị đầu mối.")
    _must(actor, lambda reach: can_recommend_support(reach) or reach.focal_head, allowed, now)
    row = support_locked(request_id, SUPPORT_UNDECIDED)
    row.state, row.return_reason = SupportState.RETURNED, _reason(reason)
    row.checked_by = row.checked_at = row.funded_by = row.funded_at = None
    row.recommended = Decimal(0)
    fields = ["return_reason", "checked_by", "checked_at", "funded_by", "funded_at", "recommended"]
    _moved(row, actor, "return", now, fields)
    tell_state(row, _("Đề nghị hỗ trợ cần bổ sung"), row.return_reason, now)
    return row


@transaction.atomic
def request_check(
    *, actor: Actor, request_id: int, grants: Mapping[int, Grant], note: str, now: datetime
) -> SupportRequest:
    """Recommend so much of each item (by its number). Raises PermissionDeniedError, StaleError, ProgrammeError."""
    _officer(actor, now)
    row = support_locked(request_id, frozenset({SupportState.SUBMITTED, SupportState.CHECKED}))
    items = list(row.items.all())
    row.recommended = grants_sum(items, grants, before=row.asked, words=_("số đề nghị"))
    for item in items:
        grant = grants.get(item.number, Grant(0, Decimal(0)))
        item.recommended_quantity, item.recommended_price = grant.quantity, grant.price
        item.note = kept_text(grant.note, 300)
    SupportItem.objects.bulk_update(items, ["recommended_quantity", "recommended_price", "note"])
    row.state, row.checked_at, row.check_note = SupportState.CHECKED, now, kept_text(note, 1000)
    row.checked_by_id = actor_id(actor)
    fields = ["recommended", "checked_at", "check_note", "checked_by"]
    _moved(row, actor, "check", now, fields, recommended=row.recommended)
    return row


@transaction.atomic
def funds_confirm(*, actor: Actor, request_id: int, note: str, now: datetime) -> SupportRequest:
    """Say that the money is there; refused when no line of the task has so much left.

    :raises PermissionDeniedError, StaleError, ProgrammeError, PortMissingError:
    """
    _must(actor, can_confirm_funds, _("Xác nhận kinh phí là việc của bộ phận tài chính."), now)
    row = support_locked(request_id, frozenset({SupportState.CHECKED, SupportState.FUNDED}))
    if row.state == SupportState.FUNDED:
        return row
    year = year_of(row, now)
    lines = money_booker.get().funds(task_code=row.call.task, year=year)
    free = max((line.free for line in lines), default=Decimal(0))
    if free < row.recommended:
        words = {
            "task": row.call.task or "–",
            "year": year,
            "free": money_vi(free),
            "need": money_vi(row.recommended),
        }
        raise ProgrammeError(
            _(
                "Nhiệm vụ %(task)s năm %(year)s còn nhiều nhất %(free)s ở một dòng kinh phí, chưa đủ %(need)s. "
                "Hãy giao thêm dự toán, hoặc để chuyên viên kiến nghị ít hơn."
            )
            % words
        )
    row.state, row.funded_at, row.funded_by_id = SupportState.FUNDED, now, actor_id(actor)
    row.funds_note = kept_text(note, 500)
    _moved(row, actor, "funds", now, ["funded_at", "funded_by", "funds_note"], amount=row.recommended)
    return row


def year_of(row: SupportRequest, now: datetime) -> int:
    """Return the budget year: as it was committed, as the call says, else the present one."""
    return row.budget_year or row.call.budget_year or local_date(now).year


@transaction.atomic
def request_approve(
    *,
    actor: Actor,
    request_id: int,
    grants: Mapping[int, Grant],
    note: str,
    now: datetime,
    revision: int | None = None,
) -> SupportRequest:
    """Approve all or a part, and commit exactly that amount of the task's money in the same transaction.

    Who recommended never approves; the head of the focal unit up to the call's limit, the leader above it. A second
    press of the same person changes nothing.

    :raises PermissionDeniedError, StaleError, ProgrammeError, PortMissingError: and what the money's owner refuses.
    """
    row = support_locked(request_id, frozenset({SupportState.FUNDED, SupportState.APPROVED}))
    if row.state == SupportState.APPROVED and actor is not None and row.decided_by_id == actor_id(actor):
        return row
    row = support_locked(request_id, frozenset({SupportState.FUNDED}), revision=revision)
    items = list(row.items.all())
    amount = grants_sum(items, grants, before=row.recommended, words=_("số đã xác nhận kinh phí"))
    approver_check(actor, row, amount, now)
    for item in items:
        grant = grants.get(item.number, Grant(0, Decimal(0)))
        item.approved_quantity, item.approved_price = grant.quantity, grant.price
    SupportItem.objects.bulk_update(items, ["approved_quantity", "approved_price"])
    row.approved, row.task_code, row.budget_year = amount, row.call.task, year_of(row, now)
    money_booker.get().commit(
        actor=actor, task_code=row.task_code, year=row.budget_year, amount=amount, reference=str(reference_to(row)),
        text=(_("Hỗ trợ thiết bị, vật tư: %(name)s") % {"name": row.organisation})[:200], now=now,
    )  # fmt: skip
    row.state, row.decided_at, row.decided_by_id = SupportState.APPROVED, now, actor_id(actor)
    row.decision_note = kept_text(note, 1000)
    fields = ["approved", "task_code", "budget_year", "decided_at", "decided_by", "decision_note"]
    _moved(row, actor, "approve", now, fields, approved=amount)
    body = _("Được hỗ trợ %(approved)s trên %(asked)s đề nghị. Đơn vị tổ chức sẽ hẹn ngày bàn giao.")
    tell_state(
        row, _("Đề nghị hỗ trợ đã được duyệt"),
        body % {"approved": money_vi(amount), "asked": money_vi(row.asked)}, now,
    )  # fmt: skip
    return row


def approver_check(actor: Actor, row: SupportRequest, amount: Decimal, now: datetime) -> None:
    """Raise PermissionDeniedError unless this person may decide about so much of this request."""
    within = amount <= row.call.limit_vnd
    if not can_approve_support(acting(actor, local_date(now)), within_limit=within):
        raise PermissionDeniedError(
            _("Đến %(limit)s do trưởng đơn vị đầu mối duyệt.") % {"limit": money_vi(row.call.limit_vnd)}
            if within
            else _("Trên %(limit)s do lãnh đạo duyệt. Hãy chuyển lãnh đạo.")
            % {"limit": money_vi(row.call.limit_vnd)}
        )
    if actor is not None and actor_id(actor) in {row.checked_by_id, row.funded_by_id}:
        raise PermissionDeniedError(
            _("Bạn đã kiểm tra hoặc xác nhận kinh phí đề nghị này, nên người khác phải duyệt.")
        )


@transaction.atomic
def request_refuse(*, actor: Actor, request_id: int, reason: str, now: datetime) -> SupportRequest:
    """Answer that nothing is given, with the reason; the contact is told. Who may approve up to the limit decides."""
    sentence = _("Trả lời không hỗ trợ là việc của trưởng đơn vị đầu mối hoặc lãnh đạo.")
    _must(actor, lambda reach: can_approve_support(reach, within_limit=True), sentence, now)
    row = support_locked(request_id, SUPPORT_UNDECIDED)
    if actor is not None and actor_id(actor) == row.checked_by_id:
        raise PermissionDeniedError(_("Bạn đã kiểm tra đề nghị này, nên người khác phải quyết định."))
    row.state, row.decision_note = SupportState.REFUSED, _reason(reason)
    row.decided_at, row.decided_by_id = now, actor_id(actor)
    _moved(row, actor, "refuse", now, ["decision_note", "decided_at", "decided_by"])
    tell_state(row, _("Trả lời đề nghị hỗ trợ"), row.decision_note, now)
    return row


@transaction.atomic
def request_end(*, actor: Actor, request_id: int, reason: str, now: datetime) -> SupportRequest:
    """Close or cancel: what was committed and not delivered is given back; again changes nothing.

    Nothing handed over: cancelled (a reason is needed); else closed (a reason only when not all was handed over).

    :raises PermissionDeniedError, StaleError, ProgrammeError: and what the money's owner refuses.
    """
    _officer(actor, now)
    ended = frozenset({SupportState.CLOSED, SupportState.CANCELLED})
    row = support_locked(request_id, (SUPPORT_BEFORE_DECISION - SUPPORT_EDITABLE) | SUPPORT_GRANTED | ended)
    if row.state in ended:
        return row
    full = row.delivered > 0 and row.delivered == row.approved
    row.end_note = kept_text(reason, 500) if full else _reason(reason)[:500]
    if row.state in SUPPORT_GRANTED:
        money_booker.get().release(
            actor=actor, reference=str(reference_to(row)), reason=row.end_note or _("Đã bàn giao đủ"), now=now
        )
    row.state = SupportState.CLOSED if row.delivered else SupportState.CANCELLED
    row.ended_at = now
    deed = "close" if row.state == SupportState.CLOSED else "cancel"
    _moved(row, actor, deed, now, ["end_note", "ended_at"], delivered=row.delivered)
    if not full:
        tell_state(row, _("Đề nghị hỗ trợ đã kết thúc"), row.end_note, now)
    return row
