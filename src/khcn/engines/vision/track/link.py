"""Which piece of a way goes on with which: pieces joined by motion seen from both ends.

The tracker's ways are cut where somebody was lost and where two people overlapped for a moment (there, who is who is a
guess). A piece that begins is compared with every piece that ended shortly before: the first one's place and speed,
carried forward over the gap, against the second one's, known from what came after. The pieces are then matched all
together. No picture is looked at: two strangers of one size who change places unseen are taken for each other.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.track.assign import pair_best
from khcn.engines.vision.track.motion import Motion
from khcn.engines.vision.track.settings import TrackerSettings

Array = NDArray[np.float64]
_STATE_S = 1.2  # how much of a piece tells place and speed at its end


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One box of somebody at one moment. ``sure``: the detector's score reached ``high``."""

    t: float
    box: Array
    score: float
    sure: bool


@dataclass(slots=True, eq=False)
class Path:
    """One person's boxes in order of time, as they will be told. ``label`` is the identity."""

    label: int
    seen: list[Seen] = field(default_factory=list)
    confirmed: bool = False


@dataclass(slots=True, eq=False)
class Piece:
    """A stretch of a way in which who is who was clear.

    ``before``: the piece of the same track that this one was cut from, if any; ``loose``: boxes of the doubtful time
    between the two. ``left``, ``entered``: it ended or began at the picture's edge, so nothing goes on there.
    """

    path: Path
    seen: list[Seen]
    before: "Piece | None" = None
    loose: list[Seen] = field(default_factory=list)
    closed: bool = False
    decided: bool = False
    taken: bool = False
    left: bool = False
    entered: bool = False
    _end: Motion | None = None

    def end(self, settings: TrackerSettings) -> Motion:
        """Return place and speed at the end (kept: a closed piece does not change)."""
        if self._end is None:
            self._end = _state(self.seen, settings, backwards=False)
        return self._end

    def start(self, settings: TrackerSettings) -> Motion:
        """Return place and speed at the beginning, from what came after."""
        return _state(self.seen, settings, backwards=True)


def _state(seen: list[Seen], settings: TrackerSettings, *, backwards: bool) -> Motion:
    ordered = seen[::-1] if not backwards else seen
    edge = ordered[0].t
    near = [one for one in ordered if abs(one.t - edge) <= _STATE_S][::-1]
    motion = Motion(settings.motion)
    motion.add(near[0].box[None])
    for earlier, one in pairwise(near):
        motion.advance(abs(one.t - earlier.t))
        motion.correct(np.zeros(1, np.intp), one.box[None], np.array([1.0 if one.sure else 2.0]))
    if backwards:
        motion.rate = -motion.rate
        motion.spread[:, :, 1] = -motion.spread[:, :, 1]
    return motion


def surprise(first: Piece, second: Piece, late: Motion, settings: TrackerSettings) -> float:
    """Return how badly ``second`` goes on ``first``: twice the negative log-likelihood, in heights and seconds."""
    gap = second.seen[0].t - first.seen[-1].t
    if gap <= 0 or gap > settings.link_s:
        return np.inf
    early = first.end(settings)
    jump = float(np.hypot(*(late.place[0, :2] - early.place[0, :2])))
    if jump > (0.5 + settings.stride * gap) * min(early.heights[0], late.heights[0]):
        return np.inf
    height = float(np.sqrt(early.heights[0] * late.heights[0]))
    place, rate, spread = early.ahead(gap)
    cover = spread[0, 0] + late.spread[0, 0]
    apart, change = late.place[0, :2] - place[0, :2], late.rate[0, :2] - rate[0, :2]
    pp, pv, vv = cover
    det = pp * vv - pv * pv
    distance = (vv * apart**2 - 2 * pv * apart * change + pp * change**2).sum() / det
    size = np.log(early.heights[0] / late.heights[0]) / (0.1 + 0.05 * gap)
    return float(distance + size**2 + 2 * np.log(det / height**4))


def join(begun: list[Piece], ended: list[Piece], settings: TrackerSettings) -> list[tuple[Piece, Piece]]:
    """Return (ended, begun) pairs that belong together, the best choice for all of them at once."""
    if not begun or not ended:
        return []
    gain = np.zeros((len(ended), len(begun)))
    for column, second in enumerate(begun):
        late = second.start(settings)
        for row, first in enumerate(ended):
            own = second.before is first
            if not own and (second.entered or first.left):
                continue
            value = settings.link_worst - surprise(first, second, late, settings)
            gain[row, column] = max(value, 0.1) + settings.own_bonus if own else max(value, 0.0)
    return [(ended[row], begun[column]) for row, column in zip(*pair_best(gain), strict=True)]
