"""The demo's past: plan 82/KH-UBND of 2021 as it was issued. What its units did and reported is made up."""

from datetime import date, timedelta
from typing import Final

from khcn.engines.plans.types import PlanFile
from khcn.plan.demo_cast import FOCAL, Stage, luck, working
from khcn.plan.demo_reports import Sent, period_fill, roll_bring
from khcn.plan.enums import ItemState, TaskLevel
from khcn.plan.models import Plan, PlanVersion, ReportPeriod, WorkItem
from khcn.plan.services.batches import ItemDeed, SessionDeed, items_enter, sessions_enter
from khcn.plan.services.periods import period_close
from khcn.plan.services.plans_flow import plan_approve, plan_head_approve, plan_submit
from khcn.plan.services.plans_import import plan_import
from khcn.plan.services.progress import Entry, progress_confirm

ISSUED: Final = date(2021, 4, 12)
YEAR_END: Final = date(2021, 12, 24)
DONE: Final = "Đã hoàn thành theo kế hoạch (số liệu minh họa)."
# Sessions held in 2021 (invented): task, title, day, people
SESSIONS: Final = (
    ("II.2-b", "Phổ biến quy định về sở hữu trí tuệ (minh họa)", date(2021, 4, 27), 64),
    ("II.1.1-c", "Tập huấn đổi mới sáng tạo cho giáo viên (minh họa)", date(2021, 5, 11), 42),
    ("IV.3", "Phổ biến văn bản pháp luật mới (minh họa)", date(2021, 5, 18), 55),
    ("II.4.2.3-b", "Tập huấn phần mềm quản lý cho doanh nghiệp nhỏ (minh họa)", date(2021, 10, 6), 38),
    ("II.4.2.2-b", "Tập huấn kỹ năng thực nghiệm cho thanh niên (minh họa)", date(2021, 10, 13), 31),
)
LATE_H1: Final = {
    "ubnd-p08": 2,
    "lien-doan-lao-dong": 3,
    "ubnd-p12": 5,
}  # working days after the last day, by exception
LATE_H2: Final = {"ubnd-p08": 1, "ubnd-p03": 4}


def past_fill(stage: Stage, given: PlanFile) -> Plan:
    """Bring the plan of 2021 in, published, its work done, its two periods reported, the first one issued."""
    plan = published(stage, given, ISSUED)
    _sessions(stage, plan)
    since = ISSUED
    for code, late in (("2021-H1", LATE_H1), ("2021-H2", LATE_H2)):
        period = ReportPeriod.objects.select_related("regime").get(regime__plan=plan, code=code)
        units = [key for key in given.reporting.reporters if key != FOCAL]
        sent = [
            Sent(key, working(period.due, late[key]) if key in late else _in_time(period, key))
            for key in units
        ]
        period_fill(stage, period, sent)
        closed = working(period.due, 9)
        _work(stage, plan, since, closed)
        roll_bring(stage, period, closed, issue=True)
        period_close(actor=None, period=period, now=stage.at(closed, 16))
        since = closed
    _work(stage, plan, since, YEAR_END)
    return plan


def published(stage: Stage, given: PlanFile, day: date) -> Plan:
    """Import a plan, hand it through the offices and publish it, all on one day; the system acts."""
    version = plan_import(actor=None, plan_file=given, now=stage.at(day, 8)).version
    for hour, move in ((9, plan_submit), (10, plan_head_approve)):
        move(actor=None, version=version, now=stage.at(day, hour))
        version = PlanVersion.objects.get(pk=version.pk)
    plan_approve(actor=None, version=version, now=stage.at(day, 11))
    return Plan.objects.get(pk=version.plan_id)


def _in_time(period: ReportPeriod, key: str) -> date:
    return working(period.due, -luck(period.code, key).randrange(0, 5))


def _sessions(stage: Stage, plan: Plan) -> None:
    rows = WorkItem.objects.filter(plan=plan, unit__key=FOCAL).select_related("task", "plan", "unit")
    leads = {item.code: item for item in rows}
    deeds = [
        SessionDeed(leads[code], title, day, people, stage.at(day, 17))
        for code, title, day, people in SESSIONS
    ]
    sessions_enter(actor=None, deeds=deeds, now=stage.at(YEAR_END, 17))


def _work(stage: Stage, plan: Plan, since: date, until: date) -> None:
    """Enter and confirm what was done after ``since`` up to ``until``: a report issued then knows nothing of later work."""
    items = WorkItem.objects.filter(plan=plan).exclude(task__level=TaskLevel.REPORT)
    moves = []
    for item in items.select_related("task", "plan", "unit"):
        chance = luck("2021", item.code, item.unit.key)
        day = working(ISSUED + timedelta(days=chance.randrange(20, (YEAR_END - ISSUED).days - 1)), 1)
        if since < day <= until:
            moves.append(ItemDeed(item, Entry(ItemState.DONE, text=DONE, done_on=day), stage.at(day, 15)))
    if moves:
        items_enter(actor=None, deeds=moves, now=stage.at(until, 17))
    for deed in moves:
        item, on = deed.item, working(deed.at.date(), 2)
        progress_confirm(actor=None, item_id=item.pk, revision=item.revision, now=stage.at(on))
