"""What the percentage of a work item is worked out from: steps, and the value of the indicator its target counts."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from khcn.core.indicators import Period, indicators
from khcn.plan.enums import PercentRule, ReportState
from khcn.plan.models import PlanIndicator, ReportFigure, WorkItem
from khcn.plan.rules.progress import Facts, percent_of

_HANDED_IN = (ReportState.APPROVED, ReportState.ACCEPTED)


def item_percent(item: WorkItem, *, typed: int, on: date) -> int:
    """Return the percentage of ``item`` in the state it has now; ``typed``: what the unit says."""
    return percent_of(facts_of(item, typed=typed, on=on))


def facts_of(item: WorkItem, *, typed: int, on: date) -> Facts:
    """Return what the percentage of ``item`` is worked out from."""
    task = item.task
    steps = {"all": 0, "done": 0}
    if task.percent_rule == PercentRule.STEPS:
        steps = item.steps.aggregate(all=Count("pk"), done=Count("pk", filter=Q(done_on__isnull=False)))
    value = indicator_value(item, on) if task.percent_rule == PercentRule.INDICATOR else None
    return Facts(
        rule=task.percent_rule,
        state=item.state,
        typed=typed,
        steps_done=steps["done"],
        steps=steps["all"],
        value=value,
        target=task.target,
    )


def indicator_value(item: WorkItem, on: date) -> Decimal | None:
    """Return what the item's unit has reached of the indicator its target counts, from the plan's first day to ``on``.

    From recorded activity when the indicator has a source; otherwise what the unit reported in reports that were sent.
    """
    code, period = item.task.target_indicator, _period(item, on)
    if not code or period is None:
        return None
    known = PlanIndicator.objects.filter(code=code).first()
    source = known.source if known is not None and known.source else code
    if source in indicators:
        asked = indicators.get(source)
        return asked.figure(period=period, unit_ids=[item.unit_id], reader=None).value
    if known is None:
        return None
    figures = ReportFigure.objects.filter(
        indicator=known,
        report__unit_id=item.unit_id,
        report__state__in=_HANDED_IN,
        report__period__cutoff__range=(period.start, period.end),
    )
    total: Decimal | None = figures.aggregate(total=Sum("value"))["total"]
    return total


def _period(item: WorkItem, on: date) -> Period | None:
    start = item.task.starts_on or item.plan.starts_on
    if start is None and item.plan.year:
        start = date(item.plan.year, 1, 1)
    if start is None:
        start = on - timedelta(days=365)
    end = min(day for day in (on, item.plan.ends_on) if day is not None)
    return Period(start, end) if end >= start else None
