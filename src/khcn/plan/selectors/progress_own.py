"""Lists of work items: a unit's own, and all of them, with filters in the address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.calendar.selectors import working_calendar
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.orgs.models.units import predecessor_ids
from khcn.plan.enums import ITEM_COUNTED, ITEM_OPEN, ItemState
from khcn.plan.models import Plan, Task, WorkItem
from khcn.plan.permissions import acting
from khcn.plan.rules.progress import soon_until
from khcn.plan.selectors.progress import Tally, tally_counts, tally_of

EARLIEST: Final = 1990


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for. ``standing``: a key of :data:`STANDINGS`, or empty for everything that counts."""

    standing: str = ""
    plan: int | None = None
    unit: int | None = None
    section: str = ""
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OwnWork:
    """A person's units and their work. ``soon``: last day that counts as soon; ``led``: tasks that other units carry out."""

    units: Sequence[Unit]
    lead: QuerySet[WorkItem]
    helping: QuerySet[WorkItem]
    led: Sequence[tuple[Task, Tally]]
    tally: Tally
    soon: date
    calendar: WorkingCalendar
    plans: Sequence[Plan]


def calendar_for(days: Sequence[date | None], on: date) -> WorkingCalendar:
    """Return the working calendar that reaches from the oldest of ``days`` to the year after ``on``."""
    years = [max(day.year, EARLIEST) for day in days if day is not None]
    return working_calendar(range(min([on.year, *years]), max([on.year, *years]) + 2))


def _standing(asked: str, on: date, soon: date) -> Q:
    return {
        "tre": Q(state__in=ITEM_OPEN, due__lt=on),
        "sap-den-han": Q(state__in=ITEM_OPEN, due__gte=on, due__lte=soon),
        "chua": Q(state=ItemState.TODO),
        "dang": Q(state=ItemState.DOING),
        "mo": Q(state__in=ITEM_OPEN),
        "trong-han": Q(state__in=ITEM_OPEN) & (Q(due__isnull=True) | Q(due__gte=on)),
        "xong": Q(state=ItemState.DONE),
        "xong-dung-han": Q(state=ItemState.DONE) & ~Q(done_on__gt=F("due")),
        "xong-tre": Q(state=ItemState.DONE, done_on__gt=F("due")),
        "cho-xac-nhan": Q(state=ItemState.DONE, confirmed_at__isnull=True),
        "da-dong": ~Q(state__in=ITEM_COUNTED),
    }.get(asked, Q(state__in=ITEM_COUNTED))


STANDINGS: Final = (
    "tre", "sap-den-han", "chua", "dang", "mo", "trong-han", "xong", "xong-dung-han", "xong-tre", "cho-xac-nhan",
    "da-dong",
)  # fmt: skip


def filtered(rows: QuerySet[WorkItem], asked: Asked, on: date, soon: date) -> QuerySet[WorkItem]:
    """Return ``rows`` as asked for, late ones first, then by last day; search needs no tone marks."""
    rows = rows.filter(_standing(asked.standing, on, soon))
    if asked.plan is not None:
        rows = rows.filter(plan_id=asked.plan)
    if asked.unit is not None:
        rows = rows.filter(unit_id=asked.unit)
    if asked.section:
        rows = rows.filter(task__section__ref=asked.section)
    if asked.code:
        rows = rows.filter(code=asked.code)
    for word in fold(asked.text).split()[:8]:
        rows = rows.filter(Q(task__folded_title__contains=word) | Q(code__icontains=word))
    return late_first(rows, on)


