"""Energy, irradiation, performance ratio and completeness of a file of power samples, in all and by local day.

Definitions (IEC 61724-1, no filter): a sample stands for one step, and the step is the median distance of the rows.
AC energy is the production: negative power (what the inverters draw at night) is import, counted apart. Irradiance is
summed as it is, small negative offsets of a pyranometer at night included. PR uses every row that has both.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi import ratios
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.kpi.days import day_length_ms, day_name, local_days, local_ms
from khcn.engines.energy.types import Millis, Values

_HOUR_MS: Final = 3_600_000
_LONGEST_STEP_MS: Final = 24 * _HOUR_MS

Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows of a file, by time: power kW, irradiance W/m2 or None, module temperature or None; nan is "no value"."""

    ms: Millis
    ac_kw: Values
    poa: Values | None = None
    module_temperature: Values | None = None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One local day; None is "cannot be said", never 0. ``completeness``: rows with every value / steps of the day."""

    date: str
    energy_kwh: float | None
    insolation_kwh_m2: float | None
    performance_ratio: float | None
    performance_ratio_25c: float | None
    completeness: float
    import_kwh: float | None

    def document(self) -> dict[str, Any]:
        """Return what JSON keeps."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class MeasuredFigures:
    """The whole file (its ``date`` is empty) and its days, every day from the first to the last."""

    whole: DayFigures
    days: tuple[DayFigures, ...]
    step_ms: int
    notes: tuple[Note, ...]


def in_order(samples: Samples) -> tuple[Samples, tuple[Note, ...]]:
    """Sort rows by time and keep one row a moment (the last that has a value).

    Raises SpecError (``kpi-several-rows``) when many moments have rows that differ: the file holds several series.
    """
    order = np.argsort(samples.ms, kind="stable")
    ms, kw = samples.ms[order], samples.ac_kw[order]
    notes: list[Note] = []
    if (order[1:] < order[:-1]).any():
        notes.append(Note("kpi-note-unordered", {}))
    same = np.flatnonzero(ms[1:] == ms[:-1])
    if len(same):
        differ = int((np.isfinite(kw[same]) & np.isfinite(kw[same + 1]) & (kw[same] != kw[same + 1])).sum())
        if differ > 0.2 * len(np.unique(ms)):
            raise SpecError("kpi-several-rows", count=differ)
        notes.append(Note("kpi-note-duplicates", {"count": len(same)}))
    chosen = order[_one_a_moment(ms, kw)]
    kept = Samples(
        samples.ms[chosen], samples.ac_kw[chosen], _pick(samples.poa, chosen), _pick(samples.module_temperature, chosen)
    )  # fmt: skip
    return kept, tuple(notes)


def measured_figures(
    samples: Samples, *, zone: str, pdc0_kw: float | None, gamma_per_c: float | None = None
) -> MeasuredFigures:
    """Return the figures of ``samples`` (in order, one row a moment; see :func:`in_order`).

    Raises SpecError (``kpi-no-rows``, ``kpi-step``, ``kpi-zone``, ``kpi-rating``).
    """
    if pdc0_kw is not None and not pdc0_kw > 0:
        raise SpecError("kpi-rating", value=pdc0_kw)
    if len(samples.ms) < 2:
        raise SpecError("kpi-no-rows", count=len(samples.ms))
    step = median_step(samples.ms)
    days = local_days(samples.ms, zone)
    first, last = int(days[0]), int(days[-1])
    table = _Table(samples, days - first, last - first + 1, step, gamma_per_c)
    lengths = np.array([day_length_ms(day, zone) for day in range(first, last + 1)], dtype=np.float64)
    expected = np.maximum(np.round(lengths / step), 1.0)
    rows = tuple(
        table.figures(day_name(first + place), slice(place, place + 1), expected, pdc0_kw)
        for place in range(last - first + 1)
    )
    whole = table.figures("", slice(None), expected, pdc0_kw)
    notes = (*_gaps(samples.ms, step), *_nights(samples.ms, zone))
    return MeasuredFigures(whole, rows, step, notes)


def median_step(ms: Millis) -> int:
    """Return the median distance of consecutive rows, ms. Raises SpecError (``kpi-step``)."""
    distances = np.diff(ms)
    step = int(np.median(distances[distances > 0])) if (distances > 0).any() else 0
    if not 0 < step <= _LONGEST_STEP_MS:
        raise SpecError("kpi-step", minutes=round(step / 60_000, 1))
    return step


