"""The regime of reports follows its plan: made with the first draft, completed when a version is published.

A draft that amends a plan in force changes nothing of the regime that units report by; its publication does.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.plan.enums import VERSION_PUBLIC, ReportState
from khcn.plan.errors import PlanError
from khcn.plan.models import Plan, PlanVersion, Regime, UnitReport
from khcn.plan.services.regime_plans import regime_from_plan

logger = logging.getLogger(__name__)


def regime_with_draft(version: PlanVersion, now: datetime) -> None:
    """Make the regime of a plan that was never published. Called inside a transaction."""
    if not PlanVersion.objects.filter(plan=version.plan, state__in=VERSION_PUBLIC).exists():
        regime_follow(version=version, actor=None, now=now)


def regime_follow(*, version: PlanVersion, actor: Actor, now: datetime) -> None:
    """Make or complete the regime that a version lays down, as the system: whoever approved a plan approved it too.

    One that cannot be made (no unit to receive reports) is left to the officer; the plan goes on all the same.
    """
    try:
        with transaction.atomic():
            regime_from_plan(version=version, actor=None, now=now)
    except PlanError as error:
        logger.warning("plan %s: no regime of reports: %s", version.plan.key, error.message)


def regimes_remove(plan: Plan) -> None:
    """Take away the regimes of a plan that was never published. :raises PlanError: units have written reports."""
    reports = UnitReport.objects.filter(period__regime__plan=plan)
    if reports.exclude(state=ReportState.EXPECTED).exists():
        raise PlanError(
            _("Đã có đơn vị viết báo cáo theo kế hoạch này nên không bỏ được. Hãy sửa bản nháp."),
            code="plan-in-use",
        )
    Regime.objects.filter(plan=plan).delete()
