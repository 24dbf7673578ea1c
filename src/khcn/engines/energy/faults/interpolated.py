"""Interpolated data: rows on one straight line between two known ones, longer or straighter than daylight is.

The idea of pvanalytics' ``gaps.interpolation_diff`` (constant first differences) with what it lacks: nights at zero are
no lines, rounded lines are lines, slow curves written coarsely are not, and the two known ends are not interpolated.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.series import Mask, Series, runs_of
from khcn.engines.energy.faults.stale import equal_runs
from khcn.engines.energy.types import Values

_LEAST_POINTS: Final = 5  # ends included: three second differences of nothing never happen in measured light
_STRAIGHT: Final = 1e-7  # of the scale
_FLAT: Final = 1e-9  # of the scale: slope of a constant
_CURVE: Final = 0.1  # share of the curvature at noon that a day has nearly everywhere
_NIGHTS: Final = 2  # nights on each side that must be lines before a night at zero counts as filled


def interpolated_rows(series: Series) -> Mask:
    """Return True for rows that were interpolated (not for the known ends of a line)."""
    found = np.zeros(len(series), bool)
    if series.scale <= 0 or len(series) < _LEAST_POINTS:
        return found
    for first, end in _exact_lines(series):
        found[first + 1 : end - 1] = True
    if series.quantum > 0:
        for first, end in _rounded_lines(series):
            found[first + 1 : end - 1] = True
    if found.any():
        found |= _filled_nights(series, found)
        found |= _single_fills(series, found)
    return found


def machine_made(series: Series) -> Mask:
    """Return rows on exact lines or of one repeated value: what daylight must not be learnt from."""
    out = np.zeros(len(series), bool)
    if series.scale <= 0 or len(series) < _LEAST_POINTS:
        return out
    lines = _exact_lines(series)
    stuck = [run for run in equal_runs(series) if run[1] - run[0] >= 6 and series.values[run[0]] > 0]
    for first, end in [*lines, *stuck]:
        if end - first >= 6:
            out[first:end] = True
    return out


def _exact_lines(series: Series) -> list[tuple[int, int]]:
    """Return runs whose second differences vanish and whose slope does not."""
    values, scale = series.values, series.scale
    slope = np.diff(values)
    bend = np.abs(np.diff(slope))
    size = np.maximum(np.abs(values[2:]), np.abs(values[:-2]))
    straight = np.zeros(len(values), bool)  # at the middle point
    allowed = np.minimum(_STRAIGHT * scale, 1e-3 * np.abs(slope[1:])) + 1e-12 * np.maximum(size, scale)
    straight[1:-1] = (
        (bend <= allowed)
        & (np.abs(slope[1:]) > _FLAT * scale)
        & series.joined[2:]
        & series.joined[1:-1]
    )  # fmt: skip
    least = max(_LEAST_POINTS - 2, int(np.ceil(8 / series.step_minutes)))
    if series.quantum > 0:
        least = max(least, _least_rounded(series) - 2)
    return [(first - 1, end + 1) for first, end in runs_of(straight) if end - first >= least]


def _least_rounded(series: Series) -> int:
    """Return how many rows a rounded line needs before a day's own curve could not hide in the rounding."""
    angle = 2 * np.pi * series.step_minutes / 1440
    fine = series.quantum / series.scale
    bent = 2.0 * np.sqrt(16 * fine / (_CURVE * angle**2))
    if _smooth_share(series) > 0.5:  # no noise to tell by: also where the day's curve changes sides
        bent = max(bent, 2 * np.cbrt(31 * fine / _CURVE) / angle)
    return max(_LEAST_POINTS + 3, int(np.ceil(bent)))


def _smooth_share(series: Series) -> float:
    """Return the share of rows that bend by less than the rounding, on the smoothest days."""
    bend = np.zeros(len(series))
    bend[1:-1] = np.abs(np.diff(np.diff(series.values)))
    lit = series.daylight & series.joined & (series.values > 0.02 * series.scale)
    days = np.unique(series.day[lit])
    shares = [float(np.mean(bend[lit & (series.day == day)] <= 1.01 * series.quantum)) for day in days[:400]]
    return float(np.quantile(shares, 0.9)) if shares else 0.0


