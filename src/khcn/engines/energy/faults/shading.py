"""Shading: the same inverter loses at the same time of day on days of direct sun, and the time moves with the season."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.ground import Ground, smooth_runs
from khcn.engines.energy.faults.series import Mask
from khcn.engines.energy.faults.site import DeviceKind
from khcn.engines.energy.faults.tell import finding, number
from khcn.engines.energy.types import Finding, FindingKind, Values

_WINDOW: Final = 21
_STEP: Final = 7
_LEAST_DAYS: Final = 5  # of direct sun in the window
_DEPTH: Final = 0.86  # of the rest of the day
_EDGE: Final = 0.12  # a shadow comes within two slots; orientation changes slowly
_MOST: Final = 0.4  # of the lit slots
_SUNNY: Final = 0.75  # of the best of the days around, in the reference
_LEAST_LOSS: Final = 0.003  # of what the inverter gave meanwhile
_GAP_DAYS: Final = 25
_OF_MEDIAN: Final = 1.2533 * 1.4826  # standard error of a median, from the median deviation
_SIGMAS: Final = 3.5


def find_shading(ground: Ground) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Return shading patterns and the intervals (inverters x intervals) in the shadow."""
    found: list[Finding] = []
    shaded = np.zeros(ground.kwh.shape, bool)
    slots = round(24 / ground.hours)
    slot = np.minimum((ground.minute / 60 / ground.hours).astype(int), slots - 1)
    for row, by in enumerate(ground.by):
        if not by:
            continue
        table, sunny = _table(ground, row, slot, slots)
        pattern = _patterns(table)
        days = _shaded_days(table, pattern)
        for first, end in smooth_runs(days, _GAP_DAYS):
            if days[first:end].sum() < _LEAST_DAYS:
                continue
            inside = pattern[ground.day, slot] & (ground.day >= first) & (ground.day < end)
            one = _tell(ground, row, inside & sunny, inside, (first, end))
            given = float(np.nansum(ground.kwh[row][(ground.day >= first) & (ground.day < end)]))
            if (one.loss_kwh or 0.0) < _LEAST_LOSS * given:
                continue
            shaded[row] |= inside
            found.append(one)
    return found, shaded


def _table(ground: Ground, row: int, slot: NDArray[np.int64], slots: int) -> tuple[Values, Mask]:
    """Return measured over expected (days x slots) in direct sun, nan elsewhere, and the sunny intervals."""
    reference = ground.expected[row] / ground.power[row]
    light = reference if _light_is_seen(ground, row) else ground.kwh[row] / ground.power[row]
    best = np.full((ground.days, slots), np.nan)
    best[ground.day, slot] = light
    top = np.full((ground.days, slots), np.nan)
    filled = np.where(np.isfinite(best), best, -np.inf)
    for day in range(ground.days):
        window = filled[max(0, day - 15) : day + 16]
        place = len(window) - 1 - len(window) // 10  # about the 0.9 quantile
        top[day] = np.partition(window, place, axis=0)[place]
    sunny = (
        ground.usable[row]
        & np.isfinite(reference)
        & (light > _SUNNY * top[ground.day, slot])
        & ground.bright
        & (reference > 0.04 * ground.hours)
    )
    table = np.full((ground.days, slots), np.nan)
    share = ground.kwh[row] / np.where(ground.expected[row] > 0, ground.expected[row], np.nan)
    table[ground.day[sunny], slot[sunny]] = share[sunny]
    return table, np.asarray(sunny, bool)


def _light_is_seen(ground: Ground, row: int) -> bool:
    """Return whether the reference knows the clouds of the day: siblings and a pyranometer do, a usual year does not.

    Where it does not, moments of direct sun are those in which the inverter itself gives most for the time of day.
    """
    seen = any(one.kind == DeviceKind.PYRANOMETER for one in ground.site.devices)
    return ground.by[row] == "siblings" or seen


