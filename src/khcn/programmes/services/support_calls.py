"""The rules of a call for support, kept by the focal officer; and the standing one for requests outside calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme, barred
from khcn.programmes.models.support import SupportCall
from khcn.programmes.permissions import acting, can_recommend_support
from khcn.programmes.rules.texts import kept_text

FIELDS = ("is_open", "task_code", "budget_year", "most_vnd", "limit_vnd", "party_kinds", "apart_months")


@dataclass(frozen=True, slots=True)
class CallRules:
    """What a call says. ``most_vnd`` None: no limit for one request; ``limit_vnd``: up to where the head approves."""

    task_code: str = ""
    budget_year: int | None = None
    most_vnd: Decimal | None = None
    limit_vnd: Decimal = Decimal(50_000_000)
    party_kinds: Sequence[str] = ()
    apart_months: int = 12
    is_open: bool = True


@transaction.atomic
def call_save(*, actor: Actor, programme: Programme | None, rules: CallRules, now: datetime) -> SupportCall:
    """Make or change the rules of a programme's call (``None``: of the standing one).

    :raises PermissionDeniedError: not a focal officer. :raises ProgrammeError: another kind of programme.
    """
    if not can_recommend_support(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Quy định của đợt hỗ trợ do chuyên viên của đơn vị đầu mối ghi."))
    if programme is not None and programme.kind != ProgrammeKind.SUPPORT:
        raise ProgrammeError(_("Chương trình này không phải loại hỗ trợ thiết bị, vật tư."))
    held = SupportCall.objects.select_for_update().filter(programme=programme).first()
    row = held or SupportCall(programme=programme)
    before = snapshot(row, FIELDS) if held else None
    row.is_open, row.task_code, row.budget_year = (
        rules.is_open,
        kept_text(rules.task_code, 40),
        rules.budget_year,
    )
    row.most_vnd, row.limit_vnd, row.apart_months = rules.most_vnd, rules.limit_vnd, rules.apart_months
    row.party_kinds = barred(one.value for one in PartyKind if one.value in set(rules.party_kinds))
    row.revision, row.updated_at = row.revision + 1, now
    row.save()
    audit_record(
        actor=actor,
        action="programmes.support.rules",
        target=row,
        before=before,
        after=snapshot(row, FIELDS),
        at=now,
    )
    return row
