"""Alerts come and go once, and never out of a hole in the data."""

import math
from datetime import datetime, timedelta

import numpy as np
import pytest

from khcn.engines.flow.alerts import (
    AlertEnd,
    AlertKind,
    QuietHour,
    crowding,
    negative_binomial_cdf,
    quiet,
    quiet_hours,
)
from khcn.engines.flow.calendar import Calendar
from tests.engines.flow.worlds import START, market

T = datetime(2025, 3, 1, 8)
PLAIN = Calendar(lunar=False)
NAN = float("nan")


def minute(n):
    return T + timedelta(minutes=n)


@pytest.mark.parametrize(
    ("name", "people", "spans"),
    [
        ("four minutes are not five", [10] * 4 + [0] * 20, []),
        ("five are", [11] * 5 + [0] * 20, [(0, 5)]),
        ("at the limit is not above", [10] * 30, []),
        ("flutter around the limit is one alert", [11] * 6 + [9.5, 11, 9.2, 11] * 5 + [5] * 10, [(0, 26)]),
        ("a hole breaks the run", [11, 11, 11, NAN, 11, 11, 11, 11], []),
        ("still on at the end", [0, 0] + [12] * 9, [(2, None)]),
        ("nine calm minutes do not end it", [12] * 5 + [0] * 9 + [12] * 3, [(0, None)]),
        ("twice", [12] * 5 + [0] * 10 + [12] * 5 + [0] * 10, [(0, 5), (15, 20)]),
        ("nothing measured", [NAN] * 60, []),
        ("nothing", [], []),
    ],
)  # fmt: skip
def test_crowding_above_capacity(name, people, spans):
    found = crowding(people, start=T, capacity=10)
    wanted = [(minute(a), None if b is None else minute(b)) for a, b in spans]
    assert [(alert.started, alert.ended) for alert in found] == wanted, name


def test_a_lost_signal_ends_an_alert_and_says_so():
    (alert,) = crowding([12] * 6 + [NAN] * 20, start=T, capacity=10)
    assert alert.ended == minute(6) and alert.end is AlertEnd.NO_SIGNAL
    (short,) = crowding([12] * 6 + [NAN] * 10 + [13], start=T, capacity=10)
    assert short.ended is None and short.peak == 13


def test_unusual_crowds_by_the_minute_and_capacity_first():
    usual = [5.0] * 10 + [20.0] * 10
    (alert,) = crowding([8] * 20, start=T, usual_p99=usual)
    assert alert.kind is AlertKind.CROWDED and (alert.started, alert.ended) == (minute(0), minute(10))
    both = crowding([30] * 10, start=T, capacity=25, usual_p99=20)
    assert [alert.kind for alert in both] == [AlertKind.OVER_CAPACITY]
    unknown = crowding([30] * 10, start=T, usual_p99=[NAN] * 10)
    assert unknown == []


@pytest.mark.parametrize("mean", [3.0, 40.0, 900.0])
def test_the_tail_is_poisson_without_and_wider_with_spread(mean):
    dice = np.random.default_rng(1)
    count = int(mean * 0.9)
    poisson = negative_binomial_cdf(count, mean, mean)
    assert poisson == pytest.approx((dice.poisson(mean, 200_000) <= count).mean(), abs=0.01)
    variance = mean + mean * mean / 8
    rate = dice.gamma(8, mean / 8, 200_000)
    assert negative_binomial_cdf(count, mean, variance) == pytest.approx(
        (dice.poisson(rate) <= count).mean(), abs=0.01
    )
    assert negative_binomial_cdf(-1, mean, variance) == 0
    assert negative_binomial_cdf(int(30 * mean), mean, variance) == pytest.approx(1)


def hours_of_a_day(factor, *, measured=None, calendar=PLAIN, days=90, hours=range(24)):
    """Judge the last day of a market whose last day has ``factor`` of its visitors in ``hours``."""
    series = market(days, noise=0.1)
    day = series.values[-24:]
    for hour in hours:
        day[hour] = np.round(day[hour] * factor)
    begin = series.end - timedelta(hours=24)
    return quiet_hours(series, begin=begin, now=series.end, measured=measured, calendar=calendar), begin


def test_a_usual_day_is_quiet_about_quiet():
    judged, _ = hours_of_a_day(1.0)
    assert len(judged) == 14 and quiet(judged) == []  # the hours it is open


def test_a_blocked_street_is_one_alert_from_its_first_hour():
    judged, begin = hours_of_a_day(0.2, hours=range(10, 24))
    (alert,) = quiet(judged)
    assert alert.kind is AlertKind.QUIET and alert.started == begin + timedelta(hours=10)
    assert alert.ended is None and alert.peak < 0.5 * alert.limit
    over, _ = hours_of_a_day(0.2, hours=range(10, 13))
    (ended,) = quiet(over)
    assert ended.end is AlertEnd.RELEASED and ended.ended == begin + timedelta(hours=13)


def test_half_measured_hours_and_special_days_are_not_judged():
    share = np.ones(90 * 24)
    share[-24:] = 0.5
    judged, begin = hours_of_a_day(0.2, measured=share)
    assert judged == []
    holiday = Calendar(holidays={begin.date(): "lễ"}, lunar=False)
    assert hours_of_a_day(0.2, calendar=holiday)[0] == []
    assert hours_of_a_day(0.2, days=15)[0] == []  # two comparable days at most


def test_expected_is_scaled_to_the_measured_part():
    share = np.ones(90 * 24)
    share[-24:] = 0.9
    full, _ = hours_of_a_day(1.0)
    part, _ = hours_of_a_day(1.0, measured=share)
    assert part[3].expected == pytest.approx(0.9 * full[3].expected)
    assert part[3].probability > full[3].probability


def hour(n, probability, count=10.0):
    return QuietHour(T + timedelta(hours=n), count, 100.0, probability)


@pytest.mark.parametrize(
    ("hours", "alerts"),
    [
        ([hour(0, 5e-4), hour(1, 0.5)], 0),  # once, not sure
        ([hour(0, 5e-4), hour(1, 5e-4)], 1),
        ([hour(0, 1e-7), hour(1, 0.5)], 1),  # once, sure
        ([hour(0, 5e-4), hour(1, 0.01), hour(2, 5e-4)], 0),  # never two in a row
        ([hour(0, 5e-4, 80.0), hour(1, 5e-4, 80.0)], 0),  # certain but only a fifth under usual
        ([hour(0, 1e-7), hour(1, 0.03), hour(2, 1e-7)], 1),  # no release in between
        ([hour(0, 1e-7), hour(9, 1e-7)], 2),  # a hole between
        ([], 0),
    ],
)
def test_quiet_has_hysteresis(hours, alerts):
    assert len(quiet(hours)) == alerts


def test_start_is_a_monday():
    assert START.weekday() == 0 and math.isfinite(market(1).values.sum())
