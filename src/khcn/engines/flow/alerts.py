"""Alerts with hysteresis: crowding by the minute, unusual quiet by the hour. Nothing is said on incomplete data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import HOUR, Array, HourlySeries
from khcn.engines.flow.usual import FEWEST, comparable_days

MINUTE: Final = timedelta(minutes=1)


class AlertKind(StrEnum):
    """What is unusual."""

    OVER_CAPACITY = "over_capacity"
    CROWDED = "crowded"  # above what 99 of 100 usual minutes reach
    QUIET = "quiet"


class AlertEnd(StrEnum):
    """Why an alert is over."""

    RELEASED = "released"
    NO_SIGNAL = "no_signal"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. ``ended`` None: still on. ``peak``: the worst figure; ``limit``: the one that was crossed."""

    kind: AlertKind
    started: datetime
    ended: datetime | None
    peak: float
    limit: float
    end: AlertEnd | None = None


@dataclass(frozen=True, slots=True)
class QuietHour:
    """One hour judged. ``probability``: of so few visitors or fewer on a usual day; ``expected`` is already
    scaled to the measured part of the hour.
    """

    start: datetime
    count: float
    expected: float
    probability: float


def crowding(
    occupancy: Sequence[float] | Array,
    *,
    start: datetime,
    capacity: float | None = None,
    usual_p99: float | Sequence[float] | Array | None = None,
    minutes: int = 5,
    release: float = 0.9,
    release_minutes: int = 10,
    gap_minutes: int = 15,
) -> list[Alert]:
    """Return the alerts in a run of minutes (``occupancy[i]`` people at ``start`` + i minutes, NaN not measured).

    On after ``minutes`` measured minutes in a row above the limit, off after ``release_minutes`` in a row below
    ``release`` times the limit. A minute not measured ends a run towards "on"; more than ``gap_minutes`` of them end
    a running alert with ``no_signal``. ``usual_p99``: one figure or one per minute; ``capacity`` goes before it.
    """
    people = np.asarray(occupancy, dtype=np.float64)
    found: list[Alert] = []
    limits: list[tuple[AlertKind, Array]] = []
    if capacity is not None:
        limits.append((AlertKind.OVER_CAPACITY, np.full(people.size, float(capacity))))
    if usual_p99 is not None:
        usual = np.broadcast_to(np.asarray(usual_p99, dtype=np.float64), people.shape)
        limits.append((AlertKind.CROWDED, np.array(usual)))
    for kind, limit in limits:
        found += _runs(people, limit, kind, start, (minutes, release, release_minutes, gap_minutes))
    over = [(a.started, a.ended) for a in found if a.kind is AlertKind.OVER_CAPACITY]
    kept = [
        a for a in found if a.kind is AlertKind.OVER_CAPACITY or not any(_inside(a, b, e) for b, e in over)
    ]
    return sorted(kept, key=lambda alert: alert.started)


def _inside(alert: Alert, begin: datetime, end: datetime | None) -> bool:
    """Whether ``alert`` says nothing beyond an alert over capacity at the same time."""
    return alert.started >= begin and (end is None or (alert.ended is not None and alert.ended <= end))


def _runs(
    people: Array, limit: Array, kind: AlertKind, start: datetime, rule: tuple[int, float, int, int]
) -> list[Alert]:
    minutes, release, release_minutes, gap_minutes = rule
    found: list[Alert] = []
    on: int | None = None
    above = below = gap = last = 0
    for now, (count, bound) in enumerate(zip(people.tolist(), limit.tolist(), strict=True)):
        known = not (math.isnan(count) or math.isnan(bound))
        above = above + 1 if known and count > bound else 0
        below = below + 1 if known and count < release * bound else 0
        gap = 0 if known else gap + 1
        last = now if known else last
        if on is None and above >= minutes:
            on = now - minutes + 1
        elif on is not None and (below >= release_minutes or gap > gap_minutes):
            stop = now - below + 1 if below else last + 1
            why = AlertEnd.RELEASED if below else AlertEnd.NO_SIGNAL
            found.append(_alert(people, limit, kind, start, (on, stop, why)))
            on, above = None, 0
    if on is not None:
        found.append(_alert(people, limit, kind, start, (on, people.size, None)))
    return found


def _alert(
    people: Array, limit: Array, kind: AlertKind, start: datetime, run: tuple[int, int, AlertEnd | None]
) -> Alert:
    begin, stop, why = run
    ended = None if why is None else start + stop * MINUTE
    peak = float(np.nanmax(people[begin:stop]))
    return Alert(kind, start + begin * MINUTE, ended, peak, float(limit[begin]), why)


