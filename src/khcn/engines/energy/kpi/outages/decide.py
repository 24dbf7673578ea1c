"""Row by row, which missing inverters are really out and which only do not report."""

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.kpi.outages.plant import Grid, Mask, Matrix, ordinary_peak, runs
from khcn.engines.energy.kpi.outages.produced import Produced
from khcn.engines.energy.kpi.outages.siblings import Siblings
from khcn.engines.energy.types import Values

FINE, OUT, SILENT = 0, 1, 2
_DEAD: Final = 0.1  # of what it would make: below it the plant stands still
_MANY: Final = 8  # missing at once, above which inverters are weighed in order and not in every combination
_FLOOR: Final = 0.3  # of the plant's ordinary peak
_SEED: Final = 0.05  # of its own peak: light enough to judge an inverter by
_SWITCH: Final = 1.5  # cost of a change of mind, in shares of the smallest missing inverter
_PRIOR: Final = 0.02  # a reported zero rather means "out", no report rather "silent"

States = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Decision:
    """``states``: rows x inverters (one column for the site when it has none), FINE, OUT or SILENT. ``lost``: kW by row
    and inverter. ``judged``: the inverter had light enough to be judged; ``running``: it reported power."""

    states: States
    lost: Matrix
    judged: Mask
    running: Mask


def decide(grid: Grid, siblings: Siblings, made: Produced) -> Decision:
    """Judge every row."""
    count = grid.inverters.shape[1]
    each = made.full[:, None] * siblings.shares if count else made.full[:, None]
    absent = np.asarray(~siblings.online if count else _site_absent(grid, made))
    running = ~absent
    judged = grid.bright[:, None] & (each > _SEED * np.quantile(each, 0.98, axis=0))
    absent &= (grid.expected_kw > 0)[:, None] & (each > 0)
    states = np.zeros(absent.shape, dtype=np.int8)
    lost = np.zeros(absent.shape)
    decision = Decision(states, lost, judged, running)
    everyone = np.asarray(~running.any(axis=1) & absent.any(axis=1))
    for start, end in _same_pattern(absent & ~everyone[:, None]):
        columns = np.flatnonzero(absent[start] & judged[start:end].any(axis=0))
        if len(columns):
            chosen = _weighed(grid, made, each, slice(start, end), columns)
            states[start:end, columns] = np.where(chosen, OUT, SILENT)
            lost[start:end, columns] = np.where(chosen, each[start:end, columns], 0.0)
    for start, end in _daylight_runs(everyone, grid):
        _whole_site(grid, made, each, slice(start, end), decision)
    return decision


def _site_absent(grid: Grid, made: Produced) -> Mask:
    """Without inverters: the site is absent when its meter is silent or says next to nothing."""
    low = np.nan_to_num(grid.meter_kw, nan=0.0) < _DEAD * made.full
    return np.asarray(low[:, None])


def _same_pattern(absent: Mask) -> list[tuple[int, int]]:
    """Return runs of rows in which the same inverters, at least one, are absent."""
    found: list[tuple[int, int]] = []
    for start, end in runs(np.asarray(absent.any(axis=1))):
        part = absent[start:end]
        cuts = np.flatnonzero((part[1:] != part[:-1]).any(axis=1)) + 1 + start
        edges = [start, *cuts.tolist(), end]
        found += list(pairwise(edges))
    return found


def _daylight_runs(mask: Mask, grid: Grid) -> list[tuple[int, int]]:
    """Return runs of ``mask`` joined across nights, those with a bright row only."""
    dark = ~(grid.expected_kw > 0)
    joined: list[tuple[int, int]] = []
    for start, end in runs(mask):
        if joined and bool(dark[joined[-1][1] : start].all()):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(start, end) for start, end in joined if bool((mask & grid.bright)[start:end].any())]


def _weighed(grid: Grid, made: Produced, each: Matrix, part: slice, columns: NDArray[np.int64]) -> Mask:
    """Return rows x ``columns``: True where the inverter is out. The meter's deficit chooses among the absent."""
    would, full = each[part][:, columns], np.maximum(made.full[part], 1e-9)
    silent = np.isnan(grid.inverters[part][:, columns])
    if made.blind[part].all():
        return np.asarray(~silent)
    sets = _choices(len(columns), ~silent[0])
    deficit = (made.full - made.made)[part]
    floor = _FLOOR * ordinary_peak(made.full)  # in weak light a meter's noise is as big as an inverter
    cost = np.abs(would @ sets.T - deficit[:, None]) / np.maximum(full, floor)[:, None]
    size = float(np.median(would.min(axis=1) / full))
    against = (sets[None, :, :] == silent[:, None, :]).sum(axis=2)
    weight = np.where(grid.bright[part] & ~made.blind[part], 1.0, 0.1)
    best = _steady(cost * weight[:, None] + _PRIOR * size * against, _SWITCH * size)
    return np.asarray(sets[best] > 0)


