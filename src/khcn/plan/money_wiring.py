"""What the area ``money`` offers to the other rooms."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.api.shell import add_api_router
from khcn.core.indicators import indicators
from khcn.core.money_port import money_booker
from khcn.core.references import Reference, Resolved, resolvers
from khcn.core.tasks import register_periodic
from khcn.plan.desk_menu import plan_menu
from khcn.plan.indicators_money import INDICATORS
from khcn.plan.models import BudgetLine
from khcn.plan.money_api import router
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.money import waiting_for
from khcn.plan.services.money_booking import PlanMoney
from khcn.plan.services.money_files import sheets_expire
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

LINE_REFERENCE = BudgetLine._meta.label_lower


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    add_api_router("/plan/money", router)
    plan_menu.register("money", MenuEntry(40, _menu))
    money_booker.provide(PlanMoney())
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    resolvers.register(LINE_REFERENCE, resolve_lines)
    register_periodic("plan.money_sheets", timedelta(days=1), sheets_expire)


def _menu(request: HttpRequest) -> NavItem | None:
    today = timezone.localdate()
    reach = reach_of(request.user, today)
    if not (reach.money or reach.units):
        return None
    return NavItem(
        label=_("Kinh phí"), url=reverse("plan-desk:money"), count=waiting_for(request.user, today) or None
    )


def resolve_lines(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return title and page of the budget lines that ``user`` may read."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit()]
    lines = BudgetLine.objects.visible_to(user).filter(pk__in=wanted).select_related("unit")
    return {
        str(line.pk): Resolved(
            Reference(LINE_REFERENCE, str(line.pk)),
            f"{line.title} ({line.unit.label})",
            reverse("plan-desk:money-line", args=[line.pk]),
        )
        for line in lines
    }
