"""Count who walks through a gate: directed line, foot point, dead band, least stay on both sides.

Somebody has a side only beyond the dead band, and keeps the last one while within it: standing or wobbling on the line
counts nothing. The moment of a crossing is when the foot point leaves the band on the far side (the truth of the
contract is defined so): for one who lingers on the line it is the moment in which the matter is decided.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Gate
from khcn.engines.vision.measure.geometry import Line
from khcn.engines.vision.measure.people import Person
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Crossing

Array = NDArray[np.float64]
_FAR = 3.0  # bands: that far over, nobody needs to stay for it to be believed
_MEMORY_S = 60.0


@dataclass(slots=True)
class _Standing:
    """How one person stands to one gate. ``side``: the side believed, 0 at first.

    ``left``: the last foot point on that side; ``leave``: when and where the band was left for the other one, not yet
    believed; ``way``: foot points since ``left``.
    """

    side: int
    t: float
    offset: float
    foot: Array
    left: Array
    leave: tuple[float, Array] | None = None
    way: list[Array] = field(default_factory=list)

    def left_band(self, t: float, offset: float, foot: Array, edge: float) -> tuple[float, Array]:
        """Return when and where the offset reached ``edge`` between the last sample and this one."""
        share = min(max((edge - self.offset) / (offset - self.offset), 0.0), 1.0)
        return self.t + share * (t - self.t), self.foot + share * (foot - self.foot)


@dataclass(slots=True)
class _Group:
    direction: str
    t: float
    members: list[tuple[float, float]]


class GateCounter:
    """Counts at one gate. Feed it every moment."""

    def __init__(self, gate: Gate, settings: MeasureSettings) -> None:
        self.gate = gate
        self.counts = {"in": 0, "out": 0}
        self.groups = {"in": 0, "out": 0}
        self._line = Line(gate.points)
        self._settings = settings
        self._standing: dict[int, _Standing] = {}
        self._open: list[_Group] = []

    def update(self, t: float, people: list[Person], departed: list[Person]) -> list[Crossing]:
        """Return the crossings that are certain now. ``departed``: see :class:`.people.People`."""
        found = []
        seen = [(t, person) for person in people]
        # Those who left the picture stay where they are: twice, so that their side is believed.
        seen += [(gone.t + wait, gone) for gone in departed for wait in (0.0, self._settings.side_s)]
        for moment, person in seen:
            crossing = self._follow(moment, person)
            if crossing:
                self.counts[crossing.direction] += 1
                self._gather(crossing, person.height)
                found.append(crossing)
        self._standing = {key: s for key, s in self._standing.items() if t - s.t <= _MEMORY_S}
        return found

    def _follow(self, t: float, person: Person) -> Crossing | None:
        foot = person.foot
        band = max(self._settings.dead_band * person.height, self._settings.dead_band_px)
        offset = self._line.offset((float(foot[0]), float(foot[1])))
        side = 0 if abs(offset) <= band else (1 if offset > 0 else -1)
        standing = self._standing.get(person.key)
        if standing is None:
            self._standing[person.key] = _Standing(side, t, offset, foot, foot)
            return None
        crossing = None
        if side == 0:
            # Back in the band before the new side was believed: that excursion is forgotten.
            standing.leave = None
            standing.way.append(foot)
        elif standing.side in {0, side}:
            standing.side, standing.left, standing.leave = side, foot, None
            standing.way.clear()
        else:
            if standing.leave is None:
                standing.leave = standing.left_band(t, offset, foot, side * band)
            standing.way.append(foot)
            stayed = t - standing.leave[0] >= self._settings.side_s
            if stayed or abs(offset) >= _FAR * band:
                crossing = self._cross(person, standing, side, band)
        standing.t, standing.offset, standing.foot = t, offset, foot
        return crossing

    def _cross(self, person: Person, standing: _Standing, side: int, band: float) -> Crossing | None:
        """Believe the new side; a crossing when the way there led over the drawn line."""
        moment, spot = standing.leave or (standing.t, standing.foot)
        through = self._through(standing, self._settings.gate_slack * person.height + band)
        standing.side, standing.left, standing.leave = side, person.foot, None
        standing.way.clear()
        if not through:
            return None
        into = (side > 0) != self.gate.swap
        return Crossing(self.gate.id, moment, "in" if into else "out", float(spot[0]), float(spot[1]))

    def _through(self, standing: _Standing, slack: float) -> bool:
        """Whether the way led over the drawn line, not around one of its ends."""
        before = standing.left
        for after in standing.way:
            if self._line.passed((before[0], before[1]), (after[0], after[1]), slack):
                return True
            before = after
        return False

    def _gather(self, crossing: Crossing, height: float) -> None:
        """Join whoever went through just before and beside, or begin a group of one."""
        settings = self._settings
        self._open = [group for group in self._open if crossing.t - group.t <= settings.group_s + 5.0]
        for group in self._open:
            near = any(
                np.hypot(x - crossing.x, y - crossing.y) <= settings.group_reach * height
                for x, y in group.members
            )
            if group.direction == crossing.direction and near and crossing.t - group.t <= settings.group_s:
                group.t = max(group.t, crossing.t)
                group.members.append((crossing.x, crossing.y))
                return
        self._open.append(_Group(crossing.direction, crossing.t, [(crossing.x, crossing.y)]))
        self.groups[crossing.direction] += 1
