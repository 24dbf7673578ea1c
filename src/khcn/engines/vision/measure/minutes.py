"""From moments to minutes: what a camera box sends to the centre.

::

    builder = MinuteBuilder(scene, camera="cho-a-1", start=utc_of_t_zero, version=3)
    for tracks in follower.update(found, frame.t):
        crossings = scene.update(tracks)
        for minute in builder.update(tracks, crossings, health=codes):
            spool(minute)
"""

import bisect
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from khcn.engines.vision.measure.heat import Heat
from khcn.engines.vision.measure.scene import Moment, Scene
from khcn.engines.vision.measure.zones import ZoneMoment
from khcn.engines.vision.minutes import DWELL_EDGES_S, CameraMinute, GateMinute, ZoneMinute
from khcn.engines.vision.types import Crossing, Size, Tracks

MINUTE = timedelta(minutes=1)
_GRACE_S = 5.0  # a crossing is known a moment after it happened: a minute stays open this much longer


@dataclass(slots=True)
class _ZoneSum:
    person_s: float = 0.0
    entries: int = 0
    peak: int = 0
    stays: list[int] = field(default_factory=lambda: [0] * (len(DWELL_EDGES_S) + 1))

    def add(self, moment: ZoneMoment) -> None:
        self.person_s += moment.person_s
        self.entries += moment.entries
        self.peak = max(self.peak, moment.present)
        for length in moment.stays:
            self.stays[bisect.bisect_left(DWELL_EDGES_S, length)] += 1


@dataclass(slots=True)
class _Open:
    """A minute that is being filled."""

    heat: Heat
    measured_s: float = 0.0
    person_s: float = 0.0
    peak: int = 0
    crossings: Counter[tuple[str, str]] = field(default_factory=Counter)
    zones: dict[str, _ZoneSum] = field(default_factory=dict)
    health: set[str] = field(default_factory=set)


class MinuteBuilder:
    """Cuts one connection of a camera into whole minutes of UTC. No signal, no minute."""

    def __init__(self, scene: Scene, *, camera: str, start: datetime, version: int = 0) -> None:
        """``start``: moment of ``t`` = 0, with a time zone; ``version``: number of the layout in force.

        Raises:
            ValueError: ``start`` has no time zone.
        """
        if start.tzinfo is None:
            raise ValueError("a start with a time zone was expected")
        self.scene = scene
        self._camera, self._version = camera, version
        self._start = start.astimezone(UTC)
        self._source: Size = scene.source
        self._open: dict[datetime, _Open] = {}

    def update(
        self, tracks: Tracks, crossings: Iterable[Crossing], health: Iterable[str] = ()
    ) -> list[CameraMinute]:
        """Add what ``scene.update`` just measured; return the minutes that are complete now."""
        moment = self.scene.moment
        if moment is None or moment.t != tracks.t:
            raise ValueError("Scene.update comes first, with the same tracks")
        for start, share in self._shares(moment):
            self._add(self._minute(start), moment, share)
        here = self._minute(self._floor(moment.t))
        here.health.update(health)
        here.peak = max(here.peak, moment.present)
        for ident, zone in moment.zones.items():
            here.zones.setdefault(ident, _ZoneSum()).add(
                ZoneMoment(zone.present, 0.0, zone.entries, zone.stays)
            )
        for crossing in crossings:
            start = self._floor(crossing.t)
            if start not in self._open:  # already sent: it belongs to the oldest that is not
                start = max(start, min(self._open))
            self._minute(start).crossings[crossing.gate, crossing.direction] += 1
        due = self._floor(moment.t - _GRACE_S)
        return self._close(sorted(start for start in self._open if start < due))

    def finish(self) -> list[CameraMinute]:
        """Return the unfinished minutes too (end of a connection or a new layout)."""
        return self._close(sorted(self._open))

    def _floor(self, t: float) -> datetime:
        return (self._start + timedelta(seconds=t)).replace(second=0, microsecond=0)

    def _minute(self, start: datetime) -> _Open:
        return self._open.setdefault(start, _Open(Heat(self._source)))

    def _shares(self, moment: Moment) -> list[tuple[datetime, float]]:
        """Return the minutes that the moment's time belongs to, with seconds: a sample may lie on both sides."""
        if moment.dt <= 0:
            return []
        end = self._start + timedelta(seconds=moment.t)
        start = end - timedelta(seconds=moment.dt)
        found = []
        while start < end:
            minute = start.replace(second=0, microsecond=0)
            till = min(end, minute + MINUTE)
            found.append((minute, (till - start).total_seconds()))
            start = till
        return found

    def _add(self, minute: _Open, moment: Moment, seconds: float) -> None:
        minute.measured_s += seconds
        minute.person_s += seconds * moment.present
        minute.heat.add(moment.feet.astype(np.float64), seconds)
        for ident, zone in moment.zones.items():
            share = seconds / moment.dt
            minute.zones.setdefault(ident, _ZoneSum()).person_s += share * zone.person_s

    def _close(self, starts: list[datetime]) -> list[CameraMinute]:
        found = [self._as_minute(start, self._open.pop(start)) for start in starts]
        return [minute for minute in found if minute.measured_s > 0]

    def _as_minute(self, start: datetime, minute: _Open) -> CameraMinute:
        return CameraMinute(
            self._camera,
            start,
            minute.measured_s,
            minute.person_s,
            minute.peak,
            self._version,
            tuple(
                GateMinute(gate.id, minute.crossings[gate.id, "in"], minute.crossings[gate.id, "out"])
                for gate in self.scene.layout.gates
            ),
            tuple(
                ZoneMinute(ident, zone.person_s, zone.entries, zone.peak, tuple(zone.stays))
                for ident, zone in minute.zones.items()
            ),
            minute.heat.cells(),
            tuple(sorted(minute.health)),
        )
