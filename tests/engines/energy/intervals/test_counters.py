"""Cumulative registers: each disturbance as a short story."""

import math

import numpy as np
import pytest

from khcn.engines.energy.types import Channel, ChannelKind, Quality
from tests.engines.energy.intervals.series import DAILY, METER, at, having, kinds, run, steady, total

M, SHARED, R = Quality.MEASURED, Quality.INTERPOLATED, Quality.RESET


def test_clean_register() -> None:
    found = run(METER, steady(1000, 8, 0, 60), 1.5)
    assert found.values[:4].tolist() == pytest.approx([2, 2, 2, 2])
    assert np.isnan(found.values[4:]).all()
    assert found.flags.tolist() == [M, M, M, M, 0, 0]
    assert found.events == ()


def test_readings_between_bounds_are_shared_out_by_time() -> None:
    found = run(METER, [(5, 10), (20, 13), (35, 13)], 1)
    assert found.values[:3].tolist() == pytest.approx([2, 1, 0])


def test_noise_is_no_energy() -> None:
    noisy = [(0, 100), (5, 100.02), (10, 100.01), (15, 100.02), (20, 100.01), (25, 100.5), (30, 101)]
    found = run(METER, noisy, 0.5)
    assert total(found) == pytest.approx(1.0, rel=1e-12)
    assert (found.values >= 0).all()
    assert kinds(found) == ["jitter"]


def test_a_restart_that_forgets_a_little_is_not_counted_again() -> None:
    # grott #99: 0.1 kWh down, and the whole total was counted again
    found = run(METER, [(0, 5000), (15, 5001), (30, 5000.9), (45, 5002), (60, 5003)], 1)
    assert total(found) == pytest.approx(3)
    assert kinds(found) == ["slipped"]


def test_back_to_zero_counts_from_zero() -> None:
    found = run(METER, [*steady(5000, 8, 0, 60), *steady(0.5, 8, 75, 120)], 2)
    assert total(found) == pytest.approx(8 + 0.5 + 6)
    assert having(found, R) == [4]
    assert kinds(found) == ["reset"]
    assert found.events[0].params["before"] == 5008


def test_one_reading_after_a_reset_already_counts() -> None:
    assert total(run(METER, [*steady(5000, 8, 0, 60), (75, 0.5)], 2)) == pytest.approx(8.5)


def test_modulus() -> None:
    channel = Channel("m", ChannelKind.COUNTER, rated_kw=50, resolution=0.1, modulus=6553.6)
    found = run(channel, [(0, 6550), (15, 6552), (30, 0.4), (45, 2.4)], 0.75)
    assert found.values.tolist() == pytest.approx([2, 2, 2])
    assert having(found, Quality.ROLLOVER) == [1]
    assert kinds(found) == ["rollover"]


@pytest.mark.parametrize("rated", [50.0, None])
def test_zeros_in_the_middle_are_no_reset(rated: float | None) -> None:
    channel = Channel("m", ChannelKind.COUNTER, rated_kw=rated)
    found = run(channel, [(0, 5000), (15, 5002), (30, 0), (45, 0), (60, 5008), (75, 5010)], 1.25)
    assert total(found) == pytest.approx(10, rel=1e-12)
    assert kinds(found) == ["counter-zeros"]
    assert found.events[0].params["count"] == 2
    assert not having(found, R)


def test_an_inverter_that_reads_zero_all_night() -> None:
    night = [(minute, 0.0) for minute in range(18 * 60, 30 * 60, 15)]
    found = run(
        METER, [*steady(5000, 8, 17 * 60, 18 * 60 - 15), *night, *steady(5006, 8, 30 * 60, 31 * 60)], 32
    )
    assert total(found) == pytest.approx(14)
    assert kinds(found)[0] == "counter-zeros"


def test_a_zero_that_nothing_follows_waits() -> None:
    found = run(METER, [*steady(5000, 8, 0, 60), (75, 0)], 1.5)
    assert total(found) == pytest.approx(8)
    assert kinds(found) == ["counter-at-zero"]


