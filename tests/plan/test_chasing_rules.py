"""In time or late, and which reminder is due."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khcn.core.calendar.rules import WorkingCalendar
from khcn.plan.enums import Rung
from khcn.plan.rules.chasing import Timeliness, rung_days, rung_due, tally, timeliness

OPENS, DUE = date(2021, 5, 3), date(2021, 6, 1)  # the first report of plan 82: before 2 June 2021
CALENDAR = WorkingCalendar(off=frozenset({date(2021, 4, 30)}))
DAYS = rung_days(opens_on=OPENS, due=DUE, calendar=CALENDAR)


def day(text: str) -> date:
    return date.fromisoformat(f"2021-{text}")


def test_the_ladder_of_the_first_report_of_plan_82() -> None:
    assert {
        Rung.OPENED: day("05-03"),
        Rung.WEEK: day("05-25"),
        Rung.DAY: day("05-31"),
        Rung.LATE: day("06-02"),
        Rung.HEAD: day("06-04"),
    } == DAYS


def test_weekends_and_holidays_move_the_rungs() -> None:
    calendar = WorkingCalendar(off=frozenset({day("05-31"), day("06-02")}))
    days = rung_days(opens_on=day("05-01"), due=DUE, calendar=calendar)
    assert days[Rung.OPENED] == day("05-03")  # a Saturday
    assert days[Rung.DAY] == day("05-28")
    assert days[Rung.LATE] == day("06-03")


def test_an_exception_moves_what_comes_after_the_deadline() -> None:
    days = rung_days(opens_on=OPENS, due=DUE, calendar=CALENDAR, until=day("06-08"))
    assert (days[Rung.WEEK], days[Rung.DAY], days[Rung.LATE]) == (day("05-25"), day("06-07"), day("06-09"))


@pytest.mark.parametrize(
    ("on", "sent", "rung"),
    [
        ("04-30", [], None),
        ("05-03", [], Rung.OPENED),
        ("05-04", ["opened"], None),
        ("05-24", ["opened"], None),
        ("05-25", ["opened"], Rung.WEEK),
        ("05-31", ["opened", "week"], Rung.DAY),
        ("06-01", ["opened", "week", "day"], None),
        ("06-02", ["day"], Rung.LATE),
        ("06-04", ["late"], Rung.HEAD),
        ("06-30", ["head"], None),
        ("06-30", [], Rung.HEAD),  # the worker was down all the time: one word, not five
        ("05-31", [], Rung.DAY),
        ("05-28", ["day"], None),  # a later rung went out before the deadline was moved
    ],
)
def test_only_the_newest_rung_is_due(on: str, sent: list[str], rung: Rung | None) -> None:
    assert rung_due(DAYS, on=day(on), sent=sent, opens_on=OPENS) == rung


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw loads tables
@given(st.lists(st.dates(date(2021, 4, 1), date(2021, 7, 30)), max_size=60))
def test_no_rung_goes_out_twice_and_never_backwards(ticks: list[date]) -> None:
    sent: list[Rung] = []
    for tick in sorted(ticks):
        rung = rung_due(DAYS, on=tick, sent=sent, opens_on=OPENS)
        if rung is not None:
            assert DAYS[rung] <= tick
            sent.append(rung)
    ladder = list(Rung)
    assert [ladder.index(one) for one in sent] == sorted({ladder.index(one) for one in sent})


@pytest.mark.parametrize(
    ("sent", "with_focal", "excused", "on", "time"),
    [
        (None, False, False, "06-01", Timeliness.PENDING),
        (None, False, False, "06-02", Timeliness.MISSING),
        (None, False, True, "06-02", Timeliness.EXCUSED),
        ("06-01", True, False, "06-20", Timeliness.ON_TIME),
        ("06-02", True, False, "06-20", Timeliness.LATE),
        ("05-20", False, False, "06-20", Timeliness.RETURNED),
        ("05-20", True, True, "06-20", Timeliness.ON_TIME),
    ],
)
def test_in_time_or_late(
    sent: str | None, with_focal: bool, excused: bool, on: str, time: Timeliness
) -> None:
    found = timeliness(
        sent_on=day(sent) if sent else None, with_focal=with_focal, excused=excused, due=DUE, on=day(on)
    )
    assert found == time


def test_rates_leave_out_who_owes_nothing() -> None:
    found = tally(
        [Timeliness.ON_TIME] * 15
        + [Timeliness.LATE] * 2
        + [Timeliness.MISSING] * 4
        + [Timeliness.EXCUSED] * 3
    )
    assert (found.expected, found.received, found.on_time, found.excused) == (21, 17, 15, 3)
    assert round(found.rate or 0, 3) == 0.810
    assert tally([]).rate is None
