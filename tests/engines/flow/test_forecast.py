"""Forecasts against worlds whose truth is known."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.candidates import candidates
from khcn.engines.flow.dayeffects import DayEffects
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.forecast import MAX_HORIZON, forecast
from khcn.engines.flow.lunar import is_market_day, tet
from khcn.engines.flow.series import HourlySeries
from tests.engines.flow.worlds import START, expected, market

PLAIN = Calendar(lunar=False)


def mae(a, b):
    return float(np.nanmean(np.abs(a - b)))


def test_a_steady_market_is_forecast_near_its_true_means():
    days = 200
    result = forecast(market(days), calendar=PLAIN)
    truth = expected(days + 14)[days * 24 :]
    assert result.used == "model" and result.start == START + timedelta(days=days)
    assert mae(result.value, truth) < 0.08 * truth.mean()
    assert result.backtest.ratio is not None and result.backtest.ratio < 0.85


def test_closed_hours_stay_exactly_zero_with_an_interval_of_zero():
    result = forecast(market(120), calendar=PLAIN)
    night = np.array([(result.start + timedelta(hours=h)).hour not in range(5, 19) for h in range(336)])
    assert not result.value[night].any() and not result.high[night].any()
    assert (result.value[~night] > 0).all()


def test_intervals_are_nested_and_never_negative():
    result = forecast(market(120, size=3.0), calendar=PLAIN)
    rows = [result.low, result.low50, result.value, result.high50, result.high]
    assert (result.low >= 0).all()
    assert all((a <= b + 1e-9).all() for a, b in pairwise(rows))


def test_eight_of_ten_hours_lie_inside_the_interval():
    inside, half = [], []
    for seed in range(12):
        days = 150 + seed
        whole = market(days + 14, seed=seed)
        result = forecast(HourlySeries(START, whole.values[: days * 24]), calendar=PLAIN)
        truth = whole.values[days * 24 :]
        busy = truth > 0
        inside.append(((truth >= result.low) & (truth <= result.high))[busy].mean())
        half.append(((truth >= result.low50) & (truth <= result.high50))[busy].mean())
        assert result.backtest.coverage_80 == pytest.approx(0.8, abs=0.13)
    assert 0.74 <= np.mean(inside) <= 0.87
    assert 0.42 <= np.mean(half) <= 0.60


def test_after_a_level_shift_it_follows_within_days():
    def half(day):
        return 0.5 if day >= 186 else 1.0

    result = forecast(market(200, level=half), calendar=PLAIN)
    truth = expected(214, level=half)[200 * 24 :]
    # two weeks after visitors have halved; four weeks of mean would be half off
    assert mae(result.value, truth) < 0.3 * truth.mean()


def test_gaps_are_not_zeros():
    series = market(200)
    holed = series.values.copy()
    dice = np.random.default_rng(4)
    for begin in dice.integers(0, 190 * 24, 40):
        holed[begin : begin + 20] = np.nan
    holed[-60:-20] = np.nan
    result = forecast(HourlySeries(START, holed), calendar=PLAIN)
    truth = expected(214)[200 * 24 :]
    assert abs(result.value.sum() / truth.sum() - 1) < 0.08
    assert np.isfinite(result.value).all()
    assert "gaps" in dict(result.notes)


def test_a_camera_dead_for_three_weeks_says_so_and_still_forecasts():
    values = market(200).values.copy()
    values[-21 * 24 :] = np.nan
    result = forecast(HourlySeries(START, values), calendar=PLAIN)
    truth = expected(214)[200 * 24 :]
    assert "stale" in dict(result.notes)
    assert abs(result.value.sum() / truth.sum() - 1) < 0.15


def test_a_holiday_seen_before_is_expected_and_does_not_spoil_usual_days():
    holidays = {date(year, 4, 30): "30/4" for year in (2023, 2024, 2025)}
    holidays |= {date(year, 9, 2): "2/9" for year in (2023, 2024)}
    factors = dict.fromkeys(holidays, 0.2)
    start_of_forecast = datetime(2025, 4, 27)
    days = (start_of_forecast - START).days
    series = market(days, factors=factors)
    result = forecast(series, calendar=Calendar(holidays=holidays, lunar=False))
    at = (date(2025, 4, 30) - start_of_forecast.date()).days * 24
    truth = expected(days + 14, factors=factors)[days * 24 :]
    holiday, before = slice(at, at + 24), slice(at - 24, at)
    # a mean leans towards usual as if it had seen one usual day more
    assert 0.1 < result.value[holiday].sum() / result.value[before].sum() < 0.55
    assert abs(result.value[before].sum() / truth[before].sum() - 1) < 0.15
    blind = forecast(series, calendar=PLAIN)
    assert mae(result.value[holiday], truth[holiday]) < 0.6 * mae(blind.value[holiday], truth[holiday])


def test_tet_is_learned_by_its_distance_not_by_its_date():
    factors = {}
    for year in (2023, 2024, 2025, 2026):
        for offset in range(1, 8):
            factors[tet(year) - timedelta(days=offset)] = 1.9
        for after in range(4):
            factors[tet(year) + timedelta(days=after)] = 0.05
    start = datetime(2022, 10, 3)
    origin = datetime(2026, 2, 8)  # Tết 2026: 17 February; 2025: 29 January
    days = (origin - start).days
    result = forecast(market(days, factors=factors, start=start))
    by_day = result.value.reshape(14, 24).sum(axis=1)
    usual = expected(days + 14, start=start)[days * 24 :].reshape(14, 24).sum(axis=1)
    ratio = by_day / usual
    assert (ratio[2:9] > 1.35).all()
    assert (ratio[9:13] < 0.4).all()


def test_lunar_market_days_are_learned():
    days = 500
    factors = {day: 1.6 for n in range(days + 14) if is_market_day(day := (START + timedelta(days=n)).date())}
    result = forecast(market(days, factors=factors))
    by_day = result.value.reshape(14, 24).sum(axis=1)
    usual = expected(days + 14)[days * 24 :].reshape(14, 24).sum(axis=1)
    lunar = np.array([is_market_day((result.start + timedelta(days=n)).date()) for n in range(14)])
    assert lunar.any() and (by_day / usual)[lunar].min() > 1.4
    assert np.abs((by_day / usual)[~lunar] - 1).max() < 0.2


def test_where_last_week_is_better_it_is_used():
    # every second week is another world: the same hour last week is always wrong, its inverse no shape can know;
    # a random walk of whole weeks: last week is all there is to know
    dice = np.random.default_rng(2)
    weeks = 80
    shapes = np.cumsum(dice.normal(0, 40, (weeks, 168)), axis=0)
    shapes += np.abs(shapes.min()) + 1
    result = forecast(HourlySeries(START, shapes.reshape(-1)), horizon=168, calendar=PLAIN)
    assert result.used == "seasonal_naive"
    assert result.value.tolist() == shapes[-1].tolist()
    assert "naive_better" in dict(result.notes)
    assert (result.low <= result.value).all() and (result.high > result.low).any()


@pytest.mark.parametrize(
    ("days", "origins", "note"),
    [(8, False, "short_history"), (20, False, "short_history"), (45, True, "few_origins")],
)
def test_short_histories_say_so(days, origins, note):
    result = forecast(market(days), calendar=PLAIN)
    assert bool(result.backtest.origins) is origins
    if not origins:
        assert result.used == "seasonal_naive" and note in dict(result.notes)
    assert np.isfinite(result.value).all() and np.isfinite(result.high).all()


@pytest.mark.parametrize("horizon", [0, -1, MAX_HORIZON + 1])
def test_horizons_out_of_bounds(horizon):
    with pytest.raises(FlowError, match="Số giờ dự báo"):
        forecast(market(30), horizon=horizon)


def test_less_than_a_week_is_refused():
    with pytest.raises(FlowError, match="một tuần"):
        forecast(market(6))
    with pytest.raises(FlowError, match="một tuần"):
        forecast(HourlySeries(START, np.full(1000, np.nan)))


@pytest.mark.parametrize("horizon", [1, 24, 500, MAX_HORIZON])
def test_any_horizon_gives_that_many_hours(horizon):
    result = forecast(market(100), horizon=horizon, calendar=PLAIN)
    assert result.value.size == result.low50.size == horizon


def test_all_zeros_is_forecast_as_zero():
    result = forecast(HourlySeries(START, np.zeros(100 * 24)), calendar=PLAIN)
    assert not result.value.any() and not result.high.any() and result.used == "seasonal_naive"


@pytest.mark.parametrize("days", [60, 400])
def test_a_forecast_from_the_past_uses_nothing_that_came_later(days):
    calendar = Calendar(holidays={date(2023, 4, 30): "30/4", date(2024, 4, 30): "30/4"})
    series = market(days + 60)
    later = series.values.copy()
    later[days * 24 :] = np.random.default_rng(3).poisson(500, 60 * 24)
    at = days * 24
    known, other = (
        candidates(values, DayEffects(HourlySeries(START, values), calendar, horizon=336), at, 336)
        for values in (series.values, later)
    )
    assert np.array_equal(known[0], other[0]) and np.array_equal(known[1], other[1])


def test_a_street_that_does_not_keep_tet_is_not_treated_as_if_it_did():
    origin = datetime(2026, 2, 8)
    days = (origin - datetime(2022, 10, 3)).days
    series = market(days, start=datetime(2022, 10, 3))
    plain, lunar = forecast(series, calendar=PLAIN), forecast(series, calendar=Calendar())
    assert lunar.value.sum() == pytest.approx(plain.value.sum(), rel=0.02)
    assert lunar.backtest.ratio == pytest.approx(plain.backtest.ratio, rel=0.02)
