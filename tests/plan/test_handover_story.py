"""The plan when units follow one another: items, money, reports and communication work go over, the past stays."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from khcn.orgs.decisions import decisions_from
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.orgs.services.decisions import decisions_due, decisions_preview, decisions_record
from khcn.orgs.unit_time import carried_unit_ids, members_on
from khcn.plan.enums import (
    EntryKind,
    EntryState,
    EstimateState,
    ItemState,
    PartState,
    PercentRule,
    ReportState,
    TaskLevel,
)
from khcn.plan.models import (
    BudgetLine,
    EventPart,
    Evidence,
    MoneyEntry,
    Outreach,
    ProgressNote,
    TaskUnit,
    UnitReport,
    WorkItem,
    WorkStep,
)
from khcn.plan.selectors.expected import expected_units
from khcn.plan.selectors.progress_item import cooperating_units
from khcn.plan.selectors.progress_own import helping_items
from khcn.plan.services.prefill import covered_units
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import (
    make_campaign,
    make_estimate,
    make_event,
    make_group,
    make_indicator,
    make_item,
    make_line,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db
JULY_1, JUNE_30 = date(2026, 7, 1), date(2026, 6, 30)
EVE = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # 23:00 on 30 June in Viet Nam
MORNING = datetime(2026, 6, 30, 17, 5, tzinfo=UTC)  # 00:05 on 1 July
SUMS = ("estimated", "allocated", "committed", "paid", "settled")


def wards(*keys: str) -> list[Unit]:
    return [make_unit(f"Phường {key.upper()}", key=key) for key in keys]


def merge(sources: list[str], target: str, **more: Any) -> dict[str, Any]:
    moves = [{"from": sources, "to": target}]
    return {"number": "1/NQ", "effective": str(JULY_1), "kind": "merge", "moves": moves, **more}


def record(decision: dict[str, Any], *, now: datetime = MORNING) -> Any:
    today = now.astimezone(UTC).date() if now is EVE else JULY_1
    decisions = decisions_from({"decision": [decision]})
    return decisions_record(actor=None, today=today, now=now, decisions=decisions)[0]


def rows(*models: Any) -> list[Any]:
    return [row for model in models for row in model.objects.order_by("pk").values()]


EVERYTHING = (WorkItem, WorkStep, ProgressNote, BudgetLine, MoneyEntry, UnitReport, EventPart)


def money() -> dict[str, Decimal]:
    return BudgetLine.objects.aggregate(**{name: Sum(name) for name in SUMS})


# Work items


def test_open_items_go_over_and_done_ones_stay() -> None:
    a, b, new = wards("a", "b", "moi")
    plan = make_plan()
    task, other = make_task(plan), make_task(plan)
    first = make_item(
        task, unit=a, state=ItemState.DOING, percent=50, started_on=date(2026, 3, 1), difficulties="thiếu loa"
    )
    second = make_item(task, unit=b)
    done = make_item(other, unit=a, state=ItemState.DONE, percent=100, unit_name=a.name)
    ProgressNote.objects.create(
        item=first, unit=a, unit_name=a.name, at=EVE, state="doing", percent=50, text="đã phát loa"
    )
    Evidence.objects.create(
        item=first, unit=a, kind="session", title="Buổi nói chuyện", people=30, added_at=EVE
    )

    report = record(merge(["a", "b"], "moi"))
    assert {one.thing.label for one in report.things} == {f"{task.code} {task.title}"}
    item = WorkItem.objects.get(unit=new)
    assert (item.state, item.percent, item.started_on) == (ItemState.DOING, 50, date(2026, 3, 1))
    assert item.difficulties == "Phường A: thiếu loa"
    for old in (first, second):
        old.refresh_from_db()
        assert (old.state, old.handed_to, old.unit_name) == (ItemState.HANDED_OVER, item, old.unit.name)
    assert set(item.taken_from.all()) == {first, second}
    assert first.notes.filter(text="đã phát loa").exists()  # the past is where it was written
    assert first.evidence.get().people == 30
    done.refresh_from_db()
    assert (done.state, done.unit, done.handed_to) == (ItemState.DONE, a, None)
    assert report.outcome == {"plan.items": 2, "plan.items_merged": 1}


def test_joining_an_item_that_was_done_opens_it_again() -> None:
    a, stays = wards("a", "b")
    task = make_task(make_plan())
    make_item(task, unit=a)
    mine = make_item(task, unit=stays, state=ItemState.DONE, percent=100, done_on=date(2026, 4, 1))
    record(merge(["a"], "b"))
    mine.refresh_from_db()
    assert (mine.state, mine.percent, mine.done_on, mine.revision) == (ItemState.DOING, 50, None, 1)


def test_steps_come_together_and_count_again() -> None:
    a, b, _new = wards("a", "b", "moi")
    task = make_task(make_plan(), percent_rule=PercentRule.STEPS)
    for unit, done in ((a, {"In tờ rơi", "Phát tờ rơi"}), (b, {"In tờ rơi"})):
        item = make_item(task, unit=unit, state=ItemState.DOING)
        for order, title in enumerate(("In tờ rơi", "Phát tờ rơi"), start=1):
            WorkStep.objects.create(
                item=item, order=order, title=title, done_on=JUNE_30 if title in done else None
            )
    record(merge(["a", "b"], "moi"))
    item = WorkItem.objects.get(unit__key="moi")
    assert [(step.title, bool(step.done_on)) for step in item.steps.all()] == [
        ("In tờ rơi", True),
        ("Phát tờ rơi", False),
    ]
    assert item.percent == 50


def test_a_split_hands_each_thing_to_the_named_one() -> None:
    old, one, two = wards("cu", "mot", "hai")
    plan = make_plan()
    books, loud = make_task(plan), make_task(plan)
    make_item(books, unit=old), make_item(loud, unit=old)
    line = make_line(make_estimate(), old)
    record(
        {
            "number": "2/QĐ", "effective": str(JULY_1), "kind": "split",
            "moves": [{"from": ["cu"], "to": ["mot", "hai"], "default": "mot"}],
            "exceptions": {f"task:{loud.code}": "hai", f"plan.budgetline:{line.pk}": "hai"},
        }
    )  # fmt: skip
    assert {row.code: row.unit for row in WorkItem.objects.exclude(unit=old)} == {
        books.code: one,
        loud.code: two,
    }
    assert BudgetLine.objects.exclude(unit=old).get().unit == two


def test_a_unit_that_lives_on_keeps_what_nobody_names() -> None:
    old, part = wards("cu", "tach")
    plan = make_plan()
    stays, goes = make_task(plan), make_task(plan)
    make_item(stays, unit=old), make_item(goes, unit=old)
    period = make_period(
        make_regime([old]),
        starts_on=date(2026, 5, 26),
        cutoff=date(2026, 10, 25),
        due=date(2026, 11, 2),
        opened_at=EVE,
    )
    report = make_report(period, old)
    record(
        {
            "number": "3/QĐ", "effective": str(JULY_1), "kind": "split",
            "moves": [{"from": ["cu"], "to": "tach", "ends": False}], "exceptions": {f"task:{goes.code}": "tach"},
        }
    )  # fmt: skip
    assert {row.code: row.unit for row in WorkItem.objects.filter(state=ItemState.TODO)} == {
        stays.code: old,
        goes.code: part,
    }
    report.refresh_from_db()
    assert report.excused == ""


# Money


def test_what_is_not_spent_goes_over_and_what_was_paid_stays() -> None:
    a, new = wards("a", "moi")
    line = make_line(
        make_estimate(), a, committed=Decimal(6_000_000), paid=Decimal(2_000_000), task_code="II.1"
    )
    begun = MoneyEntry.objects.create(
        line=line, kind=EntryKind.COMMITMENT, state=EntryState.CONFIRMED, amount=5_000_000, paid=2_000_000,
        happened_on=date(2026, 3, 1), text="In tờ rơi", document="HĐ 1", proposed_at=EVE,
    )  # fmt: skip
    untouched = MoneyEntry.objects.create(
        line=line, kind=EntryKind.COMMITMENT, amount=1_000_000, happened_on=date(2026, 4, 1), text="Thuê loa",
        reference="programme:1", proposed_at=EVE,
    )  # fmt: skip
    before = money()
    report = record(merge(["a"], "moi"))
    assert money() == before
    line.refresh_from_db()
    other = BudgetLine.objects.get(unit=new)
    assert [getattr(line, name) for name in SUMS] == [2_000_000, 2_000_000, 2_000_000, 2_000_000, 0]
    assert [getattr(other, name) for name in SUMS] == [8_000_000, 8_000_000, 4_000_000, 0, 0]
    assert (other.task_code, other.title) == ("II.1", line.title)
    begun.refresh_from_db(), untouched.refresh_from_db()
    assert (begun.released, untouched.state) == (3_000_000, EntryState.VOID)
    again = other.entries.filter(kind=EntryKind.COMMITMENT).order_by("pk")
    assert [(e.amount, e.document, e.reference, e.state) for e in again] == [
        (3_000_000, "HĐ 1", "", EntryState.CONFIRMED),
        (1_000_000, "", "programme:1", EntryState.PROPOSED),
    ]
    moved = MoneyEntry.objects.filter(kind=EntryKind.ALLOCATION).order_by("pk")
    assert [(e.line, e.amount, e.document) for e in moved] == [
        (line, -8_000_000, "1/NQ"),
        (other, 8_000_000, "1/NQ"),
    ]
    assert report.outcome == {"plan.lines": 1, "plan.commitments": 2}


@pytest.mark.parametrize(
    ("state", "year", "moves"),
    [
        (EstimateState.DRAFT, 2026, "the line"), (EstimateState.SUBMITTED, 2027, "the line"),
        (EstimateState.SETTLED, 2026, ""), (EstimateState.APPROVED, 2025, ""), (EstimateState.APPROVED, 2026, "a new line"),
    ],
)  # fmt: skip
def test_which_years_move(state: str, year: int, moves: str) -> None:
    a, new = wards("a", "moi")
    line = make_line(make_estimate(state=state, year=year), a)
    record(merge(["a"], "moi"))
    line.refresh_from_db()
    assert BudgetLine.objects.count() == (2 if moves == "a new line" else 1)
    assert line.unit == (new if moves == "the line" else a)


# Reports


def test_june_keeps_its_names_and_november_expects_three() -> None:
    old = wards(*"abcdefghij")
    new = wards("x", "y", "z")
    group = make_group("Các phường", old)
    regime = make_regime([group], indicators=(make_indicator(),))
    june = make_period(regime, opened_at=EVE)
    november = make_period(
        regime, "2026-H2", starts_on=date(2026, 5, 26), cutoff=date(2026, 10, 25), opens_on=date(2026, 6, 1),
        due=date(2026, 11, 2), opened_at=EVE,
    )  # fmt: skip
    sent = [make_report(june, unit, state=ReportState.ACCEPTED, submitted_at=EVE) for unit in old[:9]]
    missing = make_report(june, old[9])
    begun = [make_report(november, unit, state=ReportState.DRAFT) for unit in old]
    moves = [
        {"from": list("abc"), "to": "x"}, {"from": list("def"), "to": "y"}, {"from": list("ghij"), "to": "z"},
    ]  # fmt: skip
    assert len(members_on(group, JUNE_30)) == 10
    record({"number": "1685/NQ", "effective": str(JULY_1), "kind": "merge", "moves": moves})

    names = list(june.reports.order_by("pk").values_list("unit_name", flat=True))
    assert names == [unit.name for unit in old]
    assert set(june.reports.values_list("excused", flat=True)) == {""}
    for report in [*sent, missing]:
        revision = report.revision
        report.refresh_from_db()
        assert report.revision == revision

    owing = november.reports.filter(excused="").select_related("unit")
    assert sorted(report.unit.key for report in owing) == ["x", "y", "z"]
    assert {report.figures.count() for report in owing} == {1}
    for report in begun:
        report.refresh_from_db()
        assert report.excused.startswith("Kết thúc từ 01/07/2026 theo 1685/NQ; ")
    assert [unit.key for unit in members_on(group, date(2026, 11, 2))] == ["x", "y", "z"]

    # Every ward's activity counts in exactly one of the three.
    covered = covered_units(list(owing), november.cutoff)
    assert sorted(pk for units in covered.values() for pk in units) == sorted(u.pk for u in [*old, *new])
    later = make_period(
        regime, "2027-H1", opens_on=date(2027, 5, 1), cutoff=date(2027, 5, 25), due=date(2027, 6, 1)
    )
    assert [unit.key for unit in expected_units(later)] == ["x", "y", "z"]


def test_a_report_sent_before_the_end_counts_as_it_is() -> None:
    a, b, new = wards("a", "b", "moi")
    regime = make_regime([a, b])
    period = make_period(
        regime, starts_on=date(2026, 5, 26), cutoff=date(2026, 10, 25), due=date(2026, 11, 2), opened_at=EVE
    )
    sent = make_report(period, a, state=ReportState.APPROVED, submitted_at=EVE)
    waiting = make_report(period, b, state=ReportState.SUBMITTED)
    record(merge(["a", "b"], "moi"))
    sent.refresh_from_db(), waiting.refresh_from_db()
    assert (sent.excused, sent.state) == ("", ReportState.APPROVED)
    assert (bool(waiting.excused), waiting.state) == (True, ReportState.RETURNED)
    owed = period.reports.get(unit=new)
    assert set(covered_units([owed], period.cutoff)[owed.pk]) == {new.pk, b.pk}


def test_the_item_of_a_report_stays_with_a_report_that_stays() -> None:
    a, new = wards("a", "moi")
    plan = make_plan()
    first = make_task(plan, level=TaskLevel.REPORT, code="IV.8-H1", percent_rule=PercentRule.REPORT)
    second = make_task(plan, level=TaskLevel.REPORT, code="IV.8-H2", percent_rule=PercentRule.REPORT)
    regime = make_regime([a], plan=plan)
    june = make_period(regime, task_code="IV.8-H1", opened_at=EVE)
    november = make_period(
        regime, "2026-H2", task_code="IV.8-H2", starts_on=date(2026, 5, 26), cutoff=date(2026, 10, 25),
        opens_on=date(2026, 6, 1), due=date(2026, 11, 2), opened_at=EVE,
    )  # fmt: skip
    make_report(june, a), make_report(november, a)
    old, later = make_item(first, unit=a), make_item(second, unit=a)
    record(merge(["a"], "moi"))
    old.refresh_from_db(), later.refresh_from_db()
    assert (old.state, later.state) == (ItemState.TODO, ItemState.HANDED_OVER)
    assert WorkItem.objects.get(unit=new).code == "IV.8-H2"


# Communication work


def test_campaigns_and_invitations_go_along_and_are_counted_once() -> None:
    a, b, new = wards("a", "b", "moi")
    running = make_campaign(a, b, ends_on=date(2026, 8, 31))
    over = make_campaign(a, ends_on=JUNE_30)
    event = make_event(ends_on=date(2026, 7, 20), starts_on=date(2026, 7, 20))
    for unit, nominated in ((a, 3), (b, 4)):
        EventPart.objects.create(
            event=event,
            unit=unit,
            state=PartState.NOMINATED,
            nominated=nominated,
            passed_on=JUNE_30,
            updated_at=EVE,
        )
    record(merge(["a", "b"], "moi"))
    assert new in running.units.all()
    assert new not in over.units.all()
    assert event.parts.count() == 2
    mine, other = event.parts.get(unit=new), event.parts.exclude(unit=new).get()
    assert (mine.nominated, mine.state, other.state) == (7, PartState.NOMINATED, PartState.HANDED)


# Together


def test_twice_is_once_and_nothing_moves_before_the_day() -> None:
    a, _new = wards("a", "moi")
    make_item(make_task(make_plan()), unit=a)
    make_line(make_estimate(), a)
    period = make_period(
        make_regime([a]),
        starts_on=date(2026, 5, 26),
        cutoff=date(2026, 10, 25),
        due=date(2026, 11, 2),
        opened_at=EVE,
    )
    make_report(period, a)
    before = rows(*EVERYTHING)
    decision = merge(["a"], "moi")
    decisions_preview(
        actor=None, today=JULY_1, now=MORNING, decisions=decisions_from({"decision": [decision]})
    )
    assert rows(*EVERYTHING) == before
    assert record(decision, now=EVE).on_the_day
    assert decisions_due(EVE) == 0
    assert rows(*EVERYTHING) == before
    assert decisions_due(MORNING) == 1
    after = rows(*EVERYTHING)
    assert after != before
    assert decisions_due(MORNING) == 0
    record(decision)
    assert rows(*EVERYTHING) == after


@pytest.mark.parametrize("seed", range(12))
def test_totals_are_equal_before_and_after(seed: int) -> None:
    """Whatever is merged and split: money, people reached and every unit's figures add up to the same."""
    dice = random.Random(seed)  # a story, not a secret
    old, new = wards(*(f"c{n}" for n in range(7))), wards(*(f"m{n}" for n in range(4)))
    plan, estimate = make_plan(), make_estimate()
    for unit in old:
        for task in [make_task(plan) for _n in range(2)]:
            make_item(task, unit=unit, state=dice.choice([ItemState.TODO, ItemState.DOING, ItemState.DONE]))
        Outreach.objects.create(
            unit=unit,
            channel="zalo",
            happened_on=dice.choice([JUNE_30, JULY_1]),
            people=dice.randrange(500),
            entered_at=EVE,
        )
        paid, committed, allocated = sorted(Decimal(dice.randrange(0, 100)) * 100_000 for _n in range(3))
        line = make_line(
            estimate,
            unit,
            title=f"Chi {dice.randrange(3)}",
            estimated=allocated,
            allocated=allocated,
            committed=committed,
            paid=paid,
        )
        if committed:
            MoneyEntry.objects.create(
                line=line,
                kind=EntryKind.COMMITMENT,
                amount=committed,
                paid=paid,
                happened_on=JUNE_30,
                text="x",
                proposed_at=EVE,
            )
    before = money()
    moves: list[dict[str, Any]] = []
    for unit in old:
        if dice.random() < 0.3:
            two = dice.sample([one.key for one in new], 2)
            moves.append({"kind": "split", "from": [unit.key], "to": two, "default": two[0]})
        else:
            moves.append({"kind": "merge", "from": [unit.key], "to": dice.choice(new).key})
    record({"number": "9/NQ", "effective": str(JULY_1), "moves": moves})

    assert money() == before
    carried = [carried_unit_ids(unit.pk, JULY_1) for unit in new]
    people = sum(
        Outreach.objects.filter(unit__in=ids).aggregate(n=Sum("people"))["n"] or 0 for ids in carried
    )
    assert people == Outreach.objects.aggregate(n=Sum("people"))["n"]
    assert sum(len(ids) for ids in carried) == len(old) + len(new)
    assert not WorkItem.objects.filter(unit__in=old, state__in=[ItemState.TODO, ItemState.DOING]).exists()
    for line in BudgetLine.objects.filter(unit__in=old):
        assert line.paid == line.committed == line.allocated


