"""The meter's cumulative counter: what it proves between two moments, whatever happened in between."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.kpi.outages.plant import Grid, ordinary_peak
from khcn.engines.energy.types import Values

_JUMP: Final = 2.0  # times what the plant can make in the time
_CAUGHT_UP: Final = 1.3  # the same, for a counter that stood still before: it was held, not read
_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Counter:
    """``edges[t]`` is the corrected counter (kWh, resets taken out) when row ``t`` begins, ``edges[t + 1]`` when it
    ends; nan where it is not known. ``coarse``: its smallest step is too big to judge single rows by."""

    edges: Values
    coarse: bool
    resets: int

    def rows(self) -> Values:
        """Return kWh of each row; nan where an edge is not known."""
        return np.asarray(np.diff(self.edges))

    @property
    def known(self) -> bool:
        """Whether there is a counter at all."""
        return bool(np.isfinite(self.edges).sum() >= 2)


def read_counter(grid: Grid) -> Counter:
    """Clean the counter of ``grid`` and find out whether a value belongs to the beginning or the end of its row."""
    peak = max(ordinary_peak(grid.meter_kw), ordinary_peak(grid.expected_kw))
    values, resets = _continuous(grid.meter_kwh, most_a_row=_JUMP * max(peak, 1e-9) * grid.hours)
    at_end, at_begin = np.concatenate(([np.nan], values)), np.concatenate((values, [np.nan]))
    compare = grid.meter_kw if np.isfinite(grid.meter_kw).any() else grid.expected_kw
    edges = min((at_end, at_begin), key=lambda one: _mismatch(np.diff(one), compare * grid.hours))
    steps = np.diff(values[np.isfinite(values)])
    steps = steps[steps > _SLACK]
    typical = float(np.median(compare[grid.bright & np.isfinite(compare)])) if grid.bright.any() else 0.0
    coarse = bool(len(steps)) and float(np.quantile(steps, 0.02)) > 0.5 * typical * grid.hours
    return Counter(edges, coarse, resets)


def between(counter: Counter, made: Values, start: int, end: int, hours: float) -> float | None:
    """Return kWh made in rows [start, end): by the counter, reaching out over rows whose power ``made`` is known.

    None when no counter value is in reach.
    """
    left, right = start, end
    while left > 0 and not np.isfinite(counter.edges[left]) and np.isfinite(made[left - 1]):
        left -= 1
    while right < len(made) and not np.isfinite(counter.edges[right]) and np.isfinite(made[right]):
        right += 1
    if not (np.isfinite(counter.edges[left]) and np.isfinite(counter.edges[right])):
        return None
    beside = float(made[left:start].sum() + made[end:right].sum()) * hours
    return max(0.0, float(counter.edges[right] - counter.edges[left]) - beside)


def _mismatch(rows: Values, energy: Values) -> float:
    both = np.isfinite(rows) & np.isfinite(energy)
    return float(np.abs(rows[both] - energy[both]).mean()) if both.any() else np.inf


def _continuous(values: Values, *, most_a_row: float) -> tuple[Values, int]:
    """Return the counter without glitches and resets, and how many resets there were.

    A drop that stays on one value until the counter is back above where it was (0 while a logger restarts) is no
    value; a drop from which it counts on is a reset, and its energy counts from 0. A jump up that the plant cannot
    have made, and from which the counter does not come back, is a change of meter: what it hides is taken for 0.
    """
    places = np.flatnonzero(np.isfinite(values))
    out = np.full(len(values), np.nan)
    if not len(places):
        return out, 0
    raw = values[places]
    keep = _without_glitches(raw, places, most_a_row)
    places, raw = places[keep], raw[keep]
    keep = _without_held(raw, places, most_a_row / _JUMP * _CAUGHT_UP)
    places, raw = places[keep], raw[keep]
    steps, apart = np.diff(raw), np.diff(places)
    dropped = steps < -_SLACK - 0.001 * most_a_row
    jumped = steps > most_a_row * (apart + 1)
    steps = np.where(dropped, np.where(raw[1:] <= most_a_row * (apart + 1), raw[1:], 0.0), steps)
    steps = np.where(jumped, 0.0, np.maximum(steps, 0.0))
    out[places] = raw[0] + np.concatenate(([0.0], np.cumsum(steps)))
    return out, int(dropped.sum() + jumped.sum())


def _without_held(
    raw: Values, places: np.ndarray[tuple[int], np.dtype[np.int64]], limit: float
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Leave out values that a logger repeated while it heard nothing: flat, then a step of more than one row's energy."""
    keep = np.ones(len(raw), dtype=np.bool_)
    steps, apart = np.diff(raw), np.diff(places)
    smallest = float(np.quantile(steps[steps > _SLACK], 0.02)) if (steps > _SLACK).any() else 0.0
    ends = np.flatnonzero((steps > limit * apart) & (steps > 2 * smallest))
    for end in ends:
        first = int(end)
        while first > 0 and abs(steps[first - 1]) <= _SLACK:
            first -= 1
        if steps[end] <= limit * float(
            places[end + 1] - places[first]
        ):  # else a change of meter: told apart below
            keep[first + 1 : end + 1] = False
    return keep


def _without_glitches(
    raw: Values, places: np.ndarray[tuple[int], np.dtype[np.int64]], most_a_row: float
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(len(raw), dtype=np.bool_)
    last, here = 0, 1
    if len(raw) > 1 and raw[0] == 0 and (raw > _JUMP * most_a_row).any():  # begins with "no value"
        last = int(np.argmax(raw > 0))
        keep[:last] = False
        here = last + 1
    suspects = np.flatnonzero((np.diff(raw) < 0) | (np.diff(raw) > most_a_row)) + 1
    for place in suspects:
        if place < here:
            continue
        while not keep[last]:
            last -= 1
        last = int(place) - 1
        end = _flat_end(raw, int(place))
        back = end < len(raw) and -_SLACK <= raw[end] - raw[last] <= most_a_row * (
            places[end] - places[last] + 1
        )
        dead = end == len(raw) and raw[place] == 0 and end - place > 1
        low = raw[place] < raw[last]
        if dead or (back and (low or raw[end] < raw[place])):
            keep[place:end] = False
            here = end + 1
    return keep


def _flat_end(raw: Values, start: int) -> int:
    """Return the first place after ``start`` at which the value differs."""
    differs = np.flatnonzero(raw[start:] != raw[start])
    return start + int(differs[0]) if len(differs) else len(raw)
