"""The tasks of a plan with their days and how far all their items are: two queries, however many units there are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Q

from khcn.plan.enums import ITEM_COUNTED, VERSION_PUBLIC
from khcn.plan.models import Plan, PlanVersion, Task, WorkItem
from khcn.plan.selectors.progress import Tally, tally_counts, tally_of


@dataclass(frozen=True, slots=True)
class TaskSpan:
    """One task over time. ``due``: the latest last day of its items, or its own deadline; ``unit``: who leads it."""

    code: str
    title: str
    section: str
    unit: str
    start: date | None
    due: date | None
    tally: Tally


def visible_plan(user: Any, pk: int, on: date) -> Plan | None:
    """Return a plan that ``user`` may read, or ``None``."""
    return Plan.objects.visible_to(user, on).filter(pk=pk).first()


def shown_version(plan: Plan) -> PlanVersion | None:
    """Return the newest version that was published, or the newest of all."""
    newest = PlanVersion.objects.filter(plan=plan).order_by("-number")
    return newest.filter(state__in=VERSION_PUBLIC).first() or newest.first()


def plan_spans(plan: Plan, on: date, unit_id: int | None = None) -> list[TaskSpan]:
    """Return the tasks of the plan's version in force; with ``unit_id`` only those the unit has items of."""
    version = shown_version(plan)
    if version is None:
        return []
    rows = WorkItem.objects.filter(plan=plan, state__in=ITEM_COUNTED).order_by()
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    counted: Any = rows.values("code").annotate(**tally_counts(on), last=Max("due"))
    sums = {row["code"]: row for row in counted}
    tasks = Task.objects.filter(version=version).select_related("section", "lead").order_by("order", "code")
    if unit_id is not None:
        tasks = tasks.filter(Q(code__in=sums))
    return [_span(task, sums.get(task.code)) for task in tasks]


def _span(task: Task, row: dict[str, Any] | None) -> TaskSpan:
    return TaskSpan(
        code=task.code,
        title=task.title,
        section=str(task.section) if task.section else "",
        unit=task.lead.label if task.lead else "",
        start=task.starts_on,
        due=(row["last"] if row else None) or task.deadline,
        tally=tally_of(row) if row else Tally(),
    )
