"""A steadier box from the boxes around it: the detector's jitter goes, the walk stays."""

import bisect

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.track.link import Seen
from khcn.engines.vision.track.settings import TrackerSettings

Array = NDArray[np.float64]


def box_at(seen: list[Seen], t: float, settings: TrackerSettings) -> tuple[Array, float, bool]:
    """Return box, score and whether it was really seen at ``t``, which lies within the time of ``seen``.

    A seen box is the value at ``t`` of a straight line fitted to its neighbours (weights fall off over ``smooth_s``);
    between two boxes further apart it is interpolated.
    """
    at = bisect.bisect_left(seen, t, key=_time)
    if seen[at].t != t:
        a, b = seen[at - 1], seen[at]
        share = (t - a.t) / (b.t - a.t)
        start, end = _fit(seen, at - 1, settings), _fit(seen, at, settings)
        return start + share * (end - start), min(a.score, b.score), False
    return _fit(seen, at, settings), seen[at].score, True


def _time(one: Seen) -> float:
    return one.t


def _fit(seen: list[Seen], at: int, settings: TrackerSettings) -> Array:
    width, t = settings.smooth_s, seen[at].t
    if width <= 0:
        return seen[at].box
    low = bisect.bisect_left(seen, t - 3 * width, key=_time)
    high = bisect.bisect_right(seen, t + 3 * width, key=_time)
    near = seen[low:high]
    if len(near) < 3:
        return seen[at].box
    gaps = np.array([one.t for one in near]) - t
    weights = np.exp(-0.5 * (gaps / width) ** 2) * [1.0 if one.sure else 0.5 for one in near]
    boxes = np.array([one.box for one in near])
    s0, s1, s2 = weights.sum(), weights @ gaps, weights @ gaps**2
    level, slope = weights @ boxes, (weights * gaps) @ boxes
    det = s0 * s2 - s1 * s1
    if det < 1e-9:
        return np.asarray(level / s0, np.float64)
    return np.asarray((s2 * level - s1 * slope) / det, np.float64)
