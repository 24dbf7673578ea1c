"""Which intervals late readings can change, so that only those are derived again.

Without values only bounds that always hold are given. With values they are close: a reading that fits between its
neighbours in a solid run (see :mod:`.chain`) changes the intervals between these neighbours and no others; one that does
not fit can change decisions as far as the next solid run on either side.
"""

import math

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.daily import midnights
from khcn.engines.energy.intervals.prepare import Readings, prepare
from khcn.engines.energy.intervals.rules import LOOK_BACK_MS, PERSIST, break_steps
from khcn.engines.energy.types import DAY_MS, STEP_MS, Channel, ChannelKind, Millis, Values

_NEIGHBOURS = 2  # a sample is also judged by its neighbours (lonely codes)


def touched(
    channel: Channel,
    ms_new: Millis,
    ms_known: Millis,
    *,
    values_new: Values | None = None,
    values_known: Values | None = None,
) -> list[tuple[int, int]]:
    """Return windows ``(start_ms, end_ms)`` of whole intervals, in order, none touching the next.

    ``ms_known``: times of the readings known before, any order; without values a counter's windows reach to a day and a
    half and three readings beyond (enough where no disturbance is near). Readings already known (same time) touch nothing.
    """
    ms_new, ms_known = np.asarray(ms_new, np.int64), np.asarray(ms_known, np.int64)
    order = np.argsort(ms_known, kind="stable")
    known = ms_known[order]
    fresh = ~np.isin(ms_new, known)
    if not fresh.any():
        return []
    new = ms_new[fresh]
    order_new = np.argsort(new, kind="stable")
    new = new[order_new]
    if channel.kind is ChannelKind.DAILY_COUNTER:
        return _merged(_by_days(channel, new, known))
    if values_new is None or values_known is None:
        return _merged(_wide(channel, new, known))
    fresh_values = np.asarray(values_new, np.float64)[fresh][order_new]
    known_values = np.asarray(values_known, np.float64)[order]
    if channel.kind is ChannelKind.COUNTER:
        return _merged(_by_runs(channel, new, fresh_values, known, known_values))
    return _merged(_by_samples(channel, new, known, fresh_values, known_values))


def _neighbours(new: Millis, known: Millis, steps: int = 1) -> tuple[Millis, Millis]:
    """Return the known times ``steps`` readings before and after each new one (its own time where there is none)."""
    if not len(known):
        return np.full(len(new), new[0]), np.full(len(new), new[-1])
    left = np.searchsorted(known, new, "left") - steps
    right = np.searchsorted(known, new, "right") + steps - 1
    low = np.where(left >= 0, known[np.maximum(left, 0)], np.minimum(new, known[0]))
    high = np.where(right < len(known), known[np.minimum(right, len(known) - 1)], np.maximum(new, known[-1]))
    return low, high


def _wide(channel: Channel, new: Millis, known: Millis) -> list[tuple[int, int]]:
    reach = LOOK_BACK_MS if channel.kind is ChannelKind.COUNTER else 0
    steps = PERSIST if channel.kind is ChannelKind.COUNTER else _NEIGHBOURS
    if channel.stale_after_s is not None and channel.kind is not ChannelKind.COUNTER:
        reach = DAY_MS  # a run of equal samples may be split or closed
    low, high = _neighbours(new, known, steps)
    if reach and len(known):
        far_low, _ = _neighbours(new - reach, known)
        _, far_high = _neighbours(new + reach, known)
        low, high = np.minimum(low, far_low), np.maximum(high, far_high)
    if channel.kind is ChannelKind.STATE:
        high = np.maximum(high, new + math.ceil(channel.longest_gap_s * 1000))
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _by_days(channel: Channel, new: Millis, known: Millis) -> list[tuple[int, int]]:
    """A counter of the day: from the last reading before its day to the end of the next day with readings."""
    days = midnights(channel.zone, int(new[0]), int(new[-1]))
    at = np.searchsorted(days, new, "right") - 1
    out = []
    for day in np.unique(at).tolist():
        begin, end = int(days[day]), int(days[day + 1])
        low, _ = _neighbours(np.array([begin]), known)
        after = known[known >= end]
        last = int(after[0]) + 2 * DAY_MS if len(after) else end
        out.append((int(low[0]), max(end, last)))
    return out


def _by_samples(
    channel: Channel, new: Millis, known: Millis, new_values: Values, known_values: Values
) -> list[tuple[int, int]]:
    """Samples: between the nearest ones that count with and without the new, and the runs of equal samples there."""
    times, values = np.concatenate([known, new]), np.concatenate([known_values, new_values])
    before, after = prepare(channel, known, known_values), prepare(channel, times, values)
    changed = np.setxor1d(before.ms, after.ms)
    asides = np.setxor1d(before.aside_ms, after.aside_ms)
    both = np.intersect1d(before.ms, after.ms)
    moments = np.union1d(np.union1d(changed, asides), new)
    low, high = _neighbours(moments, both)
    if channel.kind is ChannelKind.STATE:
        high = np.maximum(high, moments + math.ceil(channel.longest_gap_s * 1000))
    windows = list(zip(low.tolist(), high.tolist(), strict=True))
    if channel.stale_after_s is None:
        return windows
    for one in (
        before,
        after,
    ):  # a run of equal samples that is split, closed or joined is stale or not as a whole
        windows = [_with_runs(one, window) for window in windows]
    return windows


