"""Outages and communication gaps: production that stopped, told from readings that stopped."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.ground import Ground, smooth_runs, usual_ratio
from khcn.engines.energy.faults.series import Mask
from khcn.engines.energy.faults.tell import finding
from khcn.engines.energy.types import Finding, FindingKind, Quality, Values

_DEAD: Final = 0.004  # of the power: nothing is produced
_SHOULD: Final = 0.06  # of the power: something should be
_LEAST_HOURS: Final = 0.75
_LEAST_GAP_HOURS: Final = 1.0
_MET: Final = 0.5  # of what a silent inverter should give, seen on the meter: it went on
_CAUGHT_UP: Final = 1.3  # of the power: more than an inverter can give, so energy of the time before
_USUALLY_HEARD: Final = 0.7  # of daylight: a device that is read more rarely has no gaps, only steps


def find_outages(ground: Ground) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Return outages and communication gaps, and the intervals (inverters x intervals) that they explain."""
    found: list[Finding] = []
    explained = np.zeros(ground.kwh.shape, bool)
    count = len(ground.inverters)
    idle = np.isfinite(ground.kwh) & (ground.kwh <= _DEAD * ground.power[:, None] * ground.hours)
    means = np.vstack([_means(ground, row, idle) for row in range(count)])
    silent = ~np.isfinite(ground.kwh) | _filled(ground)
    if count > 1:
        together = np.asarray(idle.all(axis=0), bool)
        for span in _spells(ground, together, np.asarray(means.any(axis=0), bool), _LEAST_HOURS):
            found.append(_outage(ground, span, list(range(count))))
            idle[:, span[0] : span[1]] = False
            explained[:, span[0] : span[1]] = True
    for row in range(count):
        for span in _spells(ground, idle[row], means[row], _LEAST_HOURS):
            still = _caught_up(ground, row, span)
            found.append(_stood_still(ground, row, span) if still else _outage(ground, span, [row]))
            explained[row, span[0] : span[1]] = True
        for span in _spells(ground, silent[row], silent[row], _LEAST_GAP_HOURS):
            found.append(_silence(ground, span, row))
            explained[row, span[0] : span[1]] = True
    return sorted(found, key=lambda one: (one.start_ms, one.devices)), explained


def _filled(ground: Ground) -> NDArray[np.bool_]:
    """Return intervals that the counter filled afterwards, of devices that are usually heard at every interval."""
    inferred = np.vstack([(one.flags & Quality.INTERPOLATED) > 0 for one in ground.inverters])
    heard = np.array([row[ground.bright].mean() if ground.bright.any() else 0.0 for row in ground.measured])
    return np.asarray(inferred & ~ground.measured & (heard > _USUALLY_HEARD)[:, None], bool)


def _caught_up(ground: Ground, row: int, span: tuple[int, int]) -> bool:
    """Return whether the counter made up for a standstill at once: it was the reading that stood, not the inverter."""
    after = slice(span[1], span[1] + 2)
    leapt = np.nan_to_num(ground.kwh[row, after]) > _CAUGHT_UP * ground.power[row] * ground.hours
    refused = (ground.inverters[row].flags[after] & Quality.OUT_OF_RANGE) > 0
    return bool((leapt | refused).any())


def _stood_still(ground: Ground, row: int, span: tuple[int, int]) -> Finding:
    return finding(ground, FindingKind.STALE, span, [row], loss=None)


def _means(ground: Ground, row: int, idle: NDArray[np.bool_]) -> Mask:
    """Return intervals in which the inverter should give something, by its siblings, the model or the height of the sun."""
    power = ground.power[row] * ground.hours
    if not ground.by[row]:
        return ground.bright
    means = ground.expected[row] > _SHOULD * power
    nobody = idle.all(axis=0)  # no sibling tells: the model does, or the usual day
    means |= nobody & (_typical(ground, row) > 1.5 * _SHOULD * power)
    return np.asarray(means & ground.bright, bool)