def test_the_successor_finds_what_the_old_unit_wrote_and_helps_in_its_place(client: Client) -> None:
    a, new = wards("a", "moi")
    plan = make_plan()
    task = make_task(plan)
    old = make_item(task, unit=a, state=ItemState.DOING)
    ProgressNote.objects.create(
        item=old, unit=a, unit_name=a.name, at=EVE, state="doing", percent=50, text="đã phát loa"
    )
    led = make_item(make_task(plan))
    TaskUnit.objects.create(task=led.task, unit=make_group("Các phường", [a]))
    record(merge(["a"], "moi"))
    assert cooperating_units(led, JUNE_30) == [a]
    assert cooperating_units(led, JULY_1) == [new]
    assert list(helping_items([new.pk], JULY_1)) == [led]
    client.force_login(make_member(Role.UNIT_REPORTER, new))
    item = WorkItem.objects.get(unit=new)
    shown = client.get(reverse("plan-desk:progress-item", args=[item.pk])).content.decode()
    assert "Tiếp nhận từ đơn vị cũ" in shown
    assert reverse("plan-desk:progress-item", args=[old.pk]) in shown
    past = client.get(reverse("plan-desk:progress-item", args=[old.pk])).content.decode()
    assert "đã phát loa" in past
    assert "Ghi tiến độ" not in past
