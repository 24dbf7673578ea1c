"""Power of made-up PV systems with faults put in on purpose, so that the truth is known to the row.

The sky is simple (clear, broken and overcast days with passing clouds); the loggers are what varies: step, unit,
rounding, noise, what is written at night, missing rows, limits of the inverter, clocks.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DAY = 86_400_000
START = 1_483_228_800_000  # 2017-01-01 UTC


@dataclass(frozen=True)
class System:
    """A system and its logger."""

    seed: int = 0
    days: int = 30
    first_day: int = 90  # of the year
    step: int = 15  # minutes
    latitude: float = 10.8
    noon: float = 12.0  # hour of the file's clock at which the sun is highest, equation of time aside
    tilt: float = 10.0
    azimuth: float = 180.0
    kwp: float = 10.0
    limit: float | None = None  # kW of AC
    clear: float = 0.4
    overcast: float = 0.2
    unit: float = 1.0  # values are kW times this
    round_to: float | None = None  # in kW
    night: str = "zero"  # zero | absent | noise | negative
    jitter: float = 0.001  # of the rating, on production
    missing: float = 0.0  # share of rows that are absent
    fog: tuple[int, int] | None = None  # days (from, to) whose mornings are foggy


@dataclass
class Case:
    """A file: times, values, and the row numbers of each fault."""

    ms: NDArray[np.int64]
    values: Array
    truth: dict[str, set[int]] = field(
        default_factory=lambda: {"stale": set(), "interpolated": set(), "clipping": set(), "outlier": set()}
    )
    shifts: list[tuple[str, int]] = field(default_factory=list)
    step: int = 15


def equation_of_time(day: Array) -> Array:
    """Minutes, another formula than the engine's (Duffie and Beckman's shorter one)."""
    angle = 2 * np.pi * (day - 81) / 364
    return np.asarray(9.87 * np.sin(2 * angle) - 7.53 * np.cos(angle) - 1.5 * np.sin(angle))


def clear_power(system: System, minutes: Array) -> Array:
    """kW under a clear sky at ``minutes`` since the first of January by the clock of the file."""
    day = minutes / 1440
    sun = (minutes % 1440) / 60 - system.noon + 12 + equation_of_time(np.floor(day) + 1) / 60
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365)
    latitude, hour = np.radians(system.latitude), np.radians(15 * (sun - 12))
    up = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(declination) * np.cos(hour)
    tilt, azimuth = np.radians(system.tilt), np.radians(system.azimuth)
    facing = up * np.cos(tilt) + np.sin(tilt) * (north * np.cos(azimuth) + east * np.sin(azimuth))
    high = np.clip(up, 1e-3, None)
    beam = np.where(up > 0, 1040 * np.exp(-0.16 / high**0.9), 0)
    diffuse = np.where(up > 0, 95 * high**0.4, 0)
    plane = beam * np.clip(facing, 0, None) + diffuse * (1 + np.cos(tilt)) / 2
    return np.asarray(system.kwp * plane / 1000 * 0.86 * (1 - 0.00008 * plane))


def sky(system: System, minutes: Array, rng: np.random.Generator) -> Array:
    """Share of the clear sky that arrives, minute by minute of the fine grid."""
    out = np.ones(len(minutes))
    fine = minutes[1] - minutes[0]
    number = (minutes // 1440).astype(int)
    edges = np.flatnonzero(np.diff(number, prepend=-1))
    for place, (first, end) in enumerate(zip(edges, [*edges[1:], len(minutes)], strict=True)):
        kind, count = rng.random(), end - first
        if kind < system.clear:
            out[first:end] = 1 - 0.02 * rng.random()
        elif kind < 1 - system.overcast:
            out[first:end] = _broken(count, fine, rng)
        else:
            out[first:end] = np.clip(
                rng.uniform(0.12, 0.4) * (1 + 0.35 * _slow(count, 60 / fine, rng)), 0.04, 0.8
            )
        if system.fog and system.fog[0] <= place < system.fog[1]:
            hour = (minutes[first:end] % 1440) / 60 - system.noon + 12
            lifts = rng.uniform(8.5, 12.0)
            out[first:end] *= np.clip(0.3 + 0.7 * (hour - lifts + 0.7) / 0.7, 0.3, 1)
    return out


def _broken(count: int, fine: float, rng: np.random.Generator) -> Array:
    """Clouds that come and go."""
    out, index = np.ones(count), 0
    while index < count:
        length = max(1, int(rng.exponential(35) / fine))
        if rng.random() < 0.5:
            out[index : index + length] = rng.uniform(0.2, 0.75)
        index += length
    smooth = max(1, int(4 / fine))
    return np.convolve(out, np.ones(smooth) / smooth, "same") * (1 + 0.02 * _slow(count, 30 / fine, rng))


def _slow(count: int, width: float, rng: np.random.Generator) -> Array:
    keep = np.exp(-1 / max(width, 1))
    noise = rng.normal(size=count) * np.sqrt(1 - keep**2)
    out = np.zeros(count)
    for index in range(1, count):
        out[index] = keep * out[index - 1] + noise[index]
    return out


def make(system: System) -> Case:
    """Make a file without faults (but for the inverter's limit, which is the system's)."""
    rng = np.random.default_rng(system.seed)
    fine = 1 if system.step < 5 else 5
    minutes = np.arange(system.first_day * 1440, (system.first_day + system.days) * 1440, fine, dtype=float)
    raw = clear_power(system, minutes) * sky(system, minutes, rng)
    held = np.minimum(raw, system.limit) if system.limit else raw
    per = system.step // fine
    power = held.reshape(-1, per).mean(axis=1)
    grid = minutes.reshape(-1, per)[:, 0]
    case = Case(START + (grid * 60_000).astype(np.int64), power, step=system.step)
    if system.limit:
        full = raw.reshape(-1, per).min(axis=1) >= system.limit
        case.truth["clipping"] = _long(full, 3)
    produced = power > 0.002 * system.kwp
    noise = rng.normal(size=len(power)) * system.jitter * system.kwp
    at_limit = np.zeros(len(power), bool)
    at_limit[list(case.truth["clipping"])] = True
    noise = np.where(at_limit, noise * 0.15, noise)
    power = np.where(produced, np.clip(power + noise, 0, None), 0)
    keep = np.ones(len(power), bool)
    if system.night == "noise":
        power = np.where(produced, power, rng.normal(size=len(power)) * 0.001 * system.kwp)
    if system.night == "negative":
        power = np.where(produced, power, -0.003 * system.kwp)
    if system.night == "absent":
        keep &= produced
    if system.round_to:
        power = np.round(power / system.round_to) * system.round_to
    keep &= rng.random(len(power)) >= system.missing
    return select(replace(case, values=power * system.unit), keep)


def _long(mask: NDArray[np.bool_], least: int) -> set[int]:
    out: set[int] = set()
    run: list[int] = []
    for index, value in enumerate([*mask, False]):
        if value:
            run.append(index)
        else:
            if len(run) >= least:
                out.update(run)
            run = []
    return out


def select(case: Case, keep: NDArray[np.bool_]) -> Case:
    """Leave rows out; the truth moves along."""
    place = np.cumsum(keep) - 1
    truth = {kind: {int(place[row]) for row in rows if keep[row]} for kind, rows in case.truth.items()}
    return replace(case, ms=case.ms[keep], values=case.values[keep], truth=truth)


def top(case: Case) -> float:
    """What the system reaches."""
    return float(np.nanquantile(case.values, 0.995))


def with_stale(case: Case, seed: int, count: int = 3, lengths: tuple[int, int] = (20, 100)) -> Case:
    """Values that stick for ``lengths`` rows from some lit row on."""
    rng = np.random.default_rng(seed)
    values, truth = case.values.copy(), {kind: set(rows) for kind, rows in case.truth.items()}
    bright = np.flatnonzero(values > 0.05 * top(case))
    taken: set[int] = set(truth["clipping"])
    for _ in range(count * 20):
        start, length = int(rng.choice(bright)), int(rng.integers(*lengths))
        rows = set(range(start, start + length))
        if start + length >= len(values) - 1 or rows & taken or values[start] == values[start - 1]:
            continue
        values[start : start + length] = values[start]
        if values[start + length] == values[start]:
            continue
        truth["stale"] |= rows
        taken |= set(range(start - 30, start + length + 30))
        count -= 1
        if not count:
            break
    return replace(case, values=values, truth=truth)


def with_lines(
    case: Case, seed: int, count: int = 4, lengths: tuple[int, int] = (12, 90), digits: int | None = None
) -> Case:
    """Gaps that somebody filled with straight lines."""
    rng = np.random.default_rng(seed)
    values, truth = case.values.copy(), {kind: set(rows) for kind, rows in case.truth.items()}
    bright = np.flatnonzero(values > 0.05 * top(case))
    taken: set[int] = set()
    for _ in range(count * 20):
        start, length = int(rng.choice(bright)), int(rng.integers(*lengths))
        end = start + length + 1
        rows = set(range(start + 1, end))
        if (
            end >= len(values)
            or rows & taken
            or case.ms[end] - case.ms[start] != (end - start) * case.step * 60_000
        ):
            continue
        if abs(values[end] - values[start]) < 0.02 * top(case):
            continue
        line = np.linspace(values[start], values[end], end - start + 1)[1:-1]
        values[start + 1 : end] = line if digits is None else np.round(line, digits)
        truth["interpolated"] |= rows
        truth["clipping"] -= rows
        taken |= set(range(start - 30, end + 30))
        count -= 1
        if not count:
            break
    return replace(case, values=values, truth=truth)


def with_outliers(case: Case, seed: int, count: int = 12) -> Case:
    """Lone absurd rows: far too high, below zero, sentinels, bursts at night, drops to nothing on a clear noon."""
    rng = np.random.default_rng(seed)
    values, truth = case.values.copy(), {kind: set(rows) for kind, rows in case.truth.items()}
    high = top(case)
    rows = rng.choice(np.arange(5, len(values) - 5), count, replace=False)
    for row in rows:
        kind = rng.integers(0, 4)
        if kind == 0:
            values[row] = high * rng.uniform(1.7, 6)
        elif kind == 1:
            values[row] = -high * rng.uniform(0.1, 2)
        elif kind == 2:
            values[row] = rng.choice([-1e6, 65535.0, 1e9]) * max(1.0, high)
        else:
            values[row] = high * rng.uniform(1.35, 1.6)
        truth["outlier"].add(int(row))
        for other in ("clipping", "stale", "interpolated"):
            truth[other].discard(int(row))
    return replace(case, values=values, truth=truth)


def with_shifts(case: Case, moves: list[tuple[int, int]]) -> Case:
    """Clocks moved: from day ``n`` of the file on, stamps are so many minutes later (each adds to those before)."""
    ms = case.ms.copy()
    out: list[tuple[str, int]] = []
    for day, minutes in moves:
        edge = int(case.ms[0] // DAY + day) * DAY + 2 * 3_600_000
        ms = np.where(case.ms >= edge, ms + minutes * 60_000, ms)
        out.append((str(np.datetime64(edge, "ms").astype("datetime64[D]")), minutes))
    order = np.argsort(ms, kind="stable")
    return replace(case, ms=ms[order], values=case.values[order], shifts=[*case.shifts, *out])
