"""Key figures of a site from its interval series, by local day, month or in all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi import ratios
from khcn.engines.energy.kpi.days import (
    DEFAULT_ZONE,
    day_name,
    day_start_ms,
    local_days,
    month_name,
    months_of,
)  # fmt: skip
from khcn.engines.energy.kpi.results import KpiResult, Period
from khcn.engines.energy.types import STEP_MS, Values

ENGINE: Final = "kpi-1"
LOW_COMPLETENESS: Final = 0.9
_HOUR_MS: Final = 3_600_000

Mask = NDArray[np.bool_]
Sums = dict[str, float | None]


class Grain(StrEnum):
    """What a figure is summed over."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class SiteInputs:
    """Interval series of one site, equal length, interval 0 beginning at ``start_ms``; nan is "not known".

    Energies are kWh in the interval and never negative; ``poa`` is the mean W/m2 in the plane of the modules
    (``poa_modelled``: it comes from a model, not from a pyranometer), ``module_temperature`` the mean in degrees
    Celsius. ``lost`` is energy not produced through outages (see :mod:`.availability`). ``pdc0_kw``: rating of the
    modules; ``pac0_kw``: rating of the inverters (for the capacity factor; default: ``pdc0_kw``); ``gamma_per_c``:
    temperature coefficient of power, e.g. -0.0035. ``versions`` go into every result as they are.
    """

    start_ms: int
    production: Values | None = None
    array_energy: Values | None = None
    imported: Values | None = None
    exported: Values | None = None
    load: Values | None = None
    poa: Values | None = None
    poa_modelled: bool = False
    module_temperature: Values | None = None
    lost: Values | None = None
    pdc0_kw: float | None = None
    pac0_kw: float | None = None
    gamma_per_c: float | None = None
    step_ms: int = STEP_MS
    versions: Mapping[str, Any] = field(default_factory=dict)

    def series(self) -> dict[str, Values]:
        """Return the series that are there, by name."""
        names = (
            "production", "array_energy", "imported", "exported", "load", "poa", "module_temperature", "lost",
        )  # fmt: skip
        return {name: series for name in names if (series := getattr(self, name)) is not None}


def site_kpis(
    inputs: SiteInputs, *, zone: str = DEFAULT_ZONE, grain: Grain = Grain.TOTAL
) -> tuple[KpiResult, ...]:
    """Return every figure that the series allow, period by period in order of time.

    Raises SpecError (``kpi-lengths`` when the series differ in length, ``kpi-rating`` for a rating that is not
    positive, ``kpi-zone``).
    """
    length = _checked(inputs)
    if not length:
        return ()
    results: list[KpiResult] = []
    for period, mask in _periods(inputs, length, zone, grain):
        one = _OnePeriod(inputs, period, mask)
        results += [*one.production(), *one.performance(), *one.consumption()]
    return tuple(results)


