"""Clipping: production held at a limit of the inverter (or of the grid) while the sun would give more.

The shape idea of pvanalytics' ``clipping.geometric`` (windows of low slope) with what it lacks: it calls the round top
of any clear day clipped at steps below 15 minutes, stale data too, and it cannot do without a regular index. Here the
plateaus must be flatter and longer than the top of a day can be, and lie at one level that the series does not exceed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.faults.series import Mask, Series, runs_of
from khcn.engines.energy.types import Values

_BAND: Final = 0.001  # of the level: half the height of what still is the plateau
_SLACKS: Final = ((0.0005, 0.002), (0.002, 0.006))  # half heights of plateaus, and between those of one limit
_LEAST_ROWS: Final = 3
_FLAT_MINUTES: Final = 30.0  # between the first and the last row of a plateau
_ROUND: Final = 1.5  # times as long as the top of a clear day would stay as flat
_HIGH: Final = 0.4  # of the scale: lower limits are curtailment, not the inverter
_ONE_LIMIT: Final = 0.006  # plateaus nearer than this are of one limit
_BEND: Final = 0.22  # of level x angle^2: middle third of a cosine's top above its outer thirds
_BENT: Final = 0.35
_APART: Final = 0.02  # two limits of one inverter lie further apart
_SMOOTHED_MINUTES: Final = 15
_MOST_LIMITS: Final = 3
_FAR_DAYS: Final = 400  # a limit stays that of the inverter
_ERA_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stretch of rows (first, past the last) at one level."""

    first: int
    end: int
    level: float


def clipped_rows(series: Series) -> Mask:
    """Return True for rows held at a limit."""
    found = np.zeros(len(series), bool)
    for level, band, (first_day, last_day) in clip_levels(series):
        near = (np.abs(series.values - level) <= band) & (series.day >= first_day) & (series.day <= last_day)
        for first, end in runs_of(near, series.joined):
            if end - first >= _LEAST_ROWS:
                found[first:end] = True
    return found


def clip_levels(series: Series) -> list[tuple[float, float, tuple[int, int]]]:
    """Return (level, half height, first and last day) of each limit at which the series is held, the highest first."""
    if series.scale <= 0 or len(series) < 2 * _LEAST_ROWS:
        return []
    smooth = _smoothed(series)
    out: list[tuple[float, float, tuple[int, int]]] = []
    for slack, width in _SLACKS:
        plateaus = _plateaus(series, smooth, slack)
        # what a quieter look explained needs no louder one, but for the height of its noise
        out = [(level, max(band, _noise(series, plateaus, level)), days) for level, band, days in out]
        plateaus = [
            one for one in plateaus if all(abs(one.level - level) > _APART * level for level, *_ in out)
        ]
        while plateaus and len(out) < _MOST_LIMITS:
            # start from the level at which most rows lie: a limit is where a series comes back to
            best = max(plateaus, key=lambda one: _weight(one, plateaus, width))
            group = [one for one in plateaus if abs(one.level - best.level) <= width * best.level]
            plateaus = [one for one in plateaus if one not in group]
            level = _middle(series, group)
            band = _band(series, group, level)
            if _is_limit(series, smooth, group, level):
                days = sorted(int(series.day[one.first]) for one in group)
                out.append((level, band, (days[0] - _FAR_DAYS, days[-1] + _FAR_DAYS)))
    return out


def _smoothed(series: Series) -> Values:
    """Return running means over a quarter of an hour: noise of fast loggers goes, plateaus stay."""
    width = round(_SMOOTHED_MINUTES / series.step_minutes)
    if width < 3:
        return series.values
    width += 1 - width % 2
    half = width // 2
    padded = np.concatenate(
        [np.repeat(series.values[:1], half), series.values, np.repeat(series.values[-1:], half)]
    )
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1), np.float64)


def _weight(one: Plateau, plateaus: list[Plateau], width: float) -> int:
    near = [other for other in plateaus if abs(other.level - one.level) <= width * one.level]
    return sum(other.end - other.first for other in near)


