"""The lunar calendar against the published one."""

from datetime import date, timedelta

import pytest

from khcn.engines.flow.lunar import LunarDay, days_to_tet, is_market_day, lunar_day, tet, tet_offset

TET = {
    2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 2),
}  # fmt: skip


@pytest.mark.parametrize(("year", "day"), TET.items())
def test_tet_falls_on_the_published_day(year, day):
    assert tet(year) == date(year, *day)
    assert lunar_day(date(year, *day)) == LunarDay(1, 1, year)
    assert lunar_day(date(year, *day) - timedelta(days=1)).month == 12


def test_leap_months_are_told_from_the_month_they_double():
    # 2023 had two second months, 2025 two sixth months
    assert lunar_day(date(2023, 3, 22)) == LunarDay(1, 2, 2023, leap=True)
    assert lunar_day(date(2023, 2, 20)) == LunarDay(1, 2, 2023, leap=False)
    assert lunar_day(date(2025, 7, 25)) == LunarDay(1, 6, 2025, leap=True)


def test_where_vietnam_and_china_differ_vietnam_counts():
    # in 2030 the new year falls on 2 February in Vietnam, on 3 February in China
    assert tet(2030) == date(2030, 2, 2)


def test_market_days_come_twice_a_lunar_month():
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    found = [day for day in days if is_market_day(day)]
    assert 24 <= len(found) <= 26
    assert date(2025, 2, 12) in found  # full moon of the first month
    assert {lunar_day(day).day for day in found} == {1, 15}


@pytest.mark.parametrize(
    ("day", "distance", "offset"),
    [
        (date(2025, 1, 29), 0, 0),
        (date(2025, 1, 22), 7, 7),
        (date(2025, 2, 5), -7, -7),
        (date(2024, 12, 31), 29, None),
        (date(2025, 7, 1), -153, None),
        (date(2025, 1, 8), 21, 21),
        (date(2025, 1, 7), 22, None),
        (date(2025, 2, 13), -15, None),
    ],
)
def test_distance_to_tet(day, distance, offset):
    assert days_to_tet(day) == distance
    assert tet_offset(day) == offset
