"""Baselines: fitted on the bills before a day, kept with the model and its error; a new one never changes an old one."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.energy import permissions
from khcn.energy.models import Baseline, Site
from khcn.energy.selectors.baselines import bill_months, climate_of, years_of
from khcn.energy.setup_errors import RegisterError, engine_sentence, require
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.baseline import fit_baseline


@transaction.atomic
def baseline_fit(*, actor: Actor, site: Site, used_from: date, now: datetime) -> Baseline:
    """Fit what the site would have used on its bills before ``used_from``; the same day again fits anew.

    :raises PermissionDeniedError, RegisterError: too few bills, bills that overlap.
    """
    require(permissions.can_manage_site(actor, site), _("lập mức tiêu thụ cơ sở của công trình này"))
    if used_from > timezone.localdate(now):
        raise RegisterError("used_from", _("Ngày này ở tương lai. Hãy ghi ngày đã qua."))
    bills = bill_months(site, before=used_from)
    try:
        model = fit_baseline(bills, climate_of(site, years_of(bills)))
    except SpecError as error:
        raise RegisterError("used_from", engine_sentence(error.code, error.params)) from error
    row, fresh = Baseline.objects.update_or_create(
        site=site, used_from=used_from, defaults={"model": model.document(), "fitted_at": now}
    )
    audit_record(
        actor=actor,
        action="energy.baseline.fit",
        target=row,
        after={
            "used_from": used_from,
            "bills": model.bills,
            "cvrmse": round(model.cvrmse, 4),
            "again": not fresh,
        },
        at=now,
    )
    return row


@transaction.atomic
def baseline_remove(*, actor: Actor, baseline: Baseline, now: datetime) -> None:
    """Take a baseline back; savings are then against the one before. Raises PermissionDeniedError."""
    require(permissions.can_manage_site(actor, baseline.site), _("bỏ mức tiêu thụ cơ sở của công trình này"))
    audit_record(
        actor=actor,
        action="energy.baseline.remove",
        target=baseline,
        before={"used_from": baseline.used_from},
        at=now,
    )
    baseline.delete()
