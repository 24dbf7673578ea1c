"""Outliers: values that no sun and no system could give, or that stand alone against all their neighbours.

Three kinds: impossible (far above what the series ever reaches, or clearly below zero), at night, and single rows that
leave both the course of their day and the clear sky of the days around. Clouds are none of these: a bright row on a
cloudy day counts only above the clear-sky envelope, a dark one only when it drops to nothing and comes back at once.
"""

from typing import Final

import numpy as np

from khcn.engines.energy.faults.series import Mask, Series, runs_of
from khcn.engines.energy.types import Values

_IMPOSSIBLE: Final = 1.6  # times the scale; cloud edges reach 1.3 for minutes
_IMPOSSIBLE_MEAN: Final = 1.33  # the same for means of a quarter of an hour and more
_BELOW: Final = 0.02  # of the scale: night consumption stays above minus this
_AT_NIGHT: Final = 0.04  # of the scale
_LEAST: Final = 0.06  # of the scale: smallest step of a lone row that matters
_ROUGH: Final = 7.0  # times the usual raggedness of the hours around
_PASSES: Final = 4
_LONGEST: Final = 3  # rows: longer is not an outlier but another regime
_ENVELOPE_DAYS: Final = 15


def outlier_rows(series: Series, explained: Mask) -> Mask:
    """Return True for outliers. ``explained``: rows already known as stale, interpolated or clipped."""
    found = np.zeros(len(series), bool)
    if series.scale <= 0 or len(series) < 5:
        return found
    usable = ~explained
    found |= usable & _impossible(series)
    found |= usable & _at_night(series)
    envelope = _envelope(series, found)
    for _ in range(_PASSES):
        more = usable & ~found & _alone(series, found, envelope)
        if not more.any():
            break
        found |= more
    return found


def _impossible(series: Series) -> Mask:
    values, scale = series.values, series.scale
    negative = values[(values < 0) & (values > -0.2 * scale)]
    usual = float(np.quantile(-negative, 0.9)) if len(negative) > 0.02 * len(values) else 0.0
    most = _IMPOSSIBLE if series.step_minutes < 12 else _IMPOSSIBLE_MEAN
    return np.asarray((values > most * scale) | (values < -max(_BELOW * scale, 4 * usual)), bool)


def _at_night(series: Series) -> Mask:
    """Return short bursts of production where no day around produces, away from dawn and dusk."""
    near = _widen(series.daylight, int(np.ceil(60 / series.step_minutes)))
    lone = ~near & (np.abs(series.values) > _AT_NIGHT * series.scale)
    out = np.zeros(len(series), bool)
    for first, end in runs_of(lone):
        if end - first <= _LONGEST:
            out[first:end] = True
    return out


def _widen(mask: Mask, rows: int) -> Mask:
    count = np.convolve(mask.astype(np.int64), np.ones(2 * rows + 1, np.int64), "same")
    return np.asarray(count[: len(mask)] > 0, bool)


def _alone(series: Series, known: Mask, envelope: Values) -> Mask:
    """Return rows that leave the course of their own day; of neighbours only the worst (the next pass sees the rest)."""
    values = np.where(known, np.nan, series.values)
    expected = _expected(series, values)
    error = values - expected
    rough = _raggedness(series, error)
    scale = series.scale
    far = np.abs(error) > np.maximum(_LEAST * scale, _ROUGH * rough)
    room = 1.3 if series.step_minutes < 12 else 1.12
    above = far & (error > 0) & (series.values > room * envelope + 0.03 * scale)
    gone = (series.values <= 0.02 * scale) & (expected > 0.25 * scale) & (rough < 0.06 * scale)
    below = far & (error < 0) & gone & _comes_back(series, values)
    near = _widen(series.daylight, int(np.ceil(60 / series.step_minutes)))
    found = np.asarray((above | below) & near, bool)
    for first, end in runs_of(found):
        if end - first > 1:
            worst = first + int(np.argmax(np.abs(error[first:end])))
            found[first:end] = False
            found[worst] = True
    return found


def _beside(series: Series, values: Values, by: int) -> Values:
    """Return for each row the value ``by`` rows before (negative: after) it, nan across a gap."""
    out = np.full(len(values), np.nan)
    away = np.full(len(values), np.inf)
    if by > 0:
        out[by:], away[by:] = values[:-by], series.ms[by:] - series.ms[:-by]
    else:
        out[:by], away[:by] = values[-by:], series.ms[-by:] - series.ms[:by]
    out[away > (abs(by) + 1.5) * series.step_ms] = np.nan
    return out


def _expected(series: Series, values: Values) -> Values:
    """Return what the two rows on each side say of a row: the median of four straight lines."""
    one, two = _beside(series, values, 1), _beside(series, values, 2)
    next_one, next_two = _beside(series, values, -1), _beside(series, values, -2)
    lines = np.vstack([(one + next_one) / 2, (two + next_two) / 2, 2 * one - two, 2 * next_one - next_two])
    expected = np.fmax(one, next_one)
    enough = np.isfinite(lines).sum(axis=0) >= 2
    expected[enough] = np.nanmedian(lines[:, enough], axis=0)
    return np.asarray(np.clip(expected, 0, None), np.float64)


def _raggedness(series: Series, error: Values) -> Values:
    """Return the usual error of the rows within about two hours, from the middle of their sizes."""
    half = max(4, round(120 / series.step_minutes))
    size = np.abs(np.where(series.daylight, error, np.nan))
    padded = np.concatenate([np.full(half, np.nan), size, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    out = np.full(len(size), np.inf)
    fallback = 0.05 * series.scale
    for first in range(0, len(size), 20_000):  # in parts: memory stays small for a year of minutes
        part = windows[first : first + 20_000]
        enough = np.isfinite(part).sum(axis=1) >= 4
        middle = np.full(len(part), fallback)
        middle[enough] = 1.4826 * np.nanmedian(part[enough], axis=1)
        out[first : first + 20_000] = middle
    return out


def _comes_back(series: Series, values: Values) -> Mask:
    """Return rows whose neighbours before and after both produce (so no outage begins here)."""
    bright = 0.2 * series.scale
    before = np.fmax(_beside(series, values, 1), _beside(series, values, 2))
    after = np.fmax(_beside(series, values, -1), _beside(series, values, -2))
    return np.asarray((before > bright) & (after > bright), bool)


def _envelope(series: Series, known: Mask) -> Values:
    """Return the clear-sky level of each row: the second highest of the days around within half an hour."""
    slots = max(24, min(96, round(1440 / series.step_minutes)))
    slot = np.minimum((series.minute * slots / 1440).astype(np.int64), slots - 1)
    number = series.day - series.day.min()
    days = int(number.max()) + 1
    best = np.full((days, slots), -np.inf)
    use = ~known
    np.maximum.at(best, (number[use], slot[use]), series.values[use])
    wide = np.maximum(best, np.maximum(np.roll(best, 1, axis=1), np.roll(best, -1, axis=1)))
    if slots >= 96:
        wide = np.maximum(wide, np.maximum(np.roll(best, 2, axis=1), np.roll(best, -2, axis=1)))
    level = np.zeros((days, slots))
    for day in range(days):
        low, high = max(0, day - _ENVELOPE_DAYS), min(days, day + _ENVELOPE_DAYS + 1)
        window = np.delete(wide[low:high], day - low, axis=0)
        if len(window) >= 4:
            level[day] = np.partition(window, len(window) - 2, axis=0)[len(window) - 2]
        else:
            level[day] = series.scale
    level[~np.isfinite(level)] = 0.0
    return np.asarray(np.maximum(level, 0.0)[number, slot], np.float64)
