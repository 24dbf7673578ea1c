"""What each inverter would make, told by its siblings; and what the plant would make, told by its expected power."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.kpi.outages.plant import Grid, Mask, Matrix, ordinary_peak
from khcn.engines.energy.types import Values

_ONLINE: Final = 0.001  # of the ordinary peak
_ENOUGH_ROWS: Final = 20
_ENOUGH_IN_SLOT: Final = 8
_ROUNDS: Final = 6


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
    full = np.divide(seen, weight, out=np.full(grid.size, np.nan), where=weight > 0)
    return Siblings(online, shares, full)


def _shares(grid: Grid, online: Mask) -> Matrix:
    """Return each inverter's share by row: that of its hour of the day where enough was seen, else its overall one."""
    power, count = grid.inverters, grid.inverters.shape[1]
    if not count:
        return np.zeros((grid.size, 0))
    together = online.all(axis=1) & grid.bright
    if together.sum() >= _ENOUGH_ROWS:
        overall = power[together].sum(axis=0)
    else:
        overall = _relative(np.where(online & grid.bright[:, None], power, np.nan))
    table = np.tile(overall / overall.sum(), (24, 1))
    for slot in np.unique(grid.slots[together]):
        rows = together & (grid.slots == slot)
        if rows.sum() >= _ENOUGH_IN_SLOT:
            sums = power[rows].sum(axis=0)
            table[slot] = sums / sums.sum()
    return np.asarray(table[grid.slots])


def _relative(seen: Matrix) -> Values:
    """Return relative sizes when the inverters were hardly ever online together: by turns, size and common level."""
    sizes = np.ones(seen.shape[1])
    for one in range(seen.shape[1]):
        column = seen[:, one]
        if np.isfinite(column).any():
            sizes[one] = max(ordinary_peak(column), 1e-9)
    for _ in range(_ROUNDS):
        rows = np.isfinite(seen).sum(axis=1) >= 2
        if not rows.any():
            break
        level = np.nanmean(seen[rows] / sizes, axis=1, keepdims=True)
        for one in range(seen.shape[1]):
            ratio = seen[rows, one] / level[:, 0]
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

    def low(self, rows: int) -> float:
        """Return the lowest ordinary ratio of a window of ``rows`` rows."""
        rows = max(1, min(rows, len(self.errors) // 4))
        if len(self.errors) < _ENOUGH_ROWS:
            return 0.7
        sums = np.concatenate(([0.0], np.cumsum(self.errors)))
        wanted = np.concatenate(([0.0], np.cumsum(self.modelled)))
        ratio = (sums[rows:] - sums[:-rows]) / np.maximum(wanted[rows:] - wanted[:-rows], 1e-12)
        return float(min(max(np.quantile(ratio, 0.01), 0.5), 0.95))


def scale_expected(grid: Grid, made: Values, ordinary: Mask) -> Scale:
    """Scale expected power to ``made`` (kW) on ``ordinary`` rows: overall, and drawn towards how each day went."""
    rows = ordinary & np.isfinite(made) & (made > 0) & (grid.expected_kw > 0)
    if not rows.any():
        return Scale(grid.expected_kw, np.zeros(0), np.zeros(0))
    overall = float(made[rows].sum() / grid.expected_kw[rows].sum())
    day = grid.days - grid.days[0]
    known = np.bincount(day[rows], weights=grid.expected_kw[rows], minlength=int(day[-1]) + 1)
    done = np.bincount(day[rows], weights=made[rows], minlength=int(day[-1]) + 1)
    typical = float(np.median(known[known > 0]))
    factor = (done + 0.5 * typical * overall) / (known + 0.5 * typical)
    return Scale(grid.expected_kw * factor[day], made[rows], grid.expected_kw[rows] * overall)
