"""How the units of a plan stand on any day, for drafts too: ``khcn plan status``.

What was done later is not done yet on an earlier day; a unit answers under the name it had on that day, and after it
ended its open work stands with whoever carries it on.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from khcn.plan.enums import ItemState
from khcn.plan.models import Plan, PlanVersion, WorkItem
from khcn.plan.selectors.plans_items import Register, owed_items, plan_day


@dataclass(frozen=True, slots=True)
class Standing:
    """One work item on a day. ``name``: of the unit on that day, or when it had done its part."""

    code: str
    unit_id: int
    name: str
    done: bool
    late: bool
    done_late: bool = False


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit's items on a day."""

    key: str
    name: str
    items: int
    done: int
    late: int
    done_late: int

    def as_json(self) -> dict[str, Any]:
        """Return the line as the command prints it."""
        return {
            "unit": self.key, "name": self.name, "work_items": self.items, "done": self.done, "late": self.late,
            "done_late": self.done_late, "open": self.items - self.done,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """A plan on a day, unit by unit."""

    plan: Plan
    version: PlanVersion
    on: date
    lines: tuple[UnitLine, ...]
    tasks: int

    def as_json(self) -> dict[str, Any]:
        """Return the status as the command prints it."""
        lines = self.lines
        return {
            "plan": self.plan.full_number or self.plan.key, "on": self.on.isoformat(), "version": self.version.number,
            "state": self.version.state, "tasks": self.tasks, "work_items": sum(one.items for one in lines),
            "done": sum(one.done for one in lines), "late": sum(one.late for one in lines),
            "units": [one.as_json() for one in lines],
        }  # fmt: skip


def plan_status(version: PlanVersion, on: date) -> PlanStatus:
    """Return how every unit stands on ``on``. A version without items yet is counted by what it would make."""
    register = Register()
    rows = list(_kept(version, on, register) if version.plan.items.exists() else _owed(version, on, register))
    grouped: dict[tuple[int, str], list[Standing]] = defaultdict(list)
    for row in rows:
        grouped[row.unit_id, row.name].append(row)

    def order(key: tuple[int, str]) -> tuple[Any, ...]:
        unit = register.units[key[0]]
        return unit.kind.order, unit.order, unit.sort_key, key[1]

    lines = tuple(
        _line(register.units[key[0]].key, key[1], grouped[key]) for key in sorted(grouped, key=order)
    )
    return PlanStatus(version.plan, version, on, lines, version.tasks.count())


def _line(key: str, name: str, rows: list[Standing]) -> UnitLine:
    return UnitLine(
        key, name, len(rows), sum(one.done for one in rows), sum(one.late for one in rows),
        sum(one.done_late for one in rows),
    )  # fmt: skip


def _owed(version: PlanVersion, on: date, register: Register) -> Iterable[Standing]:
    """Items as a draft would make them: nothing is done, what is due before the day is late."""
    seen: set[tuple[str, int]] = set()
    for owed in owed_items(version, plan_day(version, on), register):
        unit_id = register.carrier(owed.unit_id, on)
        if (owed.task.code, unit_id) in seen:
            continue
        seen.add((owed.task.code, unit_id))
        due = owed.task.deadline
        yield Standing(
            owed.task.code, unit_id, register.units[unit_id].name, False, due is not None and due < on
        )


def _kept(version: PlanVersion, on: date, register: Register) -> Iterable[Standing]:
    """Items as they are kept, seen from the day ``on``."""
    rows = {
        row.pk: row for row in WorkItem.objects.filter(plan=version.plan).exclude(state=ItemState.DROPPED)
    }
    taken = {row.handed_to_id for row in rows.values() if row.handed_to_id}
    seen: set[tuple[str, int]] = set()
    for row in (one for one in rows.values() if one.pk not in taken):
        last = _at(row, rows, on, register)
        done = last.state == ItemState.DONE and (last.done_on is None or last.done_on <= on)
        unit_id = last.unit_id if done else register.carrier(last.unit_id, on)
        if (last.code, unit_id) in seen and not done:
            continue
        seen.add((last.code, unit_id))
        late = not done and last.due is not None and last.due < on
        name = (last.unit_name if done else "") or register.units[unit_id].name
        after = bool(done and last.due and last.done_on and last.done_on > last.due)
        yield Standing(last.code, unit_id, name, done, late, after)


def _at(item: WorkItem, rows: dict[int, WorkItem], on: date, register: Register) -> WorkItem:
    """Follow a hand-over as far as it had come on the day ``on``."""
    current, seen = item, set[int]()
    while (
        current.handed_to_id in rows
        and current.pk not in seen
        and not register.units[current.unit_id].in_force(on)
    ):
        seen.add(current.pk)
        current = rows[current.handed_to_id]
    return current
