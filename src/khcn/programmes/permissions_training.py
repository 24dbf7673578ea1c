"""Who may do what with training: units with their own people, the focal unit with all, auditors read, finance nothing."""

from datetime import date

from khcn.orgs.models.units import predecessor_ids
from khcn.programmes.permissions import Reach


def sees_all(reach: Reach) -> bool:
    """Read the people of every unit."""
    return reach.system or reach.officer or reach.focal_head or reach.auditor


def sees_people(reach: Reach) -> bool:
    """Have the pages with people at all."""
    return sees_all(reach) or bool(reach.units)


def can_read_people(reach: Reach, unit_id: int) -> bool:
    """Read the people of a unit and their records."""
    return sees_all(reach) or unit_id in reach.units


def can_read_summary(reach: Reach) -> bool:
    """Read figures of units without any name: also leaders and the agency above."""
    return sees_people(reach) or reach.leader or reach.superior


def can_set_up(reach: Reach) -> bool:
    """Keep topics, common positions, surveys, which programmes give which topics; gather proposals."""
    return reach.officer


def keeping_units(reach: Reach, on: date) -> frozenset[int]:
    """Return the units whose rosters, answers and proposals the person writes; closed predecessors included."""
    return frozenset(predecessor_ids(reach.reporting, on)) if reach.reporting else frozenset()


def can_keep(reach: Reach, unit_id: int, on: date) -> bool:
    """Write the roster of a unit, its records, answers and proposals."""
    return reach.officer or unit_id in keeping_units(reach, on)


def can_verify(reach: Reach, unit_id: int, on: date) -> bool:
    """Verify what a unit entered about courses of others."""
    if reach.officer or reach.focal_head:
        return True
    return bool(reach.heading) and unit_id in predecessor_ids(reach.heading, on)


def can_approve_proposal(reach: Reach, unit_id: int, on: date) -> bool:
    """Approve a proposal of a unit: its head (the focal head for the focal unit's own)."""
    return reach.focal_head or (bool(reach.heading) and unit_id in predecessor_ids(reach.heading, on))
