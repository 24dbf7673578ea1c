"""A consolidated report in sentences and numbers for people: the same words on pages, on paper and in messages."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi, percent_vi
from khcn.engines.plans.consolidate import change, share
from khcn.engines.plans.frozen import number
from khcn.plan.enums import Aggregate

MISSING = "–"


def shown(value: object, decimals: int) -> str:
    """Return a figure with at least its digits after the comma; a dash when it is missing."""
    exact = value if isinstance(value, Decimal) else number(value)
    if exact is None:
        return MISSING
    places = max(decimals, min(2, max(0, -int(exact.normalize().as_tuple().exponent))))
    return number_vi(exact, places)


def value_words(row: Mapping[str, Any], *, unit: bool = False) -> str:
    """Return the total of an indicator."""
    text = shown(row["value"], row["decimals"])
    return f"{text}\u00a0{row['unit']}" if unit and row["unit"] and row["value"] is not None else text


def change_of(row: Mapping[str, Any]) -> Decimal | None:
    """Return the change against the period before."""
    return change(number(row["value"]), number(row["previous"]))


def change_words(row: Mapping[str, Any]) -> str:
    """Return the change with its sign."""
    delta = change_of(row)
    if delta is None:
        return MISSING
    text = shown(abs(delta), row["decimals"])
    return text if delta == 0 else f"{'+' if delta > 0 else '-'}{text}"


def share_of(row: Mapping[str, Any]) -> Decimal | None:
    """Return which share of the plan's target was reached."""
    return share(number(row["value"]), number(row["target"]))


def share_words(row: Mapping[str, Any], decimals: int = 1) -> str:
    """Return the share of the target, a dash without a target."""
    reached = share_of(row)
    return MISSING if reached is None else percent_vi(reached, decimals)


def aggregate_words(row: Mapping[str, Any]) -> str:
    """Return how the figures of the units became one."""
    return str(Aggregate(row["aggregate"]).label)


def day_words(text: str | None) -> str:
    """Return an ISO day as people write it."""
    return date_vi(date.fromisoformat(text)) if text else MISSING


def unit_names(content: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of the units as they were called in that period."""
    return {unit["id"]: unit["name"] for unit in content["units"]}


def received_sentence(content: Mapping[str, Any]) -> str:
    """Return how many units reported."""
    counts = content["reports"]
    if not counts["expected"]:
        return _("Chưa có đơn vị nào phải báo cáo trong kỳ này.")
    text = _("Đã có %(received)s/%(expected)s đơn vị gửi báo cáo") % counts
    parts = []
    if counts["received"]:
        parts.append(_("%(on_time)s đúng hạn") % counts)
        if counts["late"]:
            parts.append(_("%(late)s trễ") % counts)
    if counts["returned"]:
        parts.append(_("%(returned)s đang sửa theo ý kiến") % counts)
    return f"{text} ({', '.join(parts)})." if parts else f"{text}."


def missing_names(content: Mapping[str, Any]) -> list[str]:
    """Return the units whose report did not come in."""
    return [unit["name"] for unit in content["units"] if unit["time"] in ("missing", "pending", "returned")]


def targets_sentence(content: Mapping[str, Any]) -> str:
    """Return how many targets of the plan were reached; empty without targets."""
    reached = [share_of(row) for row in content["indicators"] if row["target"] is not None]
    if not reached:
        return ""
    done = sum(1 for one in reached if one is not None and one >= 1)
    return _("Đã đạt kế hoạch %(done)s/%(count)s chỉ tiêu có giao số lượng.") % {
        "done": done,
        "count": len(reached),
    }


def task_counts(content: Mapping[str, Any]) -> dict[str, int]:
    """Return the work items of the plan by state; ``tasks``: how many tasks, ``finished``: done by all their units."""
    tasks = content["tasks"]
    counts = {key: sum(task[key] for task in tasks) for key in ("units", "done", "doing", "todo", "late")}
    finished = sum(1 for task in tasks if task["units"] and task["done"] == task["units"])
    return {**counts, "tasks": len(tasks), "finished": finished}


def tasks_sentence(content: Mapping[str, Any]) -> str:
    """Return how far the plan is."""
    counts = task_counts(content)
    if not counts["tasks"]:
        return ""
    if not counts["units"]:
        return _("Kế hoạch có %(tasks)s nhiệm vụ, chưa giao việc cho đơn vị nào.") % counts
    text = _(
        "Đã hoàn thành ở mọi đơn vị %(finished)s/%(tasks)s nhiệm vụ; trong %(units)s việc đã giao, %(done)s việc xong, "
        "%(doing)s việc đang làm, %(todo)s việc chưa bắt đầu"
    )
    if counts["late"]:
        text += _(", trong đó %(late)s việc quá hạn")
    return text % counts + "."


def filled_sentence(content: Mapping[str, Any]) -> str:
    """Return how many rows of the number form have a total, and from how many recorded rows."""
    rows: Sequence[Mapping[str, Any]] = content["indicators"]
    if not rows:
        return ""
    return _("Có số liệu ở %(filled)s/%(count)s chỉ tiêu, từ %(sources)s dòng ghi nhận trong hệ thống.") % {
        "filled": sum(1 for row in rows if row["value"] is not None),
        "count": len(rows),
        "sources": number_vi(sum(row["source_rows"] for row in rows)),
    }
