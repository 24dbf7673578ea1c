"""Who works here, without knowing who anybody is.

Three rules, all about places and time: who stays long in a staff zone works here for as long as the track lasts; who
stays half an hour without a break in a stalls zone keeps a stall; and because tracks break, a cell of a stalls zone in
which somebody has stood still for most of such a time is a stall-holder's place, and whoever stands there is taken for
one. The past is not rewritten: a stall-holder counts as a visitor until a rule says otherwise.
"""

import math

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.layout import Layout, ZoneKind
from khcn.engines.vision.measure.geometry import inside
from khcn.engines.vision.measure.heat import COLUMNS, ROWS, cells_of
from khcn.engines.vision.measure.people import Person
from khcn.engines.vision.measure.settings import MeasureSettings
from khcn.engines.vision.types import Size

_SLOW = 0.15  # heights per second: standing
_MOSTLY = 0.6  # share of the time in which a stall-holder's place is taken
_OUT_S = 5.0  # stepping out of a zone for less is no break


class Staff:
    """Marks the people of a moment who are not visitors."""

    def __init__(self, layout: Layout, source: Size, settings: MeasureSettings) -> None:
        self._source, self._settings = source, settings
        self._staff = [zone.polygon for zone in layout.zones if zone.kind is ZoneKind.STAFF]
        self._stalls = [zone.polygon for zone in layout.zones if zone.kind is ZoneKind.STALLS]
        self._known: dict[int, float] = {}
        self._inside: dict[tuple[int, str], tuple[float, float]] = {}  # (since, last)
        self._taken = np.zeros((ROWS, COLUMNS))
        self._watched_s = 0.0

    def mark(self, t: float, dt: float, people: list[Person]) -> NDArray[np.bool_]:
        """Return who of ``people`` works here (n,)."""
        if not self._staff and not self._stalls:
            return np.zeros(len(people), np.bool_)
        feet = np.array([person.foot for person in people]).reshape(-1, 2)
        in_staff, in_stalls = _any(feet, self._staff), _any(feet, self._stalls)
        cells = cells_of(feet, self._source)
        slow = np.array([np.hypot(*p.speed) < _SLOW * p.height for p in people], np.bool_)
        self._age(dt, cells[in_stalls & slow])
        works = in_staff | np.array([person.key in self._known for person in people], np.bool_)
        for row, person in enumerate(people):
            if self._stays(person.key, "staff", t, bool(in_staff[row]), self._settings.staff_s):
                self._known[person.key] = t
            if self._stays(person.key, "stalls", t, bool(in_stalls[row]), self._settings.resident_s):
                self._known[person.key] = t
            if person.key in self._known:
                self._known[person.key] = t
                works[row] = True
            elif in_stalls[row] and slow[row] and self._place_taken(cells[row]):
                works[row] = True
        self._forget(t)
        return works

    def _age(self, dt: float, cells: NDArray[np.intp]) -> None:
        length = self._settings.resident_s
        if not length or not dt:
            return
        self._watched_s += dt
        fade = np.exp(-dt / length)
        self._taken *= fade
        for column, row in {(int(c), int(r)) for c, r in cells}:
            self._taken[row, column] += 1 - fade

    def _place_taken(self, cell: NDArray[np.intp]) -> bool:
        """Whether a cell and its neighbours together have been taken for most of a long time."""
        length = self._settings.resident_s
        if not length or self._watched_s < length:
            return False
        column, row = int(cell[0]), int(cell[1])
        around = self._taken[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        return float(around.sum()) >= _MOSTLY * (1 - math.exp(-self._watched_s / length))

    def _stays(self, key: int, what: str, t: float, here: bool, least: float) -> bool:
        since, last = self._inside.get((key, what), (t, t))
        if not here:
            return False
        if t - last > _OUT_S:
            since = t
        self._inside[key, what] = (since, t)
        return least > 0 and t - since >= least

    def _forget(self, t: float) -> None:
        self._inside = {k: v for k, v in self._inside.items() if t - v[1] <= 60}
        self._known = {k: v for k, v in self._known.items() if t - v <= 60}


def _any(feet: NDArray[np.float64], polygons: list[tuple[tuple[float, float], ...]]) -> NDArray[np.bool_]:
    found = np.zeros(len(feet), np.bool_)
    for polygon in polygons:
        found |= inside(feet, polygon)
    return found
