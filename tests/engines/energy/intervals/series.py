"""Readings for stories: minutes after 2026-03-02 00:00 in Ho Chi Minh City."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from khcn.engines.energy.intervals.derive import derive
from khcn.engines.energy.types import STEP_MS, Channel, ChannelKind, Intervals, Quality

T0 = 1_772_384_400_000  # 2026-03-02 00:00 +07:00
MINUTE = 60_000
METER = Channel("meter", ChannelKind.COUNTER, rated_kw=50, resolution=0.01)
DAILY = Channel("today", ChannelKind.DAILY_COUNTER, rated_kw=50, resolution=0.01)
POWER = Channel("power", ChannelKind.POWER, rated_kw=50)
SUN = Channel("poa", ChannelKind.GAUGE, lowest=-20, highest=1600)


def at(minute: float) -> int:
    """Return ms of a minute of the day."""
    return T0 + int(minute * MINUTE)


def run(
    channel: Channel, readings: Sequence[tuple[float, float]], hours: float = 24, **more: Any
) -> Intervals:
    """Derive the first ``hours`` from (minute, value) pairs."""
    ms = np.array([at(minute) for minute, _ in readings], np.int64)
    values = np.array([value for _, value in readings], float)
    end = T0 + int(hours * 4) * STEP_MS
    return derive(channel, ms, values, start_ms=T0, end_ms=end, **more)


def kinds(found: Intervals) -> list[str]:
    """Return the kinds of the events, in order."""
    return [event.kind for event in found.events]


def total(found: Intervals) -> float:
    """Return the sum of what is known."""
    return float(np.nansum(found.values))


def having(found: Intervals, flag: Quality) -> list[int]:
    """Return the intervals with ``flag``."""
    return np.flatnonzero(found.flags & flag).tolist()


def steady(first: float, kw: float, begin: int, end: int, step: int = 15) -> list[tuple[float, float]]:
    """Return a counter that rises evenly from ``first``, a reading every ``step`` minutes."""
    return [(minute, first + kw * (minute - begin) / 60) for minute in range(begin, end + 1, step)]
