"""Energy-saving plans of units by year (law on energy efficiency, articles 30 and 31)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.energy import permissions
from khcn.energy.models import SavingPlan
from khcn.energy.services.sites import fill, saved
from khcn.energy.setup_errors import RegisterError, require
from khcn.orgs.models import Unit

PLAN_FIELDS: Final = (
    "year", "target_kwh", "target_percent", "renewable_kwh", "measures", "registered_on", "published_on",
)  # fmt: skip


@dataclass(slots=True)
class _OfUnit:
    unit_id: int


def can_keep(actor: Any, unit_id: int) -> bool:
    """Whether ``actor`` keeps the saving plans of a unit."""
    return permissions.can_manage_site(actor, _OfUnit(unit_id))


@transaction.atomic
def saving_plan_save(
    *, actor: Actor, unit: Unit, values: Mapping[str, Any], now: datetime, plan: SavingPlan | None = None
) -> SavingPlan:
    """Add the plan of a unit for a year, or change ``plan``. ``values``: by :data:`PLAN_FIELDS`.

    :raises PermissionDeniedError, RegisterError:
    """
    require(
        can_keep(actor, plan.unit_id if plan else unit.pk), _("lập kế hoạch tiết kiệm điện của đơn vị này")
    )
    if plan is None:
        row, before = SavingPlan(unit=unit), {}
    else:
        row = SavingPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        before = snapshot(row, PLAN_FIELDS)
    measures = values.get("measures")
    fill(row, {**values, "measures": ""} if measures else values, PLAN_FIELDS)
    if measures:
        row.measures = str(measures).strip()[:20_000]
    if row.target_kwh is None and row.target_percent is None:
        raise RegisterError("target_kwh", _("Hãy ghi ít nhất một chỉ tiêu: số kWh hoặc phần trăm tiết kiệm."))
    for name in ("target_kwh", "renewable_kwh"):
        value = getattr(row, name)
        if value is not None and value < 0:
            raise RegisterError(name, _("Chỉ tiêu không thể là số âm."))
    if row.target_percent is not None and not 0 <= row.target_percent <= 100:
        raise RegisterError("target_percent", _("Phần trăm tiết kiệm từ 0 đến 100."))
    saved(
        row,
        field="year",
        taken=_("Đơn vị đã có kế hoạch năm %(year)s. Hãy sửa kế hoạch đó.") % {"year": row.year},
    )
    after = snapshot(row, PLAN_FIELDS)
    if before != after:
        action = "energy.saving_plan.update" if plan else "energy.saving_plan.create"
        audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)
    return row
