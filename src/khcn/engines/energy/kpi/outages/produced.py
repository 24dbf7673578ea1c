"""What the plant made in each row: by its meter, by the counter where the meter's power is missing, else by estimate."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.kpi.outages.counter import Counter, between
from khcn.engines.energy.kpi.outages.plant import Grid, Mask, ordinary_peak, runs
from khcn.engines.energy.kpi.outages.siblings import Scale, Siblings, scale_expected
from khcn.engines.energy.types import Values

_NOTHING: Final = 0.001  # of the ordinary peak


@dataclass(frozen=True, slots=True)
class Produced:
    """``made``: kW by row, nowhere nan. ``whole``: rows of which only the sum of their run is known (the counter
    before and after); ``blind``: rows of which nothing is known. ``full``: kW the plant would make, by siblings where
    any is online, else by expected power. ``loss_factor``: plant power per unit of inverter power."""

    made: Values
    whole: Mask
    blind: Mask
    full: Values
    loss_factor: float
    scale: Scale


def produced(grid: Grid, counter: Counter, siblings: Siblings) -> Produced:
    """Put together what the plant made and what it would have made."""
    meter = np.maximum(grid.meter_kw, 0.0)  # at night the meter draws: that is no production
    factor = _loss_factor(grid, meter, siblings)
    seen = np.where(siblings.online, grid.inverters, 0.0).sum(axis=1) * factor
    nothing = _NOTHING * max(ordinary_peak(meter), ordinary_peak(seen), 1e-9)
    made = np.where(meter > nothing, meter, np.nan)
    zero = np.isfinite(meter) & ~(meter > nothing)
    dark = ~(grid.expected_kw > 0)
    made[zero & dark] = 0.0
    made[dark & np.isnan(made)] = 0.0
    rows = counter.rows() / grid.hours
    if not counter.coarse:
        fill = np.isnan(made) & np.isfinite(rows)
        made[fill] = rows[fill]
    if (
        not counter.known
    ):  # no counter to doubt the meter by: its zero is a zero, unless inverters are seen running
        made[zero & np.isnan(made) & ~(seen > nothing)] = 0.0
    scale = scale_expected(grid, made, _ordinary(grid, made, siblings))
    full = np.where(np.isfinite(siblings.full), siblings.full * factor, scale.expected)
    return _filled(grid, counter, made=made, zero=zero, seen=seen, full=full, factor=factor, scale=scale)


def _filled(
    grid: Grid,
    counter: Counter,
    *,
    made: Values,
    zero: Mask,
    seen: Values,
    full: Values,
    factor: float,
    scale: Scale,
) -> Produced:
    """Spread what the counter says of a run over its rows, as what the plant would make runs."""
    out, unknown = made.copy(), np.isnan(made)
    whole, blind = np.zeros(grid.size, np.bool_), np.zeros(grid.size, np.bool_)
    for start, end in _across_nights(unknown, grid):
        part = slice(start, end)
        holes = unknown[part]
        energy = between(counter, made, start, end, grid.hours) if counter.known else None
        weights = np.where(holes, full[part], 0.0)
        if energy is None or weights.sum() <= 0:
            blind[part] = holes & ~zero[part]
            out[part] = np.where(holes, np.where(seen[part] > 0, seen[part], 0.0), out[part])
            continue
        energy -= float(np.where(holes, 0.0, np.nan_to_num(made[part])).sum()) * grid.hours
        spread = weights * max(energy, 0.0) / grid.hours / weights.sum()
        out[part] = np.where(holes, spread, out[part])
        whole[part] = holes
    return Produced(np.nan_to_num(out), whole, blind, full, factor, scale)


def _across_nights(unknown: Mask, grid: Grid) -> list[tuple[int, int]]:
    """Return runs of unknown rows, joined where only dark rows lie between."""
    dark = ~(grid.expected_kw > 0)
    joined: list[tuple[int, int]] = []
    for start, end in runs(unknown):
        if joined and bool(dark[joined[-1][1] : start].all()):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _loss_factor(grid: Grid, meter: Values, siblings: Siblings) -> float:
    """Return plant power per unit of inverter power (line losses, another unit), from rows where all is seen."""
    if not grid.inverters.shape[1]:
        return 1.0
    rows = siblings.online.all(axis=1) & grid.bright & (np.nan_to_num(meter) > 0)
    if rows.sum() < 1:
        return 1.0
    ratios = meter[rows] / grid.inverters[rows].sum(axis=1)
    return float(np.median(ratios))


def _ordinary(grid: Grid, made: Values, siblings: Siblings) -> Mask:
    """Return rows in which all is well: every inverter online, or (without inverters) no less than half of usual."""
    rows = grid.bright & (np.nan_to_num(made) > 0)
    if grid.inverters.shape[1]:
        together = rows & siblings.online.all(axis=1)
        if together.any():
            return together
    if not rows.any():
        return rows
    ratio = np.divide(made, grid.expected_kw, out=np.zeros(grid.size), where=rows)
    ordinary: Mask = rows & (ratio > 0.5 * np.median(ratio[rows]))
    return ordinary
