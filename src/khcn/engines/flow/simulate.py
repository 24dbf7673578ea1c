"""Minute figures of markets that do not exist, with every cause known: for demos, benchmarks and tests of the forecast.

Visitors are drawn one by one: when and by which gate they come, how long they stay, by which gate they leave. Cameras
then miss some of them and fail now and then. So the in-minus-out drift, the gaps and the effect of rain, lunar days, Tết,
a flood and growth are those of life, and :class:`Causes` says what they are. The numbers are plausible, not measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.flow.lunar import days_to_tet, lunar_day

DAY: Final = 1440  # minutes
OPENS, CLOSES = 3 * 60, 19 * 60 + 30
# Peaks of a day: minute, spread in minutes, share on workdays, share at weekends. The first is goods before dawn.
PEAKS: Final = ((255, 32, 0.08, 0.06), (470, 52, 0.46, 0.50), (650, 75, 0.14, 0.20), (1010, 55, 0.32, 0.24))
WEEKDAYS: Final = (0.94, 0.92, 0.95, 0.97, 1.02, 1.14, 1.28)  # Monday first
BEFORE_TET: Final = (
    1.60,
    2.25,
    2.15,
    2.00,
    1.90,
    1.80,
    1.75,
    1.60,
    1.50,
    1.42,
    1.35,
    1.30,
    1.25,
    1.20,
)  # 1..14 days
AFTER_TET: Final = (0.0, 0.05, 0.22, 0.45, 0.62, 0.75, 0.84, 0.90, 0.94, 0.97)  # mùng 1 first
Counts = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Causes:
    """What made the figures: factors on a usual day's visitors, and the rest of the truth.

    ``usual``: visitors of a usual day at the start; ``level`` (days,): expected visitors of each day; ``rain``, ``flood``
    (days,): which days; ``growth``: a year; ``stay_minutes``: mean; ``recall``: share of crossings a camera counts.
    """

    usual: float
    level: NDArray[np.float64]
    rain: NDArray[np.bool_]
    flood: NDArray[np.bool_]
    rain_factor: float
    flood_factor: float
    lunar_factor: float
    eve_factor: float
    growth: float
    stay_minutes: float
    recall: float


@dataclass(frozen=True, slots=True, eq=False)
class DemoMarket:
    """One market. Arrays run over minutes from ``start`` (local time); the first axis is the gate or zone.

    ``count_in``, ``count_out`` (gates, minutes): as counted; where ``measured`` is False there is no row and they are 0.
    ``person_s``, ``entries`` (zones, minutes); ``zones_measured`` (minutes,); ``occupancy`` (minutes,): people truly
    inside at the end of the minute; ``true_in`` (minutes,): people who truly came.
    """

    number: int
    start: datetime
    gates: tuple[str, ...]
    zones: tuple[str, ...]
    count_in: Counts
    count_out: Counts
    measured: NDArray[np.bool_]
    person_s: NDArray[np.float32]
    entries: Counts
    zones_measured: NDArray[np.bool_]
    occupancy: NDArray[np.int32]
    true_in: Counts
    causes: Causes

    def hourly_in(self) -> NDArray[np.float64]:
        """Return visitors counted in by hour (gates, hours); NaN where under half of an hour was measured, otherwise
        brought up to the whole hour."""
        shape = (len(self.gates), -1, 60)
        minutes = self.measured.reshape(shape).sum(axis=2)
        counted = self.count_in.reshape(shape).sum(axis=2, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(minutes >= 30, counted * 60 / minutes, np.nan)


def demo_minutes(
    seed: int, days: int, *, start: date, markets: int = 10, gates: int = 4, zones: int = 6
) -> Iterator[DemoMarket]:
    """Yield ``markets`` markets of ``gates`` gates each over ``days`` days from ``start``.

    Three years of 40 gates hold 63 million gate minutes: one market at a time keeps that under 200 MB. The weather is
    the same for all, and each market depends on the seed and its own number alone.

    Raises:
        ValueError: no day, market, gate.
    """
    if min(days, markets, gates) < 1 or zones < 0:
        raise ValueError("at least one day, market and gate")
    weather = np.random.default_rng([seed, 0])
    rain, flood = _weather(weather, start, days)
    for number in range(1, markets + 1):
        rng = np.random.default_rng([seed, number])
        causes = _causes(rng, start, rain, flood)
        yield _market(rng, number, start, causes, gates=gates, zones=zones)


def _weather(rng: np.random.Generator, start: date, days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rain mostly from May to November; one flood of three days in the last October there is, from a month on."""
    dates = [start + timedelta(days=i) for i in range(days)]
    chance = np.array([0.45 if 5 <= day.month <= 11 else 0.08 for day in dates])
    wet = rng.random(days)
    rain = wet < chance
    flood = np.zeros(days, np.bool_)
    tenths = [i for i, day in enumerate(dates) if day.month == 10 and 5 <= day.day <= 25 and i >= 28]
    if tenths:
        year = dates[tenths[-1]].year
        first = int(rng.choice([i for i in tenths if dates[i].year == year]))
        flood[first : first + 3] = True
    return rain | flood, flood