class _Table:
    """Sums by day, as arrays, so that a decade of minutes takes a second."""

    def __init__(
        self, samples: Samples, place: NDArray[np.int64], days: int, step: int, gamma: float | None
    ) -> None:
        hours = step / _HOUR_MS
        kw, poa, warm = samples.ac_kw, samples.poa, samples.module_temperature
        powered = np.isfinite(kw)

        def by_day(values: Values, mask: NDArray[np.bool_]) -> Sums:
            return np.bincount(place[mask], weights=values[mask], minlength=days).astype(np.float64)

        made = np.maximum(np.nan_to_num(kw), 0.0) * hours
        self.energy, self.powered = by_day(made, powered), by_day(np.ones(len(kw)), powered)
        self.imported = by_day(np.maximum(-np.nan_to_num(kw), 0.0) * hours, powered)
        self.sun = self.sunny = self.both = self.energy_both = self.sun_both = None
        self.energy_warm = self.sun_warm = None
        self.complete = self.powered
        if poa is None:
            return
        sunny = np.isfinite(poa)
        both = sunny & powered
        sun = np.nan_to_num(poa) * hours / 1000
        self.sun, self.sunny = by_day(sun, sunny), by_day(np.ones(len(kw)), sunny)
        self.both = self.complete = by_day(np.ones(len(kw)), both)
        self.energy_both, self.sun_both = by_day(made, both), by_day(sun, both)
        if warm is not None and gamma is not None:
            all_three = both & np.isfinite(warm)
            self.energy_warm = by_day(made, all_three)
            self.sun_warm = by_day(sun * ratios.temperature_factor(np.nan_to_num(warm), gamma), all_three)

    def figures(self, name: str, part: slice, expected: Sums, pdc0_kw: float | None) -> DayFigures:
        ratio = ratios.performance_ratio(_sum(self.energy_both, part), _sum(self.sun_both, part), pdc0_kw)
        corrected = ratios.performance_ratio(_sum(self.energy_warm, part), _sum(self.sun_warm, part), pdc0_kw)
        powered = self.powered[part].sum() > 0
        share = float(self.complete[part].sum() / expected[part].sum())
        return DayFigures(
            date=name,
            energy_kwh=_sum(self.energy, part) if powered else None,
            insolation_kwh_m2=_sum(self.sun, part)
            if self.sunny is not None and self.sunny[part].any()
            else None,
            performance_ratio=ratio,
            performance_ratio_25c=corrected,
            completeness=min(share, 1.0),
            import_kwh=_sum(self.imported, part) if powered else None,
        )


def _sum(values: Sums | None, part: slice) -> float | None:
    return None if values is None else float(values[part].sum())


def _one_a_moment(ms: Millis, kw: Values) -> NDArray[np.int64]:
    """Return the place of the row kept of each moment: the last with a value, else the last."""
    score = np.where(np.isfinite(kw), 1, 0)
    order = np.lexsort((np.arange(len(ms)), score, ms))
    last = np.ones(len(ms), dtype=np.bool_)
    last[:-1] = ms[order][1:] != ms[order][:-1]
    return np.asarray(order[last], dtype=np.int64)


def _pick(values: Values | None, places: NDArray[np.int64]) -> Values | None:
    return None if values is None else values[places]


def _nights(ms: Millis, zone: str) -> tuple[Note, ...]:
    """Tell when the file has no rows at night: completeness is of 24 hours all the same."""
    hours = np.bincount(local_ms(ms, zone) // _HOUR_MS % 24, minlength=24)
    empty = int((hours[[22, 23, 0, 1, 2, 3]] == 0).sum())
    return (Note("kpi-note-night-rows", {}),) if empty == 6 and len(ms) > 24 else ()


def _gaps(ms: Millis, step: int) -> tuple[Note, ...]:
    """Tell of the longest gap when it is longer than a day."""
    distances = np.diff(ms)
    place = int(np.argmax(distances))
    longest = int(distances[place])
    if longest <= _LONGEST_STEP_MS + step:
        return ()
    hours, days = longest // _HOUR_MS % 24, longest // (24 * _HOUR_MS)
    count = int((distances > _LONGEST_STEP_MS + step).sum())
    return (Note("kpi-note-gap", {"days": days, "hours": hours, "count": count}),)
