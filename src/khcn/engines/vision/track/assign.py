"""One-to-one assignment and overlaps of boxes: the two sums that following and scoring people both rest on."""

import lap
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def pair_best(gain: Array, floor: float = 0.0) -> tuple[Indices, Indices]:
    """Return rows and columns of the one-to-one choice with the greatest total gain.

    ``gain``: (n, m), at least 0 where a pair is allowed; pairs with a gain at or below ``floor`` are never chosen, and
    leaving somebody unpaired costs nothing. Rows come back in rising order.
    """
    if gain.size == 0:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    allowed = gain > floor
    if not allowed.any():
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    cost = np.where(allowed, -gain, 0.0)
    _, columns, _ = lap.lapjv(np.ascontiguousarray(cost), extend_cost=True)
    columns = np.asarray(columns, np.intp)
    rows = np.flatnonzero(columns >= 0)
    columns = columns[rows]
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]


def overlaps(a: Array, b: Array) -> Array:
    """Return intersection over union (n, m) of boxes (n, 4) and (m, 4) given as x1 y1 x2 y2."""
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0.0, None), axis=2)
    both = _area(a)[:, None] + _area(b)[None, :] - common
    return np.asarray(np.divide(common, both, out=np.zeros_like(common), where=both > 0), np.float64)


def covered(a: Array, b: Array) -> Array:
    """Return the share (n, m) of each box of ``a`` that lies inside each box of ``b``."""
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0.0, None), axis=2)
    own = np.broadcast_to(_area(a)[:, None], common.shape)
    return np.asarray(np.divide(common, own, out=np.zeros_like(common), where=own > 0), np.float64)


def _area(boxes: Array) -> Array:
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float64)
