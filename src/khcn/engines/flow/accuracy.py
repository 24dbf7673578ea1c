"""The measured error of a gate, from hours that a person has counted (slit-scan review or clicker).

Three figures, each with its 95 % interval: *net error* (system against truth over all reviewed hours: what a monthly
sum is off by), *hourly error* (mean of what single hours are off by: errors that cancel out in a sum do not here),
and, where reviewers marked what was missed and what was no visitor, *found* and *right* (recall and precision).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np

Z95: Final = 1.959964
ENOUGH_TRUTH: Final = 100  # crossings counted by a person below which the error is "rough"
BOOTSTRAP_HOURS: Final = 8  # hours from which on hours are resampled; below, events are the unit
REPEATS: Final = 2000


class AccuracyState(StrEnum):
    """How far a gate's error is known."""

    NONE = "none"
    ROUGH = "rough"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Review:
    """One span of one gate and direction counted by a person.

    ``missed`` and ``false``: crossings the reviewer marked as not counted, and counts that were none; None: not marked.
    """

    start: datetime
    system: int
    truth: int
    missed: int | None = None
    false: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, each as fraction (0.03 = 3 %)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Measured error. ``net``, ``hourly``, ``found``, ``right`` are None when nothing is known about them.

    ``method``: "marks", "hours" (resampled) or "counts" (Poisson), the way the interval of ``net`` came about.
    """

    state: AccuracyState
    reviews: int
    truth: int
    system: int
    net: Share | None = None
    hourly: Share | None = None
    found: Share | None = None
    right: Share | None = None
    method: str = ""
    last: datetime | None = None


def gate_accuracy(reviews: Iterable[Review]) -> Accuracy:
    """Return the error of one gate over all its reviews (both directions may be mixed)."""
    rows = sorted(reviews, key=lambda review: review.start)
    truth, system = sum(row.truth for row in rows), sum(row.system for row in rows)
    last = rows[-1].start if rows else None
    if not rows or not truth:
        return Accuracy(AccuracyState.NONE, len(rows), truth, system, last=last)
    net, method = _net(rows, truth, system)
    found, right = _marks(rows)
    state = AccuracyState.MEASURED if truth >= ENOUGH_TRUTH else AccuracyState.ROUGH
    return Accuracy(state, len(rows), truth, system, net, _hourly(rows, truth), found, right, method, last)


def clicker_accuracy(*, start: datetime, system: Sequence[int], clicked: Sequence[int]) -> Accuracy:
    """The same for a live counter beside a manual clicker: counts per interval (minute) of one sitting."""
    return gate_accuracy(Review(start, seen, counted) for seen, counted in zip(system, clicked, strict=True))


def wilson(hits: int, of: int, z: float = Z95) -> Share:
    """Share ``hits / of`` with the Wilson interval; ``of`` 0 gives the whole of 0..1."""
    if of <= 0:
        return Share(0.0, 0.0, 1.0)
    p, z2 = hits / of, z * z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def _net(rows: list[Review], truth: int, system: int) -> tuple[Share, str]:
    """Net error. The widest of the ways that apply is kept: an interval must not shine by luck."""
    value = (system - truth) / truth
    wrong, method = 0, "marks"
    for row in rows:
        if row.missed is None or row.false is None:
            method = "counts"
            wrong += abs(row.system - row.truth)
        else:
            wrong += row.missed + row.false
    # difference of two Poisson counts; one more event stands for the ones not seen yet
    half = Z95 * math.sqrt(wrong + 1) / truth
    low, high = value - half, value + half
    if len(rows) >= BOOTSTRAP_HOURS:
        drawn_low, drawn_high = _resampled(rows)
        if drawn_high - drawn_low > high - low:
            low, high, method = min(drawn_low, value), max(drawn_high, value), "hours"
    return Share(value, max(low, -1.0), high), method


def _resampled(rows: list[Review]) -> tuple[float, float]:
    """95 % interval of the net error from hours drawn with replacement; the same rows give the same interval."""
    dice = np.random.default_rng(len(rows))
    picks = dice.integers(0, len(rows), size=(REPEATS, len(rows)))
    truth = np.array([row.truth for row in rows])[picks].sum(axis=1)
    system = np.array([row.system for row in rows])[picks].sum(axis=1)
    kept = truth > 0
    low, high = np.quantile((system[kept] - truth[kept]) / truth[kept], [0.025, 0.975])
    return float(low), float(high)


def _hourly(rows: list[Review], truth: int) -> Share:
    """Weighted absolute error of single spans, with the interval of resampled spans (or of Poisson counts)."""
    off = np.array([abs(row.system - row.truth) for row in rows], dtype=np.float64)
    counts = np.array([row.truth for row in rows], dtype=np.float64)
    value = float(off.sum()) / truth
    half = Z95 * math.sqrt(float(off.sum()) + 1) / truth
    low, high = max(0.0, value - half), value + half
    if len(rows) >= BOOTSTRAP_HOURS:
        dice = np.random.default_rng(len(rows))
        picks = dice.integers(0, len(rows), size=(REPEATS, len(rows)))
        sums = counts[picks].sum(axis=1)
        drawn = off[picks].sum(axis=1)[sums > 0] / sums[sums > 0]
        low = min(value, max(low, float(np.quantile(drawn, 0.025))))
        high = max(value, float(np.quantile(drawn, 0.975)))
    return Share(value, low, high)


def _marks(rows: list[Review]) -> tuple[Share | None, Share | None]:
    marked = [
        (row, row.missed, row.false) for row in rows if row.missed is not None and row.false is not None
    ]
    truth = sum(row.truth for row, _, _ in marked)
    system = sum(row.system for row, _, _ in marked)
    missed, false = sum(m for _, m, _ in marked), sum(f for _, _, f in marked)
    found = wilson(max(truth - missed, 0), truth) if truth else None
    right = wilson(max(system - false, 0), system) if system else None
    return found, right
