"""Who may do what with programmes, registrations, contests and support: plain functions over a person's roles.

Source: the permission matrix (4.2). No model of this room is read. An actor ``None`` is the system itself (command
line, worker, demo); public deeds by secret link or code do not ask here, their services check the link. Approving roles
handed over by an absent colleague count.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from khcn.orgs.enums import Role
from khcn.orgs.models.units import predecessor_ids
from khcn.orgs.request_cache import remember, remembered
from khcn.orgs.selectors import held_by

# Read every programme of the deployment, drafts included.
READING_ROLES = frozenset(
    {Role.UNIT_REPORTER, Role.FOCAL_OFFICER, Role.FOCAL_HEAD, Role.LEADER, Role.FINANCE, Role.AUDITOR}
)
DESK_ROLES = READING_ROLES | {Role.UNIT_HEAD, Role.EDITOR}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees and acts.

    ``everything``: reads all programmes, drafts too; ``desk``: has the pages of programmes on the desk;
    ``reporting``/``heading``: units whose programmes the person runs, or approves as their head; ``units``: units whose
    things the person reads, closed predecessors included.
    """

    user_id: int | None = None
    system: bool = False
    everything: bool = False
    desk: bool = False
    officer: bool = False
    focal_head: bool = False
    leader: bool = False
    finance: bool = False
    clerk: bool = False
    editor: bool = False
    auditor: bool = False
    juror: bool = False
    superior: bool = False
    reporting: frozenset[int] = field(default_factory=frozenset)
    heading: frozenset[int] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)


VISITOR = Reach()
SYSTEM = Reach(
    system=True, everything=True, desk=True, officer=True, focal_head=True, leader=True, finance=True, clerk=True,
    editor=True,
)  # fmt: skip


def reach_of(user: Any, on: date | None = None) -> Reach:
    """Return the reach of a person on a day (today when left out); a visitor sees published things only."""
    if user is None or not user.is_authenticated or not user.is_active:
        return VISITOR
    day = on or timezone.localdate()
    key = ("programmes reach", user.pk, day)
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
        desk=bool(roles & DESK_ROLES),
        officer=Role.FOCAL_OFFICER in roles,
        focal_head=Role.FOCAL_HEAD in roles,
        leader=Role.LEADER in roles,
        finance=Role.FINANCE in roles,
        clerk=Role.CLERK in roles,
        editor=Role.EDITOR in roles,
        auditor=Role.AUDITOR in roles,
        juror=Role.JUROR in roles,
        superior=Role.DOST_READER in roles,
        reporting=held.units(Role.UNIT_REPORTER),
        heading=held.units(Role.UNIT_HEAD),
        units=frozenset(predecessor_ids(own, day)) if own else frozenset(),
    )


def acting(user: Any, on: date | None = None) -> Reach:
    """Return the reach of an actor; ``None`` is the system."""
    return SYSTEM if user is None else reach_of(user, on)


# Programmes and sessions


def can_create(reach: Reach, unit_id: int) -> bool:
    """Make a programme of a unit."""
    return reach.officer or unit_id in reach.reporting


def can_run(reach: Reach, unit_id: int) -> bool:
    """Edit a programme of a unit, its sessions, registrations, attendance, surveys and messages."""
    return reach.officer or unit_id in reach.reporting


def can_edit_text(reach: Reach, unit_id: int) -> bool:
    """Edit what the public reads about a programme."""
    return reach.editor or can_run(reach, unit_id)


def can_approve(reach: Reach, unit_id: int) -> bool:
    """Approve a programme, which publishes it. The drafter never approves: that rule stands in the service."""
    return reach.officer or unit_id in reach.heading


# Registrations, attendance, consents


def can_read_people(reach: Reach, unit_id: int) -> bool:
    """Read who registered and who came."""
    return (
        reach.officer
        or reach.focal_head
        or reach.auditor
        or unit_id in reach.units
        or unit_id in reach.reporting
    )


def can_read_consents(reach: Reach, unit_id: int) -> bool:
    """Read the consent ledger of a programme: who runs it, the focal officer, the auditor."""
    return reach.officer or reach.auditor or unit_id in reach.reporting


# Certificates


def can_make_certificates(reach: Reach) -> bool:
    """Prepare certificates."""
    return reach.officer


def can_approve_certificates(reach: Reach) -> bool:
    """Approve and revoke certificates."""
    return reach.focal_head


def can_number_certificates(reach: Reach) -> bool:
    """Enter the number and day of the decision."""
    return reach.clerk


def can_read_certificates(reach: Reach) -> bool:
    """Open the desk pages of certificates."""
    return reach.officer or reach.focal_head or reach.clerk or reach.auditor


# Contests


def can_keep_contest(reach: Reach) -> bool:
    """Set a contest up: rules, rubric, council, phases, checking of entries. Sees names."""
    return reach.officer


def can_read_entries(reach: Reach) -> bool:
    """Read entries with names."""
    return reach.officer or reach.focal_head or reach.auditor


def can_freeze_contest(reach: Reach) -> bool:
    """Freeze the scores."""
    return reach.focal_head or reach.officer


def can_read_ranking(reach: Reach) -> bool:
    """Read scores and ranking once they are frozen."""
    return reach.focal_head or reach.leader or reach.officer or reach.auditor


def can_approve_result(reach: Reach) -> bool:
    """Approve the result, which makes it public."""
    return reach.leader


# Support


def can_recommend_support(reach: Reach) -> bool:
    """Check requests, return them, recommend."""
    return reach.officer


def can_confirm_funds(reach: Reach) -> bool:
    """Say that the money is there."""
    return reach.finance


def can_approve_support(reach: Reach, *, within_limit: bool) -> bool:
    """Approve a request: the head of the focal unit up to the limit, the leader above it."""
    return reach.leader if not within_limit else (reach.focal_head or reach.leader)


def can_read_support(reach: Reach, unit_id: int | None) -> bool:
    """Read a request."""
    return (
        reach.officer
        or reach.focal_head
        or reach.leader
        or reach.finance
        or reach.auditor
        or (unit_id is not None and unit_id in reach.units)
    )


def reads_support(reach: Reach) -> bool:
    """Open the pages of support: who decides, and units about their own."""
    return can_read_support(reach, None) or bool(reach.units)
