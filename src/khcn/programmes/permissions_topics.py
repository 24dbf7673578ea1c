"""Who may do what with research topics: plain functions over a :class:`~khcn.programmes.permissions.Reach`.

A topic runs through several hands on purpose: who checks it never decides about it, who accepts a milestone never books its
payment, who proposes an amendment never approves it. Those rules stand in the services; here stand the roles.
"""

from khcn.programmes.permissions import Reach


def can_keep_calls(reach: Reach) -> bool:
    """Write calls and rubrics."""
    return reach.officer


def can_publish_call(reach: Reach) -> bool:
    """Publish a call or a rubric, close or cancel it."""
    return reach.focal_head or reach.system


def can_propose(reach: Reach, unit_id: int) -> bool:
    """Write and hand in a proposal of a unit, report its milestones, ask for amendments."""
    return reach.system or unit_id in reach.reporting


def can_check(reach: Reach) -> bool:
    """Check proposals, return them; set councils up; accept or return reports; write contracts and liquidations."""
    return reach.officer


def can_decide(reach: Reach) -> bool:
    """Approve or reject a topic, sign its contract, decide about amendments, stop it."""
    return reach.focal_head or reach.leader


def can_number(reach: Reach) -> bool:
    """Enter the number and day of a decision."""
    return reach.clerk


def can_pay(reach: Reach) -> bool:
    """Book payments and what is given back."""
    return reach.finance


def can_freeze(reach: Reach) -> bool:
    """Freeze the scores of a council."""
    return reach.officer or reach.focal_head


def can_read_topics(reach: Reach) -> bool:
    """Read every topic that was handed in, with its budget and contract."""
    return reach.officer or reach.focal_head or reach.leader or reach.finance or reach.auditor or reach.clerk


def can_read_councils(reach: Reach) -> bool:
    """Read who sits in councils, and frozen scores."""
    return reach.officer or reach.focal_head or reach.leader or reach.auditor


def can_list(reach: Reach) -> bool:
    """Have the desk pages of topics: who reads all, and who speaks for a unit."""
    return can_read_topics(reach) or bool(reach.units)
