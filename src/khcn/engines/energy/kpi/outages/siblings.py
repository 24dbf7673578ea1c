"""What each inverter would make, told by its siblings; and what the plant would make, told by its expected power."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.kpi.outages.plant import SLOTS, Grid, Mask, Matrix, ordinary_peak
from khcn.engines.energy.types import Values

_ONLINE: Final = 0.001  # of the ordinary peak
_ENOUGH_ROWS: Final = 20
_ENOUGH_IN_SLOT: Final = 3
_SPEAKS: Final = 0.1  # of the plant that must be online to speak for the rest
_COVER: Final = 0.3  # of the plant that must report for its level to be known
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Siblings:
    """``online``: rows x inverters that report power; ``shares``: of the plant, rows x inverters, each row adding up
    to 1; ``full``: what all of them together would make, in units of the inverters (nan: none is online)."""

    online: Mask
    shares: Matrix
    full: Values


def compare(grid: Grid) -> Siblings:
    """Learn the shares of the inverters and draw from those online what all would make."""
    power = grid.inverters
    count = power.shape[1]
    limits = np.array([_ONLINE * ordinary_peak(power[:, one]) for one in range(count)])
    online = np.nan_to_num(power, nan=-np.inf) > np.maximum(limits, 1e-12)
    shares = _shares(grid, online)
    seen = np.where(online, power, 0.0).sum(axis=1)
    weight = np.where(online, shares, 0.0).sum(axis=1)
    full = np.divide(seen, weight, out=np.full(grid.size, np.nan), where=weight > _SPEAKS)
    return Siblings(online, shares, full)


def _shares(grid: Grid, online: Mask) -> Matrix:
    """Return each inverter's share by row: that of its half hour of the day where enough was seen, else overall.

    A zero at the edge of the day is how the inverter is (its roof has no sun yet); a zero in the middle, or of a whole
    day, is a fault and says nothing of its share. Shares and the level of the whole plant are found by turns, so days
    on which some are out count too.
    """
    count = grid.inverters.shape[1]
    if not count:
        return np.zeros((grid.size, 0))
    seen = np.where(online, grid.inverters, np.where(_asleep(grid, online), 0.0, np.nan))
    light = grid.expected_kw > 0
    overall = _overall(grid, online)
    slots = [np.flatnonzero(light & (grid.slots == slot)) for slot in range(SLOTS)]
    table = np.tile(overall, (SLOTS, 1))
    for _ in range(_ROUNDS):
        table = np.array([_slot_shares(seen[rows], table[slot], overall) for slot, rows in enumerate(slots)])
    return np.asarray(table[grid.slots])


def _slot_shares(seen: Matrix, shares: Values, overall: Values) -> Values:
    """Return the median shares of rows of one half hour, given the shares of the round before."""
    known = np.isfinite(seen)
    weight = np.where(known, shares, 0.0).sum(axis=1)
    rows = (weight > _COVER) & (np.nansum(seen, axis=1) > 0)
    if rows.sum() < _ENOUGH_IN_SLOT:
        return overall
    full = np.nansum(seen[rows], axis=1) / weight[rows]
    found = shares.copy()
    for one in range(len(shares)):
        ratio = seen[rows, one] / full
        if np.isfinite(ratio).sum() >= _ENOUGH_IN_SLOT:
            found[one] = float(np.nanmedian(ratio))
    total = float(found.sum())
    return found / total if total > 0 else overall


def _asleep(grid: Grid, online: Mask) -> Mask:
    """Return rows x inverters: before the first or after the last report of power of a day on which there is one."""
    place = grid.days - grid.days[0]
    rows, days = np.arange(grid.size), int(place[-1]) + 1
    out = np.zeros(online.shape, dtype=np.bool_)
    for one in range(online.shape[1]):
        lit = np.flatnonzero(online[:, one])
        first, last = np.full(days, grid.size), np.full(days, -1)
        np.minimum.at(first, place[lit], lit)
        np.maximum.at(last, place[lit], lit)
        some = last >= 0
        out[:, one] = some[place] & ((rows < first[place]) | (rows > last[place]))
    return out & np.isfinite(grid.inverters)


def _overall(grid: Grid, online: Mask) -> Values:
    """Return each inverter's share over all, from rows in which all report, else from their relative sizes."""
    together = online.all(axis=1) & grid.bright
    if together.sum() >= _ENOUGH_ROWS:
        sizes = grid.inverters[together].sum(axis=0)
    else:
        sizes = _relative(np.where(online & grid.bright[:, None], grid.inverters, np.nan))
        never = ~online.any(axis=0)
        if (
            never.any() and not never.all()
        ):  # dead from the first row to the last: taken to be as big as the others
            sizes[never] = np.median(sizes[~never])
    return np.asarray(sizes / sizes.sum())


