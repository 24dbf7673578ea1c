"""Who may do what with market halls: plain functions over a person's roles; no model of markets is read.

Source: the permission matrix (4.2, "market manager") and the issue: a manager has the own market, an operator all
markets, leaders and watchers all figures, the public suppressed cells; nobody sees pictures without the preview right,
which is a role of its own and audited. An actor ``None`` is the system itself (command line, tick, demo).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils import timezone

from khcn.orgs.enums import FOCAL_ROLES, Role
from khcn.orgs.selectors import memberships_of

FIGURE_ROLES = FOCAL_ROLES | {Role.LEADER, Role.AUDITOR, Role.MARKET_OPERATOR}  # all markets
UNIT_FIGURE_ROLES = frozenset({Role.MARKET_MANAGER, Role.UNIT_HEAD, Role.UNIT_REPORTER})


class OfUnit(Protocol):
    """A market, or anything with a managing unit."""

    unit_id: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees and acts on markets.

    ``units``: whose markets' figures they read; ``managed``: whose markets they set up; ``previews``: where they may
    ask to look at a picture (``everywhere_previews``: at every market).
    """

    user_id: int | None = None
    everything: bool = False
    operator: bool = False
    units: frozenset[int] = field(default_factory=frozenset)
    managed: frozenset[int] = field(default_factory=frozenset)
    previews: frozenset[int] = field(default_factory=frozenset)
    everywhere_previews: bool = False


VISITOR = Reach()


def reach_of(user: Any, on: date | None = None) -> Reach:
    """Return the reach of a person; a visitor (anonymous, or ``None``) reads public pages only."""
    if user is None or not user.is_authenticated or not user.is_active:
        return VISITOR
    held = memberships_of(user, on or timezone.localdate())
    roles = {row.role for row in held}
    operator = Role.MARKET_OPERATOR in roles
    previews = frozenset(row.unit_id for row in held if row.role == Role.CAMERA_VIEWER)
    return Reach(
        user_id=user.pk,
        everything=bool(roles & FIGURE_ROLES),
        operator=operator,
        units=frozenset(row.unit_id for row in held if row.role in UNIT_FIGURE_ROLES),
        managed=frozenset(row.unit_id for row in held if row.role == Role.MARKET_MANAGER),
        previews=previews,
        everywhere_previews=operator and bool(previews),
    )


def can_read_figures(user: Any, market: OfUnit) -> bool:
    """Read all figures of a market, small cells too."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.everything or market.unit_id in reach.units


def can_set_up(user: Any, market: OfUnit) -> bool:
    """Change cameras, layouts, hours and events of a market, review gates, upload clips."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.operator or market.unit_id in reach.managed


def can_found(user: Any) -> bool:
    """Add a market, a counting box, or an event of all markets."""
    return user is None or reach_of(user).operator


def can_preview(user: Any, market: OfUnit) -> bool:
    """Ask to look at a blurred picture of a camera for a few minutes."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.everywhere_previews or market.unit_id in reach.previews


def can_use_desk(user: Any) -> bool:
    """Open the markets' desk at all."""
    reach = reach_of(user)
    return reach.everything or bool(reach.units)
