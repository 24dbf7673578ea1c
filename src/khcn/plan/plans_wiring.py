"""What the area ``plans`` offers to the other rooms: the menu, the end of files nobody took in."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.tasks import register_periodic
from khcn.orgs.models import User
from khcn.plan.desk_menu import plan_menu
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.plans_page import waiting_versions
from khcn.plan.services.plans_files import files_expire
from khcn.plan.services.plans_flow import published_hooks
from khcn.plan.services.plans_regime import regime_follow
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("plans", MenuEntry(10, _menu))
    published_hooks.register("regime", regime_follow)
    register_periodic("plan.plan_files", timedelta(days=1), files_expire)


def _menu(request: HttpRequest) -> NavItem | None:
    today = timezone.localdate()
    if not reach_of(request.user, today).plans or not isinstance(request.user, User):
        return None
    return NavItem(
        label=_("Kế hoạch"),
        url=reverse("plan-desk:plans"),
        exact=True,
        count=waiting_versions(request.user, today) or None,
    )
