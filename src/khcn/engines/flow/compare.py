"""Two periods or two markets side by side, like for like: weekday against weekday, only hours measured in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import HOUR, Array, HourlySeries


@dataclass(frozen=True, slots=True)
class DayPair:
    """Two days that stand beside each other; sums over their ``hours`` common hours (None: no common hour)."""

    first: date
    second: date
    first_count: float | None
    second_count: float | None
    hours: int
    special: bool  # one of the two is a holiday, Tết or an event and the other is not


@dataclass(frozen=True, slots=True)
class Comparison:
    """``first`` against ``second`` (the basis): totals over common hours, ``difference`` = first / second - 1.

    ``shift_days``: days between paired days; ``first_measured`` and ``second_measured``: share of the hours of each
    period that were measured; ``common``: share measured in both; ``*_hours``: mean per hour of day (24) over the
    common hours, NaN where there is none.
    """

    first_total: float
    second_total: float
    difference: float | None
    common_hours: int
    common: float
    first_measured: float
    second_measured: float
    shift_days: int
    days: tuple[DayPair, ...]
    first_hours: Array
    second_hours: Array


def compare_periods(
    series: HourlySeries,
    *,
    first: tuple[date, date],
    second: tuple[date, date],
    hours: Sequence[int] | None = None,
    calendar: Calendar | None = None,
) -> Comparison:
    """Compare two periods (both days included) of one market; the second is aligned to the first by weekday.

    The second period starts on the weekday of the first, at most three days off its stated start, and is as long as
    the shorter of the two. ``hours``: hours of day that count (opening hours). Raises FlowError ``layout``.
    """
    return compare(series, series, first=first, second=second, hours=hours, calendar=calendar)


def compare_markets(
    first: HourlySeries,
    second: HourlySeries,
    *,
    period: tuple[date, date],
    hours: Sequence[int] | None = None,
    calendar: Calendar | None = None,
) -> Comparison:
    """Compare two markets over the same days."""
    return compare(first, second, first=period, second=period, hours=hours, calendar=calendar)


def compare(
    one: HourlySeries,
    other: HourlySeries,
    *,
    first: tuple[date, date],
    second: tuple[date, date],
    hours: Sequence[int] | None = None,
    calendar: Calendar | None = None,
) -> Comparison:
    """Compare ``one`` in the period ``first`` with ``other`` in the period ``second``."""
    length = min((first[1] - first[0]).days, (second[1] - second[0]).days) + 1
    if length < 1:
        raise FlowError("layout")
    gap = (first[0] - second[0]).days
    shift = 7 * round(gap / 7) if gap else 0
    begin_one = datetime(first[0].year, first[0].month, first[0].day)
    begin_other = begin_one - timedelta(days=shift)
    a = one.window(begin_one, begin_one + length * 24 * HOUR).values.reshape(length, 24)
    b = other.window(begin_other, begin_other + length * 24 * HOUR).values.reshape(length, 24)
    counted = np.zeros(24, dtype=np.bool_)
    counted[list(range(24)) if hours is None else list(hours)] = True
    known_a, known_b = ~np.isnan(a) & counted, ~np.isnan(b) & counted
    both = known_a & known_b
    total_a, total_b = float(a[both].sum()), float(b[both].sum())
    wanted = max(length * int(counted.sum()), 1)
    return Comparison(
        first_total=total_a,
        second_total=total_b,
        difference=total_a / total_b - 1 if total_b else None,
        common_hours=int(both.sum()),
        common=float(both.sum()) / wanted,
        first_measured=float(known_a.sum()) / wanted,
        second_measured=float(known_b.sum()) / wanted,
        shift_days=shift,
        days=_pairs(first[0], shift, (a, b), both, calendar or Calendar()),
        first_hours=_profile(a, both),
        second_hours=_profile(b, both),
    )


def _pairs(
    start: date,
    shift: int,
    values: tuple[Array, Array],
    both: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    calendar: Calendar,
) -> tuple[DayPair, ...]:
    pairs = []
    for number in range(both.shape[0]):
        day, hours = start + timedelta(days=number), both[number]
        paired = day - timedelta(days=shift)
        sums = [float(side[number][hours].sum()) if hours.any() else None for side in values]
        special = calendar.special(day) != calendar.special(paired)
        pairs.append(DayPair(day, paired, sums[0], sums[1], int(hours.sum()), special))
    return tuple(pairs)


def _profile(values: Array, both: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Array:
    counts = both.sum(axis=0)
    sums = np.where(both, values, 0.0).sum(axis=0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), dtype=np.float64)
