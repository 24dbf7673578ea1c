"""Rules of progress, as tables."""

from datetime import date
from decimal import Decimal

import pytest

from khcn.core.calendar.rules import WorkingCalendar
from khcn.plan.enums import ItemState, PercentRule, TaskLevel
from khcn.plan.rules.progress import (
    Facts,
    Standing,
    follows_report,
    is_late,
    may_move,
    on_time_share,
    percent_of,
    soon_until,
    standing_of,
    working_days_late,
    working_days_left,
)

TODO, DOING, DONE = ItemState.TODO, ItemState.DOING, ItemState.DONE
# Friday 29 May 2026; 1 June is a Monday. Wednesday 2 September is a holiday here.
PLAIN = WorkingCalendar(off=frozenset({date(2026, 9, 2)}))


@pytest.mark.parametrize(
    ("facts", "percent"),
    [
        (Facts(PercentRule.STATE, TODO), 0),
        (Facts(PercentRule.STATE, DOING), 50),
        (Facts(PercentRule.STATE, DONE), 100),
        (Facts(PercentRule.STATE, DOING, typed=90), 50),
        (Facts(PercentRule.STEPS, DOING, steps_done=2, steps=3), 66),
        (Facts(PercentRule.STEPS, DOING, steps_done=0, steps=3), 0),
        (Facts(PercentRule.STEPS, DONE, steps_done=3, steps=3), 100),
        (Facts(PercentRule.STEPS, DOING), 50),  # no step was written down: by state
        (Facts(PercentRule.TYPED, DOING, typed=35), 35),
        (Facts(PercentRule.TYPED, DOING, typed=100), 99),  # all of it means done
        (Facts(PercentRule.TYPED, TODO, typed=-4), 0),
        (Facts(PercentRule.TYPED, DONE, typed=35), 100),
        (Facts(PercentRule.INDICATOR, DOING, value=Decimal(199), target=Decimal(200)), 99),
        (Facts(PercentRule.INDICATOR, DOING, value=Decimal(260), target=Decimal(200)), 100),
        (
            Facts(PercentRule.INDICATOR, DONE, value=Decimal(120), target=Decimal(200)),
            60,
        ),  # said done, reached 60 %
        (Facts(PercentRule.INDICATOR, DOING, value=None, target=Decimal(200)), 0),
        (Facts(PercentRule.INDICATOR, DOING, value=Decimal(-5), target=Decimal(200)), 0),
        (Facts(PercentRule.INDICATOR, DOING, value=Decimal(5), target=None), 50),
        (Facts(PercentRule.INDICATOR, DOING, value=Decimal(5), target=Decimal(0)), 50),
        (Facts(PercentRule.REPORT, TODO), 0),
        (Facts(PercentRule.REPORT, DONE), 100),
    ],
)
def test_percentage(facts: Facts, percent: int) -> None:
    assert percent_of(facts) == percent


@pytest.mark.parametrize(
    ("old", "new", "confirmed", "allowed"),
    [
        (TODO, DOING, False, True),
        (TODO, DONE, False, True),
        (DOING, TODO, False, True),
        (DONE, DOING, False, True),  # a slip of the finger, before the head has confirmed
        (DONE, DOING, True, False),
        (DONE, DONE, True, True),
        (DOING, DONE, True, True),
        (ItemState.DROPPED, DOING, False, False),
        (ItemState.HANDED_OVER, DONE, False, False),
        (TODO, ItemState.DROPPED, False, False),
        (TODO, ItemState.HANDED_OVER, False, False),
    ],
)
def test_moves(old: str, new: str, confirmed: bool, allowed: bool) -> None:
    assert may_move(old, new, confirmed=confirmed) is allowed


@pytest.mark.parametrize(
    ("state", "due", "on", "late"),
    [
        (DOING, date(2026, 5, 29), date(2026, 5, 29), False),  # the last day is in time
        (DOING, date(2026, 5, 29), date(2026, 5, 30), True),
        (TODO, date(2026, 5, 29), date(2026, 6, 1), True),
        (DONE, date(2026, 5, 29), date(2026, 6, 1), False),
        (ItemState.DROPPED, date(2026, 5, 29), date(2026, 6, 1), False),
        (DOING, None, date(2030, 1, 1), False),
    ],
)
def test_late(state: str, due: date | None, on: date, late: bool) -> None:
    assert is_late(state, due, on) is late


@pytest.mark.parametrize(
    ("due", "on", "days"),
    [
        (date(2026, 5, 29), date(2026, 5, 29), 0),
        (date(2026, 5, 29), date(2026, 5, 31), 0),  # Sunday: no working day has passed
        (date(2026, 5, 29), date(2026, 6, 1), 1),
        (date(2026, 5, 29), date(2026, 6, 5), 5),
        (date(2026, 9, 1), date(2026, 9, 3), 1),  # 2 September does not count
        (date(2026, 6, 5), date(2026, 6, 1), 0),
    ],
)
def test_working_days_late(due: date, on: date, days: int) -> None:
    assert working_days_late(due, on, PLAIN) == days


def test_soon_is_five_working_days() -> None:
    assert soon_until(date(2026, 5, 29), PLAIN) == date(2026, 6, 5)
    assert soon_until(date(2026, 8, 31), PLAIN) == date(2026, 9, 8)  # over the holiday and a weekend
    assert working_days_left(date(2026, 6, 5), date(2026, 5, 29), PLAIN) == 5


@pytest.mark.parametrize(
    ("state", "due", "done_on", "standing"),
    [
        (DOING, date(2026, 5, 28), None, Standing.LATE),
        (DOING, date(2026, 5, 29), None, Standing.SOON),
        (TODO, date(2026, 6, 5), None, Standing.SOON),
        (TODO, date(2026, 6, 6), None, Standing.OPEN),
        (TODO, None, None, Standing.OPEN),
        (DONE, date(2026, 5, 28), date(2026, 5, 28), Standing.DONE),
        (DONE, date(2026, 5, 28), date(2026, 5, 29), Standing.DONE_LATE),
        (DONE, None, date(2026, 5, 29), Standing.DONE),
        (ItemState.DROPPED, date(2026, 5, 28), None, Standing.OUT),
    ],
)
def test_standing(state: str, due: date | None, done_on: date | None, standing: Standing) -> None:
    assert standing_of(state, due, done_on, date(2026, 5, 29), date(2026, 6, 5)) == standing


def test_share_in_time_needs_something_to_judge() -> None:
    assert on_time_share(0, 0) is None
    assert on_time_share(3, 1) == Decimal("0.75")


def test_report_items_follow_the_report() -> None:
    assert follows_report(PercentRule.REPORT, TaskLevel.PROGRAMME)
    assert follows_report(PercentRule.STATE, TaskLevel.REPORT)
    assert not follows_report(PercentRule.STATE, TaskLevel.ASSIGNMENT)