def _with_runs(readings: Readings, window: tuple[int, int]) -> tuple[int, int]:
    if not len(readings.ms):
        return window
    edges = np.flatnonzero(np.concatenate([[True], np.diff(readings.values) != 0, [True]]))
    first = np.searchsorted(readings.ms, window[0], "left")
    last = np.searchsorted(readings.ms, window[1], "right") - 1
    spots = np.clip([first, last], 0, len(readings.ms) - 1)
    runs = np.searchsorted(edges, spots, "right") - 1
    begin, end = int(readings.ms[edges[runs[0]]]), int(readings.ms[edges[runs[1] + 1] - 1])
    return min(window[0], begin), max(window[1], end)


def _by_runs(
    channel: Channel, new: Millis, new_values: Values, known: Millis, known_values: Values
) -> list[tuple[int, int]]:
    times = np.concatenate([known, new])
    values = np.concatenate([known_values, new_values])
    is_new = np.concatenate([np.zeros(len(known), bool), np.ones(len(new), bool)])
    order = np.argsort(times, kind="stable")
    times, values, is_new = times[order], values[order], is_new[order]
    fits = _fits(channel, times, values, is_new)
    low, high = _neighbours(new, known)
    out = [
        (a, b) for a, b, fine in zip(low.tolist(), high.tolist(), fits[is_new].tolist(), strict=True) if fine
    ]
    if fits[is_new].all():
        return out
    solid = _solid_pieces(channel, times, values, is_new)
    for at in np.flatnonzero(is_new & ~fits).tolist():
        out.append(_between_solids(times, solid, at))
    return out


def _cuts(channel: Channel, times: Millis, values: Values, is_new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which steps of the whole series break it, in the series with or without the new readings.

    A reading that is no number, or almost zero, breaks on both sides: it may be taken for a glitch.
    """
    blank = ~np.isfinite(values)
    zero = ~blank & (values <= channel.resolution)
    low = blank | (zero & bool((~zero & ~blank).any()))  # a register that never left zero has no glitches
    plain = np.where(np.isfinite(values), values, 0.0)
    cuts = break_steps(channel, times, plain) | low[1:] | low[:-1]
    old = np.flatnonzero(~is_new)
    if len(old) > 1:
        broken = np.flatnonzero(break_steps(channel, times[old], plain[old]))
        for step in broken.tolist():
            cuts[old[step] : old[step + 1]] = True
    return np.asarray(cuts)


def _fits(channel: Channel, times: Millis, values: Values, is_new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which new readings lie inside a run that is solid without them, between neighbours that allow them."""
    cuts = _cuts(channel, times, values, is_new)
    run = np.concatenate([[0], np.cumsum(cuts)])
    old = ~is_new
    count = np.bincount(run[old], minlength=run[-1] + 1)
    ends_at = np.cumsum(count)
    first, last = np.minimum(ends_at - count, old.sum() - 1), np.maximum(ends_at - 1, 0)
    grown = values[old][last] > values[old][first] + channel.resolution if old.any() else count > 0
    solid = ((count >= PERSIST) & grown) | (not cuts.any())  # one unbroken run is never doubted
    rising = np.concatenate([[True], np.diff(values) >= 0]) & np.concatenate([np.diff(values) >= 0, [True]])
    edge_low = np.concatenate([[True], cuts])
    edge_high = np.concatenate([cuts, [True]])
    position = np.arange(len(times))
    at_edge = (edge_low & (position > 0)) | (edge_high & (position < len(times) - 1))
    # A run whose first or last reading is new begins or ends elsewhere than before.
    starts = np.flatnonzero(edge_low)
    ends = np.flatnonzero(edge_high)
    moved = (is_new[starts] & (starts > 0)) | (is_new[ends] & (ends < len(times) - 1))
    return np.asarray(rising & ~at_edge & solid[run] & ~moved[run] & np.isfinite(values))


def _solid_pieces(
    channel: Channel, times: Millis, values: Values, is_new: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Return (first, last) positions of pieces without new readings that are solid whatever lies around them."""
    cuts = _cuts(channel, times, values, is_new) | is_new[1:] | is_new[:-1]
    starts = np.concatenate([[0], np.flatnonzero(cuts) + 1])
    ends = np.concatenate([np.flatnonzero(cuts), [len(times) - 1]])
    grown = (
        np.isfinite(values[starts])
        & np.isfinite(values[ends])
        & (values[ends] > values[starts] + channel.resolution)
    )
    good = (ends - starts + 1 >= PERSIST) & grown & ~is_new[starts]
    return list(zip(starts[good].tolist(), ends[good].tolist(), strict=True))


def _between_solids(times: Millis, solid: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """Return from a day and a half before the end of the solid piece on the left to the start of that on the right."""
    lefts = [last for _, last in solid if last < at]
    rights = [first for first, _ in solid if first > at]
    low = int(times[0])
    if lefts:
        back = int(np.searchsorted(times, times[lefts[-1]] - LOOK_BACK_MS)) - 1
        low = int(times[max(back, 0)])
    high = int(times[rights[0]]) if rights else int(times[-1])
    return low, high


def _merged(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return windows grown to whole intervals (a reading on a bound touches both sides) and joined."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(windows):
        begin, end = (low - 1) // STEP_MS * STEP_MS, (high // STEP_MS + 1) * STEP_MS
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out
