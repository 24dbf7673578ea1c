"""Clipping: production held at a limit of the inverter (or of the grid) while the sun would give more.

The shape idea of pvanalytics' ``clipping.geometric`` (windows of low slope) with what it lacks: it calls the round top
of any clear day clipped at steps below 15 minutes, stale data too, and it cannot do without a regular index. Here the
plateaus must be flatter and longer than the top of a day can be, and lie at one level that the series does not exceed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.faults.series import Mask, Series, runs_of

_BAND: Final = 0.001  # of the level: half the height of what still is the plateau
_LEAST_ROWS: Final = 3
_FLAT_MINUTES: Final = 45.0  # a cosine stays within 0.1 % of its top for 20 minutes
_HIGH: Final = 0.4  # of the scale: lower limits are curtailment, not the inverter


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stretch of rows (first, past the last) at one level."""

    first: int
    end: int
    level: float


def clipped_rows(series: Series) -> Mask:
    """Return True for rows held at a limit."""
    found = np.zeros(len(series), bool)
    for level, band in clip_levels(series):
        near = np.abs(series.values - level) <= band
        for first, end in runs_of(near, series.joined):
            if end - first >= _LEAST_ROWS:
                found[first:end] = True
    return found


def clip_levels(series: Series) -> list[tuple[float, float]]:
    """Return (level, half height) of each limit at which the series is held, the highest first."""
    if series.scale <= 0:
        return []
    plateaus = _plateaus(series)
    out: list[tuple[float, float]] = []
    while plateaus:
        top = max(plateaus, key=lambda one: one.level)
        # one limit: its plateaus lie within half a percent of each other
        group = [one for one in plateaus if one.level >= top.level * (1 - 0.006)]
        plateaus = [one for one in plateaus if one.level < top.level * (1 - 0.006)]
        level = _middle(series, group)
        band = _band(series, group, level)
        if _is_limit(series, group, level, band):
            out.append((level, band))
        if len(out) == 3:
            break
    return out


def _plateaus(series: Series) -> list[Plateau]:
    """Return stretches flatter and longer than the top of a clear day, in daylight and high enough."""
    values = series.values
    slack = max(_BAND, 0.51 * series.quantum / series.scale) * series.scale
    least = max(_LEAST_ROWS, int(np.ceil(_needed_minutes(series, slack) / series.step_minutes)) + 1)
    out: list[Plateau] = []
    start, total = 0, len(values)
    while start < total:
        if values[start] < _HIGH * series.scale or not series.daylight[start]:
            start += 1
            continue
        low = high = values[start]
        end = start + 1
        while end < total and series.joined[end]:
            low, high = min(low, values[end]), max(high, values[end])
            if high - low > 2 * slack:
                break
            end += 1
        if end - start >= least:
            out.append(Plateau(start, end, float(np.median(values[start:end]))))
            start = end
        else:
            start += 1
    return out


def _needed_minutes(series: Series, slack: float) -> float:
    """Return how long the top of a clear day could stay within the slack, with room."""
    angle = 2 * np.arccos(max(0.0, 1 - 2 * slack / series.scale))
    return max(_FLAT_MINUTES, 1.6 * float(np.degrees(angle)) * 4)


def _middle(series: Series, group: list[Plateau]) -> float:
    return float(np.median(np.concatenate([series.values[one.first : one.end] for one in group])))


def _band(series: Series, group: list[Plateau], level: float) -> float:
    """Return half the height of the plateau: that of its noise, at least 0.1 %."""
    spread = np.abs(np.concatenate([series.values[one.first : one.end] for one in group]) - level)
    noise = float(np.quantile(spread, 0.98))
    return max(_BAND * level, min(noise * 1.2, 0.006 * level), 0.51 * series.quantum)


def _is_limit(series: Series, group: list[Plateau], level: float, band: float) -> bool:
    """Return whether plateaus are a limit: hardly exceeded on their days, entered by a corner, not a stuck value."""
    days = {int(series.day[one.first]) for one in group}
    sharp = [one for one in group if _has_corner(series, one, band)]
    if not sharp:
        return False
    same_days = np.isin(series.day, list(days))
    above = (series.values > level + 3 * band) & same_days & (series.values < 1.5 * series.scale)
    inside = (np.abs(series.values - level) <= band) & same_days
    if above.sum() > 0.1 * inside.sum():
        return False
    if len(days) == 1 and level < 0.97 * series.scale:
        return False  # one day below the usual top: weather or curtailment, no limit of the inverter
    return not all(_stuck(series, one) for one in group)


def _has_corner(series: Series, one: Plateau, band: float) -> bool:
    """Return whether the way in or out is steeper than the plateau: a limit cuts the curve, a top is round."""
    values = series.values
    inner = float(np.ptp(values[one.first : one.end])) / max(one.end - one.first - 1, 1)
    reach = max(1, round(15 / series.step_minutes))
    for edge, sign in ((one.first, -1), (one.end - 1, 1)):
        beyond = edge + sign * reach
        if not 0 <= beyond < len(values) or series.day[beyond] != series.day[edge]:
            continue
        drop = (values[edge] - values[beyond]) / reach
        if drop > max(3 * inner, 1.5 * band / reach):
            return True
    return False


def _stuck(series: Series, one: Plateau) -> bool:
    """Return whether a plateau is one exact value that outlives the daylight."""
    values = series.values[one.first : one.end]
    if np.ptp(values) > 1e-7 * series.scale:
        return False
    end = one.end
    while (
        end < len(series)
        and series.joined[end]
        and abs(series.values[end] - values[-1]) < 1e-7 * series.scale
    ):
        end += 1
    return not bool(series.daylight[one.first : end].all())
