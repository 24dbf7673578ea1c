"""How people move, for many people at once: a Kalman filter whose time step is real seconds.

Each coordinate (middle x, middle y, width, height of a box) is a position and a speed; the speed is an
Ornstein-Uhlenbeck process, so that an unseen walker is carried on with a slowly fading speed and an uncertainty that
stays bounded. x and y share one variance, width and height another. Everything is measured in heights of the person's
own box: a person of 55 px and one of 380 px move alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """Pairs are (position, size). ``speed``: usual spread of speed, heights/s; ``fade_s``: how long speed lasts;
    ``noise``: spread of a detector's boxes, heights.
    """

    speed: tuple[float, float] = (0.45, 0.06)
    fade_s: tuple[float, float] = (4.0, 1.0)
    noise: tuple[float, float] = (0.05, 0.12)


class Motion:
    """States of n people. Rows are added and dropped by the tracker, which keeps its own list in the same order.

    ``place`` (n, 4): middle x, middle y, width, height; ``rate`` (n, 4): their speeds per second;
    ``spread`` (n, 2, 3): for position and for size the variance of place, the covariance, the variance of rate.
    """

    def __init__(self, settings: MotionSettings) -> None:
        self._speed = np.asarray(settings.speed)
        self._fade = np.asarray(settings.fade_s)
        self._noise = np.asarray(settings.noise)
        self.place: Array = np.zeros((0, 4))
        self.rate: Array = np.zeros((0, 4))
        self.spread: Array = np.zeros((0, 2, 3))

    def __len__(self) -> int:
        return len(self.place)

    @property
    def heights(self) -> Array:
        """Return the heights (n,), never below one pixel."""
        return np.maximum(self.place[:, 3], 1.0)

    def add(self, boxes: Array) -> None:
        """Append people first seen in ``boxes`` (m, 4), standing still for all that is known."""
        seen = to_middle(boxes)
        scale = np.maximum(seen[:, 3:4], 1.0) ** 2
        spread = np.zeros((len(seen), 2, 3))
        spread[:, :, 0] = self._noise**2 * scale
        spread[:, :, 2] = self._speed**2 * scale
        self.place = np.concatenate([self.place, seen])
        self.rate = np.concatenate([self.rate, np.zeros_like(seen)])
        self.spread = np.concatenate([self.spread, spread])

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop everybody who is not marked."""
        self.place, self.rate, self.spread = self.place[rows], self.rate[rows], self.spread[rows]

    def ahead(self, dt: float) -> tuple[Array, Array, Array]:
        """Return place, rate and spread ``dt`` seconds on, without going there."""
        fade = np.exp(-dt / self._fade)
        reach = self._fade * (1 - fade)
        push = 2 * self._speed**2 / self._fade  # keeps the spread of speed at ``speed`` for ever
        grown = np.stack(
            [
                push * self._fade**2 * (dt - 2 * reach + self._fade / 2 * (1 - fade**2)),
                push * self._fade**2 / 2 * (1 - fade) ** 2,
                push * self._fade / 2 * (1 - fade**2),
            ],
            axis=1,
        )
        both = np.array([0, 0, 1, 1])
        place = self.place + self.rate * reach[both]
        rate = self.rate * fade[both]
        pp, pv, vv = self.spread[:, :, 0], self.spread[:, :, 1], self.spread[:, :, 2]
        spread = np.stack(
            [pp + 2 * reach * pv + reach**2 * vv, fade * (pv + reach * vv), fade**2 * vv], axis=2
        )
        return place, rate, spread + grown[None] * (self.heights**2)[:, None, None]

    def advance(self, dt: float) -> None:
        """Go ``dt`` seconds on."""
        if len(self) and dt > 0:
            self.place, self.rate, self.spread = self.ahead(dt)
            self.place[:, 2:] = np.maximum(self.place[:, 2:], 1.0)

    def correct(self, rows: NDArray[np.intp], boxes: Array, doubt: Array) -> None:
        """Take in what was seen. ``doubt`` (m,): how many times the usual noise, 1 for a sure box."""
        if not len(rows):
            return
        seen = to_middle(boxes)
        spread = self.spread[rows]
        noise = (self._noise[None, :] * self.heights[rows, None] * doubt[:, None]) ** 2
        total = spread[:, :, 0] + noise
        gain_place, gain_rate = spread[:, :, 0] / total, spread[:, :, 1] / total
        both = np.array([0, 0, 1, 1])
        error = seen - self.place[rows]
        self.place[rows] += gain_place[:, both] * error
        self.rate[rows] += gain_rate[:, both] * error
        spread_new = np.stack(
            [
                (1 - gain_place) * spread[:, :, 0],
                (1 - gain_place) * spread[:, :, 1],
                spread[:, :, 2] - gain_rate * spread[:, :, 1],
            ],
            axis=2,
        )
        self.spread[rows] = spread_new
        self.place[rows, 2:] = np.maximum(self.place[rows, 2:], 1.0)

    def surprise(self, boxes: Array, rows: NDArray[np.intp]) -> tuple[Array, Array]:
        """Return squared normalised distances (n, m) of position and of size between ``rows`` and every box."""
        seen = to_middle(boxes)
        height = self.heights[rows, None]
        variance = self.spread[rows, :, 0] + (self._noise[None, :] * height) ** 2
        error = (seen[None] - self.place[rows, None]) ** 2
        return (
            error[:, :, :2].sum(2) / variance[:, 0, None],
            error[:, :, 2:].sum(2) / variance[:, 1, None],
        )


def to_middle(boxes: Array) -> Array:
    """Return middle x, middle y, width, height of boxes (n, 4) given as x1 y1 x2 y2."""
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1)


def to_corners(places: Array) -> Array:
    """Return boxes x1 y1 x2 y2 of (n, 4) middle x, middle y, width, height."""
    half = places[:, 2:] / 2
    return np.concatenate([places[:, :2] - half, places[:, :2] + half], axis=1)
