"""Who may do what with units, people, absences and outside parties: plain functions over held roles.

``memberships`` is what :func:`khcn.orgs.selectors.memberships_of` returned for one person and one day.
A role counts in the unit where it is held; roles of the whole deployment (focal unit, leader, auditor,
administrator...) count everywhere. The drafter of a thing never approves it: that rule lives beside each
thing.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from khcn.orgs.enums import (
    APPROVING_ROLES,
    FOCAL_ROLES,
    PARTY_KEEPING_ROLES,
    PARTY_READING_ROLES,
    PARTY_UNIT_ROLES,
    SECOND_FACTOR_ROLES,
    Role,
)


class Held(Protocol):
    """A role held in a unit."""

    @property
    def role(self) -> str: ...

    @property
    def unit_id(self) -> int: ...


Memberships = Iterable[Held]


def has_role(memberships: Memberships, *roles: str, unit_id: int | None = None) -> bool:
    """Whether any of ``roles`` is held, in the unit ``unit_id`` when one is given."""
    return any(row.role in roles and (unit_id is None or row.unit_id == unit_id) for row in memberships)


def unit_ids_with(memberships: Memberships, roles: Collection[str]) -> frozenset[int]:
    """Return the units in which one of ``roles`` is held."""
    return frozenset(row.unit_id for row in memberships if row.role in roles)


def needs_second_factor(memberships: Memberships) -> bool:
    """Whether one of the roles asks for a second factor where the installation requires it."""
    return has_role(memberships, *SECOND_FACTOR_ROLES)


# Units, people, roles


def can_manage_organisation(memberships: Memberships) -> bool:
    """Create and edit units, people and memberships; edit the site's facts."""
    return has_role(memberships, Role.SYSADMIN)


def can_view_all_units(memberships: Memberships) -> bool:
    """See unlisted units too."""
    return has_role(memberships, Role.SYSADMIN, Role.AUDITOR, *FOCAL_ROLES)


def can_view_all_users(memberships: Memberships) -> bool:
    """See every person and role. The focal unit sees them in order to propose changes."""
    return has_role(memberships, Role.SYSADMIN, Role.AUDITOR, *FOCAL_ROLES)


def unit_ids_where_users_visible(memberships: Memberships) -> frozenset[int]:
    """Return the units whose people may be seen: a head sees the own unit's."""
    return unit_ids_with(memberships, {Role.UNIT_HEAD})


def can_view_users_of(memberships: Memberships, unit_id: int) -> bool:
    """See the people of one unit."""
    rows = tuple(memberships)
    return can_view_all_users(rows) or unit_id in unit_ids_where_users_visible(rows)


def can_view_users(memberships: Memberships) -> bool:
    """Open the list of people at all."""
    rows = tuple(memberships)
    return can_view_all_users(rows) or bool(unit_ids_where_users_visible(rows))


# Absence


def can_declare_absence(memberships: Memberships, *, own: bool) -> bool:
    """Declare one's own absence when one approves anything; an administrator may do it for another."""
    rows = tuple(memberships)
    return has_role(rows, *APPROVING_ROLES) if own else can_manage_organisation(rows)


# Outside parties


def can_view_all_parties(memberships: Memberships) -> bool:
    """See the whole register."""
    return has_role(memberships, *PARTY_READING_ROLES)


def unit_ids_where_parties_kept(memberships: Memberships) -> frozenset[int]:
    """Return the units whose parties the person keeps."""
    return unit_ids_with(memberships, PARTY_UNIT_ROLES)


def can_keep_party(memberships: Memberships, area: Collection[int] | None) -> bool:
    """Create or edit a party. ``area``: the ids of its ward and of the units above it (``None``: no ward)."""
    rows = tuple(memberships)
    if has_role(rows, *PARTY_KEEPING_ROLES):
        return True
    return bool(area) and not unit_ids_where_parties_kept(rows).isdisjoint(area or ())


def can_merge_parties(memberships: Memberships) -> bool:
    """Fold two records into one."""
    return has_role(memberships, *PARTY_KEEPING_ROLES)


# Audit trail


def can_view_audit(memberships: Memberships) -> bool:
    """Read the whole audit trail. The administrator reads only technical entries."""
    return has_role(memberships, Role.AUDITOR, Role.FOCAL_HEAD, Role.LEADER)