def _rounded_lines(series: Series) -> list[tuple[int, int]]:
    """Return long runs that follow the line between their ends to within the rounding."""
    least = _least_rounded(series)
    change = max(4 * series.quantum, 0.01 * series.scale)
    values, slack = series.values, 0.5001 * series.quantum + 1e-9 * series.scale
    out: list[tuple[int, int]] = []
    start, total = 0, len(values)
    # from inside a night at zero nothing rises: a line begins at its last rows
    nothing = np.convolve(values == 0, np.ones(least), "full")[least - 1 :] >= least
    hopeful = np.flatnonzero(_open_cones(values, least, slack) & ~nothing)
    edges = [*np.flatnonzero(~series.joined[1:]) + 1, total]
    for edge in edges:
        while True:
            place = int(np.searchsorted(hopeful, start))
            if place >= len(hopeful) or hopeful[place] + least > edge:
                break
            start = int(hopeful[place])
            end = _reach(values, start, int(edge), least, slack)
            if end - start >= least and abs(values[end - 1] - values[start]) > change:
                out.append((start, end))
                start = end - 1
            else:
                start += 1
        start = int(edge)
    return out


def _open_cones(values: Values, least: int, slack: float) -> Mask:
    """Return the starts from which ``least`` rows fit one line within twice ``slack``: hardly any, told all at once."""
    out = np.zeros(len(values), bool)
    count = len(values) - least + 1
    if count <= 0:
        return out
    low, high = np.full(count, -np.inf), np.full(count, np.inf)
    for steps in range(1, least):
        rise = values[steps : steps + count] - values[:count]
        low, high = np.maximum(low, (rise - 2 * slack) / steps), np.minimum(high, (rise + 2 * slack) / steps)
    out[:count] = low <= high
    return out


def _reach(values: Values, start: int, edge: int, least: int, slack: float) -> int:
    """Return the end of the longest run from ``start`` that fits one line within ``slack`` (the cone method)."""
    low, high = -np.inf, np.inf
    base = values[start]
    index = start + 1
    # most starts fail at once: the cone closes within a few rows
    while index < edge:
        steps = index - start
        low = max(low, (values[index] - base - 2 * slack) / steps)
        high = min(high, (values[index] - base + 2 * slack) / steps)
        if low > high:
            break
        index += 1
    end = index
    while end - start >= least:
        line = base + (values[end - 1] - base) * np.arange(end - start) / (end - 1 - start)
        if np.max(np.abs(values[start:end] - line)) <= 2 * slack:
            return end
        end -= 1
    return start


def _filled_nights(series: Series, found: Mask) -> Mask:
    """Return nights at zero that were filled too: where every night around is a line, a night of zeros is one as well.

    A logger that keeps silent at night leaves gaps; a filler joins their ends, and where both ends are zero the line
    lies on zero. Nothing in the row itself shows that; its neighbours do.
    """
    out = np.zeros(len(series), bool)
    night = _night_numbers(series)
    lines = {int(number) for number in np.unique(night[found & ~series.daylight])}
    present = {int(number) for number in np.unique(night[~series.daylight])}
    for first, end in equal_runs(series):
        if abs(series.values[first]) > _FLAT * series.scale or found[first:end].any():
            continue
        numbers = np.unique(night[first:end][~series.daylight[first:end]])
        if not len(numbers) or end - first < 6:
            continue
        before = [n for n in range(int(numbers[0]) - _NIGHTS, int(numbers[0])) if n in present]
        after = [n for n in range(int(numbers[-1]) + 1, int(numbers[-1]) + 1 + _NIGHTS) if n in present]
        around = before + after
        if len(around) >= _NIGHTS and all(n in lines for n in around):
            out[first + 1 : end - 1] = True
    return out


def _night_numbers(series: Series) -> NDArray[np.int64]:
    """Return a number for each row that changes at solar noon, so that a night has one number."""
    return np.asarray(series.day + (series.minute >= 720), np.int64)


def _single_fills(series: Series, found: Mask) -> Mask:
    """Return single rows that are the exact mean of their neighbours and finer than anything the device writes."""
    out = np.zeros(len(series), bool)
    measured = series.values[~found & (series.values != 0)]
    digits = _digits(measured)
    if digits is None:
        return out
    values = series.values
    mean = (values[2:] + values[:-2]) / 2
    exact = np.abs(values[1:-1] - mean) <= 1e-9 * series.scale
    finer = np.abs(np.round(values[1:-1], digits) - values[1:-1]) > 0.2 * 10.0 ** (-digits)
    sloped = np.abs(values[2:] - values[:-2]) > _FLAT * series.scale
    out[1:-1] = exact & finer & sloped & series.joined[1:-1] & series.joined[2:]
    return out


def _digits(values: Values) -> int | None:
    """Return the number of decimals in which (nearly) all values are written, None when there is no such number."""
    for digits in range(1, 11):
        if np.mean(np.abs(np.round(values, digits) - values) < 1e-3 * 10.0 ** (-digits)) > 0.99:
            return digits
    return None
