"""A detector that rests while nothing moves, so that an empty night costs next to nothing."""

from dataclasses import dataclass

import numpy as np

from khcn.engines.vision.detect.motion import MotionGate
from khcn.engines.vision.types import Detections, Detector, Frame, Hints, Size


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Seconds between two looks at a picture in which nothing moves: with people standing there, and empty."""

    people_s: float = 1.0
    empty_s: float = 4.0


class GatedDetector:
    """Looks for motion first, tells the detector where it is, and lets it rest where there is none.

    While it rests the last people are given out again: nothing moved, so they stand where they stood.
    """

    def __init__(
        self, detector: Detector, *, gate: MotionGate | None = None, settings: RestSettings | None = None
    ) -> None:
        self.detector = detector
        self._gate = gate or MotionGate()
        self._settings = settings or RestSettings()
        self._last = Detections.empty()
        self._looked = -1e9
        self.rested = 0  # frames without a look so far

    @property
    def name(self) -> str:
        """The model's name as it was added."""
        return self.detector.name

    def working_size(self, source: Size) -> Size:
        """Return the size in which frames are wanted."""
        return self.detector.working_size(source)

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        """Return the people in the frame, or those of the last look when nothing moved since."""
        motion = self._gate.look(frame)
        pause = self._settings.people_s if len(self._last) else self._settings.empty_s
        if motion.quiet and not len(hints.moving) and 0 <= frame.t - self._looked < pause:
            self.rested += 1
            return self._last
        moving = np.concatenate([motion.boxes, hints.moving])
        self._last = self.detector.detect(frame, Hints(hints.tracked, moving))
        self._looked = frame.t
        return self._last
