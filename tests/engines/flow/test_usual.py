"""Today against usual, with known days."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import HourlySeries
from khcn.engines.flow.usual import comparable_days, today_against_usual, usual_day
from tests.engines.flow.worlds import START

PLAIN = Calendar(lunar=False)
MONDAY = date(2023, 6, 5)


def weeks_of(counts):
    """Mondays of the weeks before 5 June 2023 hold these counts in every hour, newest last; other days 1."""
    days = (MONDAY - START.date()).days + 1
    values = np.ones((days, 24))
    for back, count in enumerate(reversed(counts), 1):
        values[-1 - 7 * back] = count
    return values


def series(values):
    return HourlySeries(START, values.reshape(-1))


def test_the_band_of_eight_mondays():
    values = weeks_of([10, 20, 30, 40, 50, 60, 70, 80])
    band = usual_day(series(values), MONDAY, calendar=PLAIN)[9]
    assert band is not None
    assert (band.median, band.days) == (45, 8)
    assert band.low == pytest.approx(17) and band.high == pytest.approx(73)


def test_only_the_last_eight_count_and_holidays_do_not():
    values = weeks_of([999, 10, 20, 30, 40, 50, 60, 70, 80])
    holiday = MONDAY - timedelta(weeks=1)
    calendar = Calendar(holidays={holiday: "lễ"}, lunar=False)
    days = comparable_days(series(values), MONDAY, calendar=calendar)
    assert holiday not in days and len(days) == 8
    assert days[0] == MONDAY - timedelta(weeks=2) and days[-1] == MONDAY - timedelta(weeks=9)


def test_tet_weeks_are_passed_over():
    values = np.ones((120, 24))
    days = comparable_days(HourlySeries(datetime(2023, 1, 2), values.reshape(-1)), date(2023, 2, 20))
    # from 14 days before Tết (22 January 2023) to 7 days after it
    assert days == [date(2023, 2, 13), date(2023, 2, 6), date(2023, 1, 30), date(2023, 1, 2)]


def test_so_far_compares_finished_hours_only():
    values = weeks_of([10] * 8)
    values[-1] = 12
    found = today_against_usual(series(values), now=datetime(2023, 6, 5, 10, 59), calendar=PLAIN)
    assert (found.so_far, found.usual) == (120, 100)
    assert found.difference == pytest.approx(0.2)
    assert found.hours[9].count == 12 and found.hours[10].count is None
    assert found.measured == 1.0 and found.days == 8 and found.special is None


def test_an_hour_that_was_not_measured_is_left_out_on_both_sides():
    values = weeks_of([10] * 8)
    values[-1] = 12
    values[-1, 3:5] = np.nan
    found = today_against_usual(series(values), now=datetime(2023, 6, 5, 10), calendar=PLAIN)
    assert (found.so_far, found.usual) == (96, 80)
    assert found.measured == pytest.approx(0.8) and found.difference == pytest.approx(0.2)


def test_holes_in_the_past_are_filled_and_broken_days_left_out():
    values = weeks_of([10] * 8)
    values[-8, 0] = np.nan  # one hour of ten
    values[-15, 0:6] = np.nan  # most of the morning
    found = today_against_usual(series(values), now=datetime(2023, 6, 5, 10), calendar=PLAIN)
    assert found.usual == 100 and found.days == 7


def test_without_comparable_days_nothing_is_claimed():
    found = today_against_usual(series(np.full((3, 24), 5.0)), now=datetime(2023, 1, 4, 10), calendar=PLAIN)
    assert found.so_far == 50
    assert found.usual is None and found.difference is None and not any(hour.band for hour in found.hours)


def test_a_holiday_is_named_and_at_midnight_nothing_is_missing():
    calendar = Calendar(holidays={MONDAY: "lễ"}, lunar=False)
    found = today_against_usual(series(weeks_of([10] * 8)), now=datetime(2023, 6, 5), calendar=calendar)
    assert (
        found.special == "holiday:lễ"
        and found.measured == 1.0
        and found.so_far == 0
        and found.difference is None
    )
