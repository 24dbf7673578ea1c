"""Who looks after the sites of a unit."""

from datetime import date

from django.db.models import Q

from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, User

KEEPERS = (Role.UNIT_ENERGY_MANAGER, Role.TECHNICIAN)


def keepers_of(unit_id: int, on: date, *, officers: bool = False) -> list[User]:
    """Return the active energy managers and technicians of a unit; programme officers too when asked, or when there is none."""
    held = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    ).filter(user__is_active=True)
    rows = held.filter(role__in=KEEPERS, unit_id=unit_id).select_related("user")
    people = {row.user_id: row.user for row in rows}
    if officers or not people:
        for row in held.filter(role=Role.ENERGY_OFFICER).select_related("user"):
            people[row.user_id] = row.user
    return [people[pk] for pk in sorted(people)]
