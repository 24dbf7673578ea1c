"""Who goes on being whom: numbers of people inside one run of counting, from motion alone.

A track may break off and a new one begin a step further. Whoever starts where a lost one must be by now, in the same
size, takes over that one's place at gates and in zones. Nothing here looks at pictures, and the numbers mean nothing
outside the run.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Tracks

Array = NDArray[np.float64]
_ALIKE = 1.35  # heights of one person a moment later
_MEMORY_S = 0.8  # over which speed is taken


@dataclass(slots=True, eq=False)
class Person:
    """Where somebody is. ``speed``: pixels per second (x, y); ``since``: when first seen."""

    key: int
    since: float
    t: float
    foot: Array
    height: float
    speed: Array
    trail: list[tuple[float, Array]]


class People:
    """Keeps one :class:`Person` per track that is there now, and those that broke off a moment ago."""

    def __init__(self, settings: MeasureSettings) -> None:
        self._settings = settings
        self._now: dict[int, Person] = {}
        self._gone: dict[int, Person] = {}
        self._next = 1

    def update(self, tracks: Tracks) -> list[Person]:
        """Return the people of this moment, in the order of ``tracks``."""
        feet = tracks.feet.astype(np.float64)
        heights = np.maximum(tracks.boxes[:, 3] - tracks.boxes[:, 1], 1.0).astype(np.float64)
        idents = tracks.ids.tolist()
        here = set(idents)
        for ident in [ident for ident in self._now if ident not in here]:
            self._gone[ident] = self._now.pop(ident)
        self._forget(tracks.t)
        back = [ident for ident in idents if ident in self._gone]
        for ident in back:  # the tracker itself found them again
            self._now[ident] = self._gone.pop(ident)
        return [
            self._seen(ident, tracks.t, foot, float(height))
            for ident, foot, height in zip(idents, feet, heights, strict=True)
        ]

    def _forget(self, t: float) -> None:
        patience = max(self._settings.heir_s, 5.0)
        self._gone = {ident: person for ident, person in self._gone.items() if t - person.t <= patience}

    def _seen(self, ident: int, t: float, foot: Array, height: float) -> Person:
        person = self._now.get(ident) or self._heir(t, foot, height)
        if person is None:
            person = Person(self._next, t, t, foot, height, np.zeros(2), [])
            self._next += 1
        person.trail.append((t, foot))
        while t - person.trail[0][0] > _MEMORY_S and len(person.trail) > 2:
            person.trail.pop(0)
        first_t, first = person.trail[0]
        if t - first_t > 1e-6:
            person.speed = (foot - first) / (t - first_t)
        person.t, person.foot, person.height = t, foot, height
        self._now[ident] = person
        return person

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