def _relative(seen: Matrix) -> Values:
    """Return relative sizes when the inverters were hardly ever online together: by turns, size and common level."""
    sizes = np.array([max(ordinary_peak(seen[:, one]), 1e-9) for one in range(seen.shape[1])])
    for _ in range(_ROUNDS):
        rows = np.isfinite(seen).sum(axis=1) >= 2
        if not rows.any():
            break
        level = np.nanmean(seen[rows] / sizes, axis=1)
        for one in range(seen.shape[1]):
            ratio = seen[rows, one] / level
            if np.isfinite(ratio).any():
                sizes[one] = max(float(np.nanmedian(ratio)), 1e-9)
    return sizes


@dataclass(frozen=True, slots=True)
class Scale:
    """Expected power as the plant really does: ``expected`` kW by row, and ``low(rows)``, the ratio of measured to
    expected energy below which only one in a hundred ordinary windows of so many rows falls."""

    expected: Values
    errors: Values  # measured and expected power of ordinary rows, one after the other
    modelled: Values
    sums: Values  # expected energy of each day that is known in full, in order

    def low(self, rows: int) -> float:
        """Return the lowest ordinary ratio of a window of ``rows`` rows."""
        rows = max(1, min(rows, len(self.errors) // 4))
        if len(self.errors) < _ENOUGH_ROWS:
            return 0.7
        sums = np.concatenate(([0.0], np.cumsum(self.errors)))
        wanted = np.concatenate(([0.0], np.cumsum(self.modelled)))
        ratio = (sums[rows:] - sums[:-rows]) / np.maximum(wanted[rows:] - wanted[:-rows], 1e-12)
        margin = 0.15 / float(np.sqrt(rows))  # few rows: their clouds may be of a kind not seen before
        return float(min(max(np.quantile(ratio, 0.01) - margin, 0.2), 0.95))

    def low_drawn(self, days: int) -> float:
        """Return the same for ``days`` days whose expected power is not known but drawn from the days around."""
        sums = self.sums[self.sums > 0]
        if len(sums) < 5:
            return 0.3
        ratio = sums[1:-1] / ((sums[:-2] + sums[2:]) / 2)
        worst = min(float(np.quantile(ratio, 0.02)), 0.95)
        slower = float(np.power(days, 0.25))  # bad days come together, so slower than the square root
        return max(0.2, 1 - (1 - worst) / slower)


def scale_expected(grid: Grid, made: Values, ordinary: Mask) -> Scale:
    """Scale expected power to ``made`` (kW) on ``ordinary`` rows: overall, and drawn towards how each day went."""
    rows = ordinary & np.isfinite(made) & (made > 0) & (grid.expected_kw > 0)
    if not rows.any():
        return Scale(grid.expected_kw, np.zeros(0), np.zeros(0), np.zeros(0))
    overall = float(made[rows].sum() / grid.expected_kw[rows].sum())
    day = grid.days - grid.days[0]
    known = np.bincount(day[rows], weights=grid.expected_kw[rows], minlength=int(day[-1]) + 1)
    done = np.bincount(day[rows], weights=made[rows], minlength=int(day[-1]) + 1)
    typical = float(np.median(known[known > 0]))
    factor = (done + typical * overall) / (known + typical)
    sums = np.bincount(day, weights=grid.expected_kw) * (np.bincount(day, weights=grid.filled) == 0)
    return Scale(grid.expected_kw * factor[day], made[rows], grid.expected_kw[rows] * overall, sums)
