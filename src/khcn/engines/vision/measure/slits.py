"""Slit-scans: the pixels under a gate, one row per moment, stacked over an hour.

Whoever crosses becomes one silhouette; which way it leans tells the direction, so that a person can recount an hour in a
minute. Faces cannot be recognised: a row is at most 160 samples wide, each the mean of a patch whose side is at least
1/90 of the picture's shorter side (a face that fills an eighth of the picture becomes 11 samples), and there are at
most five rows a second (a walking face is on the line for one of them).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Gate, Layout
from khcn.engines.vision.types import Image, Size

MOST_ACROSS = 160
MOST_ROWS_S = 5.0
_PITCH = 90
_BLANK = 128  # no sample: even grey


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One gate's slit-scan. ``pixels`` (rows, across, 3) uint8 BGR; row i shows ``start`` + i / ``rows_s`` seconds."""

    gate: str
    start: float
    rows_s: float
    pixels: NDArray[np.uint8]


class SlitScan:
    """Collects the rows of one gate between two calls of :meth:`take`."""

    def __init__(
        self, gate: Gate, source: Size, *, rows_s: float = MOST_ROWS_S, longest_s: float = 3600.0
    ) -> None:
        """``rows_s``: rows per second, at most 5; ``longest_s``: later rows are dropped until ``take``."""
        self.gate = gate
        self._rows_s = min(rows_s, MOST_ROWS_S)
        self._longest = max(1, math.ceil(self._rows_s * longest_s))
        self._spots, self._reach = _spots(gate, source)
        self._source = source
        self._rows: dict[int, NDArray[np.uint8]] = {}
        self._start: float | None = None

    @property
    def across(self) -> int:
        """Return how many samples a row has."""
        return len(self._spots)

    def add(self, image: Image, t: float) -> None:
        """Take the row of the picture at ``t`` seconds; a second picture of the same row is left out."""
        if self._start is None:
            self._start = t
        row = int((t - self._start) * self._rows_s + 1e-6)
        if 0 <= row < self._longest and row not in self._rows:
            self._rows[row] = _sampled(image, self._spots, self._reach, self._source)

    def take(self) -> Strip | None:
        """Return the strip collected so far and begin anew; ``None`` when there was no picture."""
        if self._start is None or not self._rows:
            return None
        pixels = np.full((max(self._rows) + 1, self.across, 3), _BLANK, np.uint8)
        for row, values in self._rows.items():
            pixels[row] = values
        strip = Strip(self.gate.id, self._start, self._rows_s, pixels)
        self._rows, self._start = {}, None
        return strip


def slits_of(layout: Layout, source: Size, *, rows_s: float = MOST_ROWS_S) -> list[SlitScan]:
    """Return one slit-scan per gate."""
    return [SlitScan(gate, source, rows_s=rows_s) for gate in layout.gates]


def add_to_all(slits: Iterable[SlitScan], image: Image, t: float) -> None:
    """Take one picture into every slit-scan."""
    for slit in slits:
        slit.add(image, t)


def _spots(gate: Gate, source: Size) -> tuple[NDArray[np.float64], float]:
    """Return the middles of the patches along the gate (n, 2), and half a patch's side, in source pixels."""
    corners = np.asarray(gate.points, np.float64)
    steps = np.hypot(*np.diff(corners, axis=0).T)
    base = np.concatenate([[0.0], np.cumsum(steps)])
    pitch = max(base[-1] / MOST_ACROSS, min(source.width, source.height) / _PITCH, 1.0)
    count = max(1, min(MOST_ACROSS, math.floor(base[-1] / pitch)))
    middles = (np.arange(count) + 0.5) * base[-1] / count
    return np.stack([np.interp(middles, base, corners[:, axis]) for axis in (0, 1)], axis=1), pitch / 2


def _sampled(image: Image, spots: NDArray[np.float64], reach: float, source: Size) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    scale = np.array([width / source.width, height / source.height])
    total = np.zeros((len(spots), 3))
    shifts = np.linspace(-reach, reach, 3)
    for dx in shifts:
        for dy in shifts:
            at = ((spots + np.array([dx, dy])) * scale).astype(np.intp)
            x, y = np.clip(at[:, 0], 0, width - 1), np.clip(at[:, 1], 0, height - 1)
            values = image[y, x]
            total += values[:, None] if values.ndim == 1 else values
    return (total / len(shifts) ** 2 + 0.5).astype(np.uint8)
