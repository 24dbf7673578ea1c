"""One camera's chain: health, motion gate, detector, tracker, scene. Recordings and live cameras both run through it.

The chain knows nothing of files, clocks or networks. Pictures come in by :meth:`Chain.see`; numbers that were kept from
an earlier run come in by :meth:`Chain.replay` and lead to exactly the same state, but for the background of the motion
gate, which :meth:`Chain.warm` brings back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from khcn.engines.vision.detect.motion import MotionGate
from khcn.engines.vision.health import HealthMonitor, Signs
from khcn.engines.vision.layout import Layout
from khcn.engines.vision.measure.scene import Scene
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.track.follow import Follower
from khcn.engines.vision.track.settings import TrackerSettings
from khcn.engines.vision.types import Crossing, Detections, Detector, Frame, Hints, Size, Tracks

BLIND: Final = frozenset({"covered", "blurred", "dark", "frozen", "moved", "offline", "resized"})
AGAIN_S: Final = 1.0  # a picture in which nothing moves is looked at this often while somebody is in it
EMPTY_AGAIN_S: Final = 15.0  # and this often while it is empty
LINGER_S: Final = 1.0  # the detector runs on for this long after the last movement
LONGEST_QUIET_S: Final = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one sampled frame gave, in numbers: enough to repeat the run."""

    t: float
    index: int
    quiet: bool
    detections: Detections
    signs: Signs | None
    ran: bool

    def as_json(self) -> dict[str, Any]:
        """Return a line of a state file. Floats survive the way to text and back unchanged."""
        found = self.detections
        rows = np.column_stack([found.boxes, found.scores]).tolist() if len(found) else []
        return {
            "t": self.t, "i": self.index, "q": int(self.quiet), "r": int(self.ran), "d": rows,
            "s": None if self.signs is None else self.signs.as_list(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> "Look":
        """Read a line of a state file. Raises KeyError, TypeError or ValueError for another form."""
        rows = np.asarray(line["d"], np.float32).reshape(-1, 5)
        signs = None if line["s"] is None else Signs(*line["s"])
        found = Detections(np.ascontiguousarray(rows[:, :4]), np.ascontiguousarray(rows[:, 4]))
        return cls(float(line["t"]), int(line["i"]), bool(line["q"]), found, signs, bool(line["r"]))


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One finished moment: who was there, who crossed, how many seconds it stands for, what was wrong."""

    tracks: Tracks
    crossings: list[Crossing]
    index: int
    seconds: float
    health: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """``gate``: rest while nothing moves. ``health``: watch over the camera. ``fps``: samples a second."""

    fps: float = 5.0
    gate: bool = True
    health: bool = True
    tracker: TrackerSettings | None = None
    measure: MeasureSettings | None = None

    @property
    def gap_s(self) -> float:
        """Return how far apart two samples may be without unmeasured time between them."""
        base = (self.measure or MeasureSettings()).gap_s
        return max(base, 3.0 / self.fps)


@dataclass(slots=True)
class _Moment:
    index: int
    seconds: float
    health: tuple[str, ...]


class Chain:
    """Samples in, finished moments out (some seconds late: the tracker looks back). One per camera and thread."""

    def __init__(
        self,
        detector: Detector,
        layout: Layout,
        source: Size,
        settings: ChainSettings | None = None,
        *,
        monitor: HealthMonitor | None = None,
        on_step: Callable[["Step"], None] | None = None,
    ) -> None:
        """``on_step``: called with every finished moment while ``scene.moment`` is that very moment."""
        self.settings = settings or ChainSettings()
        self.detector, self.source = detector, source
        measure = replace(self.settings.measure or MeasureSettings(), gap_s=self.settings.gap_s)
        self.scene = Scene(layout, source, measure)
        self.follower = Follower(self.settings.tracker or tracker_for(detector), source)
        self.monitor = monitor or HealthMonitor()
        self.gate = MotionGate()
        self._on_step = on_step
        self.runs = 0  # of the detector
        self._moments: dict[float, _Moment] = {}
        self._last: Look | None = None
        self._moved = self._ran = float("-inf")

    # -- one frame ---------------------------------------------------------------------------------------------

    def see(self, frame: Frame, *, quiet: bool = False) -> tuple[Look, list[Step]]:
        """Look at one frame. ``quiet``: a keyframe of a still scene; the time since the last one counts as seen."""
        if frame.source != self.source:  # another stream of the same camera: the same field of view
            frame = Frame(frame.t, frame.image, self.source, frame.index)
        signs = self.monitor.signs(frame.t, frame.image) if self.settings.health else None
        expected = self.follower.expected(frame.t)
        found, ran = self._detect(frame, expected)
        look = Look(frame.t, frame.index, quiet, self.scene.keep(found), signs, ran)
        return look, self.replay(look)

    def _detect(self, frame: Frame, expected: Any) -> tuple[Detections, bool]:
        if not self.settings.gate:
            return self.detector.detect(frame, Hints(tracked=expected)), True
        motion = self.gate.look(frame)
        if not motion.quiet:
            self._moved = frame.t
        still_s = AGAIN_S if len(expected) else EMPTY_AGAIN_S
        moving = frame.t - self._moved <= LINGER_S
        if not moving and frame.t - self._ran < still_s:
            before = self._last
            return (before.detections if before is not None else Detections.empty()), False
        return self.detector.detect(frame, Hints(expected, motion.boxes)), True

    def warm(self, frame: Frame) -> None:
        """See a frame from before the place where the run goes on: for the backgrounds only."""
        if self.settings.gate and not self.gate.look(frame).quiet:
            self._moved = frame.t
        if self.settings.health:
            self.monitor.signs(frame.t, frame.image)

    def replay(self, look: Look) -> list[Step]:
        """Go on from the numbers of one frame."""
        before, self._last = self._last, look
        if look.ran:
            self.runs += 1
            self._ran = look.t
        if look.signs is not None:
            self.monitor.judge(look.t, look.signs)
        wrong = self.monitor.active
        self._moments[look.t] = _Moment(look.index, self._seconds(before, look, wrong), wrong)
        blind = bool(BLIND & set(wrong))
        found = Detections.empty() if blind else look.detections
        return [self._step(tracks) for tracks in self.follower.update(found, look.t)]

    def _seconds(self, before: Look | None, look: Look, wrong: tuple[str, ...]) -> float:
        if before is None or BLIND & set(wrong):
            return 0.0
        gap = look.t - before.t
        return gap if gap <= (LONGEST_QUIET_S if look.quiet else self.settings.gap_s) else 0.0

    def _step(self, tracks: Tracks) -> Step:
        moment = self._moments.pop(tracks.t)
        crossings = self.scene.update(tracks, moment.seconds)
        step = Step(tracks, crossings, moment.index, moment.seconds, moment.health)
        if self._on_step is not None:
            self._on_step(step)
        return step

    # -- breaks ------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether somebody is followed now."""
        last = self._last
        return last is not None and len(self.follower.expected(last.t)) > 0

    def finish(self) -> tuple[list[Step], list[Crossing]]:
        """End: return the moments still held back, and crossings that become certain only now."""
        steps = [self._step(tracks) for tracks in self.follower.finish()]
        return steps, self.scene.finish()


def tracker_for(detector: Detector) -> TrackerSettings:
    """Return the tracker's settings with the thresholds that belong to this detector's model."""
    card = getattr(detector, "card", None)
    if card is None:
        return TrackerSettings()
    high, low = float(card.thresholds.high), float(card.thresholds.low)
    return replace(TrackerSettings(), high=high, low=low)
