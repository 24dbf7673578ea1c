"""The leadership's page in words: figures that lead to their lists, late units and tasks, one chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi, percent_vi
from khcn.plan.models import Plan
from khcn.plan.selectors.progress import PlanProgress, Tally, UnitStatus
from khcn.plan.selectors.progress_lead import LateTask, Leadership, ReportCount
from khcn.plan.selectors.progress_money import MoneySums
from khcn.plan.tables.progress import late_words
from khcn.ui.charts.stacked import Part, Stacked, StackedLine, stacked
from khcn.ui.formats import format_number
from khcn.ui.parts import Tone

MILLION = 1_000_000
SHOWN = 6  # late units and tasks on the screen; paper shows all


@dataclass(frozen=True, slots=True)
class Tile:
    """One large figure; ``url``: where its rows are listed."""

    value: str
    unit: str
    label: str
    url: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class LateLine:
    """One late unit or task."""

    rank: int
    name: str
    url: str
    figure: str
    since: str
    share: str = ""


def items_address(plan: Plan, **asked: object) -> str:
    """Return the list of items of ``plan`` with filters: ``standing unit section code``."""
    names = {"standing": "tinh-trang", "unit": "don-vi", "section": "muc", "code": "ma"}
    query = {"ke-hoach": plan.pk} | {
        names[key]: value for key, value in asked.items() if value not in (None, "")
    }
    return f"{reverse('plan-desk:progress-items')}?{urlencode(query)}"


def headline(found: Leadership) -> str:
    """Return the page's message as one sentence."""
    tally = found.progress.overall
    words = {
        "late": format_number(tally.late),
        "units": format_number(len(found.late_units)),
        "all": format_number(tally.items),
    }
    if not tally.items:
        return _("Kế hoạch này chưa có việc nào được giao.")
    if tally.late:
        return _("%(late)s trong %(all)s việc đang quá hạn, ở %(units)s đơn vị.") % words
    return _("Không có việc nào quá hạn trong %(all)s việc.") % words


def work_tiles(found: Leadership) -> list[Tile]:
    """Return the figures of the work."""
    tally, plan = found.progress.overall, found.plan
    return [
        Tile(format_number(tally.late), "", _("việc quá hạn"), items_address(plan, standing="tre"), "bad" if tally.late else "good"),
        Tile(format_number(tally.on_time), f"/ {format_number(tally.items)}", _("xong đúng hạn"), items_address(plan, standing="xong-dung-han")),
        Tile(format_number(tally.done_late), "", _("xong trễ"), items_address(plan, standing="xong-tre")),
        Tile(format_number(tally.in_work), "", _("chưa xong, còn hạn"), items_address(plan, standing="trong-han")),
    ]  # fmt: skip


def money_tiles(money: MoneySums | None, plan: Plan) -> list[Tile]:
    """Return the figures of the money in millions; none where nothing was estimated."""
    if money is None or not money.lines:
        return []
    link = money_address(plan)
    return [
        Tile(
            _millions(money.paid),
            f"/ {_millions(money.allocated)}",
            _("triệu đồng đã giải ngân trên đã giao"),
            link,
        ),
        Tile(_millions(money.committed), "", _("triệu đồng đã cam kết chi"), link),
        Tile(_millions(money.estimated), "", _("triệu đồng dự toán"), link),
    ]


def money_words(money: MoneySums | None) -> str:
    """Return the exact sums as a sentence."""
    if money is None or not money.lines:
        return ""
    share = percent_vi(money.paid_share, 0) if money.paid_share is not None else ""
    text = _("Đã giao %(allocated)s, đã giải ngân %(paid)s") % {
        "allocated": money_vi(money.allocated), "paid": money_vi(money.paid),
    }  # fmt: skip
    return f"{text} ({share})." if share else f"{text}."


def _millions(amount: object) -> str:
    return format_number(round(float(str(amount)) / MILLION, 1))


def money_address(plan: Plan) -> str:
    """Return the page of the money."""
    year = f"?nam={plan.year}" if plan.year else ""
    return reverse("plan-desk:money") + year


