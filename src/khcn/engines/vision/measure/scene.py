"""Everything that is measured in one picture: gates, zones, occupancy, heat. The pipeline talks to this module only.

::

    follower, scene = Follower(tracker_settings), Scene(layout, source)
    for frame in frames:
        found = scene.keep(detector.detect(frame, Hints(follower.expected(frame.t))))
        for tracks in follower.update(found, frame.t):
            crossings += scene.update(tracks)
    for tracks in follower.finish():
        crossings += scene.update(tracks)
    crossings += scene.finish()
    result = scene.result().as_json()
"""

from dataclasses import dataclass, field
from typing import Any

from khcn.engines.vision.layout import Layout
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Crossing, Detections, Size, Tracks


@dataclass(frozen=True, slots=True)
class ZoneResult:
    """One zone over the whole run."""

    id: str
    person_seconds: float
    entries: int
    occupancy_mean: float
    occupancy_peak: int
    dwell_littles_s: float | None


@dataclass(frozen=True, slots=True)
class SceneResult:
    """What was measured. ``measured_s``: seconds that count."""

    measured_s: float
    zones: tuple[ZoneResult, ...] = ()
    occupancy: tuple[tuple[float, int], ...] = ()
    heat: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return ``{"zones": [...], "occupancy": [{"t", "count"}]}`` as in the contract."""
        raise NotImplementedError


class Scene:
    """Gates and zones of one camera. Feed it every sampled moment in order."""

    def __init__(self, layout: Layout, source: Size, settings: MeasureSettings | None = None) -> None:
        """Prepare to measure. Raises LayoutError when the layout does not fit pictures of ``source`` size."""
        self.layout = layout.checked_for(source)
        self.source = source
        self.settings = settings or MeasureSettings()

    def keep(self, detections: Detections) -> Detections:
        """Return the detections whose foot points lie outside every exclusion."""
        raise NotImplementedError

    def update(self, tracks: Tracks, dt: float | None = None) -> list[Crossing]:
        """Measure one moment; return the crossings that became certain now (their ``t`` may lie a little back).

        ``dt``: seconds that this moment stands for; ``None``: the time since the last one, and 0 for the first or
        after a gap longer than ``settings.gap_s``. Pass 0 while the camera's health says "not measured".
        """
        raise NotImplementedError

    def finish(self) -> list[Crossing]:
        """End the run: close open stays, settle pending crossings."""
        raise NotImplementedError

    def result(self) -> SceneResult:
        """Return what has been measured so far."""
        raise NotImplementedError
