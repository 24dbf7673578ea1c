"""Local days, the sun's weights, codes for no value, and sentences."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from khcn.engines.energy.intervals import chain, daily, derive, prepare, samples, segments, spread
from khcn.engines.energy.intervals.daylight import sine_of_height, sun_profile
from khcn.engines.energy.intervals.days import completeness, days
from khcn.engines.energy.intervals.messages import INTERVALS
from khcn.engines.energy.intervals.problems import not_implemented
from khcn.engines.energy.types import STEP_MS, Intervals, Quality
from tests.engines.energy.intervals.series import T0


def blank(start_ms: int, count: int) -> Intervals:
    return Intervals(start_ms, np.zeros(count), np.full(count, int(Quality.MEASURED), np.uint8))


@pytest.mark.parametrize(
    ("zone", "midnight", "expected"),
    [
        ("Asia/Ho_Chi_Minh", "2026-03-01T17:00", 96),
        ("Europe/Berlin", "2026-03-28T23:00", 92),
        ("Europe/Berlin", "2026-10-24T22:00", 100),
    ],
)
def test_days_have_92_96_or_100_intervals(zone: str, midnight: str, expected: int) -> None:
    start = int(np.datetime64(midnight, "ms").astype(np.int64))
    (day, after) = days(blank(start, expected + 4), zone)
    assert (day.first, day.stop, day.expected) == (0, expected, expected)
    assert (after.first, after.stop) == (expected, expected + 4)


def test_a_window_that_begins_at_noon() -> None:
    (day, after) = days(blank(T0 + 48 * STEP_MS, 60), "Asia/Ho_Chi_Minh")
    assert (day.date, day.first, day.stop, day.expected) == (date(2026, 3, 2), 0, 48, 96)
    assert (after.date, after.first, after.stop) == (date(2026, 3, 3), 48, 60)
    assert days(blank(T0, 0), "UTC") == []


def test_completeness_counts_what_was_measured() -> None:
    values = np.array([1.0, np.nan, 2.0, 0.0])
    flags = np.array([Quality.MEASURED, 0, Quality.INTERPOLATED, Quality.MEASURED], np.uint8)
    found = Intervals(T0, values, flags)
    assert completeness(found) == 0.5
    assert completeness(found, np.array([True, False, False, True])) == 1.0


@pytest.mark.parametrize(
    ("moment", "height"),
    [  # pvlib 0.16 get_solarposition, elevation without refraction, Tan Son Nhat 10.755 N 106.667 E
        ("2026-06-21T05:00", 77.26),
        ("2026-12-21T05:00", 55.74),
        ("2026-03-20T00:00", 14.46),
        ("2026-09-23T10:00", 11.20),
    ],
)
def test_the_height_of_the_sun(moment: str, height: float) -> None:
    ms = np.array([np.datetime64(moment, "ms").astype(np.int64)])
    assert np.degrees(np.arcsin(sine_of_height(ms, 10.755, 106.667)))[0] == pytest.approx(height, abs=0.3)


def test_nights_weigh_nothing() -> None:
    weights = sun_profile(10.755, 106.667)(T0, T0 + 96 * STEP_MS)
    assert (weights[:23] == 0).all() and (weights[76:] == 0).all()
    assert 46 <= int(weights.argmax()) <= 50


@pytest.mark.parametrize(
    ("raw", "kind", "missing"),
    [
        (-32768, "int16", True), (0x8000, "int16", True), (32767, "int16", False), (65535, "uint16", True),
        (65535, "int32", False), (-2147483648, "int32", True), (4294967295, "uint32", True), (0, "acc32", True), (0, "uint32", False),
        (float("nan"), "float32", True), (float("inf"), "float64", True), (1.5, "float32", False), (65535, "enum16", True),
    ],
)  # fmt: skip
def test_codes_for_not_implemented(raw: float, kind: str, missing: bool) -> None:
    assert not_implemented(raw, kind) is missing


def test_every_event_has_its_sentence() -> None:
    told = set()
    for module in (chain, daily, derive, prepare, samples, segments, spread):
        told |= set(
            re.findall(r'(?:Event|grouped)\(\s*"([a-z?-]+)"', Path(module.__file__ or "").read_text())
        )
    told |= {
        "gap",
        "missing",
        "spike",
        "dip",
        "rollover",
        "reset",
        "jump",
        "replaced-meter",
        "replaced-meter?",
    }
    assert told <= set(INTERVALS)
    assert set(INTERVALS) <= told
