"""A published plan in words for everybody: figures, a chart by part, sections with their tasks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.plan.models import Section, Task
from khcn.plan.selectors.plans_public import PublicPlan
from khcn.plan.selectors.progress import Tally
from khcn.plan.tables.plans import work_state
from khcn.ui.charts.model import BarItem, Chart, bars
from khcn.ui.formats import format_number
from khcn.ui.parts import State


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure."""

    value: str
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PublicTask:
    """A task as the public reads it."""

    task: Task
    state: State | str
    lead: str
    helpers: Sequence[str]
    due: str
    results: Sequence[tuple[str, str]]


@dataclass(slots=True)
class PublicBlock:
    """A section with its tasks and how far they are. ``level``: 2 or 3."""

    section: Section | None
    level: int
    tally: Tally | None = None
    tasks: list[PublicTask] = field(default_factory=list)


def public_tiles(tally: Tally) -> list[Tile]:
    """Return the figures at the top."""
    share = tally.share_on_time
    tiles = [
        Tile(format_number(tally.items), _("việc của các đơn vị")), Tile(format_number(tally.done), _("đã hoàn thành")),
        Tile(format_number(tally.late), _("quá hạn")),
    ]  # fmt: skip
    if share is not None:
        tiles.append(Tile(format_number(round(share * 100)), _("đúng hạn, trong số việc đã đến hạn"), "%"))
    return tiles


def progress_chart(found: PublicPlan) -> Chart | None:
    """Return the share of finished work by section, ``None`` before there is work in two sections."""
    items = [
        BarItem(
            label=f"{one.ref}. {_short(one.title)}" if one.ref else _("Khác"),
            value=round(100 * one.tally.done / one.tally.items),
        )
        for one in found.progress.sections
        if one.tally.items
    ]
    overall = found.progress.overall
    if len(items) < 2 or not overall.done:
        return None
    said = _("Đã xong %(done)s trong %(items)s việc") % {
        "done": format_number(overall.done),
        "items": format_number(overall.items),
    }
    source = _("Tiến độ các đơn vị ghi nhận đến %(day)s") % {"day": date_vi(found.on)}
    return bars(title=said, unit=_("Phần trăm việc đã hoàn thành, theo mục"), source=source, items=items)


def _short(title: str, most: int = 42) -> str:
    if len(title) <= most:
        return title
    head = title[: most + 1]
    return head[: head.rfind(" ")] + "…"


def public_blocks(found: PublicPlan) -> list[PublicBlock]:
    """Return the sections that have tasks, and the parts above them, in the plan's order."""
    tallies = {one.ref: one.tally for one in found.progress.sections}
    by_section: dict[int | None, list[PublicTask]] = {}
    for task in found.tasks:
        by_section.setdefault(task.section_id, []).append(_task(found, task))
    wanted = {task.section.ref for task in found.tasks if task.section}
    blocks = [
        PublicBlock(one, 2 if "." not in one.ref else 3, tallies.get(one.ref), by_section.pop(one.pk, []))
        for one in found.sections
        if any(ref == one.ref or ref.startswith(f"{one.ref}.") for ref in wanted)
    ]
    rest = [task for rows in by_section.values() for task in rows]
    return [*blocks, PublicBlock(None, 2, None, rest)] if rest else blocks


def _task(found: PublicPlan, task: Task) -> PublicTask:
    return PublicTask(
        task, work_state(found.tallies.get(task.code)), task.lead.name if task.lead else "",
        [one.unit.name for one in task.cooperating.all()], date_vi(task.deadline), found.results.get(task.code, ()),
    )  # fmt: skip
