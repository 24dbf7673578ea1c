"""What the area ``plans`` offers to the other rooms: the menu, the end of files nobody took in."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.tasks import register_periodic
from khcn.orgs.models import User
from khcn.plan.desk_menu import MenuEntry, plan_menu
from khcn.plan.errors import PlanError
from khcn.plan.models import PlanVersion
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.plans_page import waiting_versions
from khcn.plan.services.plans_files import files_expire
from khcn.plan.services.plans_flow import published_hooks
from khcn.plan.services.regime_plans import regime_from_plan
from khcn.ui.parts import NavItem

logger = logging.getLogger(__name__)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("plans", MenuEntry(10, _menu))
    published_hooks.register("regime", _regime)
    register_periodic("plan.plan_files", timedelta(days=1), files_expire)


def _regime(*, version: PlanVersion, actor: Actor, now: datetime) -> None:
    """Make the regime of reports that a published plan lays down: a follow-up of the system, whoever approved it.

    A regime that cannot be made (no unit to receive reports) is left to the officer; the plan is in force all the same.
    """
    try:
        with transaction.atomic():
            regime_from_plan(version=version, actor=None, now=now)
    except PlanError as error:
        logger.warning("plan %s: no regime of reports: %s", version.plan.key, error.message)


def _menu(request: HttpRequest) -> NavItem | None:
    today = timezone.localdate()
    if not reach_of(request.user, today).plans or not isinstance(request.user, User):
        return None
    return NavItem(
        label=_("Kế hoạch"),
        url=reverse("plan-desk:plans"),
        count=waiting_versions(request.user, today) or None,
    )
