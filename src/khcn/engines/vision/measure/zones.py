"""Presence in a zone: person-seconds, entries, occupancy, stays.

Time is weighted by what each sample stands for. A stay begins when somebody has been inside for ``enter_s`` (and then
counts from the first moment) and ends after as long outside, so that a foot on the edge is one visit. Tracks break, so
single stays are biased low; person-seconds and their quotient with entries (Little's law) are not.
"""

import bisect
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Zone, ZoneKind
from khcn.engines.vision.measure.geometry import inside
from khcn.engines.vision.measure.people import Person
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.minutes import DWELL_EDGES_S


@dataclass(slots=True)
class _Stay:
    since: float
    last: float
    counted: bool = False


@dataclass(frozen=True, slots=True)
class ZoneMoment:
    """What one moment added. ``present``: how many are inside; ``stays``: lengths of stays that just ended."""

    present: int
    person_s: float
    entries: int
    stays: tuple[float, ...]


@dataclass(slots=True)
class ZoneCounter:
    """Measures one zone. ``hist``: finished stays by :data:`DWELL_EDGES_S`."""

    zone: Zone
    settings: MeasureSettings
    person_s: float = 0.0
    staff_s: float = 0.0
    entries: int = 0
    peak: int = 0
    hist: list[int] = field(default_factory=lambda: [0] * (len(DWELL_EDGES_S) + 1))
    queue_stays: list[float] = field(default_factory=list)
    queue_s: float = 0.0
    queue_peak: int = 0
    _stays: dict[int, _Stay] = field(default_factory=dict)

    def update(self, t: float, dt: float, people: list[Person], works: NDArray[np.bool_]) -> ZoneMoment:
        """Take in one moment; ``works`` (n,): who is not a visitor (ignored in staff zones)."""
        feet = np.array([person.foot for person in people]).reshape(-1, 2)
        here = inside(feet, self.zone.polygon)
        if self.zone.kind is not ZoneKind.STAFF:
            self.staff_s += dt * int((here & works).sum())
            here &= ~works
        present = int(here.sum())
        entries = 0
        for person in (person for person, flag in zip(people, here, strict=True) if flag):
            entries += self._is_in(person.key, t)
        over = self._left(t)
        self.person_s += dt * present
        self.peak = max(self.peak, present)
        self.entries += entries
        waiting = sum(
            1 for stay in self._stays.values() if stay.last == t and t - stay.since >= self.settings.queue_s
        )
        self.queue_s += dt * waiting
        self.queue_peak = max(self.queue_peak, waiting)
        return ZoneMoment(present, dt * present, entries, over)

    def finish(self) -> tuple[float, ...]:
        """End every stay; return their lengths."""
        return self._close(list(self._stays))

    def _is_in(self, key: int, t: float) -> int:
        stay = self._stays.setdefault(key, _Stay(t, t))
        stay.last = t
        if stay.counted or t - stay.since < self.settings.enter_s:
            return 0
        stay.counted = True
        return 1

    def _left(self, t: float) -> tuple[float, ...]:
        patience = max(self.settings.enter_s, self.settings.heir_s)
        return self._close([key for key, stay in self._stays.items() if t - stay.last > patience])

    def _close(self, keys: list[int]) -> tuple[float, ...]:
        lengths = []
        for key in keys:
            stay = self._stays.pop(key)
            if stay.counted:
                length = stay.last - stay.since
                lengths.append(length)
                self.hist[bisect.bisect_left(DWELL_EDGES_S, length)] += 1
                if length >= self.settings.queue_s:
                    self.queue_stays.append(length)
        return tuple(lengths)
