"""Today against usual: the band of comparable days, and the sum so far beside the usual sum so far."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import Array, HourlySeries

WEEKS: Final = 8
LOOK_BACK: Final = 20  # weeks searched for the eight comparable ones
FEWEST: Final = 3  # comparable days without which nothing is called usual


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual in one hour of one weekday: median, 10th and 90th percentile over ``days`` comparable days."""

    median: float
    low: float
    high: float
    days: int


@dataclass(frozen=True, slots=True)
class HourAgainstUsual:
    """One hour of today. ``count`` None: not measured (yet); ``band`` None: too few comparable days."""

    hour: int
    count: float | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class TodayAgainstUsual:
    """Today so far beside the usual.

    The sums run over the finished hours of today that were measured and that are usual-known, the same hours on both
    sides. ``difference`` is the share (0.12 = 12 % more), None when there is nothing to compare; ``measured`` the
    share of today's finished hours that were measured; ``special`` today's kind (holiday, Tết...) or None.
    """

    day: date
    hours: tuple[HourAgainstUsual, ...]
    so_far: float
    usual: float | None
    usual_low: float | None
    usual_high: float | None
    difference: float | None
    measured: float
    days: int
    special: str | None


def comparable_days(
    series: HourlySeries, day: date, *, weeks: int = WEEKS, calendar: Calendar | None = None
) -> list[date]:
    """Return the last days of the same weekday before ``day`` that were measured and are not special, newest first."""
    calendar = calendar or Calendar()
    found: list[date] = []
    for back in range(1, max(LOOK_BACK, weeks) + 1):
        candidate = day - timedelta(weeks=back)
        if not calendar.special(candidate) and not np.isnan(series.day(candidate)).all():
            found.append(candidate)
        if len(found) == weeks:
            break
    return found


def usual_day(
    series: HourlySeries, day: date, *, weeks: int = WEEKS, calendar: Calendar | None = None
) -> tuple[Band | None, ...]:
    """Return the band of each of the 24 hours of ``day``."""
    days = comparable_days(series, day, weeks=weeks, calendar=calendar)
    return _bands(_stack(series, days))


def today_against_usual(
    series: HourlySeries, *, now: datetime, weeks: int = WEEKS, calendar: Calendar | None = None
) -> TodayAgainstUsual:
    """Compare the day of ``now`` (local time) with usual; the running hour does not count until it is over."""
    calendar = calendar or Calendar()
    today, finished = now.date(), now.hour
    rows = _stack(series, comparable_days(series, today, weeks=weeks, calendar=calendar))
    bands = _bands(rows)
    counts = series.day(today)
    counts[finished:] = np.nan
    measured = ~np.isnan(counts)
    both = measured & np.array([band is not None for band in bands])
    sums = _sums(rows, both)
    so_far = float(counts[both].sum()) if both.any() else float(counts[measured].sum())
    usual = float(np.median(sums)) if sums.size >= FEWEST else None
    return TodayAgainstUsual(
        day=today,
        hours=tuple(
            HourAgainstUsual(hour, float(counts[hour]) if measured[hour] else None, bands[hour])
            for hour in range(24)
        ),
        so_far=so_far,
        usual=usual,
        usual_low=None if usual is None else float(np.quantile(sums, 0.1)),
        usual_high=None if usual is None else float(np.quantile(sums, 0.9)),
        difference=so_far / usual - 1 if usual else None,
        measured=float(measured[:finished].mean()) if finished else 1.0,
        days=int(sums.size),
        special=calendar.kind(today),
    )


def _stack(series: HourlySeries, days: list[date]) -> Array:
    return np.array([series.day(day) for day in days]).reshape(len(days), 24)


def _bands(rows: Array) -> tuple[Band | None, ...]:
    bands: list[Band | None] = []
    for column in rows.T:
        known = column[~np.isnan(column)]
        if known.size < FEWEST:
            bands.append(None)
            continue
        low, median, high = (float(x) for x in np.quantile(known, [0.1, 0.5, 0.9]))
        bands.append(Band(median, low, high, int(known.size)))
    return tuple(bands)


def _sums(rows: Array, hours: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    """Sums of past days over ``hours``; a hole is filled with the hour's median, days with big holes are left out."""
    if not hours.any() or not rows.size:
        return np.zeros(0)
    part = rows[:, hours]
    medians = np.array([np.median(column[~np.isnan(column)]) for column in part.T])
    holes = np.isnan(part)
    filled = np.where(holes, medians, part)
    weight = np.where(holes, medians, 0).sum(axis=1) / max(float(medians.sum()), 1e-9)
    kept: Array = filled.sum(axis=1)[weight <= 0.25]
    return kept
