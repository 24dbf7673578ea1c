"""Who may do what with plans, money, reports and documents: plain functions over a person's roles.

Source: the permission matrix (4.2). No model of the plan is read. An actor ``None`` is the system itself (command line,
tick, demo). The drafter of a thing never approves it: that rule stands beside each thing. Handing an approving role to
a delegate during an absence is answered by :func:`khcn.orgs.selectors.authority_for`.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from khcn.orgs.enums import FOCAL_ROLES, Role
from khcn.orgs.models.units import predecessor_ids
from khcn.orgs.request_cache import remember, remembered
from khcn.orgs.selectors import held_by

# Read every plan, work item and unit report of the deployment.
READING_ROLES = FOCAL_ROLES | {Role.LEADER, Role.FINANCE, Role.AUDITOR}
PLAN_READING_ROLES = READING_ROLES | {Role.CLERK, Role.UNIT_REPORTER, Role.UNIT_HEAD}
MONEY_ROLES = FOCAL_ROLES | {Role.LEADER, Role.FINANCE, Role.AUDITOR}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees and acts.

    ``everything``: reads work, reports and money of all units; ``plans``: reads plans that are not published;
    ``money``: reads all money; ``reporting``/``heading``: units for which the person reports, or approves as its head;
    ``units``: units whose own things the person reads, closed predecessors included.
    """

    user_id: int | None = None
    everything: bool = False
    plans: bool = False
    money: bool = False
    officer: bool = False
    focal_head: bool = False
    leader: bool = False
    finance: bool = False
    clerk: bool = False
    superior: bool = False
    reporting: frozenset[int] = field(default_factory=frozenset)
    heading: frozenset[int] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)


VISITOR = Reach()
SYSTEM = Reach(
    everything=True, plans=True, money=True, officer=True, focal_head=True, leader=True, finance=True, clerk=True
)  # fmt: skip


def reach_of(user: Any, on: date | None = None) -> Reach:
    """Return the reach of a person on a day (today when left out); a visitor reads published things only.

    Approving roles handed over by an absent colleague count; who acts for whom goes into the trail by ``authority_for``.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return VISITOR
    day = on or timezone.localdate()
    key = ("plan reach", user.pk, day)
    known: Reach | None = remembered(key)
    if known is None:
        known = _reach(user, day)
        remember(key, known)
    return known


def _reach(user: Any, day: date) -> Reach:
    held = held_by(user, day)
    roles, own = held.roles, held.units(Role.UNIT_REPORTER, Role.UNIT_HEAD)
    return Reach(
        user_id=user.pk,
        everything=bool(roles & READING_ROLES),
        plans=bool(roles & PLAN_READING_ROLES),
        money=bool(roles & MONEY_ROLES),
        officer=Role.FOCAL_OFFICER in roles,
        focal_head=Role.FOCAL_HEAD in roles,
        leader=Role.LEADER in roles,
        finance=Role.FINANCE in roles,
        clerk=Role.CLERK in roles,
        superior=Role.DOST_READER in roles,
        reporting=held.units(Role.UNIT_REPORTER),
        heading=held.units(Role.UNIT_HEAD),
        units=frozenset(predecessor_ids(own, day)) if own else frozenset(),
    )


def acting(user: Any, on: date | None = None) -> Reach:
    """Return the reach of an actor; ``None`` is the system."""
    return SYSTEM if user is None else reach_of(user, on)


# Plans and tasks


def can_edit_plans(reach: Reach) -> bool:
    """Draft plans, tasks and amendments; import them."""
    return reach.officer


def can_submit_plan(reach: Reach) -> bool:
    """Hand a draft on to the head of the focal unit; the head may edit and hand on as well."""
    return reach.officer or reach.focal_head


def can_pass_plan(reach: Reach) -> bool:
    """Pass a submitted draft on to the leader, or return it."""
    return reach.focal_head


def can_approve_plan(reach: Reach) -> bool:
    """Approve a plan, which publishes it."""
    return reach.leader


def can_enter_progress(reach: Reach, unit_id: int) -> bool:
    """Enter progress and evidence for a unit."""
    return reach.officer or unit_id in reach.reporting or unit_id in reach.heading


def can_confirm_progress(reach: Reach, unit_id: int) -> bool:
    """Confirm what the unit entered."""
    return unit_id in reach.heading or reach.focal_head


# Communication work


def can_keep_campaigns(reach: Reach) -> bool:
    """Make campaigns and their kits; take invitations in and pass them on."""
    return reach.officer


# Money


def can_keep_estimate(reach: Reach) -> bool:
    """Draft the yearly estimate and its lines."""
    return reach.finance or reach.officer


def can_propose_entry(reach: Reach, unit_id: int) -> bool:
    """Propose commitments and disbursements on a line of a unit."""
    return reach.finance or reach.officer or unit_id in reach.reporting or unit_id in reach.heading


def can_confirm_money(reach: Reach) -> bool:
    """Allocate, confirm, refuse and void entries; settle the year."""
    return reach.finance


def can_approve_estimate(reach: Reach) -> bool:
    """Approve the yearly estimate."""
    return reach.leader


# Reports


def can_keep_regimes(reach: Reach) -> bool:
    """Edit regimes and periods, ask for ad hoc reports, accept or return reports, consolidate."""
    return reach.officer


def can_write_report(reach: Reach, unit_id: int) -> bool:
    """Fill in and submit the report of a unit."""
    return unit_id in reach.reporting or unit_id in reach.heading


def can_approve_report(reach: Reach, unit_id: int) -> bool:
    """Approve or return the report of the own unit."""
    return unit_id in reach.heading


def can_accept_reports(reach: Reach) -> bool:
    """Accept or return reports on behalf of the focal unit."""
    return reach.officer or reach.focal_head


def can_grant_exceptions(reach: Reach) -> bool:
    """Reopen a closed form for one unit, with reason and end date."""
    return reach.focal_head


def can_read_report(reach: Reach, unit_id: int) -> bool:
    """Read the report of a unit."""
    return reach.everything or unit_id in reach.units


def can_consolidate(reach: Reach) -> bool:
    """Make and edit consolidated reports."""
    return reach.officer


def can_publish_consolidated(reach: Reach) -> bool:
    """Decide that the public may read an issued report."""
    return reach.leader or reach.focal_head


def can_read_reporting_rates(reach: Reach) -> bool:
    """Read who reported when over all units, and chase."""
    return reach.everything


# Documents


def can_keep_register(reach: Reach) -> bool:
    """Check the format, give numbers, issue, recall."""
    return reach.clerk


def can_draft_documents(reach: Reach) -> bool:
    """Draft documents."""
    return (
        reach.officer
        or reach.focal_head
        or reach.finance
        or reach.clerk
        or bool(reach.reporting or reach.heading)
    )


def can_use_desk(user: Any) -> bool:
    """Open the pages of the plan on the desk at all."""
    reach = reach_of(user)
    return reach.plans or reach.money or reach.superior
