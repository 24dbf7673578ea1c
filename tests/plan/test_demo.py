"""The demo plans: a past that is whole, a present in the middle of its work, loaded once."""

from datetime import date, datetime

import pytest
from django.apps import apps
from django.utils import timezone

from khcn.core.demo import demo_loaders
from khcn.orgs.demo import load_demo as load_demo_people
from khcn.plan.demo import load_demo
from khcn.plan.demo_cast import FILE, source
from khcn.plan.demo_now import frame
from khcn.plan.enums import (
    DocumentState,
    EntryState,
    ItemState,
    PartState,
    RegimeKind,
    ReportState,
    RollState,
    VersionState,
)
from khcn.plan.models import (
    BudgetLine,
    Consolidation,
    Document,
    EventPart,
    Outreach,
    Plan,
    PlanVersion,
    ReportPeriod,
    UnitReport,
    WorkItem,
)
from khcn.plan.selectors.progress import plan_progress
from khcn.plan.selectors.report_rights import window_of
from khcn.plan.selectors.rolls import roll_verdict

pytestmark = pytest.mark.django_db


def quiet(_text: str) -> None:
    """Take progress and say nothing."""


def picture() -> dict[str, int]:
    """Return how much there is of everything."""
    return {
        model.__name__: model._default_manager.count() for model in apps.get_app_config("plan").get_models()
    }


def test_the_demo_is_loaded_after_people_and_energy() -> None:
    orders = {loader.name: loader.order for loader in demo_loaders.all()}
    assert orders["plan"] > max(orders["orgs"], orders["library"], orders["energy"])


def test_nothing_is_loaded_where_the_units_are_missing() -> None:
    load_demo(quiet)
    assert not Plan.objects.exists()


def test_the_plan_of_2021_is_whole_and_without_what_stamps_and_pens_left() -> None:
    load_demo_people(quiet)
    given = source(timezone.localdate())
    assert (len(given.tasks), len(given.reporting.reporters)) == (40, 21)
    words = FILE.read_text(encoding="utf-8")
    assert "handwritten" not in words and "stamp" not in words


@pytest.mark.parametrize("day", ["2027-01-01", "2027-02-19", "2026-06-30", "2026-12-31", "2028-02-29"])
def test_the_days_of_this_year_stand_in_order_whatever_the_day(day: str) -> None:
    today = date.fromisoformat(day)
    days = frame(today)
    assert days.signed < days.ago(400) <= days.ago(30) <= today
    assert days.working(-7) < days.working(-2) < today < days.working(4)
    assert days.signed < days.working(-7)


def test_a_whole_past_and_a_busy_present_loaded_once() -> None:
    load_demo_people(quiet)
    load_demo(quiet)
    first = picture()
    now, today = timezone.now(), timezone.localdate()

    past, present = Plan.objects.order_by("year")
    assert (past.full_number, past.year, present.year) == ("82/KH-UBND", 2021, today.year)
    assert "minh họa" in present.title and "minh họa" in present.full_number.lower()
    assert not PlanVersion.objects.exclude(state=VersionState.PUBLISHED).exists()
    assert [one.tasks.count() for one in PlanVersion.objects.all()] == [40, 40]

    _the_past(past)
    _the_work(present, today)
    _the_reports(present, now)
    _the_rest()

    load_demo(quiet)
    assert picture() == first


def _the_past(past: Plan) -> None:
    """The first half of 2021: 21 units, some late by an exception, issued and frozen."""
    period = ReportPeriod.objects.get(regime__plan=past, code="2021-H1")
    reports = UnitReport.objects.filter(period=period)
    assert reports.count() == 21
    assert set(reports.values_list("state", flat=True)) == {ReportState.ACCEPTED}
    late = [one for one in reports if one.submitted_at and timezone.localdate(one.submitted_at) > period.due]
    assert len(late) == 3 and all(one.exceptions.exists() for one in late)
    assert all(one.content_hash for one in reports)
    roll = Consolidation.objects.get(period=period)
    assert roll.state == RollState.ISSUED and roll.published_at is not None
    assert roll_verdict(roll).holds
    assert not WorkItem.objects.filter(plan=past, due__isnull=False).exclude(state=ItemState.DONE).exists()


def _the_work(present: Plan, today: date) -> None:
    """This year: much is done, much under way, some late."""
    tally = plan_progress(present, today).overall
    assert tally.done >= 20 and tally.doing >= 15
    assert 5 <= tally.late <= 15
    assert any(item.steps.exists() for item in WorkItem.objects.filter(plan=present))


def _the_reports(present: Plan, now: datetime) -> None:
    """The period that is open now: every state, and the visitor's own report untouched and open to be written."""
    periods = ReportPeriod.objects.filter(regime__plan=present, regime__kind=RegimeKind.PERIODIC).order_by(
        "due"
    )
    issued, running = periods
    assert Consolidation.objects.get(period=issued).state == RollState.ISSUED
    assert Consolidation.objects.get(period=running).state == RollState.DRAFT
    states = set(UnitReport.objects.filter(period=running).values_list("state", flat=True))
    assert states == set(ReportState)
    own = UnitReport.objects.get(period=running, unit__key="ubnd-p04")
    assert own.state == ReportState.EXPECTED and window_of(own, now).is_open(now)
    asked = UnitReport.objects.filter(
        period__regime__kind=RegimeKind.AD_HOC, period__due__lt=timezone.localdate(now)
    )
    assert asked.filter(state=ReportState.EXPECTED).count() == 2


def _the_rest() -> None:
    """Money that finance has to decide on, communication work, an invitation that waits, documents on their way."""
    lines = BudgetLine.objects.all()
    assert all(0 <= line.paid <= line.committed <= line.allocated for line in lines)
    waiting = [entry for line in lines for entry in line.entries.filter(state=EntryState.PROPOSED)]
    assert len(waiting) >= 4 and {
        str(entry.proposed_by and entry.proposed_by.username) for entry in waiting
    } == {"daumoi"}
    assert Outreach.objects.values("unit").distinct().count() >= 10
    assert EventPart.objects.filter(unit__key="ubnd-p04", state=PartState.INVITED).exists()
    assert Document.objects.values("state").distinct().count() == 5
    assert Document.objects.filter(state=DocumentState.ISSUED, number__isnull=False).count() == 1