def _plateaus(series: Series, values: Values, slack_share: float) -> list[Plateau]:
    """Return stretches flatter and longer than the top of a clear day, in daylight and high enough."""
    slack = max(slack_share, 0.51 * series.quantum / series.scale) * series.scale
    minutes = max(_FLAT_MINUTES, _ROUND * round_minutes(slack / series.scale))
    least = max(_LEAST_ROWS, int(np.ceil(minutes / series.step_minutes)) + 1)
    high = (values >= _HIGH * series.scale) & series.daylight
    out: list[Plateau] = []
    for begin, stop in runs_of(high, series.joined):
        start = begin
        while start + least <= stop:
            end = _flat_until(values, start, stop, 2 * slack)
            if end - start >= least:
                out.append(Plateau(start, end, float(np.median(values[start:end]))))
                start = end
            else:
                start += 1
    return out


def _flat_until(values: Values, start: int, stop: int, height: float) -> int:
    low = high = values[start]
    end = start + 1
    while end < stop:
        low, high = min(low, values[end]), max(high, values[end])
        if high - low > height:
            break
        end += 1
    return end


def round_minutes(slack: float) -> float:
    """Return how long a cosine stays within twice the slack of its top."""
    return float(np.degrees(2 * np.arccos(max(0.0, 1 - 2 * slack)))) * 4


def _middle(series: Series, group: list[Plateau]) -> float:
    return float(np.median(np.concatenate([series.values[one.first : one.end] for one in group])))


def _noise(series: Series, plateaus: list[Plateau], level: float) -> float:
    """Return half the height that plateaus at ``level`` have by their noise, 0 when there are none."""
    here = [one for one in plateaus if abs(one.level - level) <= _BAND * level]
    return _band(series, here, level) if here else 0.0


def _band(series: Series, group: list[Plateau], level: float) -> float:
    """Return half the height of the plateau: that of its noise, at least 0.1 %."""
    spread = np.abs(np.concatenate([series.values[one.first : one.end] for one in group]) - level)
    noise = 1.4826 * float(np.median(spread))
    return max(_BAND * level, min(3.0 * noise, _ONE_LIMIT * level), 0.51 * series.quantum)


def _is_limit(series: Series, smooth: Values, group: list[Plateau], level: float) -> bool:
    """Return whether plateaus are a limit: hardly exceeded around their days, flat all through, not a stuck value."""
    days = sorted({int(series.day[one.first]) for one in group})
    band = _band(series, group, level)
    if _flatness(series, smooth, group) > _BENT:
        return False
    around = np.zeros(len(series), bool)
    for day in days:
        around |= np.abs(series.day - day) <= _ERA_DAYS
    sane = series.values < 1.33 * series.scale
    above = (series.values > level + 3 * band) & around & sane
    inside = (np.abs(series.values - level) <= band) & around
    if above.sum() > 0.1 * inside.sum():
        return False
    if len(days) == 1 and level < 0.97 * series.scale:
        return False  # one day below the usual top: weather or curtailment, no limit of the inverter
    stuck = [_stuck(series, one, single=len(days) == 1) for one in group]
    return not all(stuck)


def _flatness(series: Series, smooth: Values, group: list[Plateau]) -> float:
    """Return how much plateaus bend, as a share of what the top of a clear day of their length bends (0: not at all)."""
    bent = natural = 0.0
    for one in group:
        values = smooth[one.first : one.end]
        third = max(1, len(values) // 3)
        outer = (np.median(values[:third]) + np.median(values[-third:])) / 2
        half = np.radians((len(values) - 1) * series.step_minutes / 2 / 4)
        bent += float(np.median(values[third:-third]) - outer)
        natural += _BEND * one.level * float(half) ** 2
    return bent / max(natural, 1e-12)


def _stuck(series: Series, one: Plateau, *, single: bool) -> bool:
    """Return whether a plateau is one exact value that outlives the daylight, or does not come back on any day."""
    first, end, same = one.first, one.end, 1e-7 * series.scale
    steady = np.abs(np.diff(series.values[first:end])) <= same
    longest = max(runs_of(steady), key=lambda run: run[1] - run[0], default=(0, 0))
    if longest[1] - longest[0] + 1 < 0.7 * (end - first):
        return False
    first, end = first + longest[0], first + longest[1] + 1
    if single and series.quantum == 0:
        return True
    value = series.values[first]
    while end < len(series) and abs(series.values[end] - value) < same:
        end += 1
    while first > 0 and abs(series.values[first - 1] - value) < same:
        first -= 1
    return bool(series.day[first] != series.day[end - 1]) or not bool(series.daylight[first:end].all())
