"""Whether anything moves, on a picture of a few thousand cells: enough to choose between all frames and keyframes.

Runs in the reader process. It never decides what is counted: when in doubt it says that something moves, and then
every frame goes to the detector's own motion gate.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.float32]


def cells(image: NDArray[np.uint8], across: int = 96) -> Cells:
    """Return the means of about ``across`` columns of square blocks of the green channel."""
    height, width = image.shape[:2]
    side = max(1, width // across)
    rows, columns = height // side, width // side
    green = (
        image[: rows * side, : columns * side, 1]
        if image.ndim == 3
        else image[: rows * side, : columns * side]
    )
    blocks = green.reshape(rows, side, columns, side)
    found: Cells = blocks.mean(axis=(1, 3), dtype=np.float32)
    return found


def moved(a: Cells, b: Cells, *, step: float = 5.0) -> bool:
    """Return whether any cell changed beyond the common change of light and the noise."""
    if a.shape != b.shape:
        return True
    change = b - a
    common = float(np.median(change))
    if abs(common) > 8:
        return True
    left = np.abs(change - common)
    noise = float(np.median(left))
    return bool((left > step + 6 * noise).any())


@dataclass(slots=True)
class Stillness:
    """Says when a scene has been still for ``after`` seconds, and when it is so no longer."""

    after: float = 20.0
    reference: Cells | None = None
    recent: list[tuple[float, Cells]] = field(default_factory=list)
    since: float | None = None

    def see(self, t: float, now: Cells) -> bool:
        """Take one sample in; return whether it is still and has been so for long enough."""
        if (
            self.reference is None
            or moved(self.reference, now)
            or any(moved(old, now) for _, old in self.recent)
        ):
            self.reference, self.since, self.recent = now, t, []
        # Slow changes of light: the reference follows, from a second ago at the earliest.
        self.recent = [(at, old) for at, old in self.recent if t - at < 2.0][-3:]
        if not self.recent or t - self.recent[-1][0] > 0.7:
            self.recent.append((t, now))
        if self.reference.shape == now.shape:
            self.reference = self.reference + np.float32(0.02) * (now - self.reference)
        return self.since is not None and t - self.since >= self.after

    def broken(self, now: Cells) -> bool:
        """Return whether a keyframe differs from what stillness looks like."""
        return self.reference is None or moved(self.reference, now)