def _causes(
    rng: np.random.Generator, start: date, rain: NDArray[np.bool_], flood: NDArray[np.bool_]
) -> Causes:
    days = len(rain)
    usual, growth = float(rng.uniform(1400, 5200)), float(rng.uniform(-0.06, 0.09))
    rain_factor, flood_factor = float(rng.uniform(0.74, 0.86)), float(rng.uniform(0.03, 0.12))
    lunar, eve = float(rng.uniform(1.22, 1.45)), float(rng.uniform(1.08, 1.22))
    level = np.full(days, usual)
    for i in range(days):
        day = start + timedelta(days=i)
        level[i] *= WEEKDAYS[day.weekday()] * _moon(day, lunar, eve) * (1 + growth) ** (i / 365.25)
    level *= np.where(flood, flood_factor, np.where(rain, rain_factor, 1.0))
    after = np.flatnonzero(flood)
    if after.size:  # people come back over five days
        back = np.arange(after[-1] + 1, min(after[-1] + 6, days))
        level[back] *= 1 - 0.5 * np.exp(-(back - after[-1]) / 2.0)
    stay, recall = float(rng.uniform(16, 34)), float(rng.uniform(0.955, 0.99))
    return Causes(
        usual, level, rain, flood, rain_factor, flood_factor, lunar, eve, growth, stay, recall
    )  # fmt: skip


def _moon(day: date, lunar: float, eve: float) -> float:
    """Return the factor of the lunar calendar: Tết first, then the 1st and 15th and the days before them."""
    to_tet = days_to_tet(day)
    if 1 <= to_tet <= len(BEFORE_TET):
        return BEFORE_TET[to_tet - 1]
    if 0 <= -to_tet < len(AFTER_TET):
        return AFTER_TET[-to_tet]
    if lunar_day(day).day in {1, 15}:
        return lunar
    return eve if lunar_day(day + timedelta(days=1)).day in {1, 15} else 1.0


def _market(
    rng: np.random.Generator, number: int, start: date, causes: Causes, *, gates: int, zones: int
) -> DemoMarket:
    days = len(causes.level)
    total = days * DAY
    share = rng.dirichlet(np.full(gates, 4.0))
    drawn = causes.level * np.exp(_wander(rng, days))  # days differ for reasons nobody knows
    rate = drawn[:, None] * _shapes(rng, start, days)
    true_in = np.stack([rng.poisson(rate.ravel() * part) for part in share]).astype(np.uint16)
    true_out = _departures(rng, true_in, share, causes.stay_minutes)
    came, left = true_in.sum(axis=0, dtype=np.int64), true_out.sum(axis=0, dtype=np.int64)
    occupancy = np.cumsum(came - left).astype(np.int32)
    measured = np.stack([_up(rng, total) for _ in range(gates)])
    zones_up = _up(rng, total)
    visits = rng.dirichlet(np.full(max(zones, 1), 3.0))[:zones] * 0.85
    jitter = rng.gamma(20.0, 1 / 20.0, (zones, days * 24)).repeat(60, axis=1)
    person_s = (occupancy * 60.0 * visits[:, None] * jitter * zones_up).astype(np.float32)
    entries = np.stack([rng.poisson(came * part * 1.6) for part in visits]) if zones else np.zeros((0, total))
    return DemoMarket(
        number=number,
        start=datetime(start.year, start.month, start.day),
        gates=tuple(f"C{i + 1}" for i in range(gates)),
        zones=tuple(f"K{i + 1}" for i in range(zones)),
        count_in=_counted(rng, true_in, causes.recall) * measured,
        count_out=_counted(rng, true_out, causes.recall) * measured,
        measured=measured,
        person_s=person_s,
        entries=(entries * zones_up).astype(np.uint16),
        zones_measured=zones_up,
        occupancy=occupancy,
        true_in=came.astype(np.uint16),
        causes=causes,
    )


