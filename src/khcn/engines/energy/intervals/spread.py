"""A curve of known energy cut into intervals. Sums telescope: the intervals of a span add up to the curve's rise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import DAY_MS, STEP_MS, Event, Flags, Millis, Quality, Values

# Relative weights (0: nothing is expected, as for a PV system at night) of the intervals of STEP_MS from the first
# argument to the second, both multiples of STEP_MS.
Profile = Callable[[int, int], Values]
LONGEST_SHAPED_MS: Final = 400 * DAY_MS  # a longer gap is spread evenly
HELD_SHARE: Final = 0.5  # part of an interval that must be known before the rest is taken to be like it
_LEAST_MS: Final = 0.5  # less of an interval than this is rounding


@dataclass(slots=True)
class Curve:
    """Energy since the first reading at reading times. Step ``i`` ends at reading ``i``; step 0 is empty.

    ``unknown``: the step's energy is not known. ``gap``: only the step's total is known. ``power``: kW at the readings,
    for exact cuts inside a step (None: energy grows evenly).
    """

    ms: Millis
    kwh: Values
    flags: Flags
    unknown: NDArray[np.bool_]
    gap: NDArray[np.bool_]
    power: Values | None = None


def grid(start_ms: int, end_ms: int) -> Millis:
    """Return the bounds of the intervals from ``start_ms`` to ``end_ms`` (multiples of the step)."""
    return np.arange(start_ms, end_ms + 1, STEP_MS, dtype=np.int64)


def cut(curve: Curve, start_ms: int, end_ms: int, profile: Profile | None) -> tuple[Values, Flags]:
    """Return (kWh of each interval, nan where nothing is known; flags)."""
    bounds = grid(start_ms, end_ms)
    count = len(bounds) - 1
    flags = np.zeros(count, np.uint8)
    if not len(curve.ms):
        return np.full(count, np.nan), flags
    at_bounds = levels_at(curve, bounds, profile)
    values = np.diff(at_bounds)
    steps = np.diff(curve.ms, prepend=curve.ms[0]).astype(np.float64)
    known = overlap(curve.ms, steps * ~curve.unknown, bounds)
    shared = overlap(curve.ms, steps * (curve.gap & ~curve.unknown), bounds)
    flags[known > shared + _LEAST_MS] |= np.uint8(Quality.MEASURED)
    flags[shared > _LEAST_MS] |= np.uint8(Quality.INTERPOLATED)
    if curve.power is not None:
        _hold(curve, bounds, known, values, flags)
    values[known <= _LEAST_MS] = np.nan
    _mark_steps(curve, bounds, known, flags)
    if profile is not None:
        inner = (bounds[:-1] >= curve.ms[0]) & (bounds[1:] <= curve.ms[-1])
        doubtful = inner & ((known <= _LEAST_MS) | (flags & Quality.INTERPOLATED > 0))
        _rest_at_night(doubtful, bounds, profile, values, flags)
    return values, flags


def levels_at(curve: Curve, bounds: Millis, profile: Profile | None) -> Values:
    """Return the curve at ``bounds``: straight between readings, by ``profile`` inside gaps, flat outside."""
    levels = np.interp(bounds, curve.ms, curve.kwh)
    if curve.power is not None:
        _bend(curve, curve.power, bounds, levels)
    if profile is None:
        return levels
    shaped = np.diff(curve.ms, prepend=curve.ms[0]) <= LONGEST_SHAPED_MS
    wide = np.flatnonzero(
        shaped & curve.gap & ~curve.unknown & (np.diff(curve.kwh, prepend=curve.kwh[0]) > 0)
    )
    inside = wide[(curve.ms[wide] > bounds[0]) & (curve.ms[wide - 1] < bounds[-1])]
    for at in inside.tolist():
        low, high = int(curve.ms[at - 1]), int(curve.ms[at])
        within = slice(np.searchsorted(bounds, low, "right"), np.searchsorted(bounds, high, "left"))
        share = _shares(profile, low, high, bounds[within])
        if share is not None:
            levels[within] = curve.kwh[at - 1] + (curve.kwh[at] - curve.kwh[at - 1]) * share
    return levels


def _shares(profile: Profile, low: int, high: int, bounds: Millis) -> Values | None:
    """Return the share of a gap's energy that lies before each bound; None when the profile expects none at all."""
    first, last = low // STEP_MS * STEP_MS, -(-high // STEP_MS) * STEP_MS
    edges = grid(first, last)
    total = np.concatenate([[0.0], np.cumsum(profile(first, last))])
    begin, end = np.interp([low, high], edges, total)
    if not end > begin:
        return None
    return np.asarray((np.interp(bounds, edges, total) - begin) / (end - begin))


