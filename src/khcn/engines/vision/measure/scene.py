"""Everything that is measured in one picture: gates, zones, occupancy, heat. The pipeline talks to this module only.

::

    follower, scene = Follower(tracker_settings, source), Scene(layout, source)
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

import numpy as np

from khcn.engines.vision.layout import Layout, ZoneKind
from khcn.engines.vision.measure.gates import GateCounter
from khcn.engines.vision.measure.geometry import inside
from khcn.engines.vision.measure.heat import Heat
from khcn.engines.vision.measure.people import People
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.measure.staff import Staff
from khcn.engines.vision.measure.zones import ZoneCounter, ZoneMoment
from khcn.engines.vision.types import Crossing, Detections, Floats, Size, Tracks


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate over the whole run. ``groups_in``, ``groups_out``: parties of people who came together."""

    id: str
    count_in: int
    count_out: int
    groups_in: int
    groups_out: int

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "id": self.id,
            "in": self.count_in,
            "out": self.count_out,
            "groups_in": self.groups_in,
            "groups_out": self.groups_out,
        }


@dataclass(frozen=True, slots=True)
class QueueResult:
    """A queue zone: those who stayed for longer than it takes to walk through. ``wait_s``: mean of finished waits."""

    length_mean: float
    length_peak: int
    served: int
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class ZoneResult:
    """One zone over the whole run. ``staff_seconds``: presence that is not a visitor's, not part of the rest."""

    id: str
    person_seconds: float
    entries: int
    occupancy_mean: float
    occupancy_peak: int
    dwell_littles_s: float | None
    staff_seconds: float = 0.0
    stays: tuple[int, ...] = ()
    queue: QueueResult | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        found: dict[str, Any] = {
            "id": self.id,
            "person_seconds": round(self.person_seconds, 2),
            "entries": self.entries,
            "occupancy_mean": round(self.occupancy_mean, 4),
            "occupancy_peak": self.occupancy_peak,
            "dwell_littles_s": None if self.dwell_littles_s is None else round(self.dwell_littles_s, 2),
            "staff_seconds": round(self.staff_seconds, 2),
            "stays": list(self.stays),
        }
        if self.queue:
            found["queue"] = {
                "length_mean": round(self.queue.length_mean, 4),
                "length_peak": self.queue.length_peak,
                "served": self.queue.served,
                "wait_s": None if self.queue.wait_s is None else round(self.queue.wait_s, 2),
            }
        return found


@dataclass(frozen=True, slots=True)
class SceneResult:
    """What was measured. ``measured_s``: seconds that count; ``occupancy``: (t, people in the picture)."""

    measured_s: float
    gates: tuple[GateResult, ...] = ()
    zones: tuple[ZoneResult, ...] = ()
    occupancy: tuple[tuple[float, int], ...] = ()
    heat: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return ``{"zones": [...], "occupancy": [{"t", "count"}]}`` as in the contract, and what goes beyond it."""
        return {
            "seconds_measured": round(self.measured_s, 3),
            "gates": [gate.as_json() for gate in self.gates],
            "zones": [zone.as_json() for zone in self.zones],
            "occupancy": [{"t": round(t, 3), "count": count} for t, count in self.occupancy],
            "heat": {cell: round(seconds, 2) for cell, seconds in self.heat.items()},
        }


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What the last moment added; :class:`~khcn.engines.vision.measure.minutes.MinuteBuilder` sums it up.

    ``present``: visitors in the picture; ``feet`` (n, 2): where they stand.
    """

    t: float
    dt: float
    present: int
    feet: Floats
    zones: dict[str, ZoneMoment]


class Scene:
    """Gates and zones of one camera. Feed it every sampled moment in order."""

    def __init__(self, layout: Layout, source: Size, settings: MeasureSettings | None = None) -> None:
        """Prepare to measure. Raises LayoutError when the layout does not fit pictures of ``source`` size."""
        self.layout = layout.checked_for(source)
        self.source = source
        self.settings = settings or MeasureSettings()
        self.moment: Moment | None = None
        self.measured_s = 0.0
        self._people = People(self.settings, source)
        self._gates = [GateCounter(gate, self.settings) for gate in self.layout.gates]
        self._zones = [ZoneCounter(zone, self.settings) for zone in self.layout.zones]
        self._staff = Staff(self.layout, source, self.settings)
        self._heat = Heat(source)
        self._occupancy: list[tuple[float, int]] = []

    def keep(self, detections: Detections) -> Detections:
        """Return the detections whose foot points lie outside every exclusion."""
        if not self.layout.exclusions or not len(detections):
            return detections
        boxes = detections.boxes
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1).astype(np.float64)
        out = np.zeros(len(boxes), np.bool_)
        for polygon in self.layout.exclusions:
            out |= inside(feet, polygon)
        return detections.take(~out)

    def update(self, tracks: Tracks, dt: float | None = None) -> list[Crossing]:
        """Measure one moment; return the crossings that became certain now (their ``t`` may lie a little back).

        ``dt``: seconds that this moment stands for; ``None``: the time since the last one, and 0 for the first or
        after a gap longer than ``settings.gap_s``. Pass 0 while the camera's health says "not measured".
        """
        step = self._step(tracks.t) if dt is None else dt
        people = self._people.update(tracks)
        works = self._staff.mark(tracks.t, step, people)
        departed = self._people.departed
        crossings = [found for gate in self._gates for found in gate.update(tracks.t, people, departed)]
        zones = {zone.zone.id: zone.update(tracks.t, step, people, works) for zone in self._zones}
        feet = tracks.feet[~works]
        self._heat.add(feet.astype(np.float64), step)
        self.measured_s += step
        self.moment = Moment(tracks.t, step, len(feet), feet, zones)
        every = self.settings.occupancy_every_s
        if not self._occupancy or tracks.t - self._occupancy[-1][0] >= every - 1e-6:
            self._occupancy.append((tracks.t, len(feet)))
        return sorted(crossings, key=lambda crossing: crossing.t)

    def _step(self, t: float) -> float:
        if self.moment is None:
            return 0.0
        step = t - self.moment.t
        return step if 0 < step <= self.settings.gap_s else 0.0

    def finish(self) -> list[Crossing]:
        """End the run: close open stays. A side not yet believed when the run ends stays unbelieved."""
        for zone in self._zones:
            zone.finish()
        return []

    def result(self) -> SceneResult:
        """Return what has been measured so far."""
        return SceneResult(
            self.measured_s,
            tuple(
                GateResult(g.gate.id, g.counts["in"], g.counts["out"], g.groups["in"], g.groups["out"])
                for g in self._gates
            ),
            tuple(self._zone_result(zone) for zone in self._zones),
            tuple(self._occupancy),
            self._heat.cells(),
        )

    def _zone_result(self, zone: ZoneCounter) -> ZoneResult:
        seconds = self.measured_s
        waits = zone.queue_stays
        queue = QueueResult(
            zone.queue_s / seconds if seconds else 0.0,
            zone.queue_peak,
            len(waits),
            sum(waits) / len(waits) if waits else None,
        )
        return ZoneResult(
            zone.zone.id,
            zone.person_s,
            zone.entries,
            zone.person_s / seconds if seconds else 0.0,
            zone.peak,
            zone.person_s / zone.entries if zone.entries else None,
            zone.staff_s,
            tuple(zone.hist),
            queue if zone.zone.kind is ZoneKind.QUEUE else None,
        )
