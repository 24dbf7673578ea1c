"""Write absences: who approves in whose place, and for which days."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.orgs.enums import APPROVING_ROLES, Role
from khcn.orgs.models import Absence, User, Viewer, memberships_of
from khcn.orgs.permissions import can_declare_absence, has_role
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.guard import require

_FIELDS = ("user", "delegate", "role", "first_day", "last_day", "reason", "cancelled_at")


class AbsenceError(KhcnError):
    """These days, this delegate or this role cannot be."""

    code = "absence"


def _check(*, user: User, delegate: User, role: str, first_day: date, last_day: date, today: date) -> None:
    if user.pk == delegate.pk:
        raise AbsenceError(_("Người được ủy quyền phải là một người khác. Hãy chọn lại."))
    if not delegate.is_active:
        raise AbsenceError(_("Tài khoản của người được ủy quyền đã ngừng hoạt động. Hãy chọn người khác."))
    if last_day < first_day:
        raise AbsenceError(_("Ngày cuối đứng trước ngày đầu. Hãy sửa lại ngày."))
    if last_day < today:
        raise AbsenceError(_("Những ngày này đã qua, ủy quyền không còn tác dụng. Hãy chọn ngày từ hôm nay."))
    roles = {role} if role else set(APPROVING_ROLES)
    if not has_role(memberships_of(user, max(first_day, today)), *(roles & APPROVING_ROLES)):
        raise AbsenceError(_("Người vắng không giữ vai trò phê duyệt nào trong những ngày đó để ủy quyền."))
    if has_role(memberships_of(delegate, max(first_day, today)), Role.SYSADMIN):
        raise AbsenceError(
            _("Người quản trị hệ thống không phê duyệt nội dung thay ai được. Hãy chọn người khác.")
        )


@transaction.atomic
def absence_declare(
    *,
    actor: Viewer,
    today: date,
    user: User,
    delegate: User,
    first_day: date,
    last_day: date,
    role: Role | None = None,
    reason: str = "",
) -> Absence:
    """Name a delegate for days of absence, for one approving role or (``None``) for all of them.

    A delegation is not passed on: the delegate of a delegate has no say.
    """
    own = actor is not None and actor.pk == user.pk
    require(actor, today, lambda held: can_declare_absence(held, own=own))
    _check(user=user, delegate=delegate, role=role or "", first_day=first_day, last_day=last_day, today=today)
    row = Absence.objects.create(
        user=user, delegate=delegate, role=role or "", first_day=first_day, last_day=last_day, reason=reason
    )
    audit_record(actor=actor, action="orgs.absence.declare", target=row, after=snapshot(row, _FIELDS))
    forget_all()
    return row


@transaction.atomic
def absence_cancel(*, actor: Viewer, today: date, now: datetime, absence: Absence) -> Absence:
    """End a delegation now. Twice is once."""
    own = actor is not None and actor.pk == absence.user_id
    require(actor, today, lambda held: own or can_declare_absence(held, own=False))
    if Absence.objects.filter(pk=absence.pk, cancelled_at=None).update(cancelled_at=now):
        before = snapshot(absence, _FIELDS)
        absence.refresh_from_db()
        after = snapshot(absence, _FIELDS)
        audit_record(actor=actor, action="orgs.absence.cancel", target=absence, before=before, after=after)
        forget_all()
    return absence