def _bend(curve: Curve, power: Values, bounds: Millis, levels: Values) -> None:
    """Cut inside a step where power is a straight line, so energy is a parabola."""
    inside = (bounds > curve.ms[0]) & (bounds < curve.ms[-1])
    at = np.searchsorted(curve.ms, bounds[inside], "left")
    low, high = at - 1, at
    span = (curve.ms[high] - curve.ms[low]).astype(np.float64)
    part = (bounds[inside] - curve.ms[low]) / span
    kw = power[low] + (power[high] - power[low]) * part
    bent = curve.kwh[low] + (power[low] + kw) / 2 * part * span / 3_600_000
    levels[inside] = np.where(curve.unknown[high], curve.kwh[low], bent)


def overlap(ms: Millis, lengths: NDArray[np.float64], bounds: Millis) -> NDArray[np.float64]:
    """Return for each interval how much of ``lengths`` (ms of each step, or 0) lies in it."""
    return np.diff(np.interp(bounds, ms, np.cumsum(lengths)))


def _hold(curve: Curve, bounds: Millis, known: NDArray[np.float64], values: Values, flags: Flags) -> None:
    """Fill the rest of an interval that is mostly known; leave it out when it is mostly not.

    The intervals in which the samples begin and end are what they are: the rest is not there yet.
    """
    inner = (bounds[:-1] >= curve.ms[0]) & (bounds[1:] <= curve.ms[-1])
    partly = inner & (known > _LEAST_MS) & (known < STEP_MS)
    most = partly & (known >= HELD_SHARE * STEP_MS)
    values[most] *= STEP_MS / known[most]
    flags[most] |= np.uint8(Quality.INTERPOLATED)
    little = partly & ~most
    known[little] = 0
    flags[little] = 0


def _mark_steps(curve: Curve, bounds: Millis, known: NDArray[np.float64], flags: Flags) -> None:
    """Flag the interval in which a step ended; for a step of unknown energy also the blank intervals under it."""
    for at in np.flatnonzero(curve.flags).tolist():
        flag = curve.flags[at]
        spot = int((curve.ms[at] - 1 - bounds[0]) // STEP_MS)
        if 0 <= spot < len(flags):
            flags[spot] |= flag
        if curve.unknown[at]:
            low = int(np.searchsorted(bounds, curve.ms[at - 1], "left"))
            high = int(np.searchsorted(bounds, curve.ms[at], "right")) - 1
            for blank in range(low, min(high, len(flags))):
                if known[blank] <= _LEAST_MS:
                    flags[blank] |= flag


def _rest_at_night(
    doubtful: NDArray[np.bool_], bounds: Millis, profile: Profile, values: Values, flags: Flags
) -> None:
    """An interval inside a gap in which nothing can flow is a measured zero, not a gap."""
    if not doubtful.any():
        return
    dark = doubtful & (profile(int(bounds[0]), int(bounds[-1])) <= 0) & ~(values > 0)
    values[dark] = 0.0
    flags[dark] = (flags[dark] & ~np.uint8(Quality.INTERPOLATED)) | np.uint8(Quality.MEASURED)


def gap_events(curve: Curve, kind: str) -> list[Event]:
    """Return an event for each step of which only the total is known (``gap``), or not even that (``missing``)."""
    mask = curve.gap & ~curve.unknown if kind == "gap" else curve.gap & curve.unknown & (curve.flags == 0)
    events = []
    for at in np.flatnonzero(mask).tolist():
        low, high = int(curve.ms[at - 1]), int(curve.ms[at])
        kwh = float(curve.kwh[at] - curve.kwh[at - 1])
        params = {"count": 1, "hours": round((high - low) / 3_600_000, 1), "kwh": round(kwh, 2)}
        events.append(Event(kind, low, high, params))
    return events
