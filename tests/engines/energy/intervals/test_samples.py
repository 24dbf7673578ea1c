"""Power, gauges and states."""

import math

import numpy as np
import pytest

from khcn.engines.energy.types import Channel, ChannelKind, Quality
from tests.engines.energy.intervals.series import POWER, SUN, having, kinds, run, total

M = Quality.MEASURED


def test_power_is_the_area_under_the_samples() -> None:
    found = run(POWER, [(0, 0), (30, 20)], 0.5)
    assert found.values.tolist() == pytest.approx([1.25, 3.75])
    assert found.flags.tolist() == [M, M]


def test_uneven_samples_add_up_to_the_trapezoids() -> None:
    rng = np.random.default_rng(1)
    minutes = np.sort(rng.choice(24 * 60, 300, replace=False))
    kw = rng.uniform(0, 50, 300)
    found = run(POWER, list(zip(minutes.tolist(), kw.tolist(), strict=True)))
    assert total(found) == pytest.approx(float(np.trapezoid(kw, minutes / 60)), rel=1e-9)


def test_no_samples_is_missing_not_zero() -> None:
    found = run(POWER, [(0, 10), (15, 10), (255, 10), (270, 10)], 4.5)
    assert np.isnan(found.values[1:17]).all()
    assert found.flags.tolist() == [M, *[0] * 16, M]
    assert kinds(found) == ["missing"]


def test_an_interval_mostly_measured_is_held_to_its_end() -> None:
    found = run(POWER, [(0, 10), (10, 10), (300, 10)], 5)
    assert found.values[0] == pytest.approx(2.5)
    assert found.flags[0] == M | Quality.INTERPOLATED
    assert math.isnan(run(POWER, [(0, 10), (4, 10), (300, 10)], 5).values[0])


def test_the_latest_interval_is_what_came_so_far() -> None:
    found = run(POWER, [(0, 12), (5, 12)], 0.25)
    assert found.values[0] == pytest.approx(1.0)


def test_a_night_without_rows_is_no_gap() -> None:
    def day(start_ms: int, end_ms: int) -> np.ndarray:
        hours = (np.arange(start_ms, end_ms, 900_000) / 3_600_000 + 7) % 24
        return np.where((hours >= 6) & (hours < 18), np.sin((hours - 6) / 12 * np.pi) + 0.001, 0.0)

    found = run(POWER, [(17.5 * 60, 1), (18 * 60, 0), (30 * 60, 0), (30.5 * 60, 1)], 31, profile=day)
    assert found.values[72:120].tolist() == [0] * 48
    assert (found.flags[72:120] == M).all()
    assert kinds(found) == []


def test_samples_beyond_the_rating_are_kept_apart() -> None:
    found = run(POWER, [(0, 10), (15, 6553.5), (30, 10)], 0.5)
    assert total(found) == pytest.approx(5)
    assert having(found, Quality.OUT_OF_RANGE) == [1]
    assert kinds(found) in (["out-of-range"], ["not-implemented"])


def test_a_minus_million_is_no_power() -> None:
    for free in (Channel("p", ChannelKind.POWER, lowest=-10, highest=10), Channel("p", ChannelKind.POWER)):
        found = run(free, [(0, 5), (15, -1_000_000), (30, 5)], 0.5)
        assert total(found) == pytest.approx(2.5)
        assert kinds(found) == ["out-of-range"]


def test_gauge_means_are_weighted_by_time() -> None:
    found = run(SUN, [(0, 0), (5, 300), (15, 300)], 0.25)
    assert found.values[0] == pytest.approx((150 * 5 + 300 * 10) / 15)
    alone = run(SUN, [(7, 500)], 0.5)
    assert alone.values[0] == 500 and alone.flags.tolist() == [M, 0]


def test_a_temperature_of_32_768_is_a_temperature() -> None:
    channel = Channel("t", ChannelKind.GAUGE)
    found = run(channel, [(0, 32.7), (5, 32.768), (10, 32.8)], 0.25)
    assert found.events == ()
    wrong = run(channel, [(0, 230.1), (5, 6553.5), (10, 230.2)], 0.25)
    assert kinds(wrong) == ["not-implemented"]


def test_standing_still_in_the_light_is_stale() -> None:
    channel = Channel("p", ChannelKind.POWER, rated_kw=50, stale_after_s=3600)
    still = [(minute, 12.34) for minute in range(60, 181, 15)]
    found = run(channel, [(0, 10), (45, 11), *still, (195, 13), (210, 14)], 3.5)
    assert having(found, Quality.STALE) == list(range(4, 12))
    assert kinds(found) == ["stale"]
    dark = run(channel, [(minute, 0.0) for minute in range(0, 600, 15)], 10)
    assert dark.events == () and not having(dark, Quality.STALE)


def test_states_hold_for_a_while() -> None:
    channel = Channel("s", ChannelKind.STATE, longest_gap_s=1800)
    found = run(channel, [(5, 512), (10, 513)], 1.5)
    assert found.values[:3].tolist() == [513, 513, 513]
    assert np.isnan(found.values[3:]).all()