def _wander(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Return day noise on the log scale: a slow part that lasts about a week and a fresh one; mean factor 1."""
    slow = np.zeros(days)
    for i, shock in enumerate(rng.normal(0, 0.025, days)):
        slow[i] = (0.86 * slow[i - 1] if i else 0.0) + shock
    variance = 0.05**2 + 0.025**2 / (1 - 0.86**2)
    return slow + rng.normal(0, 0.05, days) - variance / 2


def _shapes(rng: np.random.Generator, start: date, days: int) -> NDArray[np.float64]:
    """Return the share of a day's visitors in each minute (days, minutes); rows sum to 1."""
    minute = np.arange(DAY)
    tilt = rng.normal(0, 12, len(PEAKS))  # each market has its own hours
    kinds: list[NDArray[np.float64]] = []
    for weekend in (0, 1):
        bell = np.zeros(DAY)
        for (at, spread, workday, free), shift in zip(PEAKS, tilt, strict=True):
            middle = at + shift + 25 * weekend
            height = free if weekend else workday
            bell += height / spread * np.exp(-0.5 * ((minute - middle) / spread) ** 2)
        bell *= (minute >= OPENS) & (minute < CLOSES)
        kinds.append(bell / bell.sum())
    weekday = (start.weekday() + np.arange(days)) % 7
    found = np.where((weekday >= 5)[:, None], kinds[1], kinds[0])
    found = found * rng.gamma(60.0, 1 / 60.0, (days, 24)).repeat(60, axis=1)  # hours differ too
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float64)


def _departures(rng: np.random.Generator, true_in: Counts, share: NDArray[np.float64], stay: float) -> Counts:
    """Return who leaves when (gates, minutes): everybody within the day, two in three by the gate they came by."""
    gates, total = true_in.shape
    out = np.zeros(gates * total, np.int64)
    for gate in range(gates):
        came = np.repeat(np.arange(total), true_in[gate])
        gone = came + np.rint(rng.gamma(1.6, stay / 1.6, len(came))).astype(np.int64)
        gone = np.minimum(gone, came - came % DAY + CLOSES + 29)
        other = rng.choice(gates, len(came), p=share)
        by = np.where(rng.random(len(came)) < 2 / 3, gate, other)
        out += np.bincount(by * total + gone, minlength=gates * total)
    return out.reshape(gates, total).astype(np.uint16)


def _counted(rng: np.random.Generator, true: Counts, recall: float) -> Counts:
    """Return what a camera counts: each crossing with the chance ``recall``; a false one in 200 true ones."""
    found = true.copy()
    busy = np.nonzero(true)
    missed = rng.binomial(true[busy], 1 - recall)
    false = rng.poisson(true[busy] * 0.005)
    found[busy] = true[busy] - missed + false
    return found


def _up(rng: np.random.Generator, total: int) -> NDArray[np.bool_]:
    """Return when a camera measures: an outage of some minutes about weekly, of hours to two days every two months."""
    up = np.ones(total, np.bool_)
    for every, shortest, longest in ((7 * DAY, 3, 40), (60 * DAY, 120, 2 * DAY)):
        for first in rng.integers(0, total, rng.poisson(total / every)):
            up[first : first + int(rng.integers(shortest, longest))] = False
    return up
