"""Which squares to look at: few squares that hold every moving or tracked person at a good size."""

from dataclasses import dataclass

import numpy as np

from khcn.engines.vision.types import Floats, Size

ALIKE = 1.6  # people whose heights differ by more do not share a square
NEAR_ALIKE = 1.15  # heights this close need no square size of their own


@dataclass(frozen=True, slots=True)
class Square:
    """A part of the picture in source pixels; ``members``: the seeds in it (indices).

    It reaches beyond the picture when people are so near that the picture is no three heights of them wide or high.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverSettings:
    """``heights``: side of a square in heights of a person; ``margin``: kept around each person, in heights.

    ``native``: side that needs no resizing, source pixels; taken where it is within ``snap`` of the right one.
    """

    heights: float = 3.0
    margin: float = 0.25
    snap: float = 1.25
    native: float = 300.0

    def side(self, height: float) -> float:
        """Return the side for people of ``height``."""
        side = self.heights * height
        return self.native if side / self.snap <= self.native <= side * self.snap else side


def covered(boxes: Floats, heights: Floats, source: Size, settings: CoverSettings) -> list[Square]:
    """Return squares that hold all ``boxes`` (n, 4) of people of ``heights`` (n,): again and again the one with most.

    A box too big for the square of its own height gets a square as big as itself.
    """
    left = np.arange(len(boxes))
    found = []
    while len(left):
        best: tuple[int, float, Square] | None = None
        for height in _scales(heights[left]):
            alike = left[(heights[left] < height * ALIKE) & (heights[left] * ALIKE > height)]
            square = _fullest(boxes, alike, height, source, settings)
            better = best is None or (len(square.members), -(square.x2 - square.x1)) > best[:2]
            if square.members and better:
                best = (len(square.members), -(square.x2 - square.x1), square)
        if best is None:
            found.append(_own(boxes[left[0]], int(left[0]), float(heights[left[0]]), source, settings))
        else:
            found.append(best[2])
        left = left[~np.isin(left, found[-1].members)]
    return found


def _scales(heights: Floats) -> list[float]:
    """Return the different heights among these, close ones once."""
    scales: list[float] = []
    for height in sorted(heights.tolist(), reverse=True):
        if not scales or scales[-1] > height * NEAR_ALIKE:
            scales.append(height)
    return scales


def _fullest(
    boxes: Floats, alike: np.ndarray, height: float, source: Size, settings: CoverSettings
) -> Square:
    """Return the square for ``height`` that holds most of the boxes ``alike``, centred on what it holds."""
    side, margin = settings.side(height), settings.margin * height
    limit = np.array([source.width, source.height], np.float32)
    low = np.maximum(boxes[alike, :2] - margin, 0)
    high = np.minimum(boxes[alike, 2:] + margin, limit)
    holds = []
    for axis in (0, 1):
        first, last = _room(side, float(limit[axis]))
        start = np.clip(low[:, axis], first, last)[:, None]
        holds.append((start <= low[None, :, axis] + 0.5) & (start + side >= high[None, :, axis] - 0.5))
    counts = holds[0].astype(np.float32) @ holds[1].T.astype(np.float32)
    across, down = divmod(int(counts.argmax()), counts.shape[1])
    inside = holds[0][across] & holds[1][down]
    members = tuple(int(each) for each in alike[inside])
    if not members:
        return Square(0, 0, 0, 0)
    middle = (low[inside].min(axis=0) + high[inside].max(axis=0)) / 2
    return square_at(float(middle[0]), float(middle[1]), side, source, members)


def _own(box: Floats, number: int, height: float, source: Size, settings: CoverSettings) -> Square:
    x1, y1, x2, y2 = box.tolist()
    side = max(settings.side(height), (max(x2 - x1, y2 - y1)) + 2 * settings.margin * height)
    return square_at((x1 + x2) / 2, (y1 + y2) / 2, side, source, (number,))


def square_at(x: float, y: float, side: float, source: Size, members: tuple[int, ...] = ()) -> Square:
    """Return a square around a point, moved into the picture where it fits, else around the picture's middle."""
    left = min(max(x - side / 2, _room(side, source.width)[0]), _room(side, source.width)[1])
    top = min(max(y - side / 2, _room(side, source.height)[0]), _room(side, source.height)[1])
    return Square(left, top, left + side, top + side, members)


def _room(side: float, limit: float) -> tuple[float, float]:
    """Return the least and the greatest start of a side along a picture's edge of ``limit``."""
    return (0.0, limit - side) if side <= limit else ((limit - side) / 2,) * 2
