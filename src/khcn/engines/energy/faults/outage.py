"""Outages and communication gaps: production that stopped, told from readings that stopped."""

from typing import Final

import numpy as np

from khcn.engines.energy.faults.ground import Ground, smooth_runs
from khcn.engines.energy.faults.series import Mask
from khcn.engines.energy.faults.tell import finding
from khcn.engines.energy.types import Finding, FindingKind, Values

_DEAD: Final = 0.004  # of the power: nothing is produced
_SHOULD: Final = 0.06  # of the power: something should be
_LEAST_HOURS: Final = 0.75
_LEAST_GAP_HOURS: Final = 1.0
_MET: Final = 0.5  # of what a silent inverter should give, seen on the meter: it went on


def find_outages(ground: Ground) -> tuple[list[Finding], np.ndarray]:
    """Return outages and communication gaps, and the intervals (inverters x intervals) that they explain."""
    found: list[Finding] = []
    explained = np.zeros(ground.kwh.shape, bool)
    dead = np.vstack([_dead(ground, row) for row in range(len(ground.inverters))])
    silent = ~np.isfinite(ground.kwh)
    every = len(ground.inverters) > 1
    together = dead.all(axis=0) if every else np.zeros(dead.shape[1], bool)
    for first, end in _spells(ground, together, _LEAST_HOURS):
        found.append(_outage(ground, (first, end), list(range(len(ground.inverters)))))
        dead[:, first:end] = False
        explained[:, first:end] = True
    for row in range(len(ground.inverters)):
        for first, end in _spells(ground, dead[row], _LEAST_HOURS):
            found.append(_outage(ground, (first, end), [row]))
            explained[row, first:end] = True
        for first, end in _spells(ground, silent[row], _LEAST_GAP_HOURS):
            found.append(_silence(ground, (first, end), row))
            explained[row, first:end] = True
    return _joined(ground, found), explained


def _dead(ground: Ground, row: int) -> Mask:
    """Return intervals in which the inverter says that it gives nothing although it should give."""
    power = ground.power[row] * ground.hours
    kwh = ground.kwh[row]
    should = ground.expected[row]
    if not ground.by[row]:
        should = np.where(ground.bright, power, 0.0)
    means = (should > _SHOULD * power) & ground.bright
    if ground.site.expected_kwh is None and len(ground.inverters) > 1:
        # all at once: no sibling tells; high sun does
        means |= ground.bright & (np.nan_to_num(ground.kwh).max(axis=0) <= _DEAD * ground.power.max() * ground.hours)
    elif ground.site.expected_kwh is not None:
        model = ground.site.expected_kwh / ground.power.sum() * ground.power[row]
        means |= (model > 1.5 * _SHOULD * power) & ground.bright & _nobody(ground)
    return np.asarray(np.isfinite(kwh) & (kwh <= _DEAD * power) & means, bool)


def _nobody(ground: Ground) -> Mask:
    return np.asarray(np.nan_to_num(ground.kwh).sum(axis=0) <= _DEAD * ground.power.sum() * ground.hours, bool)


def _spells(ground: Ground, bad: Mask, least_hours: float) -> list[tuple[int, int]]:
    """Return spells of bad intervals in daylight; a night between two bad days belongs to the spell."""
    lit = np.flatnonzero(ground.bright)
    if not len(lit):
        return []
    out = []
    for first, end in smooth_runs(bad[lit], gap=1):
        hours = bad[lit[first:end]].sum() * ground.hours
        if hours >= least_hours:
            out.append((int(lit[first]), int(lit[end - 1]) + 1))
    return out


def _expected_in(ground: Ground, row: int, span: tuple[int, int]) -> Values:
    return np.asarray(np.nan_to_num(ground.expected[row, span[0] : span[1]]), np.float64)


def _outage(ground: Ground, span: tuple[int, int], rows: list[int]) -> Finding:
    loss: float | None = 0.0
    for row in rows:
        if not ground.by[row]:
            loss = None
            break
        short = _expected_in(ground, row, span) - np.nan_to_num(ground.kwh[row, span[0] : span[1]])
        loss = (loss or 0.0) + float(np.clip(short, 0, None).sum())
    if len(rows) > 1:
        measured = np.nan_to_num(ground.kwh[rows]).sum(axis=0) / ground.hours
        expected = ground.expected[rows].sum(axis=0) / ground.hours
        return finding(
            ground, FindingKind.OUTAGE, span, rows, code="fault-outage-site", loss=loss, measured=measured, expected=expected
        )
    return finding(ground, FindingKind.OUTAGE, span, rows, loss=loss)


def _silence(ground: Ground, span: tuple[int, int], row: int) -> Finding:
    """Return what a silence was: the meter, or the counter afterwards, tells whether production went on."""
    first, end = span
    should = float(_expected_in(ground, row, span).sum())
    share = _seen_on_meter(ground, span, row, should)
    if share is not None and share < _MET:
        return finding(
            ground, FindingKind.OUTAGE, span, [row], code="fault-outage-silent", loss=should * (1 - max(share, 0.0))
        )
    loss = 0.0 if share is not None else None
    code = "" if share is not None else "fault-communication_gap-unknown"
    return finding(ground, FindingKind.COMMUNICATION_GAP, (first, end), [row], code=code, loss=loss)


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


def _joined(ground: Ground, found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (one.start_ms, one.devices))
