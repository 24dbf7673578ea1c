"""Sums of progress: by section, by unit, and what the plan offers to the other rooms."""

from datetime import UTC, date, datetime, timedelta

import pytest

from khcn.core.indicators import Period, indicators
from khcn.core.references import Reference, find_references, resolve_many
from khcn.orgs.enums import Role
from khcn.plan.enums import EvidenceKind, ItemState, ReportState
from khcn.plan.models import Section, TaskUnit
from khcn.plan.selectors.progress import late_items, plan_progress, ranked, unit_status
from khcn.plan.selectors.progress_lead import report_count
from khcn.plan.selectors.progress_own import Asked, own_work
from khcn.plan.services.progress_evidence import Proof, evidence_add
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import (
    NOW,
    TODAY,
    People,
    make_group,
    make_item,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db
PAST, AHEAD = TODAY - timedelta(days=10), TODAY + timedelta(days=30)


def test_sums_by_section_add_up() -> None:
    plan = make_plan()
    first = plan.versions.get().sections.get()
    second = Section.objects.create(version=first.version, ref="II.2", title="Mục hai", order=2)
    task, other = make_task(plan), make_task(plan)
    other.section = second
    other.save()
    loose = make_task(plan)
    loose.section = None
    loose.save()
    make_item(task, due=PAST)
    make_item(task, unit=make_unit(), due=PAST, state=ItemState.DONE, done_on=PAST, percent=100)
    make_item(task, unit=make_unit(), due=PAST, state=ItemState.DONE, done_on=TODAY, percent=100)
    make_item(task, unit=make_unit(), due=PAST, state=ItemState.DROPPED)
    make_item(other, due=AHEAD, state=ItemState.DOING, percent=50)
    make_item(loose, due=None)
    found = plan_progress(plan, TODAY)
    assert [(section.ref, section.tally.items) for section in found.sections] == [
        ("II.1", 3),
        ("II.2", 1),
        ("", 1),
    ]
    tally = found.overall
    assert (tally.items, tally.todo, tally.doing, tally.done) == (5, 2, 1, 2)
    assert (tally.late, tally.done_late, tally.on_time, tally.in_work, tally.percent) == (1, 1, 1, 2, 50)
    assert tally.share_on_time == pytest.approx(1 / 3)
    assert tally.items == tally.on_time + tally.done_late + tally.in_work + tally.late
    assert plan_progress(make_plan(), TODAY).overall.items == 0


def test_lateness_is_about_the_day_asked() -> None:
    plan = make_plan()
    item = make_item(make_task(plan), due=date(2026, 6, 1))
    assert plan_progress(plan, date(2026, 6, 1)).overall.late == 0
    assert plan_progress(plan, date(2026, 6, 2)).overall.late == 1
    assert list(late_items(date(2026, 6, 1))) == []
    assert list(late_items(date(2026, 6, 2))) == [item]


def test_units_are_ranked_by_what_is_late() -> None:
    plan, quick, slow, slower = make_plan(), make_unit("A"), make_unit("B"), make_unit("C")
    tasks = [make_task(plan) for _number in range(3)]
    make_item(tasks[0], unit=quick, due=AHEAD)
    make_item(tasks[0], unit=slow, due=PAST)
    for task in tasks[:2]:
        make_item(task, unit=slower, due=PAST)
    make_item(tasks[2], unit=slow, due=TODAY - timedelta(days=90), state=ItemState.DONE, done_on=PAST)
    rows = unit_status(plan, TODAY)
    assert {row.unit_name: row.tally.late for row in rows} == {"A": 0, "B": 1, "C": 2}
    assert [row.unit_name for row in ranked(rows)] == ["C", "B"]
    assert next(row for row in rows if row.unit_name == "B").oldest_due == PAST


def test_own_work_is_apart_from_helping() -> None:
    people, plan = People(), make_plan()
    group = make_group("Khối phường", [people.unit, make_unit()])
    mine = make_item(make_task(plan, lead=people.unit))
    helped = make_item(make_task(plan))
    TaskUnit.objects.create(task=helped.task, unit=group)
    spread = make_task(
        plan, fan_out=True
    )  # every member has an own item: those of others are not mine to help with
    TaskUnit.objects.create(task=spread, unit=group)
    own_part, others_part = make_item(spread, unit=people.unit), make_item(spread, unit=make_unit())
    found = own_work(people.reporter, Asked(), TODAY)
    assert set(found.lead) == {mine, own_part}
    assert list(found.helping) == [helped]
    assert others_part not in set(found.helping)
    lead = make_member(Role.UNIT_REPORTER, spread.lead)
    ((task, tally),) = own_work(lead, Asked(), TODAY).led
    assert (task, tally.items) == (spread, 2)


def test_late_reports_count_by_the_end_of_the_day_here() -> None:
    plan = make_plan()
    period = make_period(make_regime([], plan=plan), due=date(2026, 6, 1))
    last_minute = datetime(2026, 6, 1, 16, 59, tzinfo=UTC)  # 23:59 in Viet Nam
    past = datetime(2026, 6, 1, 17, 1, tzinfo=UTC)
    make_report(period, make_unit(), state=ReportState.APPROVED, submitted_at=last_minute)
    make_report(period, make_unit(), state=ReportState.ACCEPTED, submitted_at=past)
    make_report(period, make_unit(), state=ReportState.RETURNED, submitted_at=last_minute)  # not there now
    make_report(period, make_unit())
    found = report_count(plan, date(2026, 6, 3))
    assert found is not None
    assert (
        found.expected,
        found.received,
        found.on_time,
        found.received_late,
        found.missing,
        found.overdue,
    ) == (4, 2, 1, 1, 2, 2)
    assert report_count(plan, date(2026, 4, 1)) is None  # not opened yet


def test_sessions_are_figures_of_reports() -> None:
    people = People()
    item = make_item(make_task(make_plan(), lead=people.unit))
    for people_count, day in ((30, date(2026, 5, 1)), (12, date(2026, 5, 20)), (99, date(2026, 4, 30))):
        proof = Proof(EvidenceKind.SESSION, title="Buổi", held_on=day, people=people_count)
        evidence_add(actor=people.reporter, item_id=item.pk, proof=proof, now=NOW)
    asked = {
        "period": Period(date(2026, 5, 1), date(2026, 5, 31)),
        "unit_ids": [people.unit.pk],
        "reader": None,
    }
    held, seen = (
        indicators.get("plan.sessions_held").figure(**asked),
        indicators.get("plan.session_people").figure(**asked),
    )  # type: ignore[arg-type]
    assert (held.value, seen.value) == (2, 42)
    assert held.sources == (Reference("plan.workitem", str(item.pk)),)
    asked["unit_ids"] = [make_unit().pk]
    assert indicators.get("plan.sessions_held").figure(**asked).value == 0  # type: ignore[arg-type]


def test_references_obey_the_reader() -> None:
    people = People()
    shown = make_item(make_task(make_plan(), lead=people.unit, title="Tập huấn thử"))
    hidden = make_item(make_task(make_plan(state="draft"), title="Tập huấn nháp"))
    asked = [Reference("plan.workitem", str(shown.pk)), Reference("plan.workitem", str(hidden.pk)),
             Reference("plan.task", str(shown.task_id)), Reference("plan.workitem", "không phải số")]  # fmt: skip
    inside, outside = resolve_many(asked, people.reporter), resolve_many(asked, make_member(Role.EDITOR))
    assert set(inside) == set(asked[:3])
    assert set(outside) == {asked[0], asked[2]}
    assert inside[asked[0]].address
    assert not outside[asked[0]].address
    assert [
        found.reference for found in find_references("plan.workitem", "tap huan thu", people.reporter)
    ] == [asked[0]]
    assert [found.reference for found in find_references("plan.task", "TẬP HUẤN", people.reporter)] == [
        asked[2]
    ]
