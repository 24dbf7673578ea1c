"""Underperformance: an inverter that gives less than its siblings of the same day, or than the model where it has none."""

from typing import Final

import numpy as np

from khcn.engines.energy.faults.ground import Ground, daily_ratio, smooth_runs
from khcn.engines.energy.faults.series import Mask
from khcn.engines.energy.faults.tell import finding, number
from khcn.engines.energy.types import Finding, FindingKind, Values

# reference -> (least shortfall, days that must agree, days of the running middle)
_RULES: Final = {"siblings": (0.07, 3, 3), "model": (0.10, 6, 7)}
_LOOK_BACK: Final = 30
_SIGMAS: Final = 4.0


def find_underperformance(ground: Ground) -> list[Finding]:
    """Return spells in which an inverter gives clearly less than expected for days."""
    found: list[Finding] = []
    for row, by in enumerate(ground.by):
        if not by:
            continue
        kwh = np.where(ground.usable[row], ground.kwh[row], np.nan)
        ratio = daily_ratio(ground, kwh, ground.expected[row])
        for first, end in low_spells(ratio, *_RULES[by]):
            found.append(_tell(ground, row, (first, end), kwh, by))
    return found


def low_spells(ratio: Values, least: float, days: int, width: int) -> list[tuple[int, int]]:
    """Return (first, past the last) day of spells below the usual 1.0; a spell ends only well on the way back."""
    known = np.flatnonzero(np.isfinite(ratio))
    if len(known) < days + 5:
        return []
    values = ratio[known]
    usual = values[: max(10, len(values) // 3)]
    spread = 1.4826 * float(np.median(np.abs(usual - np.median(usual))))
    low = 1 - max(least, _SIGMAS * spread)
    back = 1 - 0.5 * (1 - low)
    half = width // 2
    middle = np.array([np.median(values[max(0, i - half) : i + half + 1]) for i in range(len(values))])
    out: list[tuple[int, int]] = []
    index = 0
    while index < len(values):
        if middle[index] >= low or values[index] >= low:
            index += 1
            continue
        end = index
        while end < len(values) and (middle[end] < back or values[end] < low):
            end += 1
        if (values[index:end] < low).sum() >= days:
            last = end - 1
            while values[last] >= low:
                last -= 1
            out.append((int(known[_onset(values, index, end)]), int(known[last]) + 1))
        index = end
    return out


def _onset(values: Values, index: int, end: int) -> int:
    """Return when the level really changed: a small loss passes the threshold only on its worse days at first."""
    level = float(np.median(values[index:end]))
    begin = max(0, index - _LOOK_BACK)
    stop = min(end, index + 5)
    usual, low = np.abs(values[begin:stop] - 1.0), np.abs(values[begin:stop] - level)
    costs = np.concatenate([[0.0], np.cumsum(usual)]) + (low.sum() - np.concatenate([[0.0], np.cumsum(low)]))
    return min(begin + int(np.argmin(costs)), end - 1)


def _tell(ground: Ground, row: int, days: tuple[int, int], kwh: Values, by: str) -> Finding:
    inside = (ground.day >= days[0]) & (ground.day < days[1]) & ground.lit
    short = np.nan_to_num(ground.expected[row] - kwh)
    places = np.flatnonzero(inside)
    should = float(np.nansum(ground.expected[row][inside & np.isfinite(kwh)]))
    loss = float(short[inside].sum())
    return finding(
        ground,
        FindingKind.UNDERPERFORMANCE,
        (int(places[0]), int(places[-1]) + 1),
        [row],
        code=f"fault-underperformance-{by}",
        loss=loss,
        lasting=days[1] >= _last_known(ground, row) - 1,
        percent=number(100 * loss / should if should else 0.0),
    )


def _last_known(ground: Ground, row: int) -> int:
    """Return the day after the last one with enough daylight data."""
    good = np.flatnonzero(np.isfinite(ground.kwh[row]) & ground.bright)
    return int(ground.day[good[-1]]) + 1 if len(good) else ground.days


def spells_of(bad: Mask, gap: int, least: int) -> list[tuple[int, int]]:
    """Return runs joined across ``gap`` with at least ``least`` True."""
    return [(first, end) for first, end in smooth_runs(bad, gap) if int(np.sum(bad[first:end])) >= least]
