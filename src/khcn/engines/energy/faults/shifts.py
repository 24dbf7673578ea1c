"""Time shifts: days from which the clock of a series runs earlier or later than before.

Clouds and fog can only make production begin later and end earlier than on a clear day; a moved clock moves both ends
the same way. So each day's first and last production (at two low levels) is compared with a clear day around a noon that
is free of the equation of time: to begin too late costs little, to begin too early is impossible. The likeliest course
of that noon (Viterbi: staying is free, drifting is cheap, jumping is dear, and no single day can cost more than a few)
has its jumps where the clock was moved. A month of foggy mornings, which moves the centre of production by an hour,
moves nothing here. pvanalytics' ``time.shifts_ruptures`` has the same aim; it needs ``ruptures`` and the system's place.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.series import Mask, Series
from khcn.engines.energy.types import DAY_MS, Values

_LEVELS: Final = (0.03, 0.09)  # of the scale
_LEAST_DAYS: Final = 6
_LEAST_MINUTES: Final = 11.0
_JUMP: Final = 18.0  # cost of a jump
_USUAL: Final = ((60.0, 5.0), (120.0, 3.0), (30.0, 2.0))  # minutes by which clocks are moved: so much cheaper
_DRIFT: Final = 0.5  # cost of drifting one minute
_TOO_EARLY: Final = 4.0  # most that production outside a clear day costs
_TOO_LATE: Final = 1.3  # most that production short of a clear day costs
_STATE_MINUTES: Final = 1.0
_DRIFT_EVERY: Final = 2  # days: seasons move noon by less than half a minute a day
_COURSE_DAYS: Final = 45  # on each side: longer than a season of fog
_UPPER: Final = 0.92  # expectile of day lengths that stands for clear days


@dataclass(frozen=True, slots=True)
class Shift:
    """From ``date`` (in the clock of the file) on, stamps are ``minutes`` later than before (negative: earlier)."""

    date: date
    minutes: int


@dataclass(frozen=True, slots=True)
class DayEnds:
    """First and last production of days: ``day`` since 1970, ``rise`` and ``fall`` in minutes of that day (days x levels)."""

    day: Values
    rise: Values
    fall: Values


def equation_of_time(days: Values) -> Values:
    """Return minutes by which the sun is ahead of the clock on days counted from 1970-01-01 (Spencer 1971)."""
    angle = 2 * np.pi * ((days - 0.5) % 365.2425) / 365.2425
    wave = 0.000075 + 0.001868 * np.cos(angle) - 0.032077 * np.sin(angle)
    return np.asarray(
        229.18 * (wave - 0.014615 * np.cos(2 * angle) - 0.040849 * np.sin(2 * angle)), np.float64
    )  # fmt: skip


def shifts_of(days: Values, noons: Values) -> list[Shift]:
    """Return the shifts in a course of noon (:func:`noon_course`)."""
    return [
        Shift(date(1970, 1, 1) + timedelta(days=int(day)), minutes) for day, minutes in jumps_of(days, noons)
    ]


def day_ends(series: Series, doubtful: Mask | None = None) -> DayEnds:
    """Return the ends of production of every day; rows in ``doubtful`` (stale, interpolated, outliers) are left out."""
    values = series.values.copy()
    if doubtful is not None:
        values[doubtful] = np.nan
    edges = np.flatnonzero(np.diff(series.day, prepend=series.day[:1] - 1))
    days, ends = [], []
    for first, end in zip(edges, [*edges[1:], len(series)], strict=True):
        noon = int(series.day[first]) * DAY_MS + series.cut_ms + DAY_MS // 2
        midnight = noon // DAY_MS
        offset = (int(series.day[first]) * DAY_MS + series.cut_ms - midnight * DAY_MS) / 60_000.0
        row = _ends(series.minute[first:end], values[first:end], series)
        days.append(float(midnight))
        ends.append(row + offset)
    table = np.array(ends, np.float64).reshape(len(days), len(_LEVELS), 2)
    return DayEnds(np.array(days), table[:, :, 0], table[:, :, 1])


def _ends(minute: Values, values: Values, series: Series) -> Values:
    """Return (rise, fall) at each level of one day, nan where the day says nothing."""
    out = np.full((len(_LEVELS), 2), np.nan)
    good = np.isfinite(values)
    minute, values = minute[good], values[good]
    for row, share in enumerate(_LEVELS):
        level = max(share * series.scale, 1.5 * series.quantum)
        above = np.flatnonzero(values > level)
        if len(above) < 3 or minute[above[-1]] - minute[above[0]] < 150:
            continue
        room = 1.5 * series.step_minutes
        out[row, 0] = _crossing(minute, values - level, (int(above[0]), -1), room)
        out[row, 1] = _crossing(minute, values - level, (int(above[-1]), 1), room)
    return out


def _crossing(minute: Values, over: Values, place: tuple[int, int], room: float) -> float:
    """Return when ``over`` crosses zero between row ``place[0]`` and the one beyond on side ``place[1]``."""
    inside, side = place
    beyond = inside + side
    if not 0 <= beyond < len(minute) or abs(minute[beyond] - minute[inside]) > room:
        return float(minute[inside] + side * room / 3)
    share = over[inside] / max(over[inside] - over[beyond], 1e-12)
    return float(minute[inside] + side * abs(minute[beyond] - minute[inside]) * min(max(share, 0.0), 1.0))


def noon_course(ends: DayEnds, step_minutes: float) -> tuple[Values, Values]:
    """Return days and the likeliest minute of noon on each (equation of time removed)."""
    usable = np.isfinite(ends.rise).any(axis=1)
    days = ends.day[usable]
    if len(days) < 2 * _LEAST_DAYS:
        return days, np.zeros(0)
    ahead = equation_of_time(days)[:, None]
    rise, fall = ends.rise[usable] + ahead, ends.fall[usable] + ahead
    half = np.column_stack([_clear_half(days, (fall[:, k] - rise[:, k]) / 2) for k in range(rise.shape[1])])
    noise = max(4.0, 0.3 * step_minutes)
    return days, _path(rise + half, fall - half, noise)


def _clear_half(days: Values, half: Values) -> Values:
    """Return half the length of production of a clear day around each day: a local upper line through ``half``."""
    out = np.full(len(days), np.nan)
    known = np.isfinite(half)
    for index, day in enumerate(days):
        near = known & (np.abs(days - day) <= _COURSE_DAYS)
        if near.sum() < 4:
            continue
        x, y = days[near] - day, half[near]
        out[index] = _upper_line(x, y)
    return out


def _upper_line(x: Values, y: Values) -> float:
    """Return the upper expectile line of (x, y) at 0."""
    near = x / _COURSE_DAYS
    table = np.column_stack([np.ones(len(x)), near, near**2])
    weight = np.ones(len(x))
    middle = np.median(y)
    # a few days tell no slope, a few weeks no bend
    steady = np.array([1e-3, 0.5 if len(x) > 10 else 50.0, 0.5 if len(x) > 40 else 50.0])
    start = np.array([middle, 0.0, 0.0])
    found = start
    for _ in range(8):
        left = table.T @ (table * weight[:, None]) + np.diag(steady)
        found = np.linalg.solve(left, table.T @ (weight * y) + steady * start)
        away = y - table @ found
        # far above the line: a day that something lengthened; it must not pull
        weight = np.where(away > 0, _UPPER, 1 - _UPPER) * np.where(away > 25, 0.05, 1.0)
    return float(found[0])


def _path(from_rise: Values, from_fall: Values, noise: float) -> Values:
    """Return the likeliest course of noon. Columns: noon as each level's rise and fall would have it on a clear day."""
    both = np.concatenate([from_rise, from_fall], axis=1)
    low, high = np.nanquantile(both, 0.01) - 10, np.nanquantile(both, 0.99) + 10
    states = np.arange(low, high + _STATE_MINUTES, _STATE_MINUTES)
    days, count = len(both), len(states)
    back = np.zeros((days, count), np.int32)
    total = np.zeros(count)
    for index in range(days):
        if index:
            total, back[index] = _step(total, drifts=index % _DRIFT_EVERY == 0)
        total = total + _cost(from_rise[index], from_fall[index], states, noise)
    state = int(np.argmin(total))
    path = np.zeros(days)
    for index in range(days - 1, -1, -1):
        path[index] = states[state]
        state = int(back[index, state])
    return path


