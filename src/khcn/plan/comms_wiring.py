"""What the area ``comms`` offers to the other rooms, and what the plan does when units follow one another."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.indicators import indicators
from khcn.core.references import resolvers
from khcn.core.tasks import register_periodic
from khcn.orgs.services.units import succession_followers
from khcn.plan.desk_menu import plan_menu
from khcn.plan.indicators_comms import COMMS_INDICATORS
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.comms_events import open_parts
from khcn.plan.selectors.comms_references import (
    EVENT,
    OUTREACH,
    PART,
    resolve_events,
    resolve_outreach,
    resolve_parts,
)
from khcn.plan.services.comms_events import events_remind
from khcn.plan.services.handover import PlanFollower
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

FOLLOWER = PlanFollower()


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu; counts invitations that wait for an answer of the own units."""
    reach = reach_of(request.user)
    if not reach.plans:
        return None
    waiting = open_parts(reach.reporting | reach.heading)
    return NavItem(label=_("Tuyên truyền, lời mời"), url=reverse("plan-desk:comms"), count=waiting or None)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("comms", MenuEntry(50, menu_entry))
    succession_followers.register("plan", FOLLOWER)
    resolvers.register(OUTREACH, resolve_outreach)
    resolvers.register(EVENT, resolve_events)
    resolvers.register(PART, resolve_parts)
    for key, indicator in COMMS_INDICATORS.items():
        indicators.register(key, indicator)
    register_periodic("plan.event_reminders", timedelta(hours=1), events_remind)
