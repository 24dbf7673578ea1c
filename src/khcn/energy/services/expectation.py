"""What the systems of a site should have given: from a pyranometer where there is one, else a usual year's weather.

Loads pvlib: for the worker and the command line only.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from khcn.energy.models import Device, Site, System, SystemArray
from khcn.energy.selectors.flows import Flows
from khcn.energy.selectors.series import Grid
from khcn.engines.energy.types import STEP_MS, Values

logger = logging.getLogger("khcn.energy")
HOURS: Final = STEP_MS / 3_600_000
SEEN_ENOUGH: Final = 0.8  # of the daylight that a pyranometer must have measured


@dataclass(slots=True)
class Expectation:
    """kWh of each interval by system; ``poa_kwh_m2``: irradiation on the modules; ``measured``: by a pyranometer."""

    grid: Grid
    by_system: dict[int, Values] = field(default_factory=dict)
    clear: dict[int, Values] = field(default_factory=dict)
    poa: dict[int, Values] = field(default_factory=dict)
    measured: bool = False

    @property
    def total(self) -> Values | None:
        """Return the sum over systems."""
        return np.sum(list(self.by_system.values()), axis=0) if self.by_system else None


def expectation_of(site: Site, systems: Sequence[System], flows: Flows) -> Expectation:
    """Return what the systems of a site should give over the range of ``flows``; empty without a place or arrays."""
    from khcn.engines.energy.errors import EnergyError  # noqa: PLC0415
    from khcn.engines.energy.pv.expected import expected  # noqa: PLC0415  # pvlib, worker only
    from khcn.engines.energy.pv.yields import Chain, Roof  # noqa: PLC0415

    found = Expectation(flows.grid)
    if site.latitude is None or site.longitude is None:
        return found
    grid = flows.grid
    for system in systems:
        roofs = [
            Roof(float(a.kwp), a.tilt_deg, a.azimuth_deg, a.mounting)
            for a in system.arrays.all()
            if a.kwp > 0
        ]
        if not roofs or not system.ac_kw:
            continue
        chain = Chain(
            losses=system.losses_percent / 100,
            dc_ac=max(0.5, float(system.kwp) / float(system.ac_kw)),
            gamma=system.temperature_coefficient / 100,
        )
        try:
            usual = expected(
                roofs, chain, latitude=float(site.latitude), longitude=float(site.longitude),
                start_ms=grid.start_ms, end_ms=grid.start_ms + grid.size * STEP_MS, altitude_m=site.altitude_m,
            )  # fmt: skip
        except (EnergyError, ValueError, ImportError):
            logger.exception("expected yield of system %s failed", system.pk)
            continue
        held = _in_force(system, grid)
        found.by_system[system.pk] = usual.kwh * held
        found.clear[system.pk] = usual.clear_kwh * held
        found.poa[system.pk] = usual.poa_kwh_m2
    _by_pyranometer(found, flows, systems)
    return found


def usual_of_inverters(
    site: Site, systems: Sequence[System], inverters: Sequence[Device], grid: Grid
) -> dict[str, Values]:
    """Return a usual year's kWh of each interval behind each inverter, by key; empty where roofs all face one way.

    Which array an inverter serves is not written down: those of one power are paired in the order in which they were
    entered. Empty too where that cannot be done for all of a system.
    """
    found: dict[str, Values] = {}
    for system in systems:
        mine = [device for device in inverters if device.system_id == system.pk]
        pairs = _paired(mine, sorted(system.arrays.all(), key=lambda array: array.pk))
        if len({(array.tilt_deg, array.azimuth_deg) for _, array in pairs}) < 2:
            continue
        for device, array in pairs:
            values = _usual(site, system, array, grid)
            if values is not None:
                found[device.key] = values
    return found if len(found) == len(inverters) else {}


def _paired(devices: Sequence[Device], arrays: Sequence[SystemArray]) -> list[tuple[Device, SystemArray]]:
    left, pairs = list(arrays), []
    if len(devices) != len(left):
        return []
    for device in devices:
        fitting = [one for one in left if device.kwp is None or abs(one.kwp - device.kwp) < 1]
        if not fitting:
            return []
        left.remove(fitting[0])
        pairs.append((device, fitting[0]))
    return pairs


def _usual(site: Site, system: System, array: SystemArray, grid: Grid) -> Values | None:
    from khcn.engines.energy.errors import EnergyError  # noqa: PLC0415
    from khcn.engines.energy.pv.expected import expected  # noqa: PLC0415  # pvlib, worker only
    from khcn.engines.energy.pv.yields import Chain, Roof  # noqa: PLC0415

    if site.latitude is None or site.longitude is None or array.kwp <= 0:
        return None
    roof = Roof(float(array.kwp), array.tilt_deg, array.azimuth_deg, array.mounting)
    try:
        usual = expected(
            [roof], Chain(losses=system.losses_percent / 100), latitude=float(site.latitude),
            longitude=float(site.longitude), start_ms=grid.start_ms, end_ms=grid.start_ms + grid.size * STEP_MS,
            altitude_m=site.altitude_m,
        )  # fmt: skip
    except (EnergyError, ValueError, ImportError):
        logger.exception("usual yield of an array of system %s failed", system.pk)
        return None
    return usual.kwh


def _in_force(system: System, grid: Grid) -> Values:
    held = np.ones(grid.size)
    if system.valid_from is not None and system.valid_from > grid.first:
        held[: grid.place(min(system.valid_from, grid.last)).start] = 0.0
        if system.valid_from > grid.last:
            held[:] = 0.0
    if system.valid_to is not None and system.valid_to < grid.last:
        held[grid.place(max(system.valid_to, grid.first)).stop :] = 0.0
        if system.valid_to < grid.first:
            held[:] = 0.0
    return held


def _by_pyranometer(found: Expectation, flows: Flows, systems: Sequence[System]) -> None:
    """Scale the expectation to measured irradiation where enough of the daylight was measured."""
    poa = flows.poa
    if poa is None or not flows.daylight.any():
        return
    seen = np.isfinite(poa.values) & flows.daylight
    if seen.sum() < SEEN_ENOUGH * flows.daylight.sum():
        return
    found.measured = True
    sun = np.maximum(poa.values, 0.0) / 1000 * HOURS
    for system in systems:
        if system.pk not in found.by_system:
            continue
        warm = flows.module_temperature
        factor = np.ones(len(sun))
        if warm is not None:
            gamma = system.temperature_coefficient / 100
            factor = np.where(np.isfinite(warm.values), 1 + gamma * (warm.values - 25), 1.0)
        most = float(system.ac_kw) * HOURS
        gave = np.minimum(float(system.kwp) * sun * factor * (1 - system.losses_percent / 100), most)
        usual = found.by_system[system.pk]
        found.by_system[system.pk] = np.where(seen, gave, usual)
        found.poa[system.pk] = np.where(seen, sun, found.poa[system.pk])