def _step(total: Values, *, drifts: bool) -> tuple[Values, NDArray[np.int32]]:
    """Return the cheapest way into each state from the day before, and where it comes from."""
    count = len(total)
    every = np.arange(count, dtype=np.int32)
    best, origin = total.copy(), every.copy()
    for side in (-1, 1) if drifts else ():
        moved = np.full(count, np.inf)
        if side < 0:
            moved[1:] = total[:-1] + _DRIFT * _STATE_MINUTES
        else:
            moved[:-1] = total[1:] + _DRIFT * _STATE_MINUTES
        closer = moved < best
        best, origin = np.where(closer, moved, best), np.where(closer, every + side, origin)
    cheapest = int(np.argmin(total))
    closer = total[cheapest] + _JUMP < best
    best, origin = np.where(closer, total[cheapest] + _JUMP, best), np.where(closer, cheapest, origin)
    for minutes, saved in _USUAL:
        for move in (round(minutes / _STATE_MINUTES), -round(minutes / _STATE_MINUTES)):
            if abs(move) >= count:
                continue
            moved = np.full(count, np.inf)
            moved[max(move, 0) : count + min(move, 0)] = total[max(-move, 0) : count - max(move, 0)]
            moved += _JUMP - saved
            closer = moved < best
            best, origin = np.where(closer, moved, best), np.where(closer, every - move, origin)
    return best, origin.astype(np.int32)


def _cost(from_rise: Values, from_fall: Values, states: Values, noise: float) -> Values:
    """Return what a day says against each noon: production outside the clear day is dear, a late start cheap."""
    out = np.zeros(len(states))
    for short in (from_rise[:, None] - states, states - from_fall[:, None]):
        known = np.isfinite(short[:, 0])
        if not known.any():
            continue
        size = short[known] / noise
        cost = np.where(size < 0, np.minimum(-size, _TOO_EARLY), _TOO_LATE * (1 - np.exp(-np.abs(size) / 2)))
        out += cost.mean(axis=0)
    return out


def jumps_of(days: Values, path: Values) -> list[tuple[float, int]]:
    """Return (day, minutes) of each jump of the course."""
    moves = np.flatnonzero(np.abs(np.diff(path)) > _STATE_MINUTES * 1.5) + 1
    out: list[tuple[float, int]] = []
    for place, index in enumerate(moves):
        start = int(moves[place - 1]) if place else 0
        end = int(moves[place + 1]) if place + 1 < len(moves) else len(path)
        if index - start < 3 or end - index < 3:
            continue
        minutes = float(path[index] - path[index - 1])
        if abs(minutes) >= _LEAST_MINUTES:
            out.append((float(days[index]), _plausible(minutes)))
    return out


def _plausible(minutes: float) -> int:
    """Return the likely shift: a whole hour or half hour when near, then a quarter, else five minutes."""
    for unit, room in ((60, 8.0), (30, 4.0), (15, 3.5), (5, 2.5)):
        near = unit * round(minutes / unit)
        if near and abs(minutes - near) <= room:
            return int(near)
    return round(minutes)
