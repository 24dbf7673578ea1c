"""Where something moves, seen on a small grey picture: tells a detector where to look, or that it may rest.

A running background with a noise floor measured from the picture itself; a change of light (clouds, a lamp, exposure)
moves the whole picture at once and is taken for what it is. One call costs a fraction of a millisecond.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.types import Floats, Frame, Image

Small = NDArray[np.float32]
Mask = NDArray[np.bool_]
NOWHERE: Floats = np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """``width``: of the small picture, pixels; ``cell``: side of the squares motion is counted in, small pixels.

    ``floor``: least change of grey that counts, of 255; ``noise``: how many times the picture's own noise counts;
    ``share``: of a cell that must differ; ``flood``: share of the picture above which a change is one of light.
    ``lively_s``: how long after its last change a spot is still alive; ``settle_s``: in which what rests becomes
    background; ``pull``: grey levels a second by which something alive may pull it.
    """

    width: int = 176
    cell: int = 4
    floor: float = 9.0
    noise: float = 4.5
    share: float = 0.2
    flood: float = 0.6
    lively_s: float = 1.0
    settle_s: float = 2.0
    pull: float = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """``boxes`` (n, 4): what moves, source pixels. ``light``: the picture as a whole changed."""

    boxes: Floats = field(default_factory=lambda: NOWHERE)
    light: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nothing moves."""
        return not self.light and not len(self.boxes)


class MotionGate:
    """Keeps the background of one camera. Starts anew when the size of the picture changes or time runs back."""

    def __init__(self, settings: MotionSettings | None = None) -> None:
        self._settings = settings or MotionSettings()
        self._background: Small | None = None
        self._previous: Small = np.zeros((0, 0), np.float32)
        self._changed: Small = self._previous  # when each pixel last changed from one frame to the next
        self._noise = 2.0
        self._t = 0.0

    def look(self, frame: Frame) -> Motion:
        """Take the next frame and return what moves in it (the first: all may move, there is no background yet)."""
        small, step = self._small(frame.image)
        background = self._background
        if background is None or background.shape != small.shape or frame.t < self._t:
            return self._anew(small, frame.t)
        elapsed, self._t = min(max(frame.t - self._t, 0.0), 1.0), frame.t
        change = small - background
        shift = _middle(change)
        if abs(shift) > 1.0:  # exposure: the same everywhere
            background += shift
            self._previous += shift
            change -= shift
        size = np.abs(change)
        limit = max(self._settings.floor, self._settings.noise * self._noise)
        moved = size > limit
        if np.count_nonzero(moved) > self._settings.flood * moved.size:
            return self._anew(small, frame.t)
        self._changed[np.abs(small - self._previous) > limit] = frame.t
        self._previous = small
        lively = self._changed > frame.t - self._settings.lively_s
        self._learn(background, change, moved, lively, elapsed)
        self._noise += (min(max(_middle(size) * 1.5, 0.5), 12.0) - self._noise) * min(1.0, elapsed)
        return Motion(self._boxes(moved, lively, step, frame))

    def _anew(self, small: Small, t: float) -> Motion:
        self._background, self._previous, self._t = small.copy(), small, t
        self._changed = np.full(small.shape, -1e9, np.float32)
        return Motion(light=True)

    def _learn(self, background: Small, change: Small, moved: Mask, lively: Mask, elapsed: float) -> None:
        """Let the background follow: soon where nothing is, later where something came to rest.

        What passes may pull it by a few grey levels only, so that nobody leaves a trail.
        """
        soon = change * np.float32(1 - np.exp(-elapsed / self._settings.settle_s))
        pull = np.float32(self._settings.pull * elapsed)
        np.clip(soon, -pull, pull, out=soon, where=moved & lively)
        background += soon

    def _small(self, image: Image) -> tuple[Small, int]:
        """Return every n-th pixel of the green channel, which carries most of the light."""
        step = max(1, round(image.shape[1] / self._settings.width))
        green = image[:, :, 1] if image.ndim == 3 else image
        return green[step // 2 :: step, step // 2 :: step].astype(np.float32), step

    def _boxes(self, moved: Mask, lively: Mask, step: int, frame: Frame) -> Floats:
        cell = self._settings.cell
        rows, columns = moved.shape[0] // cell, moved.shape[1] // cell
        if not rows or not columns:
            return NOWHERE
        enough = max(2, self._settings.share * cell * cell)
        active = _per_cell(moved, cell) >= enough
        alive = _per_cell(moved & lively, cell) >= 2
        bounds = _components(active, alive) if alive.any() else []
        if not bounds:
            return NOWHERE
        fx, fy = frame.scale
        side = cell * step
        boxes = np.array(bounds, np.float32) * np.array([side * fx, side * fy] * 2, np.float32)
        limits = np.array([frame.source.width, frame.source.height] * 2, np.float32)
        found: Floats = np.minimum(boxes, limits)
        return found


def _middle(values: Small) -> float:
    """Return the median of every third value both ways."""
    some = values[::3, ::3].ravel()
    return float(np.partition(some, len(some) // 2)[len(some) // 2])


def _per_cell(mask: Mask, cell: int) -> NDArray[np.uint8]:
    """Return how many pixels of each cell are set (the last, narrower cells are left out)."""
    rows, columns = mask.shape[0] // cell * cell, mask.shape[1] // cell * cell
    ones = mask[:rows, :columns].view(np.uint8)
    lines = ones[::cell].copy()
    for row in range(1, cell):
        lines += ones[row::cell]
    counts = lines[:, ::cell].copy()
    for column in range(1, cell):
        counts += lines[:, column::cell]
    return counts


def _components(active: Mask, alive: Mask) -> list[tuple[int, int, int, int]]:
    """Return the bounds (x1, y1, x2, y2) in cells of groups that touch, corners included, and hold a cell alive."""
    columns = active.shape[1] + 2  # an empty column on both sides keeps rows apart
    ys, xs = np.nonzero(active)
    left = set((ys * columns + xs + 1).tolist())
    ys, xs = np.nonzero(active & alive)
    seeds = set((ys * columns + xs + 1).tolist())
    steps = [down * columns + across for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]
    found = []
    for seed in sorted(seeds):
        if seed not in left:
            continue
        left.remove(seed)
        group, edge = [seed], [seed]
        while edge:
            at = edge.pop()
            for step in steps:
                if at + step in left:
                    left.remove(at + step)
                    group.append(at + step)
                    edge.append(at + step)
        across, down = [each % columns - 1 for each in group], [each // columns for each in group]
        found.append((min(across), min(down), max(across) + 1, max(down) + 1))
    return found
