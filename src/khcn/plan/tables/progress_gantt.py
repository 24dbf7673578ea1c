"""The plan over time: one line a task, or one a unit's item."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.plan.models import Plan
from khcn.plan.selectors.progress_gantt import TaskSpan
from khcn.ui.charts.gantt import Gantt, GanttLine, gantt
from khcn.ui.parts import State


def task_state(span: TaskSpan, on: date, soon: date) -> State:
    """Return how a task stands over all its units; late speaks before everything."""
    tally = span.tally
    if tally.late:
        text = ngettext("Quá hạn ở %(late)s/%(all)s đơn vị", "Quá hạn ở %(late)s/%(all)s đơn vị", tally.late)
        words = {"late": tally.late, "all": tally.items}
        return State(label=_("Quá hạn") if tally.items == 1 else text % words, tone="bad")
    if tally.items and tally.done == tally.items:
        return State(label=_("Hoàn thành"), tone="good")
    if tally.items and span.due is not None and on <= span.due <= soon:
        return State(label=_("Sắp đến hạn"), tone="watch")
    if tally.doing or tally.done:
        return State(label=_("Đang thực hiện"), tone="info")
    return State(label=_("Chưa thực hiện") if tally.items else _("Chưa giao"), tone="neutral")


def plan_gantt(plan: Plan, spans: Sequence[TaskSpan], on: date, soon: date, unit_id: int | None) -> Gantt:
    """Return the picture of a plan; ``spans`` in the plan's order."""
    starts = [day for span in spans for day in (span.start,) if day] + (
        [plan.starts_on] if plan.starts_on else []
    )
    ends = [day for span in spans for day in (span.due,) if day] + ([plan.ends_on] if plan.ends_on else [])
    year = plan.year or on.year
    lines = [
        GanttLine(
            label=f"{span.code} {span.title}",
            start=span.start or plan.starts_on,
            end=span.due,
            percent=span.tally.percent,
            state=task_state(span, on, soon),
            url=_address(plan, span.code, unit_id),
            group=span.section,
            detail=_detail(span),
        )
        for span in spans
    ]
    title = _("%(plan)s theo thời gian") % {"plan": plan}
    first, last = min(starts, default=date(year, 1, 1)), max(ends, default=date(year, 12, 31))
    return gantt(title, lines, start=first, end=max(first, last), today=on)


def _address(plan: Plan, code: str, unit_id: int | None) -> str:
    asked = {"ke-hoach": plan.pk, "ma": code} | ({"don-vi": unit_id} if unit_id else {})
    return f"{reverse('plan-desk:progress-items')}?{urlencode(asked)}"


def _detail(span: TaskSpan) -> str:
    if span.tally.items <= 1:
        return span.unit
    words = {"done": span.tally.done, "all": span.tally.items}
    return _("%(done)s/%(all)s đơn vị đã xong") % words
