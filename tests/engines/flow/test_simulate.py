"""Simulated markets: whoever comes leaves, causes can be found again, no row is no count."""

from datetime import date

import numpy as np
import pytest

from khcn.engines.flow.simulate import DemoMarket, demo_minutes

START = date(2024, 1, 1)


@pytest.fixture(scope="module")
def market() -> DemoMarket:
    return next(demo_minutes(4, 400, start=START, markets=1))


def daily(market: DemoMarket) -> np.ndarray:
    return market.true_in.reshape(-1, 1440).sum(axis=1).astype(float)


def test_the_same_seed_gives_the_same_market_alone_or_among_others(market: DemoMarket) -> None:
    again = next(demo_minutes(4, 400, start=START, markets=3))
    other = next(demo_minutes(5, 400, start=START, markets=1))
    assert np.array_equal(market.count_in, again.count_in)
    assert not np.array_equal(market.count_in, other.count_in)


def test_everybody_leaves_and_nobody_is_inside_twice(market: DemoMarket) -> None:
    assert market.occupancy.min() >= 0
    assert (market.occupancy.reshape(-1, 1440)[:, -1] == 0).all()
    assert market.occupancy.max() > 50


def test_mean_stay_is_the_one_that_was_asked_for(market: DemoMarket) -> None:
    assert market.occupancy.sum() / market.true_in.sum() == pytest.approx(
        market.causes.stay_minutes, rel=0.06
    )


def test_without_a_row_there_is_no_count(market: DemoMarket) -> None:
    assert 0.005 < 1 - market.measured.mean() < 0.08
    assert not market.count_in[~market.measured].any()
    assert not market.count_out[~market.measured].any()
    assert not market.person_s[:, ~market.zones_measured].any()
    assert np.isnan(market.hourly_in()).any()


def test_cameras_miss_what_they_are_said_to_miss(market: DemoMarket) -> None:
    up = market.measured.all(axis=0)
    share = market.count_in[:, up].sum() / market.true_in[up].sum()
    assert share == pytest.approx(market.causes.recall + 0.005, abs=0.004)


def test_rain_and_lunar_days_can_be_found_again(market: DemoMarket) -> None:
    causes, days = market.causes, daily(market)
    expected = causes.level
    assert np.log(days[~causes.flood] + 1).std() > 0.1
    steady = expected > 0.2 * causes.usual
    assert np.median(days[steady] / expected[steady]) == pytest.approx(1.0, abs=0.03)
    flat = expected / np.where(causes.rain & ~causes.flood, causes.rain_factor, 1.0)
    rainy, dry = causes.rain & ~causes.flood & steady, ~causes.rain & steady
    ratio = np.median(days[rainy] / flat[rainy]) / np.median(days[dry] / flat[dry])
    assert ratio == pytest.approx(causes.rain_factor, abs=0.04)
    assert causes.flood.sum() == 3
    assert days[causes.flood].max() < 0.3 * causes.usual


@pytest.mark.parametrize(
    ("day", "low", "high"),
    [
        (date(2024, 2, 8), 1.8, 2.8),  # two days before Tết Giáp Thìn
        (date(2024, 2, 10), 0.0, 0.0),  # mùng một
        (date(2024, 2, 12), 0.1, 0.4),
    ],
)
def test_tet(market: DemoMarket, day: date, low: float, high: float) -> None:
    level = market.causes.level[(day - START).days] / market.causes.usual
    assert low <= level <= high


def test_hours_are_those_of_a_market(market: DemoMarket) -> None:
    by_hour = market.true_in.reshape(-1, 24, 60).sum(axis=(0, 2))
    assert by_hour[[0, 1, 2, 20, 21, 22, 23]].sum() == 0
    assert by_hour[7] > 2 * by_hour[13]
    assert by_hour[16] > 2 * by_hour[13]
    assert by_hour[4] > by_hour[5] / 3  # goods before dawn


def test_no_market_without_days() -> None:
    with pytest.raises(ValueError, match="at least one"):
        next(demo_minutes(1, 0, start=START))
