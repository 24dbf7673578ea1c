"""Who goes on being whom: numbers of people inside one run of counting, from motion alone.

A track may break off and a new one begin a step further. Whoever starts where a lost one must be by now, in the same
size, takes over that one's place at gates and in zones. Nothing here looks at pictures, and the numbers mean nothing
outside the run.

Whoever is cut by the left or right edge of the picture stands further out than the middle of what is seen of them: the
foot point is put where it is for the width that they had before. Whoever is lost on the way out there has gone on for
another half second: so a line near the edge can count too. That they were on the way out is told by their speed, not by
a last box that touches the edge: a detector grows unsure of whoever is cut, and at a few samples a second the last box
that it is sure of may end well before the edge. (Who is cut by the lower edge shows no feet: nothing helps.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Size, Tracks

Array = NDArray[np.float64]
_ALIKE = 1.35  # heights of one person a moment later
_MEMORY_S = 0.8  # over which speed is taken
_EDGE = 0.05  # heights from the picture's edge: cut by it
_ONWARD_S = 0.5  # how long one who left is taken to have walked on; who gets to an edge in this has left
_KNOWN = 3  # whole boxes before a width is believed


@dataclass(slots=True, eq=False)
class Person:
    """Where somebody is. ``speed``: pixels per second (x, y); ``since``: when first seen; ``width``: usual, by height.

    ``room``: pixels between what is seen of them and the left and the right edge (cut there: none, or less).
    """

    key: int
    since: float
    t: float
    foot: Array
    height: float
    speed: Array
    trail: list[tuple[float, Array]]
    width: float = 0.0
    wholes: int = 0
    room: tuple[float, float] = (np.inf, np.inf)

    @property
    def leaves(self) -> bool:
        """Whether they reach the edge they walk towards soon, or are cut by it already."""
        onward = float(self.speed[0]) * _ONWARD_S
        return onward != 0.0 and self.room[int(onward > 0)] <= abs(onward)


class People:
    """Keeps one :class:`Person` per track that is there now, and those that broke off a moment ago.

    ``departed``: since the last moment it has become certain that these went out over an edge; ``t`` and ``foot`` are
    where they must have been a little later.
    """

    def __init__(self, settings: MeasureSettings, source: Size) -> None:
        self._settings, self._source = settings, source
        self._now: dict[int, Person] = {}
        self._gone: dict[int, Person] = {}
        self._next = 1
        self.departed: list[Person] = []

    def update(self, tracks: Tracks) -> list[Person]:
        """Return the people of this moment, in the order of ``tracks``."""
        boxes = tracks.boxes.astype(np.float64)
        idents = tracks.ids.tolist()
        here = set(idents)
        for ident in [ident for ident in self._now if ident not in here]:
            self._gone[ident] = self._now.pop(ident)
        self._forget(tracks.t)
        back = [ident for ident in idents if ident in self._gone]
        for ident in back:  # the tracker itself found them again
            self._now[ident] = self._gone.pop(ident)
        return [self._seen(ident, tracks.t, box) for ident, box in zip(idents, boxes, strict=True)]

    def _forget(self, t: float) -> None:
        self.departed = []
        for person in self._gone.values():
            if t - person.t > self._settings.heir_s and person.leaves:
                person.foot = person.foot + np.array([person.speed[0] * _ONWARD_S, 0.0])
                person.t, person.room = person.t + _ONWARD_S, (np.inf, np.inf)
                self.departed.append(person)
        patience = max(self._settings.heir_s, 5.0)
        self._gone = {ident: person for ident, person in self._gone.items() if t - person.t <= patience}

    def _seen(self, ident: int, t: float, box: Array) -> Person:
        foot, height = np.array([(box[0] + box[2]) / 2, box[3]]), max(float(box[3] - box[1]), 1.0)
        person = self._now.get(ident) or self._heir(t, foot, height)
        if person is None:
            person = Person(self._next, t, t, foot, height, np.zeros(2), [])
            self._next += 1
        foot[0] = self._middle(person, box, height)
        person.trail.append((t, foot))
        while t - person.trail[0][0] > _MEMORY_S and len(person.trail) > 2:
            person.trail.pop(0)
        first_t, first = person.trail[0]
        if t - first_t > 1e-6:
            person.speed = (foot - first) / (t - first_t)
        person.t, person.foot, person.height = t, foot, height
        self._now[ident] = person
        return person

    def _middle(self, person: Person, box: Array, height: float) -> float:
        """Return x of the foot point, for the whole width where an edge cuts the box."""
        left, right = float(box[0]), float(box[2])
        person.room = (left - _EDGE * height, self._source.width - _EDGE * height - right)
        cut_left, cut_right = person.room[0] < 0, person.room[1] < 0
        if not cut_left and not cut_right:
            person.wholes += 1
            share = (right - left) / height
            person.width += (share - person.width) / min(person.wholes, 10)
        whole = person.width * height
        if cut_left == cut_right or person.wholes < _KNOWN or whole <= right - left:
            return (left + right) / 2
        return left + whole / 2 if cut_right else right - whole / 2

    def _heir(self, t: float, foot: Array, height: float) -> Person | None:
        """Return whom a track that starts here goes on with: nearest to where its speed has carried it."""
        best, best_apart = None, self._settings.heir_reach * height
        for ident, person in self._gone.items():
            gap = t - person.t
            if not 0 < gap <= self._settings.heir_s:
                continue
            if not 1 / _ALIKE <= person.height / height <= _ALIKE:
                continue
            apart = float(np.hypot(*(person.foot + person.speed * gap - foot)))
            if apart <= best_apart:
                best, best_apart = ident, apart
        return self._gone.pop(best) if best is not None else None
