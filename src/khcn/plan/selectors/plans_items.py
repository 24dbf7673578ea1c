"""Which work items a version makes on a day: the engine's fan-out over the register's groups and successions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from khcn.engines.plans.fanout import flatten
from khcn.orgs.models import Unit, UnitSuccession
from khcn.plan.models import PlanVersion, Task
from khcn.plan.rules.plan_content import header_from
from khcn.plan.selectors.plans import version_tasks


@dataclass(frozen=True, slots=True)
class Owed:
    """One piece of work: the task and the unit that answers for its part of it."""

    task: Task
    unit_id: int


class Register:
    """Units, groups and successions read once, asked many times. Three queries."""

    def __init__(self) -> None:
        self.units: dict[int, Unit] = {unit.pk: unit for unit in Unit.objects.select_related("kind")}
        self._members: dict[str, list[str]] = {
            str(pk): [] for pk, unit in self.units.items() if unit.kind.is_group
        }
        links = Unit.members.through.objects.order_by("pk").values_list("from_unit_id", "to_unit_id")
        for group, member in links:
            if str(group) in self._members:
                self._members[str(group)].append(str(member))
        self._after: dict[int, list[tuple[date, int, bool]]] = defaultdict(list)
        moves = UnitSuccession.objects.order_by("effective_date", "pk")
        for old, new, day, default in moves.values_list(
            "predecessor_id", "successor_id", "effective_date", "is_default"
        ):
            self._after[old].append((day, new, default))

    def is_group(self, unit_id: int) -> bool:
        """Whether a unit stands for others."""
        return str(unit_id) in self._members

    def flat(self, unit_ids: Iterable[int]) -> list[int]:
        """Return the units with every group put into its members, each once."""
        return [int(key) for key in flatten([str(one) for one in unit_ids], self._members)]

    def carrier(self, unit_id: int, on: date) -> int:
        """Return who answers for ``unit_id``'s open work on a day: itself while it lives, then its default successors.

        A unit that had not begun yet, or that nobody followed, answers for itself: no work is lost.
        """
        current, seen = unit_id, set[int]()
        while current not in seen:
            seen.add(current)
            unit = self.units[current]
            if unit.in_force(on) or unit.valid_to is None or on <= unit.valid_to:
                return current
            moves = [(new, default) for day, new, default in self._after[current] if day <= on]
            following = next((new for new, default in moves if default), moves[-1][0] if moves else None)
            if following is None:
                return current
            current = following
        return unit_id

    def carriers(self, unit_ids: Iterable[int], on: date) -> list[int]:
        """Return who answers for the units on a day, groups put into members, each once."""
        return list(dict.fromkeys(self.carrier(pk, on) for pk in self.flat(unit_ids)))


def plan_day(version: PlanVersion, today: date) -> date:
    """Return the day on which a version's units are meant: when it takes effect, or when its document was dated."""
    return version.effective_on or header_from(version.header).date or version.plan.starts_on or today


def owed_items(version: PlanVersion, on: date, register: Register | None = None) -> list[Owed]:
    """Return the work items that a version makes for the units of the day ``on``."""
    book = register or Register()
    found: list[Owed] = []
    for task in version_tasks(version):
        units = [one.unit_id for one in task.cooperating.all()]
        if not (task.fan_out and units):
            units = [task.lead_id] if task.lead_id is not None else []
        found.extend(Owed(task, unit) for unit in book.carriers(units, on))
    return found
