"""Who may do what with lessons: plain functions over a person's reach; who drafted never approves (the service's rule)."""

from khcn.programmes.permissions import Reach


def can_draft(reach: Reach, unit_id: int) -> bool:
    """Write and change lessons of a unit, submit them, make adaptations for it."""
    return reach.officer or unit_id in reach.reporting


def can_draft_any(reach: Reach) -> bool:
    """Write lessons of some unit."""
    return reach.officer or bool(reach.reporting)


def can_review(reach: Reach, unit_id: int) -> bool:
    """Return, publish and withdraw lessons of a unit."""
    return reach.officer or unit_id in reach.heading


def can_read_drafts(reach: Reach, unit_id: int) -> bool:
    """Read what is not public of a unit's lessons."""
    return reach.everything or reach.editor or unit_id in reach.units


def can_report_run(reach: Reach, unit_id: int) -> bool:
    """Say for a unit that a lesson was taught there."""
    return reach.officer or unit_id in reach.reporting or unit_id in reach.heading


def can_report_any(reach: Reach) -> bool:
    """Say so for some unit."""
    return reach.officer or bool(reach.reporting or reach.heading)


def can_read_runs(reach: Reach, unit_id: int) -> bool:
    """Read what a unit said after teaching."""
    return reach.everything or unit_id in reach.units


def can_handle_incidents(reach: Reach) -> bool:
    """Close what was reported about safety."""
    return reach.officer or reach.focal_head


def has_desk(reach: Reach) -> bool:
    """Open the desk pages of lessons."""
    return reach.desk
