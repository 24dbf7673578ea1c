"""Which work items a plan makes: the one rule that turns 40 tasks into 113 items for plan 82.

A task with ``fan_out`` gives one item to every member of its cooperating units (a group stands for its members);
any other task gives one item to its lead, and when the lead is a group, one to each of its members.
Cooperating units are named with the task but get no item of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from khcn.engines.plans.types import PlanFile, TaskSpec, UnitSpec

Members = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class WorkItemSpec:
    """One piece of work: ``unit`` (key) answers for its part of the task ``task`` (code)."""

    task: str
    unit: str


@dataclass(frozen=True, slots=True)
class FanOut:
    """The items of a plan in order of its tasks. ``empty``: codes of tasks that gave no item (no lead, empty group)."""

    items: tuple[WorkItemSpec, ...]
    empty: tuple[str, ...]


def group_members(units: Iterable[UnitSpec]) -> dict[str, tuple[str, ...]]:
    """Return the direct members of each group; other units are left out."""
    return {unit.key: unit.members for unit in units if unit.is_group}


def flatten(keys: Iterable[str], members: Members) -> tuple[str, ...]:
    """Return ``keys`` with every group put into its members, groups inside groups too, each unit once.

    A group that holds itself in a circle is walked once; the files' readers refuse such a circle.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()

    def walk(key: str) -> None:
        if key in members:
            if key not in seen:
                seen.add(key)
                for member in members[key]:
                    walk(member)
        else:
            found.setdefault(key)

    for key in keys:
        walk(key)
    return tuple(found)


def task_units(task: TaskSpec, members: Members) -> tuple[str, ...]:
    """Return the keys of the units that get an item of ``task``."""
    if task.fan_out and task.cooperating:
        return flatten(task.cooperating, members)
    return flatten([task.lead], members) if task.lead else ()


def fan_out(tasks: Iterable[TaskSpec], members: Members) -> FanOut:
    """Return the work items of ``tasks``. ``members``: direct members of every group, by key."""
    items: list[WorkItemSpec] = []
    empty: list[str] = []
    for task in tasks:
        units = task_units(task, members)
        if not units:
            empty.append(task.code)
        items.extend(WorkItemSpec(task.code, unit) for unit in units)
    return FanOut(tuple(items), tuple(empty))


def plan_work(plan: PlanFile, known_members: Members | None = None) -> FanOut:
    """Return the work items of a plan file; groups the file does not describe are looked up in ``known_members``."""
    return fan_out(plan.tasks, {**(known_members or {}), **group_members(plan.units)})
