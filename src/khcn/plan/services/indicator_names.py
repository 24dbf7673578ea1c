"""Indicators that people add to the register."""

from datetime import datetime

from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.engines.text.fold import nfc
from khcn.engines.text.slug import slugify_vi
from khcn.plan.models import PlanIndicator
from khcn.plan.services.regimes import RegimeError, officers_only

MOST_DECIMALS = 4


def indicator_add(*, actor: Actor, title: str, unit: str, decimals: str, now: datetime) -> PlanIndicator:
    """Add an indicator that units type by hand.

    :raises RegimeError: no name, or an impossible number of decimals.
    :raises khcn.core.errors.PermissionDeniedError: the actor is no focal officer.
    """
    officers_only(actor, now)
    name = nfc(" ".join(title.split()))[:300]
    if not name:
        raise RegimeError(_("Hãy ghi tên chỉ tiêu cần thêm."), "title")
    if not (decimals.isascii() and decimals.isdigit() and int(decimals) <= MOST_DECIMALS):
        raise RegimeError(_("Số chữ số thập phân từ 0 đến 4."), "decimals")
    row = PlanIndicator.objects.create(
        code=_free_code(name), title=name, unit=nfc(unit.strip())[:60], decimals=int(decimals), order=800
    )
    audit_record(
        actor=actor, action="plan.indicator.add", target=row, after={"code": row.code, "title": name}, at=now
    )
    return row


def _free_code(title: str) -> str:
    stem = slugify_vi(title, 50).replace("-", "_") or "chi_tieu"
    taken = set(PlanIndicator.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(
        code for code in (stem, *(f"{stem}_{number}" for number in range(2, 10_000))) if code not in taken
    )
