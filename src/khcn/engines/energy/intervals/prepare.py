"""Readings put in order: sorted, one a moment, impossible ones set aside with an event each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.intervals.problems import lonely_codes, suspicious
from khcn.engines.energy.types import Channel, ChannelKind, Event, Millis, Values

HOUR_MS: Final = 3_600_000
ABOVE_RATING: Final = 1.2  # of the rated power: overload and cold, bright days
UNRATED_KW: Final = 10_000.0  # limit for channels without a rating: more than any roof of a public unit
LATE_AFTER_MS: Final = HOUR_MS
_COUNTERS: Final = frozenset({ChannelKind.COUNTER, ChannelKind.DAILY_COUNTER})


@dataclass(slots=True)
class Readings:
    """Readings of a channel in time order, one a moment, all finite and possible.

    ``aside_ms``: times of those set aside as impossible values; ``late_ms``: times of those that arrived late.
    """

    ms: Millis
    values: Values
    aside_ms: Millis
    late_ms: Millis
    events: list[Event] = field(default_factory=list)


def prepare(
    channel: Channel,
    ms: Millis,
    values: Values,
    *,
    arrived_ms: Millis | None = None,
    plausible_from: int | None = None,
    plausible_to: int | None = None,
) -> Readings:
    """Return the readings that count and what was set aside. Of two values for one moment the first to arrive wins."""
    ms, values = np.asarray(ms, np.int64), np.asarray(values, np.float64)
    events: list[Event] = []
    timely = _in_time(ms, plausible_from, plausible_to, events)
    ms, values, arrived = _kept(timely, ms, values, arrived_ms)
    ms, values, arrived = _ordered(ms, values, arrived)
    keep = _finite(ms, values, events)
    ms, values, arrived = _kept(keep, ms, values, arrived)
    ms, values, arrived = _single(channel, ms, values, arrived, events)
    bad = _impossible(channel, ms, values, events)
    late = np.empty(0, np.int64)
    if arrived is not None:
        late = ms[(arrived - ms > LATE_AFTER_MS) & ~bad]
        if len(late):
            events.append(Event("late", int(late[0]), int(late[-1]), {"count": len(late)}))
    return Readings(ms[~bad], values[~bad], ms[bad], late, events)


def _in_time(ms: Millis, first: int | None, last: int | None, events: list[Event]) -> NDArray[np.bool_]:
    """Return the readings whose clock can be right."""
    early = ms < first if first is not None else np.zeros(len(ms), bool)
    ahead = ms >= last if last is not None else np.zeros(len(ms), bool)
    for side in (ms[early], ms[ahead]):
        if len(side):
            params = {"count": len(side), "value": f"{_moment(int(side[0])):%d/%m/%Y %H:%M}"}
            events.append(Event("clock-wrong", int(side.min()), int(side.max()), params))
    return ~(early | ahead)


def _moment(ms: int) -> datetime:
    ms = min(max(ms, -62_000_000_000_000), 253_000_000_000_000)  # years 5 to 9987
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ordered(ms: Millis, values: Values, arrived: Millis | None) -> tuple[Millis, Values, Millis | None]:
    if len(ms) > 1 and (np.diff(ms) < 0).any():
        order = np.lexsort((arrived, ms)) if arrived is not None else np.argsort(ms, kind="stable")
        return ms[order], values[order], None if arrived is None else np.asarray(arrived)[order]
    if arrived is not None and len(ms) > 1 and (np.diff(ms) == 0).any():
        order = np.lexsort((arrived, ms))
        return ms[order], values[order], np.asarray(arrived)[order]
    return ms, values, arrived


def _finite(ms: Millis, values: Values, events: list[Event]) -> NDArray[np.bool_]:
    keep = np.isfinite(values)
    events += grouped("no-value", ms, ~keep, {})
    return keep


def _single(
    channel: Channel, ms: Millis, values: Values, arrived: Millis | None, events: list[Event]
) -> tuple[Millis, Values, Millis | None]:
    same = np.flatnonzero(np.diff(ms) == 0) + 1
    if not len(same):
        return ms, values, arrived
    keep = np.ones(len(ms), bool)
    keep[same] = False
    first = np.maximum.accumulate(np.where(keep, np.arange(len(ms)), 0))
    other = np.zeros(len(ms), bool)
    other[same] = np.abs(values[same] - values[first[same]]) > channel.resolution / 2
    at = np.flatnonzero(other)
    if len(at):
        params = {"value": number(values[first[at[0]]]), "other": number(values[at[0]])}
        events += grouped("conflict", ms, other, params)
    return _kept(keep, ms, values, arrived)


def _impossible(channel: Channel, ms: Millis, values: Values, events: list[Event]) -> NDArray[np.bool_]:
    codes = suspicious(values)
    if channel.kind not in _COUNTERS and channel.kind is not ChannelKind.STATE:
        codes |= lonely_codes(values)
    lowest, highest = limits(channel)
    out = ~codes & ((values < lowest) | (values > highest))
    if codes.any():
        events += grouped("not-implemented", ms, codes, {"value": number(values[codes][0])})
    if out.any():
        params = {"value": number(values[out][0]), "lowest": number(lowest), "highest": number(highest)}
        events += grouped("out-of-range", ms, out, params)
    return codes | out


def limits(channel: Channel) -> tuple[float, float]:
    """Return (lowest, highest) possible value of a reading of ``channel``, in its unit."""
    lowest = -np.inf if channel.lowest is None else channel.lowest
    highest = np.inf if channel.highest is None else channel.highest
    if channel.kind in _COUNTERS:
        lowest = max(lowest, -channel.resolution)  # a float register may read -0.0001
        if channel.modulus:
            highest = min(highest, channel.modulus)
    if channel.kind is ChannelKind.POWER:
        top = (channel.rated_kw or UNRATED_KW) * ABOVE_RATING
        lowest, highest = max(lowest, -top), min(highest, top)
    return float(lowest), float(highest)


def grouped(kind: str, ms: Millis, mask: NDArray[np.bool_], params: dict[str, Any]) -> list[Event]:
    """Return one event for each stretch of ``mask`` whose readings lie within an hour of each other."""
    at = ms[mask]
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) > HOUR_MS) + 1
    bounds = [0, *cuts.tolist(), len(at)]
    return [
        Event(kind, int(at[low]), int(at[high - 1]), {"count": high - low, **params})
        for low, high in pairwise(bounds)
    ]


def merged(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return events in time order, neighbours of one kind within an hour as one; their counts add up."""
    out: list[Event] = []
    last: dict[str, int] = {}
    for event in sorted(events, key=lambda one: (one.start_ms, one.end_ms, one.kind)):
        at = last.get(event.kind, -1)
        old = out[at] if at >= 0 else None
        if (
            old
            and "count" in event.params
            and "count" in old.params
            and event.start_ms - old.end_ms <= HOUR_MS
        ):
            params = {**old.params, "count": old.params["count"] + event.params["count"]}
            out[at] = Event(old.kind, old.start_ms, max(old.end_ms, event.end_ms), params)
        else:
            last[event.kind] = len(out)
            out.append(event)
    return tuple(out)


def number(value: float) -> float:
    """Return ``value`` with at most four decimals, fit for a sentence and for JSON (infinities become the largest float)."""
    return round(float(np.nan_to_num(value)), 4)


def _kept(
    keep: NDArray[np.bool_], ms: Millis, values: Values, arrived: Millis | None
) -> tuple[Millis, Values, Millis | None]:
    if keep.all():
        return ms, values, arrived
    return ms[keep], values[keep], None if arrived is None else np.asarray(arrived)[keep]
