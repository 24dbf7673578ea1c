"""The entries of progress in the menu of the plan, with what waits behind them: one query a page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.plan.permissions import reach_of
from khcn.plan.selectors.progress_own import waiting_counts
from khcn.ui.parts import NavItem


def own_entry(request: HttpRequest) -> NavItem | None:
    """Return the own list: counts late items, and for a head those that wait for confirmation."""
    reach = reach_of(request.user)
    if not (reach.reporting or reach.heading):
        return None
    counts = waiting_counts(request.user, timezone.localdate())
    return NavItem(
        label=_("Việc của đơn vị tôi"),
        url=reverse("plan-desk:progress-own"),
        exact=True,
        count=sum(counts.values()) or None,
    )


def all_entry(request: HttpRequest) -> NavItem | None:
    """Return the list of all units' work, for those without a unit of their own in the plan."""
    reach = reach_of(request.user)
    if not reach.plans or ((reach.reporting or reach.heading) and not reach.everything):
        return None
    return NavItem(label=_("Việc của các đơn vị"), url=reverse("plan-desk:progress-items"))


def lead_entry(request: HttpRequest) -> NavItem | None:
    """Return the leadership's page."""
    if not reach_of(request.user).everything:
        return None
    return NavItem(label=_("Toàn cảnh"), url=reverse("plan-desk:leadership"))