def _choices(count: int, zeros: Mask) -> Matrix:
    """Return the sets of absent inverters that may be out: all of them, or when many are absent nested ones, those
    that report a zero first."""
    if count <= _MANY:
        sets = [one for size in range(count + 1) for one in combinations(range(count), size)]
        table = np.zeros((len(sets), count))
        for row, one in enumerate(sets):
            table[row, list(one)] = 1.0
        return table
    order = np.argsort(~zeros, kind="stable")
    table = np.zeros((count + 1, count))
    for size in range(1, count + 1):
        table[size, order[:size]] = 1.0
    return table


def _steady(cost: Matrix, switch: float) -> NDArray[np.int64]:
    """Return the cheapest sequence of choices when every change costs ``switch``."""
    rows, choices = cost.shape
    best = cost[0]
    came = np.zeros((rows, choices), dtype=np.int64)
    for row in range(1, rows):
        leader = int(np.argmin(best))
        moved = best > best[leader] + switch
        came[row] = np.where(moved, leader, np.arange(choices))
        best = np.where(moved, best[leader] + switch, best) + cost[row]
    path = np.zeros(rows, dtype=np.int64)
    path[-1] = int(np.argmin(best))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _whole_site(grid: Grid, made: Produced, each: Matrix, part: slice, decision: Decision) -> None:
    """Judge a run in which no inverter reports power."""
    states, lost = decision.states, decision.lost
    full, power = made.full[part], made.made[part]
    light = full > 0
    if made.blind[part][light].all():
        states[part] = SILENT
        return
    dead = light & ~made.whole[part] & ~made.blind[part] & (power < _DEAD * full)
    for start, end in runs(dead):  # one weak row by itself: the counter's smallest step, not an outage
        if end - start == 1 and full[start] < _FLOOR * ordinary_peak(made.full) and not dead.all():
            dead[start] = False
    dead = _settled(dead, light)
    for start, end in _pieces(dead):
        piece = slice(part.start + start, part.start + end)
        if dead[start]:
            states[piece] = OUT
            lost[piece] = each[piece]
        else:
            _alive(grid, made, each, piece, decision)


def _alive(grid: Grid, made: Produced, each: Matrix, piece: slice, decision: Decision) -> None:
    """Judge rows in which the plant made something unseen: as much as ordinary, or less by what stood still."""
    states, lost = decision.states, decision.lost
    counted = ~made.blind[piece] & (made.full[piece] > 0)
    would, did = float(made.full[piece][counted].sum()), float(made.made[piece][counted].sum())
    bright = int((grid.bright[piece] & counted).sum())
    drawn = float(made.full[piece][counted & grid.filled[piece]].sum()) / would if would > 0 else 0.0
    days = max(1, len(np.unique(grid.days[piece][counted])))
    low = (1 - drawn) * made.scale.low(max(bright, 1)) + drawn * made.scale.low_drawn(days)
    if would <= 0 or did >= low * would:
        states[piece] = SILENT
        return
    states[piece] = OUT
    gone = np.where(counted, 1.0 - did / would, 0.0)
    lost[piece] = each[piece] * gone[:, None]


def _settled(dead: Mask, light: Mask) -> Mask:
    """Carry the last judgement through rows without light."""
    out = dead.copy()
    last = bool(dead[light][0]) if light.any() else False
    for row in range(len(dead)):
        if light[row]:
            last = bool(dead[row])
        else:
            out[row] = last
    return out


def _pieces(mask: Mask) -> list[tuple[int, int]]:
    cuts = (np.flatnonzero(np.diff(mask.astype(np.int8))) + 1).tolist()
    edges = [0, *cuts, len(mask)]
    return list(pairwise(edges))


def lost_by_row(decision: Decision) -> Values:
    """Return kW lost by row."""
    return np.asarray(decision.lost.sum(axis=1))