class _OnePeriod:
    """The figures of one period. ``mask`` says which intervals belong to it."""

    def __init__(self, inputs: SiteInputs, period: Period, mask: Mask) -> None:
        self.inputs, self.period, self.mask = inputs, period, mask
        self.size = int(mask.sum())
        self.hours = self.size * inputs.step_ms / _HOUR_MS

    def production(self) -> Iterator[KpiResult]:
        """Energy, final and specific yield, capacity factor, availability and energy lost, completeness."""
        made = self.inputs.production
        if made is None:
            return
        known, share = self._known(made)
        energy = ratios.total(made, known)
        rating = self.inputs.pdc0_kw
        base: Sums = {"energy_kwh": energy, "pdc0_kw": rating}
        yield self._result("energy", energy, "kWh", share, {"energy_kwh": energy})
        yield self._result("completeness", share, "", share, {"intervals": float(self.size)})
        if rating is not None:
            value = ratios.system_yield(energy, rating)
            yield self._result("final_yield", value, "h", share, base)
            yield self._result("specific_yield", value, "kWh/kWp", share, base)
        rated = self.inputs.pac0_kw or rating
        if rated is not None:
            value = ratios.capacity_factor(energy, rated, self.hours)
            sums: Sums = {"energy_kwh": energy, "rated_kw": rated, "hours": self.hours}
            yield self._result("capacity_factor", value, "", share, sums)
        if (lost := self.inputs.lost) is not None:
            gone = ratios.total(lost, self.mask & np.isfinite(lost))  # lost where production is unknown, too
            sums = {"energy_kwh": energy, "energy_lost_kwh": gone}
            yield self._result("energy_lost", gone, "kWh", share, sums)
            yield self._result("availability", ratios.availability(energy, gone), "", share, sums)

    def performance(self) -> Iterator[KpiResult]:
        """Reference and array yield, performance ratios; over intervals in which energy and sun are both known."""
        poa, rating = self.inputs.poa, self.inputs.pdc0_kw
        if (dc := self.inputs.array_energy) is not None and rating is not None:
            known, share = self._known(dc)
            energy = ratios.total(dc, known)
            sums: Sums = {"array_energy_kwh": energy, "pdc0_kw": rating}
            yield self._result("array_yield", ratios.system_yield(energy, rating), "h", share, sums)
        if poa is None:
            return
        known, share = self._known(poa)
        sun = self._irradiation(poa, known)
        name = "reference_yield_modelled" if self.inputs.poa_modelled else "reference_yield"
        yield self._result(
            name, ratios.reference_yield(sun), "h", share, {"irradiation_kwh_m2": sun}, note=self._sun_note()
        )
        if self.inputs.production is not None and rating is not None:
            yield self._performance_ratio(self.inputs.production, poa, rating)
            yield from self._corrected(self.inputs.production, poa, rating)

    def consumption(self) -> Iterator[KpiResult]:
        """Self-consumption, self-sufficiency, peak demand."""
        used = _self_used(self.inputs)
        made, load = self.inputs.production, _load(self.inputs)
        if used is not None and made is not None:
            known, share = self._known(used, made)
            sums: Sums = {"self_used_kwh": ratios.total(used, known), "energy_kwh": ratios.total(made, known)}
            value = ratios.ratio(sums["self_used_kwh"], sums["energy_kwh"])
            yield self._result("self_consumption", value, "", share, sums)
        if used is not None and load is not None:
            known, share = self._known(used, load)
            sums = {"self_used_kwh": ratios.total(used, known), "load_kwh": ratios.total(load, known)}
            value = ratios.ratio(sums["self_used_kwh"], sums["load_kwh"])
            yield self._result("self_sufficiency", value, "", share, sums)
        demand = self.inputs.imported if self.inputs.imported is not None else load
        if demand is not None:
            yield self._peak(demand)

    def _performance_ratio(self, made: Values, poa: Values, rating: float) -> KpiResult:
        known, share = self._known(made, poa)
        energy, sun = ratios.total(made, known), self._irradiation(poa, known)
        value = ratios.performance_ratio(energy, sun, rating)
        sums: Sums = {"energy_kwh": energy, "irradiation_kwh_m2": sun, "pdc0_kw": rating}
        key = "performance_ratio" + ("_modelled" if self.inputs.poa_modelled else "")
        return self._result(key, value, "", share, sums, note=self._sun_note())

    def _corrected(self, made: Values, poa: Values, rating: float) -> Iterator[KpiResult]:
        warm, gamma = self.inputs.module_temperature, self.inputs.gamma_per_c
        if warm is None or gamma is None:  # without both nothing is corrected, so nothing is called so
            return
        known, share = self._known(made, poa, warm)
        energy = ratios.total(made, known)
        sun = self._irradiation(poa * ratios.temperature_factor(warm, gamma), known)
        value = ratios.performance_ratio(energy, sun, rating)
        key = "performance_ratio_25c" + ("_modelled" if self.inputs.poa_modelled else "")
        sums: Sums = {
            "energy_kwh": energy, "irradiation_at_25c_kwh_m2": sun, "pdc0_kw": rating, "gamma_per_c": gamma,
        }  # fmt: skip
        yield self._result(key, value, "", share, sums, note=self._sun_note())

    def _peak(self, demand: Values) -> KpiResult:
        """Highest mean of a quarter of an hour, kW (of one interval, where intervals are longer)."""
        known, share = self._known(demand)
        size = max(1, STEP_MS // self.inputs.step_ms)
        skip = -(self.inputs.start_ms // self.inputs.step_ms) % size  # quarters begin on the clock's quarters
        count = (len(demand) - skip) // size
        quarters = (
            np.where(known, demand, np.nan)[skip : skip + count * size].reshape(count, size).sum(axis=1)
        )
        if not np.isfinite(quarters).any():
            return self._result("peak_demand", None, "kW", share, {})
        place = int(np.nanargmax(quarters))
        peak = float(quarters[place]) * _HOUR_MS / (size * self.inputs.step_ms)
        at = float(self.inputs.start_ms + (skip + place * size) * self.inputs.step_ms)
        return self._result("peak_demand", peak, "kW", share, {"at_ms": at})

    def _known(self, *series: Values) -> tuple[Mask, float]:
        known = self.mask.copy()
        for one in series:
            known &= np.isfinite(one)
        return known, float(known.sum() / self.size)

    def _irradiation(self, poa: Values, known: Mask) -> float | None:
        found = ratios.total(poa, known)
        return None if found is None else found * self.inputs.step_ms / _HOUR_MS / 1000

    def _sun_note(self) -> str:
        return "kpi-note-modelled" if self.inputs.poa_modelled else ""

    def _result(
        self, key: str, value: float | None, unit: str, share: float, sums: Sums, *, note: str = ""
    ) -> KpiResult:
        if value is None:
            note = "kpi-note-nothing"
        elif share < LOW_COMPLETENESS and not note and key != "completeness":
            note = "kpi-note-incomplete"
        versions = {"engine": ENGINE, **self.inputs.versions}
        return KpiResult(key, value, unit, self.period, share, f"kpi-{key}", note, sums, versions)


def _checked(inputs: SiteInputs) -> int:
    lengths = {len(series) for series in inputs.series().values()}
    if len(lengths) > 1:
        raise SpecError("kpi-lengths", lengths=", ".join(str(one) for one in sorted(lengths)))
    for rating in (inputs.pdc0_kw, inputs.pac0_kw):
        if rating is not None and not rating > 0:
            raise SpecError("kpi-rating", value=rating)
    return lengths.pop() if lengths else 0


def _periods(inputs: SiteInputs, length: int, zone: str, grain: Grain) -> Iterator[tuple[Period, Mask]]:
    """Cut the series into periods; an interval belongs to the local day in which it begins."""
    ms = inputs.start_ms + np.arange(length, dtype=np.int64) * inputs.step_ms
    end_ms = int(ms[-1]) + inputs.step_ms
    if grain is Grain.TOTAL:
        yield Period(grain, "", inputs.start_ms, end_ms), np.ones(length, dtype=np.bool_)
        return
    days = local_days(ms, zone)
    groups = days if grain is Grain.DAY else months_of(days)
    for group in np.unique(groups):
        mask = groups == group
        first = int(days[mask][0])
        name = day_name(first) if grain is Grain.DAY else month_name(int(group))
        start = max(day_start_ms(first, zone), inputs.start_ms)
        yield Period(grain, name, start, int(ms[mask][-1]) + inputs.step_ms), mask


def _self_used(inputs: SiteInputs) -> Values | None:
    """Production that stayed on the site: what was not exported, or what the load could take at the moment."""
    if inputs.production is None:
        return None
    if inputs.exported is not None:
        return np.asarray(np.maximum(inputs.production - inputs.exported, 0.0))
    if inputs.load is not None:
        return np.asarray(np.minimum(inputs.production, inputs.load))
    return None


def _load(inputs: SiteInputs) -> Values | None:
    """What the site used: measured, or production less export plus import."""
    if inputs.load is not None:
        return inputs.load
    if inputs.imported is None or inputs.production is None or inputs.exported is None:
        return None
    return np.asarray(inputs.production - inputs.exported + inputs.imported)
