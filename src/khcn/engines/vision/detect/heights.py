"""How tall people are in a picture, by the row their feet stand in: learned from what is found, never configured."""

from collections import deque
from typing import Final

import numpy as np

from khcn.engines.vision.types import Detections, Size

FEW: Final = 12  # samples before anything is said
REMEMBERED: Final = 400
SURE: Final = 0.6  # score of a sample
ANEW: Final = 20  # samples between two fits


class Heights:
    """A line through the heights of people over their foot rows, robust to boxes of parts and of groups."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)
        self._fresh = 0
        self._line: tuple[float, float] | None = None
        self._range = (0.0, 0.0)

    @property
    def known(self) -> bool:
        """Whether enough people were seen."""
        return self._line is not None

    def learn(self, found: Detections, source: Size) -> None:
        """Take the sure boxes of a frame that no edge of the picture cuts."""
        boxes = found.boxes[found.scores >= SURE]
        edge = 3.0
        for left, top, right, bottom in boxes.tolist():
            whole = (
                left > edge and top > edge and right < source.width - edge and bottom < source.height - edge
            )
            if whole and 1.2 < (bottom - top) / max(right - left, 1.0) < 5:
                self._samples.append((bottom, bottom - top))
                self._fresh += 1
        if self._fresh >= ANEW or (self._line is None and len(self._samples) >= FEW):
            self._fit()

    def at(self, foot: float) -> float | None:
        """Return the usual height in pixels of somebody whose feet are in row ``foot``; None while unknown."""
        if self._line is None:
            return None
        level, slope = self._line
        low, high = self._range
        return min(max(level + slope * foot, low), high)

    def _fit(self) -> None:
        """Fit medians of thirds of the samples, ordered by row: the line of Tukey, which outliers hardly move."""
        self._fresh = 0
        rows, heights = np.array(sorted(self._samples)).T
        third = len(rows) // 3
        first, last = slice(0, third), slice(len(rows) - third, None)
        run = float(np.median(rows[last]) - np.median(rows[first]))
        middle = float(np.median(heights))
        rise = float(np.median(heights[last]) - np.median(heights[first]))
        slope = min(max(rise / run, 0.0), 1.0) if run > middle / 4 else 0.0
        level = float(np.median(heights - slope * rows))
        self._line = (level, slope)
        self._range = (float(np.quantile(heights, 0.05)) * 0.8, float(np.quantile(heights, 0.95)) * 1.25)
