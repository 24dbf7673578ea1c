"""The charts of a consolidated report: each title is its message."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.engines.plans.frozen import number
from khcn.plan.roll_words import received_sentence, share_of, targets_sentence, task_counts, unit_names
from khcn.ui.charts.model import BarItem, BulletItem, Chart, bars, bullet

MOST_BARS = 20


def _source(content: Mapping[str, Any]) -> str:
    return _("Báo cáo của các đơn vị, %(period)s") % {"period": content["period"]["title"]}


def reports_chart(content: Mapping[str, Any]) -> Chart | None:
    """Who reported in time, late, not yet."""
    counts = content["reports"]
    if not counts["expected"]:
        return None
    items = [
        (_("Đúng hạn"), counts["on_time"]),
        (_("Trễ"), counts["late"]),
        (_("Đang sửa theo ý kiến"), counts["returned"]),
        (_("Chưa gửi"), counts["missing"] + counts["pending"]),
    ]
    return bars(
        title=received_sentence(content).rstrip("."),
        unit=_("Số đơn vị"),
        source=_source(content),
        items=[
            BarItem(label=label, value=value, highlight=place == 0)
            for place, (label, value) in enumerate(items)
        ],
        label_word=_("Tình hình"),
        value_word=_("Số đơn vị"),
    )


def targets_chart(content: Mapping[str, Any]) -> Chart | None:
    """What was reached against the plan, in percent of each target."""
    rows = [row for row in content["indicators"] if (number(row["target"]) or 0) > 0]
    if not rows:
        return None
    items = []
    for row in rows[:MOST_BARS]:
        reached = share_of(row)
        value = None if reached is None else max(0.0, float(reached) * 100)
        items.append(BulletItem(label=row["title"], value=value, target=100.0))
    return bullet(
        title=targets_sentence(content).rstrip("."),
        unit=_("% của chỉ tiêu kế hoạch"),
        source=_source(content),
        items=items,
        label_word=_("Chỉ tiêu"),
        value_word=_("Đạt (%)"),
        target_word=_("Kế hoạch (%)"),
    )


def tasks_chart(content: Mapping[str, Any]) -> Chart | None:
    """How far the work given out is."""
    counts = task_counts(content)
    if not counts["units"]:
        return None
    late = counts["late"]
    items = [
        BarItem(label=_("Hoàn thành"), value=counts["done"], highlight=True),
        BarItem(label=_("Đang thực hiện"), value=counts["doing"]),
        BarItem(label=_("Chưa thực hiện"), value=counts["todo"]),
        BarItem(label=_("Trong đó quá hạn"), value=late),
    ]
    return bars(
        title=_("Đã hoàn thành %(done)s/%(units)s việc đã giao") % counts,
        unit=_("Số việc"),
        source=_("Theo dõi kế hoạch đến ngày %(day)s")
        % {"day": "/".join(reversed(content["as_of"].split("-")))},
        items=items,
        label_word=_("Trạng thái"),
        value_word=_("Số việc"),
    )


def roll_charts(content: Mapping[str, Any]) -> dict[str, Chart]:
    """Return the charts of a report by the part that they belong to, those that have something to show."""
    made = {
        "reports": reports_chart(content),
        "targets": targets_chart(content),
        "tasks": tasks_chart(content),
    }
    return {part: chart for part, chart in made.items() if chart is not None}


def units_chart(content: Mapping[str, Any], code: str) -> Chart | None:
    """One indicator by unit, the largest first; units without a figure are hatched."""
    row = next((one for one in content["indicators"] if one["code"] == code), None)
    if row is None:
        return None
    values = {entry["unit"]: number(entry["value"]) for entry in content["rows"].get(code, [])}
    names = unit_names(content)
    known = sorted(
        ((names[unit], value) for unit, value in values.items() if unit in names and value is not None),
        key=lambda pair: -pair[1],
    )
    if not known:
        return None
    best, most = known[0]
    return bars(
        title=_("%(unit)s đứng đầu: %(title)s") % {"unit": best, "title": row["title"].lower()},
        unit=row["unit"] or _("Giá trị"),
        source=_source(content),
        items=[
            BarItem(label=name, value=float(value), highlight=value == most)
            for name, value in known[:MOST_BARS]
        ],
        label_word=_("Đơn vị"),
        value_word=row["unit"] or _("Giá trị"),
    )
