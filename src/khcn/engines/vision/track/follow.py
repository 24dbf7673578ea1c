"""Follow people with a short delay: the tracker, then a fixed lag in which gaps are filled and jitter is smoothed."""

from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.types import Detections, Floats, Tracks


class Follower:
    """Detections in, finished moments out. One per camera; not safe for threads."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self.settings = settings or TrackerSettings()

    def update(self, detections: Detections, t: float) -> list[Tracks]:
        """Take the detections of the sample at ``t`` seconds; return the moments that are settled now (0 or more).

        Every ``t`` given comes out once and in order, ``lag_s`` seconds later.
        """
        raise NotImplementedError

    def finish(self) -> list[Tracks]:
        """Return the moments still held back. Call once, at the end of the source."""
        raise NotImplementedError

    def expected(self, t: float) -> Floats:
        """Return the boxes (n, 4) in which followed people are expected at ``t``: ``Hints.tracked``."""
        raise NotImplementedError
