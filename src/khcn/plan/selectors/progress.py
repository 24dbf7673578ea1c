"""How far plans are: sums by section and unit, worked out by the database. Lateness is computed here, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from khcn.plan.enums import ITEM_COUNTED, ITEM_OPEN, ItemState
from khcn.plan.models import Plan, WorkItem
from khcn.plan.rules.progress import on_time_share


@dataclass(frozen=True, slots=True)
class Tally:
    """Work items counted. ``late``: open after their last day; ``done_late``: done after it; ``percent``: their mean.

    ``on_time``: done by their last day. Dropped and handed-over items count nowhere.
    """

    items: int = 0
    todo: int = 0
    doing: int = 0
    done: int = 0
    late: int = 0
    done_late: int = 0
    percent: int = 0

    @property
    def on_time(self) -> int:
        """Items done by their last day."""
        return self.done - self.done_late

    @property
    def open(self) -> int:
        """Items still to be done."""
        return self.todo + self.doing

    @property
    def in_work(self) -> int:
        """Open items whose last day has not passed."""
        return self.open - self.late

    @property
    def share_on_time(self) -> float | None:
        """Share of items in time among those that can be judged already; ``None`` when there is none."""
        share = on_time_share(self.on_time, self.late + self.done_late)
        return None if share is None else float(share)


@dataclass(frozen=True, slots=True)
class SectionTally:
    """One section of a plan and its items."""

    ref: str
    title: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """A plan on one day: overall and by section, in the plan's order. Items without a section come last, ref ""."""

    overall: Tally
    sections: tuple[SectionTally, ...]


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit's items. ``oldest_due``: the last day that passed longest ago among its late items."""

    unit_id: int
    unit_name: str
    tally: Tally
    oldest_due: date | None


def tally_counts(on: date) -> dict[str, Any]:
    """Return the aggregates of a :class:`Tally` on the day ``on``, for ``aggregate`` and ``annotate``."""
    done_late = Q(state=ItemState.DONE, done_on__gt=F("due"))
    return {
        "n_items": Count("pk"),
        "n_todo": Count("pk", filter=Q(state=ItemState.TODO)),
        "n_doing": Count("pk", filter=Q(state=ItemState.DOING)),
        "n_done": Count("pk", filter=Q(state=ItemState.DONE)),
        "n_late": Count("pk", filter=Q(state__in=ITEM_OPEN, due__lt=on)),
        "n_done_late": Count("pk", filter=done_late),
        "n_percent": Sum("percent"),
    }


def tally_of(row: dict[str, Any]) -> Tally:
    """Return the tally that :func:`tally_counts` counted."""
    items = row["n_items"]
    return Tally(
        items=items,
        todo=row["n_todo"],
        doing=row["n_doing"],
        done=row["n_done"],
        late=row["n_late"],
        done_late=row["n_done_late"],
        percent=int((row["n_percent"] or 0) // items) if items else 0,
    )


def counted_items(plan: Plan) -> QuerySet[WorkItem]:
    """Return the items of a plan that count."""
    return WorkItem.objects.filter(plan=plan, state__in=ITEM_COUNTED)


def plan_progress(plan: Plan, on: date) -> PlanProgress:
    """Return how far a plan is on ``on``, with one query. Reads every item: what is shown of it is the caller's care."""
    rows: Any = (
        counted_items(plan)
        .order_by()
        .values("task__section__ref", "task__section__title", "task__section__order")
        .annotate(**tally_counts(on))
    )
    found = sorted(
        rows, key=lambda row: (row["task__section__ref"] is None, row["task__section__order"] or 0)
    )
    sections = tuple(
        SectionTally(row["task__section__ref"] or "", row["task__section__title"] or "", tally_of(row))
        for row in found
    )
    sums = {name: sum(row[name] or 0 for row in found) for name in tally_counts(on)}
    return PlanProgress(tally_of(sums), sections)


def late_items(on: date) -> QuerySet[WorkItem]:
    """Return every item that is open after its last day, the oldest first, with task, plan and unit."""
    rows = WorkItem.objects.late(on).select_related("task", "plan", "unit")
    return rows.order_by("due", "plan_id", "task__order", "unit__order", "unit__sort_key")


def unit_status(plan: Plan, on: date) -> list[UnitStatus]:
    """Return how every unit stands with its items of ``plan``, in the order of units, with one query."""
    rows: Any = (
        counted_items(plan)
        .order_by()
        .values("unit_id", "unit__name", "unit__short_name", "unit__order", "unit__sort_key")
        .annotate(**tally_counts(on), oldest=Min("due", filter=Q(state__in=ITEM_OPEN, due__lt=on)))
    )
    found = sorted(rows, key=lambda row: (row["unit__order"], row["unit__sort_key"], row["unit__name"]))
    return [
        UnitStatus(row["unit_id"], row["unit__short_name"] or row["unit__name"], tally_of(row), row["oldest"])
        for row in found
    ]


def ranked(units: Sequence[UnitStatus]) -> list[UnitStatus]:
    """Return units with late items, those with the most first; among equals whoever is late longest."""
    late = [unit for unit in units if unit.tally.late]
    return sorted(late, key=lambda unit: (-unit.tally.late, unit.oldest_due or date.max))
