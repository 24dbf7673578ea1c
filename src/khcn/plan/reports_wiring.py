"""What the area ``reports`` offers to the other rooms."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.api.shell import add_api_router
from khcn.core.api.tokens import api_scopes
from khcn.core.indicators import indicators
from khcn.core.references import resolvers
from khcn.core.tasks import register_periodic
from khcn.plan.desk_menu import plan_menu
from khcn.plan.indicators_sessions import SESSION_INDICATORS, TotalIndicator
from khcn.plan.permissions import can_accept_reports, reach_of
from khcn.plan.reports_api import router
from khcn.plan.selectors.report_references import REPORT_REFERENCE, resolve_reports
from khcn.plan.selectors.reports import due_count, inbox_count
from khcn.plan.services.periods import periods_open_due
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

# People who came to a class of the unit itself, or to one that others held.
TOTALS = ("teachers_trained", "pupils_attending")
SCOPES = {
    "plan.read": gettext_lazy("Đọc kế hoạch, việc và báo cáo mà bạn được xem"),
    "plan.write": gettext_lazy("Ghi tiến độ và số liệu báo cáo của đơn vị bạn"),
}


def _own(request: HttpRequest) -> NavItem | None:
    reach = reach_of(request.user)
    if not (reach.reporting or reach.heading or reach.everything):
        return None
    count = due_count(request.user, timezone.now()) if reach.reporting or reach.heading else None
    return NavItem(label=_("Báo cáo"), url=reverse("plan-desk:reports"), count=count, exact=True)


def _inbox(request: HttpRequest) -> NavItem | None:
    if not can_accept_reports(reach_of(request.user)):
        return None
    return NavItem(
        label=_("Tiếp nhận báo cáo"), url=reverse("plan-desk:report-inbox"), count=inbox_count(request.user, timezone.now())
    )  # fmt: skip


def _regimes(request: HttpRequest) -> NavItem | None:
    if not can_accept_reports(reach_of(request.user)):
        return None
    return NavItem(label=_("Chế độ báo cáo"), url=reverse("plan-desk:regimes"))


def connect() -> None:
    """Register the menu, the duty that opens periods, the API and how references to reports are shown."""
    plan_menu.register("reports", MenuEntry(20, _own))
    plan_menu.register("report-inbox", MenuEntry(21, _inbox))
    plan_menu.register("regimes", MenuEntry(22, _regimes))
    resolvers.register(REPORT_REFERENCE, resolve_reports)
    for key, indicator in SESSION_INDICATORS.items():
        indicators.register(key, indicator)
    for code in TOTALS:
        ways = [indicators.get(key) for key in (f"plan.session.{code}", f"plan.{code}") if key in indicators]
        indicators.register(f"plan.total.{code}", TotalIndicator(ways[0].title, ways[0].unit, ways))
    for scope, words in SCOPES.items():
        if scope not in api_scopes:  # another area of the plan may name it first
            api_scopes.register(scope, words)
    add_api_router("/plan/reports", router)
    register_periodic("plan.periods_open", timedelta(hours=6), periods_open_due)
