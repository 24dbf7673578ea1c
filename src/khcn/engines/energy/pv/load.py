"""Usual days of public buildings: how the kWh of a month spread over days and hours.

The shapes are assumptions of this project (opening hours, lunch break, cooling in the afternoon, summer holidays of
schools); no measured load of a public building of the city was found in an open source. They decide only how much of
the sun's energy is used at once, and the range of that is part of every result.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """Relative power by hour of a working day and of a day off, and relative use by month (January first)."""

    workday: tuple[float, ...]
    day_off: tuple[float, ...]
    months: tuple[float, ...]
    days_off: tuple[int, ...] = (6,)  # Monday is 0


_HOT: Final = (0.93, 0.93, 1.05, 1.13, 1.12, 1.04, 1.01, 1.0, 0.99, 0.97, 0.93, 0.9)
_TERM: Final = (0.95, 0.75, 1.15, 1.2, 1.15, 0.6, 0.55, 0.8, 1.1, 1.15, 1.1, 1.05)
_NIGHT: Final = 0.12
SHAPES: Final[dict[str, Shape]] = {
    "school": Shape(
        (*[_NIGHT] * 6, 0.35, 0.8, 0.95, 1.0, 1.0, 0.65, 0.45, 0.85, 1.0, 0.95, 0.7, 0.35, 0.2, *[_NIGHT] * 5),
        (*[_NIGHT] * 7, 0.2, 0.22, 0.22, 0.22, 0.2, 0.2, 0.2, 0.2, 0.2, 0.18, *[_NIGHT] * 7), _TERM, (5, 6),
    ),
    "kindergarten": Shape(
        (*[_NIGHT] * 5, 0.25, 0.6, 0.85, 0.9, 0.95, 1.0, 0.95, 0.9, 0.95, 1.0, 0.9, 0.7, 0.35, *[_NIGHT] * 6),
        (*[_NIGHT] * 7, 0.18, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.18, *[_NIGHT] * 8), _TERM, (5, 6),
    ),
    "college": Shape(
        (*[0.18] * 6, 0.4, 0.8, 0.95, 1.0, 1.0, 0.75, 0.6, 0.9, 1.0, 1.0, 0.85, 0.65, 0.6, 0.55, 0.4, 0.25, 0.18, 0.18),
        (*[0.18] * 7, 0.3, 0.35, 0.35, 0.35, 0.3, 0.3, 0.3, 0.3, 0.28, 0.25, *[0.18] * 7), _TERM, (6,),
    ),
    "office": Shape(
        (*[0.15] * 6, 0.25, 0.8, 1.0, 1.0, 1.0, 0.7, 0.55, 0.95, 1.0, 1.0, 0.85, 0.3, *[0.15] * 6),
        (*[0.15] * 7, 0.25, 0.28, 0.28, 0.28, 0.22, 0.2, 0.22, 0.22, 0.2, 0.18, *[0.15] * 7), _HOT, (5, 6),
    ),
    "clinic": Shape(
        (*[0.4] * 6, 0.55, 0.85, 1.0, 1.0, 1.0, 0.85, 0.75, 0.95, 1.0, 0.95, 0.8, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.4),
        (*[0.4] * 6, 0.5, 0.6, 0.65, 0.65, 0.65, 0.6, 0.6, 0.6, 0.6, 0.6, 0.55, 0.55, 0.5, 0.5, 0.45, 0.45, 0.4, 0.4),
        _HOT, (6,),
    ),
    "culture": Shape(
        (*[0.15] * 7, 0.5, 0.8, 0.85, 0.85, 0.6, 0.5, 0.75, 0.85, 0.85, 0.8, 0.75, 0.95, 1.0, 0.85, 0.3, 0.15, 0.15),
        (*[0.15] * 7, 0.5, 0.8, 0.9, 0.9, 0.7, 0.6, 0.8, 0.9, 0.9, 0.85, 0.8, 0.95, 1.0, 0.85, 0.3, 0.15, 0.15),
        _HOT, (0,),
    ),
    "market": Shape(
        (*[0.25] * 3, 0.45, 0.7, 0.9, 1.0, 1.0, 1.0, 0.95, 0.95, 0.85, 0.75, 0.75, 0.8, 0.8, 0.85, 0.8, 0.5, *[0.25] * 5),
        (*[0.25] * 3, 0.45, 0.75, 0.95, 1.0, 1.0, 1.0, 1.0, 0.95, 0.85, 0.75, 0.75, 0.8, 0.8, 0.85, 0.8, 0.5, *[0.25] * 5),
        _HOT, (),
    ),
    "flat": Shape((1.0,) * 24, (1.0,) * 24, (1.0,) * 12, ()),
}  # fmt: skip
ALIKE: Final = {"other": "office"}


def shape_of(kind: str) -> Shape:
    """Return the shape of a kind of building. Raises SpecError (``load-kind``)."""
    try:
        return SHAPES[ALIKE.get(kind, kind)]
    except KeyError:
        raise SpecError("load-kind", name=kind, known=", ".join(SHAPES)) from None


def hourly_load(kind: str, months: NDArray[np.int64], weekdays: NDArray[np.int64], hours: NDArray[np.int64],
                *, annual_kwh: float | None = None, monthly_kwh: list[float] | None = None) -> Floats:  # fmt: skip
    """Return kWh for each hour of a year. Give the year's sum, or the twelve months' (January first).

    ``months`` 1-12, ``weekdays`` 0-6 and ``hours`` 0-23 of each hour.
    """
    shape = shape_of(kind)
    rest = np.isin(weekdays, shape.days_off)
    power = np.where(rest, np.asarray(shape.day_off)[hours], np.asarray(shape.workday)[hours])
    if monthly_kwh is not None:
        wanted = np.asarray(monthly_kwh, dtype=float)
    else:
        days = np.bincount(months, minlength=13)[1:]
        weights = np.asarray(shape.months) * days
        wanted = weights / weights.sum() * float(annual_kwh or 0.0)
    sums = np.bincount(months, weights=power, minlength=13)[1:]
    return power * (wanted / np.where(sums > 0, sums, 1.0))[months - 1]
