"""A cumulative register as a chain of readings: what each step between two readings is worth in kWh.

Readings that fit together make *segments*; where a step is too big or goes down, two segments meet and a rule decides:
the same register goes on (what lay between was a glitch), it began again at 0, it ran over its modulus, it jumped, or it
is another meter. A segment is *solid* when it has at least :data:`PERSIST` readings and grows: solid segments are never
taken for glitches, so what happens on one side of a solid segment never changes decisions on the other (:mod:`.late`
rests on this).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.prepare import HOUR_MS, grouped, number
from khcn.engines.energy.intervals.rules import JITTER, LOOK_BACK_MS, break_steps, limit_kwh, tiny_kwh
from khcn.engines.energy.intervals.segments import Walk
from khcn.engines.energy.types import Channel, Event, Flags, Millis, Quality, Values


@dataclass(slots=True)
class Chain:
    """Readings that count, and their curve. Arrays have one entry for each kept reading.

    ``curve``: kWh since the first kept reading, never falling. ``flags``: of the step that ends at the reading.
    ``unknown``: that step's energy is not known (it adds 0). ``aside``: times of readings held back.
    """

    ms: Millis
    curve: Values
    flags: Flags
    unknown: NDArray[np.bool_]
    aside: Millis
    events: list[Event] = field(default_factory=list)


def chain_of(channel: Channel, ms: Millis, values: Values, replacements: Sequence[int] = ()) -> Chain:
    """Return the chain of prepared readings (sorted, one a moment, finite); ``replacements``: ms of marked changes."""
    events: list[Event] = []
    glitch = _zero_glitches(channel, ms, values, events)
    aside = [ms[glitch]]
    if glitch.any():
        ms, values = ms[~glitch], values[~glitch]
    if not len(ms):
        none = np.empty(0)
        return Chain(ms, none, none.astype(np.uint8), none.astype(bool), np.concatenate(aside), events)
    breaks = break_steps(channel, ms, values)
    marked = _marked(ms, replacements)
    breaks |= marked
    flags, unknown = np.zeros(len(ms), np.uint8), np.zeros(len(ms), bool)
    energy = np.diff(values, prepend=values[0])
    if breaks.any():
        kept, told = Walk(channel, ms, values, breaks, marked).decide(flags)
        events += told
        aside.append(ms[~kept])
        ms, values, flags = ms[kept], values[kept], flags[kept]
        energy, unknown = _energies(channel, values, flags)
    events += _settle_falls(channel, ms, values, energy, flags)
    return Chain(ms, np.cumsum(energy), flags, unknown, np.sort(np.concatenate(aside)), events)


def _zero_glitches(channel: Channel, ms: Millis, values: Values, events: list[Event]) -> NDArray[np.bool_]:
    """Return the zeros between two readings of the same register: a read error, or an inverter asleep."""
    low = values <= channel.resolution
    glitch = np.zeros(len(values), bool)
    if not low.any() or low.all():
        return glitch
    edges = np.diff(low.astype(np.int8))
    starts, stops = np.flatnonzero(edges == 1) + 1, np.flatnonzero(edges == -1) + 1
    stops = stops[np.searchsorted(stops, starts[0], "right") :] if len(starts) else stops
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=False):
        before, after = values[start - 1], values[stop]
        limit = limit_kwh(channel, (ms[stop] - ms[start - 1]) / HOUR_MS)
        if before > 2 * JITTER * channel.resolution and -tiny_kwh(channel, before) <= after - before <= limit:
            glitch[start:stop] = True
            params = {"count": stop - start, "value": number(before)}
            events.append(Event("counter-zeros", int(ms[start]), int(ms[stop - 1]), params))
    return glitch


def _marked(ms: Millis, replacements: Sequence[int]) -> NDArray[np.bool_]:
    marked = np.zeros(max(len(ms) - 1, 0), bool)
    for moment in replacements:
        at = int(np.searchsorted(ms, moment, "left"))
        if 0 < at < len(ms):
            marked[at - 1] = True
    return marked


def _energies(channel: Channel, values: Values, flags: Flags) -> tuple[Values, NDArray[np.bool_]]:
    energy = np.diff(values, prepend=values[0])
    reset = (flags & Quality.RESET) > 0
    energy[reset] = np.maximum(values[reset], 0.0)
    over = (flags & Quality.ROLLOVER) > 0
    if over.any() and channel.modulus is not None:
        energy[over] += channel.modulus
    unknown = (flags & (Quality.OUT_OF_RANGE | Quality.REPLACED)) > 0
    energy[unknown] = 0.0
    return energy, unknown


def _settle_falls(channel: Channel, ms: Millis, values: Values, energy: Values, flags: Flags) -> list[Event]:
    """Take falls within noise back from the readings before them, so that a rise is never counted twice.

    A fall older readings cannot settle (flat for more than a day and a half) counts as no energy. ``energy`` changes.
    """
    falls, cuts = np.flatnonzero((energy < 0) & (flags == 0)), np.flatnonzero(flags)
    if not len(falls):
        return []
    depth = -energy[falls]
    level = np.concatenate(
        [_settled(*run) for run in zip(np.split(ms, cuts), np.split(values, cuts), strict=True)]
    )
    plain = flags == 0
    energy[plain] = np.maximum(np.diff(level, prepend=level[0])[plain], 0.0)
    for at in cuts.tolist():
        _resettle(channel, level, flags, at, energy)
    small = depth <= JITTER * channel.resolution
    mask = np.zeros(len(ms), bool)
    mask[falls[small]] = True
    events = grouped("jitter", ms, mask, {"kwh": number(depth[small].max())}) if small.any() else []
    for at, kwh in zip(falls[~small].tolist(), depth[~small].tolist(), strict=True):
        events.append(Event("slipped", int(ms[at - 1]), int(ms[at]), {"count": 1, "kwh": number(kwh)}))
    return events


def _settled(ms: Millis, values: Values) -> Values:
    """Return each value or the lowest that follows it within :data:`LOOK_BACK_MS`, whichever is less."""
    lowest = np.minimum.accumulate(values[::-1])[::-1]
    position = np.arange(len(values))
    where = np.minimum.accumulate(np.where(values == lowest, position, len(values))[::-1])[::-1]
    if not len(values) or (ms[where] - ms).max() <= LOOK_BACK_MS:
        return lowest
    level = values.copy()
    for at in (np.flatnonzero(np.diff(values) < 0) + 1).tolist():
        begin = int(np.searchsorted(ms, ms[at] - LOOK_BACK_MS))
        level[begin:at] = np.minimum(level[begin:at], level[at])
    return level


def _resettle(channel: Channel, level: Values, flags: Flags, at: int, energy: Values) -> None:
    """Count the first step of a new run from settled levels."""
    if flags[at] & Quality.RESET:
        energy[at] = max(level[at], 0.0)
    elif flags[at] & Quality.ROLLOVER and channel.modulus is not None:
        energy[at] = level[at] - level[at - 1] + channel.modulus