def _patterns(table: Values) -> Mask:
    """Return (days x slots) in which the window around the day has a recurrent dip."""
    days, slots = table.shape
    votes = np.zeros((days, slots), bool)
    for start in range(0, max(1, days - _WINDOW // 2), _STEP):
        window = table[start : start + _WINDOW]
        count = np.isfinite(window).sum(axis=0)
        usual = np.full(slots, np.nan)
        enough = count >= _LEAST_DAYS
        if enough.sum() < 8:
            continue
        usual[enough] = np.nanmedian(window[:, enough], axis=0)
        spread = np.full(slots, np.nan)
        spread[enough] = np.nanmedian(np.abs(window[:, enough] - usual[enough]), axis=0)
        dips = _dips(usual, _OF_MEDIAN * spread / np.sqrt(np.maximum(count, 1)))
        votes[start : start + _WINDOW] |= dips
    return votes


def _dips(usual: Values, error: Values) -> Mask:
    """Return the slots of one window that lie in a sharp dip, deeper than weather makes it by chance.

    ``error``: standard error of ``usual``. Against siblings it is small; against a usual year's light it is that of
    the clouds.
    """
    out = np.zeros(len(usual), bool)
    known = np.flatnonzero(np.isfinite(usual))
    course = _course(known.astype(np.float64), usual[known])
    values, errors = usual[known] / course, error[known] / course
    for first, end in smooth_runs(values < _DEPTH, 1):
        if end - first < 2 or end - first > _MOST * len(values):
            continue
        if values[first:end].min() > _DEPTH - 0.04:
            continue
        before = values[max(0, first - 3) : first]
        after = values[end : end + 3]
        sides = [side for side in (before, after) if len(side) >= 2]
        if not sides or not all(np.median(side) > 0.92 for side in sides):
            continue
        deep = float(np.median(values[first:end]))
        if 1 - deep < _SIGMAS * float(np.median(errors[first:end])):
            continue
        sharp = all(abs(float(np.median(side)) - deep) > _EDGE for side in sides)
        if sharp and _abrupt(values, first, end):
            out[known[first:end]] = True
    return out


def _abrupt(values: Values, first: int, end: int) -> bool:
    """Return whether the dip begins and ends within half an hour, where the day goes on beyond it."""
    edges = []
    if first >= 2:
        edges.append(np.median(values[first - 2 : first]) - np.median(values[first : first + 2]))
    if end + 2 <= len(values):
        edges.append(np.median(values[end : end + 2]) - np.median(values[end - 2 : end]))
    # at the end of the day a module turned away from the sun loses it quickly too
    least = _EDGE if len(edges) == 2 else 1.8 * _EDGE
    return bool(edges) and all(edge > least for edge in edges)


def _course(slots: Values, values: Values) -> Values:
    """Return the smooth course of the ratio over the day: siblings that face elsewhere differ slowly, shadows suddenly."""
    x = (slots - slots.mean()) / max(float(np.ptp(slots)), 1.0)
    weight = np.ones(len(x))
    fitted = np.full(len(x), float(np.median(values)))
    for _ in range(8):
        fitted = np.polyval(np.polyfit(x, values, 3, w=weight), x)
        weight = np.where(values < fitted - 0.04, 0.02, 1.0)
    return np.asarray(np.maximum(fitted, 0.2), np.float64)


def _shaded_days(table: Values, pattern: Mask) -> Mask:
    """Return days of direct sun on which the pattern's slots lie clearly below the others."""
    out = np.zeros(len(table), bool)
    for day in np.flatnonzero(pattern.any(axis=1)):
        known = np.isfinite(table[day])
        inside, outside = known & pattern[day], known & ~pattern[day]
        if inside.sum() >= 2 and outside.sum() >= 6:
            course = _course(np.flatnonzero(known).astype(np.float64), table[day, known])
            share = table[day, known] / course
            out[day] = np.median(share[inside[known]]) < 0.9 * np.median(share[outside[known]])
    return out


def _tell(ground: Ground, row: int, sunny: Mask, inside: Mask, days: tuple[int, int]) -> Finding:
    places = np.flatnonzero(inside)
    short = np.where(sunny, ground.expected[row] - ground.kwh[row], 0.0)
    minutes = ground.minute[sunny] if sunny.any() else ground.minute[inside]
    return finding(
        ground,
        FindingKind.SHADING,
        (int(places[0]), int(places[-1]) + 1),
        [row],
        loss=float(np.nansum(np.clip(short, 0, None))),
        lasting=ground.days - days[1] <= 10,
        hours=f"{_clock(float(minutes.min()))}–{_clock(float(minutes.max()) + 60 * ground.hours)}",
        days=number(float(days[1] - days[0])),
    )


def _clock(minutes: float) -> str:
    return f"{int(minutes // 60) % 24:02d}:{int(minutes % 60):02d}"
