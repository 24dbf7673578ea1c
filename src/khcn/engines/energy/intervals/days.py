"""Intervals by local day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.daily import midnights
from khcn.engines.energy.table.zones import utc_to_wall
from khcn.engines.energy.types import DAY_MS, Intervals, Quality

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """Intervals ``first`` to ``stop`` (not included) lie in local day ``date``; a whole day has ``expected`` of them."""

    date: date
    first: int
    stop: int
    expected: int  # 96, or 92 and 100 when clocks change


def days(intervals: Intervals, zone: str) -> list[Day]:
    """Return the local days that ``intervals`` touch, in order."""
    count = len(intervals.values)
    if not count:
        return []
    bounds = midnights(zone, intervals.start_ms, intervals.end_ms - 1)
    first = int(utc_to_wall(np.array([intervals.start_ms]), zone)[0] // DAY_MS)
    places = (bounds - intervals.start_ms) // intervals.step_ms
    out = []
    for number, (low, high) in enumerate(zip(places[:-1].tolist(), places[1:].tolist(), strict=True)):
        expected = int((bounds[number + 1] - bounds[number]) // intervals.step_ms)
        day = _EPOCH + timedelta(days=first + number)
        out.append(Day(day, max(low, 0), min(high, count), expected))
    return [day for day in out if day.stop > day.first]


def completeness(intervals: Intervals, expected: NDArray[np.bool_] | None = None) -> float:
    """Return the share (0..1) of intervals that are measured; only those ``expected`` count (None: all).

    Estimates do not count: INTERPOLATED without MEASURED is a hole that was filled. No interval: 0.
    """
    good = (intervals.flags & Quality.MEASURED > 0) & ~np.isnan(intervals.values)
    if expected is not None:
        good = good[expected]
    return float(good.mean()) if len(good) else 0.0
