"""Who owes a report for a period: units and members of groups that are in force on a day, or their successors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from khcn.orgs.models import Unit
from khcn.orgs.selectors import successors_on
from khcn.orgs.unit_time import units_on
from khcn.plan.enums import VERSION_PUBLIC
from khcn.plan.models import Regime, ReportPeriod


@dataclass(frozen=True, slots=True)
class Expected:
    """Units that owe a report, in the order of a list. ``gone``: reporters that closed and that nobody follows."""

    units: Sequence[Unit]
    gone: Sequence[Unit] = ()


def expected_on(regime: Regime, on: date) -> Expected:
    """Return who reports under a regime on the day ``on``; a group stands for its members of that day."""
    named = list(regime.reporters.select_related("kind").prefetch_related("members__kind"))
    plain: dict[int, Unit] = {}
    for unit in named:
        for one in _members(unit):
            plain[one.pk] = one
    gone = [
        unit
        for unit in plain.values()
        if not unit.in_force(on)
        and not (unit.valid_from and unit.valid_from > on)
        and not successors_on(unit, on)
    ]
    return Expected(units_on(named, on), gone)


def _members(unit: Unit) -> Sequence[Unit]:
    """Return a unit, or what a group stands for; groups within groups are opened once."""
    if not unit.kind.is_group:
        return [unit]
    found: list[Unit] = []
    for member in unit.members.all():
        found += (
            [one for one in member.members.all() if not one.kind.is_group]
            if member.kind.is_group
            else [member]
        )
    return found


def expected_units(period: ReportPeriod) -> Sequence[Unit]:
    """Return the units that owe a report for a period, as of the day on which it opens."""
    return expected_on(period.regime, period.opens_on).units


def live() -> Q:
    """Return the condition of periods that run: their regime is in use, their plan (if any) was published."""
    free = Q(regime__plan__isnull=True) | Q(regime__plan__versions__state__in=VERSION_PUBLIC)
    return free & Q(regime__is_active=True)
