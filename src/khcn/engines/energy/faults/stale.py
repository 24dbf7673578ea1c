"""Stale data: a value above zero that stays exactly the same for longer than light ever does.

The idea of pvanalytics' ``gaps.stale_values_diff`` with what it lacks (it flags every night: 1,217 of 3,000 rows of its
own example where 245 are stale): nights at zero, plateaus of clipping and coarse registers are not stale, and a run
counts whole, with its first row.
"""

from typing import Final

import numpy as np

from khcn.engines.energy.faults.clipping import round_minutes
from khcn.engines.energy.faults.series import Mask, Series, runs_of

_LEAST_ROWS: Final = 6
_LEAST_MINUTES: Final = 45.0
_SAME: Final = 1e-7  # of the scale
_ZERO: Final = 0.004  # of the scale: standby, rounding, night consumption
_FEW: Final = 5
_HABIT: Final = 4.0  # times the runs that are usual in this series


def equal_runs(series: Series) -> list[tuple[int, int]]:
    """Return the runs (at least two rows) of one value; a night without rows does not end one."""
    if len(series) < 2:
        return []
    same = np.zeros(len(series), bool)
    same[1:] = np.abs(np.diff(series.values)) <= _SAME * series.scale
    return [(first - 1, end) for first, end in runs_of(same)]


def stale_rows(series: Series, clipped: Mask) -> Mask:
    """Return True for stale rows. ``clipped``: rows that a limit of the inverter explains."""
    found = np.zeros(len(series), bool)
    if series.scale <= 0:
        return found
    runs = [run for run in equal_runs(series) if not _nothing(series, series.values[run[0]])]
    usual = _usual_length(series, runs)
    floor = max(_LEAST_ROWS, _LEAST_MINUTES / series.step_minutes)
    if series.quantum == 0:  # fine values never repeat by chance; a slow logger's do, a few times
        floor = 4.0 if series.step_minutes >= 30 else max(_LEAST_ROWS, 15 / series.step_minutes)
    for first, end in runs:
        least = max(floor, _needed(series, first, end, usual))
        if end - first < least or clipped[first:end].mean() > 0.8:
            continue
        lit = series.daylight[first:end]
        # at night a constant of standby size is legitimate; in daylight nothing constant is
        if lit.sum() >= 3 or abs(series.values[first]) > 0.02 * series.scale:
            found[first:end] = True
    return found


def _needed(series: Series, first: int, end: int, usual: float) -> float:
    """Return how many rows a run must have before rounding does not explain it."""
    habit = _HABIT / 2 if _jumps_away(series, first, end) else _HABIT
    if series.quantum == 0:
        return habit * usual
    # the top of a day stays within the rounding for a while; so does all of a dark day
    top = 1.5 * round_minutes(series.quantum / 2 / series.scale) / series.step_minutes
    dark = 1 + 10 * series.quantum / max(abs(float(series.values[first])), series.quantum)
    return max(habit * usual * dark, top)


def _jumps_away(series: Series, first: int, end: int) -> bool:
    """Return whether the run ends with a leap: light had moved on while the value stood still."""
    if series.quantum == 0 or end >= len(series) or not series.daylight[first:end].all():
        return False
    return bool(abs(series.values[end] - series.values[end - 1]) > 8 * series.quantum)


def _nothing(series: Series, value: float) -> bool:
    """Return whether a value is no production: zero, rounding, or what an inverter takes at night."""
    return -0.03 * series.scale <= value <= _ZERO * series.scale


def _usual_length(series: Series, runs: list[tuple[int, int]]) -> float:
    """Return how long runs usually are: a coarse or slow register repeats itself for good reason."""
    lit = [end - first for first, end in runs if series.daylight[first:end].any()]
    if not lit:
        return 1.0
    rows = int(series.daylight.sum())
    if sum(lit) < 0.05 * rows and series.quantum == 0:
        return 1.0  # repeats are rare here: none is usual
    # the tail of chance repeats falls off quickly: the longest few are the faults that are looked for
    lengths = np.sort(np.array(lit))[:-_FEW]
    return float(np.quantile(lengths, 0.9)) if len(lengths) else 1.0