def late_first(rows: QuerySet[WorkItem], on: date) -> QuerySet[WorkItem]:
    """Order items: late, open, done, out; inside by last day, those without one last."""
    rank = Case(
        When(state__in=ITEM_OPEN, due__lt=on, then=Value(0)),
        When(state__in=ITEM_OPEN, then=Value(1)),
        When(state=ItemState.DONE, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank).order_by("rank", F("due").asc(nulls_last=True), "plan_id", "code", "pk")


def fetched(rows: Iterable[WorkItem]) -> list[WorkItem]:
    """Return the items of one page with task, plan and unit, in their order.

    Sorting tens of thousands of rows with everything joined to them costs more than asking a second time.
    """
    order = [row.pk for row in rows]
    found = WorkItem.objects.select_related("task", "plan", "unit").in_bulk(order)
    return [found[pk] for pk in order if pk in found]


def own_units(user: Any, on: date) -> list[Unit]:
    """Return the units for which ``user`` reports or that the person heads."""
    reach = acting(user, on)
    return list(Unit.objects.filter(pk__in=reach.reporting | reach.heading).alphabetical())


def helping_items(unit_ids: Sequence[int], on: date) -> QuerySet[WorkItem]:
    """Return the items of other units whose task names one of these units, or a group of it, as cooperating."""
    if not unit_ids:
        return WorkItem.objects.none()
    carried = predecessor_ids(unit_ids, on)  # a task goes on naming a unit that has ended
    named = list(Unit.objects.filter(Q(pk__in=carried) | Q(members__in=carried)).values_list("pk", flat=True))
    tasks = Task.objects.filter(fan_out=False, cooperating__unit_id__in=named)
    return WorkItem.objects.filter(task__in=tasks.values("pk")).exclude(unit_id__in=unit_ids)


def own_work(user: Any, asked: Asked, on: date) -> OwnWork:
    """Return the work of the person's units: what they lead or were given, and what they help with, late first."""
    units = own_units(user, on)
    chosen = [unit.pk for unit in units if asked.unit in (None, unit.pk)]
    everything = WorkItem.objects.visible_to(user, on)
    mine = everything.filter(unit_id__in=chosen)
    helping = helping_items(chosen, on) & everything
    calendar = calendar_for([], on)
    soon = soon_until(on, calendar)
    wanted = replace(asked, unit=None)  # the list is cut down to the chosen units already
    counted = mine.filter(state__in=ITEM_COUNTED).order_by()
    return OwnWork(
        units=units,
        lead=filtered(mine, wanted, on, soon),
        helping=filtered(helping, wanted, on, soon),
        led=led_tasks(chosen, on),
        tally=tally_of(counted.aggregate(**tally_counts(on))),
        soon=soon,
        calendar=calendar,
        plans=list(Plan.objects.filter(pk__in=mine.values("plan_id")).order_by("-year", "full_number")),
    )


def led_tasks(unit_ids: Sequence[int], on: date) -> list[tuple[Task, Tally]]:
    """Return the tasks that these units lead and others carry out, each with a tally of all its items."""
    given = Exists(WorkItem.objects.filter(task=OuterRef("pk")))
    tasks = Task.objects.filter(given, lead_id__in=unit_ids, fan_out=True)
    led = {task.pk: task for task in tasks.order_by("version", "order")[:60]}
    rows: Any = (
        WorkItem.objects.filter(task_id__in=led, state__in=ITEM_COUNTED)
        .order_by()
        .values("task_id")
        .annotate(**tally_counts(on))
    )
    sums = {row["task_id"]: tally_of(row) for row in rows}
    return [(task, sums[pk]) for pk, task in led.items() if pk in sums]


def all_items(user: Any, asked: Asked, on: date, soon: date) -> QuerySet[WorkItem]:
    """Return the items of every unit that ``user`` may read, as asked for."""
    return filtered(WorkItem.objects.visible_to(user, on), asked, on, soon)


def waiting_counts(user: Any, on: date) -> Mapping[str, int]:
    """Return what waits for this person, with one query: ``late`` of the own units, ``confirm`` as their head."""
    reach = acting(user, on)
    mine = reach.reporting | reach.heading
    if not mine:
        return {"late": 0, "confirm": 0}
    late = Count("pk", filter=Q(state__in=ITEM_OPEN, due__lt=on))
    confirm = Count(
        "pk", filter=Q(state=ItemState.DONE, confirmed_at__isnull=True, unit_id__in=reach.heading)
    )
    rows = WorkItem.objects.filter(unit_id__in=mine, state__in=ITEM_COUNTED)
    return rows.order_by().aggregate(late=late, confirm=confirm)


def filter_plans(user: Any, on: date) -> list[Plan]:
    """Return the plans with items, newest first, for a choice."""
    given = Exists(WorkItem.objects.filter(plan=OuterRef("pk")))
    return list(Plan.objects.visible_to(user, on).filter(given).order_by("-year", "full_number"))


def units_with_items() -> list[Unit]:
    """Return every unit that has items, in the order of units, for a choice."""
    given = Exists(WorkItem.objects.filter(unit=OuterRef("pk")))
    return list(Unit.objects.filter(given).alphabetical())
