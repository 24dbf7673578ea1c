"""What the leadership sees on one screen: a bounded number of queries, however many units and years there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from khcn.core.calendar.rules import LOCAL_ZONE, WorkingCalendar
from khcn.plan.enums import ITEM_OPEN, REPORT_WITH_FOCAL, VERSION_PUBLIC
from khcn.plan.models import Plan, ReportPeriod, Task, UnitReport, WorkItem
from khcn.plan.permissions import acting
from khcn.plan.selectors.progress import (
    PlanProgress,
    UnitStatus,
    counted_items,
    plan_progress,
    ranked,
    unit_status,
)
from khcn.plan.selectors.progress_money import MoneySums, money_sums
from khcn.plan.selectors.progress_own import calendar_for


@dataclass(frozen=True, slots=True)
class LateTask:
    """One task with late items: in how many units, out of how many, and since when."""

    code: str
    title: str
    late: int
    units: int
    oldest_due: date


@dataclass(frozen=True, slots=True)
class ReportCount:
    """The newest period that is open or was: reports expected, received, in time, late (received or still missing)."""

    period: ReportPeriod
    expected: int
    received: int
    on_time: int
    received_late: int
    missing: int
    overdue: int  # missing after the last day


@dataclass(frozen=True, slots=True)
class Leadership:
    """One plan on one day. ``money``: ``None`` for readers who may not see it."""

    plan: Plan
    plans: Sequence[Plan]
    on: date
    progress: PlanProgress
    units: Sequence[UnitStatus]
    late_units: Sequence[UnitStatus]
    late_tasks: Sequence[LateTask]
    money: MoneySums | None
    reports: ReportCount | None
    calendar: WorkingCalendar


def leadership(user: Any, on: date, plan_id: int | None = None) -> Leadership | None:
    """Return the page for the plan asked for, or the newest in force; ``None`` when there is no plan at all."""
    plans = list(
        Plan.objects.filter(versions__state__in=VERSION_PUBLIC)
        .distinct()
        .order_by("-year", "-starts_on", "-pk")
    )
    chosen = next((plan for plan in plans if plan.pk == plan_id), None) if plan_id else None
    chosen = chosen or _running(plans, on)
    if chosen is None:
        return None
    units = unit_status(chosen, on)
    tasks = late_tasks(chosen, on)
    reach = acting(user, on)
    days = [unit.oldest_due for unit in units] + [task.oldest_due for task in tasks]
    return Leadership(
        plan=chosen,
        plans=plans,
        on=on,
        progress=plan_progress(chosen, on),
        units=units,
        late_units=ranked(units),
        late_tasks=tasks,
        money=money_sums(chosen) if reach.money else None,
        reports=report_count(chosen, on),
        calendar=calendar_for(days, on),
    )


def _running(plans: Sequence[Plan], on: date) -> Plan | None:
    """Return the newest plan that has begun by ``on``, or the newest of all."""
    begun = [plan for plan in plans if plan.starts_on is None or plan.starts_on <= on]
    return next(iter(begun or plans), None)


def late_tasks(plan: Plan, on: date) -> list[LateTask]:
    """Return the tasks with late items, those late in most units first; two queries."""
    late = Q(state__in=ITEM_OPEN, due__lt=on)
    rows = (
        counted_items(plan)
        .order_by()
        .values("code")
        .annotate(n_late=Count("pk", filter=late), n_units=Count("pk"), oldest=Min("due", filter=late))
        .filter(n_late__gt=0)
    )
    found = {row["code"]: row for row in rows}
    newest = WorkItem.objects.filter(plan=plan, code__in=found).order_by().values("task")
    titles = dict(Task.objects.filter(pk__in=newest).values_list("code", "title")) if found else {}
    tasks = [
        LateTask(code, titles.get(code, ""), row["n_late"], row["n_units"], row["oldest"])
        for code, row in found.items()
    ]
    return sorted(tasks, key=lambda task: (-task.late, task.oldest_due, task.code))


def end_of(day: date) -> datetime:
    """Return the first moment that is no longer ``day`` here: who sends before it is in time."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL_ZONE)


def report_count(plan: Plan, on: date) -> ReportCount | None:
    """Return how many reports of the plan's newest opened period came in; ``None`` when none was opened.

    A report that was returned has not come in until it is sent again, as in the table of chasing.
    """
    period = (
        ReportPeriod.objects.filter(regime__plan=plan, opens_on__lte=on)
        .select_related("regime")
        .order_by("-cutoff", "-pk")
        .first()
    )
    if period is None:
        return None
    end = end_of(period.due)
    sums = UnitReport.objects.filter(period=period, excused="").aggregate(
        expected=Count("pk"),
        received=Count("pk", filter=Q(submitted_at__isnull=False, state__in=REPORT_WITH_FOCAL)),
        on_time=Count("pk", filter=Q(submitted_at__lt=end, state__in=REPORT_WITH_FOCAL)),
    )
    missing = sums["expected"] - sums["received"]
    return ReportCount(
        period=period,
        expected=sums["expected"],
        received=sums["received"],
        on_time=sums["on_time"],
        received_late=sums["received"] - sums["on_time"],
        missing=missing,
        overdue=missing if period.due < on else 0,
    )
