"""The data that passes between the stages: frames in, detections, tracks, crossings and minutes out.

Pixel coordinates are those of the *source* picture (x right, y down, float), whatever size a model works at. ``t`` is
media time in seconds from the first frame of a recording, or seconds from the start of the connection of a stream.
Nothing here holds a picture except :class:`Frame`, which lives in memory only.
"""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (height, width, 3) in BGR order, or (height, width) grey
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size of at least 1 x 1 was expected, got {self.width} x {self.height}")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One sampled picture. ``image`` may be smaller than the source; ``source`` is the source's size."""

    t: float
    image: Image
    source: Size
    index: int = 0  # number of the source frame, from 0

    @property
    def scale(self) -> tuple[float, float]:
        """Return what to multiply image pixels with to get source pixels, (x, y)."""
        height, width = self.image.shape[:2]
        return self.source.width / width, self.source.height / height


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """People found in one frame: ``boxes`` (n, 4) as x1 y1 x2 y2 in source pixels, ``scores`` (n,) from 0 to 1."""

    boxes: Floats
    scores: Floats

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1:] != (4,):
            raise ValueError(f"boxes of shape (n, 4) were expected, got {self.boxes.shape}")
        if self.scores.shape != (len(self.boxes),):
            raise ValueError(f"{len(self.boxes)} scores were expected, got shape {self.scores.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def empty(cls) -> "Detections":
        """Return no detection at all."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    def take(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """Return the rows chosen by a mask or by indices."""
        return Detections(self.boxes[keep], self.scores[keep])


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Confirmed tracks at one moment.

    ``ids`` (n,) int64, never reused within one run; ``boxes`` (n, 4) source pixels; ``scores`` (n,);
    ``observed`` (n,) bool: seen in this very frame (False: carried on by prediction).
    """

    t: float
    ids: NDArray[np.int64]
    boxes: Floats
    scores: Floats
    observed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def feet(self) -> Floats:
        """Return the foot points (n, 2): the middle of each box's lower edge."""
        return np.stack([(self.boxes[:, 0] + self.boxes[:, 2]) / 2, self.boxes[:, 3]], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Hints:
    """What a detector may use besides the picture: where people were expected, and where something moves.

    ``tracked``, ``moving``: (n, 4) boxes in source pixels.
    """

    tracked: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    moving: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))


@runtime_checkable
class Detector(Protocol):
    """Finds people in a frame. One instance belongs to one camera and one thread."""

    @property
    def name(self) -> str:
        """The model's name as people see it."""
        ...

    def working_size(self, source: Size) -> Size:
        """Return the size in which frames are wanted, so that the decoder scales once and for all."""
        ...

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        """Return the people in ``frame``, weak ones too (the tracker has its own thresholds)."""
        ...


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody walked through a gate. ``x``, ``y``: foot point in source pixels; ``direction``: "in" or "out"."""

    gate: str
    t: float
    direction: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """A camera that could not be trusted from ``start`` to ``end`` (``None``: still) seconds.

    ``kind``: covered, blurred, dark, frozen, moved, offline, resized.
    """

    kind: str
    start: float
    end: float | None
    detail: str = ""
