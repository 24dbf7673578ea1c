"""Readings of one channel to intervals of 15 minutes with what is known of each."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from khcn.engines.energy.intervals.chain import Chain, chain_of
from khcn.engines.energy.intervals.daily import daily_chain
from khcn.engines.energy.intervals.prepare import HOUR_MS, Readings, merged, prepare
from khcn.engines.energy.intervals.samples import gauge, mark_stale, power, state
from khcn.engines.energy.intervals.spread import Curve, Profile, cut, gap_events
from khcn.engines.energy.types import (
    DAY_MS,
    STEP_MS,
    Channel,
    ChannelKind,
    Event,
    Flags,
    Intervals,
    Millis,
    Quality,
    Values,
)

EARLIEST_MS: Final = DAY_MS  # a clock that starts from nothing is in the first hours of 1970
LATEST_MS: Final = 4_102_444_800_000  # 2100
DIM_SHARE: Final = 0.15  # of the day's most: a gap that never saw more is a night, and no news
_TOTALS: Final = frozenset({ChannelKind.COUNTER, ChannelKind.DAILY_COUNTER})


def derive(
    channel: Channel,
    ms: Millis,
    values: Values,
    *,
    start_ms: int,
    end_ms: int,
    replacements: Sequence[int] = (),
    arrived_ms: Millis | None = None,
    profile: Profile | None = None,
    plausible_from: int | None = EARLIEST_MS,
    plausible_to: int | None = LATEST_MS,
) -> Intervals:
    """Return the intervals from ``start_ms`` to ``end_ms`` (multiples of 15 minutes).

    ``ms``, ``values``: everything known around the window, in any order, doubles allowed (of two values for one moment
    the first to arrive counts, or the first given). ``replacements``: when the meter was changed, as a person said.
    ``arrived_ms``: when each reading came in (flags LATE). ``profile``: relative weights of intervals, to spread what
    passed in a gap and to know nights. Readings before ``plausible_from`` or from ``plausible_to`` on are set aside.

    Counters: the intervals of a span add up to last - first reading, plus what was counted before each reset and less
    the jumps that are held back; no interval is negative. Power: kWh under the samples. Gauges: mean. States: last.
    Raises ValueError when the bounds are no multiples of the step.
    """
    if start_ms % STEP_MS or end_ms % STEP_MS or end_ms < start_ms:
        raise ValueError(f"bounds {start_ms}, {end_ms} are not multiples of {STEP_MS} ms in order")
    readings = prepare(
        channel, ms, values, arrived_ms=arrived_ms, plausible_from=plausible_from, plausible_to=plausible_to
    )
    bounds = (start_ms, end_ms)
    events = list(readings.events)
    if channel.kind in _TOTALS:
        found, flags, more = _counted(channel, readings, bounds, replacements, profile)
    else:
        found, flags, more = _sampled(channel, readings, bounds, profile)
    events += more
    _mark(readings, channel, bounds, flags)
    inside = [
        event
        for event in events
        if event.kind == "clock-wrong" or (event.end_ms >= start_ms and event.start_ms < end_ms)
    ]
    return Intervals(start_ms, found, flags, merged(inside))


def _counted(
    channel: Channel,
    readings: Readings,
    bounds: tuple[int, int],
    replacements: Sequence[int],
    profile: Profile | None,
) -> tuple[Values, Flags, list[Event]]:
    if channel.kind is ChannelKind.COUNTER:
        chain = chain_of(channel, readings.ms, readings.values, replacements)
    else:
        chain = daily_chain(channel, readings.ms, readings.values)
    curve = curve_of(channel, chain)
    values, flags = cut(curve, *bounds, profile)
    readings.aside_ms = np.concatenate([readings.aside_ms, chain.aside])
    return values, flags, chain.events + _news(gap_events(curve, "gap"), bounds, profile)


def curve_of(channel: Channel, chain: Chain) -> Curve:
    """Return the curve of a chain; a long step in which the register stood still is known to be nothing: no gap."""
    steps = np.diff(chain.ms, prepend=chain.ms[0] if len(chain.ms) else 0)
    rise = np.diff(chain.curve, prepend=chain.curve[0] if len(chain.curve) else 0.0)
    gap = (steps > channel.longest_gap_s * 1000) & (rise > 0)
    return Curve(chain.ms, chain.curve, chain.flags, chain.unknown, gap)


def _sampled(
    channel: Channel, readings: Readings, bounds: tuple[int, int], profile: Profile | None
) -> tuple[Values, Flags, list[Event]]:
    if channel.kind is ChannelKind.STATE:
        values, flags = state(channel, readings, bounds)
        return values, flags, []
    if channel.kind is ChannelKind.POWER:
        values, flags, curve = power(channel, readings, bounds, profile)
    else:
        values, flags, curve = gauge(channel, readings, bounds)
    stale = mark_stale(channel, readings, bounds, profile, flags)
    return values, flags, stale + _news(gap_events(curve, "missing"), bounds, profile)


def _news(events: list[Event], bounds: tuple[int, int], profile: Profile | None) -> list[Event]:
    """Leave out gaps that were nights: nothing much was expected while they lasted."""
    near = [event for event in events if event.end_ms >= bounds[0] and event.start_ms < bounds[1]]
    if profile is None:
        return near
    return [event for event in near if not _night(event, profile)]


def _night(event: Event, profile: Profile) -> bool:
    if event.end_ms - event.start_ms > DAY_MS - HOUR_MS:
        return False
    first, last = event.start_ms // STEP_MS * STEP_MS, -(-event.end_ms // STEP_MS) * STEP_MS
    around = profile(first - DAY_MS, last + DAY_MS)
    return bool(profile(first, last).max(initial=0.0) <= DIM_SHARE * around.max(initial=0.0))


def _mark(readings: Readings, channel: Channel, bounds: tuple[int, int], flags: Flags) -> None:
    """Flag the intervals of readings held back and of readings that came late.

    A counter's reading tells of the time before it, a sample of the time after.
    """
    back = 1 if channel.kind in _TOTALS else 0
    for times, flag in ((readings.aside_ms, Quality.OUT_OF_RANGE), (readings.late_ms, Quality.LATE)):
        spots = (times - back - bounds[0]) // STEP_MS
        flags[np.unique(spots[(spots >= 0) & (spots < len(flags))])] |= np.uint8(flag)
