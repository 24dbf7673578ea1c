"""Shapes of the week: weighted medians and means over past weeks, and the level of the last days.

A block of weeks has shape (weeks, 168), newest week first; column 0 is the hour right after the block, a week ago, so
that a profile read from column 0 on is a forecast from the end of the block. NaN = not measured.
"""

from typing import Final

import numpy as np

from khcn.engines.flow.series import Array

WEEK: Final = 168


def weeks_before(values: Array, at: int, most: int) -> Array:
    """Return the whole weeks before hour ``at``, newest first: shape (at most ``most``, 168)."""
    count = min(most, at // WEEK)
    return np.asarray(values[at - count * WEEK : at].reshape(count, WEEK)[::-1], dtype=np.float64)


def decay(count: int, half_life: float) -> Array:
    """Weights 1, ... that halve every ``half_life`` items."""
    return np.asarray(0.5 ** (np.arange(count) / half_life), dtype=np.float64)


def weighted_mean(weeks: Array, weights: Array) -> Array:
    """Mean of each column; columns never measured are NaN."""
    known = ~np.isnan(weeks)
    total = (known * weights[:, None]).sum(axis=0)
    sums = np.where(known, weeks, 0.0).T @ weights
    return np.asarray(sums / np.where(total > 0, total, np.nan), dtype=np.float64)


class Medians:
    """Weighted medians of the columns of a block; the sorting is done once for all weightings."""

    def __init__(self, weeks: Array) -> None:
        self._order = np.argsort(weeks, axis=0)  # NaN last
        self._sorted = np.take_along_axis(weeks, self._order, axis=0)
        self._known = ~np.isnan(self._sorted)

    def at(self, weights: Array) -> Array:
        """Median of each column under one weight a row; columns never measured are NaN."""
        share = np.where(self._known, weights[self._order], 0.0).cumsum(axis=0)
        place = (share >= share[-1] / 2).argmax(axis=0)
        return np.asarray(self._sorted[place, np.arange(self._sorted.shape[1])], dtype=np.float64)


def week_levels(weeks: Array) -> Array:
    """Level of each week against the mean week (1 = as the mean); NaN where hardly anything was measured."""
    reference = weighted_mean(weeks, decay(len(weeks), 8))
    usable = ~np.isnan(weeks) & ~np.isnan(reference)
    seen = np.where(usable, weeks, 0.0).sum(axis=1)
    base = np.where(usable, reference, 0.0).sum(axis=1)
    total = np.nansum(reference)
    enough = (base > 0.2 * total) & (base > 0)
    levels = np.divide(seen, base, out=np.full(len(weeks), np.nan), where=enough)
    levels[~(levels > 0.02)] = np.nan  # a week of nothing has no shape
    return np.asarray(levels, dtype=np.float64)


def day_level(weeks: Array, shape: Array, half_life: float) -> float:
    """Level of the last days against ``shape``: counted over expected, weights halving every ``half_life`` days."""
    days = weeks[::-1].reshape(-1, 24)[::-1]
    expected = np.tile(shape, len(weeks)).reshape(-1, 24)[::-1]
    usable = ~np.isnan(days) & ~np.isnan(expected)
    weights = decay(len(days), half_life)
    seen = float((np.where(usable, days, 0.0).sum(axis=1) * weights).sum())
    base = float((np.where(usable, expected, 0.0).sum(axis=1) * weights).sum())
    return seen / base if base > 0 else 1.0


def seasonal_naive(values: Array, at: int, horizon: int, *, look_back: int = 8) -> Array:
    """Same hour last week, repeated; where it was not measured, the latest week that was; else the mean hour of day."""
    weeks = weeks_before(values, at, look_back)
    if not len(weeks):
        return np.full(horizon, np.nan)
    known = ~np.isnan(weeks)
    first = known.argmax(axis=0)
    week = np.where(known.any(axis=0), weeks[first, np.arange(WEEK)], np.nan)
    return repeat(filled(week), horizon)


def filled(week: Array) -> Array:
    """Holes of a week take the median of the same hour on other days, else of all hours, else 0."""
    if not np.isnan(week).any():
        return week
    out = week.copy()
    by_hour = week.reshape(7, 24)
    everything = week[~np.isnan(week)]
    rest = float(np.median(everything)) if everything.size else 0.0
    for hour in range(24):
        known = by_hour[:, hour][~np.isnan(by_hour[:, hour])]
        column = out.reshape(7, 24)[:, hour]
        column[np.isnan(column)] = float(np.median(known)) if known.size else rest
    return out


def repeat(week: Array, horizon: int) -> Array:
    """Repeat a week up to ``horizon`` hours."""
    return np.tile(week, horizon // WEEK + 1)[:horizon]