def test_another_meter_invents_nothing_and_asks_a_person() -> None:
    found = run(METER, [*steady(12345, 8, 0, 60), *steady(350, 8, 75, 135)], 2.25)
    assert total(found) == pytest.approx(16)
    assert math.isnan(found.values[4])
    assert having(found, Quality.REPLACED) == [4]
    assert kinds(found) == ["replaced-meter?"]
    assert (found.events[0].params["before"], found.events[0].params["after"]) == (12353, 350)


def test_a_marked_replacement_is_believed_even_when_the_new_index_is_higher() -> None:
    found = run(METER, [*steady(1000, 8, 0, 60), *steady(1009, 8, 75, 135)], 2.25, replacements=[at(70)])
    assert total(found) == pytest.approx(16)
    assert kinds(found) == ["replaced-meter"]
    assert having(found, Quality.REPLACED) == [4]


def test_spike_up_and_back() -> None:
    found = run(METER, [(0, 1000), (15, 1002), (30, 9000), (45, 1006), (60, 1008)], 1)
    assert total(found) == pytest.approx(8)
    assert kinds(found) == ["spike"]
    assert having(found, Quality.OUT_OF_RANGE) == [1]


def test_a_jump_is_held_back_until_the_new_level_persists() -> None:
    waiting = run(METER, [*steady(1000, 8, 0, 60), (75, 9000)], 2)
    assert total(waiting) == pytest.approx(8)
    assert kinds(waiting) == ["held-back"]
    settled = run(METER, [*steady(1000, 8, 0, 60), *steady(9000, 8, 75, 135)], 2.25)
    assert total(settled) == pytest.approx(16)
    assert kinds(settled) == ["jump"]
    assert settled.events[0].params["kwh"] == 7992
    assert having(settled, Quality.OUT_OF_RANGE) == [4]


def test_a_hundred_kilowatts_at_noon_are_not_dropped() -> None:
    # emoncms drops every increment above 60 kW
    roof = Channel("roof", ChannelKind.COUNTER, rated_kw=150)
    found = run(roof, steady(1000, 140, 0, 120), 2)
    assert total(found) == pytest.approx(280)
    assert found.events == ()


@pytest.mark.parametrize("code", [4294967295, 42949672.95, 2147483648, math.nan])
def test_codes_for_no_value(code: float) -> None:
    found = run(METER, [(0, 1000), (15, 1002), (30, code), (45, 1006)], 0.75)
    assert total(found) == pytest.approx(6)
    assert kinds(found) == ["no-value" if math.isnan(code) else "not-implemented"]


def test_doubles() -> None:
    same = run(METER, [(0, 10), (15, 12), (15, 12), (30, 14)], 0.5)
    assert same.events == () and total(same) == pytest.approx(4)
    other = run(METER, [(0, 10), (15, 12), (15, 13), (30, 14)], 0.5)
    assert kinds(other) == ["conflict"]
    assert other.values.tolist() == pytest.approx([2, 2])


def test_of_two_values_the_first_to_arrive_counts() -> None:
    arrived = np.array([at(0), at(50), at(16), at(30)])
    found = run(METER, [(0, 10), (15, 13), (15, 12), (30, 14)], 0.5, arrived_ms=arrived)
    assert found.values.tolist() == pytest.approx([2, 2])


def test_clocks_of_1970_and_2040() -> None:
    readings = [(0, 10), (15, 12), (-29_539_000, 12.5), (7_300_000, 13), (30, 14)]
    found = run(METER, readings, 0.5, plausible_from=at(-100_000), plausible_to=at(1000))
    assert found.values.tolist() == pytest.approx([2, 2])
    assert kinds(found) == ["clock-wrong", "clock-wrong"]


def test_late_readings_are_marked() -> None:
    arrived = np.array([at(0), at(500), at(31)])
    found = run(METER, [(0, 10), (15, 12), (30, 14)], 0.5, arrived_ms=arrived)
    assert having(found, Quality.LATE) == [0]
    assert kinds(found) == ["late"]


