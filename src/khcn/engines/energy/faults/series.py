"""One series of power made ready for the detectors: in time order, with its scale, its resolution and its daylight."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import DAY_MS, Millis, Values

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_SLOTS_OF_HOUR: Final = 4
_SLOTS: Final = 24 * _SLOTS_OF_HOUR
_NEIGHBOUR_DAYS: Final = 10
_LIT_SHARE: Final = 0.34  # of the days around that must show production in a slot
_FINEST: Final = 5e-7  # of the scale: a finer lattice is none
_LIT: Final = 0.005  # of the scale: what counts as production


@dataclass(frozen=True, slots=True)
class Series:
    """Rows with a time and a value, in time order, each time once.

    ``rows``: number of each value's row in the file; ``joined``: True where a value follows the one before without a
    gap; ``day``: day counted in the series' own clock, cut in the middle of its nights; ``minute``: minutes since that
    cut; ``scale``: what the system gives at best, robust against outliers; ``quantum``: step in which the values are
    written when it is coarse, else 0; ``daylight``: True where days around produce at this time.
    """

    rows: Rows
    ms: Millis
    values: Values
    joined: Mask
    day: NDArray[np.int64]
    minute: Values
    step_ms: int
    scale: float
    quantum: float
    cut_ms: int
    daylight: Mask

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def step_minutes(self) -> float:
        """Minutes from one row to the next."""
        return self.step_ms / 60_000


def series_of(ms: Millis, values: Values, valid: Mask | None = None, *, step_ms: int | None = None) -> Series:
    """Prepare rows of ``ms`` (any order, repeats allowed: the first counts) and ``values`` (nan: no value)."""
    use = np.isfinite(values) if valid is None else valid & np.isfinite(values)
    rows = np.flatnonzero(use).astype(np.int64)
    rows = rows[np.argsort(ms[rows], kind="stable")]
    times = ms[rows]
    first = np.ones(len(rows), bool)
    first[1:] = times[1:] != times[:-1]
    rows, times = rows[first], times[first]
    clean = values[rows].astype(np.float64)
    step = step_ms or _step(times)
    joined = np.zeros(len(rows), bool)
    joined[1:] = np.diff(times) <= 1.5 * step
    scale = scale_of(clean)
    cut = _night_cut(times, clean, scale)
    day = (times - cut) // DAY_MS
    minute = ((times - cut) % DAY_MS) / 60_000.0
    lit = _daylight(day, minute, clean, scale)
    return Series(
        rows, times, clean, joined, day, minute, step, scale, quantum_of(clean, scale), cut, lit
    )  # fmt: skip


def with_daylight(series: Series, machine_made: Mask) -> Series:
    """Return the series with its daylight learnt without rows that no sun made (stuck values, straight lines)."""
    keep = ~machine_made
    lit = _daylight(series.day, series.minute, series.values, series.scale, keep)
    return replace(series, daylight=lit)


def scale_of(values: Values) -> float:
    """Return what the series reaches at best: the top of its production, blind to a few absurd values."""
    if not len(values):
        return 0.0
    size = np.abs(values)
    positive = values[values > 0]
    if not len(positive):
        return float(np.median(size))
    # absurd values are few and far above everything else: look for a jump within the top 2 %
    top = np.sort(positive)[int(len(positive) * 0.98) :]
    middle = float(np.quantile(positive, 0.9))
    limit = 3.0 * max(middle, 1e-12)
    sane = positive[positive <= limit]
    if len(top) >= 3:
        return float(np.quantile(sane, 0.995)) if len(sane) else middle
    return float(sane.max()) if len(sane) else middle


def quantum_of(values: Values, scale: float) -> float:
    """Return the step in which values are written (a meter that counts whole watts, say), or 0 when it is fine.

    Values that were interpolated, spread over a gap or scaled leave the lattice; so a lattice counts when 95 % of all
    values lie on it.
    """
    if scale <= 0 or len(values) < 20:
        return 0.0
    values = values[np.abs(values) <= 3 * scale]  # sentinels lie on no lattice
    levels = np.unique(np.round(values / scale, 9))
    if len(levels) < 3:
        return 0.0
    gaps = np.diff(levels)
    gaps = gaps[gaps > 1e-7]
    if not len(gaps):
        return 0.0
    for guess in (float(np.min(gaps)), float(np.quantile(gaps, 0.02)), float(np.median(gaps))):
        if guess < _FINEST:
            continue
        ratio = values / scale / guess
        finer = guess * float(_refine(ratio))
        ratio = values / scale / finer
        if np.mean(np.abs(ratio - np.round(ratio)) < 0.05) > 0.95:
            return finer * scale
    return _written_step(values, scale)


def _written_step(values: Values, scale: float) -> float:
    """Return the decimal in which nearly all values are written, when it is too fine for its step to be measured."""
    for digits in range(7):
        step = 10.0**-digits
        if step < _FINEST * scale:
            break
        ratio = values / step
        if step < scale / 100 and np.mean(np.abs(ratio - np.round(ratio)) < 0.01) > 0.95:
            return step
    return 0.0


def _refine(ratio: Values) -> float:
    """Return the factor that brings the near-integers of ``ratio`` nearest to integers."""
    whole = np.round(ratio)
    near = np.abs(whole) > 0
    if not near.any():
        return 1.0
    return float(np.sum(ratio[near] * whole[near]) / np.sum(whole[near] ** 2))


def _step(times: Millis) -> int:
    gaps = np.diff(times)
    gaps = gaps[gaps > 0]
    return int(np.median(gaps)) if len(gaps) else 15 * 60_000


def _night_cut(times: Millis, values: Values, scale: float) -> int:
    """Return the time of day (ms since UTC midnight) opposite the centre of production."""
    weight = np.clip(values, 0, scale)
    if not len(times) or weight.sum() <= 0:
        return 0
    angle = 2 * np.pi * (times % DAY_MS) / DAY_MS
    middle = np.arctan2(np.sum(weight * np.sin(angle)), np.sum(weight * np.cos(angle)))
    return round(float((middle / (2 * np.pi)) * DAY_MS + DAY_MS / 2) % DAY_MS)


def _daylight(
    day: NDArray[np.int64], minute: Values, values: Values, scale: float, keep: Mask | None = None
) -> Mask:
    """Return True for rows at times of day when about a third of the days around produce."""
    if not len(day) or scale <= 0:
        return np.zeros(len(day), bool)
    slot = np.minimum((minute * _SLOTS / 1440).astype(np.int64), _SLOTS - 1)
    number = day - day.min()
    days = int(number.max()) + 1
    every = np.ones(len(day), bool)
    share = _lit_share(number, slot, values > _LIT * scale, every, (days, _SLOTS))
    if keep is not None:
        # where only doubtful rows speak (a limit that is reached every noon), they speak
        kept = _lit_share(number, slot, values > _LIT * scale, keep, (days, _SLOTS))
        share = np.where(np.isnan(kept), share, kept)
    bright = np.nan_to_num(share) >= _LIT_SHARE
    return np.asarray(bright[number, slot], bool)


def _lit_share(number: Rows, slot: Rows, producing: Mask, use: Mask, shape: tuple[int, int]) -> Values:
    """Return the share of days around (days x slots) that produce, nan where none is known."""
    lit, known = np.zeros(shape), np.zeros(shape)
    known[number[use], slot[use]] = 1
    lit[number[use & producing], slot[use & producing]] = 1
    width = 2 * _NEIGHBOUR_DAYS + 1
    count = _moving_sum(known, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_moving_sum(lit, width) / count, np.float64)


def _moving_sum(table: Values, width: int) -> Values:
    """Return the sums of ``width`` rows centred on each row (fewer at the ends)."""
    total = np.vstack([np.zeros((1, table.shape[1])), np.cumsum(table, axis=0)])
    half = width // 2
    low = np.maximum(np.arange(len(table)) - half, 0)
    high = np.minimum(np.arange(len(table)) + half + 1, len(table))
    return np.asarray(total[high] - total[low], np.float64)


def runs_of(mask: Mask, joined: Mask | None = None) -> list[tuple[int, int]]:
    """Return (first, past the last) of each run of True; with ``joined`` a gap ends a run."""
    out: list[tuple[int, int]] = []
    start = last = -1
    for index in np.flatnonzero(mask):
        if start >= 0 and index == last + 1 and (joined is None or joined[index]):
            last = int(index)
            continue
        if start >= 0:
            out.append((start, last + 1))
        start = last = int(index)
    if start >= 0:
        out.append((start, last + 1))
    return out