def report_tiles(reports: ReportCount | None) -> list[Tile]:
    """Return the figures of the newest period of reports."""
    if reports is None:
        return []
    link = _period_address(reports)
    missing_label = _("chưa nộp, đã quá hạn") if reports.overdue else _("chưa nộp, còn hạn")
    return [
        Tile(
            format_number(reports.received),
            f"/ {format_number(reports.expected)}",
            _("báo cáo đã nhận"),
            link,
        ),
        Tile(format_number(reports.on_time), "", _("nộp đúng hạn"), link),
        Tile(format_number(reports.received_late), "", _("nộp trễ"), link),
        Tile(
            format_number(reports.missing), "", missing_label, link, "bad" if reports.overdue else "neutral"
        ),
    ]


def _period_address(reports: ReportCount) -> str:
    return reverse("plan-desk:chasing-period", args=[reports.period.pk])


def late_unit_lines(found: Leadership, most: int = SHOWN) -> list[LateLine]:
    """Return the units with late items, the worst first."""
    return [_unit_line(number, unit, found) for number, unit in enumerate(found.late_units[:most], start=1)]


def _unit_line(number: int, unit: UnitStatus, found: Leadership) -> LateLine:
    share = unit.tally.share_on_time
    return LateLine(
        rank=number,
        name=unit.unit_name,
        url=items_address(found.plan, standing="tre", unit=unit.unit_id),
        figure=_("%(late)s/%(all)s việc") % {"late": unit.tally.late, "all": unit.tally.items},
        since=late_words(unit.oldest_due, found.on, found.calendar) if unit.oldest_due else "",
        share="" if share is None else percent_vi(share, 0),
    )


def late_task_lines(found: Leadership, most: int = SHOWN) -> list[LateLine]:
    """Return the late tasks, those late in most units first."""
    return [_task_line(number, task, found) for number, task in enumerate(found.late_tasks[:most], start=1)]


def _task_line(number: int, task: LateTask, found: Leadership) -> LateLine:
    figure = "" if task.units == 1 else _("%(late)s/%(all)s đơn vị") % {"late": task.late, "all": task.units}
    return LateLine(
        rank=number, name=f"{task.code} {task.title}", url=items_address(found.plan, standing="tre", code=task.code),
        figure=figure, since=late_words(task.oldest_due, found.on, found.calendar),
    )  # fmt: skip


def section_chart(found: Leadership) -> Stacked | None:
    """Return the one chart: every section's items by how they stand."""
    progress = found.progress
    if not progress.overall.items:
        return None
    parts = [
        Part(label=_("Xong đúng hạn"), tone="good"),
        Part(label=_("Xong trễ"), tone="good", hatched=True),
        Part(label=_("Chưa xong, còn hạn"), tone="neutral"),
        Part(label=_("Quá hạn"), tone="bad", hatched=True),
    ]
    lines = [
        StackedLine(
            label=f"{section.ref}. {section.title}" if section.ref else _("Ngoài các mục"),
            counts=_counts(section.tally), url=items_address(found.plan, section=section.ref),
        )
        for section in progress.sections
    ]  # fmt: skip
    return stacked(
        title=_chart_title(progress), unit=_("Số việc của các đơn vị, theo mục của kế hoạch"),
        source=_("Tiến độ các đơn vị ghi, đến ngày %(day)s") % {"day": date_vi(found.on)},
        label_word=_("Mục"), parts=parts, lines=lines,
    )  # fmt: skip


def _counts(tally: Tally) -> Sequence[int]:
    return (tally.on_time, tally.done_late, tally.in_work, tally.late)


def _chart_title(progress: PlanProgress) -> str:
    worst = max(progress.sections, key=lambda section: section.tally.late)
    if worst.tally.late:
        return _("Mục %(ref)s có nhiều việc quá hạn nhất") % {"ref": worst.ref or _("ngoài kế hoạch")}
    done = progress.overall.done
    return _("%(done)s trong %(all)s việc đã xong, không việc nào quá hạn") % {
        "done": format_number(done), "all": format_number(progress.overall.items),
    }  # fmt: skip
