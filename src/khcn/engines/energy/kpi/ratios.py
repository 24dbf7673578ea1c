"""The arithmetic of IEC 61724-1, one function a definition. Energies kWh, powers kW, irradiation kWh/m2.

A figure that cannot be said (nothing to divide by, no value) is None, never 0.
"""

from typing import Final

import numpy as np

from khcn.engines.energy.types import Values

REFERENCE_IRRADIANCE_KW_M2: Final = 1.0
STC_TEMPERATURE_C: Final = 25.0


def ratio(above: float | None, below: float | None) -> float | None:
    """Return ``above / below``; None when either is unknown or there is nothing to divide by."""
    if above is None or below is None or not np.isfinite(above) or not np.isfinite(below) or below <= 0:
        return None
    return float(above / below)


def reference_yield(irradiation_kwh_m2: float | None) -> float | None:
    """Yr = H / 1 kW/m2, hours of full sun."""
    return ratio(irradiation_kwh_m2, REFERENCE_IRRADIANCE_KW_M2)


def system_yield(energy_kwh: float | None, pdc0_kw: float | None) -> float | None:
    """Yf (AC energy) or Ya (array energy) = E / P0, hours at the rating."""
    return ratio(energy_kwh, pdc0_kw)


def performance_ratio(
    energy_kwh: float | None, irradiation_kwh_m2: float | None, pdc0_kw: float | None
) -> float | None:
    """PR = Yf / Yr."""
    return ratio(system_yield(energy_kwh, pdc0_kw), reference_yield(irradiation_kwh_m2))


def temperature_factor(module_temperature_c: Values, gamma_per_c: float) -> Values:
    """Return by how much the array's rating changes with its temperature: 1 + gamma (T - 25), never below 0."""
    return np.asarray(np.maximum(1.0 + gamma_per_c * (module_temperature_c - STC_TEMPERATURE_C), 0.0))


def capacity_factor(energy_kwh: float | None, rated_kw: float | None, hours: float) -> float | None:
    """CF = E / (P x hours of the period)."""
    return ratio(energy_kwh, None if rated_kw is None else rated_kw * hours)


def availability(produced_kwh: float | None, lost_kwh: float | None) -> float | None:
    """Energy availability = produced / (produced + lost)."""
    if produced_kwh is None or lost_kwh is None:
        return None
    return ratio(produced_kwh, produced_kwh + lost_kwh)


def total(values: Values, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float | None:
    """Sum what the mask keeps; None when it keeps nothing (nothing known is not 0)."""
    return float(values[mask].sum()) if mask.any() else None
