"""Who may do what with energy: plain functions over a person's roles; no model of energy is read.

Source: the permission matrix (4.2) and the issue: a unit's energy manager has the own sites; a technician has the
devices of the sites of the units that the membership names; the programme officer has everything; finance keeps the
tables of prices; leaders and watchers read all figures; the public reads published totals. An actor ``None`` is the
system itself (command line, tick, demo).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils import timezone

from khcn.orgs.enums import FOCAL_ROLES, Role
from khcn.orgs.selectors import memberships_of

FIGURE_ROLES = FOCAL_ROLES | {Role.LEADER, Role.AUDITOR, Role.DOST_READER, Role.ENERGY_OFFICER, Role.FINANCE}
UNIT_FIGURE_ROLES = frozenset({Role.UNIT_ENERGY_MANAGER, Role.UNIT_HEAD, Role.UNIT_REPORTER, Role.TECHNICIAN})
TABLE_ROLES = frozenset({Role.FINANCE, Role.ENERGY_OFFICER})
PLANNING_ROLES = frozenset({Role.UNIT_ENERGY_MANAGER, Role.UNIT_HEAD})


class OfUnit(Protocol):
    """A site, or anything with a unit."""

    unit_id: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees and acts.

    ``units``: whose figures they read; ``managed``: whose sites, bills, plans and projects they keep; ``devices``:
    whose devices they connect and repair; ``plans``: whose roofs they may plan.
    """

    user_id: int | None = None
    everything: bool = False
    officer: bool = False
    tables: bool = False
    units: frozenset[int] = field(default_factory=frozenset)
    managed: frozenset[int] = field(default_factory=frozenset)
    devices: frozenset[int] = field(default_factory=frozenset)
    plans: frozenset[int] = field(default_factory=frozenset)


VISITOR = Reach()
SYSTEM = Reach(everything=True, officer=True, tables=True)


def reach_of(user: Any, on: date | None = None) -> Reach:
    """Return the reach of a person; a visitor (anonymous, or ``None``) reads public pages only."""
    if user is None or not user.is_authenticated or not user.is_active:
        return VISITOR
    held = memberships_of(user, on or timezone.localdate())
    roles = {row.role for row in held}

    def units(wanted: frozenset[Role]) -> frozenset[int]:
        return frozenset(row.unit_id for row in held if row.role in wanted)

    managed = units(frozenset({Role.UNIT_ENERGY_MANAGER}))
    return Reach(
        user_id=user.pk,
        everything=bool(roles & FIGURE_ROLES),
        officer=Role.ENERGY_OFFICER in roles,
        tables=bool(roles & TABLE_ROLES),
        units=units(UNIT_FIGURE_ROLES),
        managed=managed,
        devices=managed | units(frozenset({Role.TECHNICIAN})),
        plans=units(PLANNING_ROLES),
    )


def _acting(user: Any) -> Reach:
    return SYSTEM if user is None else reach_of(user)


def can_read_figures(user: Any, site: OfUnit) -> bool:
    """Read all figures of a site."""
    reach = _acting(user)
    return reach.everything or site.unit_id in reach.units


def can_manage_site(user: Any, site: OfUnit) -> bool:
    """Change a site, its roofs, systems, contracts, bills, targets and projects."""
    reach = _acting(user)
    return reach.officer or site.unit_id in reach.managed


def can_connect(user: Any, site: OfUnit) -> bool:
    """Connect, test and repair devices of a site; decide about replaced meters; handle faults."""
    reach = _acting(user)
    return reach.officer or site.unit_id in reach.devices


def can_plan(user: Any, site: OfUnit) -> bool:
    """Plan the roofs of a site."""
    reach = _acting(user)
    return reach.officer or site.unit_id in reach.plans


def can_found(user: Any) -> bool:
    """Add sites of any unit, collectors, and the programme's own settings."""
    return _acting(user).officer


def can_keep_tables(user: Any) -> bool:
    """Edit prices, hours, VAT, emission factors and surplus rules."""
    return _acting(user).tables


def can_use_desk(user: Any) -> bool:
    """Open the energy desk at all."""
    reach = reach_of(user)
    return reach.everything or bool(reach.units)
