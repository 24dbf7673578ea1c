"""Nightly rebalancing: what went in must have come out when the hall is empty.

Every counter misses some; in minus out drifts over the day. At closing the occupancy is known (0 or a head count), so
the drift is known too, and it is spread over the day where it most likely arose: in proportion to the crossings, and to
the crossings that must have passed while nothing was measured, never below zero people. The corrected curve is the
shortest path (in the time of crossings) from the opening figure to the closing figure that keeps everybody inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.series import Array

COUNT_ERROR: Final = 0.05  # share of counted crossings that may be wrong; a gap's crossings are all uncounted


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """One day put right. Arrays have one item per step (minute); ``occupancy[i]``: people at the end of step i.

    ``occupancy``, ``ins`` and ``outs`` are NaN where nothing was measured. ``drift``: people that in minus out left
    over at closing; ``drift_share``: the drift as share of all crossings / 2 (of the visits), the figure of data
    quality; ``lowest``: how far below zero the raw curve fell.
    """

    occupancy: Array
    raw: Array
    ins: Array
    outs: Array
    drift: float
    drift_share: float | None
    lowest: float


def rebalance_day(
    ins: Sequence[float] | Array,
    outs: Sequence[float] | Array,
    *,
    opening: float = 0.0,
    closing: float = 0.0,
) -> Rebalanced:
    """Return the corrected day. NaN steps were not measured. Raises FlowError ``lengths``."""
    came, left = np.asarray(ins, dtype=np.float64), np.asarray(outs, dtype=np.float64)
    if came.shape != left.shape:
        raise FlowError("lengths", first=came.size, second=left.size)
    gaps = np.isnan(came) | np.isnan(left)
    came0, left0 = np.where(gaps, 0.0, came), np.where(gaps, 0.0, left)
    raw = opening + np.cumsum(came0 - left0)
    drift = float(raw[-1] - closing) if raw.size else 0.0
    crossings = float((came0 + left0).sum())
    path = _correction(raw, _weights(came0 + left0, gaps), drift)
    step = np.diff(np.concatenate(([0.0], path)))
    fixed_in, fixed_out = _split(came0, left0, np.where(gaps, 0.0, step))
    return Rebalanced(
        occupancy=np.where(gaps, np.nan, raw + path),
        raw=np.where(gaps, np.nan, raw),
        ins=np.where(gaps, np.nan, fixed_in),
        outs=np.where(gaps, np.nan, fixed_out),
        drift=drift,
        drift_share=2 * drift / crossings if crossings else None,
        lowest=float(min(raw.min(), 0.0)) if raw.size else 0.0,
    )


def _weights(crossings: Array, gaps: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    """How much each step may be off by: a share of what was counted, all of what passed in a gap (as around it)."""
    weights: Array = COUNT_ERROR * crossings
    known = np.flatnonzero(~gaps)
    if gaps.any() and known.size:
        kernel = np.ones(min(61, 2 * (crossings.size // 2) + 1))
        sums = np.convolve(crossings, kernel, mode="same")[: crossings.size]
        counts = np.convolve((~gaps).astype(float), kernel, mode="same")[: crossings.size]
        local = np.where(counts > 0, sums / np.maximum(counts, 1), crossings[known].mean())
        weights = np.where(gaps, local, weights)
    return weights


def _correction(raw: Array, weights: Array, drift: float) -> Array:
    """The shortest path from 0 to -drift over accumulated weight that stays above -raw (least concave majorant)."""
    if not raw.size:
        return raw
    at = np.cumsum(weights)
    if at[-1] <= 0:
        at = np.arange(1.0, raw.size + 1)
    xs, ys = np.concatenate(([0.0], at)), np.concatenate(([0.0], -raw))
    ys[-1] = -drift
    hull: list[int] = []
    last = xs.size - 1
    for i in range(xs.size):
        if 0 < i < last and ys[i] <= 0 and ys[i] <= -drift:
            continue  # below both ends: can never bind
        while len(hull) >= 2 and _below(xs, ys, (hull[-2], hull[-1], i)):
            hull.pop()
        hull.append(i)
    return np.asarray(np.interp(at, xs[hull], ys[hull]), dtype=np.float64)


def _below(xs: Array, ys: Array, points: tuple[int, int, int]) -> bool:
    """Whether the middle point lies on or below the line of the outer two."""
    a, b, c = points
    return bool((ys[b] - ys[a]) * (xs[c] - xs[a]) <= (ys[c] - ys[a]) * (xs[b] - xs[a]))


def _split(came: Array, left: Array, step: Array) -> tuple[Array, Array]:
    """Shares a correction of in minus out between the two directions, in proportion to what was counted."""
    both = came + left
    part = np.divide(came, both, out=np.full(both.size, 0.5), where=both > 0)
    # a crossing counted too often is taken away, a missed one added, never below zero
    new_in = np.maximum(came + step * part, 0.0)
    new_out = np.maximum(left - (step - (new_in - came)), 0.0)
    new_in = np.maximum(came + step + (new_out - left), 0.0)
    return new_in, new_out
