"""Who looks after a market."""

from datetime import date

from django.db.models import Q

from khcn.markets.models import Market
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, User


def keepers_of(market: Market, on: date, *, operators: bool = False) -> list[User]:
    """Return the active managers of a market's unit; the operators of all markets too when asked, or when there is none."""
    held = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    ).filter(user__is_active=True)
    managers = held.filter(role=Role.MARKET_MANAGER, unit_id=market.unit_id)
    people = {row.user_id: row.user for row in managers.select_related("user")}
    if operators or not people:
        for row in held.filter(role=Role.MARKET_OPERATOR).select_related("user"):
            people[row.user_id] = row.user
    return [people[pk] for pk in sorted(people)]
