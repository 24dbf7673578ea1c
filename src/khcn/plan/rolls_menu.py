"""The entries of consolidation and chasing in the menu of the plan."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.plan.enums import RollState
from khcn.plan.models import Consolidation
from khcn.plan.permissions import Reach, can_read_reporting_rates, reach_of
from khcn.ui.parts import NavItem


def _waiting(reach: Reach) -> int:
    """How many reports wait for this person: one query, none for those for whom nothing can wait."""
    states = [
        state
        for state, mine in (
            (RollState.SUBMITTED, reach.focal_head),
            (RollState.HEAD_APPROVED, reach.leader),
            (RollState.APPROVED, reach.clerk),
        )
        if mine
    ]
    return Consolidation.objects.filter(state__in=states).count() if states else 0


def rolls_entry(request: HttpRequest) -> NavItem | None:
    """Return the list of consolidated reports, with how many wait for the person."""
    reach = reach_of(request.user)
    if not (reach.plans or reach.superior):
        return None
    return NavItem(label=_("Báo cáo tổng hợp"), url=reverse("plan-desk:rolls"), count=_waiting(reach) or None)


def chasing_entry(request: HttpRequest) -> NavItem | None:
    """Return the table of who reported when."""
    if not can_read_reporting_rates(reach_of(request.user)):
        return None
    return NavItem(label=_("Đôn đốc báo cáo"), url=reverse("plan-desk:chasing"))
