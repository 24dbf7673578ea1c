"""A pinhole camera of known place, so that every pixel of the floor has exact metres.

World: x right, y into the hall, z up, metres. Pixels: x right, y down, the source picture's.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """Where a camera hangs and how it looks. ``pitch``: below level, ``yaw``: to the right, degrees; ``focal``: pixels."""

    width: int = 640
    height: int = 360
    place: tuple[float, float, float] = (0.6, -4.6, 3.3)
    pitch: float = 13.0
    yaw: float = -2.0
    field_of_view: float = 47.0  # degrees across the picture

    @property
    def focal(self) -> float:
        """Return the focal length in pixels."""
        return self.width / 2 / float(np.tan(np.radians(self.field_of_view / 2)))

    @cached_property
    def axes(self) -> F64:
        """Return right, down and forward as rows of a (3, 3) matrix."""
        pitch, yaw = np.radians(self.pitch), np.radians(self.yaw)
        level = np.array([np.sin(yaw), np.cos(yaw), 0.0])
        forward = level * np.cos(pitch) - np.array([0, 0, np.sin(pitch)])
        right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    def project(self, points: ArrayLike) -> tuple[F64, F64]:
        """Return pixels (n, 2) and distances along the axis (n,) of world points (n, 3)."""
        local = (np.atleast_2d(np.asarray(points, np.float64)) - np.array(self.place)) @ self.axes.T
        away = local[:, 2]
        safe = np.where(np.abs(away) < 1e-6, 1e-6, away)
        centre = np.array([self.width / 2, self.height / 2])
        return centre + self.focal * local[:, :2] / safe[:, None], away

    def rays(self, oversampling: int = 1) -> F64:
        """Return the directions (h, w, 3) through the middle of every (part of a) pixel; forward part 1."""
        w, h = self.width * oversampling, self.height * oversampling
        x = ((np.arange(w) + 0.5) / oversampling - self.width / 2) / self.focal
        y = ((np.arange(h) + 0.5) / oversampling - self.height / 2) / self.focal
        right, down, forward = self.axes
        return np.asarray(x[None, :, None] * right + y[:, None, None] * down + forward)

    def floor(self, pixels: ArrayLike) -> F64:
        """Return the floor metres (n, 2) under pixels (n, 2) that lie below the horizon."""
        flat = np.atleast_2d(np.asarray(pixels, np.float64))
        right, down, forward = self.axes
        x = (flat[:, :1] - self.width / 2) / self.focal
        y = (flat[:, 1:] - self.height / 2) / self.focal
        ray = x * right + y * down + forward
        reach = self.place[2] / -ray[:, 2:]
        return np.asarray(np.array(self.place)[:2] + ray[:, :2] * reach)

    def seen_from(self, x: float, y: float, heading: float) -> tuple[float, float]:
        """Return the azimuth of the view onto a figure at (x, y) that faces ``heading`` (radians from +y to +x), and
        the elevation of the camera above its middle, both in radians."""
        dx, dy = x - self.place[0], y - self.place[1]
        return heading - float(np.arctan2(dx, dy)), float(np.arctan2(self.place[2] - 0.9, np.hypot(dx, dy)))