def _typical(ground: Ground, row: int) -> Values:
    """Return what the inverter would give by the model, or else on a middling day of this time of year."""
    model = ground.site.expected_kwh
    if model is not None:
        reference = model / ground.power.sum()
        share = np.where(ground.usable[row], ground.kwh[row], np.nan) / ground.power[row]
        share[share <= _DEAD * ground.hours] = np.nan
        return np.asarray(
            np.nan_to_num(reference * usual_ratio(ground, share, reference) * ground.power[row]), np.float64
        )
    slots = round(24 / ground.hours)
    slot = np.minimum((ground.minute / 60 / ground.hours).astype(int), slots - 1)
    table = np.full((ground.days, slots), np.nan)
    table[ground.day, slot] = ground.kwh[row]
    return np.asarray(np.nan_to_num(np.nanmedian(table, axis=0))[slot], np.float64)


def _spells(ground: Ground, bad: Mask, means: Mask, least_hours: float) -> list[tuple[int, int]]:
    """Return spells of bad intervals in daylight that hold enough hours in which they mean something.

    A night between two bad days belongs to the spell, and so does a dark hour in which nothing could be expected.
    """
    lit = np.flatnonzero(ground.bright)
    if not len(lit):
        return []
    out = []
    for first, end in smooth_runs(bad[lit], gap=1):
        inside = lit[first:end]
        telling = inside[bad[inside] & means[inside]]
        if len(telling) * ground.hours >= least_hours:
            out.append((int(telling[0]), int(telling[-1]) + 1))
    return out


def _expected_in(ground: Ground, row: int, span: tuple[int, int]) -> Values:
    return np.asarray(np.nan_to_num(ground.expected[row, span[0] : span[1]]), np.float64)


def _outage(ground: Ground, span: tuple[int, int], rows: list[int]) -> Finding:
    if len(rows) == 1 and ground.by[rows[0]] == "siblings":
        row = rows[0]
        short = _expected_in(ground, row, span) - np.nan_to_num(ground.kwh[row, span[0] : span[1]])
        return finding(ground, FindingKind.OUTAGE, span, rows, loss=float(np.clip(short, 0, None).sum()))
    expected = np.sum([_typical(ground, row) for row in rows], axis=0)
    measured = np.nan_to_num(ground.kwh[rows]).sum(axis=0)
    window = slice(*span)
    return finding(
        ground,
        FindingKind.OUTAGE,
        span,
        rows,
        code="fault-outage-site" if len(rows) > 1 else "",
        loss=float(np.clip(expected - measured, 0, None)[window].sum()),
        measured=measured / ground.hours,
        expected=expected / ground.hours,
    )


def _silence(ground: Ground, span: tuple[int, int], row: int) -> Finding:
    """Return what a silence was: the meter, or the counter afterwards, tells whether production went on."""
    first, end = span
    should = float(_expected_in(ground, row, span).sum())
    share = _counted(ground, span, row, should)
    if share is None:
        share = _seen_on_meter(ground, span, row, should)
    if share is not None and share < _MET:
        return finding(
            ground,
            FindingKind.OUTAGE,
            span,
            [row],
            code="fault-outage-silent",
            loss=should * (1 - max(share, 0.0)),
        )
    loss = 0.0 if share is not None else None
    code = "" if share is not None else "fault-communication_gap-unknown"
    return finding(ground, FindingKind.COMMUNICATION_GAP, (first, end), [row], code=code, loss=loss)


def _counted(ground: Ground, span: tuple[int, int], row: int, should: float) -> float | None:
    """Return how much of what a silent inverter should give its own counter shows afterwards, None without one."""
    gave = ground.kwh[row, span[0] : span[1]]
    if should <= 0 or not np.isfinite(gave).any():
        return None
    return float(np.nansum(gave)) / should


def _seen_on_meter(ground: Ground, span: tuple[int, int], row: int, should: float) -> float | None:
    """Return how much of what silent inverters should give the meter saw, None when that cannot be told."""
    if ground.meter is None or should <= 0:
        return None
    window = slice(*span)
    meter = ground.meter.kwh[window]
    known = np.isfinite(meter) & ground.lit[window]
    if known.mean() < 0.2:
        return None
    quiet = ~np.isfinite(ground.kwh[:, window])
    rest = np.where(quiet, 0, np.nan_to_num(ground.kwh[:, window])).sum(axis=0)
    hidden = np.where(quiet, np.nan_to_num(ground.expected[:, window]), 0).sum(axis=0)
    total = float(hidden[known].sum())
    return float((meter - rest)[known].sum()) / total if total > 0 else None
