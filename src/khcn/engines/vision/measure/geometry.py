"""Lines, polygons and the floor: plain plane geometry in pixels."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Ground, Point, Polygon

Array = NDArray[np.float64]


class Line:
    """A directed polyline. Its first and last segments go on for ever, so that every point has a side."""

    def __init__(self, points: Polygon) -> None:
        self.points = points
        corners = np.asarray(points, np.float64)
        steps = np.diff(corners, axis=0)
        self._start = corners[:-1]
        self._step = steps
        self._length = np.hypot(steps[:, 0], steps[:, 1])
        self._unit = steps / self._length[:, None]
        self._low = np.zeros(len(steps))
        self._low[0] = -np.inf
        self._high = self._length.copy()
        self._high[-1] = np.inf
        self._base = np.concatenate([[0.0], np.cumsum(self._length)])

    @property
    def length(self) -> float:
        """Return the drawn length in pixels."""
        return float(self._base[-1])

    def offset(self, point: Point) -> float:
        """Return the distance from the prolonged line in pixels, above 0 on the side that s > 0 names."""
        return self._nearest(point)[0]

    def along(self, point: Point) -> float:
        """Return where on the line the point lies nearest: 0 at its start, ``length`` at its end, may lie outside."""
        return self._nearest(point)[1]

    def _nearest(self, point: Point) -> tuple[float, float]:
        gap = np.asarray(point, np.float64) - self._start
        across = self._unit[:, 0] * gap[:, 1] - self._unit[:, 1] * gap[:, 0]
        free = self._unit[:, 0] * gap[:, 0] + self._unit[:, 1] * gap[:, 1]
        held = np.clip(free, self._low, self._high)
        away = np.hypot(across, free - held)
        # At a corner both segments are equally near; the one that sees the point more squarely knows its side.
        best = np.lexsort((-np.abs(across), np.round(away, 9)))[0]
        return float(np.copysign(away[best], across[best])), float(self._base[best] + held[best])

    def passed(self, before: Point, after: Point, slack: float = 0.0) -> bool:
        """Whether the way from one point to another meets the drawn line, ends widened by ``slack`` pixels."""
        return self.meeting(before, after, slack) is not None

    def meeting(self, before: Point, after: Point, slack: float = 0.0) -> tuple[float, Point] | None:
        """Return the share of the way (0 to 1) and the point at which it meets the drawn line, or ``None``."""
        bx, by = before
        wx, wy = after[0] - bx, after[1] - by
        found: tuple[float, Point] | None = None
        last = len(self._length) - 1
        for index, ((px, py), (ux, uy)) in enumerate(zip(self._start, self._unit, strict=True)):
            turn = ux * wy - uy * wx
            if turn == 0:
                continue
            share = (ux * (py - by) - uy * (px - bx)) / turn
            if not -1e-9 <= share <= 1 + 1e-9:
                continue
            x, y = bx + share * wx, by + share * wy
            spot = (x - px) * ux + (y - py) * uy
            low = -slack if index == 0 else -1e-6
            high = self._length[index] + (slack if index == last else 1e-6)
            if low <= spot <= high and (found is None or share < found[0]):
                found = (float(min(max(share, 0.0), 1.0)), (float(x), float(y)))
        return found


def inside(points: Array, polygon: Polygon) -> NDArray[np.bool_]:
    """Return which of the points (n, 2) lie in the polygon (even-odd rule; the edge's side is not defined)."""
    x, y = np.asarray(points, np.float64).reshape(-1, 2).T
    held = np.zeros(len(x), bool)
    for (ax, ay), (bx, by) in pairwise((*polygon, polygon[0])):
        if ay == by:
            continue
        spans = (ay > y) != (by > y)
        held ^= spans & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return held


class Floor:
    """The way from the picture to the floor: a homography from four points (direct linear transform)."""

    def __init__(self, ground: Ground) -> None:
        rows = []
        for (x, y), (u, v) in zip(ground.pixels, ground.metres, strict=True):
            rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
            rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, -v])
        system = np.asarray(rows, np.float64)
        scale = np.abs(system).max(axis=0)
        scale[scale == 0] = 1.0
        _, _, right = np.linalg.svd(system / scale)
        self.matrix: Array = (right[-1] / scale).reshape(3, 3)
        middle = np.asarray(ground.pixels, np.float64).mean(axis=0)
        self._sign = np.sign(self.matrix[2] @ [middle[0], middle[1], 1.0]) or 1.0

    def place(self, points: Array) -> Array:
        """Return floor coordinates in metres (n, 2) of picture points (n, 2); NaN at and beyond the horizon."""
        flat = np.asarray(points, np.float64).reshape(-1, 2)
        found = np.column_stack([flat, np.ones(len(flat))]) @ self.matrix.T
        depth = found[:, 2] * self._sign
        ahead = depth > 1e-12 * np.abs(self.matrix[2]).max()
        result = np.full((len(flat), 2), np.nan)
        result[ahead] = found[ahead, :2] / found[ahead, 2:]
        return result
