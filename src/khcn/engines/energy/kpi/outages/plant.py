"""What the analysis is given, laid on a regular grid: missing rows become rows of nan."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.days import local_days
from khcn.engines.energy.kpi.measured import median_step
from khcn.engines.energy.types import DAY_MS, Millis, Values

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]  # rows x inverters

_MOST_ROWS: Final = 5_000_000
_HOUR_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000
SLOTS: Final = 48
_SLOT_MS: Final = DAY_MS // SLOTS
_AROUND_DAYS: Final = 14
_SEED: Final = 0.03  # of the ordinary peak: light enough to say that an inverter ought to run


@dataclass(frozen=True, slots=True)
class Plant:
    """Series of one plant: powers kW, ``meter_kwh`` cumulative; nan is "no value", None "no such series".

    ``inverters`` has one column for each of ``names`` (none at all is fine: then the site is looked at as a whole).
    """

    ms: Millis
    meter_kw: Values | None
    meter_kwh: Values | None
    inverters: Matrix
    names: tuple[str, ...]
    expected_kw: Values | None


@dataclass(frozen=True, slots=True)
class Grid:
    """The same on a grid of ``step_ms``; ``expected_kw`` has no nan; ``bright`` marks rows that can be judged."""

    start_ms: int
    step_ms: int
    meter_kw: Values
    meter_kwh: Values
    inverters: Matrix
    expected_kw: Values
    bright: Mask
    days: NDArray[np.int64]  # local day, days since 1970-01-01
    slots: NDArray[np.int64]  # half hour of the (UTC) day: inverters of an east roof do more in the morning
    filled: Mask  # expected power is no value of the file but drawn from the days around
    guessed: bool  # expected power is what the plant usually does, for want of a column

    @property
    def hours(self) -> float:
        """Length of a row in hours."""
        return self.step_ms / _HOUR_MS

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.meter_kw)

    def at(self, row: int) -> int:
        """Return the moment at which a row begins."""
        return self.start_ms + row * self.step_ms


def grid_of(plant: Plant, zone: str) -> Grid:
    """Lay ``plant`` on a grid; days are those of ``zone``. Raises SpecError (``kpi-no-rows``, ``kpi-step``, ``kpi-too-long``)."""
    if len(plant.ms) < 2:
        raise SpecError("kpi-no-rows", count=len(plant.ms))
    first, step = _beat(plant.ms)
    place = np.maximum(np.round((plant.ms - first) / step).astype(np.int64), 0)
    size = int(place.max()) + 1
    if size > _MOST_ROWS:
        raise SpecError("kpi-too-long", rows=size)

    def lay(values: Values | None) -> Values:
        out = np.full(size, np.nan)
        if values is not None:
            known = np.isfinite(values)
            out[place[known]] = values[known]
        return out

    inverters = np.full((size, len(plant.names)), np.nan)
    for column in range(len(plant.names)):
        inverters[:, column] = lay(plant.inverters[:, column])
    meter, expected = lay(plant.meter_kw), lay(plant.expected_kw)
    guessed = plant.expected_kw is None or not np.nanmax(np.nan_to_num(expected), initial=0.0) > 0
    a_day = max(1, round(DAY_MS / step))
    if guessed:
        made = meter if np.isfinite(meter).any() else _sum_known(inverters)
        expected, filled = _usual(np.where(made > 0, made, np.nan), a_day), np.ones(size, dtype=np.bool_)
    else:
        expected, filled = _filled(expected, a_day)
    moments = first + np.arange(size, dtype=np.int64) * step
    days, slots = local_days(moments, zone), moments // _SLOT_MS % SLOTS
    peak = ordinary_peak(expected)
    bright = expected > _SEED * peak if peak > 0 else np.zeros(size, dtype=np.bool_)
    counter = lay(plant.meter_kwh)
    return Grid(first, step, meter, counter, inverters, expected, bright, days, slots, filled, guessed)


def _beat(ms: Millis) -> tuple[int, int]:
    """Return the first moment of the grid and its step: whole minutes when loggers are only seconds off."""
    step = median_step(np.unique(ms))
    whole = max(1, round(step / _MINUTE_MS)) * _MINUTE_MS
    if abs(step - whole) <= 0.05 * whole:
        step = whole
    first = int(ms.min())
    late = (ms - first + step // 2) % step - step // 2
    return first + int(np.median(late)), step


def ordinary_peak(values: Values) -> float:
    """Return the 99th percentile of positive values; 0 when there is none."""
    positive = values[np.isfinite(values) & (values > 0)]
    return float(np.quantile(positive, 0.99)) if len(positive) else 0.0


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Return [start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _sum_known(inverters: Matrix) -> Values:
    known = np.isfinite(inverters)
    return np.where(known.any(axis=1), np.where(known, inverters, 0.0).sum(axis=1), np.nan)


def _filled(expected: Values, a_day: int) -> tuple[Values, Mask]:
    """Fill gaps: short ones (an hour or so) by a straight line; others from the same time of the days around, scaled
    to how the day went where it is known. Returns also which rows are of the second kind."""
    out = np.maximum(expected, 0.0)
    places = np.arange(len(out))
    known = np.isfinite(out)
    line = np.interp(places, places[known], out[known])
    around, drawn = np.zeros(len(out)), np.zeros(len(out), dtype=np.bool_)
    short = max(1, a_day // 24)
    for start, end in runs(~known):
        if end - start <= short:
            out[start:end] = line[start:end]
            continue
        near = slice(max(0, start - a_day // 2), min(len(out), end + a_day // 2))
        reach = (
            _AROUND_DAYS * a_day
        )  # farther than this from both ends of the gap there is no day to draw from
        rows = [row for row in range(near.start, near.stop) if row < start + reach or row >= end - reach]
        around[rows] = [_same_time(expected, row, a_day) for row in rows]
        out[start:end] = around[start:end] * _this_day(expected, around, near)
        drawn[start:end] = around[start:end] > 0
    return out, drawn


def _this_day(expected: Values, around: Values, near: slice) -> float:
    """Return how the hours around a gap went, against the same hours of the days around."""
    both = np.isfinite(expected[near])
    usual, found = float(around[near][both].sum()), float(np.nansum(expected[near]))
    whole = float(around[near].sum())
    if usual < 0.1 * whole or usual <= 0:
        return 1.0
    return float(np.clip(found / usual, 0.2, 3.0))


def _same_time(expected: Values, row: int, a_day: int) -> float:
    """Return the mean of the nearest day before and the nearest after that have a value at this time of the day."""
    found: list[float] = []
    for sign in (-1, 1):
        for days in range(1, _AROUND_DAYS + 1):
            at = row + sign * days * a_day
            if not 0 <= at < len(expected):
                break
            if np.isfinite(expected[at]):
                found.append(float(expected[at]))
                break
    return max(0.0, sum(found) / len(found)) if found else 0.0


def _usual(made: Values, a_day: int) -> Values:
    """Return for each row what the plant usually makes at that time of the day (median of its days)."""
    days = -(-len(made) // a_day)
    line = np.full(days * a_day, np.nan)
    line[: len(made)] = made
    square = line.reshape(days, a_day)
    usual = np.zeros(a_day)
    enough = np.isfinite(square).sum(axis=0) >= max(1, days // 4)
    if enough.any():
        usual[enough] = np.nanmedian(square[:, enough], axis=0)
    return np.asarray(np.tile(usual, days)[: len(made)])