def quiet_hours(
    series: HourlySeries,
    *,
    begin: datetime,
    now: datetime,
    measured: Array | None = None,
    calendar: Calendar | None = None,
    weeks: int = 8,
    least_expected: float = 20.0,
    complete: float = 0.8,
) -> list[QuietHour]:
    """Judge each finished hour from ``begin`` to ``now``; hours that cannot be judged are left out.

    Left out: not measured, measured for less than ``complete`` of the hour (``measured``: share per hour of
    ``series``), special days, fewer than three comparable days, less than ``least_expected`` visitors expected.
    """
    calendar = calendar or Calendar()
    judged: list[QuietHour] = []
    for index in range(max(series.index(begin), 0), min(series.index(now), len(series))):
        moment, count = series.start + index * HOUR, float(series.values[index])
        share = 1.0 if measured is None else float(measured[index])
        if math.isnan(count) or not share >= complete or calendar.special(moment.date()):
            continue
        days = comparable_days(series, moment.date(), weeks=weeks, calendar=calendar)
        past = np.array([series.day(day)[moment.hour] for day in days])
        past = past[~np.isnan(past)]
        if past.size < FEWEST or float(past.mean()) * share < least_expected:
            continue
        judged.append(
            QuietHour(moment, count, float(past.mean()) * share, quiet_probability(count, past, share))
        )
    return judged


def quiet(
    hours: Sequence[QuietHour],
    *,
    sure: float = 1e-5,
    likely: float = 1e-3,
    drop: float = 0.4,
    release: float = 0.05,
) -> list[Alert]:
    """Turn judged hours into alerts.

    On: one hour with probability below ``sure`` or two judged hours in a row below ``likely``, each at least
    ``drop`` (share) under what is expected. Off: an hour above ``release``, or a hole of more than two hours.
    """
    found: list[Alert] = []
    run: list[QuietHour] = []
    for hour in hours:
        if run and hour.start - run[-1].start > 3 * HOUR:
            found += _quiet(run, sure, AlertEnd.NO_SIGNAL)
            run = []
        fewer = hour.count <= (1 - drop) * hour.expected
        if run and hour.probability > release:
            found += _quiet(run, sure, AlertEnd.RELEASED)
            run = []
        elif run or (fewer and hour.probability < likely):
            if (
                run
                and len(run) == 1
                and run[0].probability >= sure
                and not (fewer and hour.probability < likely)
            ):
                run = []
                continue
            run.append(hour)
    return found + (_quiet(run, sure, None) if run else [])


def _quiet(run: list[QuietHour], sure: float, end: AlertEnd | None) -> list[Alert]:
    if len(run) == 1 and run[0].probability >= sure:
        return []
    worst = min(run, key=lambda hour: hour.count / hour.expected)
    ended = None if end is None else run[-1].start + HOUR
    return [Alert(AlertKind.QUIET, run[0].start, ended, worst.count, worst.expected, end)]


def quiet_probability(count: float, past: Array, share: float = 1.0) -> float:
    """P(so few or fewer) on a usual day: negative binomial with the spread of ``past``, never below Poisson.

    The variance holds the spread of the days and the error of their mean; ``share``: measured part of the hour.
    """
    mean = float(past.mean()) * share
    if mean <= 0:
        return 1.0
    spread = float(past.var(ddof=1)) * share * share if past.size > 1 else mean * mean
    variance = max(spread, mean) * (1 + 1 / past.size)
    return negative_binomial_cdf(math.floor(count), mean, variance)


def negative_binomial_cdf(count: int, mean: float, variance: float) -> float:
    """P(X <= count) with the given mean and variance; Poisson when the variance is not above the mean."""
    if count < 0:
        return 0.0
    k = np.arange(count + 1, dtype=np.float64)
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, count + 1, dtype=np.float64)))))
    if variance <= mean * (1 + 1e-9):
        logs = k * math.log(mean) - mean - log_factorial
    else:
        r = mean * mean / (variance - mean)
        p = r / (r + mean)
        rising = np.concatenate(([0.0], np.cumsum(np.log(r + k[:-1]))))
        logs = rising - log_factorial + r * math.log(p) + k * math.log1p(-p)
    top = float(logs.max())
    return min(1.0, math.exp(top) * float(np.exp(logs - top).sum()))
