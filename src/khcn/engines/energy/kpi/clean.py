"""What of a column of a file can be a measurement, and what is a code a logger writes instead of one.

A code such as -1,000,000, 65535 or 4294967295 lies far outside everything else in its column. It is taken for "no
value" only when it is rare: when many values lie beyond what is possible, the unit is wrong, and a person is told.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from khcn.engines.energy.types import Values

POA_LOWEST, POA_HIGHEST = -50.0, 2000.0  # W/m2; edges of clouds give up to about 1,600
_RARE: Final = 0.01
_FAR: Final = 4.0  # times the ordinary peak
_ABOVE_RATING: Final = 2.0
# in the unit of the file: what loggers write for "no value", and registers that hold none
_WRITTEN: Final = (
    -999.0, -9999.0, -99999.0, -999999.0, -9999999.0,
    65535.0, -32768.0, 4294967295.0, 2147483647.0, -2147483648.0,
)  # fmt: skip
_MANY: Final = 0.4
_ONE_CODE: Final = 2  # so many different values may be codes, even when they are many


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know of the data; ``code`` is one of :mod:`.messages`."""

    code: str
    params: dict[str, object]


def clean_power(
    kw: Values, *, rating_kw: float | None, column: str, unit: float = 1.0
) -> tuple[Values, tuple[Note, ...]]:
    """Return power with codes replaced by nan, and what was noticed.

    ``rating_kw``: of the system, when known. ``unit``: kW in one unit of the file, by which a code such as -9999 is
    known among ordinary values.
    """
    kw, written = _without_written(kw, unit, column)
    cleaned, notes = _clean_power(kw, rating_kw, column)
    return cleaned, (*written, *notes)


def _clean_power(kw: Values, rating_kw: float | None, column: str) -> tuple[Values, tuple[Note, ...]]:
    known = kw[np.isfinite(kw)]
    if not len(known):
        return kw, (Note("kpi-note-empty-column", {"column": column}),)
    peak = _ordinary_peak(known)
    notes: list[Note] = []
    limit = (1 + _FAR) / 2 * peak if peak > 0 else np.inf
    if rating_kw is not None:
        if not _RIGHT_SIZE[0] * rating_kw < peak < _RIGHT_SIZE[1] * rating_kw:
            notes.append(
                Note("kpi-note-unit", {"column": column, "peak": round(peak, 3), "rating": rating_kw})
            )
        else:
            limit = min(limit, max(_ABOVE_RATING * rating_kw, 1.5 * peak))
    codes = np.isfinite(kw) & (np.abs(np.nan_to_num(kw)) > limit)
    ordinary = kw[np.isfinite(kw) & ~codes]
    if -ordinary[ordinary < 0].sum() > 2 * ordinary[ordinary > 0].sum():
        notes.append(Note("kpi-note-sign", {"column": column}))
    return _without(kw, codes, column, notes)


def clean_irradiance(watts: Values, *, column: str, unit: float = 1.0) -> tuple[Values, tuple[Note, ...]]:
    """Return W/m2 with impossible values replaced by nan, and what was noticed. ``unit``: W/m2 in one of the file."""
    watts, written = _without_written(watts, unit, column)
    cleaned, notes = _clean_irradiance(watts, column)
    return cleaned, (*written, *notes)


def _clean_irradiance(watts: Values, column: str) -> tuple[Values, tuple[Note, ...]]:
    known = watts[np.isfinite(watts)]
    if not len(known):
        return watts, (Note("kpi-note-empty-column", {"column": column}),)
    notes: list[Note] = []
    if 0 < _ordinary_peak(known) < 3.0:
        notes.append(Note("kpi-note-unit-sun", {"column": column, "peak": round(_ordinary_peak(known), 3)}))
    codes = np.isfinite(watts) & ((watts < POA_LOWEST) | (watts > POA_HIGHEST))
    return _without(watts, codes, column, notes)


def _without_written(values: Values, unit: float, column: str) -> tuple[Values, tuple[Note, ...]]:
    """Replace the codes that loggers write for "no value" (-9999 and its like), however often they stand there."""
    codes = np.isin(np.round(values / unit, 6), _WRITTEN)
    count = int(codes.sum())
    if not count:
        return values, ()
    return np.where(codes, np.nan, values), (Note("kpi-note-codes", {"column": column, "count": count}),)


_RIGHT_SIZE: Final = (0.02, 20.0)  # outside these, a column that is said to be in this unit cannot be


def _ordinary_peak(known: Values) -> float:
    """Return the highest positive value below the first leap (fourfold or more) among the highest few."""
    positive = np.sort(known[known > 0])
    if not len(positive):
        return 0.0
    top = int(
        (positive == positive[-1]).sum()
    )  # a code may stand there oftener; more often still it is clipping
    first = int(len(positive) * (1 - 5 * _RARE)) - (top if 1 < top < _MANY * len(positive) else 0)
    leaps = np.flatnonzero(positive[first + 1 :] > _FAR * positive[first:-1])
    return float(positive[first + int(leaps[0])] if len(leaps) else positive[-1])


def _without(
    values: Values, codes: np.ndarray[tuple[int], np.dtype[np.bool_]], column: str, notes: list[Note]
) -> tuple[Values, tuple[Note, ...]]:
    count = int(codes.sum())
    if not count:
        return values, tuple(notes)
    alike = (
        len(np.unique(values[codes])) <= _ONE_CODE and count > _ONE_CODE
    )  # a wrong unit gives many different values
    if count > max(_RARE * len(values), 3) and not alike:
        notes.append(Note("kpi-note-many-beyond", {"column": column, "count": count}))
        return values, tuple(notes)
    notes.append(Note("kpi-note-codes", {"column": column, "count": count}))
    return np.where(codes, np.nan, values), tuple(notes)
