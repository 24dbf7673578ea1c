"""Samples of power, of a quantity whose mean counts, and of a state, as intervals."""

from typing import Final

import numpy as np

from khcn.engines.energy.intervals.prepare import HOUR_MS, Readings
from khcn.engines.energy.intervals.spread import Curve, Profile, cut, grid, levels_at, overlap
from khcn.engines.energy.types import STEP_MS, Channel, ChannelKind, Event, Flags, Millis, Quality, Values

STALE_RUN: Final = 3  # equal samples in a row before they can be stale
_NOTHING: Final = 0.002  # share of the rating below which power is standby, whose value may well stand still


def power_curve(channel: Channel, ms: Millis, values: Values) -> Curve:
    """Return the energy under the samples (trapezoids); steps longer than ``longest_gap_s`` are not known."""
    steps = np.diff(ms, prepend=ms[0] if len(ms) else 0)
    far = steps > channel.longest_gap_s * 1000
    means = (values + np.concatenate([values[:1], values[:-1]])) / 2
    energy = np.where(far, 0.0, means * steps / HOUR_MS)
    return Curve(ms, np.cumsum(energy), np.zeros(len(ms), np.uint8), far, far.copy(), values)


def power(
    channel: Channel, readings: Readings, bounds: tuple[int, int], profile: Profile | None
) -> tuple[Values, Flags, Curve]:
    """Return (kWh of each interval, flags, the curve)."""
    curve = power_curve(channel, readings.ms, readings.values)
    values, flags = cut(curve, *bounds, profile)
    return values, flags, curve


def gauge(channel: Channel, readings: Readings, bounds: tuple[int, int]) -> tuple[Values, Flags, Curve]:
    """Return (time-weighted mean of each interval, flags, the curve); a lone sample is the mean of its interval."""
    curve = power_curve(channel, readings.ms, readings.values)
    edges = grid(*bounds)
    values, flags = np.full(len(edges) - 1, np.nan), np.zeros(len(edges) - 1, np.uint8)
    if not len(readings.ms):
        return values, flags, curve
    steps = np.diff(curve.ms, prepend=curve.ms[0]).astype(np.float64)
    known = overlap(curve.ms, steps * ~curve.unknown, edges)
    under = np.diff(levels_at(curve, edges, None))
    there = known > 0.5  # less than half a millisecond is rounding
    values[there] = under[there] / (known[there] / HOUR_MS)
    spots = (readings.ms - edges[0]) // STEP_MS
    inside = (spots >= 0) & (spots < len(values))
    counts = np.bincount(spots[inside], minlength=len(values))
    lone = ~there & (counts > 0)
    sums = np.bincount(spots[inside], readings.values[inside], minlength=len(values))
    values[lone] = sums[lone] / counts[lone]
    flags[there | lone] |= np.uint8(Quality.MEASURED)
    return values, flags, curve


def state(channel: Channel, readings: Readings, bounds: tuple[int, int]) -> tuple[Values, Flags]:
    """Return (last value of each interval, flags); a state holds until the next one, at most ``longest_gap_s``."""
    edges = grid(*bounds)
    last = np.searchsorted(readings.ms, edges[1:], "left") - 1
    values, flags = np.full(len(edges) - 1, np.nan), np.zeros(len(edges) - 1, np.uint8)
    if not len(readings.ms):
        return values, flags
    age = edges[:-1] - readings.ms[np.maximum(last, 0)]
    held = (last >= 0) & (age <= channel.longest_gap_s * 1000)
    values[held] = readings.values[last[held]]
    flags[held] = Quality.MEASURED
    return values, flags


def mark_stale(
    channel: Channel, readings: Readings, bounds: tuple[int, int], profile: Profile | None, flags: Flags
) -> list[Event]:
    """Flag intervals under samples that stand still for longer than ``stale_after_s``, by day; return the events."""
    if channel.stale_after_s is None or len(readings.ms) < STALE_RUN:
        return []
    ms, values = readings.ms, readings.values
    edges = np.flatnonzero(np.concatenate([[True], np.diff(values) != 0, [True]]))
    first, last = edges[:-1], edges[1:] - 1
    least = _NOTHING * (channel.rated_kw or 0.0) if channel.kind is ChannelKind.POWER else 0.0
    long = (ms[last] - ms[first] > channel.stale_after_s * 1000) & (last - first + 1 >= STALE_RUN)
    long &= np.abs(values[first]) > least
    long &= (ms[last] > bounds[0]) & (ms[first] < bounds[1])
    light = np.ones(len(flags), bool) if profile is None else profile(*bounds) > 0
    events = []
    for low, high in zip(first[long].tolist(), last[long].tolist(), strict=True):
        begin = max(int((ms[low] - bounds[0]) // STEP_MS), 0)
        end = min(int((ms[high] - 1 - bounds[0]) // STEP_MS) + 1, len(flags))
        under = np.arange(begin, end)
        under = under[light[begin:end] & (flags[begin:end] & Quality.MEASURED > 0)]
        if len(under):
            flags[under] |= np.uint8(Quality.STALE)
            hours = round(float(ms[high] - ms[low]) / HOUR_MS, 1)
            params = {"count": high - low + 1, "value": round(float(values[low]), 4), "hours": hours}
            events.append(Event("stale", int(ms[low]), int(ms[high]), params))
    return events