def test_the_energy_of_a_gap_is_known_and_its_shape_is_not() -> None:
    found = run(METER, [(0, 100), (15, 101), (255, 109), (270, 110)], 4.5)
    assert total(found) == pytest.approx(10)
    assert found.values[1:17].tolist() == pytest.approx([0.5] * 16)
    assert found.flags.tolist() == [M, *[SHARED] * 16, M]
    assert kinds(found) == ["gap"]


def test_a_gap_follows_the_profile() -> None:
    def noon_only(start_ms: int, end_ms: int) -> np.ndarray:
        minutes = (np.arange(start_ms, end_ms, 900_000) - at(0)) // 60_000
        return np.where((minutes >= 120) & (minutes < 150), 1.0, 0.0)

    found = run(METER, [(0, 100), (240, 108)], 4, profile=noon_only)
    assert found.values[8:10].tolist() == pytest.approx([4, 4])
    assert total(found) == pytest.approx(8)
    assert (
        found.flags.tolist() == [M] * 8 + [SHARED, SHARED] + [M] * 6
    )  # nothing can flow before and after: known zeros


def test_a_register_that_stood_still_leaves_no_gap() -> None:
    found = run(METER, [(0, 100), (720, 100)], 12)
    assert found.flags.tolist() == [M] * 48
    assert total(found) == 0


def test_hourly_readings_are_measured() -> None:
    assert set(run(METER, steady(0, 4, 0, 240, 60), 4).flags.tolist()) == {M}


def test_negative_totals_and_nothing_at_all() -> None:
    assert kinds(run(METER, [(0, 10), (15, -500), (30, 12)], 0.5)) == ["out-of-range"]
    empty = run(METER, [], 1)
    assert np.isnan(empty.values).all() and not empty.flags.any()


def test_noise_without_a_register_is_all_set_aside() -> None:
    rng = np.random.default_rng(4)
    found = run(METER, [(minute, float(rng.uniform(0, 1e6))) for minute in range(0, 240, 5)], 4)
    assert total(found) < 60


def test_the_day_counter_reset_at_midnight() -> None:
    found = run(DAILY, [*[(m, v) for m, v in steady(0, 4, 60, 600)], *steady(0, 4, 1440, 1500)], 25)
    assert total(found) == pytest.approx(36 + 4)
    assert kinds(found) == []


def test_the_day_counter_that_keeps_its_value_until_it_wakes() -> None:
    first = steady(0, 4, 360, 1080)  # 06:00 to 18:00: 48 kWh
    night = [(minute, 48.0) for minute in range(1095, 1440 + 360, 15)]
    second = steady(0, 4, 1440 + 360, 1440 + 720)
    found = run(DAILY, [*first, *night, *second], 48)
    assert total(found) == pytest.approx(48 + 24)
    assert np.nansum(found.values[:96]) == pytest.approx(48)
    assert kinds(found) == []
    assert not having(found, R)


def test_the_day_counter_that_replays_yesterday_at_wake_up() -> None:
    first = steady(0, 4, 360, 1080)
    second = [(1440, 0), (1440 + 355, 48.0), *steady(0, 4, 1440 + 360, 1440 + 480)]
    found = run(DAILY, [*first, *second], 48)
    assert total(found) == pytest.approx(48 + 8)
    assert kinds(found) == ["replayed-day"]


def test_the_day_counter_restarted_at_noon() -> None:
    found = run(DAILY, [*steady(0, 4, 360, 720), *steady(0.3, 4, 735, 780)], 24)
    assert total(found) == pytest.approx(24 + 0.3 + 3)
    assert kinds(found) == ["reset"]


def test_the_day_counter_with_a_day_missing_counts_each_day_alone() -> None:
    found = run(DAILY, [(600, 10), (720, 20), (1440 * 2 + 700, 25)], 72)
    assert np.nansum(found.values[:96]) == pytest.approx(20)
    assert np.nansum(found.values[96:192]) == 0
    assert np.nansum(found.values[192:]) == pytest.approx(25)


def test_the_day_counter_first_seen_at_noon_counts_since_midnight() -> None:
    found = run(DAILY, steady(10, 4, 720, 780), 24)
    assert total(found) == pytest.approx(14)
