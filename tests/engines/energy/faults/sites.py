"""Made-up sites of a few inverters with one fault each (or none), and how well a survey finds them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.ground import sun_elevation
from khcn.engines.energy.faults.site import DeviceKind, DeviceSeries, SiteSeries
from khcn.engines.energy.types import Finding, FindingKind, Quality
from tests.engines.energy.faults.sun import DAY, START, Array, System, clear_power, sky

K = FindingKind
ZONE = "Asia/Ho_Chi_Minh"
LATITUDE, LONGITUDE = 10.8, 106.7
STEP = 900_000
KINDS: tuple[str, ...] = (
    "healthy", "outage", "site-outage", "silent-outage", "gap", "weak", "weak-model", "clipping", "stale", "lines",
    "night", "shading", "soiling", "clock", "zone", "site-clock",
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """One fault: kind, devices, first and last moment (ms), energy really lost (None: not compared)."""

    kind: FindingKind
    devices: tuple[str, ...]
    start: int
    end: int
    loss: float | None = None


@dataclass
class Made:
    """A site under construction (kWh of each inverter, inverters x intervals)."""

    ms: NDArray[np.int64]
    kwh: Array
    sun: Array
    model: Array | None
    meter: Array
    power: Array
    rng: np.random.Generator
    truth: list[Truth] = field(default_factory=list)
    held: list[float] = field(default_factory=list)  # kWh that a limit kept from each inverter

    @property
    def day(self) -> NDArray[np.int64]:
        """Local day of each interval."""
        local = (self.ms + 7 * 3_600_000) // DAY
        return local - local[0]

    @property
    def minute(self) -> Array:
        """Local minute."""
        return ((self.ms + 7 * 3_600_000) % DAY) / 60_000


def made(
    seed: int, *, days: int = 75, inverters: int = 3, limit: float | None = None, model: bool = True
) -> Made:
    """Make a healthy site: one sky, inverters of slightly different size, orientation and noise."""
    rng = np.random.default_rng(seed)
    first = int(rng.integers(0, 280))
    base = System(seed=seed, days=days, first_day=first, latitude=LATITUDE, noon=12 - (LONGITUDE - 105) / 15)
    base = replace(base, clear=float(rng.choice([0.25, 0.5])), tilt=float(rng.choice([5, 12])))
    fine = np.arange(first * 1440, (first + days) * 1440, 5, dtype=float)
    cloud = sky(base, fine, rng)
    power = rng.uniform(15, 60, inverters)
    turn = rng.choice([0.0, 25.0, 40.0])
    rows: list[Array] = []
    held: list[float] = []
    for index in range(inverters):
        one = replace(base, kwp=float(power[index]), azimuth=180 + turn * (index - 1))
        raw = clear_power(one, fine) * np.clip(cloud + 0.01 * rng.normal(size=len(fine)), 0, None)
        if limit:
            held.append(float((raw - np.minimum(raw, limit * one.kwp)).sum() / 12))
            raw = np.minimum(raw, limit * one.kwp)
        rows.append(raw.reshape(-1, 3).mean(axis=1) * 0.25 * rng.uniform(0.97, 1.03))
    kwh = np.vstack(rows)
    kwh = np.where(kwh > 0.0005 * power[:, None], kwh * (1 + 0.004 * rng.normal(size=kwh.shape)), 0)
    whole = (clear_power(replace(base, kwp=float(power.sum())), fine) * cloud).reshape(-1, 3).mean(
        axis=1
    ) * 0.25
    daily = 1 + 0.025 * rng.normal(size=days)
    ms = START + (fine.reshape(-1, 3)[:, 0] * 60_000).astype(np.int64) - 7 * 3_600_000
    sun = sun_elevation(ms + STEP // 2, LATITUDE, LONGITUDE)
    expected = whole * np.repeat(daily, 96) * 0.95 if model else None
    return Made(ms, kwh, sun, expected, kwh.sum(axis=0) * 0.995, power, rng, held=held)


def site_of(made: Made, until: int | None = None) -> SiteSeries:
    """Return what a survey is given (up to interval ``until``)."""
    cut = slice(0, until)
    devices = [
        DeviceSeries(
            f"inv{index + 1}",
            DeviceKind.INVERTER,
            row[cut],
            np.where(np.isfinite(row[cut]), np.uint8(Quality.MEASURED), np.uint8(0)).astype(np.uint8),
            rated_kw=float(made.power[index]) * 0.9,
            kwp=float(made.power[index]),
            name=f"Biến tần {index + 1}",
        )
        for index, row in enumerate(made.kwh)
    ]
    flags = np.full(len(made.meter[cut]), np.uint8(Quality.MEASURED), np.uint8)
    devices.append(DeviceSeries("meter", DeviceKind.METER, made.meter[cut], flags))
    return SiteSeries(
        zone=ZONE,
        latitude=LATITUDE,
        longitude=LONGITUDE,
        ms=made.ms[cut],
        devices=devices,
        now_ms=int(made.ms[cut][-1]) + STEP,
        expected_kwh=None if made.model is None else made.model[cut],
    )


def faulty(kind: str, seed: int) -> Made:
    """Return a site with one fault of ``kind``."""
    one = made(
        seed,
        days=100 if kind in ("soiling", "weak-model") else 75,
        inverters=1 if kind in ("weak-model", "site-clock") else 3,
        limit=0.55 if kind == "clipping" else None,
    )
    _PUT[kind](one)
    return one


def _key(row: int) -> tuple[str, ...]:
    return (f"inv{row + 1}",)


def _pick(one: Made) -> int:
    return int(one.rng.integers(0, len(one.kwh)))


def _lit(one: Made, first: float, days: float, *, high: float = 14.0) -> NDArray[np.int64]:
    start = one.ms[0] + first * DAY
    inside = (one.ms >= start) & (one.ms < start + days * DAY) & (one.sun > high)
    return np.flatnonzero(inside)


def _outage(one: Made) -> None:
    row = _pick(one)
    rows = _lit(
        one,
        float(one.rng.integers(10, 60)) + one.rng.uniform(0.3, 0.5),
        float(one.rng.choice([0.15, 1.3, 4])),
    )
    span = slice(rows[0], rows[-1] + 1)
    lost = float(one.kwh[row, span].sum())
    one.meter[span] -= one.kwh[row, span]
    one.kwh[row, span] = 0
    one.truth.append(Truth(K.OUTAGE, _key(row), int(one.ms[rows[0]]), int(one.ms[rows[-1]]) + STEP, lost))


def _site_outage(one: Made) -> None:
    rows = _lit(one, float(one.rng.integers(10, 60)) + 0.4, float(one.rng.choice([0.2, 1.2])))
    span = slice(rows[0], rows[-1] + 1)
    lost = float(one.kwh[:, span].sum())
    one.kwh[:, span] = 0
    one.meter[span] = 0
    keys = tuple(f"inv{index + 1}" for index in range(len(one.kwh)))
    one.truth.append(Truth(K.OUTAGE, keys, int(one.ms[rows[0]]), int(one.ms[rows[-1]]) + STEP, lost))


def _silent_outage(one: Made) -> None:
    row = _pick(one)
    rows = _lit(one, float(one.rng.integers(10, 60)) + 0.35, float(one.rng.choice([0.3, 2])))
    span = slice(rows[0], rows[-1] + 1)
    lost = float(one.kwh[row, span].sum())
    one.meter[span] -= one.kwh[row, span]
    one.kwh[row, span] = np.nan
    one.truth.append(Truth(K.OUTAGE, _key(row), int(one.ms[rows[0]]), int(one.ms[rows[-1]]) + STEP, lost))


def _gap(one: Made) -> None:
    row = _pick(one)
    rows = _lit(one, float(one.rng.integers(10, 60)) + 0.35, float(one.rng.choice([0.3, 3])))
    one.kwh[row, rows[0] : rows[-1] + 1] = np.nan
    one.truth.append(
        Truth(K.COMMUNICATION_GAP, _key(row), int(one.ms[rows[0]]), int(one.ms[rows[-1]]) + STEP, 0.0)
    )


def _weak(one: Made) -> None:
    row, share = _pick(one), float(one.rng.uniform(0.12, 0.4))
    first, days = int(one.rng.integers(25, 45)), int(one.rng.choice([8, 100]))
    inside = (one.day >= first) & (one.day < first + days)
    lost = float(one.kwh[row, inside].sum() * share)
    one.meter[inside] -= one.kwh[row, inside] * share
    one.kwh[row, inside] *= 1 - share
    places = np.flatnonzero(inside)
    one.truth.append(
        Truth(K.UNDERPERFORMANCE, _key(row), int(one.ms[places[0]]), int(one.ms[places[-1]]) + STEP, lost)
    )


def _clipping(one: Made) -> None:
    for row in range(len(one.kwh)):
        one.truth.append(Truth(K.CLIPPING, _key(row), 0, 2**62, one.held[row]))


def _stale(one: Made) -> None:
    row = _pick(one)
    rows = _lit(one, float(one.rng.integers(10, 60)) + 0.4, 0.3)
    length = int(one.rng.integers(16, 100))
    start = int(rows[len(rows) // 3])
    one.kwh[row, start : start + length] = one.kwh[row, start]
    one.truth.append(Truth(K.STALE, _key(row), int(one.ms[start]), int(one.ms[start + length - 1]) + STEP))


def _lines(one: Made) -> None:
    row = _pick(one)
    rows = _lit(one, float(one.rng.integers(10, 60)) + 0.4, 0.3)
    start, length = int(rows[len(rows) // 3]), int(one.rng.integers(16, 90))
    while abs(one.kwh[row, start + length] - one.kwh[row, start]) < 0.02 * one.power[row]:
        length += 3
    one.kwh[row, start : start + length + 1] = np.linspace(
        one.kwh[row, start], one.kwh[row, start + length], length + 1
    )
    one.truth.append(Truth(K.INTERPOLATED, _key(row), int(one.ms[start]), int(one.ms[start + length]) + STEP))


def _night(one: Made) -> None:
    row, first = _pick(one), int(one.rng.integers(10, 60))
    dark = np.flatnonzero((one.day >= first) & (one.day < first + 4) & (one.sun < -10))
    some = dark[one.rng.random(len(dark)) < 0.3]
    one.kwh[row, some] += one.power[row] * 0.25 * one.rng.uniform(0.03, 0.1, len(some))
    one.truth.append(Truth(K.NIGHT_PRODUCTION, _key(row), int(one.ms[some[0]]), int(one.ms[some[-1]]) + STEP))


def _shading(one: Made) -> None:
    row, first = _pick(one), int(one.rng.integers(15, 30))
    inside = one.day >= first
    hour = float(one.rng.choice([8.0, 9.5, 14.5, 15.5]))
    middle = hour * 60 + 0.5 * (one.day - first) * float(one.rng.choice([-1, 1]))
    shadow = inside & (np.abs(one.minute - middle) < 45)
    depth = float(one.rng.uniform(0.35, 0.6))
    beam = one.model / np.maximum(np.max(one.model), 1e-9) > 0.2 if one.model is not None else shadow
    hit = shadow & beam
    lost = float(one.kwh[row, hit].sum() * depth)
    one.meter[hit] -= one.kwh[row, hit] * depth
    one.kwh[row, hit] *= 1 - depth
    one.truth.append(
        Truth(K.SHADING, _key(row), int(one.ms[np.flatnonzero(inside)[0]]), int(one.ms[-1]) + STEP, lost)
    )


def _soiling(one: Made) -> None:
    first, length = int(one.rng.integers(12, 30)), int(one.rng.integers(35, 60))
    drop = float(one.rng.uniform(0.002, 0.0035))
    gone = np.where((one.day >= first) & (one.day < first + length), drop * (one.day - first), 0.0)
    lost = float((one.kwh * gone).sum())
    one.meter *= 1 - gone
    one.kwh *= 1 - gone
    keys = tuple(f"inv{index + 1}" for index in range(len(one.kwh)))
    places = np.flatnonzero(gone > 0)
    one.truth.append(Truth(K.SOILING, keys, int(one.ms[places[0]]), int(one.ms[places[-1]]) + STEP, lost))


def _move(one: Made, rows: list[int], first: int, minutes: int) -> tuple[int, int]:
    inside = one.day >= first
    steps = minutes // 15
    for row in rows:
        moved = np.roll(one.kwh[row], steps)
        one.kwh[row] = np.where(inside, moved, one.kwh[row])
    return int(one.ms[np.flatnonzero(inside)[0]]), int(one.ms[-1]) + STEP


def _clock(one: Made) -> None:
    row = _pick(one)
    start, end = _move(one, [row], int(one.rng.integers(20, 60)), int(one.rng.choice([-60, -45, 30, 60])))
    one.truth.append(Truth(K.TIME_SHIFT, _key(row), start, end, 0.0))


def _zone(one: Made) -> None:
    row = _pick(one)
    start, end = _move(one, [row], int(one.rng.integers(20, 60)), int(one.rng.choice([-420, 420])))
    one.truth.append(Truth(K.PHASE_SHIFT, _key(row), start, end, 0.0))


def _site_clock(one: Made) -> None:
    start, end = _move(
        one, list(range(len(one.kwh))), int(one.rng.integers(25, 55)), int(one.rng.choice([-60, 60]))
    )
    keys = tuple(f"inv{index + 1}" for index in range(len(one.kwh)))
    one.truth.append(Truth(K.TIME_SHIFT, keys, start, end, 0.0))


_PUT = {
    "healthy": lambda one: None, "outage": _outage, "site-outage": _site_outage, "silent-outage": _silent_outage,
    "gap": _gap, "weak": _weak, "weak-model": _weak, "clipping": _clipping, "stale": _stale, "lines": _lines,
    "night": _night, "shading": _shading, "soiling": _soiling, "clock": _clock, "zone": _zone,
    "site-clock": _site_clock,
}  # fmt: skip

# how far a start may be off, days: what shows at once must be found at once; dust of 0.3 % a day hides for a week or
# two in a model that is 2.5 % off from day to day
SLACK = {
    K.OUTAGE: 0.1, K.COMMUNICATION_GAP: 0.1, K.STALE: 0.05, K.INTERPOLATED: 0.6, K.NIGHT_PRODUCTION: 0.5,
    K.UNDERPERFORMANCE: 3, K.TIME_SHIFT: 3, K.PHASE_SHIFT: 3, K.SHADING: 10, K.SOILING: 24, K.CLIPPING: 10**6,
}  # fmt: skip


def matched(truth: Truth, found: Finding) -> bool:
    """Return whether a finding tells the truth: kind, devices, and when it began."""
    return (
        truth.kind == found.kind
        and truth.devices == found.devices
        and abs(truth.start - found.start_ms) <= SLACK[truth.kind] * DAY
    )


def population(count: int, seed: int = 0) -> Iterator[tuple[str, Made]]:
    """Yield (kind, site); two of eighteen are healthy."""
    kinds = [*KINDS, "healthy", "healthy"]
    for index in range(count):
        kind = kinds[index % len(kinds)]
        yield kind, faulty(kind, seed + index)
