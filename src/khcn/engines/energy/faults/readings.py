"""Readings that cannot be right, and production held at a limit: stale, interpolated, at night, clipped."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.clipping import clipped_rows
from khcn.engines.energy.faults.ground import Ground, smooth_runs
from khcn.engines.energy.faults.interpolated import interpolated_rows, machine_made
from khcn.engines.energy.faults.series import Mask, Series, series_of, with_daylight
from khcn.engines.energy.faults.stale import stale_rows
from khcn.engines.energy.faults.tell import finding, number
from khcn.engines.energy.types import Finding, FindingKind, Quality, Values

_JOIN_HOURS: Final = 12.0
_AT_NIGHT: Final = 0.01  # of the power
_NIGHT_ROWS: Final = 2
_CLIP_DAYS: Final = 3
_CLIP_GAP_DAYS: Final = 45


def find_bad_readings(ground: Ground) -> tuple[list[Finding], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return findings, intervals that they spoil, and intervals that a limit holds (both inverters x intervals)."""
    found: list[Finding] = []
    spoiled = np.zeros(ground.kwh.shape, bool)
    held = np.zeros(ground.kwh.shape, bool)
    for row in range(len(ground.inverters)):
        series = _series(ground, row)
        if series is None:
            continue
        clipped = clipped_rows(series)
        stale = stale_rows(series, clipped)
        lines = interpolated_rows(series) & ~stale
        for kind, mask in ((FindingKind.STALE, stale), (FindingKind.INTERPOLATED, lines)):
            full = _full(ground, series, mask)
            full |= _flagged(ground, row, kind)
            spoiled[row] |= full
            found += _spells(ground, row, kind, full)
        found += _at_night(ground, row, spoiled[row])
        held[row] = _full(ground, series, clipped & ~stale & ~lines)
    return found, spoiled, held


def find_clipping(ground: Ground, held: NDArray[np.bool_]) -> list[Finding]:
    """Return limits that hold production back on several days, with the energy that they cost."""
    found: list[Finding] = []
    for row in range(len(ground.inverters)):
        days = np.unique(ground.day[held[row]])
        hit = np.zeros(ground.days, bool)
        hit[days] = True
        lost = _held_back(ground, row, held[row])
        for first, end in smooth_runs(hit, _CLIP_GAP_DAYS):
            inside = held[row] & (ground.day >= first) & (ground.day < end)
            if len(np.unique(ground.day[inside])) < _CLIP_DAYS:
                continue
            places = np.flatnonzero(inside)
            level = float(np.median(ground.kwh[row, inside])) / ground.hours
            found.append(
                finding(
                    ground,
                    FindingKind.CLIPPING,
                    (int(places[0]), int(places[-1]) + 1),
                    [row],
                    loss=float(lost[(ground.day >= first) & (ground.day < end)].sum()),
                    lasting=ground.days - end <= 14,
                    expected=np.where(inside, ground.kwh[row] + lost, ground.kwh[row]) / ground.hours,
                    level=number(level),
                    days=len(np.unique(ground.day[inside])),
                )
            )
    return found


def _series(ground: Ground, row: int) -> Series | None:
    use = ground.usable[row] & np.isfinite(ground.kwh[row])
    series = series_of(ground.site.ms, ground.kwh[row] / ground.hours, use, step_ms=ground.site.step_ms)
    if len(series) < 96 or series.scale <= 0:
        return None
    return with_daylight(series, machine_made(series))


def _full(ground: Ground, series: Series, mask: Mask) -> Mask:
    out = np.zeros(len(ground.site.ms), bool)
    out[series.rows[mask]] = True
    return out


def _flagged(ground: Ground, row: int, kind: FindingKind) -> Mask:
    """Return intervals that the interval engine already marked as stale."""
    if kind != FindingKind.STALE:
        return np.zeros(len(ground.site.ms), bool)
    return np.asarray(((ground.inverters[row].flags & Quality.STALE) > 0) & ground.lit, bool)


def _spells(ground: Ground, row: int, kind: FindingKind, bad: Mask) -> list[Finding]:
    return [
        finding(ground, kind, (first, end), [row], loss=None)
        for first, end in smooth_runs(bad, round(_JOIN_HOURS / ground.hours))
        if bad[first:end].sum() >= 4
    ]


def _at_night(ground: Ground, row: int, spoiled: Mask) -> list[Finding]:
    """Return production while the sun is far down; nights in a row are one finding."""
    kwh = np.nan_to_num(ground.kwh[row])
    dark = ground.night & ground.usable[row] & ~spoiled & (kwh > _AT_NIGHT * ground.power[row] * ground.hours)
    found = []
    for first, end in smooth_runs(dark, round(7 * 24 / ground.hours)):
        if dark[first:end].sum() < _NIGHT_ROWS:
            continue
        energy = float(kwh[first:end][dark[first:end]].sum())
        found.append(
            finding(
                ground,
                FindingKind.NIGHT_PRODUCTION,
                (first, end),
                [row],
                loss=0.0,
                expected=np.where(ground.night, 0.0, ground.kwh[row]) / ground.hours,
                energy=number(energy),
                lasting=len(ground.site.ms) - end < round(48 / ground.hours),
            )
        )
    return found


def _held_back(ground: Ground, row: int, held: Mask) -> Values:
    """Return the kWh that a limit kept back in each interval: the day's own shoulders carried over the plateau.

    The shape of a clear day is that of the model, or else of the sun's height learnt from this inverter's best days.
    """
    out = np.zeros(len(held))
    if not held.any():
        return out
    shape = ground.site.expected_kwh
    if shape is None:
        shape = _best_course(ground, row, held)
    kwh = ground.kwh[row]
    at_limit = held | (kwh >= 0.985 * np.median(kwh[held]))
    high = ground.bright & np.isfinite(kwh) & (shape > 0.25 * np.nanquantile(shape, 0.99))
    for day in np.unique(ground.day[held]):
        today = np.flatnonzero(ground.day == day)
        plateau = today[at_limit[today]]
        free = today[high[today] & ~at_limit[today]]
        if len(free) < 4:
            continue
        scale = float(np.median(kwh[free] / shape[free]))
        out[plateau] = np.clip(scale * shape[plateau] - kwh[plateau], 0, 0.8 * kwh[plateau])
    return out


def _best_course(ground: Ground, row: int, held: Mask) -> Values:
    """Return a smooth course of a clear day: a parabola in the square root of time from noon, fitted to the envelope."""
    slots = round(24 / ground.hours)
    slot = np.minimum((ground.minute / 60 / ground.hours).astype(int), slots - 1)
    top = np.zeros(slots)
    use = ground.usable[row] & ~held
    np.maximum.at(top, slot[use], np.nan_to_num(ground.kwh[row])[use])
    x = np.arange(slots, dtype=float)
    good = (top > 0.15 * top.max()) & ~np.isin(np.arange(slots), np.unique(slot[held]))
    if good.sum() < 6:
        return np.zeros(len(held))
    curve = np.polyval(np.polyfit(x[good] - slots / 2, top[good], 4), x - slots / 2)
    return np.asarray(np.clip(curve, 0, 1.5 * max(top.max(), 1e-9))[slot], np.float64)
