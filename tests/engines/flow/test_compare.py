"""Like for like: same weekdays, same hours, only what was measured on both sides."""

from datetime import date

import numpy as np
import pytest

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.compare import compare_markets, compare_periods
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import HourlySeries
from tests.engines.flow.worlds import START, expected

PLAIN = Calendar(lunar=False)


def test_july_against_june_is_aligned_by_weekday():
    series = HourlySeries(START, expected(365))
    found = compare_periods(
        series,
        first=(date(2023, 7, 1), date(2023, 7, 31)),
        second=(date(2023, 6, 1), date(2023, 6, 30)),
        calendar=PLAIN,
    )
    # a market without growth: calendar months would differ by their weekends, aligned ones do not
    assert found.shift_days % 7 == 0 and found.difference == pytest.approx(0)
    assert all(pair.first.weekday() == pair.second.weekday() for pair in found.days)
    assert len(found.days) == 30 and found.common == 1.0
    july, june = (series.values[d * 24 : (d + 30) * 24].sum() for d in (180, 150))
    assert july > 1.02 * june


def test_the_same_days_a_year_earlier():
    series = HourlySeries(START, expected(730, level=lambda day: 1.0 if day < 365 else 1.25))
    found = compare_periods(
        series,
        first=(date(2024, 6, 3), date(2024, 6, 16)),
        second=(date(2023, 6, 3), date(2023, 6, 16)),
        calendar=PLAIN,
    )
    assert found.shift_days == 364 and found.difference == pytest.approx(0.25)


def test_an_hour_missing_on_one_side_counts_on_neither():
    values = expected(28)
    values[: 14 * 24] *= 2
    values[3 * 24 + 9 : 3 * 24 + 12] = np.nan
    found = compare_periods(
        HourlySeries(START, values),
        first=(date(2023, 1, 16), date(2023, 1, 29)),
        second=(date(2023, 1, 2), date(2023, 1, 15)),
        calendar=PLAIN,
    )
    assert found.difference == pytest.approx(-0.5)
    assert found.common_hours == 14 * 24 - 3 and found.first_measured == 1.0
    assert found.second_measured == pytest.approx(1 - 3 / (14 * 24))
    assert found.days[3].hours == 21


def test_two_markets_in_their_opening_hours():
    one = HourlySeries(START, expected(14))
    other = HourlySeries(START, expected(14, size=50.0))
    found = compare_markets(
        one, other, period=(date(2023, 1, 2), date(2023, 1, 15)), hours=range(6, 18), calendar=PLAIN
    )
    assert found.difference == pytest.approx(1.0) and found.common_hours == 14 * 12
    assert np.isnan(found.first_hours[3]) and found.first_hours[8] == pytest.approx(2 * found.second_hours[8])


def test_what_was_never_measured_gives_no_difference():
    series = HourlySeries(START, expected(14))
    found = compare_periods(
        series, first=(date(2023, 1, 2), date(2023, 1, 8)), second=(date(2020, 1, 6), date(2020, 1, 12))
    )
    assert found.difference is None and found.common == 0 and found.days[0].first_count is None
    assert found.second_measured == 0


def test_a_holiday_on_one_side_only_is_marked():
    calendar = Calendar(holidays={date(2023, 1, 11): "lễ"}, lunar=False)
    series = HourlySeries(START, expected(28))
    found = compare_periods(
        series,
        first=(date(2023, 1, 9), date(2023, 1, 15)),
        second=(date(2023, 1, 2), date(2023, 1, 8)),
        calendar=calendar,
    )
    assert [pair.special for pair in found.days] == [False, False, True, False, False, False, False]


def test_a_period_that_ends_before_it_begins():
    series = HourlySeries(START, expected(14))
    with pytest.raises(FlowError, match="kết thúc phải sau"):
        compare_periods(
            series, first=(date(2023, 1, 9), date(2023, 1, 2)), second=(date(2023, 1, 2), date(2023, 1, 8))
        )
