"""Who holds a role: whom the plan writes to."""

from collections.abc import Collection
from datetime import date

from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, User


def holders(role: Role, on: date) -> list[User]:
    """Return the active people who hold a role anywhere on the day ``on``."""
    rows = Membership.objects.in_force(on).filter(role=role, user__is_active=True).select_related("user")
    return list({row.user_id: row.user for row in rows.order_by("user_id")}.values())


def holders_by_unit(
    unit_ids: Collection[int], roles: Collection[Role], on: date
) -> dict[int, dict[Role, list[User]]]:
    """Return who holds which of ``roles`` in each unit. One query."""
    found: dict[int, dict[Role, list[User]]] = {unit: {} for unit in unit_ids}
    rows = Membership.objects.in_force(on).filter(unit_id__in=unit_ids, role__in=roles, user__is_active=True)
    for row in rows.select_related("user").order_by("unit_id", "user_id"):
        people = found[row.unit_id].setdefault(Role(row.role), [])
        if row.user not in people:
            people.append(row.user)
    return found
