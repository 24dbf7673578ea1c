"""Timestamps that lie, and the choice of frames."""

import math

import pytest

from khcn.engines.vision.sources.timing import Bucket, LiveClock, Sampler, Timeline

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(
    ("stamps", "times", "repairs"),
    [
        ([5.0, 5.1, 5.2], [0, 0.1, 0.2], 0),
        ([None, None, None], [0, 0.1, 0.2], 2),
        ([0.0, None, 0.2], [0, 0.1, 0.2], 1),
        ([0.0, 0.1, 0.1, 0.2], [0, 0.1, 0.101, 0.2], 1),
        ([0.0, 0.5, 0.4, 0.6], [0, 0.5, 0.501, 0.6], 1),
        ([90.0, 90.1, 0.0, 0.1], [0, 0.1, 0.2, 0.3], 1),  # the clock was reset
        ([0.0, 0.1, 95443.0, 95443.1], [0, 0.1, 0.2, 0.3], 1),  # and leapt
        ([0.0, 5.0, 10.0], [0, 5, 10], 0),  # a slow film is no error
        ([0.0, math.nan, math.inf, 0.3], [0, 0.1, 0.2, 0.3], 2),
    ],
)
def test_timeline(stamps: list[float | None], times: list[float], repairs: int) -> None:
    timeline = Timeline(step=0.1)
    assert [round(timeline.at(stamp), 4) for stamp in stamps] == pytest.approx(times)
    assert timeline.repairs == repairs


def test_live_times_are_of_capture_not_of_arrival() -> None:
    clock = LiveClock()
    on_time = [clock.at(7 + at / 10, 100 + at / 10) for at in range(10)]
    held_up = [
        clock.at(7 + at / 10, 103.0) for at in range(10, 30)
    ]  # a stall of three seconds, then all at once
    assert on_time[0] == 100.0
    assert held_up == pytest.approx([100 + at / 10 for at in range(10, 30)], abs=0.01)


@pytest.mark.parametrize("stamps", [[None] * 20, [3.0] * 20, [5.0 - at for at in range(20)]])
def test_useless_stamps_are_replaced_by_arrival(stamps: list[float | None]) -> None:
    clock = LiveClock()
    times = [clock.at(stamp, 50 + at / 10) for at, stamp in enumerate(stamps)]
    assert times == pytest.approx([50 + at / 10 for at in range(20)], abs=0.002)


def test_a_flood_cannot_run_ahead_of_the_clock() -> None:
    clock = LiveClock()
    times = [clock.at(at / 10, 50 + at / 1000) for at in range(1000)]  # a hundred times too fast
    assert times[-1] <= 50 + 1.0 + 0.01


def test_a_leap_of_the_stream_is_followed_at_most_to_now() -> None:
    clock = LiveClock()
    assert clock.at(0.0, 10.0) == 10.0
    assert clock.at(5000.0, 10.1) == pytest.approx(10.1)
    assert clock.at(2.0, 10.2) == pytest.approx(10.2)  # and back
    assert clock.at(2.1, 10.3) == pytest.approx(10.3)


@pytest.mark.parametrize(
    ("rate", "fps", "seconds", "taken"),
    [
        (25, 5, 4, 20),
        (10, 5, 8, 40),
        (10, 10, 8, 80),
        (30, 7.5, 4, 30),
        (10, 2.5, 8, 20),
        (10, 25, 2, 20),
        (25, 0.5, 8, 4),
    ],
)
def test_sampler_takes_the_rate_asked(rate: int, fps: float, seconds: int, taken: int) -> None:
    sampler = Sampler(fps)
    assert sum(sampler.wants(round(at / rate, 3)) for at in range(rate * seconds)) == taken


def test_sampler_goes_on_in_the_middle_with_the_same_frames() -> None:
    times = [at / 25 for at in range(250)]
    whole = Sampler(5.0)
    taken = [t for t in times if whole.wants(t)]
    again = Sampler(5.0)
    again.passed(taken[20])
    assert [t for t in times if t > taken[20] and again.wants(t)] == taken[21:]


def test_bucket_bounds_bursts() -> None:
    bucket = Bucket(rate=10, burst=20)
    assert sum(bucket.take(0.0) for _ in range(100)) == 20
    assert sum(bucket.take(1.0) for _ in range(100)) == 10
    assert sum(bucket.take(100.0) for _ in range(100)) == 20
