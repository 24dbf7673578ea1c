"""A map of when each part of the picture was looked at, and where movement turned out to be nobody."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.types import Detections, Floats, Frame

CELLS: Final = 24  # along the longer side, whatever the picture's size
FIRST_S: Final = 0.15  # pause after the first look in vain
SHOWS: Final = 0.3  # score of a person who justifies a look
LONG_AGO: Final = -1e9


class Places:
    """One map for one camera. A place looked at in vain waits twice as long each time, at most ``longest`` seconds."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._seen = np.full((CELLS, CELLS), LONG_AGO)
        self._pause = np.zeros((CELLS, CELLS))
        self._until = np.full((CELLS, CELLS), LONG_AGO)

    def due(self, boxes: Floats, frame: Frame) -> NDArray[np.bool_]:
        """Tell for each box (n, 4) whether movement there may be looked at now."""
        until = self._until[_cells(boxes, frame)]
        found: NDArray[np.bool_] = (until <= frame.t) | (until > frame.t + self._longest)  # or time ran back
        return found

    def since(self, boxes: Floats, frame: Frame) -> NDArray[np.float64]:
        """Return when the place of each box was looked at last, seconds."""
        found: NDArray[np.float64] = self._seen[_cells(boxes, frame)]
        return found

    def looked(self, boxes: Floats, frame: Frame) -> None:
        """Note that these boxes were looked at now."""
        self._seen[_cells(boxes, frame)] = frame.t

    def learn(self, moving: Floats, found: Detections, frame: Frame) -> None:
        """Compare what moved and was looked at with who was found."""
        people = found.boxes[found.scores >= SHOWS]
        low = np.maximum(moving[:, None, :2], people[None, :, :2])
        high = np.minimum(moving[:, None, 2:], people[None, :, 2:])
        apart = high - low
        shows = ((apart[:, :, 0] > 0) & (apart[:, :, 1] > 0)).sum(axis=1)
        rows, columns = _cells(moving, frame)
        for row, column, people_there in zip(rows.tolist(), columns.tolist(), shows.tolist(), strict=True):
            pause = 0.0 if people_there else min(max(2 * self._pause[row, column], FIRST_S), self._longest)
            self._pause[row, column] = pause
            self._until[row, column] = frame.t + pause - 1e-3


def _cells(boxes: Floats, frame: Frame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of the middle of each box."""
    side = max(frame.source.width, frame.source.height)
    middle = np.clip((boxes[:, :2] + boxes[:, 2:]) / 2 / side * CELLS, 0, CELLS - 1).astype(np.intp)
    return middle[:, 1], middle[:, 0]
