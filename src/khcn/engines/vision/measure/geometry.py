"""Lines, polygons and the floor: plain plane geometry in pixels."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Ground, Point, Polygon

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment: its first point, its direction of length 1, its length."""

    x: float
    y: float
    ux: float
    uy: float
    length: float


class Line:
    """A directed polyline. Its first and last segments go on for ever, so that every point has a side."""

    def __init__(self, points: Polygon) -> None:
        self.points = points
        self._parts: list[_Part] = []
        self.length = 0.0  # as drawn, in pixels
        for (px, py), (qx, qy) in pairwise(points):
            long = math.hypot(qx - px, qy - py)
            self._parts.append(_Part(px, py, (qx - px) / long, (qy - py) / long, long))
            self.length += long

    def offset(self, point: Point) -> float:
        """Return the distance from the prolonged line in pixels, above 0 on the side that s > 0 names."""
        best = (math.inf, 0.0, 0.0)
        last = len(self._parts) - 1
        for index, part in enumerate(self._parts):
            dx, dy = point[0] - part.x, point[1] - part.y
            across = part.ux * dy - part.uy * dx
            free = part.ux * dx + part.uy * dy
            low = -math.inf if index == 0 else 0.0
            high = math.inf if index == last else part.length
            away = math.hypot(across, free - min(max(free, low), high))
            # At a corner both parts are equally near; the one that sees the point more squarely knows its side.
            best = min(best, (round(away, 6), -abs(across), math.copysign(away, across)))
        return best[2]

    def passed(self, before: Point, after: Point, slack: float = 0.0) -> bool:
        """Whether the way from one point to another meets the drawn line, ends widened by ``slack`` pixels."""
        return self.meeting(before, after, slack) is not None

    def meeting(self, before: Point, after: Point, slack: float = 0.0) -> tuple[float, Point] | None:
        """Return the share of the way (0 to 1) and the point at which it meets the drawn line, or ``None``."""
        bx, by = before
        wx, wy = after[0] - bx, after[1] - by
        found: tuple[float, Point] | None = None
        last = len(self._parts) - 1
        for index, part in enumerate(self._parts):
            px, py, ux, uy = part.x, part.y, part.ux, part.uy
            turn = ux * wy - uy * wx
            if turn == 0:
                continue
            share = (ux * (py - by) - uy * (px - bx)) / turn
            if not -1e-9 <= share <= 1 + 1e-9:
                continue
            x, y = bx + share * wx, by + share * wy
            spot = (x - px) * ux + (y - py) * uy
            low = -slack if index == 0 else -1e-6
            high = part.length + (slack if index == last else 1e-6)
            if low <= spot <= high and (found is None or share < found[0]):
                found = (min(max(share, 0.0), 1.0), (x, y))
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
